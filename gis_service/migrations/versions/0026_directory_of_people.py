"""A directory of people per cell, found by part of a name, by pinyin, by address.

Under row-level security no index for parts of words can be used. A directory holds
what is searched of a cell in two texts, and before them a signature: a bit for every
pair of neighbouring characters. A search reads the signatures of the scope (11 MB for
a county) and opens only what may hold the words (``docs/adr/0009``).
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"

SIGNATURE_BYTES = 1896
"""Four rows to a page."""
BITS = SIGNATURE_BYTES * 8
ENTRIES = 400
"""More in one signature would set too many of its bits."""

SPOKEN = dict(
    pair.split(":")
    for pair in [
        "单:s",
        "曾:z",
        "解:x",
        "仇:q",
        "查:z",
        "翟:z",
        "覃:q",
        "盖:g",
        "区:o",
        "朴:p",
        "乐:y",
        "员:y",
        "种:c",
        "秘:b",
        "缪:m",
        "繁:p",
        "折:s",
        "洗:x",
        "召:s",
        "祭:z",
        "适:k",
        "术:z",
        "贲:b",
        "长:c",
        "重:c",
        "降:j",
        "句:g",
        "参:s",
    ]
)
"""Initials of surnames, where the same character may be spoken otherwise."""

COMPOUND = dict(
    pair.split(":") for pair in ["尉迟:yc", "万俟:mq", "单于:cy", "长孙:zs", "澹台:tt"]
)

INITIALS = f"""
CREATE FUNCTION people.initials(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- Initials of a person's name: zs for 张三. Some surnames are spoken otherwise than
-- the same character elsewhere: 单 Shan, 曾 Zeng, 解 Xie, 仇 Qiu.
DECLARE
    surname text := '{json.dumps(SPOKEN, ensure_ascii=False)}'::jsonb ->> left(name, 1);
    compound text := '{json.dumps(COMPOUND, ensure_ascii=False)}'::jsonb ->> left(name, 2);
    rest text := CASE
        WHEN compound IS NOT NULL THEN substr(name, 3)
        WHEN surname IS NOT NULL THEN substr(name, 2)
        ELSE name
    END;
BEGIN
    RETURN concat(coalesce(compound, surname), divisions.initials(rest));
END
$$
"""

SIGNATURE_BIT = f"""
CREATE FUNCTION people.signature_bit(gram text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- The bit of a pair of characters, or of the beginning of a code.
SELECT CASE
    WHEN char_length(gram) = 2 THEN (
        (ascii(gram)::bigint * 2654435 + ascii(substr(gram, 2))::bigint * 40503) >> 5
    ) % {BITS}
    ELSE ('x' || left(md5(gram), 8))::bit(32)::bigint % {BITS}
END
$$
"""

SIGNATURE = f"""
CREATE FUNCTION people.signature(texts text, codes text[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
-- A bit for each pair of neighbours in the texts and for each beginning of a code.
DECLARE
    signature bytea := decode(repeat('00', {SIGNATURE_BYTES}), 'hex');
    before bigint := 10;
    point bigint;
    sign text;
    place bigint;
BEGIN
    FOREACH sign IN ARRAY string_to_array(texts, NULL) LOOP
        point := ascii(sign);
        -- Written out: a function call per character would double the time.
        signature := set_bit(
            signature, ((before * 2654435 + point * 40503) >> 5) % {BITS}, 1
        );
        before := point;
    END LOOP;
    FOR place IN
        SELECT people.signature_bit(beginning)
        FROM (
            SELECT DISTINCT left(code, length) AS beginning
            FROM unnest(codes) AS code, unnest(ARRAY[2, 4, 6, 9, 12, 15, 17]) AS length
            WHERE char_length(code) >= length
        ) AS each_once
    LOOP
        signature := set_bit(signature, place, 1);
    END LOOP;
    RETURN signature;
END
$$
"""

FILL_DIRECTORY = f"""
CREATE FUNCTION people.fill_directory(what text, codes text[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
-- Writes the directories of residents or households of some cells anew, or of all.
DECLARE
    source text := CASE what
        WHEN 'resident' THEN
            'SELECT id, grid_code, name AS word, people.initials(name) AS key '
            'FROM people.residents'
        ELSE
            'SELECT id, grid_code, coalesce(address, '''') AS word, code AS key '
            'FROM people.households'
    END;
BEGIN
    IF codes IS NULL THEN
        DELETE FROM people.directory WHERE kind = what;
    ELSE
        source := source || ' WHERE grid_code = ANY($2)';
        -- Whoever writes to the same cell waits here, and then reads what the other
        -- has stored: the first part of a directory is never deleted.
        INSERT INTO people.directory (kind, grid_code, part)
        SELECT what, code, 0 FROM unnest(codes) AS code ORDER BY code
        ON CONFLICT DO NOTHING;
        PERFORM FROM people.directory
        WHERE kind = what AND grid_code = ANY(codes) AND part = 0
        ORDER BY grid_code FOR UPDATE;
        UPDATE people.directory
        SET signature = decode(repeat('00', {SIGNATURE_BYTES}), 'hex'),
            words = '', keys = '', ids = '{{}}'
        WHERE kind = what AND grid_code = ANY(codes) AND part = 0;
        DELETE FROM people.directory
        WHERE kind = what AND grid_code = ANY(codes) AND part > 0;
    END IF;
    EXECUTE format(
        'INSERT INTO people.directory '
        '(kind, grid_code, part, signature, words, keys, ids) '
        'SELECT $1, grid_code, part, CASE $1 '
        '    WHEN ''resident'' THEN people.signature(words || keys, ''{{}}'') '
        '    ELSE people.signature(words, string_to_array(keys, chr(10))) '
        '    END, words, keys, ids '
        'FROM ('
        '    SELECT grid_code, part, '
        '        chr(10) || string_agg(word, chr(10) ORDER BY id) || chr(10) AS words, '
        '        chr(10) || string_agg(key, chr(10) ORDER BY id) || chr(10) AS keys, '
        '        array_agg(id ORDER BY id) AS ids '
        '    FROM ('
        '        SELECT id, grid_code, replace(word, chr(10), '' '') AS word, '
        '            replace(key, chr(10), '' '') AS key, '
        '            (row_number() OVER (PARTITION BY grid_code ORDER BY id) - 1) '
        '            / {ENTRIES} AS part '
        '        FROM (%s) AS source'
        '    ) AS entry GROUP BY grid_code, part ORDER BY grid_code, part'
        ') AS page '
        'ON CONFLICT (kind, grid_code, part) DO UPDATE SET '
        'signature = excluded.signature, words = excluded.words, '
        'keys = excluded.keys, ids = excluded.ids',
        source
    ) USING what, codes;
END
$$
"""

KEEP_DIRECTORY = """
CREATE FUNCTION people.keep_directory() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
-- Old and new rows are as many as the statement wrote: a loop in a loop never pays.
SET enable_nestloop = off AS $$
-- Arguments: the kind, and the columns that are searched. Cells whose rows changed in none of
-- them keep their directory.
DECLARE
    changed text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT grid_code FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT grid_code FROM old_rows'
        ELSE format(
            'SELECT unnest(ARRAY[old_rows.grid_code, new_rows.grid_code]) AS grid_code '
            'FROM old_rows INNER JOIN new_rows USING (county_code, id) '
            'WHERE (old_rows.grid_code, old_rows.%1$I, old_rows.%2$I) '
            'IS DISTINCT FROM (new_rows.grid_code, new_rows.%1$I, new_rows.%2$I)',
            TG_ARGV[1], TG_ARGV[2]
        )
    END;
    codes text[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(DISTINCT grid_code ORDER BY grid_code) FROM (%s) AS changed',
        changed
    ) INTO codes;
    IF codes IS NOT NULL THEN
        PERFORM people.fill_directory(TG_ARGV[0], codes);
    END IF;
    RETURN NULL;
END
$$
"""
EVENTS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}

IN_BRANCHES = """
    grid_code >= (SELECT nullif(current_setting('app.scope', true), '')) COLLATE "C"
    AND grid_code
        < (SELECT nullif(current_setting('app.scope', true), '') || '~') COLLATE "C"
    AND ARRAY[
        left(grid_code, 6), left(grid_code, 9), left(grid_code, 12), grid_code
    ]::text[] && (
        SELECT string_to_array(nullif(current_setting('app.branches', true), ''), ',')
    )
"""


def upgrade() -> None:
    """Create the directory under its policies, its triggers, and fill it."""
    _create_table()
    for function in (
        INITIALS,
        SIGNATURE_BIT,
        SIGNATURE,
        FILL_DIRECTORY,
        KEEP_DIRECTORY,
    ):
        op.get_bind().exec_driver_sql(function.replace("%", "%%"))
    for table, call in (
        ("people.residents", "'resident', 'name', 'name'"),
        ("people.households", "'household', 'address', 'code'"),
    ):
        for event, transition in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER keep_directory_{event.lower()} AFTER {event} "
                f"ON {table} {transition} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION people.keep_directory({call})"
            )
    op.execute("SELECT people.fill_directory('household')")
    op.execute("SELECT people.fill_directory('resident')")
    _add_phone_index()


def _create_table() -> None:
    op.create_table(
        "directory",
        sa.Column(
            "kind", sa.String(collation="C"), comment="类别 household or resident"
        ),
        sa.Column(
            "grid_code",
            sa.String(collation="C"),
            comment="网格编码 code that the rows carry",
        ),
        sa.Column(
            "part", sa.Integer(), comment="分册 400 entries each, counted from 0"
        ),
        sa.Column(
            "signature",
            sa.LargeBinary(),
            server_default=sa.text(f"decode(repeat('00', {SIGNATURE_BYTES}), 'hex')"),
            nullable=False,
            comment="特征位 a bit per pair of neighbouring characters",
        ),
        sa.Column(
            "words",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="名称 names or addresses, a line each",
        ),
        sa.Column(
            "keys",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="拼音首字母或户号 initials or codes, a line each",
        ),
        sa.Column(
            "ids",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="编号 number of the row of each line",
        ),
        sa.PrimaryKeyConstraint("kind", "grid_code", "part", name="directory_pkey"),
        sa.CheckConstraint(
            "kind IN ('household', 'resident')", name="directory_kind_check"
        ),
        schema="people",
        comment="名录 what is searched of people, per cell",
    )
    # Signatures are read one after the other; what they stand for lies elsewhere,
    # uncompressed, since it is opened rarely and then at once.
    op.execute(
        "ALTER TABLE people.directory "
        "ALTER signature SET STORAGE PLAIN, ALTER words SET STORAGE EXTERNAL, "
        "ALTER keys SET STORAGE EXTERNAL, ALTER ids SET STORAGE EXTERNAL"
    )
    op.execute("ALTER TABLE people.directory ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE people.directory FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY county_wide ON people.directory TO grid_all "
        "USING (true) WITH CHECK (true)"
    )
    op.execute(
        "CREATE POLICY branches ON people.directory TO grid_scoped "
        f"USING ({IN_BRANCHES})"
    )
    op.execute("GRANT SELECT ON people.directory TO grid_all, grid_scoped")


def _add_phone_index() -> None:
    op.add_column(
        "residents",
        sa.Column(
            "phone_index",
            sa.LargeBinary(),
            nullable=True,
            comment="电话索引 keyed hash for exact search",
        ),
        schema="people",
    )
    op.create_index(
        "residents_phone_index_idx",
        "residents",
        ["phone_index"],
        schema="people",
        postgresql_where=sa.text("phone_index IS NOT NULL"),
    )
