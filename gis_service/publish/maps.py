"""Maps: which layers somebody sees together, in which order, opened where.

One file ``maps/<id>.toml`` per map. It names layers of the catalogue under the four
elements 人地物事 and the borders; what a layer looks like stays with the layer.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from gis_service.access.reader import Reader
from gis_service.access.roles import MAPS, may_open
from gis_service.errors import DefinitionError, NotFoundError
from gis_service.publish.catalog import Catalog, Color, Element, Layer
from gis_service.publish.readership import layers_for

TITLES: dict[Element, str] = {
    "people": "人",
    "land": "地",
    "objects": "物",
    "matters": "事",
    "borders": "边界",
}
"""The groups of every map, in the order they are shown."""

Tool = Literal["locate", "search", "list", "near", "area", "summary"]
"""What the map offers beside moving about: where am I, find by name or code, the
layers as a list, what is near a point, what is in a drawn area, counts per place."""


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Theme(_Definition):
    """A layer of areas shaded by one of its numbers."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    title_en: str | None = None
    layer: str
    color_by: str
    unit: str
    breaks: tuple[float, ...] | None = Field(
        None,
        description="Lower end of each class. Left out, the classes hold as many "
        "places each, by the county's figures of the day.",
    )
    colors: tuple[Color, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _classes_have_colors(self) -> Self:
        if self.breaks is not None:
            if len(self.breaks) != len(self.colors):
                message = f"theme {self.id}: as many colors as breaks"
                raise ValueError(message)
            if list(self.breaks) != sorted(set(self.breaks)):
                message = f"theme {self.id}: breaks must rise"
                raise ValueError(message)
        return self


class Map(_Definition):
    """One map: for whom, of what, opened where."""

    id: str
    title: str
    title_en: str | None = None
    about: str
    tools: tuple[Tool, ...] = ()
    opening: Literal["scope", "county"] = Field(
        "scope", description="Show the reader's own branches at start, or the county."
    )
    off_at_start: tuple[str, ...] = Field((), description="Layers offered, not drawn.")
    layers: dict[Element, tuple[str, ...]]
    themes: tuple[Theme, ...] = ()

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """Return the ids of its layers in the order they are listed."""
        return tuple(
            layer_id for element in TITLES for layer_id in self.layers.get(element, ())
        )


class Maps(Mapping[str, Map]):
    """All maps, by id, checked against the catalogue they draw from."""

    def __init__(self, maps: Mapping[str, Map], catalog: Catalog) -> None:
        self._maps = dict(maps)
        self.catalog = catalog
        for each in self._maps.values():
            _check(each, catalog)

    @classmethod
    def load(cls, folder: Path, catalog: Catalog) -> Self:
        """Read every ``*.toml`` of a folder.

        Raises
        ------
        DefinitionError
            When a file cannot be read as a map, or names what is not there.
        """
        return cls(
            {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}, catalog
        )

    def __getitem__(self, map_id: str) -> Map:
        """Return a map by id."""
        return self._maps[map_id]

    def __iter__(self) -> Iterator[str]:
        """Go through the ids."""
        return iter(self._maps)

    def __len__(self) -> int:
        """Count the maps."""
        return len(self._maps)

    def open_to(self, reader: Reader) -> list[Map]:
        """Return the maps a reader may open, the one to start with first."""
        return [self[map_id] for map_id in MAPS[reader.role] if map_id in self]

    def opened_by(self, reader: Reader, map_id: str) -> Map:
        """Return a map for a reader.

        Raises
        ------
        NotFoundError
            When there is no such map, or not for this reader: both answer alike.
        """
        if map_id in self and may_open(reader, map_id):
            return self[map_id]
        detail = f"没有地图 {map_id}，或您不能打开 (no such map for you)"
        raise NotFoundError(detail, map=map_id)

    def layers_of(
        self, shown: Map, reader: Reader | None
    ) -> dict[Element, list[Layer]]:
        """Return the layers of a map that a reader may see, per element.

        Parameters
        ----------
        shown
            The map.
        reader
            Who looks; None for the owner of the database, who sees all.
        """
        of_reader = (
            layers_for(self.catalog, reader) if reader else self.catalog.values()
        )
        seen = {layer.id: layer for layer in of_reader}
        groups = {
            element: [seen[each] for each in shown.layers[element] if each in seen]
            for element in TITLES
            if element in shown.layers
        }
        return {element: layers for element, layers in groups.items() if layers}


def _read(path: Path) -> Map:
    try:
        with path.open("rb") as file:
            return Map.model_validate({"id": path.stem} | tomllib.load(file))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        message = f"地图 {path.name} 定义有误 (bad map): {error}"
        raise DefinitionError(message) from error


def _check(map_: Map, catalog: Catalog) -> None:
    """Hold a map to the catalogue: every name it uses must mean something."""
    wrong = [
        f"没有图层 (no layer) {name}" for name in map_.layer_ids if name not in catalog
    ]
    wrong += [
        f"初始关闭的图层不在图中 (off_at_start, but not in the map) {name}"
        for name in map_.off_at_start
        if name not in map_.layer_ids
    ]
    for theme in map_.themes:
        fields = catalog[theme.layer].fields if theme.layer in map_.layer_ids else {}
        if theme.color_by not in fields or fields[theme.color_by].private:
            wrong.append(f"专题无此字段 (no such field) {theme.layer}.{theme.color_by}")
    if wrong:
        message = f"地图 {map_.id} 定义有误 (bad map): {'; '.join(wrong)}"
        raise DefinitionError(message)
