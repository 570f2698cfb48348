"""Single sign-on with a real OpenID Connect provider, a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from gis_service.access import accounts
from tests.access.conftest import House, role_of

PROVIDER = Path(sys.executable).with_name("oidc-provider-mock")
SECRET = "of the tests' client"  # noqa: S105 - of a provider that lives for a test
EXPIRED_S = -600


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _provider(*options: str) -> Iterator[str]:
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [PROVIDER, "--port", str(port), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(150):
        try:
            httpx.get(f"{address}/.well-known/openid-configuration")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    yield from _provider()


@pytest.fixture(scope="module")
def late_issuer() -> Iterator[str]:
    """Return a provider whose tokens are past their time when they are made."""
    yield from _provider(f"--token-max-age={EXPIRED_S}")


@pytest.fixture
def trusting(
    house: House, issuer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """Return a function that lets the service trust a provider."""
    secret = tmp_path / "client_secret"
    secret.write_text(SECRET)

    def trust(address: str = issuer) -> None:
        monkeypatch.setattr(house.settings, "oidc_issuer", address)
        monkeypatch.setattr(house.settings, "oidc_client_id", "grid")
        monkeypatch.setattr(house.settings, "oidc_client_secret_file", secret)

    trust()
    return trust


@pytest.fixture
def enrolled(house: House, account: Callable[..., str]) -> str:
    """Return an account with a second factor, whose secret no provider needs."""
    login = account("officer")
    house.run(
        "INSERT INTO access.second_factors (account_id, secret_sealed, confirmed_at) "
        "SELECT id, 'sealed', now() FROM access.accounts WHERE login = :login",
        login=login,
    )
    return login


def _know(issuer: str, subject: str, **claims: object) -> None:
    """Let the provider know somebody."""
    answer = httpx.put(f"{issuer}/users/{subject}", json=claims)
    assert answer.status_code < 300, answer.text


def _bind(house: House, login: str) -> None:
    """Bind an account by hand, as the operator does."""
    with house.owner.begin() as connection:
        accounts.bind_subject(connection, login, f"sub-{login}")


async def _start(browser: httpx.AsyncClient) -> str:
    answer = await browser.get("/api/oidc/start")
    assert answer.status_code == 302
    return answer.headers["location"]


def _agree(address: str, subject: str) -> str:
    """Sign in at the provider; return where it sends the browser, host left out."""
    answer = httpx.post(address, data={"sub": subject})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def _changed(address: str, **values: str) -> str:
    parts = urlsplit(address)
    query = {name: each[0] for name, each in parse_qs(parts.query).items()} | values
    return urlunsplit(parts._replace(query=urlencode(query)))


@pytest.mark.usefixtures("trusting")
async def test_account_is_signed_in_with_role_and_scope_of_our_own(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str], issuer: str
) -> None:
    login = account("officer")
    _know(
        issuer,
        f"sub-{login}",
        preferred_username=login,
        role="administrator",
        branches=["431322"],
    )
    address = await _start(browser)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    answer = await browser.get(_agree(address, f"sub-{login}"))
    assert answer.status_code == 302
    assert answer.headers["location"] == "/"
    shown = (await browser.get("/api/session")).json()["account"]
    assert (shown["login"], shown["role"]) == (login, "officer")
    assert shown["branches"] != ["431322"]
    lines = (
        "SELECT count(*) FROM access.trail WHERE actor = :it "
        "AND act = 'signed_in_by_single_sign_on'"
    )
    assert house.read(lines, it=login) == 1


@pytest.mark.usefixtures("trusting")
async def test_subject_counts_once_it_is_known(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str], issuer: str
) -> None:
    login = account("officer")
    _know(issuer, f"first-{login}", preferred_username=login)
    await browser.get(_agree(await _start(browser), f"first-{login}"))
    assert await role_of(browser) == "officer"
    # The login was given to somebody else at the provider.
    _know(issuer, f"second-{login}", preferred_username=login)
    async with house.browser() as other:
        answer = await other.get(_agree(await _start(other), f"second-{login}"))
        assert answer.headers["location"] == "/#/login?problem=oidc_unknown"
        assert await role_of(other) == "visitor"


@pytest.mark.usefixtures("trusting")
async def test_unknown_and_disabled_accounts_are_refused(
    house: House, browser: httpx.AsyncClient, account: Callable[..., str], issuer: str
) -> None:
    login = account("officer")
    with house.owner.begin() as connection:
        accounts.disable(connection, login)
    for name in (login, "nobody-we-know"):
        _know(issuer, f"sub-{name}", preferred_username=name)
        answer = await browser.get(_agree(await _start(browser), f"sub-{name}"))
        assert answer.headers["location"] == "/#/login?problem=oidc_unknown"
    assert await role_of(browser) == "visitor"


@pytest.mark.usefixtures("trusting")
async def test_wrong_state_nonce_or_code_signs_nobody_in(
    browser: httpx.AsyncClient, account: Callable[..., str], issuer: str
) -> None:
    login = account("officer")
    subject = f"sub-{login}"
    _know(issuer, subject, preferred_username=login)
    back = _agree(await _start(browser), subject)
    other_state = _changed(back, state="another")
    refused = [(await browser.get(other_state)).headers["location"]]
    forged = _changed(await _start(browser), nonce="another")
    refused.append((await browser.get(_agree(forged, subject))).headers["location"])
    back = _agree(await _start(browser), subject)
    assert (await browser.get(back)).headers["location"] == "/"
    await browser.delete("/api/session")
    # Once more with the flow that is over, then the used code in a flow of its own.
    refused.append((await browser.get(back)).headers["location"])
    fresh = parse_qs(urlsplit(await _start(browser)).query)["state"][0]
    refused.append((await browser.get(_changed(back, state=fresh))).headers["location"])
    assert refused == ["/#/login?problem=oidc_failed"] * 4
    assert await role_of(browser) == "visitor"


async def test_expired_id_token_signs_nobody_in(
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    late_issuer: str,
    trusting: Callable[..., None],
) -> None:
    trusting(late_issuer)
    login = account("officer")
    _know(late_issuer, f"sub-{login}", preferred_username=login)
    answer = await browser.get(_agree(await _start(browser), f"sub-{login}"))
    assert answer.headers["location"] == "/#/login?problem=oidc_failed"
    assert await role_of(browser) == "visitor"


@pytest.mark.usefixtures("trusting")
async def test_page_is_told_of_the_single_sign_on(browser: httpx.AsyncClient) -> None:
    ways = (await browser.get("/api/session")).json()["ways"]
    assert ways == {"oidc": {"title": "统一身份认证", "url": "/api/oidc/start"}}


async def test_there_is_none_unless_it_is_set(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/oidc/start")
    assert answer.status_code == 404
    assert answer.json()["code"] == "no_single_sign_on"


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("methods", "lands_on"),
    [
        (None, "/#/login?problem=second_factor_wanted"),
        (["pwd"], "/#/login?problem=second_factor_wanted"),
        ("mfa", "/#/login?problem=oidc_failed"),  # not the list of the standard
        ([{"mfa": True}], "/#/login?problem=second_factor_wanted"),
        (["pwd", "otp"], "/"),
        (["mfa"], "/"),
    ],
)
async def test_account_with_a_second_factor_is_let_in_by_two_factors_only(  # noqa: PLR0913, PLR0917 - fixtures
    house: House,
    browser: httpx.AsyncClient,
    enrolled: str,
    issuer: str,
    methods: object,
    lands_on: str,
) -> None:
    login = enrolled
    _bind(house, login)
    amr = {} if methods is None else {"amr": methods}
    _know(issuer, f"sub-{login}", preferred_username=login, **amr)
    answer = await browser.get(_agree(await _start(browser), f"sub-{login}"))
    assert answer.headers["location"] == lands_on
    assert await role_of(browser) == ("officer" if lands_on == "/" else "visitor")


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("methods", "state"), [(["pwd"], "enrol"), (["pwd", "hwk"], "off")]
)
async def test_account_that_must_enrol_need_not_where_the_provider_asked_for_two(  # noqa: PLR0913, PLR0917 - fixtures
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    issuer: str,
    methods: list[str],
    state: str,
) -> None:
    login = account("officer", needs_second_factor=True)
    _bind(house, login)
    _know(issuer, f"sub-{login}", preferred_username=login, amr=methods)
    await browser.get(_agree(await _start(browser), f"sub-{login}"))
    shown = (await browser.get("/api/session")).json()["account"]
    assert shown["second_factor"] == state
    assert shown["home_map"] == ("county" if state == "enrol" else "officer")


@pytest.mark.usefixtures("trusting")
async def test_operator_may_vouch_for_a_provider_that_says_no_methods(
    house: House,
    browser: httpx.AsyncClient,
    enrolled: str,
    issuer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(house.settings, "oidc_is_second_factor", True)
    _bind(house, enrolled)
    _know(issuer, f"sub-{enrolled}", preferred_username=enrolled)
    await browser.get(_agree(await _start(browser), f"sub-{enrolled}"))
    assert await role_of(browser) == "officer"


@pytest.mark.usefixtures("trusting")
@pytest.mark.parametrize(
    ("role", "needs"),
    [
        ("administrator", False),
        ("supervisor", False),
        ("auditor", False),
        ("officer", True),
    ],
)
async def test_name_chosen_at_the_provider_opens_no_account_of_weight(  # noqa: PLR0913 - fixtures
    house: House,
    browser: httpx.AsyncClient,
    account: Callable[..., str],
    issuer: str,
    role: str,
    *,
    needs: bool,
) -> None:
    login = account(role, needs_second_factor=needs)
    _know(issuer, f"sub-{login}", preferred_username=login, amr=["mfa"])
    answer = await browser.get(_agree(await _start(browser), f"sub-{login}"))
    assert answer.headers["location"] == "/#/login?problem=oidc_unknown"
    assert await role_of(browser) == "visitor"
    bound = "SELECT oidc_subject FROM access.accounts WHERE login = :it"
    assert house.read(bound, it=login) is None
    refused = (
        "SELECT count(*) FROM access.trail WHERE actor = :it "
        "AND act = 'failed_single_sign_on'"
    )
    assert house.read(refused, it=login) == 1
    _bind(house, login)
    answer = await browser.get(_agree(await _start(browser), f"sub-{login}"))
    assert answer.headers["location"] == "/"
    assert await role_of(browser) == role


@pytest.mark.usefixtures("trusting")
async def test_name_chosen_at_the_provider_passes_no_second_factor_by(
    browser: httpx.AsyncClient, enrolled: str, issuer: str
) -> None:
    _know(issuer, f"sub-{enrolled}", preferred_username=enrolled, amr=["mfa"])
    answer = await browser.get(_agree(await _start(browser), f"sub-{enrolled}"))
    assert answer.headers["location"] == "/#/login?problem=oidc_unknown"
    assert await role_of(browser) == "visitor"
