"""XML from outside, element by element: nothing of it is kept, no entity expanded.

Runs in the child process only.
"""

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from gis_service.intake.faults import FileRefusedError

PIECE_BYTES = 1 << 16

Started = Callable[[str, dict[str, str]], None]
Ended = Callable[[str], None]
Heard = Callable[[str], None]


def parse(
    source: IO[bytes], started: Started, ended: Ended, heard: Heard
) -> Iterator[None]:
    """Parse a document, stopping after every piece so that rows can be taken.

    Names come without the prefix of their namespace.

    Raises
    ------
    FileRefusedError
        When it is no well-formed XML, or has a DOCTYPE.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, values: started(_bare(name), values)
    parser.EndElementHandler = lambda name: ended(_bare(name))
    parser.CharacterDataHandler = heard
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        while piece := source.read(PIECE_BYTES):
            parser.Parse(piece, False)  # noqa: FBT003 - expat takes no keyword
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        told = expat.ErrorString(error.code)
        message = f"XML 第 {error.lineno} 行有误: {told} (broken XML)"
        raise FileRefusedError(message, reason="broken") from error
    yield


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    message = "XML 中不允许有 DOCTYPE (a DOCTYPE is not allowed)"
    raise FileRefusedError(message, reason="format")
