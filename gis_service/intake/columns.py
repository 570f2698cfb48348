"""The columns of a file as a whole: what is missing, spoilt, cut or not to be taken."""

from collections.abc import Iterator

from gis_service.intake import cleaning, naming, never_collected
from gis_service.intake.faults import FileRefusedError
from gis_service.intake.fields import Thing
from gis_service.intake.findings import Finding
from gis_service.intake.naming import Naming
from gis_service.intake.request import Found


def about(names: Naming, found: Found) -> Iterator[Finding]:
    """Say what became of columns that were not simply taken."""
    for name in names.cut:
        message = f"列名被截断,按 {name} 处理 (a heading cut short)"
        advice = "请核对;可用 --columns 指定"
        yield Finding(
            None, names.pairs[name], "column_cut", "warned", None, message, advice
        )
    for column in names.twice:
        message = "与另一列含义相同,已忽略 (means the same as another column)"
        advice = "可用 --columns 指定要用的列"
        yield Finding(None, column, "column_twice", "warned", None, message, advice)
    for words in found.skipped:
        message = f"{words} 未导入 (passed over)"
        yield Finding(None, None, "skipped", "fixed", None, message, None)


def check(thing: Thing, names: Naming, found: Found) -> None:
    """Refuse a file without a column it must have, with a spoilt or a forbidden one.

    A spreadsheet keeps fifteen digits of a number: what follows is lost for good.

    Raises
    ------
    FileRefusedError
        With the names of the columns.
    """
    _refuse_forbidden(found)
    if missing := naming.missing(thing, names):
        titles = "、".join(f"{one.title}({one.name})" for one in missing)
        columns = "、".join(found.columns)
        there = (
            f"文件中有: {columns};可用 --columns 指定"
            if columns
            else "文件中没有任何列"
        )
        message = f"缺少列: {titles};{there} (column missing)"
        raise FileRefusedError(message, reason="columns")
    for one in thing.fields:
        is_long = one.kind == "id_number" or (
            one.kind == "code" and max(one.digits, default=0) > cleaning.LONG_CODE
        )
        if is_long and names.pairs.get(one.name) in found.numeric:
            column = names.pairs[one.name]
            message = (
                f"列 {column}: {cleaning.MESSAGE_COLUMN_NUMERIC} (digits were lost)"
            )
            raise FileRefusedError(message, reason="columns")


def _refuse_forbidden(found: Found) -> None:
    """Refuse a file that holds what must not be collected, whatever its rows say."""
    told = [
        f"{column[:40]}({kind.name}: {kind.sentence},{kind.source})"
        for column in found.columns
        if (kind := never_collected.kind_of(column))
    ]
    if told:
        message = (
            f"不得采集的列: {'、'.join(told)};请删除该列后重新导入,文件未存入任何内容"
            " (must not be collected: delete the column and try again)"
        )
        raise FileRefusedError(message, reason="columns")
