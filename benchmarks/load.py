"""A closed loop of requests by wrk: as many connections as the service has."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SCRIPT = """
local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = 0
request = function()
    at = at %% #paths + 1
    return wrk.format("GET", paths[at], {["Authorization"] = "Bearer %s"})
end
done = function(summary, latency, requests)
    local wrong = summary.errors
    io.write(string.format(
        '{"requests": %%d, "us": %%d, "bytes": %%d, "errors": %%d, '
            .. '"p50": %%d, "p95": %%d}',
        summary.requests, summary.duration, summary.bytes,
        wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout,
        latency:percentile(50), latency:percentile(95)))
end
"""


@dataclass(frozen=True)
class Load:
    """What a loop of requests measured."""

    per_second: float
    p50_ms: float
    p95_ms: float
    bytes_each: float
    errors: int


def measure(
    address: str, paths: list[str], token: str, *, connections: int, seconds: int
) -> Load:
    """Ask ``paths`` round and round, each connection waiting for its answer."""
    with TemporaryDirectory() as folder:
        listed = Path(folder, "paths")
        listed.write_text("\n".join(paths), encoding="utf-8")
        script = Path(folder, "ask.lua")
        script.write_text(SCRIPT % (listed, token), encoding="utf-8")
        command: list[str] = [
            "wrk",
            "-t2",
            f"-c{connections}",
            f"-d{seconds}s",
            "-s",
            str(script),
        ]
        done = subprocess.run(
            [*command, address], check=True, capture_output=True, text=True
        )
    found = json.loads(done.stdout[done.stdout.index("{") :])
    return Load(
        per_second=found["requests"] / (found["us"] / 1e6),
        p50_ms=found["p50"] / 1000,
        p95_ms=found["p95"] / 1000,
        bytes_each=found["bytes"] / max(found["requests"], 1),
        errors=found["errors"],
    )
