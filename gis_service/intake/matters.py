"""Matters (事项): number, class, times in their order, where it was."""

import numpy as np
import pandas as pd

from gis_service import free_text
from gis_service.intake import listed, matter_numbers
from gis_service.intake.checking import Slice
from gis_service.intake.duplicates import first_kept
from gis_service.intake.fields import (
    ACCURACY,
    WHEREABOUTS,
    Field,
    Rule,
    Thing,
)

STATES = {"已上报": "reported", "上报": "reported", "待受理": "reported",
          "已受理": "accepted",
          "受理": "accepted", "已派遣": "assigned", "办理中": "assigned",
          "处置中": "assigned", "已反馈": "answered", "反馈": "answered",
          "核查中": "checking", "待核查": "checking", "挂账": "suspended",
          "挂起": "suspended", "已结案": "closed", "结案": "closed", "已办结": "closed",
          "办结": "closed", "自行处置": "self_closed", "即办即结": "self_closed",
          "不予受理": "rejected", "已并案": "merged", "作废": "void",
          "已归档": "archived"}  # fmt: skip
CLOSED = ("closed", "self_closed", "rejected", "merged", "void", "archived")

SOURCES = {"网格员上报": "officer", "网格员": "officer",
           "巡查上报": "officer",
           "公众举报": "public", "群众举报": "public", "12345": "public",
           "热线": "public",
           "微信": "public", "视频": "iot", "物联": "iot", "视频监控": "iot",
           "领导批示": "leader", "领导交办": "leader", "部门批转": "transfer",
           "部门转办": "transfer", "上级交办": "superior"}  # fmt: skip

LEVELS = {"网格": "cell", "村": "village", "村级": "village", "乡镇": "township",
          "乡镇级": "township", "县": "county", "县级": "county"}  # fmt: skip

ORDER = ("reported_at", "accepted_at", "assigned_at", "answered_at", "closed_at")
ADVICE = "请核对 (please check)"


def check(part: Slice) -> None:
    """Hold class, admission, times, limit and state together; hide numbers in texts."""
    _class(part)
    _order(part)
    _state(part)
    _hide_numbers(part)
    matter_numbers.sort_out(part)


def _class(part: Slice) -> None:
    classes = part.registers.matter_classes
    code = listed.read(part, "class_code", {n: c for c, (n, _, _) in classes.items()})
    unknown = code.notna() & ~code.isin(list(classes))
    message = "事项类别不在清单中 (unknown class)"
    part.refuse(
        unknown, "class_code", "matter_class", message, "请填清单中的类别代码或名称"
    )
    day = part.texts("reported_at").str[:10]
    first = code.map({one: _day(kept[1]) for one, kept in classes.items()}).astype(
        "str"
    )
    last = code.map({one: _day(kept[2]) for one, kept in classes.items()}).astype("str")
    outside = (
        code.notna() & day.notna() & ((day < first) | (day > last)).fillna(value=False)
    )
    message = "上报时该类别未准入 (the class was not admitted then)"
    part.refuse(outside, "class_code", "matter_not_admitted", message, ADVICE)
    part.rows["class_code"] = code


def _day(day: object) -> str | float:
    return np.nan if day is None else str(day)


def _order(part: Slice) -> None:
    reported = part.texts("reported_at")
    before, before_name = reported, "上报"
    for name in ORDER[1:]:
        after = part.texts(name)
        title = part.thing.known[name].title
        # Texts of one form and one zone compare like the moments they write.
        wrong = after.notna() & before.notna() & (after < before).fillna(value=False)
        message = f"{title}早于{before_name} (times out of order)"
        part.refuse(wrong, name, "matter_order", message, ADVICE)
        before, before_name = after.fillna(before), title
    now = f"{part.options.today.isoformat()} 23:59:59+08"
    late = reported.notna() & (reported > now).fillna(value=False)
    part.refuse(
        late, "reported_at", "matter_future", "上报时间晚于今天 (in the future)", ADVICE
    )
    due = part.texts("due_at")
    short = due.notna() & reported.notna() & (due <= reported).fillna(value=False)
    message = "办结时限不晚于上报时间 (the limit is not after the report)"
    part.refuse(short, "due_at", "matter_limit", message, ADVICE)
    limit = part.texts("limit_value").astype("float64")
    message = "时限须大于0 (the limit must be positive)"
    part.refuse(limit <= 0, "limit_value", "matter_limit", message, ADVICE)


def _state(part: Slice) -> None:
    closed = part.texts("closed_at")
    state = part.texts("state")
    derived = pd.Series("reported", part.rows.index, dtype="str").mask(
        closed.notna(), "closed"
    )
    state = state.fillna(derived)
    is_closed = state.isin(CLOSED)
    message = "状态为结案但没有结案时间 (closed without a time)"
    part.refuse(is_closed & closed.isna(), "state", "matter_state", message, ADVICE)
    message = "有结案时间但状态未结案 (a closing time, yet open)"
    part.refuse(~is_closed & closed.notna(), "state", "matter_state", message, ADVICE)
    part.rows["state"] = state
    part.rows["source"] = part.texts("source").fillna("officer")


def _hide_numbers(part: Slice) -> None:
    for name in ("title", "description", "address"):
        if not part.has(name):
            continue
        written = part.texts(name)
        hidden = written.map(free_text.masked, na_action="ignore").astype("str")
        changed = written.notna() & (hidden != written)
        part.warn(changed, name, "matter_numbers_hidden", free_text.NOTICE, ADVICE)
        part.rows[name] = hidden


FIND_BY_PLACE = "CREATE INDEX ON staged USING gist (geom)"

SAME_NUMBER = first_kept("number", "事项编号重复,首见于第 {} 行 (duplicate number)")

NEAR = "0.0004"
"""Degrees around a place that surely hold thirty metres."""

ALIKE = (
    "one.class_code = other.class_code"
    f" AND one.geom && ST_Expand(other.geom, {NEAR})"
    " AND ST_DWithin(one.geom::geography, other.geom::geography, 30)"
    " AND one.reported_at BETWEEN other.reported_at - interval '24 hours'"
    " AND other.reported_at + interval '24 hours'"
)

REPEATED = Rule(
    "matter_repeated", "warned", "number",
    "SELECT one.row_no, one.number, min(other.number) FROM staged AS one"  # noqa: S608 - our own text
    f" INNER JOIN staged AS other ON {ALIKE} AND other.row_no < one.row_no"
    " WHERE NOT one.is_refused AND NOT other.is_refused"
    " GROUP BY one.row_no, one.number ORDER BY one.row_no",
    "疑似重复上报:30米、24小时内有同类事项 {} (looks like a repeat)", "请核对是否并案",
    needs=("geom",),
)  # fmt: skip

REPEATED_STORED = Rule(
    "matter_repeated", "warned", "number",
    "SELECT one.row_no, one.number, min(other.number) FROM staged AS one"  # noqa: S608 - our own text
    f" INNER JOIN matters.matters AS other ON {ALIKE}"
    " AND other.county_code = one.county_code AND other.number <> one.number"
    " AND other.grid_code = one.grid_code"
    " WHERE NOT one.is_refused GROUP BY one.row_no, one.number ORDER BY one.row_no",
    "疑似重复上报:库中30米、24小时内有同类事项 {} (looks like a repeat)",
    "请核对是否并案",
    needs=("geom",),
)  # fmt: skip

MATTERS = Thing(
    what="matters",
    title="事项",
    table="matters.matters",
    key=("county_code", "number"),
    fields=(
        matter_numbers.NUMBER, matter_numbers.SOURCE_NUMBER,
        Field("class_code", "类别",
              "code",
              ("事项类别", "类别代码", "小类", "小类代码", "事件类别", "事件小类",
               "案件类别"),
              longest=40, is_required=True),
        Field("source", "来源", "word", ("事项来源", "问题来源", "上报渠道"),
              words=SOURCES),
        Field("title", "标题", "text", ("事项标题", "事件标题", "主题", "问题"),
              longest=200, mask="all", is_required=True),
        Field("description", "描述", "text", ("问题描述", "事项描述", "内容", "详情"),
              longest=4000, mask="all"),
        Field("state", "状态", "word", ("办理状态", "当前状态", "环节"), words=STATES),
        Field("level", "处置层级", "word", ("层级", "办理层级"), words=LEVELS,
              default="cell"),
        Field("is_urgent", "紧急", "boolean", ("是否紧急", "加急"), default="false"),
        Field("department", "承办单位", "text", ("处置单位", "责任单位",
              "办理单位"),
              longest=100),
        Field("address", "地址", "text", ("地点", "事发地址", "位置描述", "事发地点"),
              mask="all"),
        Field("reported_at", "上报时间", "time", ("上报日期", "发现时间",
              "受理登记时间"),
              is_required=True),
        Field("accepted_at", "受理时间", "time",
              ("立案时间",)),
        Field("assigned_at", "派遣时间", "time", ("分拨时间", "交办时间")),
        Field("answered_at", "反馈时间", "time", ("处置完成时间", "回复时间")),
        Field("closed_at", "结案时间", "time", ("办结时间", "完成时间")),
        Field("due_at", "办结时限", "time", ("截止时间", "应办结时间", "时限")),
        Field("limit_value", "时限值", "number", ("办理时限", "时限天数"),
              is_stored=False),
        Field("accuracy_m", "定位精度", "number", ACCURACY.names),
        *WHEREABOUTS,
    ),
    shape="point",
    is_shape_required=False,
    is_placed=True,
    is_personal=True,
    checks=(check,),
    derived=("class_code", "state", "source", "village_code"),
    resolve=(*matter_numbers.RESOLVE, FIND_BY_PLACE),
    rules=(matter_numbers.SAME_SOURCE, SAME_NUMBER, REPEATED, REPEATED_STORED),
)  # fmt: skip
