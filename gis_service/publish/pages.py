"""Plain HTML of collections and features, for who looks with a browser."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gis_service.publish.catalog import Layer

HTML = "text/html; charset=utf-8"

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body><h1>{title}</h1>{body}</body></html>"""


def features_page(layer: Layer, answer: Mapping[str, Any]) -> str:
    """Return a page with the features of an answer as a table."""
    shown = answer.get("features", [answer])
    names = list(layer.fields)
    heads = [layer.fields[name].title for name in names]
    rows = [
        [shown_feature.get("id"), *map(shown_feature["properties"].get, names)]
        for shown_feature in shown
    ]
    links = [
        (link["href"], link["rel"]) for link in answer["links"] if link["rel"] != "self"
    ]
    body = f"<p>{escape(layer.about)}</p>{_list(links)}{_table(['id', *heads], rows)}"
    return page(f"{layer.title} ({layer.title_en})", body)


def links_page(title: str, links: Iterable[Mapping[str, str]]) -> str:
    """Return a page that lists links."""
    named = ((link["href"], link.get("title") or link["rel"]) for link in links)
    return page(title, _list(named))


def page(title: str, body: str) -> str:
    """Return a page; ``body`` is HTML already."""
    return _PAGE.format(title=escape(title), body=body)


def _list(links: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><a href="{escape(href)}">{escape(name)}</a></li>' for href, name in links
    )
    return f"<ul>{items}</ul>"


def _table(heads: list[str], rows: list[list[Any]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(_word(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _word(value: object) -> str:
    return "" if value is None else str(value)
