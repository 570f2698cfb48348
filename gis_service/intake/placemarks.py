"""The placemarks of a KML document, put together as its elements pass.

Runs in the child process only.
"""

from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

FOLDERS = frozenset({"Document", "Folder"})
SIMPLE = frozenset({"Point", "LineString", "LinearRing"})
TEXTS = frozenset({"name", "description", "value", "SimpleData", "coordinates"})


@dataclass(slots=True)
class Placemark:
    """One placemark: its folder, its texts, its geometry."""

    layer: str
    values: dict[str, str] = field(default_factory=dict)
    shape: BaseGeometry | None = None
    is_broken: bool = False


class Placemarks:
    """Hears the elements of a document; ``done`` are the placemarks that ended."""

    def __init__(self) -> None:
        self.done: list[Placemark] = []
        self._folders: list[str] = []
        self._above: list[str] = []
        self._mark: Placemark | None = None
        self._column = ""
        self._text: list[str] = []
        self._is_text = False
        self._places: list[tuple[float, ...]] = []
        self._rings: list[list[tuple[float, ...]]] = []
        self._parts: list[list[BaseGeometry]] = []

    def start(self, name: str, values: dict[str, str]) -> None:
        """Hear an element begin."""
        if name in FOLDERS:
            self._folders.append("")
        elif name == "Placemark":
            self._mark, self._parts = Placemark(""), [[]]
        elif name in {"Data", "SimpleData"}:
            self._column = values.get("name", "").strip()
        elif name == "Polygon":
            self._rings = []
        elif name == "MultiGeometry":
            self._parts.append([])
        elif name in SIMPLE:
            self._places = []
        self._is_text = name in TEXTS
        self._text.clear()
        self._above.append(name)

    def hear(self, text: str) -> None:
        """Hear a piece of text."""
        if self._is_text:
            self._text.append(text)

    def end(self, name: str) -> None:
        """Hear an element end."""
        self._above.pop()
        text = "".join(self._text).strip() if self._is_text else ""
        self._is_text = False
        if name in FOLDERS:
            self._folders.pop()
        elif self._mark is None:
            if name == "name" and self._above and self._above[-1] in FOLDERS:
                self._folders[-1] = text
        elif name == "Placemark":
            self._finish(self._mark)
        elif name in TEXTS:
            self._keep(self._mark, name, text)
        else:
            self._draw(self._mark, name)

    def _keep(self, mark: Placemark, name: str, text: str) -> None:
        if name == "coordinates":
            try:
                self._places = [_place(one) for one in text.split()]
            except ValueError:
                mark.is_broken = True
        elif name in {"value", "SimpleData"}:
            if self._column:
                mark.values.setdefault(self._column, text)
        elif self._above[-1] == "Placemark":
            mark.values[name.title()] = text

    def _draw(self, mark: Placemark, name: str) -> None:
        """Make a geometry of the places heard so far."""
        try:
            if name == "LinearRing" and "Polygon" in self._above[-2:]:
                self._add_ring()
            elif name == "Point":
                self._parts[-1].append(shapely.Point(*self._places))
            elif name in SIMPLE:
                self._parts[-1].append(shapely.LineString(self._places))
            elif name == "Polygon":
                shell, *holes = self._rings or [[]]
                self._parts[-1].append(shapely.Polygon(shell, holes))
            elif name == "MultiGeometry":
                parts = self._parts.pop()
                self._parts[-1].append(_together(parts))
        except (ValueError, TypeError, shapely.errors.GEOSException):
            mark.is_broken = True

    def _add_ring(self) -> None:
        is_outer = self._above[-1] == "outerBoundaryIs"
        self._rings.insert(0 if is_outer else len(self._rings), self._places)

    def _finish(self, mark: Placemark) -> None:
        mark.layer = next((one for one in reversed(self._folders) if one), "KML")
        if self._parts[0]:
            mark.shape = self._parts[0][0]
        self.done.append(mark)
        self._mark = None


def _place(text: str) -> tuple[float, ...]:
    """Return longitude and latitude; heights are left out."""
    lon, lat = text.split(",")[:2]
    return float(lon), float(lat)


def _together(parts: list[BaseGeometry]) -> BaseGeometry:
    kinds = {one.geom_type for one in parts}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    if kinds == {"LineString"}:
        return shapely.MultiLineString(parts)
    if kinds == {"Point"}:
        return shapely.MultiPoint(parts)
    return shapely.GeometryCollection(parts)
