"""Finding places by name, pinyin or code, and people by theirs.

Divisions, cells and centers are on every map and are found by everybody. People are
found only by those who see people, within their scope; what is answered of them is
masked.
"""

import asyncpg

from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.people import sealing
from gis_service.people.sealing import Sealer
from gis_service.queries.search_people import IN_ORDER, Directories
from gis_service.queries.search_places import places
from gis_service.queries.search_words import Words

MOST_RESULTS = 50


class Search:
    """Looks things up.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, people_in: Scope | None, words: Words, limit: int) -> bytes:
        """Return what is called so as JSON ``results``: the best first.

        Parameters
        ----------
        people_in
            Where households and residents are looked for too; None for nowhere.
            Places are found everywhere, as maps show them.
        words
            Name, part of it, pinyin, code or address.
        limit
            How many results at most.
        """
        if people_in is None or not people_in.branches:
            async with reading(self._pool) as reader:
                return _answer(await places(reader, words, limit))
        async with reading(self._pool, people_in) as reader:
            found = await places(reader, words, limit)
            await reader.execute(IN_ORDER)
            directories = Directories(reader, people_in, limit)
            people = await directories.households(words)
            people += await directories.residents(words)
        # A common beginning has more places than fit: people keep half of the list.
        kept = max(limit - len(people), (limit + 1) // 2)
        return _answer([*found[:kept], *people][:limit])

    async def find_by_number(
        self, people_in: Scope, words: Words, sealer: Sealer, limit: int
    ) -> bytes | None:
        """Return who has a whole identity number or telephone; None for nobody."""
        async with reading(self._pool, people_in) as reader:
            directories = Directories(reader, people_in, limit)
            if words.id_number is not None:
                indexes = sealer.indexes(words.id_number, sealing.ID_NUMBER)
                found = await directories.by_id_number(indexes)
            elif words.phone is not None:
                indexes = sealer.indexes(words.phone, sealing.PHONE)
                found = await directories.by_phone(indexes)
            else:
                found = []
        return _answer(found) if found else None


def _answer(results: list[str]) -> bytes:
    return f'{{"results" : [{", ".join(results)}]}}'.encode()
