"""GeoJSON of OGC API - Features: what is put around the bytes that PostGIS wrote."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from gis_service.publish.parameters import cursor_after

GEOJSON = "application/geo+json"
_FEATURE_HEAD = b'{"type":"Feature",'


def collection(
    row: Mapping[str, Any], links: list[dict[str, str]], *, matched: int | None
) -> bytes:
    """Return a FeatureCollection.

    Parameters
    ----------
    row
        What ``statements.page`` selects.
    links
        Links of the answer.
    matched
        How many features there are on all pages, when that was asked.
    """
    head: dict[str, Any] = {"numberReturned": row["returned"]}
    if matched is not None:
        head["numberMatched"] = matched
    head["links"] = links
    members = json.dumps(head, ensure_ascii=False)[1:-1].encode()
    return b"".join(
        (
            b'{"type":"FeatureCollection",',
            members,
            b',"features":[',
            row["features"] or b"",
            b"]}",
        )
    )


def feature(written: bytes, links: list[dict[str, str]]) -> bytes:
    """Return one feature as PostGIS wrote it, with its links put in."""
    members = json.dumps({"links": links}, ensure_ascii=False)[1:-1].encode()
    return b"".join((_FEATURE_HEAD, members, b",", written[len(_FEATURE_HEAD) :]))


def page_links(
    address: str, given: Mapping[str, str], row: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return the links of a page: itself, the next one if any, its layer.

    Parameters
    ----------
    address
        Address of the items without a query.
    given
        Parameters of the request.
    row
        What ``statements.page`` selects.
    """
    links = [
        link("self", _with(address, given), GEOJSON),
        link("alternate", _with(address, {**given, "f": "html"}), "text/html"),
        link("collection", address.rpartition("/")[0], "application/json"),
    ]
    if row["found"] > row["returned"] and row["last"] is not None:
        onward = {**given, "cursor": cursor_after(row["last"])}
        links.append(link("next", _with(address, onward), GEOJSON))
    return links


def feature_links(address: str) -> list[dict[str, str]]:
    """Return the links of one feature at its address."""
    layer = address.rpartition("/items/")[0]
    return [
        link("self", address, GEOJSON),
        link("alternate", f"{address}?f=html", "text/html"),
        link("collection", layer, "application/json"),
    ]


def link(rel: str, href: str, kind: str, **more: str) -> dict[str, str]:
    """Return one link of an answer."""
    return {"rel": rel, "href": href, "type": kind, **more}


def _with(address: str, given: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(given)}" if given else address
