"""A try to sign in, and the little that is kept of what was typed."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import digest

from gis_service.access.place import Place
from gis_service.keys import derived_key


@dataclass(frozen=True, slots=True)
class Try:
    """A try to sign in: as whom, from where; ``mark`` is what is kept of the login."""

    login: str
    place: Place
    mark: str


def attempt_of(typed: str, place: Place, master_key: bytes) -> Try:
    """Return the try of somebody who typed a login; logins know no capitals.

    What was typed may be a password: its mark is a keyed hash.
    """
    login = typed.strip().lower()
    key = derived_key(master_key, "sign-in attempts")
    # No login is a lone half of a surrogate pair, but a stranger may type one.
    mark = digest(key, login.encode("utf-8", "surrogatepass"), sha256).hex()
    return Try(login, place, mark)
