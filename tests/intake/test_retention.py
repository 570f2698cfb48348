"""What rows were before a batch is forgotten after a while, and undo says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service.intake import batches, retention
from gis_service.intake.faults import UndoRefusedError
from tests import village
from tests.intake.conftest import Take

Table = Callable[..., Path]


def _changes(connection: Connection, batch_id: int | None) -> int:
    query = text("SELECT count(*) FROM intake.changes WHERE batch_id = :id")
    return int(connection.execute(query, {"id": batch_id}).scalar_one())


def test_old_changes_are_forgotten_and_younger_ones_kept(
    taken: Take, table: Table, connection: Connection
) -> None:
    home = {"户号": "H1", "村代码": village.EAST, "地址": "甲"}
    other = {**home, "户号": "H2"}
    old = taken("households", table([home])).files[0].batch_id
    young = taken("households", table([other], "b.csv")).files[0].batch_id
    connection.execute(
        text("UPDATE intake.batches SET at = at - interval '91 days' WHERE id = :id"),
        {"id": old},
    )
    assert (_changes(connection, old), _changes(connection, young)) == (1, 1)
    now = datetime.now(UTC)
    assert retention.forget_old_changes(connection, now - timedelta(days=2)) == 0
    assert retention.forget_old_changes(connection, now) == 1
    assert (_changes(connection, old), _changes(connection, young)) == (0, 1)
    with pytest.raises(UndoRefusedError, match="超过 90 天"):
        batches.undo(connection, old or 0, (village.COUNTY, "试验县"))
    assert batches.undo(connection, young or 0, (village.COUNTY, "试验县")).restored
