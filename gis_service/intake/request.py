"""What the parent asks the child process to read, and how far it may go."""

import json
from dataclasses import asdict, dataclass, field

ROW_NO = "__row_no"
FAULT = "__fault"
SHAPE = "__shape"
"""Columns the child adds: row in the file, why a row is none, geometry as WKB."""

META = b"gis_grid"
"""Key of the schema's metadata under which the child tells what it found."""

FAULT_MARK = "GIS_GRID_FAULT "


ALLOWED = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON", "MEM"})
"""The only drivers a file from outside meets; VRT, WFS, HTTP … are switched off."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the child may go before it is stopped.

    ``memory_mb`` is address space, of which the libraries reserve far more than
    they use; ``wait_s`` is the longest time between two pieces of the answer.
    """

    memory_mb: int = 4096
    data_mb: int = 560
    cpu_s: int = 900
    wait_s: float = 300.0
    written_mb: int = 4096
    file_mb: int = 2048


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read; ``names`` are those a heading may hold."""

    file: str
    folder: str
    names: tuple[str, ...] = ()
    encoding: str | None = None
    layer: str | None = None
    limits: Limits = field(default_factory=Limits)

    def as_text(self) -> str:
        """Return the request as one argument of a command."""
        return json.dumps(asdict(self), ensure_ascii=True)

    @classmethod
    def of(cls, text: str) -> "Request":
        """Read what ``as_text`` wrote."""
        content = json.loads(text)
        limits = Limits(**content.pop("limits"))
        return cls(**content, limits=limits)


@dataclass(frozen=True, slots=True)
class Found:
    """What the child found out about a file before its first row.

    Parameters
    ----------
    crs
        WKT or authority code from the file, None when it does not say.
    numeric
        Columns kept as numbers, which lose digits after the fifteenth.
    skipped
        Sheets, layers or rows passed over, in words.
    is_offline
        Whether the system let the child leave the network.
    """

    format: str
    columns: tuple[str, ...]
    encoding: str | None = None
    crs: str | None = None
    layer: str | None = None
    numeric: tuple[str, ...] = ()
    has_shape: bool = False
    skipped: tuple[str, ...] = ()
    is_offline: bool = False

    def as_bytes(self) -> bytes:
        """Return it as metadata of an Arrow schema."""
        return json.dumps(asdict(self), ensure_ascii=True).encode()

    @classmethod
    def of(cls, content: bytes) -> "Found":
        """Read what ``as_bytes`` wrote."""
        found = json.loads(content)
        lists = {key: tuple(found[key]) for key in ("columns", "numeric", "skipped")}
        return cls(**{**found, **lists})
