"""Names of places are kept as they are typed in pinyin: njc, niangjiacun.

The readings of single characters are taken from pypinyin when this runs. They become
the body of functions, so that whoever writes a name (intake, service, psql) keeps
its spelling alike, and nobody looks a character up while people wait.
"""

from alembic import op
from pypinyin import Style, pinyin

revision = "0025"
down_revision = "0024"

FIRST, LAST = 0x3400, 0x9FFF
"""Han characters of the basic plane, those of rare names among them."""

PLACES = ("divisions.townships", "divisions.villages", "grid.cells", "sites.centers")

SYLLABLES = """
CREATE FUNCTION divisions.syllables(name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- The pinyin of each Han character; letters and digits as they are, in lower case.
DECLARE
    found text[] := '{}';
    sign text;
    point integer;
BEGIN
    FOREACH sign IN ARRAY string_to_array(lower(name), NULL) LOOP
        point := ascii(sign);
        IF point BETWEEN %(first)s AND %(last)s THEN
            found := found || ('{%(words)s}'::text[])[
                1 + 256 * get_byte('\\x%(high)s'::bytea, point - %(first)s)
                + get_byte('\\x%(low)s'::bytea, point - %(first)s)
            ];
        ELSIF sign ~ '^[a-z0-9]$' THEN
            found := found || sign;
        END IF;
    END LOOP;
    RETURN found;
END
$$
"""

INITIALS = """
CREATE FUNCTION divisions.initials(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- The first letter of each syllable. It has a table of its own, one byte per
-- character, since it is asked for every resident.
DECLARE
    found text := '';
    sign text;
    point integer;
BEGIN
    FOREACH sign IN ARRAY string_to_array(name, NULL) LOOP
        point := ascii(sign);
        IF point BETWEEN %(first)s AND %(last)s THEN
            point := get_byte('\\x%(letters)s'::bytea, point - %(first)s);
            IF point > 0 THEN
                found := found || chr(point);
            END IF;
        ELSIF sign ~ '^[A-Za-z0-9]$' THEN
            found := found || lower(sign);
        END IF;
    END LOOP;
    RETURN found;
END
$$
"""

SPELLED = """
CREATE FUNCTION divisions.spelled(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- Initials, a blank, and the whole: 娘家村 is njc niangjiacun.
SELECT divisions.initials(name)
    || ' ' || array_to_string(divisions.syllables(name), '')
$$
"""


def upgrade() -> None:
    """Create the functions, then a kept column on each table of places."""
    readings = _readings()
    for function in (SYLLABLES % readings, INITIALS % readings, SPELLED):
        op.get_bind().exec_driver_sql(function)
    for table in PLACES:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN spelling text "
            "GENERATED ALWAYS AS (divisions.spelled(name)) STORED"
        )
        op.execute(
            f"COMMENT ON COLUMN {table}.spelling IS "
            "'拼音 initials and whole, as typed: njc niangjiacun'"
        )


def _readings() -> dict[str, object]:
    signs = [chr(point) for point in range(FIRST, LAST + 1)]
    spoken = [_reading(sign) for sign in signs]
    words = sorted(set(spoken))
    places = [words.index(reading) for reading in spoken]
    return {
        "first": FIRST,
        "last": LAST,
        "words": ",".join(word or '""' for word in words),
        "high": bytes(place >> 8 for place in places).hex(),
        "low": bytes(place & 255 for place in places).hex(),
        "letters": bytes(ord(word[0]) if word else 0 for word in spoken).hex(),
    }


def _reading(sign: str) -> str:
    # On keyboards the ü of lü and nü is typed as v.
    found = pinyin(sign, style=Style.NORMAL, errors="ignore")
    word = found[0][0].replace("ü", "v").replace("ê", "e") if found else ""
    return word if word.isascii() and word.isalpha() else ""
