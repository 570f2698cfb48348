"""Lock-outs: one line and one alert when the tries are used up, none for each try."""

from collections.abc import Callable

import httpx

from gis_service.access.throttling import TRIES_PER_ACCOUNT, TRIES_PER_ADDRESS
from tests.access.conftest import House, sign_in

_LINES = (
    "SELECT string_agg(act || ' ' || subject, '; ' ORDER BY id) FROM access.trail "
    "WHERE facts ->> 'address' = :address AND act <> 'signed_in'"
)
_ALERTS = (
    "SELECT string_agg(actor, '; ' ORDER BY id) FROM access.alerts "
    "WHERE kind = 'locked_out' AND facts ->> 'address' = :address"
)


async def _try_wrongly(client: httpx.AsyncClient, login: str, times: int) -> None:
    for _ in range(times):
        answer = await sign_in(client, login, "wrong password")
        assert answer.status_code in {401, 429}


async def test_fifth_wrong_password_is_one_line_and_one_alert(
    house: House, account: Callable[..., str]
) -> None:
    login, address = account(), "10.9.9.1"
    async with house.browser(address) as client:
        await _try_wrongly(client, login, TRIES_PER_ACCOUNT - 1)
        assert house.read(_LINES, address=address) is None
        await _try_wrongly(client, login, 3)
        assert house.read(_LINES, address=address) == f"locked_out account {login}"
        assert house.read(_ALERTS, address=address) == login


async def test_next_lock_is_another_line_and_the_alert_of_the_same_day(
    house: House, account: Callable[..., str]
) -> None:
    login, address = account(), "10.9.9.2"
    async with house.browser(address) as client:
        await _try_wrongly(client, login, TRIES_PER_ACCOUNT)
        house.run("UPDATE access.sign_in_attempts SET at = at - interval '16 minutes'")
        await _try_wrongly(client, login, TRIES_PER_ACCOUNT)
    line = f"locked_out account {login}"
    assert house.read(_LINES, address=address) == f"{line}; {line}"
    assert house.read(_ALERTS, address=address) == login


async def test_what_was_typed_as_an_unknown_login_is_written_nowhere(
    house: House,
) -> None:
    address = "10.9.9.3"
    async with house.browser(address) as client:
        await _try_wrongly(client, "my-secret-password", TRIES_PER_ACCOUNT)
    assert house.read(_LINES, address=address) == "locked_out unknown account"
    assert house.read(_ALERTS, address=address) == address
    for table in ("trail", "alerts"):
        told = house.read(f"SELECT string_agg(t::text, ' ') FROM access.{table} AS t")  # noqa: S608 - named above
        assert "my-secret-password" not in str(told)


async def test_address_that_tries_many_logins_is_one_line_too(house: House) -> None:
    address = "10.9.9.4"
    async with house.browser(address) as client:
        for number in range(TRIES_PER_ADDRESS + 2):
            await _try_wrongly(client, f"nobody{number}", 1)
    assert house.read(_LINES, address=address) == f"locked_out address {address}"
    assert house.read(_ALERTS, address=address) == address
