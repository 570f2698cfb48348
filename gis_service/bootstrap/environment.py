"""The Python environment in ``.venv``: made from the lock, whole or not at all."""

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from gis_service.bootstrap import apt
from gis_service.bootstrap.steps import ROOT, Steps, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LAUNCHER = VENV / "bin" / "gis-grid"
LOCK = ROOT / "requirements.lock"


def ensure(steps: Steps) -> None:
    """Make ``.venv`` or bring it to the lock; at once when it is there already."""
    folder = os.open(ROOT, os.O_RDONLY)
    # `make demo` and `make test` may start together: the second waits and finds it.
    fcntl.flock(folder, fcntl.LOCK_EX)
    if not PYTHON.exists():
        _make(steps)
    install(steps, LOCK)
    _point_to_checkout()
    os.close(folder)


def install(steps: Steps, lock: Path) -> None:
    """Install what a lock file names, unless its mark says that it is done."""
    mark = VENV / f"{lock.stem}.sha256"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    say(f"安装程序包 (installing packages of) {lock.name}")
    choices = ("--require-hashes", "--only-binary", ":all:", "-r", str(lock))
    if shutil.which("uv"):
        quick = ("uv", "pip", "install", "--quiet", "--compile-bytecode")
        steps.run(*quick, *_index(), "--python", PYTHON, *choices)
    else:
        pip = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check")
        steps.run(*pip, "--quiet", *choices)
    mark.write_text(digest)


def _make(steps: Steps) -> None:
    if find_spec("ensurepip") is None:
        # Debian keeps it apart from python3.
        apt.install(["python3-venv"], "python3-venv")
    say("建立 Python 环境 (making the Python environment) .venv")
    steps.run(sys.executable, "-m", "venv", "--clear", VENV)


def _point_to_checkout() -> None:
    """Let Python find the checkout, without a build as an editable install needs."""
    for packages in VENV.glob("lib/python3.*/site-packages"):
        (packages / "gis_service.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    words = f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -m gis_service.cli "$@"\n'
    LAUNCHER.write_text(words, encoding="utf-8")
    LAUNCHER.chmod(0o755)


def _index() -> tuple[str, ...]:
    """Hand pip's mirror on to uv, which does not read pip's settings."""
    listing = apt.output(str(PYTHON), "-m", "pip", "config", "list")
    for origin in (":env:", "install", "global"):
        if found := re.search(rf"^{origin}\.index-url='(.+)'$", listing, re.MULTILINE):
            return ("--default-index", found[1])
    return ()
