"""Which encoding a text is in: tried strictly, never guessed from statistics alone.

Runs in the child process only.
"""

import codecs
from collections.abc import Callable, Iterable
from pathlib import Path

from gis_service.intake.faults import FileRefusedError

KNOWN = {
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "65001": "utf-8",
    "utf-16": "utf-16",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "cp936": "gb18030",
    "936": "gb18030",
    "ansi 936": "gb18030",
    "big5": "big5hkscs",
    "big-5": "big5hkscs",
    "cp950": "big5hkscs",
    "950": "big5hkscs",
}
"""Names people and ``.cpg`` files give, and the codec that reads all of each."""

Again = Callable[[], Iterable[bytes]]
"""Gives the bytes from the beginning, each time it is called."""

Test = Callable[[Iterable[bytes], str], bool]

GDAL_NAMES = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5hkscs": "BIG5-HKSCS"}

PIECE_BYTES = 1 << 20

LOW_TRAIL = range(0x40, 0x7F)
LOW_TRAIL_SHARE = 0.15
"""Of common Chinese, GBK never and Big5 four times in ten ends on a low byte."""


def codec(name: str) -> str:
    """Return the codec for a declared encoding.

    Raises
    ------
    FileRefusedError
        When we do not read that encoding.
    """
    known = KNOWN.get(name.strip().lower())
    if known is None:
        message = f"不支持编码 {name[:20]}；可用 utf-8 utf-16 gb18030 big5 (unknown)"
        raise FileRefusedError(message, reason="encoding")
    return known


def of_text(file: Path, declared: str | None) -> str:
    """Return the codec of a text file, after a strict trial of all of it.

    Raises
    ------
    FileRefusedError
        When it cannot be read in the declared encoding, or in any we try.
    """
    with file.open("rb") as opened:
        head = opened.read(4)
    if declared is not None:
        wanted = codec(declared)
        if not reads(pieces(file), wanted):
            message = f"文件不是 {declared} 编码，请核对 (not in the declared encoding)"
            raise FileRefusedError(message, reason="encoding")
        return "utf-8-sig" if wanted == "utf-8" else wanted
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = tried(lambda: pieces(file), reads)
    return "utf-8-sig" if found == "utf-8" else found


def tried(again: Again, test: Test) -> str:
    """Return the first encoding that reads all of the bytes without a fault."""
    if test(again(), "utf-8"):
        return "utf-8"
    is_big5_like = _low_trails(_start(again())) > LOW_TRAIL_SHARE
    order = ("big5hkscs", "gb18030") if is_big5_like else ("gb18030", "big5hkscs")
    for name in order:
        if test(again(), name):
            return name
    message = (
        "无法判断文字编码，请用 --encoding 指定 (declare the encoding by --encoding)"
    )
    raise FileRefusedError(message, reason="encoding")


def tried_values(again: Again) -> str:
    """Return the first encoding that reads all values of a table."""
    return tried(again, reads_values)


def reads_values(values: Iterable[bytes], name: str) -> bool:
    """Tell whether each value is text of the codec, but for a cut last character.

    A DBF cuts a value at its width, in the middle of a character as it comes.
    """
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        for value in values:
            decoder.reset()
            decoder.decode(value.rstrip(b" \0"))
    except UnicodeError:
        return False
    return True


def reads(read: Iterable[bytes], name: str) -> bool:
    """Tell whether bytes are text of the codec, without a single fault."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        for piece in read:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _start(read: Iterable[bytes]) -> bytes:
    start = bytearray()
    for piece in read:
        start += piece + b" "
        if len(start) > PIECE_BYTES:
            break
    return bytes(start)


def _low_trails(start: bytes) -> float:
    """Return the share of double bytes that end on a low byte."""
    pairs = low = at = 0
    while at + 1 < len(start):
        if start[at] < 0x81:  # noqa: PLR2004 - below it a byte stands alone
            at += 1
            continue
        pairs += 1
        low += start[at + 1] in LOW_TRAIL
        at += 2
    return low / pairs if pairs else 0.0


def pieces(file: Path) -> Iterable[bytes]:
    """Return the bytes of a file, piece by piece."""
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            yield piece
