"""Passwords: their rules, their hashes (argon2id), and whether one is right."""

import re
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from gis_service.errors import UnprocessableError

SHORTEST = 10
LONGEST = 200
LEAST_SCORE = 2
"""Of zxcvbn's 0 to 4: below it, a million guesses are enough."""

LONGEST_JUDGED = 72
"""Characters zxcvbn looks at; a longer password is judged by its beginning."""

LEAST_OWN = 4
"""Characters that must be left when what everybody uses is taken away."""

USED_BY_ALL = re.compile(
    r"woaini|wojiushi|wodemima|mima|zhongguo|xinhua|hunan|loudi|wangge|wanggeyuan|"
    r"admin|administrator|password|passw0rd|qwerty|1q2w3e|a?qazwsx|iloveyou|\d+"
)
"""Beginnings, endings and numbers of the passwords most used in China; zxcvbn's
lists are English."""

RULES = (
    "口令至少10个字符，不能只是数字、登录名或常见词，例如用几个不相干的词连起来 "
    "(at least 10 characters; not numbers, the login or common words alone: "
    "a few unrelated words do well)"
)

_hashing = PasswordHash(
    (Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),)
)


class WeakPasswordError(UnprocessableError):
    """The password is too easy to guess."""

    code = "weak_password"
    title = "口令过于简单 (password too weak)"


def check(password: str, login: str) -> None:
    """Refuse a password that is short, the login, or easily guessed.

    Raises
    ------
    WeakPasswordError
        With the rules.
    """
    plain = password.strip().lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPasswordError(RULES)
    own = USED_BY_ALL.sub("", plain.replace(login.lower(), ""))
    if len(set(own)) < LEAST_OWN or plain == login.lower()[::-1]:
        raise WeakPasswordError(RULES)
    if zxcvbn(password[:LONGEST_JUDGED], [login])["score"] < LEAST_SCORE:
        raise WeakPasswordError(RULES)


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hashing.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is right; takes as long when there is no account."""
    if len(password) > LONGEST:
        return False
    try:
        is_match = _hashing.verify(password, password_hash or _nobodys_hash())
    except UnknownHashError:
        return False
    return is_match and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hashing.hash("nobody has this password")
