"""The shared strings of a spreadsheet, kept on disk: millions must not fill memory.

Runs in the child process only.
"""

import os
import tempfile
from array import array
from functools import lru_cache

BLOCK = 64
"""Strings read and decoded at once; neighbours are mostly asked for together."""

BLOCKS_KEPT = 4096
END = "\0"
"""Stands between strings on disk; XML cannot hold it."""


class Strings:
    """Strings by their number, in the order in which they were added."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._starts = array("Q", [0])
        self._last: list[str] = []
        self._block = lru_cache(BLOCKS_KEPT)(self._read)

    def add(self, text: str) -> None:
        """Add the next string."""
        self._last.append(text)
        if len(self._last) == BLOCK:
            self._write()

    def close(self) -> None:
        """End adding; from now on strings may be asked for."""
        self._write()
        self._file.flush()

    def __getitem__(self, number: int) -> str:
        """Return a string by its number, from 0."""
        block, at = divmod(number, BLOCK)
        if not 0 <= block < len(self._starts) - 1:
            raise IndexError(number)
        return self._block(block)[at]

    def _write(self) -> None:
        if self._last:
            content = END.join(self._last).encode()
            self._file.write(content)
            self._starts.append(self._starts[-1] + len(content))
            self._last = []

    def _read(self, block: int) -> list[str]:
        start, end = self._starts[block : block + 2]
        return os.pread(self._file.fileno(), end - start, start).decode().split(END)
