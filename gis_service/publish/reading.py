"""Runs the statements of a layer for a reader and gives what the database wrote."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import asyncpg
from sqlalchemy import ClauseElement

from gis_service import occasion
from gis_service.access.scope import Scope
from gis_service.database import reading
from gis_service.prepared import Shapes
from gis_service.publish import statements
from gis_service.publish.catalog import Layer
from gis_service.publish.questions import EVERYTHING, Question
from gis_service.publish.rows import code_range


class Reading:
    """Reads layers from a pool, compiling each shape of statement once.

    Parameters
    ----------
    pool
        Connections as the unprivileged login.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._shapes = Shapes()

    async def tile(self, layer: Layer, scope: Scope, z: int, x: int, y: int) -> bytes:
        """Return a vector tile."""
        row = await self.row(
            layer,
            scope,
            ("tile", layer.shape_at(z), layer.drawn_at(z)),
            lambda: statements.tile(layer, scope, z, x, y),
            statements.tile_values(z, x, y),
        )
        return bytes(row[0])

    async def page(
        self, layer: Layer, scope: Scope, question: Question
    ) -> Mapping[str, Any]:
        """Return the row of ``statements.page``."""
        row: Mapping[str, Any] = await self.row(
            layer,
            scope,
            ("page", question.shape),
            lambda: statements.page(layer, scope, question),
            question.values,
        )
        return row

    async def one(
        self,
        layer: Layer,
        scope: Scope,
        feature_id: int,
        question: Question = EVERYTHING,
    ) -> bytes | None:
        """Return one feature, None when the reader's scope holds no such."""
        row = await self.row(
            layer,
            scope,
            ("one", question.shape),
            lambda: statements.one(layer, scope, feature_id, question),
            {**question.values, "feature_id": feature_id},
        )
        features: bytes | None = row["features"]
        return features

    async def count(self, layer: Layer, scope: Scope, question: Question) -> int:
        """Return how many features there are on all pages together."""
        row = await self.row(
            layer,
            scope,
            ("count", question.shape),
            lambda: statements.count(layer, scope, question),
            question.values,
        )
        return int(row[0])

    async def row(
        self,
        layer: Layer,
        scope: Scope,
        purpose: Hashable,
        build: Callable[[], ClauseElement],
        values: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401 - asyncpg's Record
        """Return the first row of a statement over a layer, under a reader's scope.

        Parameters
        ----------
        layer
            The layer as its reader sees it.
        scope
            What the reader may see; its branches are among the values.
        purpose
            What tells the statement from the layer's others.
        build
            Makes the statement when it is new.
        values
            Values of its parameters beside those of the scope.
        """
        branches = scope.branches if layer.scope == "cell" else ()
        restricted = (layer.is_suppressed, layer.only_department is None)
        shape = (layer.id, restricted, len(branches), scope.is_county_wide, purpose)
        statement = self._shapes.get(shape, build)
        arguments = statement.arguments(
            **values, **_scope_values(scope), department=layer.only_department
        )
        # Only protected rows need a transaction with a role; the rest is open to the
        # login, and scoped by the statement.
        if not layer.protected:
            async with reading(self._pool) as reader:
                return await reader.fetchrow(statement.sql, *arguments)
        await occasion.check_budget()
        async with reading(self._pool, scope) as reader:
            row = await reader.fetchrow(statement.sql, *arguments)
        occasion.count_rows(row.get("returned", 0))
        return row


def _scope_values(scope: Scope) -> dict[str, str]:
    low, high = code_range(scope)
    branches = {f"branch_{n}": code for n, code in enumerate(scope.branches)}
    return {**branches, "scope_low": low, "scope_high": high}
