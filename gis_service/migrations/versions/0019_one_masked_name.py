"""One way to mask a name, for layers, search and the routes of people alike."""

from alembic import op

revision = "0019"
down_revision = "0018"

# The same list and the same blanks as gis_service/people/masking.py, to which
# tests/people/test_masking.py holds it; a migration never changes with the code.
COMPOUND_SURNAMES = (
    "欧阳,司马,上官,诸葛,司徒,东方,独孤,南宫,"
    "夏侯,皇甫,尉迟,公孙,慕容,令狐,长孙,宇文,"
    "轩辕,端木,百里,呼延,东郭,申屠,公冶,太史,"
    "澹台,濮阳,淳于,单于,司空,闻人,钟离"
)
BLANKS = (
    r"\t\n\x0B\f\r\x1C\x1D\x1E\x1F \u0085\u00A0\u1680"
    r"\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A"
    r"\u2028\u2029\u202F\u205F\u3000"
)

MASKED_NAME = f"""
CREATE FUNCTION people.masked_name(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- The surname and a star for every further character: 张*, 欧阳**. One character
-- alone is a star; stars of a name in Latin letters do not tell its length.
DECLARE
    bare text := btrim(name, E'{BLANKS}');
    long integer := char_length(bare);
BEGIN
    RETURN CASE
        WHEN long < 2 THEN repeat('*', long)
        WHEN octet_length(bare) = long THEN left(bare, 1) || '***'
        WHEN long > 2 AND left(bare, 2) = ANY ('{{{COMPOUND_SURNAMES}}}'::text[])
            THEN left(bare, 2) || repeat('*', long - 2)
        ELSE left(bare, 1) || repeat('*', long - 1)
    END;
END
$$
"""


def upgrade() -> None:
    """Create the function."""
    op.execute(MASKED_NAME.replace(":", r"\:"))
