"""By which master key the secrets of second factors are sealed, and sealing them anew.

A sealed secret does not name its key: there is one for an account at most, so that
trying every key costs nothing.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from gis_service.access.second_factor_models import SecondFactor
from gis_service.access.second_factor_secret import opened, seal
from gis_service.keys import Keyring, key_id


class _Opened(NamedTuple):
    account_id: int
    sealed: bytes
    secret: str
    key: bytes


def count_by_key(connection: Connection, ring: Keyring) -> Counter[str]:
    """Count the secrets by the key that opens them; none does: not counted.

    What no key opens is its owner's loss alone, who enrols again after a reset.
    """
    return Counter(key_id(each.key).hex() for each in _opened(connection, ring))


def seal_anew(connection: Connection, ring: Keyring) -> int:
    """Seal with the newest key what an older one sealed; return how many."""
    done = 0
    for each in _opened(connection, ring):
        if each.key == ring.current:
            continue
        sealed = seal(each.secret, each.account_id, ring.current)
        anew = update(SecondFactor).values(secret_sealed=sealed)
        # Whoever enrolled again meanwhile keeps the new secret.
        same = anew.where(
            SecondFactor.account_id == each.account_id,
            SecondFactor.secret_sealed == each.sealed,
        )
        done += connection.execute(same).rowcount
    return done


def _opened(connection: Connection, ring: Keyring) -> Iterator[_Opened]:
    rows = connection.execute(
        select(SecondFactor.account_id, SecondFactor.secret_sealed)
    )
    for account_id, sealed in rows.all():
        for key in ring.all:
            secret = opened(sealed, account_id, key)
            if secret is not None:
                yield _Opened(account_id, sealed, secret, key)
                break
