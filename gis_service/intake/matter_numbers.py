"""Numbers of matters: ours as they are, those of other systems kept beside ours.

A matter that comes without a number of ours is found again by the number it has where
it comes from, or by its content; a new one gets the next free number of its day.
"""

import hashlib

import numpy as np
import pandas as pd
import shapely

from gis_service.intake.checking import Slice, objects
from gis_service.intake.duplicates import first_kept
from gis_service.intake.fields import Field

OURS = r"[0-9]{20}"
LONGEST = 64
CONTENT = ("class_code", "title", "reported_at", "address", "village_code")
"""With its place, what makes a matter without any number the same matter."""

NUMBER = Field(
    "number", "事项编号", "code",
    ("编号", "案卷编号", "案件编号", "事件编号", "任务号", "案卷号", "taskno"),
    longest=LONGEST,
)  # fmt: skip
SOURCE_NUMBER = Field(
    "source_number", "原编号", "code",
    ("外部编号", "原系统编号", "来源编号", "工单编号", "工单号", "受理编号", "流水号",
     "caseid", "uniquekey", "servicerequestid", "srnumber"),
    longest=LONGEST,
)  # fmt: skip


def sort_out(part: Slice) -> None:
    """Tell our numbers from those of others, and derive one where there is none."""
    given = part.texts("number")
    is_ours = given.str.fullmatch(OURS).fillna(value=False) & (
        given.str[8:14] == part.options.county_code
    )
    source = part.texts("source_number").fillna(given.where(~is_ours))
    part.rows["number"] = given.where(is_ours)
    part.rows["source_number"] = source.fillna(_digests(part).where(~is_ours))


def _digests(part: Slice) -> pd.Series:
    """Return a digest of the content of each row."""
    columns = [objects(part.texts(name)) for name in CONTENT]
    columns += [np.round(get(part.shapes), 6) for get in (shapely.get_x, shapely.get_y)]
    texts = ("\0".join(map(str, row)) for row in zip(*columns, strict=True))
    digests = [f"#{hashlib.sha256(one.encode()).hexdigest()[:40]}" for one in texts]
    return pd.Series(digests, index=part.rows.index, dtype="str")


FIND_NUMBER = """
UPDATE staged SET number = kept.number
FROM matters.matters AS kept
WHERE staged.number IS NULL AND kept.county_code = staged.county_code
    AND kept.source_number = staged.source_number
"""

KEEP_SOURCE = """
UPDATE staged SET source_number = kept.source_number
FROM matters.matters AS kept
WHERE staged.source_number IS NULL AND kept.county_code = staged.county_code
    AND kept.number = staged.number
"""

GIVE_NUMBER = """
WITH fresh AS (
    SELECT
        row_no,
        county_code,
        to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')
            || county_code AS beginning
    FROM staged
    WHERE number IS NULL AND NOT is_refused
),
taken AS (
    SELECT days.beginning, greatest(
        (SELECT max(kept.number) FROM matters.matters AS kept
        WHERE kept.county_code = days.county_code
            AND kept.number > days.beginning
            AND kept.number < days.beginning || ':'),
        (SELECT max(other.number) FROM staged AS other
        WHERE other.number > days.beginning
            AND other.number < days.beginning || ':')
    ) AS last
    FROM (SELECT DISTINCT beginning, county_code FROM fresh) AS days
),
numbered AS (
    SELECT fresh.row_no, fresh.beginning || lpad((
        coalesce(right(taken.last, 6)::integer, 0)
        + row_number() OVER (PARTITION BY fresh.beginning ORDER BY fresh.row_no)
    )::text, 6, '0') AS number
    FROM fresh INNER JOIN taken ON fresh.beginning = taken.beginning
)
UPDATE staged SET number = numbered.number
FROM numbered WHERE numbered.row_no = staged.row_no
"""
"""The index makes the greatest number of each day found at once."""

INDEX_NUMBER = "CREATE INDEX ON staged (number)"

SAME_SOURCE = first_kept(
    "source_number", "原编号或内容重复,首见于第 {} 行 (the same number or content)"
)

RESOLVE = (INDEX_NUMBER, FIND_NUMBER, KEEP_SOURCE, GIVE_NUMBER)
