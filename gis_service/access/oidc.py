"""Single sign-on: an OpenID Connect provider says who somebody is, and no more.

Authlib does the protocol: discovery, authorization code with PKCE, state, nonce, and
the checks of the id_token. Role and scope are of our own account, never of the token.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from sqlalchemy import Connection, Row, select, update

from gis_service.access import second_factor, sessions, trail
from gis_service.access.models import Account
from gis_service.access.password_sign_in import reader_from
from gis_service.access.place import Place
from gis_service.access.reader import VISITOR, Reader
from gis_service.errors import NotFoundError, NotSignedInError
from gis_service.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT_S = 10
LEEWAY_S = 60
MULTI_FACTOR = frozenset({"mfa", "otp", "hwk", "swk", "sms", "fpt", "face", "iris"})
"""Values of ``amr`` (RFC 8176) that tell of more than a password."""
BOUND_BY_HAND = frozenset({"administrator", "supervisor", "auditor"})
"""Roles whose accounts are never found by a login the provider tells."""


class NoSingleSignOnError(NotFoundError):
    """The service has no single sign-on."""

    code = "no_single_sign_on"
    title = "未设置统一身份认证 (no single sign-on)"


class SingleSignOnError(NotSignedInError):
    """The provider's answer does not stand; what was wrong with it is in the log."""

    code = "oidc_failed"
    title = "统一身份认证未成功 (single sign-on failed)"


class UnknownPersonError(NotSignedInError):
    """The provider knows the person, and we have no open account for them."""

    code = "oidc_unknown"
    title = "没有对应的账号 (no account of this person)"


class ProviderFactorError(NotSignedInError):
    """The account needs a second factor that the provider did not ask for."""

    code = "second_factor_wanted"
    title = "请用口令和验证码登录 (sign in by password and code)"


def provider(settings: Settings) -> StarletteOAuth2App:
    """Return the client of the provider that the settings name.

    Raises
    ------
    NoSingleSignOnError
        When they name none.
    """
    if settings.oidc_issuer is None:
        message = "本系统未设置统一身份认证 (this service has no single sign-on)"
        raise NoSingleSignOnError(message)
    return _client(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret_file
    )


def admit(
    connection: Connection, claims: Mapping[str, Any], place: Place, settings: Settings
) -> str | NotSignedInError:
    """Open a session for the account of a verified id_token; return its secret.

    A refusal is returned, so that its line of the trail is kept.
    """
    account = _account(connection, claims, settings.oidc_login_claim)
    if account is None or account.disabled_at is not None:
        facts = {"address": place.address, "is_closed": account is not None}
        trail.record(connection, VISITOR, "failed_single_sign_on", facts=facts)
        message = "没有与此身份对应的账号，请联系管理员 (no account of this person)"
        return UnknownPersonError(message)
    reader = reader_from(account)
    is_on = second_factor.is_on(connection, account.id)
    is_bound = account.oidc_subject is not None
    if not is_bound and (is_on or _is_bound_by_hand(account)):
        facts = {"address": place.address, "is_bound": False}
        trail.record(connection, reader, "failed_single_sign_on", facts=facts)
        message = "该账号须先由管理员绑定统一身份 (an administrator must bind it first)"
        return UnknownPersonError(message)
    is_multi = settings.oidc_is_second_factor or _is_multi_factor(claims)
    if is_on and not is_multi:
        facts = {"address": place.address, "second_factor": False}
        trail.record(connection, reader, "failed_single_sign_on", facts=facts)
        message = "该账号须用口令和验证码登录 (sign in by password and code)"
        return ProviderFactorError(message)
    _bind(connection, reader, claims["sub"], is_bound=is_bound)
    facts = {"address": place.address, "second_factor": is_multi}
    trail.record(connection, reader, "signed_in_by_single_sign_on", facts=facts)
    return sessions.open_one(
        connection, reader, place, settings, has_second_factor=is_multi
    )


def _account(
    connection: Connection, claims: Mapping[str, Any], login_claim: str
) -> Row[*tuple[Any, ...]] | None:
    """Find by subject; by login only an account that is not bound to another one."""
    accounts = select(Account.__table__)
    by_subject = accounts.where(Account.oidc_subject == claims["sub"])
    found = connection.execute(by_subject).one_or_none()
    login = claims.get(login_claim)
    if found is not None or not isinstance(login, str):
        return found
    if login_claim == "email" and claims.get("email_verified") is not True:
        return None
    unbound = accounts.where(
        Account.login == login.strip().lower(), Account.oidc_subject.is_(None)
    )
    return connection.execute(unbound).one_or_none()


def _is_bound_by_hand(account: Row[*tuple[Any, ...]]) -> bool:
    # Some providers let people choose the name that they tell.
    return account.needs_second_factor or account.role in BOUND_BY_HAND


def _bind(
    connection: Connection, reader: Reader, subject: str, *, is_bound: bool
) -> None:
    # A login may be given to somebody else at the provider; a subject never is.
    if is_bound:
        return
    own = update(Account).where(Account.id == reader.account_id)
    connection.execute(own.values(oidc_subject=subject))
    trail.record(connection, reader, "bound_subject", f"account {reader.login}")


def _is_multi_factor(claims: Mapping[str, Any]) -> bool:
    methods = claims.get("amr")
    return isinstance(methods, list) and not MULTI_FACTOR.isdisjoint(
        method for method in methods if isinstance(method, str)
    )


@cache
def _client(
    issuer: str, client_id: str, secret_file: Path | None
) -> StarletteOAuth2App:
    secret = secret_file.read_text("utf-8").strip() if secret_file else None
    client: StarletteOAuth2App = OAuth().register(
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=issuer.rstrip("/") + DISCOVERY,
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "timeout": TIMEOUT_S,
            # Without a secret we are a public client, protected by PKCE alone.
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        },
    )
    return client
