"""The trail as a file: CSV line by line, or a workbook; with the hash of each line."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import Row

from gis_service.access import acts
from gis_service.access.county_day import HERE
from gis_service.access.roles import TITLES as ROLES
from gis_service.spreadsheets import disarmed, storable

Line = Row[*tuple[Any, ...]]

HEADS = (
    "编号",
    "时间",
    "操作人",
    "角色",
    "动作",
    "动作名称",
    "对象",
    "事由",
    "来源地址",
    "请求编号",
    "详情",
    "链中序号",
    "散列",
)


def csv_lines(lines: Iterable[Line]) -> Iterator[bytes]:
    """Give a CSV piece by piece, with the mark by which Excel knows UTF-8."""
    yield b"\xef\xbb\xbf" + _written(HEADS)
    for line in lines:
        yield _written([disarmed(cell) for cell in _cells(line)])


def write_xlsx(lines: Iterable[Line], path: Path) -> None:
    """Write a workbook, never holding more than a line."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("日志")
    sheet.append(HEADS)
    for line in lines:
        sheet.append([storable(disarmed(cell)) for cell in _cells(line)])
    book.save(path)


def _cells(line: Line) -> list[object]:
    return [
        line.id,
        line.at.astimezone(HERE).isoformat(timespec="milliseconds"),
        line.actor,
        ROLES.get(line.role, line.role),
        line.act,
        acts.title(line.act),
        line.subject,
        line.reason,
        line.address,
        line.request_id,
        json.dumps(line.facts, ensure_ascii=False),
        line.number,
        None if line.hash is None else bytes(line.hash).hex(),
    ]


def _written(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()
