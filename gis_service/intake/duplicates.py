"""Rows of one file with the same key: the first is kept."""

from gis_service.intake.fields import Rule


def first_kept(column: str, message: str) -> Rule:
    """Return the rule that refuses every row but the first of a value."""
    return Rule(
        "duplicate",
        "refused",
        column,
        f"SELECT row_no, {column}, first_no FROM (SELECT row_no, {column},"  # noqa: S608 - our own columns
        f" min(row_no) OVER (PARTITION BY {column}) AS first_no FROM staged"
        f" WHERE NOT is_refused AND {column} IS NOT NULL) AS numbered"
        " WHERE row_no > first_no ORDER BY row_no",
        message,
        "请只保留一行",
        needs=(column,),
    )


SAME_CODE = first_kept("code", "编码重复,首见于第 {} 行 (duplicate code)")
