"""Reads a filter in CQL2 into a closed form: only what is on the lists here.

The library parses and does nothing else: its own way to SQL hands unknown functions
to the database and ends the process on deep nesting. So the size and depth are
measured before the parser sees anything, and what it returns is walked here.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cql2

from gis_service.publish.filter_values import (
    Geometry,
    geometry_of,
    literal_of,
    refuse,
    value_of,
)
from gis_service.publish.references import Reference

MOST_CHARACTERS = 4_000
MOST_CHARACTERS_JSON = 200_000
MOST_DEPTH = 24
MOST_OPERATORS = 200

Node = Any
"""A tree of tuples, hashable, with the names of values where the values were."""

COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
SPATIAL = frozenset(
    [
        "s_intersects",
        "s_within",
        "s_contains",
        "s_equals",
        "s_touches",
        "s_crosses",
        "s_overlaps",
        "s_disjoint",
    ]
)

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_OPERATOR = re.compile(
    r"<>|<=|>=|[=<>+*/^%-]|\b(?:and|or|not|in|like|between|is|div)\b"
)
_EMPTY = re.compile(r"\bempty\b", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """What is gathered while a filter is read."""

    types: Mapping[str, str]
    reference: Reference
    values: dict[str, Any] = field(default_factory=dict)
    geometries: list[Geometry] = field(default_factory=list)
    operators: int = 0

    def keep(self, value: object) -> str:
        """Keep a literal and return its name."""
        name = f"f_{len(self.values)}"
        self.values[name] = value
        return name


def read(text: str, lang: str, reading: Reading) -> Node:
    """Return the closed form of a filter; its literals are gathered in ``reading``.

    Raises
    ------
    FilterError
        When it cannot be read, is too large, or asks for what is not on the lists.
    """
    if "\x00" in text:
        refuse("筛选条件含有非法字符 (NUL in the filter)")
    tree = _parse_json(text) if lang == "cql2-json" else _parse_text(text)
    return _condition(tree, reading)


def read_equal(given: Mapping[str, str], reading: Reading) -> list[Node]:
    """Return the closed form of plain parameters ``field=value``."""
    return [
        _condition(
            {
                "op": "=",
                "args": [
                    {"property": name},
                    literal_of(value, reading.types[name]),
                ],
            },
            reading,
        )
        for name, value in given.items()
    ]


def _parse_text(text: str) -> Any:  # noqa: ANN401 - JSON of any kind
    if len(text) > MOST_CHARACTERS:
        refuse(f"筛选条件超过 {MOST_CHARACTERS} 字 (too long)")
    bare = _QUOTED.sub("''", text).lower()
    # NOT nests without a parenthesis, and so do signs.
    _check_depth(_nesting(bare, "(", ")") + len(re.findall(r"\bnot\b", bare)))
    if len(_OPERATOR.findall(bare)) > MOST_OPERATORS:
        refuse(f"筛选条件超过 {MOST_OPERATORS} 个运算 (too many operators)")
    if _EMPTY.search(bare):
        refuse("几何不能为空 (empty geometry)")
    try:
        return cql2.parse_text(text).to_json()
    except (cql2.ParseError, cql2.ValidationError, ValueError, TypeError):
        refuse("筛选条件不是有效的 CQL2 (cannot be parsed)")


def _parse_json(text: str) -> Any:  # noqa: ANN401 - JSON of any kind
    if len(text) > MOST_CHARACTERS_JSON:
        refuse(f"筛选条件超过 {MOST_CHARACTERS_JSON} 字 (too long)")
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    # Each operator is an object in an array; a geometry adds four arrays of its own.
    _check_depth(_nesting(bare, "{", "}"))
    _check_depth(_nesting(bare, "[", "]") - 4)
    if bare.count("{") > 2 * MOST_OPERATORS:
        refuse(f"筛选条件超过 {MOST_OPERATORS} 个运算 (too many operators)")
    try:
        return json.loads(text)
    except ValueError:
        refuse("筛选条件不是有效的 JSON (not valid JSON)")


def _nesting(text: str, opening: str, closing: str) -> int:
    depth = deepest = 0
    for character in text:
        if character == opening:
            depth += 1
            deepest = max(deepest, depth)
        elif character == closing:
            depth -= 1
    return deepest


def _check_depth(depth: int) -> None:
    if depth > MOST_DEPTH:
        refuse(f"筛选条件嵌套超过 {MOST_DEPTH} 层 (nested too deep)")


def _condition(node: Node, reading: Reading) -> Node:
    reading.operators += 1
    if reading.operators > MOST_OPERATORS:
        refuse(f"筛选条件超过 {MOST_OPERATORS} 个运算 (too many operators)")
    if isinstance(node, bool):
        return node
    if not isinstance(node, dict) or set(node) != {"op", "args"}:
        refuse("应为比较或逻辑式 (a comparison is expected)")
    op, args = str(node["op"]).lower(), node["args"]
    if op not in _READERS or not isinstance(args, list):
        refuse(f"不支持的运算 (not supported): {op[:40]}")
    return (op, *_READERS[op](args, reading))


def _read_logic(args: list[Node], reading: Reading) -> list[Node]:
    if not args:
        refuse("and、or 缺少条件 (and, or need conditions)")
    return [_condition(each, reading) for each in args]


def _read_not(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 1)
    return _read_logic(args, reading)


def _read_compare(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 2)
    return _alike(args, reading)


def _read_between(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 3)
    return _alike(args, reading)


def _read_in(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 2)
    if not isinstance(args[1], list) or not args[1]:
        refuse("in 需要非空列表 (in needs a list)")
    subject, *choices = _alike([args[0], *args[1]], reading)
    return [subject, tuple(choices)]


def _read_like(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 2)
    terms = _alike(args, reading)
    if _type_of(args, reading) != "text":
        refuse("like 只用于文本字段 (like is for text)")
    pattern = terms[1][1] if terms[1][0] == "casei" else terms[1]
    written = reading.values.get(pattern[1], "") if pattern[0] == "value" else ""
    if (len(written) - len(written.rstrip("\\"))) % 2:
        refuse("like 不能以转义符结尾 (a pattern may not end in an escape)")
    return terms


def _read_null(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 1)
    return [_field(args[0], reading)]


def _read_spatial(args: list[Node], reading: Reading) -> list[Node]:
    _need(args, 2)
    is_field = [isinstance(arg, dict) and set(arg) == {"property"} for arg in args]
    if sum(is_field) != 1:
        refuse("需要一个几何字段和一个几何 (a geometry field and a literal)")
    asked, literal = args if is_field[0] else reversed(args)
    if reading.types[_field(asked, reading)[1]] != "geometry":
        refuse("几何字段名为 geom (the field of geometry is geom)")
    area = geometry_of(literal, reading.reference)
    reading.geometries.append(area)
    return [len(reading.geometries) - 1, is_field[0]]


def _need(args: list[Node], count: int) -> None:
    if len(args) != count:
        refuse(f"需要 {count} 个操作数 ({count} operands are expected)")


def _alike(args: list[Node], reading: Reading) -> list[Node]:
    """Return terms that can be compared with each other."""
    kind = _type_of(args, reading)
    return [_term(arg, kind, reading) for arg in args]


def _type_of(args: list[Node], reading: Reading) -> str:
    kinds = {kind for arg in args if (kind := _field_type(arg, reading)) is not None}
    if kinds == {"integer", "number"}:
        return "number"
    if not kinds:
        refuse("比较中没有字段 (no field is compared)")
    if len(kinds) > 1 or kinds & {"geometry", "list"}:
        refuse("字段类型不可比较 (fields of these types do not compare)")
    return kinds.pop()


def _field_type(node: Node, reading: Reading) -> str | None:
    match node:
        case {"op": str(op), "args": [inner]} if op.lower() == "casei":
            return _field_type(inner, reading)
        case {"property": _}:
            return reading.types[_field(node, reading)[1]]
    return None


def _term(node: Node, kind: str, reading: Reading) -> Node:
    match node:
        case {"op": str(op), "args": [inner]} if op.lower() == "casei":
            if kind != "text":
                refuse("casei 只用于文本 (casei is for text)")
            return ("casei", _term(inner, kind, reading))
        case {"op": op}:
            refuse(f"不支持的运算 (not supported): {str(op)[:40]}")
        case {"property": _}:
            return _field(node, reading)
    return ("value", reading.keep(value_of(node, kind)), kind)


def _field(node: Node, reading: Reading) -> Node:
    name = node.get("property") if isinstance(node, dict) else None
    if not isinstance(name, str) or name not in reading.types:
        refuse(f"没有这个字段 (no such field): {str(name)[:40]}")
    return ("field", name)


_READERS: dict[str, Callable[[list[Node], Reading], list[Node]]] = {
    "and": _read_logic,
    "or": _read_logic,
    "not": _read_not,
    "between": _read_between,
    "in": _read_in,
    "like": _read_like,
    "isnull": _read_null,
    **dict.fromkeys(COMPARISONS, _read_compare),
    **dict.fromkeys(SPATIAL, _read_spatial),
}
