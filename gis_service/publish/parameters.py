"""Parameters of an items request, read into a question or refused by name."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gis_service.errors import MalformedRequestError
from gis_service.publish.catalog import Layer
from gis_service.publish.extents import read_box, read_interval, refuse
from gis_service.publish.filter_values import (
    FilterError,
    value_of,
)
from gis_service.publish.filters import Filter
from gis_service.publish.filters import parse as parse_filter
from gis_service.publish.questions import (
    ALONG_THE_GRID,
    DEFAULT_LIMIT,
    MOST_FEATURES,
    Box,
    Question,
    Sort,
)
from gis_service.publish.references import Reference, reference

PAGE_PARAMETERS = frozenset(
    {
        "bbox",
        "bbox-crs",
        "count",
        "crs",
        "cursor",
        "datetime",
        "f",
        "filter",
        "filter-crs",
        "filter-lang",
        "limit",
        "properties",
        "resultType",
        "resulttype",
        "sortby",
    }
)
ONE_PARAMETERS = frozenset({"crs", "f", "properties"})

MOST_SORT_KEYS = 3

LARGE_BOX = 0.1
"""Square degrees from which a box takes in a good part of a county: a third of ours."""

LARGEST_ID = 2**63 - 1
_OPEN = {"", ".."}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for features as it was understood.

    Parameters
    ----------
    question
        What is asked of the layer.
    reference
        The CRS of the answer.
    with_count, only_count
        Whether to count all pages together; whether to give nothing but that.
    format
        ``json``, ``html`` or ``csv``, None to go by the Accept header.
    """

    question: Question
    reference: Reference
    with_count: bool
    only_count: bool
    format: str | None


def read_query(query: bytes, known: frozenset[str]) -> dict[str, str]:
    """Return the parameters of a query string.

    Raises
    ------
    MalformedRequestError
        When it is not UTF-8, names what is not known, or names something twice.
    """
    try:
        text = query.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError as error:
        message = "查询串不是有效的 UTF-8 (the query string is not UTF-8)"
        raise MalformedRequestError(message) from error
    given = dict(pairs)
    if len(given) < len(pairs):
        refuse("query", "同一参数出现两次 (a parameter is given twice)")
    for name, value in pairs:
        if name not in known:
            refuse(name[:40], "没有这个参数 (there is no such parameter)")
        if "\x00" in value:
            refuse(name, "含有非法字符 (NUL character)")
    return given


def read_asked(layer: Layer, given: Mapping[str, str]) -> Asked:
    """Understand the parameters of a request for features of a layer.

    Raises
    ------
    MalformedRequestError
        When one of them cannot be understood; the sentence names it.
    """
    answer = reference(given.get("crs"))
    box, within = read_box(given)
    condition = _read_filter(layer, given)
    sort = _read_sort(layer, given.get("sortby"))
    if layer.scope == "cell" and not sort and not _is_small(box, condition):
        # Along the index of codes any page of any branch is as quick as the first.
        sort = ALONG_THE_GRID
    form = given.get("f")
    if form not in {None, "json", "geojson", "html", "csv"}:
        refuse("f", "应为 json、html 或 csv (json, html or csv)")
    if given.get("count", "false") not in {"true", "false"}:
        refuse("count", "应为 true 或 false (true or false)")
    if {"resultType", "resulttype"} <= given.keys():
        refuse("resulttype", "出现两次 (it is given twice)")
    result = given.get("resultType") or given.get("resulttype", "results")
    if result not in {"results", "hits"}:
        refuse("resulttype", "应为 results 或 hits (results or hits)")
    question = Question(
        box=box,
        within=within,
        condition=condition,
        interval=read_interval(given.get("datetime")),
        properties=_read_properties(layer, given.get("properties")),
        sort=sort,
        after=_read_cursor(layer, sort, given.get("cursor")),
        limit=_read_limit(given.get("limit")),
        srid=answer.srid,
        is_official_order=answer.is_north_first,
    )
    with_count = given.get("count", "false") == "true" or result == "hits"
    return Asked(question, answer, with_count, result == "hits", form)


def _is_small(box: Box | None, condition: Filter | None) -> bool:
    """Tell whether a question is about few enough rows to be sorted by their ids."""
    if box is None:
        return condition is not None and bool(condition.geometries)
    return (box.east - box.west) * (box.north - box.south) < LARGE_BOX


def cursor_after(last: str) -> str:
    """Return the opaque text that a next link carries."""
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def _read_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal()) or not text.strip("0"):
        refuse("limit", f"应为 1 到 {MOST_FEATURES} 的整数 (1 to {MOST_FEATURES})")
    # More than the most is no mistake: Part 1 lets the server give fewer.
    return MOST_FEATURES if len(text) > 9 else min(int(text), MOST_FEATURES)  # noqa: PLR2004


def _read_filter(layer: Layer, given: Mapping[str, str]) -> Filter | None:
    lang = given.get("filter-lang", "cql2-text")
    if lang not in {"cql2-text", "cql2-json"}:
        refuse("filter-lang", "应为 cql2-text 或 cql2-json (CQL2 text or JSON)")
    asked = reference(given.get("filter-crs"))
    text = given.get("filter")
    equal = {name: value for name, value in given.items() if name in layer.fields}
    if text is None and not equal:
        return None
    types = {name: field.type for name, field in layer.fields.items()}
    return parse_filter(
        text,
        types,
        equal=equal,
        lang=lang,
        reference=asked,
    )


def _read_properties(layer: Layer, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    for name in names:
        _check_field(layer, "properties", name)
    return names


def _check_field(layer: Layer, parameter: str, name: str) -> None:
    if name not in layer.fields:
        refuse(parameter, f"没有字段 {name[:40]} (there is no such field)")


def _read_sort(layer: Layer, text: str | None) -> tuple[Sort, ...]:
    if not text:
        return ()
    keys = []
    for part in text.split(","):
        # A plus sign arrives as a blank when the client did not escape it.
        name = re.sub(r"^[+-]", "", part.strip())
        _check_field(layer, "sortby", name)
        if layer.fields[name].type == "list":
            refuse("sortby", f"不能按 {name} 排序 (a list has no order)")
        keys.append(Sort(name, is_descending=part.strip().startswith("-")))
    if len(keys) > MOST_SORT_KEYS:
        refuse("sortby", f"最多 {MOST_SORT_KEYS} 个 (at most {MOST_SORT_KEYS})")
    return tuple(keys)


def _read_cursor(
    layer: Layer, sort: tuple[Sort, ...], text: str | None
) -> tuple[Any, ...] | None:
    if text is None:
        return None
    try:
        padded = text + "=" * (-len(text) % 4)
        *values, number = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        read = [
            None if value is None else _seen(value, layer.fields[key.field].type)
            for value, key in zip(values, sort, strict=True)
        ]
        return (*read, _whole(number))
    except (ValueError, TypeError, FilterError, RecursionError):
        refuse("cursor", "不是本服务给出的游标 (not a cursor of ours)")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    if abs(value) > LARGEST_ID:
        raise ValueError
    return value


def _seen(value: object, kind: str) -> object:
    return _whole(value) if kind == "integer" else value_of(value, kind)
