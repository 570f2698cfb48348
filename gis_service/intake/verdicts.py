"""What a written code of a division or cell stands for, and what to say about it."""

from collections.abc import Callable
from dataclasses import dataclass

from gis_service.divisions import codes
from gis_service.divisions.codes import Level, MalformedCodeError
from gis_service.intake.checking import Slice
from gis_service.intake.fields import Field
from gis_service.intake.findings import Severity

VILLAGE = Level.VILLAGE


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a written code stands for, and what has to be said about it."""

    code: str | None
    severity: Severity | None = None
    issue: str = ""
    message: str = ""
    advice: str = ""


def village(part: Slice, text: str) -> Verdict:
    """Judge a village code: known, retired, of another level, unknown."""
    return _judge(part, text, VILLAGE)


def any_village(part: Slice, text: str) -> Verdict:
    """Judge the village code of a parcel, whose prefix outlives the village."""
    verdict = _judge(part, text, VILLAGE)
    if verdict.issue not in {"village_retired", "village_split"}:
        return verdict
    message = f"所属村 {text} 已撤销,地块编码沿用原村代码 (code of a dead village kept)"
    return Verdict(verdict.code, "warned", "parcel_dead_village", message, "无需处理")


def cell(part: Slice, text: str) -> Verdict:
    """Judge the code of a cell that a row says it is of."""
    try:
        code = codes.normalise(text)
    except MalformedCodeError as error:
        return Verdict(None, "refused", "code_malformed", error.detail, "请核对编码")
    if code in part.registers.cells or len(code) == VILLAGE:
        return Verdict(code)
    message = f"网格 {code} 不在库中,按位置或村确定 (unknown cell)"
    return Verdict(None, "warned", "cell_unknown", message, "请核对网格编码")


def own_code(field: Field) -> Callable[[Slice, str], Verdict]:
    """Return the judge of the code a division or cell has itself."""
    wanted = Level(field.digits[0])

    def judge(part: Slice, text: str) -> Verdict:
        try:
            code = codes.at_level(text, wanted)
        except MalformedCodeError as error:
            return Verdict(
                None, "refused", "code_malformed", error.detail, "请核对编码"
            )
        if not code.startswith(part.options.county_code):
            message = (
                f"编码 {code} 不属于本县 {part.options.county_code} (another county)"
            )
            return Verdict(None, "refused", "code_other_county", message, "请核对编码")
        above = {9: part.registers.townships, 12: part.registers.villages}
        parent = codes.parent(code)
        if parent not in above.get(len(parent), {parent: ""}):
            name = codes.LEVEL_NAMES[codes.level(parent)]
            message = f"上级{name} {parent} 不在库中 (its parent is not known)"
            return Verdict(
                None, "refused", "parent_unknown", message, f"请先导入{name}"
            )
        if text == code:
            return Verdict(code)
        message = "已规范编码写法 (written in the normal form)"
        return Verdict(code, "fixed", "code_normalised", message, "请核对")

    return judge


def _judge(part: Slice, text: str, wanted: Level) -> Verdict:
    registers = part.registers
    text = registers.aliases.get(text, text)
    try:
        code = codes.normalise(text)
    except MalformedCodeError as error:
        return _malformed(part, text, error)
    if code in registers.villages:
        if code == text or text == code.ljust(len(text), "0"):
            return Verdict(code)
        message = "已规范编码写法 (written in the normal form)"
        return Verdict(code, "fixed", "code_normalised", message, "请核对")
    if len(code) != wanted:
        return _other_level(part, code)
    if code in registers.retired:
        return _retired(part, code)
    near = registers.near_villages(code) or "无"
    message = f"村代码 {code} 不在库中;相近: {near} (unknown village)"
    return Verdict(None, "refused", "village_unknown", message, "请核对村代码")


def _malformed(part: Slice, text: str, error: MalformedCodeError) -> Verdict:
    county = part.options.county_code
    # Short of its county: 101203 of 431322101203, as some registers write it.
    if text.isdecimal() and county + text in part.registers.villages:
        message = f"已补全县代码 (county {county} put in front)"
        return Verdict(county + text, "fixed", "code_padded", message, "请核对")
    return Verdict(None, "refused", "code_malformed", error.detail, "请核对编码")


def _other_level(part: Slice, code: str) -> Verdict:
    level = codes.LEVEL_NAMES[codes.level(code)]
    if len(code) > VILLAGE and code[:VILLAGE] in part.registers.villages:
        message = f"给的是{level}编码,已取其村代码 (its village taken)"
        return Verdict(code[:VILLAGE], "fixed", "code_level", message, "请核对")
    listed = part.registers.villages_of(code) or "无"
    message = f"{code} 是{level}编码,这里需要村编码;该{level}有: {listed} (wrong level)"
    return Verdict(None, "refused", "code_level", message, "请改为村编码")


def _retired(part: Slice, code: str) -> Verdict:
    retired = part.registers.retired[code]
    known = [one for one in retired.successors if one in part.registers.villages]
    ask = "" if part.options.as_of else ";如整份文件按旧区划,请加 --as-of 日期"
    if len(known) == 1:
        name = part.registers.villages[known[0]]
        message = f"村 {code} {retired.name} 已撤销,并入 {known[0]} {name} (merged)"
        return Verdict(known[0], "fixed", "village_retired", message, f"请核对{ask}")
    names = "、".join(f"{one} {part.registers.villages[one]}" for one in known) or "无"
    message = f"村 {code} {retired.name} 已撤销,去向: {names};请选择 (split: choose)"
    return Verdict(None, "refused", "village_split", message, f"请改为其中之一{ask}")
