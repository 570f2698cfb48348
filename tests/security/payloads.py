"""A thousand texts that somebody might send instead of what was asked for.

Each carries the same odd word, by which it would be found in a statement.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import product

WORD = "zq7kx"
MANY = 1_000
DEPTHS = (100, 1_000, 10_000, 100_000, 1_000_000)

_QUOTES = (
    "",
    "'",
    "''",
    '"',
    "`",
    "\\'",
    "%27",
    "´",
    "ʼ",
    "＇",
    "')",
    "'))",
    "$$",
    "E'",
)
_ENDS = ("", "--", "#", "/*", ";--", " -- -", "\x00", ";%00", "/**/", "*/")
_CALLS = (
    f"pg_sleep(9)||'{WORD}'",
    f"set_config('app.scope','{WORD}',true)",
    f"pg_read_file('/etc/{WORD}')",
    f"query_to_xml('select 1 as {WORD}',true,true,'')",
    f"repeat('{WORD}',500000000)",
    f"lo_import('/etc/{WORD}')",
    f"current_setting('{WORD}')",
    f"dblink('{WORD}')",
    f"pg_terminate_backend(0)||'{WORD}'",
    f"ST_AsText(ST_GeomFromText('{WORD}'))",
    f"people.masked_name('{WORD}')",
    f"casei(pg_sleep(9),'{WORD}')",
)
_ACTS = (
    " OR 1=1 OR '{word}'='{word}",
    " AND 1=0 UNION SELECT '{word}',NULL,NULL",
    "; DROP TABLE people.residents; SELECT '{word}'",
    "; UPDATE access.accounts SET role='{word}'",
    "; SELECT pg_sleep(9),'{word}'",
    "; SET ROLE grid_owner; SELECT '{word}'",
    "; COPY people.residents TO '/tmp/{word}'",
    " = (SELECT name FROM people.residents LIMIT 1)||'{word}'",
    "||(SELECT id_number_sealed::text FROM people.residents LIMIT 1)||'{word}'",
    " ORDER BY (SELECT '{word}')",
    " LIMIT 1 OFFSET (SELECT length('{word}'))",
    "=CAST('{word}' AS integer)",
)
_ODD = (
    *("nan", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e-999", "0x10", "1_000"),
    *("٣", "１２", "²", "-0", "+1", "1.", ".5", "9" * 30, "9" * 5_000, "-" + "9" * 400),
    *("null", "undefined", "None", "true", "[]", "{}", '""', "..", "/", "//", "\\"),
    *(
        "\x00",
        "a\x00b",
        "\r\nSet-Cookie: a=b",
        "%0d%0aX-A: b",
        "\t",
        "\u202e",
        "\ufeff",
    ),
    *(
        "\ud800",
        "𠮷𠮷",
        "e\u0301" * 200,
        "İ",
        "ﷺ" * 50,
        "\U000e0001",
        "\u2028",
        "😀" * 80,
    ),
    *(
        "../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "....//....//",
        "/etc/passwd\x00.html",
    ),
    *("file:///etc/passwd", "http://127.0.0.1:1/", "gopher://x", "\\\\host\\share"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}"),
    *("#{7*7}", "<%= 7*7 %>", "{%raw%}", "%s%s%n", "{0.__class__}", "=cmd|' /C x'!A0"),
    *(
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
        "(?:a+)+$",
        "*",
        "%",
        "_",
    ),
    *(
        "bbox(1,2,3,4)",
        "POLYGON((0 0))",
        "POINT EMPTY",
        "1,2,3",
        "1,2,3,4,5",
        "180,91,1,2",
    ),
)


@cache
def payloads() -> list[str]:
    """Return the thousand, always the same."""
    made = list(_texts())
    step = len(made) / (MANY - len(_ODD) - len(list(_nested())))
    chosen = [made[int(at * step)] for at in range(int(len(made) / step))]
    return [*_nested(), *(f"{odd}{WORD}" for odd in _ODD), *chosen][:MANY]


def _texts() -> Iterator[str]:
    for act, quote, end in product(_ACTS, _QUOTES, _ENDS):
        yield f"{WORD}{quote}{act.format(word=WORD)}{end}"
    for call, before, after in product(
        _CALLS,
        ("", "name = ", "name IN (", "NOT ", "id BETWEEN 1 AND ", "' OR "),
        ("", " = 'a'", ")", " IS NULL", "--"),
    ):
        yield f"{before}{call}{after}"


def _nested() -> Iterator[str]:
    for depth in DEPTHS:
        yield "(" * depth + f"name='{WORD}'" + ")" * depth
        yield "NOT " * depth + f"name='{WORD}'"
        yield f"name='{WORD}'" + " AND name='a'" * depth
        yield f"name='{WORD}'" + "+1" * depth
        yield "-" * depth + WORD
        yield "[" * depth + f'"{WORD}"' + "]" * depth
        yield '{"op":"not","args":[' * depth + f'"{WORD}"' + "]}" * depth
        yield json.dumps({"type": "Polygon", "coordinates": [[[0, 0]] * depth]})
        yield "%28" * depth + WORD
        yield "casei(" * depth + "name" + ")" * depth
