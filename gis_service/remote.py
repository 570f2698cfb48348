"""A county seen through its service: layers and maps as a token's account sees them."""

import html
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import geopandas
import pandas as pd
from geopandas import GeoDataFrame

from gis_service import crs
from gis_service.errors import GridError, MalformedRequestError

PAGE_SIZE = 5000
PATIENCE_S = 60


class ServiceRefusedError(GridError):
    """The service answered with a problem, or not at all."""

    status = 502
    code = "service_refused"
    title = "服务没有给出数据 (the service gave no data)"


class MapPage:
    """A map of a service as one file, which a notebook shows by itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def _repr_html_(self) -> str:
        style = "width:100%;height:560px;border:0"
        return f'<iframe srcdoc="{html.escape(self._text)}" style="{style}"></iframe>'

    def save(self, path: str | Path) -> None:
        """Write the map as a file that works without the service."""
        Path(path).write_text(self._text, encoding="utf-8")


class RemoteWorkspace:
    """The county of a service.

    Parameters
    ----------
    address
        Such as ``http://127.0.0.1:8000``.
    token
        ``gt_…``, made by ``gis-grid account token`` or on the page of one's account.

    Raises
    ------
    MalformedRequestError
        When the address is none of http or https.
    """

    def __init__(self, address: str, token: str | None = None) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            detail = (
                f"服务地址应以 http:// 或 https:// 开头 (not an address): {address}"
            )
            raise MalformedRequestError(detail)
        self._address = f"{parts.scheme}://{parts.netloc}"
        self._token = token

    def __repr__(self) -> str:
        """Say what is open; the token stays hidden."""
        who = "以访客身份" if self._token is None else "以令牌登录"
        return f"<网格一张图 {self._address}，{who}；.layers() 列出图层>"

    def __enter__(self) -> Self:
        """Use in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at its end."""
        self.close()

    def layers(self) -> pd.DataFrame:
        """Return what the account may open: a row per layer."""
        answer = self._json("/api/ogc/collections?f=json")
        rows = [
            {"图层": each["id"], "名称": each["title"], "说明": each["description"]}
            for each in answer["collections"]
        ]
        return pd.DataFrame(rows, columns=["图层", "名称", "说明"]).set_index("图层")

    def frame(
        self,
        layer: str,
        where: str | None = None,
        bbox: Sequence[float] | None = None,
    ) -> GeoDataFrame:
        """Return a layer's features, longitude first.

        Parameters
        ----------
        layer
            Id of the layer, such as ``grid_cells``.
        where
            Filter in CQL2 text, such as ``residents > 500``.
        bbox
            West, south, east, north in degrees.
        """
        asked: dict[str, Any] = {"limit": PAGE_SIZE, "f": "json"}
        if where is not None:
            asked |= {"filter": where, "filter-lang": "cql2-text"}
        if bbox is not None:
            asked["bbox"] = ",".join(map(str, bbox))
        path = f"/api/ogc/collections/{quote(layer, safe='')}"
        features = list(self._features(f"{path}/items?{urlencode(asked)}"))
        found = _frame(features)
        for name, described in self._json(f"{path}/schema")["properties"].items():
            if name in found and described.get("format") in {"date", "date-time"}:
                found[name] = pd.to_datetime(found[name], format="ISO8601")
        return found

    def map(self, map_id: str) -> MapPage:
        """Return a map, which a notebook shows by itself."""
        return MapPage(self._get(f"/maps/{quote(map_id, safe='')}.html").decode())

    def close(self) -> None:
        """Nothing is held open."""

    def _features(self, path: str) -> Iterator[dict[str, Any]]:
        after: str | None = path
        while after is not None:
            page = self._json(after)
            yield from page["features"]
            links = (link for link in page["links"] if link["rel"] == "next")
            # Only the path: a token is shown to nobody but the address given.
            after = next((_path_of(link["href"]) for link in links), None)

    def _json(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self._get(path))

    def _get(self, path: str) -> bytes:
        request = Request(self._address + path)  # noqa: S310 - http or https, see above
        if self._token is not None:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - as above
                content: bytes = answer.read()
        except HTTPError as refusal:
            raise _refused(refusal) from None
        except (URLError, TimeoutError) as silence:
            detail = f"连不上服务 {self._address} (cannot reach the service): {silence}"
            raise ServiceRefusedError(detail) from None
        return content


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _refused(refusal: HTTPError) -> ServiceRefusedError:
    try:
        problem = json.loads(refusal.read())
        detail = f"{problem['detail']} [{problem['code']}]"
    except (ValueError, KeyError, TypeError):
        detail = f"服务回答 (the service answered) {refusal.code}"
    return ServiceRefusedError(detail, answered=refusal.code)


def _frame(features: list[dict[str, Any]]) -> GeoDataFrame:
    if not features:
        return geopandas.GeoDataFrame({"id": []}, geometry=[], crs=crs.STORED)
    # Stored and WGS 84 coordinates are centimetres apart and taken for the same.
    found = geopandas.GeoDataFrame.from_features(features, crs=crs.STORED)
    found.insert(0, "id", [feature["id"] for feature in features])
    return found
