"""Households (户): number, village, address, where the door is."""

from gis_service.intake.duplicates import SAME_CODE
from gis_service.intake.fields import (
    ACCURACY,
    GROUP_NO,
    WHEREABOUTS,
    Field,
    Rule,
    Thing,
)

FIND = """
UPDATE staged SET {id} = home.id
FROM people.households AS home
WHERE home.county_code = staged.county_code AND home.code = staged.{code}
"""
"""Find the household whose number a row of another thing brings."""

TWO_VILLAGES = Rule(
    "household_two_villages", "refused", "code",
    "SELECT row_no, code, villages FROM (SELECT row_no, code, village_code,"
    # Ten are enough to see it: a number may stand in every row.
    " array_to_string((array_agg(village_code) OVER (PARTITION BY code))[1:10], '、')"
    " AS villages,"
    " min(village_code) OVER (PARTITION BY code) AS low,"
    " max(village_code) OVER (PARTITION BY code) AS high FROM staged"
    " WHERE NOT is_refused) AS grouped WHERE low <> high ORDER BY row_no",
    "同一户号出现在不同的村: {} (one number in two villages)", "请核对户号和村代码",
    needs=("code", "village_code"),
)  # fmt: skip

OTHER_VILLAGE = Rule(
    "household_moved", "refused", "code",
    "SELECT staged.row_no, staged.code, kept.village_code FROM staged"
    " INNER JOIN people.households AS kept ON kept.county_code = staged.county_code"
    " AND kept.code = staged.code AND kept.village_code <> staged.village_code"
    " WHERE NOT staged.is_refused ORDER BY staged.row_no",
    "库中该户号属于村 {} (the register has it in another village)",
    "请核对;确已迁移请先改原户", needs=("code", "village_code"),
)  # fmt: skip

HOUSEHOLDS = Thing(
    what="households",
    title="户",
    table="people.households",
    key=("county_code", "code"),
    fields=(
        Field("code", "户号", "code",
              ("户编号", "户编码", "家庭编号", "门牌户号", "hh", "hno", "householdno",
               "household_code", "household"), longest=40, is_required=True),
        GROUP_NO, ACCURACY,
        Field("address", "地址", "text",
              ("住址", "详细地址", "家庭住址", "家庭地址", "门牌地址", "address"),
              mask="all"),
        *WHEREABOUTS,
    ),
    shape="point",
    is_shape_required=False,
    is_placed=True,
    is_personal=True,
    derived=("village_code",),
    rules=(TWO_VILLAGES, SAME_CODE, OTHER_VILLAGE),
)  # fmt: skip
