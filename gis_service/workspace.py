"""For notebooks: the layers of a county as frames, its maps as folium maps.

>>> from gis_service import workspace
>>> county = workspace.open()
>>> cells = county.frame("grid_cells", where="residents > 500")
>>> county.map("planner")

``open`` takes the database of the settings, the private one of ``make demo`` when there
is no other; or the address of a service and a token, and then gives what the token's
account may see.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import folium
import pandas as pd
from geopandas import GeoDataFrame
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError

from gis_service import crs, definitions
from gis_service.access.scope import Scope
from gis_service.cluster import database_url
from gis_service.database import engine, login_url
from gis_service.errors import ConflictError, NotFoundError
from gis_service.publish.catalog import Catalog
from gis_service.publish.folium_page import map_for
from gis_service.publish.frames import Asked, frame
from gis_service.publish.maps import TITLES, Maps
from gis_service.remote import RemoteWorkspace
from gis_service.settings import Settings


def open(  # noqa: A001 - `workspace.open()` is what a notebook says
    address: str | None = None, *, token: str | None = None
) -> "DatabaseWorkspace | RemoteWorkspace":
    """Open the county of a database, or of a service.

    Parameters
    ----------
    address
        Address of a service such as ``http://127.0.0.1:8000``. Left out, the
        database of the settings is taken, and the whole county is open.
    token
        Token of an account of the service (``gt_…``); without one a visitor looks.
    """
    if address is not None:
        return RemoteWorkspace(address, token)
    return DatabaseWorkspace(Settings())


class DatabaseWorkspace:
    """The county of a database, read-only, with the scope of the whole county.

    Parameters
    ----------
    settings
        Which database, and which county.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        url = login_url(settings, database_url(settings))
        self._where = url.render_as_string(hide_password=True)
        self._engine = engine(url)
        self._catalog = Catalog.load(definitions.folder("layers"))
        self._maps = Maps.load(definitions.folder("maps"), self._catalog)
        self._scope = Scope((settings.county_code,))

    def __repr__(self) -> str:
        """Say what is open."""
        name = self._settings.county_name
        return f"<{name} 网格一张图，{len(self._catalog)} 个图层；.layers() 列出图层>"

    def __enter__(self) -> Self:
        """Use in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at its end."""
        self.close()

    def layers(self) -> pd.DataFrame:
        """Return what can be opened: a row per layer."""
        rows = [
            {
                "图层": layer.id,
                "名称": layer.title,
                "类别": TITLES[layer.element],
                "几何": layer.geometry,
                "字段": "、".join(layer.drawn_fields),
                "说明": layer.about,
            }
            for layer in self._catalog.values()
        ]
        return pd.DataFrame(rows).set_index("图层")

    def frame(
        self,
        layer: str,
        where: str | None = None,
        bbox: Sequence[float] | None = None,
        srid: int = crs.STORED,
    ) -> GeoDataFrame:
        """Return a layer's features, longitude first; private fields are left out.

        Parameters
        ----------
        layer
            Id of the layer, such as ``grid_cells``.
        where
            Filter in CQL2 text, such as ``residents > 500``.
        bbox
            West, south, east, north in degrees.
        srid
            EPSG code of the coordinates: 4490 degrees, 4546 metres.

        Raises
        ------
        NotFoundError
            When there is no such layer.
        MalformedRequestError
            When the filter or the box cannot be understood.
        """
        if layer not in self._catalog:
            names = "、".join(self._catalog)
            detail = f"没有图层 {layer}，可用图层 (no such layer, there are): {names}"
            raise NotFoundError(detail)
        with self._connection() as connection:
            asked = Asked(where, bbox, srid)
            return frame(connection, self._catalog[layer], self._scope, asked)

    def map(self, map_id: str) -> folium.Map:
        """Return a map that a notebook shows by itself; ``.save(file)`` writes it.

        Raises
        ------
        NotFoundError
            When there is no such map.
        """
        if map_id not in self._maps:
            names = "、".join(self._maps)
            detail = f"没有地图 {map_id}，可用地图 (no such map, there are): {names}"
            raise NotFoundError(detail)
        with self._connection() as connection:
            shown = self._maps[map_id]
            return map_for(connection, self._maps, shown, None, self._settings)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except (OperationalError, ProgrammingError) as refusal:
            detail = (
                "数据库还没有准备好，请先运行 make demo 或 gis-grid migrate "
                f"(the database is not ready): {str(refusal.orig).splitlines()[0]}"
            )
            raise ConflictError(detail, database=self._where) from refusal
