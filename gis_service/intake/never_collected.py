"""Columns that must not be collected; the list is data: ``never_collected.csv``."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

EXACTLY = "="
"""Before a Chinese word that a heading must be, not only hold."""


class Kind(NamedTuple):
    """One kind of information that is not taken, and why."""

    name: str
    sentence: str
    source: str


@cache
def _words() -> tuple[dict[str, Kind], dict[str, Kind]]:
    """Return the Chinese and the English words, each with its kind."""
    chinese: dict[str, Kind] = {}
    english: dict[str, Kind] = {}
    path = files("gis_service.intake").joinpath("never_collected.csv")
    with path.open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            kind = Kind(line["name"], line["sentence"], line["source"])
            chinese.update(dict.fromkeys(line["chinese"].split("|"), kind))
            english.update(dict.fromkeys(line["english"].split("|"), kind))
    return chinese, english


def kind_of(column: str) -> Kind | None:
    """Return what a heading asks for that must not be collected, None when nothing.

    A Chinese word is found inside a heading; an English one only as whole words, for
    an archive holds no HIV.
    """
    text = unicodedata.normalize("NFKC", column)
    chinese, english = _words()
    bare = re.sub(r"\s", "", text)
    for word, kind in chinese.items():
        is_it = bare == word[1:] if word.startswith(EXACTLY) else word in bare
        if is_it:
            return kind
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    plain = " ".join(re.findall(r"[a-z]+", apart.casefold()))
    for word, kind in english.items():
        if f" {word} " in f" {plain} " or plain.replace(" ", "") == word.replace(
            " ", ""
        ):
            return kind
    return None
