"""Matters of other systems: taken with their numbers or none, and known again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from tests import village
from tests.intake.conftest import Take, codes

Table = Callable[..., Path]
LON, LAT = village.place(500, 500)
HISTORY = {
    "class_code": "Complaint Type",
    "title": "Descriptor",
    "reported_at": "Created Date",
    "closed_at": "Closed Date",
    "due_at": "Due Date",
    "lon": "Longitude",
    "lat": "Latitude",
}
BEGINNING = f"20261101{village.COUNTY}"


def _row(number: int) -> dict[str, Any]:
    lon, lat = village.place(100 + 50 * number, 500)
    return {
        "Unique Key": 64_345_465 + number,
        "Created Date": "2026-11-01 08:30",
        "Closed Date": "2026-11-02 09:00" if number % 2 else "",
        "Due Date": "2026-11-05 08:30",
        "Agency": "某局",
        "Complaint Type": "暴露垃圾",
        "Descriptor": f"路边垃圾 {number}",
        "Longitude": lon,
        "Latitude": lat,
    }


def _stored(connection: Connection) -> list[tuple[str, str | None]]:
    query = "SELECT number, source_number FROM matters.matters"
    rows = connection.execute(text(f"{query} WHERE batch_id IS NOT NULL ORDER BY id"))
    return [(row.number, row.source_number) for row in rows]


def test_a_history_of_another_system_goes_in_and_comes_again(
    taken: Take, table: Table, connection: Connection
) -> None:
    rows = [_row(number) for number in range(5)]
    report = taken("matters", table(rows), crs="EPSG:4490", columns=HISTORY)
    assert report.files[0].merged.new == 5, list(report.files[0].findings)
    stored = _stored(connection)
    assert stored[0] == (f"{BEGINNING}000001", "64345465")
    assert len({number for number, _ in stored}) == 5
    again = table([_row(5), *reversed(rows)], "later.csv")
    later = taken("matters", again, crs="EPSG:4490", columns=HISTORY)
    merged = later.files[0].merged
    assert (merged.new, merged.changed, merged.same) == (1, 0, 5)
    assert _stored(connection) == [*stored, (f"{BEGINNING}000006", "64345470")]


def test_foreign_numbers_may_stand_where_ours_do(
    taken: Take, table: Table, connection: Connection
) -> None:
    ours = f"{BEGINNING}000007"
    row = {"类别": "暴露垃圾", "标题": "路边", "上报时间": "2026-11-01 08:30",
           "经度": LON, "纬度": LAT}  # fmt: skip
    rows = [{"事项编号": one, **row} for one in ("SR-2024-00123", ours, "7" * 64)]
    report = taken("matters", table(rows), crs="EPSG:4490")
    assert report.files[0].merged.new == 3, list(report.files[0].findings)
    assert _stored(connection) == [
        (f"{BEGINNING}000008", "SR-2024-00123"),
        (ours, None),
        (f"{BEGINNING}000009", "7" * 64),
    ]
    long = table([{"事项编号": "7" * 65, **row}], "long.csv")
    assert "too_long" in codes(taken("matters", long, crs="EPSG:4490"))


def test_matters_without_numbers_are_known_by_their_content(
    taken: Take, table: Table, connection: Connection
) -> None:
    rows = [{**_row(number)} for number in (1, 2, 2)]
    for row in rows:
        del row["Unique Key"]
    first = taken("matters", table(rows), crs="EPSG:4490", columns=HISTORY)
    assert (first.files[0].merged.new, first.refused) == (2, 1)
    assert "duplicate" in codes(first)
    closed = {**rows[1], "Closed Date": "2026-11-03 10:00"}
    file = table([rows[0], closed], "later.csv")
    later = taken("matters", file, crs="EPSG:4490", columns=HISTORY).files[0].merged
    assert (later.new, later.changed, later.same) == (0, 1, 1)
    assert [str(source)[0] for _, source in _stored(connection)] == ["#", "#"]
