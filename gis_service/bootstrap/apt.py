"""Packages of the system, installed where that is allowed.

Root installs at once, an ordinary user through ``sudo`` if it asks for no
password. Otherwise nothing is tried: the error says the one command to run.
"""

import os
import shlex
import shutil
import subprocess
from functools import cache

APT_GET = ("apt-get", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")
"""Another package run, as at first boot, is waited for instead of failing."""

QUIET = ("env", "DEBIAN_FRONTEND=noninteractive")


class NotAllowedError(Exception):
    """The system packages are missing and this user may not install them."""


def privilege() -> tuple[str, ...] | None:
    """Return what to put before a command to run it as root; None if impossible."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo") and _succeeds("sudo", "-n", "true"):
        return ("sudo", "-n")
    return None


def install(packages: list[str], purpose: str) -> None:
    """Install system packages by apt, or raise with the exact command to run.

    Parameters
    ----------
    packages
        Names of Debian or Ubuntu packages.
    purpose
        What they are for, in a few words, for the message.
    """
    if not refresh():
        raise NotAllowedError(sentence(packages, purpose))
    print(f"安装 {purpose} (installing): {' '.join(packages)}", flush=True)  # noqa: T201 - a set-up step is watched
    flags = ("-qq", "-y", "--no-install-recommends")
    command = [*(privilege() or ()), *QUIET, *APT_GET, *flags, "install", *packages]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - fixed words
        raise NotAllowedError(sentence(packages, purpose))


@cache
def refresh() -> bool:
    """Fetch the list of packages, once per run; False if this user may not."""
    prefix = privilege()
    if shutil.which("apt-get") is None or prefix is None:
        return False
    # A mirror that does not answer shows when the packages themselves are asked for.
    subprocess.run([*prefix, *QUIET, *APT_GET, "-qq", "update"], check=False)  # noqa: S603 - fixed words
    return True


def sentence(packages: list[str], purpose: str) -> str:
    """Return the one sentence that says how to install the packages by hand."""
    names = shlex.join(packages)
    if shutil.which("apt-get") is None:
        return (
            f"缺少{purpose}，请用本系统的软件包工具安装后重试 ({purpose} is missing: "
            f"install it with this system's package tool; on Debian: {names})"
        )
    command = f"sudo apt-get update && sudo apt-get install -y {names}"
    return f"缺少{purpose}，请先运行 ({purpose} is missing, first run): {command}"


def output(*command: str) -> str:
    """Return what a command prints, empty if it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    finished = subprocess.run(  # noqa: S603 - callers pass fixed words
        command, capture_output=True, text=True, check=False
    )
    return finished.stdout.strip() if finished.returncode == 0 else ""


def _succeeds(*command: str) -> bool:
    finished = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - fixed words
    return finished.returncode == 0
