"""Which column of a file is which field of ours."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import Field, Thing

DBF_NAME_BYTES = 10

PLACE = "__place"
"""Stands for the place of a row, whichever columns or geometry told it."""

UNITS = {
    "亩": "mu", "mu": "mu", "公顷": "ha", "ha": "ha", "hm2": "ha",
    "平方米": "m2", "㎡": "m2", "m2": "m2", "平米": "m2", "m²": "m2",
    "万元": "wan", "元": "yuan", "米": "m", "m": "m", "千米": "km", "公里": "km",
}  # fmt: skip

_UNIT = re.compile(r"[((\[【_/\-]\s*([^()\[\]【】_/\-]+?)\s*[))\]】]?$")


@dataclass(frozen=True, slots=True)
class Naming:
    """The columns of one file, sorted.

    ``pairs`` gives the source column of each field by our name; ``units`` the unit
    written in its heading; ``cut`` the fields found by a name a DBF cut short;
    ``titles`` what people call our fields.
    """

    pairs: dict[str, str]
    unknown: tuple[str, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)

    def source(self, name: str) -> str:
        """Return the column a field came in, for messages; else what it is called."""
        return self.pairs.get(name) or self.titles.get(name, name)

    def preview(self, thing: Thing) -> list[tuple[str, str, str]]:
        """Return rows of column, our field, its title: what is taken for what."""
        titles = {one.name: one.title for one in thing.fields}
        taken = [(src, name, titles[name]) for name, src in self.pairs.items()]
        left = [(src, "", "未识别,忽略 (not recognised)") for src in self.unknown]
        return taken + left


def plain(name: str) -> str:
    """Return the form in which names are compared: no case, width, blank or mark."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_\-:：*.·'\"“”()（）\[\]【】/]+", "", folded)


def match(
    thing: Thing, columns: Sequence[str], declared: Mapping[str, str] | None = None
) -> Naming:
    """Sort the columns of a file.

    Parameters
    ----------
    thing
        What the file is said to hold.
    columns
        Headings in their order.
    declared
        Our field name to a heading, or to ``#3`` for the third column; it goes
        before every guess.

    Raises
    ------
    FileRefusedError
        When what is declared is not there, or a required field is not found.
    """
    pairs = _declared(thing, columns, declared or {})
    units: dict[str, str] = {}
    cut: list[str] = []
    twice: list[str] = []
    for column in columns:
        if column in pairs.values():
            continue
        bare, unit = _unit(column)
        found, is_cut = _field(thing, column, bare)
        if found is None:
            continue
        if found in pairs:
            twice.append(column)
            continue
        pairs[found] = column
        cut += [found] if is_cut else []
    for name, column in pairs.items():
        if unit := _unit(column)[1]:
            units[name] = unit
    used = set(pairs.values())
    unknown = tuple(one for one in columns if one not in used)
    titles = {PLACE: "位置", **{one.name: one.title for one in thing.fields}}
    return Naming(pairs, unknown, units, tuple(cut), tuple(twice), titles)


def missing(thing: Thing, naming: Naming) -> list[Field]:
    """Return the required fields that no column brings."""
    return [
        one for one in thing.fields if one.is_required and one.name not in naming.pairs
    ]


def names_of(thing: Thing) -> frozenset[str]:
    """Return all names the fields of a thing go by, in the form of comparison."""
    return frozenset(
        plain(name)
        for one in thing.fields
        for name in (one.name, one.title, *one.names)
    )


def known(columns: Sequence[str], names: frozenset[str]) -> int:
    """Return how many of the headings are among the names, to find a heading."""
    filled = [one for one in columns if one.strip()]
    return sum(plain(one) in names or plain(_unit(one)[0]) in names for one in filled)


def read_map(file: Path) -> dict[str, str]:
    """Return the declared names of a ``--columns`` file: ``field = "heading"``.

    Raises
    ------
    FileRefusedError
        When it cannot be read as such a file.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeError) as error:
        message = (
            f"列对照文件 {file.name} 无法读取: {error} (cannot read the column map)"
        )
        raise FileRefusedError(message, reason="columns") from error
    if not all(isinstance(value, str) for value in content.values()):
        message = '列对照文件每行应为 字段 = "列名" (each line: field = "heading")'
        raise FileRefusedError(message, reason="columns")
    return content


def _declared(
    thing: Thing, columns: Sequence[str], declared: Mapping[str, str]
) -> dict[str, str]:
    pairs = {}
    for name, column in declared.items():
        if name not in thing.known:
            known = "、".join(thing.known)
            message = f"没有字段 {name}; 可用: {known} (no such field)"
            raise FileRefusedError(message, reason="columns")
        at = int(column[1:]) if column[:1] == "#" and column[1:].isdecimal() else 0
        if 0 < at <= len(columns):
            pairs[name] = columns[at - 1]
        elif column in columns:
            pairs[name] = column
        else:
            found = "、".join(columns)
            message = f"文件中没有列 {column}; 有: {found} (no such column)"
            raise FileRefusedError(message, reason="columns")
    return pairs


def _field(thing: Thing, column: str, bare: str) -> tuple[str | None, bool]:
    """Return the field a heading names, and whether the heading was cut short."""
    for wanted in (plain(column), plain(bare)):
        for one in thing.fields:
            if wanted in {plain(name) for name in (one.name, one.title, *one.names)}:
                return one.name, False
    return _cut_field(thing, column), True


def _cut_field(thing: Thing, column: str) -> str | None:
    """Find the one field whose name a DBF would cut to this heading."""
    for encoding in ("gb18030", "utf-8"):
        size = len(column.encode(encoding, "replace"))
        if not DBF_NAME_BYTES - 2 <= size <= DBF_NAME_BYTES:
            continue
        found = {
            one.name
            for one in thing.fields
            for name in (one.title, one.name, *one.names)
            if len(name.encode(encoding)) > DBF_NAME_BYTES
            and plain(name).startswith(plain(column))
        }
        if len(found) == 1:
            return found.pop()
    return None


def _unit(column: str) -> tuple[str, str | None]:
    """Split a heading such as 面积(亩) into its name and its unit."""
    text = unicodedata.normalize("NFKC", column).strip()
    found = _UNIT.search(text)
    if found is None or found.group(1).strip() not in UNITS:
        return text, None
    return text[: found.start()], UNITS[found.group(1).strip()]
