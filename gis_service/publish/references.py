"""The coordinate reference systems answers come in, by their OGC names.

In an answer under an EPSG name coordinates come in the order that EPSG defines
(latitude or northing first), as OGC API - Features Part 2 demands. CRS84, the
default, is longitude first, like everything inside the service.
"""

from dataclasses import dataclass

from gis_service import crs
from gis_service.errors import MalformedRequestError

_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True, slots=True)
class Reference:
    """A CRS that can be asked for.

    Parameters
    ----------
    uri
        Its OGC name.
    srid
        Its number in the database.
    is_north_first
        Whether its definition puts latitude or northing first.
    """

    uri: str
    srid: int
    is_north_first: bool


DEFAULT = Reference(CRS84, crs.GPS, is_north_first=False)
STORAGE = Reference(f"{_EPSG}{crs.STORED}", crs.STORED, is_north_first=True)

REFERENCES: dict[str, Reference] = {
    each.uri: each
    for each in (
        DEFAULT,
        STORAGE,
        Reference(f"{_EPSG}{crs.GPS}", crs.GPS, is_north_first=True),
        Reference(f"{_EPSG}{crs.METRIC}", crs.METRIC, is_north_first=True),
        Reference(f"{_EPSG}{crs.WEB}", crs.WEB, is_north_first=False),
    )
}


class UnknownReferenceError(MalformedRequestError):
    """A CRS is asked for that answers do not come in."""

    code = "unknown_crs"
    title = "不支持的坐标系 (unknown CRS)"


def reference(uri: str | None) -> Reference:
    """Return the CRS of a name, the default one of None.

    Raises
    ------
    UnknownReferenceError
        When answers do not come in it.
    """
    if uri is None:
        return DEFAULT
    found = REFERENCES.get(uri.replace("https://", "http://", 1))
    if found is None:
        listed = ", ".join(REFERENCES)
        message = f"坐标系应为下列之一 (the CRS must be one of): {listed}"
        raise UnknownReferenceError(message)
    return found
