"""Residents (居民): sealed identity numbers, household, care types."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from gis_service.intake import households, naming
from gis_service.intake.checking import Slice, objects
from gis_service.intake.fields import (
    ACCURACY,
    VILLAGE_CODE,
    WHEREABOUTS,
    Field,
    Rule,
    Thing,
)
from gis_service.people import sealing

RELATIONS = {"户主": "0", "本人": "0", "配偶": "1", "妻": "1", "夫": "1", "丈夫": "1",
             "妻子": "1", "子": "2", "儿子": "2", "长子": "2", "次子": "2", "女": "3",
             "女儿": "3", "长女": "3", "次女": "3", "孙子": "4", "孙女": "4",
             "孙辈": "4",
             "父亲": "5", "母亲": "5", "父母": "5", "父": "5", "母": "5", "祖父母": "6",
             "祖辈": "6", "兄弟姐妹": "7", "兄弟": "7", "姐妹": "7", "儿媳": "8",
             "女婿": "8", "其他": "8"}  # fmt: skip

CARE = {"独居老人": "01", "高龄": "02", "高龄老人": "02", "残疾": "03", "残疾人": "03",
        "低保": "04", "低保户": "04", "特困供养": "05", "特困": "05", "五保": "05",
        "留守老人": "06", "留守儿童": "07", "留守妇女": "08", "孤儿": "09",
        "困境儿童": "09", "退役军人": "10", "优抚对象": "10", "防返贫监测户": "11",
        "监测户": "11", "临时救助": "12", "其他": "99"}  # fmt: skip


def check(part: Slice) -> None:
    """Hold birth and sex against the number, then seal what is personal."""
    if "__birth_on" in part.raw.columns:
        _compare(part)
    _seal(part, part.texts("id_number"))
    if "household_code" in part.raw.columns:
        part.rows["household_id"] = pd.Series(pd.NA, part.rows.index, dtype="Int64")
        part.rows["household_village"] = part.texts("village_code")


def _compare(part: Slice) -> None:
    told_birth, told_sex = part.raw["__birth_on"], part.raw["__sex"]
    born = part.texts("birth_on")
    differs = born.notna() & told_birth.notna() & (born != told_birth)
    message = "出生日期与身份证号不符 (birth differs from the number)"
    part.refuse(differs, "birth_on", "birth_differs", message, "请核对原件")
    part.rows["birth_on"] = born.fillna(told_birth.astype("str"))
    sex = part.texts("sex")
    told = told_sex.astype("str")
    odd = sex.isin(["1", "2"]) & told.isin(["1", "2"]) & (sex != told)
    message = "性别与身份证号不符,保留填写值 (sex differs from the number)"
    part.warn(odd, "sex", "sex_differs", message, "请核对原件")
    part.rows["sex"] = sex.fillna(told).fillna("0")


def _seal(part: Slice, numbers: pd.Series) -> None:
    plain = objects(numbers).tolist()
    index = part.sealer.index(plain)
    kept = part.registers.sealed([one for one in index if one is not None])
    sealed = part.sealer.seal(plain, sealing.ID_NUMBER)
    # What is sealed already stays as it is, so that the same row is the same.
    for at, one in enumerate(index):
        if one in kept:
            sealed[at] = kept[one][0]
    part.rows["id_number_index"] = _objects(index)
    part.rows["id_number_sealed"] = _objects(sealed)
    if part.has("phone"):
        phones = objects(part.texts("phone")).tolist()
        part.rows["phone_sealed"] = _objects(_phones(part, phones, index, kept))
        part.rows["phone_index"] = _objects(part.sealer.index(phones, sealing.PHONE))


def _phones(
    part: Slice,
    phones: list[str | None],
    index: Sequence[bytes | None],
    kept: dict[bytes, tuple[bytes | None, bytes | None]],
) -> list[bytes | None]:
    sealed = part.sealer.seal(phones, sealing.PHONE)
    at = [n for n, one in enumerate(index) if one in kept and kept[one][1] is not None]
    stored = [kept[index[n]][1] for n in at]  # type: ignore[index] # one of them
    for n, before, plain in zip(
        at, stored, part.sealer.open(stored, sealing.PHONE), strict=True
    ):
        if plain == phones[n]:
            sealed[n] = before
    return sealed


def _objects(values: Sequence[object]) -> pd.Series:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return pd.Series(column, dtype=object)


SAME_PERSON = Rule(
    "duplicate_person", "refused", "id_number",
    "SELECT row_no, NULL, first_no FROM (SELECT row_no, name,"
    " min(row_no) OVER same AS first_no, min(name) OVER same AS low,"
    " max(name) OVER same AS high FROM staged"
    " WHERE NOT is_refused AND id_number_index IS NOT NULL"
    " WINDOW same AS (PARTITION BY id_number_index)) AS numbered"
    " WHERE row_no > first_no AND low = high ORDER BY row_no",
    "身份证号重复,首见于第 {} 行,保留首行 (duplicate number)", "请删除重复行",
    needs=("id_number_index",),
)  # fmt: skip

TWO_NAMES = Rule(
    "duplicate_other_name", "refused", "id_number",
    "SELECT row_no, NULL, rows FROM (SELECT row_no,"
    # Ten are enough to find the others: a number may stand in every row.
    " array_to_string((array_agg(row_no) OVER same)[1:10], '、') AS rows,"
    " min(name) OVER same AS low,"
    " max(name) OVER same AS high FROM staged"
    " WHERE NOT is_refused AND id_number_index IS NOT NULL"
    " WINDOW same AS (PARTITION BY id_number_index)) AS numbered"
    " WHERE low <> high ORDER BY row_no",
    "同一身份证号姓名不同,见第 {} 行,均未导入 (one number, two names)", "请核对原件",
    needs=("id_number_index",),
)  # fmt: skip

OTHER_NAME = Rule(
    "name_differs", "refused", "name",
    "SELECT staged.row_no, NULL, NULL FROM staged INNER JOIN people.residents AS kept"
    " ON kept.county_code = staged.county_code"
    " AND kept.id_number_index = staged.id_number_index AND kept.name <> staged.name"
    " WHERE NOT staged.is_refused ORDER BY staged.row_no",
    "库中该身份证号的姓名不同 (the register has another name)",
    "请核对;确已改名请先改原记录",
    needs=("id_number_index", "name"),
)  # fmt: skip

TAKE_PLACE = """
UPDATE staged SET geom = coalesce(staged.geom, home.geom),
    grid_code = CASE
        WHEN staged.geom IS NULL THEN home.grid_code
        ELSE coalesce(staged.grid_code, home.grid_code)
    END
FROM people.households AS home
WHERE home.county_code = staged.county_code AND home.id = staged.household_id
    AND (staged.geom IS NULL OR staged.grid_code IS NULL)
"""
"""Members of a household without a place of their own share its door."""

NO_HOUSEHOLD = Rule(
    "household_unknown", "refused", "household_code",
    "SELECT row_no, household_code, NULL FROM staged WHERE NOT is_refused"
    " AND household_code IS NOT NULL AND household_id IS NULL ORDER BY row_no",
    "户号不在库中 (unknown household)", "请先导入户 (import households first)",
    needs=("household_id",),
)  # fmt: skip

NOWHERE = Rule(
    "no_place", "refused", naming.PLACE,
    "SELECT row_no, NULL, NULL FROM staged WHERE NOT is_refused"
    " AND grid_code IS NULL ORDER BY row_no",
    "没有户号、坐标、网格或村代码,无法落位 (nothing tells where)", "请补户号或村代码",
)  # fmt: skip

TWO_VILLAGES = Rule(
    "household_two_villages", "refused", "household_code",
    "SELECT row_no, household_code, NULL FROM (SELECT row_no, household_code,"
    " min(household_village) OVER (PARTITION BY household_code) AS low,"
    " max(household_village) OVER (PARTITION BY household_code) AS high FROM staged"
    " WHERE NOT is_refused AND household_code IS NOT NULL) AS grouped"
    " WHERE low <> high ORDER BY row_no",
    "同一户号的成员写在不同的村 (one household in two villages)", "请核对户号和村代码",
    needs=("household_id",),
)  # fmt: skip

TWO_HEADS = Rule(
    "household_two_heads", "refused", "relation",
    "SELECT row_no, household_code, first_no FROM (SELECT row_no, household_code,"
    " min(row_no) OVER (PARTITION BY household_code) AS first_no FROM staged"
    " WHERE NOT is_refused AND household_code IS NOT NULL AND relation = 0)"
    " AS heads WHERE row_no > first_no ORDER BY row_no",
    "一户有两个户主,首见于第 {} 行 (two heads of a household)", "请核对与户主关系",
    needs=("household_id", "relation"),
)  # fmt: skip

NO_HEAD = Rule(
    "household_no_head", "refused", "household_code",
    "SELECT staged.row_no, staged.household_code, NULL FROM staged"
    " WHERE NOT is_refused AND household_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM staged AS head WHERE head.relation = 0"
    " AND head.household_code = staged.household_code)"
    " AND NOT EXISTS (SELECT FROM people.residents AS head WHERE head.relation = 0"
    " AND head.household_id = staged.household_id) ORDER BY staged.row_no",
    "该户没有户主 (the head is not in the household)", "请补户主一行",
    needs=("household_id", "relation"),
)  # fmt: skip

OTHER_HOUSEHOLD = Rule(
    "household_changed", "warned", "household_code",
    "SELECT staged.row_no, staged.household_code, old.code FROM staged"
    " INNER JOIN people.residents AS kept ON kept.county_code = staged.county_code"
    " AND kept.id_number_index = staged.id_number_index"
    " AND kept.household_id <> staged.household_id"
    " INNER JOIN people.households AS old ON old.county_code = kept.county_code"
    " AND old.id = kept.household_id"
    " WHERE NOT staged.is_refused ORDER BY staged.row_no",
    "此人原在户 {},现改到本户 (moves from another household)", "请核对是否已分户",
    needs=("household_id", "id_number_index"),
)  # fmt: skip

LONE_CHILD = Rule(
    "child_alone", "warned", "household_code",
    "SELECT staged.row_no, staged.household_code, NULL FROM staged"
    " WHERE NOT is_refused AND household_id IS NOT NULL"
    " AND birth_on > current_date - interval '18 years'"
    " AND NOT EXISTS (SELECT FROM staged AS other"
    " WHERE other.household_code = staged.household_code"
    " AND other.birth_on <= current_date - interval '18 years')"
    " AND NOT EXISTS (SELECT FROM people.residents AS other"
    " WHERE other.household_id = staged.household_id"
    " AND other.birth_on <= current_date - interval '18 years')"
    " ORDER BY staged.row_no",
    "未成年人所在户没有成年人,请核实监护人 (no guardian in the household)",
    "请核实监护情况", needs=("household_id", "birth_on"),
)  # fmt: skip

RESIDENTS = Thing(
    what="residents",
    title="居民",
    table="people.residents",
    key=("county_code", "id_number_index"),
    fields=(
        Field("name", "姓名", "text", ("居民姓名", "xm", "人员姓名"), longest=60,
              mask="name", is_required=True),
        Field("id_number", "身份证号",
              "id_number",
              ("身份证号码", "公民身份号码", "身份证", "证件号码", "证件号",
               "居民身份证号",
               "身份號碼", "身份證號碼", "sfzh", "sfzhm", "gmsfhm", "zjhm", "idcard",
               "idnumber"), mask="id", is_required=True, is_stored=False),
        Field("household_code", "户号", "code",
              ("户编号", "户编码", "家庭编号", "hh", "household", "所属户"),
               longest=40,
              is_stored=False),
        Field("relation", "与户主关系", "word", ("关系", "户主关系", "yhzgx",
              "家庭关系"),
              words=RELATIONS,
              default="8"),
        Field("phone", "联系电话", "phone",
              ("电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "lxdh",
               "sjh",
               "tel", "mobile"), mask="phone", is_stored=False),
        Field("birth_on", "出生日期", "date", ("出生年月日", "生日", "csrq",
              "birthday"),
              mask="all"),
        Field("sex", "性别", "word", ("xb", "gender"),
              words={"男": "1", "女": "2", "男性": "1", "女性": "2", "未知": "0",
                     "未说明": "9"}),
        Field("person_type", "人员类型", "word", ("人口类型", "人员类别", "rylx"),
              words={"户籍": "01", "户籍人口": "01", "常住": "01", "流动": "02",
                     "流动人口": "02", "境外": "03", "境外人员": "03", "1": "01",
                     "2": "02", "3": "03"}, default="01"),
        Field("is_registered_here", "户籍在此", "boolean", ("是否户籍", "人户一致"),
              default="true"),
        Field("is_living_here", "常住在此", "boolean", ("是否常住", "在家", "是否在家"),
              default="true"),
        Field("care_types", "关爱类型", "words",
              ("关爱对象", "特殊群体", "重点关爱", "人群类别", "关爱类别"), words=CARE),
        ACCURACY, replace(VILLAGE_CODE, is_stored=False), *WHEREABOUTS[1:],
    ),
    shape="point",
    is_shape_required=False,
    is_placed=True,
    is_personal=True,
    checks=(check,),
    derived=("id_number_index", "id_number_sealed", "phone_sealed", "phone_index",
             "household_id",
             "birth_on", "sex"),
    extras=("household_code", "household_village"),
    resolve=(
        households.FIND.format(id="household_id", code="household_code"), TAKE_PLACE,
    ),
    rules=(NO_HOUSEHOLD, TWO_NAMES, SAME_PERSON, OTHER_NAME, TWO_VILLAGES, TWO_HEADS,
           NO_HEAD, NOWHERE, OTHER_HOUSEHOLD, LONE_CHILD),
)  # fmt: skip
