"""Running one program after the other, so that Ctrl-C reaches the one that runs."""

import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""


class Steps:
    """Programs run in turn; the first that fails ends it all with its exit code.

    A terminal sends Ctrl-C to every process at once. This one then only waits: the
    program that runs has things to stop, and must not be killed over it.
    """

    def __init__(self) -> None:
        self._running: subprocess.Popen[str] | None = None
        self._interrupted = False
        signal.signal(signal.SIGINT, self._wait)
        for sign in (signal.SIGTERM, signal.SIGHUP):
            # Under `nohup` a closed terminal is to be ignored.
            if signal.getsignal(sign) is not signal.SIG_IGN:
                signal.signal(sign, self._pass_on)

    def run(self, *command: str | Path, folder: Path = ROOT) -> None:
        """Run a program; end this one too if it fails."""
        self._run(command, folder, output=None)

    def ask(self, *command: str | Path) -> str:
        """Run a program and return what it prints."""
        return self._run(command, ROOT, output=subprocess.PIPE)

    def _run(
        self, command: tuple[str | Path, ...], folder: Path, output: int | None
    ) -> str:
        if self._interrupted:
            sys.exit(128 + signal.SIGINT)
        with subprocess.Popen(command, cwd=folder, stdout=output, text=True) as program:  # noqa: S603 - our own words
            self._running = program
            printed, _ = program.communicate()
            self._running = None
        if program.returncode:
            sys.exit(abs(program.returncode))
        return printed or ""

    def _wait(self, _sign: int, _frame: FrameType | None) -> None:
        self._interrupted = True

    def _pass_on(self, sign: int, _frame: FrameType | None) -> None:
        self._interrupted = True
        if self._running is not None:
            self._running.send_signal(sign)


def say(sentence: str) -> None:
    """Tell whoever watches what happens now."""
    sys.stdout.write(f"— {sentence}\n")
    sys.stdout.flush()
