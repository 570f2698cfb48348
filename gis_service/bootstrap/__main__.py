"""What ``make`` calls: ``python3 -m gis_service.bootstrap <target>``."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path

from gis_service.bootstrap import apt, client, environment
from gis_service.bootstrap.environment import LAUNCHER, PYTHON
from gis_service.bootstrap.steps import ROOT, Steps, say

DEMO_LOGINS = (
    "officer",
    "lead",
    "township",
    "county",
    "planner",
    "editor",
    "handler",
    "admin",
    "auditor",
)
DEMO_PASSWORD = "grid-demo-2026"  # noqa: S105 - printed for everybody, of invented data

CLEANED = (
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "dist",
    "gis_service/static",
    "maps/web/node_modules",
)


def venv(steps: Steps) -> None:
    """Make the Python environment."""
    environment.ensure(steps)


def web(steps: Steps) -> None:
    """Build the web client."""
    environment.ensure(steps)
    client.build(steps)


def demo(steps: Steps) -> None:
    """Bring everything up with the demo county, and serve until Ctrl-C."""
    web(steps)
    steps.run(PYTHON, "-m", "gis_service.postgres_install")
    state = json.loads(steps.ask(LAUNCHER, "migrate", "--json"))
    if not state["has_data"]:
        say("生成演示县（合成数据） (making the synthetic demo county)")
        steps.run(LAUNCHER, "demo", "--scale", "demo")
    logins = [login for login in DEMO_LOGINS if login in state["logins"]]
    if logins or not state["has_data"]:
        names = " ".join(logins or DEMO_LOGINS)
        say(f"演示账号 (demo sign-ins): {names} · 密码 (password): {DEMO_PASSWORD}")
    # From here on signals go to the service itself.
    os.execv(LAUNCHER, [str(LAUNCHER), "serve"])  # noqa: S606 - our own


def check(steps: Steps) -> None:
    """Check style, types, SQL and the client's types."""
    environment.ensure(steps)
    tool = environment.VENV / "bin"
    steps.run(tool / "ruff", "check")
    steps.run(tool / "ruff", "format", "--check")
    steps.run(tool / "mypy")
    steps.run(tool / "sqlfluff", "lint", "--disable-progress-bar", "layers")
    client.run(steps, "check")


def test(steps: Steps) -> None:
    """Check and test everything, on a throw-away cluster."""
    web(steps)
    steps.run(PYTHON, "-m", "gis_service.postgres_install")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    wanted = {
        "chromium": browser,
        "fonts-noto-cjk": _cjk_fonts(),
        "gdal-bin": shutil.which("ogr2ogr"),
        # The driver of the browser needs it, and a machine without a compiler has none.
        "libatomic1": find_library("atomic"),
    }
    _offer("浏览器与 GDAL 测试 (tests with a browser and GDAL)", wanted)
    check(steps)
    client.run(steps, "test")
    steps.run(PYTHON, "-m", "pytest")


def bench(steps: Steps) -> None:
    """Measure, as a table of ratios."""
    web(steps)
    steps.run(PYTHON, "-m", "gis_service.postgres_install")
    _offer("压力测试 (load generator)", {"wrk": shutil.which("wrk")})
    steps.run(PYTHON, "-m", "benchmarks")


def drill(steps: Steps) -> None:
    """Run the drills: what takes too long, or too quiet a machine, for every test."""
    web(steps)
    steps.run(PYTHON, "-m", "gis_service.postgres_install")
    files = sorted((ROOT / "tests" / "drills").glob("drill_*.py"))
    steps.run(PYTHON, "-m", "pytest", "-s", *files)


def docs(steps: Steps) -> None:
    """Write the reference pages anew from layers, settings and commands."""
    environment.ensure(steps)
    steps.run(PYTHON, "-m", "gis_service.reference", "docs/reference")


def wheel(steps: Steps) -> None:
    """Build the wheel, the web client inside."""
    web(steps)
    steps.run(PYTHON, "-m", "hatchling", "build", "-t", "wheel")


def lock(steps: Steps) -> None:
    """Compile the lock files anew; they name no registry."""
    environment.ensure(steps)
    if shutil.which("uv") is None:
        raise SystemExit("缺少 uv，请先运行 (uv is missing, first run): pip install uv")  # noqa: EM101, TRY003 - one sentence
    compiled = ("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes")
    plain = ("--no-header", "--no-annotate", "--python-version", "3.11")
    project = ("--group", "dev", "pyproject.toml", "-o", "requirements.lock")
    steps.run(*compiled, *plain, *project)
    node = ("--group", "node", "-o", client.NODE_LOCK)
    steps.run(*compiled, *plain, *node)


def clean(_steps: Steps) -> None:
    """Remove what was built; the environment and the data in ``var`` stay."""
    for name in CLEANED:
        shutil.rmtree(ROOT / name, ignore_errors=True)


def _offer(purpose: str, wanted: dict[str, object]) -> None:
    """Install the packages whose program was not found, where that is allowed."""
    missing = [package for package, found in wanted.items() if not found]
    try:
        if missing:
            apt.install(missing, purpose)
    except apt.NotAllowedError as refusal:
        # What needs them says so itself; the rest needs none.
        say(str(refusal))


def _cjk_fonts() -> object:
    in_use = apt.output("fc-list", ":lang=zh-cn")
    return in_use or next(Path("/usr/share/fonts").rglob("*CJK*"), None)


TARGETS: tuple[Callable[[Steps], None], ...] = (
    venv,
    web,
    demo,
    check,
    test,
    bench,
    drill,
    docs,
    wheel,
    lock,
    clean,
)


def main() -> None:
    """Run the target the command line names."""
    targets = {target.__name__: target for target in TARGETS}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in targets:
        for target in TARGETS:
            say(f"make {target.__name__:6} {target.__doc__}")
        raise SystemExit(2 if name else 0)
    try:
        targets[name](Steps())
    except apt.NotAllowedError as refusal:
        raise SystemExit(str(refusal)) from None


if __name__ == "__main__":
    main()
