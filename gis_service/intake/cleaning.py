"""Turn the texts of a slice into clean values, field by field, and say what changed."""

import re
from collections.abc import Callable

import pandas as pd

from gis_service.intake import coordinates, dates, numbers
from gis_service.intake.checking import Slice
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import Field
from gis_service.people import id_number, sealing

CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u200b]"
SPACES = " \t\r\n\u3000\u00a0"

MESSAGE_COLUMN_NUMERIC = "该列为数字格式,号码已损坏,请把列设为文本后重新导出"
ADVICE_ORIGINAL = "请核对原件后改正 (check the original)"
TRUE_WORDS = frozenset(
    ["是", "有", "真", "1", "y", "yes", "t", "true", "√", "✓", "对", "在"]
)
FALSE_WORDS = frozenset(
    ["否", "无", "没有", "假", "0", "n", "no", "f", "false", "×", "x", "不", "不在"]
)
WORD_MARKS = re.compile(r"[、,，;；/|\s]+")
MOST = 0.5
LONG_CODE = 15
"""Digits a spreadsheet keeps; a longer code kept as a number is spoilt."""


def prepare(texts: pd.Series) -> pd.Series:
    """Return texts without blanks around, with missing where nothing is left."""
    stripped = texts.str.strip(SPACES)
    return stripped.mask(stripped == "")


def clean(part: Slice) -> None:
    """Fill ``part.rows`` with the clean value of every field the file brings."""
    columns = {}
    for field in part.thing.fields:
        if field.name not in part.raw.columns:
            continue
        texts = _without_faults(part, field, prepare(part.raw[field.name]))
        columns[field.name] = CLEANERS[field.kind](part, field, texts)
    part.rows = pd.DataFrame(columns, index=part.raw.index)
    for field in part.thing.fields:
        if field.default is not None and field.name in columns:
            kept = part.rows[field.name]
            part.rows[field.name] = kept.where(kept.notna(), field.default)
    for field in part.thing.fields:
        if field.is_required and field.name in columns:
            # What was refused for another reason is not also called missing.
            empty = prepare(part.raw[field.name]).isna()
            message = f"缺少{field.title} (missing)"
            part.refuse(empty, field.name, "missing", message, "请补填 (fill it in)")


def _without_faults(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    """Take out faults of formulas, invisible characters, what is far too long."""
    formula = texts.isin(numbers.FORMULA_FAULTS)
    message = "单元格是公式错误 (a formula error)"
    advice = "请在表格中改正公式后重新导出 (mend the formula)"
    part.refuse(formula, field.name, "formula_error", message, advice)
    texts = texts.mask(formula)
    invisible = texts.str.contains(CONTROL, regex=True).fillna(value=False)
    if invisible.any():
        texts = texts.copy()
        texts[invisible] = texts[invisible].str.replace(CONTROL, "", regex=True)
        message = "已去掉不可见字符 (invisible characters taken out)"
        part.fixed(invisible, field.name, "invisible", message, texts)
    long = texts.str.len().fillna(0) > field.longest
    message = f"超过 {field.longest} 个字 (longer than {field.longest} characters)"
    part.refuse(long, field.name, "too_long", message, "请缩短 (shorten it)")
    return texts.mask(long)


def _text(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    del part, field
    return texts


def _code(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    """Clean a code that is kept as it is written, of one of several lengths."""
    damaged = texts.str.fullmatch(numbers.DAMAGED).fillna(value=False)
    advice = "请把该列设为文本后重新导出 (export the column as text)"
    message = "编码被当作数字,末尾数字已丢失 (digits were lost)"
    part.refuse(damaged, field.name, "code_damaged", message, advice)
    plain = numbers.plain_digits(texts)
    changed = (plain != texts) & texts.notna() & ~damaged
    message = "已规范编码写法 (written in the normal form)"
    part.fixed(changed, field.name, "code_normalised", message, plain)
    if field.digits:
        lengths = "|".join(f"[0-9]{{{n}}}" for n in field.digits)
        wrong = plain.notna() & ~damaged & ~plain.str.fullmatch(lengths)
        wanted = "或".join(map(str, field.digits))
        message = f"{field.title}应为 {wanted} 位数字 (must have {wanted} digits)"
        part.refuse(wrong, field.name, "code_length", message, ADVICE_ORIGINAL)
    return plain.mask(damaged)


def _number(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    values, unread, odd = numbers.read(texts)
    message = "不是数字 (not a number)"
    part.refuse(unread, field.name, "not_a_number", message, "请填数字 (give a number)")
    message = "已读作数字 (read as a number)"
    part.fixed(odd, field.name, "number_words", message, values.map(lambda n: f"{n:g}"))
    return values


def _integer(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    bare = texts.str.replace(r"^第|[组村民小号]+$", "", regex=True)
    values = _number(part, field, bare)
    broken = values.notna() & ((values % 1 != 0) | (values.abs() > 2**31 - 1))
    message = "应为整数 (must be a whole number)"
    part.refuse(broken, field.name, "not_whole", message, ADVICE_ORIGINAL)
    return values.mask(broken).astype("Int64")


def _day(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    moments = _moment(part, field, texts)
    days: pd.Series = moments.dt.strftime("%Y-%m-%d")
    return days


def _time(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    moments = _moment(part, field, texts)
    times: pd.Series = moments.dt.strftime("%Y-%m-%d %H:%M:%S+08")
    return times


def _moment(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    moments, unread, odd = dates.read(texts)
    message = "日期无法识别;年份须为4位 (not a date; years have four digits)"
    advice = "请写成 2024-01-31 (write it like this)"
    part.refuse(unread, field.name, "date_unreadable", message, advice)
    message = "由序列号或汉字读出 (read from a serial number or words)"
    shown = moments.dt.strftime("%Y-%m-%d %H:%M:%S")
    part.fixed(odd, field.name, "date_read", message, shown)
    return moments


def _boolean(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    lower = texts.str.lower()
    values = pd.Series(pd.NA, texts.index, dtype="boolean")
    values[lower.isin(TRUE_WORDS)] = True
    values[lower.isin(FALSE_WORDS)] = False
    unread = texts.notna() & values.isna()
    part.refuse(
        unread, field.name, "not_yes_no", "应填 是 或 否 (yes or no)", ADVICE_ORIGINAL
    )
    if field.default is not None:
        values = values.fillna(field.default == "true")
    return values


def _word(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    lower = texts.str.lower()
    words = {name.lower(): stored for name, stored in field.words.items()}
    words |= {stored.lower(): stored for stored in field.words.values()}
    values = lower.map(words).astype("str")
    unknown = texts.notna() & values.isna()
    listed = "、".join(field.words)
    message = f"{field.title}不在代码表中 (not in the list)"
    part.refuse(unknown, field.name, "word_unknown", message, f"可填: {listed}")
    return values


def _words(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    """Clean a list of words, stored as an array literal."""
    words = {**field.words, **{stored: stored for stored in field.words.values()}}
    found: dict[str, tuple[str, bool]] = {}
    for text in texts.dropna().unique():
        # A spreadsheet drops the zero of a code: 1 is 01.
        parts = [
            one.zfill(2) if one.isdecimal() else one
            for one in WORD_MARKS.split(text)
            if one
        ]
        known = sorted({words[one] for one in parts if one in words})
        found[text] = ("{" + ",".join(known) + "}", all(one in words for one in parts))
    values = texts.map({text: one[0] for text, one in found.items()}).astype("str")
    is_known = texts.map({text: one[1] for text, one in found.items()})
    listed = "、".join(field.words)
    message = f"含有{field.title}代码表以外的内容,已忽略 (not in the list, ignored)"
    part.warn(is_known == False, field.name, "word_ignored", message, f"可填: {listed}")  # noqa: E712 - may be missing
    return values.fillna("{}")


def _id_number(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    """Check identity numbers; also keep the birth and sex they tell."""
    damaged = texts.str.fullmatch(numbers.DAMAGED).fillna(value=False)
    is_most = damaged.sum() > 1 and damaged.mean() > MOST
    if is_most or id_number.is_spoilt(texts[~damaged]):
        column = part.naming.source(field.name)
        message = f"列 {column}: {MESSAGE_COLUMN_NUMERIC} (digits were lost)"
        raise FileRefusedError(message, reason="columns")
    advice = "请把该列设为文本后重新导出 (export the column as text)"
    part.refuse(damaged, field.name, "id_spoilt", MESSAGE_COLUMN_NUMERIC, advice)
    found = id_number.check_all(texts, part.options.today)
    wrong = found["problem"].notna() & texts.notna() & ~damaged
    for kind in found["problem"][wrong].unique():
        where = wrong & (found["problem"] == kind)
        messages = found["problem"].map(id_number.MESSAGES)
        if kind == "check_digit" and part.options.is_editor:
            messages = "身份证校验位错误(应为" + found["expected"].fillna("") + ")"
        part.each(
            where, field.name, ("refused", f"id_{kind}"), messages, ADVICE_ORIGINAL
        )
    for notice in found["notice"][~wrong].dropna().unique():
        where = (found["notice"] == notice) & ~wrong
        part.fixed(where, field.name, "id_normalised", notice, found["number"])
    is_old = found["number"].str.slice(0, 6).isin(OLD_AREAS) & ~wrong & texts.notna()
    message = "历史区划码,已接受 (area code of the past, accepted)"
    part.warn(is_old, field.name, "id_area_old", message, "无需处理 (nothing to do)")
    part.raw["__birth_on"] = found["birth_on"].dt.strftime("%Y-%m-%d")
    part.raw["__sex"] = found["sex"].astype("Int64")
    return found["number"].where(~wrong & texts.notna() & ~damaged)


OLD_AREAS = frozenset(f"{432500 + number}" for number in (1, 2, 3, 22, 24))
"""County codes of the former Loudi prefecture, in numbers given before 1999."""


def _phone(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    odd = texts.notna() & ~texts.str.fullmatch(r"1[3-9][0-9]{9}")
    if not odd.any():
        return texts
    values = texts.copy()
    values[odd] = texts[odd].map(sealing.normalised).astype("str")
    values[odd] = values[odd].str.replace(r"^(\+|00)86", "", regex=True)
    values[odd] = values[odd].str.replace(r"\.0$", "", regex=True)
    good = values.str.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{9,11}|[2-8][0-9]{6,7}")
    wrong = odd & ~good.fillna(value=False)
    message = "电话号码位数不对,已留空 (not a phone number, left empty)"
    part.warn(wrong, field.name, "phone_wrong", message, ADVICE_ORIGINAL)
    message = "已规范电话写法 (written in the normal form)"
    part.fixed(
        odd & ~wrong & (values != texts),
        field.name,
        "phone_normalised",
        message,
        values,
    )
    return values.mask(wrong)


def _degrees(part: Slice, field: Field, texts: pd.Series) -> pd.Series:
    values, unread, odd = coordinates.read(texts)
    message = "坐标无法识别 (not a coordinate)"
    advice = "请写成十进制度,如 111.3 (write decimal degrees)"
    part.refuse(unread, field.name, "coordinate_unreadable", message, advice)
    message = "由度分秒读出 (read from degrees, minutes, seconds)"
    part.fixed(odd, field.name, "coordinate_read", message, values.round(7))
    return values


CLEANERS: dict[str, Callable[[Slice, Field, pd.Series], pd.Series]] = {
    "text": _text,
    "code": _code,
    "division": _text,  # Checked against the registers, see divisions.py.
    "integer": _integer,
    "number": _number,
    "area": _number,
    "date": _day,
    "time": _time,
    "boolean": _boolean,
    "word": _word,
    "words": _words,
    "id_number": _id_number,
    "phone": _phone,
    "longitude": _degrees,
    "latitude": _degrees,
    "wkt": _text,
}
