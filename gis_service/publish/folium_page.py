"""A map as one folium page: a single file that needs no network, nor a service.

What folium would fetch from five hosts is inside: Leaflet and jQuery as the build left
them in ``static/vendor``, our own drawing in ``page/``. A content security policy with
the hash of each script keeps anything else from running, whatever a village is called.
"""

import base64
import hashlib
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template
from sqlalchemy import Connection

from gis_service.access.reader import Reader
from gis_service.access.scope import Scope
from gis_service.errors import GridError
from gis_service.publish.catalog import Layer
from gis_service.publish.frames import Asked, frame, has_more_than
from gis_service.publish.map_description import MapDescription, description
from gis_service.publish.map_extents import Bounds
from gis_service.publish.maps import Map, Maps
from gis_service.publish.page_data import Part, page_data
from gis_service.settings import Settings

PACKAGE = Path(str(files("gis_service")))
VENDOR = PACKAGE / "static" / "vendor"
PAGE = PACKAGE / "publish" / "page"

MOST_FEATURES = 5000
"""Features of one layer in a page; a layer with more is left out, as the page says."""

MARGIN = 0.2
"""Share of the opening view that the page also holds on each side of it."""

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PICTURE = re.compile(r"url\((images/[\w.-]+)\)")


class ClientNotBuiltError(GridError):
    """The files that the page carries inside are not there yet."""

    status = 503
    code = "client_not_built"
    title = "网页端尚未构建 (web client not built)"


class _Inline(Element):
    """A script or style whose text stands in the page itself."""

    _template = Template("<{{ this.tag }}>{{ this.text }}</{{ this.tag }}>")

    def __init__(self, tag: str, text: str) -> None:
        super().__init__()
        self._name = f"Inline_{tag}"
        self.tag = tag
        self.text = text


class Board(MacroElement):
    """What ``page/board.js`` draws: layers, panel, legend, labels, popups.

    Parameters
    ----------
    data
        The content as JSON, made by ``page_data.page_data``.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <script type="application/json" id="{{ this.get_name() }}">
        {{- this.data -}}
        </script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        drawBoard({{ this._parent.get_name() }}, JSON.parse(
            document.getElementById("{{ this.get_name() }}").textContent));
        {% endmacro %}
        """
    )

    def __init__(self, data: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca
        self._name = "Board"
        # Inside a script element only the end of it means anything to the browser.
        self.data = data.replace("<", "\\u003c")


def map_for(
    connection: Connection,
    maps: Maps,
    shown: Map,
    reader: Reader | None,
    settings: Settings,
) -> folium.Map:
    """Return a map with the features that a reader may see inside.

    Parameters
    ----------
    connection, settings
        The database and the county.
    maps, shown
        The map among all.
    reader
        Who looks; None for the owner of the database, who sees the whole county.
    """
    described = description(connection, maps, shown, reader, settings)
    scope = Scope((settings.county_code,)) if reader is None else reader.scope
    parts = {}
    for layer in chain.from_iterable(maps.layers_of(shown, reader).values()):
        asked = Asked(bbox=_around(described.bounds), zoom=_zoom_of(layer, described))
        # Some of the features would pass for all of them: rather none, and say so.
        is_left_out = has_more_than(MOST_FEATURES, connection, layer, scope, asked)
        wanted = replace(asked, limit=0) if is_left_out else asked
        features = frame(connection, layer, scope, wanted)
        parts[layer.id] = Part(layer, features, is_left_out)
    return folium_map(described.title, page_data(described, parts), described.center)


def _zoom_of(layer: Layer, described: MapDescription) -> int | None:
    """Return the zoom whose shapes a page takes: two beyond the one it opens at.

    The page can be enlarged, but has one shape per feature.
    """
    opened = int(described.zoom)
    if layer.pyramid:
        return min(max(opened + 1, layer.zooms[0]), layer.zooms[1])
    return opened + 2 if layer.bands else None


def _around(bounds: Bounds) -> Bounds:
    """Return bounds with a margin, so that what is just outside gives a context."""
    west, south, east, north = bounds
    wide, high = (east - west) * MARGIN, (north - south) * MARGIN
    return west - wide, south - high, east + wide, north + high


def folium_map(title: str, data: str, center: tuple[float, float]) -> folium.Map:
    """Return a map that carries everything inside, for a page or a notebook.

    Parameters
    ----------
    title
        Title of the page.
    data
        What the board draws, as JSON.
    center
        Longitude and latitude to begin at.
    """
    made = folium.Map(
        location=(center[1], center[0]),
        tiles=None,
        zoom_control="bottomright",
        zoom_snap=0.25,
        min_zoom=3,
    )
    # Without tiles Leaflet knows no largest zoom, and some plugins ask for it.
    made.options |= {"max_zoom": 19, "min_zoom": 3}
    # Of the instance: the class's lists belong to every map of the process.
    made.default_js = []
    made.default_css = []
    figure: Any = made.get_root()
    figure.title = title
    for name, element in _inside().items():
        figure.header.add_child(_Inline(*element), name=name)
    made.add_child(Board(data))
    return made


def html(made: folium.Map) -> str:
    """Return the page of a map as one file, closed to every other script."""
    text = made.get_root().render()
    text = text.replace("<html>", '<html lang="zh-CN">', 1)
    # Whoever sees badly must be able to enlarge the page.
    text = re.sub(r",\s*maximum-scale=1\.0, user-scalable=no", "", text, count=1)
    icon = '<link rel="icon" href="data:," />'
    return text.replace("<head>", f"<head>\n{_policy(text)}\n{icon}", 1)


def _policy(text: str) -> str:
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in _SCRIPT.findall(text)
    )
    rules = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}" />'


@cache
def _inside() -> dict[str, tuple[str, str]]:
    """Return what stands in the head of every page: name to tag and text."""
    return {
        "leaflet_css": ("style", _PICTURE.sub(_picture, _vendor("leaflet.css"))),
        "board_css": ("style", (PAGE / "board.css").read_text(encoding="utf-8")),
        "leaflet": ("script", _vendor("leaflet.js")),
        "jquery": ("script", _vendor("jquery.js")),
        "marks": ("script", (PAGE / "marks.js").read_text(encoding="utf-8")),
        "board": ("script", (PAGE / "board.js").read_text(encoding="utf-8")),
    }


def _vendor(name: str) -> str:
    try:
        text = (VENDOR / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        detail = "网页端尚未构建，请运行 make web (web client not built: run make web)"
        raise ClientNotBuiltError(detail) from None
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def _picture(found: re.Match[str]) -> str:
    content = base64.b64encode((VENDOR / found[1]).read_bytes()).decode()
    return f"url(data:image/png;base64,{content})"
