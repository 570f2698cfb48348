"""Files that hold what must not be collected are refused; nothing of them is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service.intake.faults import FileRefusedError
from gis_service.intake.never_collected import kind_of
from gis_service.intake.things import THINGS
from tests.intake.conftest import Take

Table = Callable[..., Path]
PERSON = {"姓名": "试一", "身份证号": "990101199001010019", "户号": "H1"}
KEPT = "intake.issues", "intake.batches", "people.residents"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("宗教信仰", "宗教信仰"), ("Religion", "宗教信仰"), ("政治面貌", "政治观点"),
        ("politicalViews", "政治观点"), ("指纹编号", "生物识别"), ("人脸", "生物识别"),
        ("FACE_IMAGE", "生物识别"), ("血型", "血型"), ("BloodType", "血型"),
        ("bloodtype", "血型"), ("既往病史", "医疗健康"), ("medical record", "医疗健康"),
        ("HIV", "医疗健康"), ("开户行", "金融账户"), ("bank_account_no", "金融账户"),
        ("银行 卡号", "金融账户"), ("是否吸毒", "吸毒"), ("信访编号", "信访"),
    ],
)  # fmt: skip
def test_a_forbidden_column_is_named_and_nothing_is_stored(
    taken: Take,
    table: Table,
    connection: Connection,
    column: str,
    kind: str,
) -> None:
    before = _kept(connection)
    file = table([{**PERSON, column: "某某"}])
    with pytest.raises(FileRefusedError, match="请删除该列"):
        taken("residents", file, is_trial=True)
    with pytest.raises(FileRefusedError, match="请删除该列") as refused:
        taken("residents", file)
    assert f"{column}({kind}" in refused.value.detail
    assert "个人信息保护法第六条" in refused.value.detail
    assert "某某" not in refused.value.detail
    assert _kept(connection) == before


def _kept(connection: Connection) -> list[object]:
    counts = [text(f"SELECT count(*) FROM {name}") for name in KEPT]  # noqa: S608 - ours
    return [connection.execute(one).scalar_one() for one in counts]


@pytest.mark.parametrize(
    "column",
    ["民族", "精神文明户", "archived_at", "surface", "人脸抓拍机", "疾病预防控制中心",
     "党群服务中心", "血站", "party wall", "河岸", "银行网点", "drugstore", "备注"],
)  # fmt: skip
def test_near_misses_are_passed_over(taken: Take, table: Table, column: str) -> None:
    report = taken("residents", table([{**PERSON, column: "某某"}]))
    assert report.files[0].merged.new == 1
    assert (column, "", "未识别,忽略 (not recognised)") in report.files[0].preview


def test_no_name_of_ours_is_forbidden() -> None:
    names = [
        name
        for thing in THINGS.values()
        for one in thing.fields
        for name in (one.name, one.title, *one.names)
    ]
    assert [name for name in names if kind_of(name)] == []
