"""A new master key: nothing is lost, whenever the rotation is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Connection, Engine, text

from gis_service import backups, keys, postgres_install
from gis_service.access import accounts, second_factor
from gis_service.access.accounts import NewAccount
from gis_service.cluster import Cluster
from gis_service.database import engine
from gis_service.errors import ConflictError
from gis_service.intake import pipeline
from gis_service.people import rotation
from gis_service.people.rotation import RotationError
from gis_service.people.sealing import (
    ID_NUMBER,
    PHONE,
    SealBrokenError,
    Sealer,
    sealer_of,
)
from gis_service.settings import Settings
from tests.given_server import GivenServer
from tests.village import COUNTY, FIRST_CELL

MANY = 3000
NOON = 1_800_000_000
SOMEBODY = NewAccount(login="somebody", name="某", role="administrator")
SLOWLY = (
    "from gis_service.people import rotation; rotation.BATCH = 20; "
    "from gis_service.cli import main; main()"
)


def _quiet(done: int, total: int) -> None:
    assert done <= total


def _number(row_id: int) -> str:
    return f"99010119900101{row_id:04}"


def _fill(connection: Connection, sealer: Sealer, count: int) -> None:
    ids = list(range(100_000, 100_000 + count))
    numbers = [_number(each % 10_000) for each in ids]
    connection.execute(
        text(
            "INSERT INTO people.residents (county_code, id, name, grid_code, "
            "id_number_sealed, id_number_index, phone_sealed) "
            "SELECT :county, id, '甲', :cell, number, hash, phone FROM unnest("
            "CAST(:ids AS bigint[]), CAST(:numbers AS bytea[]), "
            "CAST(:hashes AS bytea[]), CAST(:phones AS bytea[])) "
            "AS made (id, number, hash, phone)"
        ),
        {
            "county": COUNTY,
            "cell": FIRST_CELL,
            "ids": ids,
            "numbers": sealer.seal(numbers, ID_NUMBER),
            "hashes": sealer.index(numbers),
            "phones": [
                None if row % 3 else sealed
                for row, sealed in enumerate(
                    sealer.seal(["13800001234"] * count, PHONE)
                )
            ],
        },
    )


@pytest.fixture
def kept(
    copy_of_village: str, settings_for: Callable[[str], Settings]
) -> Iterator[tuple[Engine, Settings]]:
    settings = settings_for(copy_of_village)
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        _fill(connection, sealer_of(settings), 60)
    yield owner, settings
    owner.dispose()


def _opened(owner: Engine, sealer: Sealer) -> dict[int, tuple[str | None, str | None]]:
    """Return what every filled row opens to, found by its hash."""
    query = text(
        "SELECT id, id_number_sealed, phone_sealed FROM people.residents "
        "WHERE id_number_index = ANY(:hashes)"
    )
    found = {}
    with owner.connect() as connection:
        ids = connection.execute(
            text("SELECT id FROM people.residents WHERE id >= 100000")
        ).scalars()
        for row_id in ids.all():
            hashes = sealer.indexes(_number(row_id % 10_000))
            row = connection.execute(query, {"hashes": hashes}).one()
            (number,) = sealer.open([row.id_number_sealed], ID_NUMBER)
            (phone,) = sealer.open([row.phone_sealed], PHONE)
            found[row.id] = (number, phone)
    return found


def _as_filled(count: int) -> dict[int, tuple[str | None, str | None]]:
    return {
        100_000 + row: (_number(row), None if row % 3 else "13800001234")
        for row in range(count)
    }


def test_everything_is_sealed_anew_and_opens(kept: tuple[Engine, Settings]) -> None:
    owner, settings = kept
    before = keys.master_key(settings)
    assert rotation.rotate(owner, settings, _quiet) == 60
    after = keys.master_key(settings)
    assert after != before
    # The newest key alone is enough, for values and hashes alike.
    assert _opened(owner, Sealer(after)) == _as_filled(60)
    with owner.connect() as connection:
        hashes = connection.execute(
            text(
                "SELECT DISTINCT phone_index FROM people.residents "
                "WHERE phone_sealed IS NOT NULL"
            )
        ).scalars()
        assert list(hashes) == Sealer(after).index(["13800001234"], PHONE)
        found = {
            each.state: each.values for each in rotation.status(connection, settings)
        }
    assert found == {"current": 80, "retired": 0}


def test_key_files_are_for_their_owner_alone_and_not_in_the_database(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    rotation.rotate(owner, settings, _quiet)
    files = [keys.key_file(settings), *keys.older_files(settings)]
    assert len(files) == 2
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600


def test_half_way_rows_are_found_and_open_under_both_keys(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    worker = sealer_of(settings)
    rotation.renew_key(settings)
    fresh = sealer_of(settings)
    assert fresh.key_id != worker.key_id
    with owner.begin() as connection:
        _fill_over(connection, fresh)
    assert _opened(owner, fresh) == _as_filled(60)
    with pytest.raises(ConflictError):
        keys.sealing_key(settings)


def _fill_over(connection: Connection, sealer: Sealer) -> None:
    """Seal the first half anew, as a rotation does."""
    query = text(
        "SELECT county_code, id, id_number_sealed, phone_sealed "
        "FROM people.residents WHERE id BETWEEN 100000 AND 100029 "
        "ORDER BY county_code, id"
    )
    rows = connection.execute(query).all()
    connection.execute(rotation._WRITE, rotation._sealed_anew(rows, sealer))  # noqa: SLF001 - half a rotation


def test_rotation_goes_on_with_the_key_it_began_with(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    rotation.renew_key(settings)
    begun = keys.master_key(settings)
    rotation.rotate(owner, settings, _quiet)
    assert keys.master_key(settings) == begun
    assert not keys.keyring(settings).is_resealing


def test_killed_between_the_two_files_the_key_is_replaced_next_time(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    file, current = keys.key_file(settings), keys.master_key(settings)
    old = file.with_name(f"{file.name}.resealing-{keys.key_id(current).hex()}")
    keys.write_key(old, current, replace=True)
    assert _opened(owner, sealer_of(settings)) == _as_filled(60)
    rotation.rotate(owner, settings, _quiet)
    assert keys.master_key(settings) != current
    assert _opened(owner, sealer_of(settings)) == _as_filled(60)


def test_killed_in_the_midst_nothing_is_lost(
    kept: tuple[Engine, Settings], tmp_path: Path
) -> None:
    owner, settings = kept
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM people.residents WHERE id >= 100000"))
        _fill(connection, sealer_of(settings), MANY)
    environment = {
        **os.environ,
        "GIS_DATABASE_URL": str(settings.database_url),
        "GIS_LOGIN_DATABASE_URL": str(settings.login_database_url),
        "GIS_DATA_FOLDER": str(settings.data_folder),
    }
    command = [sys.executable, "-c", SLOWLY, "keys", "rotate"]
    kills = 0
    for share in (0.2, 0.5, 0.8):
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, cwd=tmp_path
        )
        while _sealed_anew(owner, settings) < share * MANY and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        sealer = sealer_of(settings)
        assert len(_opened_at_once(owner, sealer)) == MANY
    assert kills == 3
    subprocess.run(
        command, env=environment, check=True, stdout=subprocess.DEVNULL, cwd=tmp_path
    )
    newest = Sealer(keys.master_key(settings))
    assert _opened_at_once(owner, newest) == {_number(row) for row in range(MANY)}


def _sealed_anew(owner: Engine, settings: Settings) -> int:
    if not keys.keyring(settings).is_resealing:
        return 0
    with owner.connect() as connection:
        found = rotation.status(connection, settings)
    return next(each.values for each in found if each.state == "current")


def _opened_at_once(owner: Engine, sealer: Sealer) -> set[str | None]:
    with owner.connect() as connection:
        sealed = connection.execute(
            text("SELECT id_number_sealed FROM people.residents WHERE id >= 100000")
        ).scalars()
        return set(sealer.open(sealed.all(), ID_NUMBER))


def test_backup_from_before_needs_the_old_key_and_says_so(
    kept: tuple[Engine, Settings], cluster: Cluster | GivenServer, tmp_path: Path
) -> None:
    owner, settings = kept
    postgres = postgres_install.find()
    file = tmp_path / "before.dump"
    backups.write(postgres, str(settings.database_url), file)
    rotation.rotate(owner, settings, _quiet)
    cluster.create_database("before_rotation")
    backups.read(postgres, cluster.url("before_rotation"), file)
    restored = engine(cluster.url("before_rotation"))
    assert _opened(restored, sealer_of(settings)) == _as_filled(60)
    (old,) = keys.older_files(settings, keys.RETIRED)
    old.rename(tmp_path / "elsewhere")
    with pytest.raises(SealBrokenError) as refusal:
        _opened_at_once(restored, sealer_of(settings))
    assert old.name.rpartition("-")[2] in refusal.value.detail
    assert "放回" in refusal.value.detail
    (tmp_path / "elsewhere").rename(old)
    # Sealed anew, the restored rows need the old key no longer.
    rotation.rotate(restored, settings, _quiet)
    assert _opened(restored, Sealer(keys.master_key(settings))) == _as_filled(60)
    restored.dispose()
    cluster.drop_database("before_rotation")


def test_retired_keys_are_forgotten_only_when_nothing_needs_them(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    rotation.rotate(owner, settings, _quiet)
    with owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO intake.batches (id, what, file_name, file_sha256, "
                "options, rows_total, rows_new, rows_changed, rows_same, "
                "rows_refused, actor) "
                "OVERRIDING SYSTEM VALUE VALUES (1, 'residents', 'x', 'x', '{}', "
                "1, 0, 1, 0, 0, 'x')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO intake.changes (batch_id, table_name, row_id, before) "
                "VALUES (1, 'people.residents', 10, '{}')"
            )
        )
    with pytest.raises(RotationError):
        rotation.forget(owner, settings)
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM intake.changes"))
    assert len(rotation.forget(owner, settings)) == 1
    assert keys.older_files(settings) == []
    assert _opened(owner, sealer_of(settings)) == _as_filled(60)


def test_enrolled_account_signs_in_before_and_after_rotate_and_forget(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    totp = _enrol(owner, settings)
    before = keys.master_key(settings)
    assert _verdict(owner, settings, totp.at(NOON)) == "right"
    rotation.renew_key(settings)
    # Half way the secret is under the former key, and codes are right all the same.
    assert _verdict(owner, settings, totp.at(NOON + 30)) == "right"
    rotation.rotate(owner, settings, _quiet)
    assert _verdict(owner, settings, totp.at(NOON + 60)) == "right"
    assert len(rotation.forget(owner, settings)) == 1
    assert keys.keyring(settings).older == ()
    assert keys.master_key(settings) != before
    assert _verdict(owner, settings, totp.at(NOON + 90)) == "right"
    assert _verdict(owner, settings, totp.at(NOON + 90)) == "wrong"


def test_key_of_a_second_factor_is_not_forgotten(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    before = keys.keyring(settings)
    rotation.rotate(owner, settings, _quiet)
    # As of a backup that was restored after the rotation.
    with owner.begin() as connection:
        number = accounts.add(connection, SOMEBODY, "correct horse battery")
        second_factor.begin(connection, number, SOMEBODY.login, before)
    with pytest.raises(RotationError) as refusal:
        rotation.forget(owner, settings)
    assert f"{keys.key_id(before.current).hex()}: 1" in refusal.value.detail
    assert len(keys.older_files(settings)) == 1
    rotation.rotate(owner, settings, _quiet)
    assert len(rotation.forget(owner, settings)) == 2


def _enrol(owner: Engine, settings: Settings) -> pyotp.TOTP:
    ring = keys.keyring(settings)
    with owner.begin() as connection:
        number = accounts.add(connection, SOMEBODY, "correct horse battery")
        made = second_factor.begin(connection, number, SOMEBODY.login, ring)
        totp = pyotp.TOTP(made.secret)
        first = totp.at(NOON - 30)
        assert second_factor.confirm(connection, number, first, ring, NOON - 30)
    return totp


def _verdict(owner: Engine, settings: Settings, code: str) -> str:
    moments = (NOON, NOON + 60, NOON + 90)
    with owner.begin() as connection:
        query = text("SELECT id FROM access.accounts WHERE login = :login")
        number = connection.execute(query, {"login": SOMEBODY.login}).scalar_one()
        ring = keys.keyring(settings)
        found = [
            second_factor.judge(connection, number, code, ring, at) for at in moments
        ]
    return "right" if "right" in found else found[0]


def test_rotation_waits_for_no_intake_but_refuses(
    kept: tuple[Engine, Settings],
) -> None:
    owner, settings = kept
    assert rotation.INTAKES == pipeline.ONE_AT_A_TIME
    with owner.begin() as intake:
        lock = text("SELECT pg_advisory_xact_lock(:lock)")
        intake.execute(lock, {"lock": pipeline.ONE_AT_A_TIME})
        with pytest.raises(RotationError):
            rotation.rotate(owner, settings, _quiet)


def test_key_named_by_a_setting_is_never_made(tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path, master_key_file=tmp_path / "mispelt")
    with pytest.raises(keys.KeyFileError):
        keys.master_key(settings)
    (tmp_path / "mispelt").write_bytes(b"short")
    with pytest.raises(keys.KeyFileError):
        keys.master_key(settings)
    (tmp_path / "mispelt").write_bytes(b"k" * 32)
    assert keys.master_key(settings) == b"k" * 32


def test_key_in_a_folder_that_takes_no_file_is_not_rotated() -> None:
    settings = Settings(master_key_file=Path("/proc/version"))
    before = keys.master_key(settings)
    with pytest.raises(keys.KeyFileError):
        rotation.renew_key(settings)
    assert keys.master_key(settings) == before
