"""The course of matters: their steps, and the state that follows from the last step."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.demo import limits
from gis_service.demo.limits import Times
from gis_service.demo.streams import Numbers

TO_STATE = {
    "report": "reported",
    "accept": "accepted",
    "assign": "assigned",
    "return": "accepted",
    "reassign": "assigned",
    "extend": "assigned",
    "suspend": "suspended",
    "resume": "assigned",
    "answer": "answered",
    "check": "checking",
    "rework": "assigned",
    "reanswer": "answered",
    "recheck": "checking",
    "close": "closed",
    "self_close": "self_closed",
    "reject": "rejected",
    "merge": "merged",
    "archive": "archived",
}
"""Acts in the order they come in, with the state each leads to."""

SECOND_TIME = {"reassign": "assign", "reanswer": "answer", "recheck": "check"}
CLOSING = ("close", "self_close", "reject", "merge")

ACTORS = {
    "report": "网格员",
    "accept": "受理员",
    "assign": "派遣员",
    "return": "承办单位",
    "extend": "承办单位",
    "suspend": "值班长",
    "resume": "值班长",
    "answer": "承办单位",
    "check": "网格员",
    "rework": "网格员",
    "close": "值班长",
    "self_close": "网格员",
    "reject": "受理员",
    "merge": "受理员",
    "archive": "系统",
}
OPINIONS = {
    "return": "非本单位职责，退回重新派遣",
    "extend": "因天气原因申请延期",
    "suspend": "条件不具备，挂账处理",
    "rework": "核查未通过，返工",
    "self_close": "现场处置完毕",
    "reject": "不属于受理范围",
    "merge": "与已有事项重复，并案处理",
    "close": "核查通过，同意结案",
}

SELF_CLOSE_SHARE, SELF_CLOSE_MOST_H = 0.62, 60.0
REJECT_SHARE, MERGE_SHARE = 0.03, 0.03
RETURN_SHARE, EXTEND_SHARE, SUSPEND_SHARE, REWORK_SHARE = 0.04, 0.05, 0.02, 0.05
PROLONGED_SHARE, PROLONGED_MOST_DAYS = 0.7, 90
"""Of the old matters that are still open, how many were given more time (延期)."""

ARCHIVED_AFTER = np.timedelta64(90, "D")

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Courses:
    """When each act would happen, and until when a matter is due in the end.

    ``hours`` count from the report; NaN where an act does not happen.
    """

    hours: dict[str, Numbers]
    due: Times


def courses(matters: pd.DataFrame, draws: Numbers, now: np.datetime64) -> Courses:
    """Choose the course of each matter; ``draws`` has six rows."""
    total = matters["hours"].to_numpy()
    elapsed = limits.hours_between(matters["reported"].to_numpy(), now)
    is_over = total < elapsed
    short = is_over & (total < SELF_CLOSE_MOST_H) & (draws[0] < SELF_CLOSE_SHARE)
    rejected = is_over & ~short & (draws[1] < REJECT_SHARE)
    merged = is_over & ~short & ~rejected & (draws[1] > 1 - MERGE_SHARE)
    merged &= matters["grid_code"].duplicated().to_numpy()
    plain = ~short & ~rejected & ~merged
    accept = np.minimum(0.08 * total, 1 + 14 * draws[2])
    assign = accept + np.minimum(0.08 * total, 1 + 22 * draws[3])
    answer = np.maximum(assign, total * (0.7 + 0.1 * draws[4]))
    middle = assign + (answer - assign) / 2

    def only(where: Flags, hours: Numbers) -> Numbers:
        return np.where(where, hours, np.nan)

    returned = plain & (draws[5] < RETURN_SHARE)
    extended = plain & (draws[5] > 1 - EXTEND_SHARE)
    suspended = plain & (total > 500) & (draws[4] < SUSPEND_SHARE * 4)  # noqa: PLR2004 - hours
    reworked = plain & (draws[3] < REWORK_SHARE)
    prolonged = plain & ~is_over & (answer > elapsed) & (draws[1] < PROLONGED_SHARE)
    prolonged &= assign < elapsed
    extend_until = np.where(prolonged, elapsed, middle)
    step = (total - answer) / 8
    return Courses(
        {
            "report": np.zeros(len(total)),
            "accept": only(plain, accept),
            "assign": only(plain, assign),
            "return": only(returned, assign + (middle - assign) * 0.3),
            "reassign": only(returned, assign + (middle - assign) * 0.4),
            "extend": only(
                extended | prolonged, assign + (extend_until - assign) * 0.6
            ),
            "suspend": only(suspended, assign + (middle - assign) * 0.8),
            "resume": only(suspended, middle + (answer - middle) * 0.9),
            "answer": only(plain, answer),
            "check": only(plain, answer + step),
            "rework": only(reworked, answer + 2 * step),
            "reanswer": only(reworked, answer + 5 * step),
            "recheck": only(reworked, answer + 6 * step),
            "close": only(plain, total),
            "self_close": only(short, total),
            "reject": only(rejected, np.minimum(total, 20)),
            "merge": only(merged, np.minimum(total, 30)),
        },
        np.where(prolonged, _later_day(now, draws[2]), matters["due"].to_numpy()),
    )


def _later_day(now: np.datetime64, draws: Numbers) -> Times:
    """Return evenings of the months to come."""
    days = 2 + (draws * PROLONGED_MOST_DAYS).astype("timedelta64[D]")
    return np.asarray(
        now.astype("datetime64[D]") + days + np.timedelta64(limits.EVENING, "h")
    )


def steps(matters: pd.DataFrame, found: Courses, now: np.datetime64) -> pd.DataFrame:
    """Return what happened until now, one row per act, by matter and time."""
    reported = matters["reported"].to_numpy()
    parts = []
    for rank, (act, hours) in enumerate(found.hours.items()):
        times = _later(reported, np.where(np.isnan(hours), 0, hours))
        rows = np.flatnonzero(~np.isnan(hours) & (times <= now))
        parts.append(_acts(rows, rank, act, times[rows]))
        if act == "close":
            old = rows[(now - times[rows] > ARCHIVED_AFTER)]
            filed = times[old] + ARCHIVED_AFTER
            parts.append(_acts(old, len(TO_STATE), "archive", filed))
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(["matter", "at", "rank"], ignore_index=True)
    table["seq"] = table.groupby("matter").cumcount() + 1
    table["to_state"] = table["act"].map(TO_STATE)
    before = table["to_state"].shift()
    table["from_state"] = before.where(table["seq"] > 1)
    hours = limits.working_hours(table["at"].to_numpy())
    used = pd.Series(np.round(np.diff(hours, prepend=0) * 3600)).astype("Int64")
    table["used_s"] = used.where(table["seq"] > 1)
    due = matters["due"].to_numpy()[table["matter"].to_numpy()]
    table["is_late"] = (table["at"].to_numpy() > due) & (table["act"] != "archive")
    table["act"] = table["act"].replace(SECOND_TIME)
    table["actor"] = table["act"].map(ACTORS)
    table["opinion"] = table["act"].map(OPINIONS)
    is_assigned = table["act"].isin(["assign", "resume", "rework"])
    department = matters["department"].to_numpy()[table["matter"].to_numpy()]
    table["receiver"] = pd.Series(department).where(is_assigned)
    return table.drop(columns="rank")


def _later(start: Times, hours: Numbers) -> Times:
    return np.asarray(start + np.round(hours * 3600).astype("timedelta64[s]"))


def _acts(rows: NDArray[np.intp], rank: int, act: str, at: Times) -> pd.DataFrame:
    return pd.DataFrame({"matter": rows, "rank": rank, "act": act, "at": at})


def finished(matters: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return matters with the state and the times that their steps leave them."""
    result = matters.copy()
    last = table.drop_duplicates("matter", keep="last").set_index("matter")
    result["state"] = last["to_state"]
    for name, act in (("accepted", "accept"), ("assigned", "assign")):
        of_act = table[table["act"] == act].drop_duplicates("matter")
        result[name] = of_act.set_index("matter")["at"]
    answers = table[table["act"] == "answer"].drop_duplicates("matter", keep="last")
    result["answered"] = answers.set_index("matter")["at"]
    closings = table[table["act"].isin(CLOSING)].set_index("matter")
    result["closed"] = closings["at"]
    again = table[table["act"] == "rework"].groupby("matter").size()
    result["rework_count"] = again.reindex(result.index, fill_value=0)
    is_self_closed = result["state"] == "self_closed"
    result["level"] = result["level"].where(~is_self_closed, "cell")
    result["is_duplicate"] = result["state"] == "merged"
    # Who answers the question at all, and how: draws of the matter itself.
    is_asked = result["state"].isin(["closed", "archived"]) & (result["rating"] > 0.5)  # noqa: PLR2004 - a share
    stars = 5 - (4 * (2 * result["rating"] - 1).clip(lower=0) ** 2.2).round()
    result["satisfaction"] = stars.astype("Int64").where(is_asked)
    return result
