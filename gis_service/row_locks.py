"""What the database itself refuses: every table, policy and function that must hold.

Each function returns what is wrong, as sentences an operator can act on. Every table
about persons or matters is named here, so that a new one is looked at before it is
used: it is under policies, closed to every reader, or open for a reason.
"""

import re

from sqlalchemy import Connection, text

ROLES = ("grid_login", "grid_all", "grid_scoped")
SCHEMAS = ("people", "matters", "intake", "access")
"""Schemas in which no table may be unknown to this file."""

BOTH = {"county_wide": ("*", "grid_all"), "branches": ("*", "grid_scoped")}
"""Policies by name: command (``*`` all, ``a`` insert) and the one role they are for."""

REPORTED = {**BOTH, "reports": ("a", "grid_scoped")}
"""A report may lie outside the scope of who makes it; it is not read back there."""

POLICIES = {
    "people.households": BOTH,
    "people.residents": BOTH,
    "people.directory": BOTH,
    "matters.matters": REPORTED,
    "matters.steps": REPORTED,
}
CLOSED = ("intake.batches", "intake.changes", "intake.issues", "matters.day_serials")
"""Tables of the owner alone: what rows were before, and serials given out."""

OPEN = {
    "people.density": "counts per square, of no person",
    "people.reveals": "accounts and times, no resident; for the login only",
    "matters.receipts": "ids of devices, hashes, numbers; nothing of what was said",
    "matters.classes": "a list",
    "matters.calendar_days": "a calendar",
    "matters.working_hours": "a calendar",
    "access.accounts": "of staff; the service asks for one login or shows managers",
    "access.alerts": "never personal values; for auditors",
    "access.recovery_codes": "hashes, for the login only",
    "access.rows_read": "counts per account",
    "access.second_factors": "sealed, for the login only",
    "access.sessions": "hashes, for the login only",
    "access.sign_in_attempts": "logins and addresses, for the login only",
    "access.tokens": "hashes, for the login only",
    "access.trail": "ids of what was looked at, no values; for auditors",
    "access.trail_links": "hashes",
}
"""Tables without policies, each with the reason."""

DEFINERS = {
    "access.chain_line": "trigger",
    "grid.keep_count": "trigger",
    "grid.keep_reach": "trigger",
    "matters.next_serial": "a number, of no row",
    "people.keep_density": "trigger",
    "people.keep_directory": "trigger",
    "public.st_estimatedextent": "PostGIS: a box of all rows; no statement asks for it",
}
"""Functions that run with the owner's rights, and what they return."""

LEAKPROOF_ALLOWED = r"^(geometry|geography)_(eq|neq|lt|le|gt|ge|cmp|hash)$"
"""Comparisons PostGIS itself may mark; they read no more than the order of values."""

_GUARDED = re.compile(r"nullif\(\s*$", re.IGNORECASE)
_ALWAYS = "true"


def faults(connection: Connection) -> list[str]:
    """Return all that is wrong with tables, policies, roles, functions and views."""
    looks = (tables, policies, rights, functions, views)
    return [fault for look in looks for fault in look(connection)]


def tables(connection: Connection) -> list[str]:
    """Return tables nobody has decided about, and those whose policies do not hold."""
    rows = connection.execute(
        text(
            "SELECT relnamespace::regnamespace || '.' || relname AS name, "
            "relrowsecurity AND relforcerowsecurity AS is_forced FROM pg_class "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace::regnamespace::text = ANY(:schemas) ORDER BY 1"
        ),
        {"schemas": list(SCHEMAS)},
    ).all()
    known = {*POLICIES, *CLOSED, *OPEN}
    found = [
        f"{row.name} 未归类 (not in row_locks.py)"
        for row in rows
        if row.name not in known
    ]
    forced = {row.name for row in rows if row.is_forced}
    found += [f"{name} 未强制 (not forced)" for name in POLICIES if name not in forced]
    return found


def policies(connection: Connection) -> list[str]:
    """Return tables whose policies are not exactly the expected ones."""
    rows = connection.execute(
        text(
            "SELECT relnamespace::regnamespace || '.' || relname AS name, polname, "
            "polcmd::text AS command, polpermissive AS is_permissive, ARRAY("
            "SELECT CASE polrole WHEN 0 THEN 'PUBLIC' ELSE polrole::regrole::text END "
            "FROM unnest(polroles) AS polrole) AS roles, "
            "pg_get_expr(polqual, polrelid) AS condition, "
            "pg_get_expr(polwithcheck, polrelid) AS written "
            "FROM pg_policy INNER JOIN pg_class ON pg_class.oid = polrelid"
        )
    ).all()
    found = []
    for row in rows:
        expected = POLICIES.get(row.name, {}).get(row.polname)
        shown = f"{row.name}: {row.polname}"
        if not row.is_permissive or expected is None:
            found.append(f"{shown} 不应有 (not expected)")
        elif (row.command, *row.roles) != expected:
            found.append(f"{shown} 对象不符 (for {row.command} {row.roles})")
        elif not _is_guarded(row.polname, row.condition, row.written):
            found.append(f"{shown} 条件不符 (condition)")
    seen = {(row.name, row.polname) for row in rows}
    return found + [
        f"{name}: {policy} 缺少 (missing)"
        for name, expected in POLICIES.items()
        for policy in expected
        if (name, policy) not in seen
    ]


def _is_guarded(policy: str, condition: str | None, written: str | None) -> bool:
    if policy == "county_wide":
        return condition == _ALWAYS
    if policy == "reports":
        return written != _ALWAYS
    parts = (condition or "").split("current_setting(")
    settings = ("'app.scope'", "'app.branches'")
    # A setting left empty on a pooled connection must be no setting at all.
    return all(name in (condition or "") for name in settings) and all(
        _GUARDED.search(before) for before in parts[:-1]
    )


def rights(connection: Connection) -> list[str]:
    """Return rights that go round the policies, of the roles and of everybody."""
    rows = connection.execute(
        text(
            "SELECT rolname || ' ' || privilege || ' ' || name AS fault "
            "FROM unnest(CAST(:roles AS text[])) AS rolname, "
            "unnest(CAST(:names AS text[])) AS name, "
            "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', "
            "'TRIGGER', 'REFERENCES']) AS privilege "
            "WHERE to_regclass(name) IS NOT NULL "
            "AND rolname IN (SELECT pg_roles.rolname FROM pg_roles) "
            "AND has_table_privilege(rolname, to_regclass(name), privilege) "
            "AND (rolname = 'grid_login' OR name = ANY(:closed) "
            "OR privilege IN ('DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'))"
        ),
        {
            "roles": list(ROLES),
            "names": [*POLICIES, *CLOSED],
            "closed": list(CLOSED),
        },
    )
    found = [row.fault for row in rows]
    mighty = connection.execute(
        text(
            "SELECT member.rolname || ' → ' || mighty.rolname FROM pg_roles AS member "
            "INNER JOIN pg_roles AS mighty "
            "ON pg_has_role(member.oid, mighty.oid, 'MEMBER') "
            "WHERE member.rolname = ANY(:roles) AND (mighty.rolsuper "
            "OR mighty.rolbypassrls OR mighty.rolcreaterole OR mighty.rolreplication "
            "OR mighty.rolname LIKE 'pg\\_%' OR mighty.oid IN "
            "(SELECT relowner FROM pg_class WHERE "
            "relnamespace::regnamespace::text = ANY(:schemas)))"
        ),
        {"roles": list(ROLES), "schemas": list(SCHEMAS)},
    )
    return found + [f"{pair} 权力过大 (too mighty)" for pair in mighty.scalars()]


def functions(connection: Connection) -> list[str]:
    """Return functions that look past the policies, or may tell what they hide."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT pronamespace::regnamespace || '.' || proname AS name, "
            "prosecdef AS is_definer, proleakproof AND proname !~ :allowed AS leaks "
            "FROM pg_proc WHERE pronamespace::regnamespace::text "
            "NOT IN ('pg_catalog', 'information_schema') "
            "AND (prosecdef OR proleakproof)"
        ),
        {"allowed": LEAKPROOF_ALLOWED},
    ).all()
    found = [
        f"{row.name}: SECURITY DEFINER"
        for row in rows
        if row.is_definer and row.name not in DEFINERS
    ]
    return found + [f"{row.name}: LEAKPROOF" for row in rows if row.leaks]


def views(connection: Connection) -> list[str]:
    """Return views over protected tables that do not ask with the reader's rights."""
    rows = connection.execute(
        text(
            "SELECT DISTINCT view.oid::regclass::text AS name FROM pg_class AS view "
            "INNER JOIN pg_rewrite AS rule ON rule.ev_class = view.oid "
            "INNER JOIN pg_depend AS need ON need.classid = 'pg_rewrite'::regclass "
            "AND need.objid = rule.oid AND need.refclassid = 'pg_class'::regclass "
            "WHERE need.refobjid IN (SELECT to_regclass(name) "
            "FROM unnest(CAST(:protected AS text[])) AS name) "
            "AND (view.relkind = 'm' OR view.relkind = 'v' AND NOT "
            "coalesce(view.reloptions && ARRAY['security_invoker=true', "
            "'security_invoker=on', 'security_invoker=1'], false))"
        ),
        {"protected": [*POLICIES, *CLOSED]},
    )
    return [f"{name} 无 security_invoker (view)" for name in rows.scalars()]
