"""The catalogue of layers: every pair of files in ``layers/``, read and checked once.

A layer is one SELECT and one description. What is wrong in either stops the start of
the service with a sentence that names the file.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gis_service.errors import DefinitionError

Audience = Literal["public", "staff", "matters", "people"]
Element = Literal["people", "land", "objects", "matters", "borders"]
FieldType = Literal["text", "integer", "number", "date", "time", "boolean", "list"]
Color = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]

LAYER_ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PARAMETER = re.compile(r"(?<![:\w]):[A-Za-z_]")
_RESERVED = {"id", "geom", "geom_web", "reach"}


class _Definition(BaseModel):
    # A word nobody reads is a misspelt word: refused, not ignored.
    model_config = ConfigDict(frozen=True, extra="forbid")


class LayerField(_Definition):
    """One attribute of a layer, as people read it."""

    title: str
    title_en: str
    type: FieldType
    unit: str | None = None
    labels: dict[str, str] = {}
    """What coded values mean, by value."""
    private: bool = False
    """Personal: shown in items to who may open the layer, never in a tile or file."""
    drawn_from: int = 0
    """Least zoom whose tiles carry the field: few names are read from afar."""
    suppress_below: int | None = None
    """Counts from 1 up to below this are blank for who sees no people."""


class LegendEntry(_Definition):
    """One line of a legend: a value or a range of values, and how it is drawn."""

    value: str | int | float | bool | None = None
    min: float | None = None
    """Least value of the range, included."""
    max: float | None = None
    """Where the range ends, not included."""
    label: str
    label_en: str | None = None
    color: Color
    shape: str | None = None


class Style(_Definition):
    """How a layer is drawn, for the web map, folium and MapLibre alike."""

    symbol: Literal["fill", "line", "circle", "icon"]
    color: Color
    width: float | None = None
    dash: tuple[float, ...] | None = None
    outline: Color | None = None
    shape: str | None = None
    color_by: str | None = None
    legend: tuple[LegendEntry, ...] = ()
    text: str | None = None
    text_zoom: int | None = None


class Layer(_Definition):
    """A layer: its SELECT, its fields, who may see it and how it is drawn."""

    id: str
    sql: str
    title: str
    title_en: str
    about: str
    element: Element
    geometry: Literal["Point", "MultiPolygon", "MultiLineString", "Polygon", "Geometry"]
    audience: Audience
    scope: Literal["county", "cell"]
    protected: bool = False
    departmental: bool = False
    """Whether the SELECT also yields ``department``: a handler sees its own alone."""
    pyramid: bool = False
    zooms: tuple[int, int]
    wide_from: int | None = None
    """First zoom for who sees more than villages, where tiles hold a whole town."""
    bands: dict[int, str] = {}
    """Column with the generalised geometry, by the highest zoom it is drawn at."""
    time: str | None = None
    """Field that the parameter ``datetime`` asks."""
    fields: dict[str, LayerField]
    style: Style
    is_suppressed: bool = False
    """Whether small counts are blanked, as ``seen_by`` decides."""
    only_department: str | None = None
    """The department whose rows alone are shown, as ``seen_by`` decides."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        if not LAYER_ID.fullmatch(self.id):
            yield "a layer is named by a plural in snake case"
        if not self.sql.startswith("-- "):
            yield "the SELECT must begin with a comment: what one row is"
        for name in self.fields:
            if not LAYER_ID.fullmatch(name):
                yield f"a field is named in snake case: {name}"
        if _PARAMETER.search(self.sql):
            yield "a colon before a word (also in a comment) reads as a parameter"
        if ";" in self.sql:
            yield "one SELECT without a semicolon"
        if reserved := _RESERVED & self.fields.keys():
            yield f"not names of fields: {', '.join(sorted(reserved))}"
        yield from self._drawing_problems()

    def _drawing_problems(self) -> Iterator[str]:
        lowest, highest = self.zooms
        if not 0 <= lowest <= highest <= MAX_ZOOM:
            yield f"zooms go from 0 to {MAX_ZOOM}, the lower first"
        if self.wide_from is not None and not lowest <= self.wide_from <= highest:
            yield "wide_from is one of the zooms"
        if self.protected and self.scope != "cell":
            yield "protected rows are scoped by cell"
        if self.scope == "cell" and "grid_code" not in self.fields:
            yield "what is scoped by cell has the field grid_code"
        drawn_by = {self.style.color_by, self.style.text, self.time} - {None}
        if unknown := drawn_by - self.fields.keys():
            yield f"the style or time names no field: {unknown}"
            return
        if any(self.fields[str(name)].private for name in drawn_by - {self.time}):
            yield "a private field is in no tile, so the style cannot use it"
        color_by, label = self.style.color_by, self.style.text
        if color_by is not None and self.fields[color_by].drawn_from:
            yield f"the style colours by {color_by} at every zoom"
        if label is not None and self.fields[label].drawn_from > (
            self.style.text_zoom or 0
        ):
            yield f"the style writes {label} where tiles do not carry it"

    @cached_property
    def drawn_fields(self) -> Mapping[str, LayerField]:
        """The fields that tiles and files carry: none that is private."""
        return {name: field for name, field in self.fields.items() if not field.private}

    def drawn_at(self, zoom: int) -> tuple[str, ...]:
        """Return the names of the fields that the tiles of a zoom carry."""
        fields = self.drawn_fields.items()
        return tuple(name for name, field in fields if field.drawn_from <= zoom)

    @property
    def yields(self) -> tuple[str, ...]:
        """The columns the SELECT yields, in order."""
        shapes = ["geom", "geom_web", *dict.fromkeys(self.bands.values())]
        if self.protected:
            shapes.append("reach")
        placed = ["grid_code"] if self.scope == "cell" else []
        placed += ["department"] if self.departmental else []
        square = ["zoom", "tile_x", "tile_y"] if self.pyramid else []
        named = [name for name in self.fields if name not in {*placed, *square}]
        return ("id", *placed, *square, *shapes, *named)

    def shape_at(self, zoom: int) -> str:
        """Return the column that is drawn at a zoom."""
        for highest in sorted(self.bands):
            if zoom <= highest:
                return self.bands[highest]
        return "geom_web"

    def seen_by(self, audiences: frozenset[str], department: str | None) -> "Layer":
        """Return the layer as a reader sees it.

        Parameters
        ----------
        audiences
            What the reader's role may see. Who is not of the staff has no scope: a
            public layer is the same for all of them, without small counts of people.
        department
            The department of a handler; None for everybody else.
        """
        changes: dict[str, object] = {}
        if "people" not in audiences and self.has_small_counts:
            changes["is_suppressed"] = True
        if "staff" not in audiences and self.has_small_counts:
            changes["scope"] = "county"
        if department is not None and self.departmental:
            changes["only_department"] = department
        return self.model_copy(update=changes) if changes else self

    @cached_property
    def seen_widely(self) -> "Layer":
        """The layer as who sees more than villages is shown it: from nearer by."""
        if self.wide_from is None:
            return self
        return self.model_copy(update={"zooms": (self.wide_from, self.zooms[1])})

    @cached_property
    def has_small_counts(self) -> bool:
        """Whether some counts are blank for who sees no people."""
        return any(field.suppress_below for field in self.fields.values())


MAX_ZOOM = 22


class Catalog(Mapping[str, Layer]):
    """All layers of the service, by their id."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self._layers = dict(layers)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read every layer of a folder.

        Raises
        ------
        DefinitionError
            When a file is missing, cannot be read or says something wrong.
        """
        names = {file.stem for file in folder.iterdir() if file.suffix != ".md"}
        if not names:
            message = f"{folder} 里没有图层定义 (there is no layer)"
            raise DefinitionError(message)
        return cls({name: _read(folder, name) for name in sorted(names)})

    def __getitem__(self, layer_id: str) -> Layer:
        """Return a layer by its id."""
        return self._layers[layer_id]

    def __iter__(self) -> Iterator[str]:
        """Go through the ids in order of the alphabet."""
        return iter(self._layers)

    def __len__(self) -> int:
        """Count the layers."""
        return len(self._layers)


def _read(folder: Path, name: str) -> Layer:
    try:
        sql = (folder / f"{name}.sql").read_text(encoding="utf-8")
        described = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
        # The newline keeps a last comment from swallowing what wraps the SELECT.
        return Layer.model_validate(
            {**described, "id": name, "sql": f"{sql.rstrip()}\n"}
        )
    except (OSError, ValueError) as error:
        raise _definition_error(name, error) from error


def _definition_error(name: str, error: Exception) -> DefinitionError:
    if isinstance(error, ValidationError):
        findings = (
            f"{'.'.join(map(str, finding['loc'])) or 'layer'}: {finding['msg']}"
            for finding in error.errors()
        )
        reason = "; ".join(findings)
    else:
        reason = str(error)
    return DefinitionError(f"图层 {name} 定义有误 (layer {name}): {reason}")
