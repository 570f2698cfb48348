"""Frames written in bulk come back as they were."""

from datetime import UTC, date, datetime
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import psycopg
import pytest
from shapely import Point
from sqlalchemy import Connection, text

from gis_service import crs
from gis_service.copying import copy_frame

TABLE = """
CREATE TEMPORARY TABLE written (
    id bigint, label text, size double precision, is_open boolean, day date,
    moment timestamptz, codes text[], facts jsonb, sealed bytea,
    geom geometry(Point, 4490)
)
"""


@pytest.fixture
def driver(empty_connection: Connection) -> psycopg.Connection[Any]:
    empty_connection.execute(text(TABLE))
    return empty_connection.connection.driver_connection  # type: ignore[return-value] # the engine's driver


def _written(driver: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return driver.execute(
        "SELECT id, label, size, is_open, day, moment, codes, facts, sealed,"
        " ST_AsText(geom), ST_SRID(geom) FROM pg_temp.written ORDER BY id"
    ).fetchall()


def test_values_of_every_kind_come_back(driver: psycopg.Connection[Any]) -> None:
    odd = 'tab\t line\n slash\\ quote" brace{} 䶮𠮷'
    frame = geopandas.GeoDataFrame(
        {
            "id": [1, 2],
            "label": [odd, None],
            "size": [0.1, np.nan],
            "is_open": pd.array([True, None], dtype="boolean"),
            "day": [date(2026, 11, 23), None],
            "moment": pd.to_datetime(["2026-11-23T08:00:00+08:00", None]),
            "codes": [["01", odd, "", "null"], None],
            "facts": [{"名": odd}, None],
            "sealed": [b"\x00\\\xff", None],
        },
        geometry=[Point(111.3, 27.7), None],
        crs=crs.STORED,
    ).rename_geometry("geom")
    assert copy_frame(driver, "pg_temp.written", frame) == 2
    first, second = _written(driver)
    assert first == (
        1,
        odd,
        0.1,
        True,
        date(2026, 11, 23),
        datetime(2026, 11, 23, tzinfo=UTC),
        ["01", odd, "", "null"],
        {"名": odd},
        b"\x00\\\xff",
        "POINT(111.3 27.7)",
        4490,
    )
    assert second == (2, *[None] * 10)


def test_empty_lists_and_empty_texts_are_not_missing(
    driver: psycopg.Connection[Any],
) -> None:
    frame = pd.DataFrame({"id": [1], "label": [""], "codes": [[]]})
    copy_frame(driver, "pg_temp.written", frame)
    assert _written(driver)[0][1:7] == ("", None, None, None, None, [])


def test_categories_and_numbers_with_gaps_are_written(
    driver: psycopg.Connection[Any],
) -> None:
    frame = pd.DataFrame(
        {
            "id": pd.array([1, 2], dtype="Int64"),
            "label": pd.Categorical(["开", None]),
        }
    )
    copy_frame(driver, "pg_temp.written", frame)
    assert [row[1] for row in _written(driver)] == ["开", None]


def test_frame_longer_than_a_piece_is_written_whole(
    driver: psycopg.Connection[Any],
) -> None:
    frame = pd.DataFrame({"id": np.arange(45_000)})
    assert copy_frame(driver, "pg_temp.written", frame) == 45_000
    count = driver.execute("SELECT count(*) FROM pg_temp.written").fetchone()
    assert count == (45_000,)
