"""Plain HTML of collections and features, for who looks with a browser."""

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from gis_service.publish.catalog import Layer, LayerField
from gis_service.publish.styles import word_of

HTML = "text/html; charset=utf-8"

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/api/ogc/page.css">
<title>{title}</title></head>
<body><header><a href="/">网格一张图 One Map of the Grid</a>
<a href="/api/ogc/collections?f=html">图层 Layers</a></header>
<main><h1>{title}</h1>{body}</main></body></html>"""

_RELATIONS = {
    "alternate": "网页 (this page)",
    "collection": "图层说明 (about the layer)",
    "items": "要素 (features)",
    "next": "下一页 (next page)",
    "queryables": "可筛选的字段 (queryables)",
    "schema": "字段结构 (schema)",
    "self": "原始数据 (data)",
    "tilejson": "瓦片说明 (TileJSON)",
    "tilesets-vector": "矢量瓦片 (vector tiles)",
}
"""What links are called that have no title, by the last word of their relation."""

_FIELD_AND_VALUE = ["字段 (field)", "值 (value)"]

_FORMS = {"text/html": "网页 HTML", "application/geo+json": "GeoJSON"}


def style() -> str:
    """Return the style sheet of all pages."""
    return (files(__package__) / "page" / "collections.css").read_text("utf-8")


def features_page(
    layer: Layer, answer: Mapping[str, Any], on_map: Mapping[str, str] | None
) -> str:
    """Return a page with the features of an answer as a table.

    Parameters
    ----------
    layer, answer
        The layer, and what would be answered in GeoJSON.
    on_map
        Link to the features on a map, if the reader has one that shows them.
    """
    fields = layer.fields.items()
    rows = [
        [
            shown.get("id"),
            *(_said(field, shown["properties"].get(name)) for name, field in fields),
        ]
        for shown in features_of(answer)
    ]
    is_one = "features" not in answer
    heads = ["编号 (id)", *(_title(field) for _, field in fields)]
    if is_one:
        # A row alone reads better standing up.
        rows = [list(pair) for pair in zip(heads, rows[0], strict=True)]
        heads = _FIELD_AND_VALUE
    links = _list((_address(link), _name(link)) for link in answer["links"])
    body = f"{_about(layer, on_map)}{links}{_table(heads, rows, is_one=is_one)}"
    return page(f"{layer.title} ({layer.title_en})", body)


def features_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the features of a collection, or the feature itself."""
    features: list[dict[str, Any]] = answer.get("features", [answer])
    return features


def layer_page(
    layer: Layer,
    links: Iterable[Mapping[str, str]],
    on_map: Mapping[str, str] | None,
) -> str:
    """Return a page that describes a layer: its fields and where its data is."""
    fields = [
        [_title(field), name, field.type, field.unit]
        for name, field in layer.fields.items()
    ]
    heads = ["字段 (field)", "名称 (name)", "类型 (type)", "单位 (unit)"]
    listed = _list((_address(link), _name(link)) for link in links)
    body = f"{_about(layer, on_map)}{listed}{_table(heads, fields)}"
    return page(f"{layer.title} ({layer.title_en})", body)


def links_page(title: str, links: Iterable[Mapping[str, str]]) -> str:
    """Return a page that lists links."""
    named = ((link["href"], _name(link)) for link in links)
    return page(title, _list(named))


def page(title: str, body: str) -> str:
    """Return a page; ``body`` is HTML already."""
    return _PAGE.format(title=escape(title), body=body)


def _about(layer: Layer, on_map: Mapping[str, str] | None) -> str:
    about = f"<p>{escape(layer.about)}</p>"
    if on_map is None:
        return about
    href, title = escape(on_map["href"]), escape(on_map["title"])
    return f'{about}<p><a class="button" href="{href}">{title}</a></p>'


def _title(field: LayerField) -> str:
    return f"{field.title} ({field.title_en})"


def _said(field: LayerField, value: Any) -> object:  # noqa: ANN401 - of any field
    if isinstance(value, list):
        return "、".join(str(_said(field, each)) for each in value)
    return (field.labels or {}).get(word_of(value), value)


def _address(link: Mapping[str, str]) -> str:
    """Return where a link leads: a browser that follows it would be given pages."""
    href = link["href"]
    if link.get("type") == "text/html" or link["rel"] in {"next", "collection"}:
        return href
    bare = href.replace("?f=html&", "?").replace("&f=html", "").replace("?f=html", "")
    return f"{bare}{'&' if '?' in bare else '?'}f=json"


def _name(link: Mapping[str, str]) -> str:
    word = link["rel"].rpartition("/")[2]
    name = link.get("title") or _RELATIONS.get(word, word)
    form = _FORMS.get(link.get("type", ""))
    return f"{name} · {form}" if form and word != "next" else name


def _list(links: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><a href="{escape(href)}">{escape(name)}</a></li>' for href, name in links
    )
    return f"<ul>{items}</ul>"


def _table(heads: list[str], rows: list[list[Any]], *, is_one: bool = False) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(_word(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    # What scrolls must be reached by the keyboard too.
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
    label = "表格 (table)"
    kind = "table upright" if is_one else "table"
    return (
        f'<div class="{kind}" tabindex="0" role="region" aria-label="{label}">'
        f"{table}</div>"
    )


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
