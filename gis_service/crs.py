"""Every coordinate reference system of the service, named once.

Longitude comes first everywhere, whatever the official axis order of a CRS says:
transformers are always made with ``always_xy=True``.
"""

from functools import cache

from pyproj import Transformer

STORED = 4490
"""CGCS2000 longitude/latitude in degrees: what every ``geom`` column holds."""

METRIC = 4546
"""CGCS2000 / 3-degree Gauss-Kruger, central meridian 111 E: metres, for Xinhua."""

WEB = 3857
"""Web Mercator: what ``geom_web`` columns hold. For drawing only, never measured."""

GPS = 4326
"""WGS 84 longitude/latitude, taken for the same as STORED (centimetres apart)."""

EARTH_HALF_M = 20037508.342789244
"""Half the side of the Web Mercator square, in its metres."""

MU_M2 = 2000 / 3
"""Square metres of one mu (亩)."""


@cache
def transformer(source: int | str, target: int | str) -> Transformer:
    """Return the transformer between two EPSG codes or CRS texts, x (longitude) first.

    Raises
    ------
    pyproj.exceptions.CRSError
        When a code is unknown to PROJ.
    """
    return Transformer.from_crs(source, target, always_xy=True)
