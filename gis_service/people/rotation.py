"""Rotation of the master key: everything sealed is sealed anew, batch by batch.

The new key is in its file before the first row is sealed with it, and the old one
stays: whatever is killed, every row opens by one of the two, and the next run goes on
where this one ended, for each row names the key it was sealed with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from gis_service import keys
from gis_service.access import second_factor_keys
from gis_service.errors import ConflictError
from gis_service.people import sealing
from gis_service.people.sealing import Sealer, sealer_of
from gis_service.settings import Settings

BATCH = 20_000
INTAKES = 4_313_220_001
"""The lock intakes follow one another by: none may seal with the key that goes."""

_KEY_OF = "encode(substr({}, 2, 4), 'hex')"
_IS_STALE = (
    "(substr(id_number_sealed, 2, 4) <> :key_id OR substr(phone_sealed, 2, 4) <> "
    ":key_id)"
)
_COUNT = text(f"SELECT count(*) FROM people.residents WHERE {_IS_STALE}")  # noqa: S608 - above
_BATCH = text(f"""
    SELECT county_code, id, id_number_sealed, phone_sealed FROM people.residents
    WHERE (county_code, id) > (:county_code, :id) AND {_IS_STALE}
    ORDER BY county_code, id LIMIT :most FOR UPDATE
""")  # noqa: S608 - above
# A batch is a sliver of the table: to read it whole for each would take hours. Joins
# are left as they are, for the triggers join what was written.
_BY_KEY = text(
    "SELECT set_config('enable_seqscan', 'off', true), "
    "set_config('enable_bitmapscan', 'off', true)"
)
_WRITE = text("""
    UPDATE people.residents AS resident SET
        id_number_sealed = fresh.number, id_number_index = fresh.hash,
        phone_sealed = fresh.phone, phone_index = fresh.phone_hash
    FROM unnest(
        CAST(:counties AS text[]), CAST(:ids AS bigint[]), CAST(:numbers AS bytea[]),
        CAST(:hashes AS bytea[]), CAST(:phones AS bytea[]),
        CAST(:phone_hashes AS bytea[])
    ) AS fresh (county_code, id, number, hash, phone, phone_hash)
    WHERE resident.county_code = fresh.county_code COLLATE "C"
        AND resident.id = fresh.id
        -- Whatever the planner believes, a batch reads no more than its own stretch.
        AND (resident.county_code, resident.id) >=
            (CAST(:first_county AS text) COLLATE "C", CAST(:first_id AS bigint))
        AND (resident.county_code, resident.id) <=
            (CAST(:last_county AS text) COLLATE "C", CAST(:last_id AS bigint))
""")
_PER_KEY = text(f"""
    SELECT key_id, count(*) AS rows FROM (
        SELECT {_KEY_OF.format("id_number_sealed")} AS key_id FROM people.residents
        UNION ALL
        SELECT {_KEY_OF.format("phone_sealed")} FROM people.residents
    ) AS sealed WHERE key_id IS NOT NULL GROUP BY key_id
""")  # noqa: S608 - above
_BEFORE_CHANGES = text("""
    SELECT count(*) FROM intake.changes
    WHERE table_name = 'people.residents' AND before IS NOT NULL
""")


class RotationError(ConflictError):
    """The key cannot be rotated or forgotten now."""

    code = "key_rotation"
    title = "现在不能更换密钥 (the key cannot be rotated now)"


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A master key and how many values are sealed with it."""

    key_id: str
    state: str
    values: int


Heard = Callable[[int, int], None]
"""Hears of rows sealed anew, and of how many there are."""


def status(connection: Connection, settings: Settings) -> list[KeyInUse]:
    """Return every key that is here or that something is sealed with."""
    counted = second_factor_keys.count_by_key(connection, keys.keyring(settings))
    counted.update({row.key_id: row.rows for row in connection.execute(_PER_KEY)})
    states = {keys.key_id(keys.master_key(settings)).hex(): "current"}
    for file in keys.older_files(settings):
        state, _, named = file.name.rpartition(".")[2].partition("-")
        states.setdefault(named, state)
    states |= {named: "missing" for named in counted if named not in states}
    return [
        KeyInUse(named, state, counted.get(named, 0)) for named, state in states.items()
    ]


def rotate(engine: Engine, settings: Settings, heard: Heard) -> int:
    """Make a new key, or go on where a rotation ended, and seal all anew.

    Returns
    -------
    int
        How many rows of residents were sealed anew by this run.
    """
    with engine.connect() as holder:
        held = text("SELECT pg_try_advisory_xact_lock(:lock)")
        if not holder.execute(held, {"lock": INTAKES}).scalar_one():
            message = (
                "正有导入或另一次密钥更换，请稍后再试 "
                "(an intake or another rotation is at work: try again later)"
            )
            raise RotationError(message)
        renew_key(settings)
        sealer = sealer_of(settings)
        done = _seal_all(engine, sealer, heard)
        with engine.begin() as connection:
            second_factor_keys.seal_anew(connection, keys.keyring(settings))
        _finish(engine, settings, sealer)
    return done


def renew_key(settings: Settings) -> None:
    """Put a new key in the place of the newest, unless a rotation is not at its end."""
    file = keys.key_file(settings)
    current = keys.master_key(settings)
    begun = keys.older_files(settings, keys.RESEALING)
    old = file.with_name(f"{file.name}.{keys.RESEALING}-{keys.key_id(current).hex()}")
    if begun and old not in begun:
        return
    # Killed between the two, the old key is under both names and is replaced next time.
    keys.write_key(old, current, replace=True)
    keys.write_key(file, token_bytes(keys.KEY_BYTES), replace=True)


def forget(engine: Engine, settings: Settings) -> list[str]:
    """Remove the files of retired keys nothing is sealed with any more.

    Raises
    ------
    RotationError
        When something is sealed with one, or an undone intake could bring such back.
    """
    retired = keys.older_files(settings, keys.RETIRED)
    with engine.connect() as connection:
        found = status(connection, settings)
        changes = connection.execute(_BEFORE_CHANGES).scalar_one()
    used = [each for each in found if each.state == keys.RETIRED and each.values]
    if used:
        named = ", ".join(f"{each.key_id}: {each.values}" for each in used)
        message = (
            "仍有数据用旧密钥加密，请先运行 gis-grid keys rotate "
            f"(values are sealed with retired keys, rotate again first): {named}"
        )
        raise RotationError(message)
    if retired and changes:
        message = (
            f"仍可撤销的导入保存着 {changes} 行旧密钥的数据 "
            f"(imports that can be undone keep {changes} rows under older keys)"
        )
        raise RotationError(message)
    for file in retired:
        file.unlink()
    return [file.name for file in retired]


def _seal_all(engine: Engine, sealer: Sealer, heard: Heard) -> int:
    with engine.connect() as connection:
        total = connection.execute(_COUNT, {"key_id": sealer.key_id}).scalar_one()
    done = 0
    after: tuple[str, int] = ("", 0)
    while True:
        heard(done, total)
        with engine.begin() as connection:
            connection.execute(_BY_KEY)
            values = {"county_code": after[0], "id": after[1], "most": BATCH}
            rows = connection.execute(_BATCH, {**values, "key_id": sealer.key_id}).all()
            if not rows:
                return done
            connection.execute(_WRITE, _sealed_anew(rows, sealer))
        done += len(rows)
        after = (rows[-1].county_code, rows[-1].id)


def _sealed_anew(rows: Sequence[Row[Any]], sealer: Sealer) -> dict[str, list[Any]]:
    numbers = sealer.open([row.id_number_sealed for row in rows], sealing.ID_NUMBER)
    phones = sealer.open([row.phone_sealed for row in rows], sealing.PHONE)
    return {
        "first_county": rows[0].county_code,
        "first_id": rows[0].id,
        "last_county": rows[-1].county_code,
        "last_id": rows[-1].id,
        "counties": [row.county_code for row in rows],
        "ids": [row.id for row in rows],
        "numbers": sealer.seal(numbers, sealing.ID_NUMBER),
        "hashes": sealer.index(numbers),
        "phones": sealer.seal(phones, sealing.PHONE),
        "phone_hashes": sealer.index(phones, sealing.PHONE),
    }


def _finish(engine: Engine, settings: Settings, sealer: Sealer) -> None:
    with engine.begin() as connection:
        # Waits for whoever wrote with the old key and has not committed.
        connection.execute(
            text("LOCK TABLE people.residents, access.second_factors IN SHARE MODE")
        )
        left = connection.execute(_COUNT, {"key_id": sealer.key_id}).scalar_one()
        factors = second_factor_keys.count_by_key(connection, keys.keyring(settings))
        left += factors.total() - factors[sealer.key_id.hex()]
        if left:
            message = (
                f"还有 {left} 行，请再运行一次 ({left} rows are left: run it again)"
            )
            raise RotationError(message)
        for file in keys.older_files(settings, keys.RESEALING):
            retired = file.name.replace(f".{keys.RESEALING}-", f".{keys.RETIRED}-")
            file.rename(file.with_name(retired))
