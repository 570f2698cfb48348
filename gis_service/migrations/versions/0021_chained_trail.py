"""The trail is chained; alerts, and the rows each account has read in a day.

Each line of the trail gets a link: a number without gaps, and the SHA-256 over the
hash before it and the line's own text. The link is written by a trigger of the owner
when the transaction commits, so that lines of two transactions wait for each other
only then, and in the order in which they become visible (``docs/adr/0008``).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)

# Each part with its length before it, so that no two lines have the same text.
# access/trail_check.py works the same out anew.
TEXT = """
CREATE FUNCTION access.trail_text(line access.trail, number bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT string_agg(
        coalesce(octet_length(part) || ':' || part, '-'), ',' ORDER BY place
    )
    FROM unnest(ARRAY[
        number::text, line.id::text,
        (extract(epoch FROM line.at) * 1000000)::bigint::text,
        line.account_id::text, line.actor, line.role, line.act, line.subject,
        line.reason, line.address, line.request_id, line.facts::text
    ]) WITH ORDINALITY AS parts (part, place)
$$
"""

CHAIN = """
CREATE FUNCTION access.chain_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    former access.trail_links;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('trail', 20231));
    SELECT * INTO former FROM access.trail_links ORDER BY number DESC LIMIT 1;
    INSERT INTO access.trail_links (number, line_id, hash)
    VALUES (
        coalesce(former.number, 0) + 1,
        NEW.id,
        sha256(
            coalesce(former.hash, decode(repeat('00', 32), 'hex')) || convert_to(
                access.trail_text(NEW, coalesce(former.number, 0) + 1), 'UTF8'
            )
        )
    );
    RETURN NULL;
END
$$
"""

CHAIN_FORMER_LINES = """
DO $$
DECLARE
    line access.trail;
    number bigint := 0;
    hash bytea := decode(repeat('00', 32), 'hex');
BEGIN
    FOR line IN SELECT * FROM access.trail ORDER BY id LOOP
        number := number + 1;
        hash := sha256(
            hash || convert_to(access.trail_text(line, number), 'UTF8')
        );
        INSERT INTO access.trail_links VALUES (number, line.id, hash);
    END LOOP;
END
$$
"""

ANY_LOGIN = "grid_login, grid_all, grid_scoped"
WRITTEN = "account_id, actor, role, act, subject, reason, address, request_id, facts"


def upgrade() -> None:
    """Complete the lines, chain them, and make the two new tables."""
    for name, comment in {
        "role": "角色 of the actor at that time",
        "address": "来源地址 where the request came from",
        "request_id": "请求编号 as in the log and the answer",
    }.items():
        column = sa.Column(name, sa.Text(), nullable=True, comment=comment)
        op.add_column("trail", column, schema="access")
    op.create_index("trail_account_id_idx", "trail", ["account_id"], schema="access")
    _make_links()
    _make_alerts()
    _make_rows_read()
    op.execute(f"GRANT USAGE ON SCHEMA access TO {ANY_LOGIN}")
    # Neither the number nor the time of a line is the writer's to choose.
    op.execute("REVOKE INSERT ON access.trail FROM grid_login")
    op.execute(f"GRANT INSERT ({WRITTEN}) ON access.trail TO {ANY_LOGIN}")
    op.execute("GRANT SELECT ON access.trail_links TO grid_login")


def _make_links() -> None:
    op.create_table(
        "trail_links",
        sa.Column(
            "number",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="序号 place in the chain, without gaps",
        ),
        sa.Column("line_id", sa.BigInteger(), nullable=False, comment="日志编号"),
        sa.Column(
            "hash",
            sa.LargeBinary(),
            nullable=False,
            comment="散列 SHA-256 over the hash before it and the line",
        ),
        sa.PrimaryKeyConstraint("number", name="trail_links_pkey"),
        schema="access",
        comment="日志链 chain of the trail, written at commit, append-only",
    )
    op.create_index(
        "trail_links_line_id_key",
        "trail_links",
        ["line_id"],
        unique=True,
        schema="access",
    )
    op.execute(TEXT)
    op.execute(CHAIN_FORMER_LINES)
    op.execute(CHAIN)
    op.execute("REVOKE ALL ON FUNCTION access.chain_line() FROM PUBLIC")
    op.execute(
        "CREATE CONSTRAINT TRIGGER chain_line AFTER INSERT ON access.trail "
        "DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION access.chain_line()"
    )
    op.execute(
        "CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE "
        "ON access.trail_links FOR EACH STATEMENT "
        "EXECUTE FUNCTION access.refuse_change()"
    )


def _make_alerts() -> None:
    now = sa.text("now()")
    op.create_table(
        "alerts",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(),
            nullable=False,
            comment="编号 number of the row",
        ),
        sa.Column("at", MOMENT, server_default=now, nullable=False, comment="时间"),
        sa.Column(
            "on_day", sa.Date(), nullable=False, comment="日期 day of the county"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="种类"),
        sa.Column("actor", sa.Text(), nullable=False, comment="当事人 login or name"),
        sa.Column(
            "facts",
            JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="详情 never personal values",
        ),
        sa.Column("seen_at", MOMENT, nullable=True, comment="查看时间"),
        sa.Column("seen_by", sa.Text(), nullable=True, comment="查看人 login"),
        sa.PrimaryKeyConstraint("id", name="alerts_pkey"),
        schema="access",
        comment="告警 what the auditor should look at",
    )
    op.create_index(
        "alerts_on_day_key",
        "alerts",
        ["on_day", "kind", "actor"],
        unique=True,
        schema="access",
    )
    op.execute("GRANT SELECT, INSERT ON access.alerts TO grid_login")
    op.execute("GRANT UPDATE (seen_at, seen_by) ON access.alerts TO grid_login")


def _make_rows_read() -> None:
    op.create_table(
        "rows_read",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="账号"),
        sa.Column(
            "on_day", sa.Date(), nullable=False, comment="日期 day of the county"
        ),
        sa.Column("rows", sa.BigInteger(), nullable=False, comment="行数"),
        sa.PrimaryKeyConstraint("account_id", "on_day", name="rows_read_pkey"),
        schema="access",
        comment="每日读取行数 rows about people each account has read",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON access.rows_read TO grid_login")
