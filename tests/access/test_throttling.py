"""What a stranger at the door can try, and what the answers tell about logins."""

from collections.abc import Callable

import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from gis_service import app as application
from gis_service.access import accounts
from gis_service.access.throttling import TRIES_PER_ACCOUNT
from gis_service.database import engine
from gis_service.settings import Settings
from tests.access.conftest import PASSWORD, House, sign_in
from tests.world import serving

MANY = 30
WRONG = "wrong password"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the passwords that argon2 was made to check, as they come."""
    passwords: list[str] = []
    verify = Argon2Hasher.verify

    def counted(self: Argon2Hasher, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the library's name
        passwords.append(str(password))
        return verify(self, password, hash)

    monkeypatch.setattr(Argon2Hasher, "verify", counted)
    return passwords


async def test_account_has_five_tries_wherever_they_come_from(
    house: House, account: Callable[..., str], checked: list[str]
) -> None:
    login = account()
    statuses = []
    for _ in range(MANY):
        async with house.browser() as client:
            statuses.append((await sign_in(client, login, WRONG)).status_code)
    refused = MANY - TRIES_PER_ACCOUNT
    assert statuses == [401] * TRIES_PER_ACCOUNT + [429] * refused
    assert len(checked) == TRIES_PER_ACCOUNT, "a refused try costs nothing"


async def test_stranger_elsewhere_locks_nobody_out_of_a_familiar_address(
    house: House, account: Callable[..., str]
) -> None:
    login = account()
    async with house.browser() as home, house.browser() as stranger:
        assert (await sign_in(home, login)).status_code == 200
        spent = [401] * TRIES_PER_ACCOUNT + [429]
        assert [await _tried(stranger, login) for _ in spent] == spent
        assert (await sign_in(stranger, login)).status_code == 429
        # The owner still comes in, and that gives the stranger no tries back.
        assert (await sign_in(home, login)).status_code == 200
        assert await _tried(stranger, login) == 429
        assert [await _tried(home, login) for _ in spent] == spent
        assert (await sign_in(home, login)).status_code == 429


async def test_address_is_familiar_by_a_session_of_the_last_30_days(
    house: House, account: Callable[..., str]
) -> None:
    login = account()
    forget_successes = "DELETE FROM access.sign_in_attempts WHERE is_success"
    async with house.browser() as home, house.browser() as stranger:
        await sign_in(home, login)
        house.run(forget_successes)
        for _ in range(TRIES_PER_ACCOUNT):
            await _tried(stranger, login)
        assert (await sign_in(home, login)).status_code == 200
        house.run(forget_successes)
        house.run("UPDATE access.sessions SET created_at = now() - interval '31 days'")
        assert (await sign_in(home, login)).status_code == 429


async def _tried(client: httpx.AsyncClient, login: str) -> int:
    return (await sign_in(client, login, WRONG)).status_code


async def test_every_login_costs_one_check_whether_it_is_known_or_not(
    house: House, account: Callable[..., str], checked: list[str]
) -> None:
    known, closed = account(), account()
    with house.owner.begin() as connection:
        accounts.disable(connection, closed)
    told = []
    for login in (known, closed, "nobody-of-that-name"):
        checked.clear()
        async with house.browser() as client:
            answer = await sign_in(client, login, WRONG)
        assert checked == [WRONG], login
        told.append((answer.status_code, answer.json()))
    assert told[0] == told[1] == told[2]


async def test_pause_outlives_a_restart_of_the_service(
    copy_of_village: str, settings_for: Callable[[str], Settings]
) -> None:
    settings = settings_for(copy_of_village)
    somebody = accounts.NewAccount(login="somebody", name="某", role="officer")
    owner = engine(copy_of_village)
    with owner.begin() as connection:
        accounts.add(connection, somebody, PASSWORD)
    owner.dispose()
    async with serving(application.create(settings)) as client:
        for _ in range(TRIES_PER_ACCOUNT):
            assert await _status(client, WRONG) == 401
    async with serving(application.create(settings)) as client:
        assert await _status(client, PASSWORD) == 429


async def _status(client: httpx.AsyncClient, password: str) -> int:
    return (await sign_in(client, "somebody", password)).status_code
