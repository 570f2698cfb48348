"""What the county already knows: divisions, cells and code lists, to check against."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from gis_service.grid.attachment import Cells

OFFERED = 3


@dataclass(frozen=True, slots=True)
class Retired:
    """A code no longer in force."""

    name: str
    successors: tuple[str, ...]
    valid_to: date | None


class Registers:
    """The registers in force when an intake begins, read once.

    Parameters
    ----------
    connection
        The owner's.
    county_code
        The county whose people and things are looked up.
    """

    def __init__(self, connection: Connection, county_code: str) -> None:
        self._connection = connection
        self._county_code = county_code

    @cached_property
    def cells_index(self) -> Cells:
        """Areas to find a grid code by place."""
        return Cells.load(self._connection)

    @cached_property
    def counties(self) -> dict[str, str]:
        """Code to name of the counties in force."""
        return self._pairs(
            "SELECT code, name FROM divisions.counties WHERE valid_to IS NULL"
        )

    @cached_property
    def townships(self) -> dict[str, str]:
        """Code to name of the townships in force."""
        return self._pairs(
            "SELECT code, name FROM divisions.townships WHERE valid_to IS NULL"
        )

    @cached_property
    def villages(self) -> dict[str, str]:
        """Code to name of the villages in force."""
        return self._pairs(
            "SELECT code, name FROM divisions.villages WHERE valid_to IS NULL"
        )

    @cached_property
    def cells(self) -> dict[str, str]:
        """Code to name of the cells in force."""
        return self._pairs("SELECT code, name FROM grid.cells WHERE valid_to IS NULL")

    @cached_property
    def retired(self) -> dict[str, Retired]:
        """Codes of villages and cells that were in force once and are not now."""
        rows = self._rows(
            "SELECT code, name, successors, valid_to FROM divisions.villages"
            " WHERE valid_to IS NOT NULL UNION ALL"
            " SELECT code, name, successors, valid_to FROM grid.cells"
            " WHERE valid_to IS NOT NULL ORDER BY valid_to"
        )
        return {row[0]: Retired(row[1], tuple(row[2]), row[3]) for row in rows}

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Other names and codes of divisions, to our code."""
        return self._pairs("SELECT alias, code FROM divisions.aliases")

    @cached_property
    def categories(self) -> dict[str, str]:
        """Code to name of object categories."""
        return self._pairs("SELECT code, name FROM objects.categories")

    @cached_property
    def matter_classes(self) -> dict[str, tuple[str, date | None, date | None]]:
        """Code to name and admitted days of matter classes."""
        rows = self._rows(
            "SELECT code, name, admitted_from, admitted_until FROM matters.classes"
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    @cached_property
    def land_uses(self) -> dict[str, dict[str, str]]:
        """Edition to code to name of land uses."""
        found: dict[str, dict[str, str]] = {}
        for edition, code, name in self._rows(
            "SELECT edition, code, name FROM land.uses"
        ):
            found.setdefault(edition, {})[code] = name
        return found

    def sealed(
        self, index: Sequence[bytes]
    ) -> dict[bytes, tuple[bytes | None, bytes | None]]:
        """Return what is sealed already of the people of some hashes: number, phone."""
        query = text(
            "SELECT id_number_index, id_number_sealed, phone_sealed"
            " FROM people.residents WHERE county_code = :county"
            " AND id_number_index = ANY(:index)"
        )
        values = {"county": self._county_code, "index": list(index)}
        rows = self._connection.execute(query, values)
        return {bytes(row[0]): (row[1], row[2]) for row in rows}

    def near_villages(self, code: str, name: str | None = None) -> str:
        """Return the villages a code or name may have meant, in words."""
        codes = difflib.get_close_matches(code, self.villages, OFFERED, 0.8)
        if name:
            names = {one: of for of, one in self.villages.items()}
            alike = difflib.get_close_matches(name, names, OFFERED, 0.5)
            codes += [names[one] for one in alike if names[one] not in codes]
        if not codes:
            codes = [one for one in self.villages if one.startswith(code[:9])]
        return "、".join(f"{one} {self.villages[one]}" for one in codes[:OFFERED])

    def villages_of(self, township: str) -> str:
        """Return the villages of a township, in words, the first few."""
        found = [
            f"{code} {name}"
            for code, name in self.villages.items()
            if code.startswith(township)
        ]
        return "、".join(found[:10]) + (" …" if len(found) > 10 else "")  # noqa: PLR2004 - as many as fit a cell

    def _rows(self, query: str) -> Any:  # noqa: ANN401 - rows of any query
        return self._connection.execute(text(query)).fetchall()

    def _pairs(self, query: str) -> dict[str, str]:
        return {row[0]: row[1] for row in self._rows(query)}
