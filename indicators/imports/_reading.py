"""From the bytes of a CSV file or a workbook to the records of a shape."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any

from indicators.imports._shape import Cell, Fault, ImportRefused, Record, Shape, Wrong

MOST_ROWS = 1_000_000
MOST_FAULTS = 500
_MOST_BYTES = 256 * 1024 * 1024
Line = tuple[int, list[Cell | None]]


def read(shape: Shape[Record], data: bytes) -> list[Record]:
    """The records of a file, in its order.

    Raises:
        ImportRefused: with everything that is wrong, up to `MOST_FAULTS` faults; nothing of the file is to be used.
    """
    lines = _lines(data)
    head = next(lines, None)
    if head is None:
        raise ImportRefused([Fault("FILE_EMPTY")])
    names = _header(shape, head)
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    records: list[Record] = []
    for number, cells in lines:
        if len(faults) >= MOST_FAULTS:
            break
        if len(records) >= MOST_ROWS:
            raise ImportRefused([Fault("FILE_TOO_LARGE", parameters=(("limit", MOST_ROWS), ("unit", "lignes")))])
        try:
            row = _row(shape, names, number, cells, faults)
            if row is not None:
                _once(shape, row, number, seen)
                records.append(shape.make(row))
        except Wrong as wrong:
            faults.append(wrong.at(number, None))
    if faults:
        raise ImportRefused(faults)
    return records


def _header(shape: Shape[Any], head: Line) -> list[str]:
    number, cells = head
    names = [str(cell).strip().lower() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    known = ", ".join(column.name for column in shape.columns)
    faults = [
        Fault("COLUMN_UNKNOWN", number, name or "-", (("known", known),))
        for name in dict.fromkeys(names)
        if shape.column(name) is None
    ]
    faults += [Fault("COLUMN_TWICE", number, name) for name in dict.fromkeys(names) if names.count(name) > 1]
    faults += [
        Fault("COLUMN_MISSING", number, column.name)
        for column in shape.columns
        if column.required and column.name not in names
    ]
    if faults:
        raise ImportRefused(faults)
    return names


def _row(
    shape: Shape[Any], names: list[str], number: int, cells: list[Cell | None], faults: list[Fault]
) -> Mapping[str, Any] | None:
    """The typed values of a row by column, or null after its faults were noted. Raises `Wrong` on its length."""
    while len(cells) > len(names) and cells[-1] in (None, ""):
        cells = cells[:-1]
    if len(cells) > len(names):
        raise Wrong("ROW_LENGTH", found=len(cells), wanted=len(names))
    given = dict(zip(names, cells, strict=False))
    row: dict[str, Any] = {}
    before = len(faults)
    for column in shape.columns:
        try:
            row[column.name] = column.value(given.get(column.name))
        except Wrong as wrong:
            faults.append(wrong.at(number, column.name))
    return row if len(faults) == before else None


def _once(shape: Shape[Any], row: Mapping[str, Any], number: int, seen: dict[tuple[Any, ...], int]) -> None:
    key = tuple(row[name] for name in shape.key)
    if key in seen:
        raise Wrong("ROW_TWICE", shape.key[-1], first=seen[key])
    seen[key] = number


def _lines(data: bytes) -> Iterator[Line]:
    """The rows that hold something, each with its number in the file."""
    found = _workbook(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    for number, cells in found:
        if any(cell is not None and cell != "" for cell in cells):
            yield number, cells


def _csv(data: bytes) -> Iterator[Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused([Fault("FILE_ENCODING")]) from None
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") >= head.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            yield rows.line_num, [*cells]
    except csv.Error as error:
        raise ImportRefused([Fault("FILE_UNREADABLE", rows.line_num, None, (("detail", str(error)),))]) from None


def _workbook(data: bytes) -> Iterator[Line]:
    import python_calamine

    _bounded(data)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError) as error:
        raise ImportRefused([Fault("FILE_UNREADABLE", parameters=(("detail", str(error)),))]) from None
    for number, cells in enumerate(rows, start=1):
        yield number, [_plain(cell) for cell in cells]


def _bounded(data: bytes) -> None:
    """A workbook is an archive: what it unpacks to is looked at before it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ImportRefused([Fault("FILE_UNREADABLE", parameters=(("detail", str(error)),))]) from None
    if size > _MOST_BYTES:
        raise ImportRefused([Fault("FILE_TOO_LARGE", parameters=(("limit", _MOST_BYTES), ("unit", "octets")))])


def _plain(cell: object) -> Cell | None:
    """A cell of a workbook in the few types that a column reads; durations and times of day become text."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool | str | date):
        return cell
    if isinstance(cell, int | float):
        return float(cell)
    return str(cell) if isinstance(cell, time | timedelta) else repr(cell)
