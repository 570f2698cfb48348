"""The demo county in the database: the same from the same seed, and without a slip."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Connection, Engine, text

from gis_service import doctor
from gis_service.demo import accounts, county, loading
from gis_service.demo.plan import Plan
from gis_service.demo.scale import Scale
from gis_service.demo.storage import CountyPresentError
from gis_service.errors import ConflictError
from gis_service.grid.attachment import Cells
from gis_service.people.id_number import check_all
from gis_service.people.sealing import ID_NUMBER, PHONE, Sealer
from tests.demo.conftest import SEED

SHEET = Path(__file__).with_name("facts_tiny_1.json")


def test_facts_are_those_written_down(facts: dict[str, Any]) -> None:
    assert facts == json.loads(SHEET.read_text(encoding="utf-8"))


def test_same_seed_gives_the_same_facts(
    demo_engine: Engine, sealer: Sealer, facts: dict[str, Any]
) -> None:
    again = loading.load_county(
        demo_engine, sealer, scale=Scale.TINY, seed=SEED, replace=True
    )
    assert again == facts


def test_county_is_not_overwritten_unasked(
    demo_engine: Engine, sealer: Sealer, facts: dict[str, Any]
) -> None:
    with pytest.raises(CountyPresentError, match="--replace"):
        loading.load_county(demo_engine, sealer, scale=Scale.TINY, seed=SEED)
    assert loading.stored_facts(demo_engine, scale=Scale.TINY, seed=SEED) == facts


def test_every_resident_has_a_number_nobody_was_given(
    tiny: Connection, sealer: Sealer
) -> None:
    rows = tiny.execute(
        text(
            "SELECT id_number_sealed, phone_sealed, birth_on, sex FROM people.residents"
        )
    ).all()
    numbers = pd.Series(sealer.open([row[0] for row in rows], ID_NUMBER), dtype="str")
    checked = check_all(numbers, county.TODAY)
    assert checked["problem"].isna().all()
    assert numbers.str.startswith("99").all()
    assert numbers.is_unique
    assert checked["birth_on"].dt.date.tolist() == [row[2] for row in rows]
    assert checked["sex"].tolist() == [row[3] for row in rows]
    phones = sealer.open([row[1] for row in rows], PHONE)
    assert all(phone is None or phone[3:6] == "000" for phone in phones)


LOCATED = (
    "people.households",
    "people.residents",
    "objects.objects",
    "matters.matters",
    "sites.centers",
    "sites.candidates",
)


@pytest.mark.parametrize("table", LOCATED)
def test_grid_code_is_that_of_the_cell_it_lies_in(tiny: Connection, table: str) -> None:
    query = f"SELECT grid_code, ST_X(geom), ST_Y(geom) FROM {table}"  # noqa: S608 - a name of the list above
    codes, lon, lat = zip(*tiny.execute(text(query)).all(), strict=True)
    found = Cells.load(tiny).codes_at(np.array(lon), np.array(lat))
    assert found.tolist() == list(codes)


def test_parcels_lie_in_their_cell_and_do_not_overlap(tiny: Connection) -> None:
    astray = """
        SELECT count(*) FROM land.parcels AS parcel
        INNER JOIN grid.cells AS cell
            ON parcel.grid_code = cell.code AND cell.valid_to IS NULL
        WHERE parcel.kind <> '宅基地' AND NOT ST_Covers(cell.geom, parcel.geom)
    """
    overlap = """
        SELECT count(*) FROM land.parcels AS one
        INNER JOIN land.parcels AS other
            ON one.id < other.id AND one.kind = other.kind
            AND ST_Intersects(one.geom_web, other.geom_web)
        WHERE ST_Area(ST_Intersection(one.geom_web, other.geom_web)) > 1
    """
    assert tiny.execute(text(astray)).scalar_one() == 0
    assert tiny.execute(text(overlap)).scalar_one() == 0


def test_contract_areas_are_mostly_within_a_tenth(tiny: Connection) -> None:
    share = """
        SELECT avg((abs(area_m2 / 666.667 / area_contract_mu - 1) < 0.1)::int)
        FROM land.parcels
    """
    assert tiny.execute(text(share)).scalar_one() > 0.9


def test_state_of_a_matter_follows_from_its_steps(tiny: Connection) -> None:
    contradictions = """
        SELECT count(*)
        FROM matters.matters AS matter
        INNER JOIN LATERAL (
            SELECT * FROM matters.steps
            WHERE matter_id = matter.id ORDER BY seq DESC LIMIT 1
        ) AS last ON true
        WHERE
            matter.state <> last.to_state
            OR matter.accepted_at < matter.reported_at
            OR matter.assigned_at < matter.accepted_at
            OR matter.answered_at < matter.assigned_at
            OR matter.closed_at < matter.answered_at
            OR last.at > '2026-11-23 08:00+08'
    """
    broken = """
        SELECT count(*) FROM (
            SELECT
                from_state,
                seq,
                at,
                lag(to_state) OVER one AS before,
                lag(at) OVER one AS at_before
            FROM matters.steps
            WINDOW one AS (PARTITION BY matter_id ORDER BY seq)
        ) AS step
        WHERE seq > 1 AND (from_state <> before OR at < at_before)
    """
    assert tiny.execute(text(contradictions)).scalar_one() == 0
    assert tiny.execute(text(broken)).scalar_one() == 0


def test_matters_have_the_shape_of_real_histories(facts: dict[str, Any]) -> None:
    matters = facts["matters"]
    assert matters["open_share"] == pytest.approx(0.06, abs=0.015)
    assert matters["late_share"] == pytest.approx(0.2, abs=0.03)
    assert matters["median_hours_to_close"] == pytest.approx(22, abs=5)
    assert matters["p90_hours_to_close"] == pytest.approx(1900, rel=0.3)


def test_kept_counts_are_those_of_the_rows(tiny: Connection) -> None:
    summed = "SELECT sum(residents), sum(parcels), sum(objects) FROM grid.summaries"
    counted = """
        SELECT
            (SELECT count(*) FROM people.residents),
            (SELECT count(*) FROM land.parcels),
            (SELECT count(*) FROM objects.objects)
    """
    assert tiny.execute(text(summed)).one() == tiny.execute(text(counted)).one()
    density = "SELECT sum(residents) FROM people.density WHERE zoom = 14"
    people = "SELECT count(*) FROM people.residents"
    assert tiny.execute(text(density)).scalar_one() == (
        tiny.execute(text(people)).scalar_one()
    )


def test_triggers_and_indexes_are_back_after_the_load(tiny: Connection) -> None:
    asleep = (
        "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
    )
    assert tiny.execute(text(asleep)).scalar_one() == 0
    index = "SELECT to_regclass('people.residents_id_number_index_key') IS NOT NULL"
    assert tiny.execute(text(index)).scalar_one()
    following = """
        INSERT INTO land.waters (name, kind, geom)
        SELECT name, kind, geom FROM land.waters LIMIT 1
    """
    tiny.execute(text(following))


def test_every_cell_has_a_reach_to_find_protected_rows_by(tiny: Connection) -> None:
    without = """
        SELECT count(*) FROM grid.cells AS cell
        LEFT JOIN grid.reaches AS reach ON cell.code = reach.code
        WHERE reach.code IS NULL AND cell.valid_to IS NULL
    """
    assert tiny.execute(text(without)).scalar_one() == 0


def test_demo_accounts_are_on_duty_where_they_may_look(tiny: Connection) -> None:
    on_duty = """
        SELECT DISTINCT account.login, left(duty.grid_code, 12)
        FROM grid.duties AS duty
        INNER JOIN access.accounts AS account ON duty.account_id = account.id
    """
    village = "SELECT code FROM divisions.villages WHERE name = '娘家村'"
    home = tiny.execute(text(village)).scalar_one()
    assert set(tiny.execute(text(on_duty)).all()) == {("officer", home), ("lead", home)}
    logins = tiny.execute(text("SELECT login FROM access.accounts")).scalars()
    assert set(accounts.LOGINS) <= set(logins)


def test_every_row_lies_where_maps_look_for_it(tiny: Connection) -> None:
    check = doctor.reaches(tiny)
    assert check.ok, check.says


def test_published_password_stays_out_of_a_database_of_others(
    tiny: Connection, plan: Plan
) -> None:
    wanted = accounts.listed(plan)
    accounts.renew(tiny, wanted)
    renamed = "UPDATE access.accounts SET name = '王某' WHERE login = 'admin'"
    tiny.execute(text(renamed))
    with pytest.raises(ConflictError, match="--replace"):
        accounts.renew(tiny, wanted)
    accounts.renew(tiny, wanted, replace=True)
