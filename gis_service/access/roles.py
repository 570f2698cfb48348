"""Roles: what each may see, and the maps each is given.

This table is the only place that says so. Layers name the audience they are for,
routes name the audience or the roles they serve.
"""

from gis_service.access.reader import Reader

PUBLIC = "public"
STAFF = "staff"
MATTERS = "matters"
PEOPLE = "people"

_EVERYTHING = frozenset({PUBLIC, STAFF, MATTERS, PEOPLE})

AUDIENCES: dict[str, frozenset[str]] = {
    "visitor": frozenset({PUBLIC}),
    "officer": _EVERYTHING,
    "lead": _EVERYTHING,
    "supervisor": _EVERYTHING,
    "handler": frozenset({PUBLIC, STAFF, MATTERS}),
    "planner": frozenset({PUBLIC, STAFF}),
    "editor": _EVERYTHING,
    "administrator": frozenset({PUBLIC}),
    "auditor": frozenset({PUBLIC}),
}
"""Audiences each role belongs to; a layer is shown to the roles of its audience."""

TITLES: dict[str, str] = {
    "visitor": "访客",
    "officer": "网格员",
    "lead": "网格长",
    "supervisor": "主管",
    "handler": "处置部门",
    "planner": "规划人员",
    "editor": "数据员",
    "administrator": "管理员",
    "auditor": "审计员",
}
"""What people call each role."""

MAPS: dict[str, tuple[str, ...]] = {
    "visitor": ("county",),
    "officer": ("officer", "county"),
    "lead": ("officer", "county"),
    "supervisor": ("supervisor", "officer", "county"),
    "handler": ("supervisor", "county"),
    "planner": ("planner", "county"),
    "editor": ("supervisor", "planner", "county"),
    "administrator": ("county",),
    "auditor": ("county",),
}
"""Maps each role may open, the one it starts with first."""


def audiences(reader: Reader) -> frozenset[str]:
    """Return the audiences a reader belongs to."""
    return AUDIENCES[reader.role]


def may_see(reader: Reader, audience: str) -> bool:
    """Tell whether what is meant for an audience may be shown to a reader."""
    return audience in AUDIENCES[reader.role]


def may_open(reader: Reader, map_id: str) -> bool:
    """Tell whether a reader may open a map."""
    return map_id in MAPS[reader.role]


def only_department(reader: Reader) -> str | None:
    """Return the department whose matters alone a reader sees, None for all."""
    # A handler without a department is handler of nothing.
    return (reader.department or "") if reader.role == "handler" else None
