"""Alembic's environment: which metadata, which database, what is compared."""

from collections.abc import MutableMapping
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine

import gis_service.access.models
import gis_service.access.second_factor_models
import gis_service.access.trail_models
import gis_service.divisions.models
import gis_service.grid.models
import gis_service.intake.models
import gis_service.land.models
import gis_service.matters.models
import gis_service.objects.models
import gis_service.people.models
import gis_service.sites.models  # noqa: F401 - the imports fill the metadata
from gis_service.tables import metadata

SCHEMAS = frozenset(
    table.schema for table in metadata.tables.values() if table.schema is not None
)


def _is_ours(name: str | None, kind: str, _parents: MutableMapping[Any, Any]) -> bool:
    return name in SCHEMAS if kind == "schema" else True


def _run() -> None:
    engine = create_engine(context.config.attributes["url"])
    with engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_schemas=True,
            include_name=_is_ours,
            include_object=alembic_helpers.include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=alembic_helpers.render_item,
        )
        context.run_migrations()
    engine.dispose()


_run()
