"""Households and residents, by their directories, under the reader's scope.

A directory's signature (migration 0026) tells which cells cannot hold what is looked
for; the others are opened in the order of their codes until enough is found. Every
operator that an index is asked with is leakproof, so that it serves scoped readers.
"""

from dataclasses import dataclass

import asyncpg

from gis_service.access.scope import Scope
from gis_service.queries.search_places import AS_RESULT
from gis_service.queries.search_words import LEAST_OF_A_NAME, Words, beginning, pairs

BITS_ASKED = 4

# In the order of the index and from the index alone: the planner cannot see into the
# signature and would collect and sort the directories of a whole county.
IN_ORDER = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off"

_ENTRIES = """
WITH entry AS MATERIALIZED (
    SELECT entry.id, entry.line
    FROM unnest($1::text[], $2::text[]) AS branch (low, high)
    CROSS JOIN LATERAL (
        SELECT page.ids[written.place - 1] AS id, written.line
        FROM people.directory AS page
        CROSS JOIN LATERAL unnest(string_to_array(page.{column}, chr(10)))
            WITH ORDINALITY AS written (line, place)
        WHERE page.kind = '{kind}'
            AND page.grid_code >= branch.low AND page.grid_code < branch.high
            AND get_bit(page.signature, (SELECT people.signature_bit($5))) = 1
            AND get_bit(page.signature, (SELECT people.signature_bit($6))) = 1
            AND get_bit(page.signature, (SELECT people.signature_bit($7))) = 1
            AND get_bit(page.signature, (SELECT people.signature_bit($8))) = 1
            AND strpos(page.{column}, $3) > 0
            AND strpos(chr(10) || written.line || chr(10), $3) > 0
        ORDER BY page.grid_code, page.part
        LIMIT $9
    ) AS entry
    LIMIT $9
)
"""
_RANK = """
    CASE WHEN entry.line = $4 THEN 0 WHEN starts_with(entry.line, $4) THEN 1 ELSE 2 END
"""
_RESIDENT = """
    'resident' AS kind, resident.id::text AS code,
    people.masked_name(resident.name) AS title, village.name AS subtitle, resident.geom
"""
_IN_VILLAGE = """
    LEFT JOIN divisions.villages AS village
        ON village.code = left(resident.grid_code, 12) AND village.valid_to IS NULL
"""
_RESIDENTS = f"""{_ENTRIES}
SELECT found.id, found.rank, {AS_RESULT} AS result FROM (
    SELECT resident.id, {_RANK} AS rank, {_RESIDENT}
    FROM entry INNER JOIN people.residents AS resident ON resident.id = entry.id
    {_IN_VILLAGE}
) AS found
"""  # noqa: S608 - put together from the constants above
_HOUSEHOLDS = f"""{_ENTRIES}
SELECT found.id, found.rank, {AS_RESULT} AS result FROM (
    SELECT home.id, {_RANK} AS rank, 'household' AS kind, home.code,
        home.code AS title, home.geom,
        -- Down to the villager group; the written address may hold a door and a name.
        concat(village.name, home.group_no::text || '组') AS subtitle
    FROM entry INNER JOIN people.households AS home ON home.id = entry.id
    LEFT JOIN divisions.villages AS village
        ON village.code = home.village_code AND village.valid_to IS NULL
) AS found
"""  # noqa: S608 - put together from the constants above
_BY_NUMBER = f"""
SELECT found.id, 0 AS rank, {AS_RESULT} AS result FROM (
    SELECT resident.id, {_RESIDENT}
    FROM people.residents AS resident
    {_IN_VILLAGE}
    WHERE {{known}} AND resident.grid_code ^@ ANY($2::text[])
    ORDER BY resident.id LIMIT $3
) AS found
"""  # noqa: S608 - put together from the constants above
_BY_ID_NUMBER = _BY_NUMBER.format(
    known="resident.county_code = $4 AND resident.id_number_index = ANY($1::bytea[])"
)
_BY_PHONE = _BY_NUMBER.format(known="resident.phone_index = ANY($1::bytea[])")

NAMES = _RESIDENTS.format(kind="resident", column="words")
INITIALS = _RESIDENTS.format(kind="resident", column="keys")
ADDRESSES = _HOUSEHOLDS.format(kind="household", column="words")
CODES = _HOUSEHOLDS.format(kind="household", column="keys")


@dataclass(frozen=True, slots=True)
class Directories:
    """The directories of a scope, opened by one connection under it."""

    reader: asyncpg.Connection
    scope: Scope
    limit: int

    async def households(self, words: Words) -> list[str]:
        """Return households by number, its beginning, or a part of the address."""
        code = words.text.upper()
        known = beginning(code) if code.isascii() and code.isalnum() else None
        found = []
        if known is not None:
            found = await self._ranked(CODES, code, grams=[known], parts=False)
        if len(words.text) >= LEAST_OF_A_NAME and not words.text.isascii():
            found += await self._ranked(ADDRESSES, words.text)
        return found[: self.limit]

    async def residents(self, words: Words) -> list[str]:
        """Return residents by a part of the name, the surname, or pinyin initials."""
        text = words.text
        found = []
        if words.pinyin is not None and len(words.pinyin) >= LEAST_OF_A_NAME:
            found = await self._ranked(INITIALS, words.pinyin)
        elif not text.isascii():
            found = await self._ranked(NAMES, text, parts=len(text) >= LEAST_OF_A_NAME)
        return found

    async def by_id_number(self, indexes: list[bytes]) -> list[str]:
        """Return the resident of an identity number, by its keyed hashes."""
        county = self.scope.prefix[:6]
        return await self._by_number(_BY_ID_NUMBER, indexes, county)

    async def by_phone(self, indexes: list[bytes]) -> list[str]:
        """Return the residents of a telephone, by its keyed hashes."""
        return await self._by_number(_BY_PHONE, indexes)

    async def _by_number(
        self, statement: str, indexes: list[bytes], *rest: str
    ) -> list[str]:
        branches = list(self.scope.branches)
        rows = await self.reader.fetch(statement, indexes, branches, self.limit, *rest)
        return [row["result"] for row in rows]

    async def _ranked(
        self,
        statement: str,
        text: str,
        *,
        grams: list[str] | None = None,
        parts: bool = True,
    ) -> list[str]:
        """Return whole names before beginnings before parts.

        Where fewer are found than asked for, they are all there are, and are put in
        order; otherwise better ones may follow and are asked for by themselves.
        """
        whole, begins = f"\n{text}\n", f"\n{text}"
        widest = text if parts else begins
        rows = await self._entries(statement, widest, text, grams)
        if len(rows) == self.limit:
            better = await self._entries(statement, whole, text, grams)
            if parts and len(better) < self.limit:
                better += await self._entries(statement, begins, text, grams)
            rows = better + rows
        rows.sort(key=lambda row: int(row["rank"]))
        each_once = {row["id"]: str(row["result"]) for row in reversed(rows)}
        return list(reversed(each_once.values()))[: self.limit]

    async def _entries(
        self, statement: str, needle: str, text: str, grams: list[str] | None
    ) -> list[asyncpg.Record]:
        lows = sorted(self.scope.branches)
        highs = [f"{low}~" for low in lows]
        asked = pairs(needle, BITS_ASKED) if grams is None else grams * BITS_ASKED
        rows: list[asyncpg.Record] = await self.reader.fetch(
            statement, lows, highs, needle, text, *asked, self.limit
        )
        return rows
