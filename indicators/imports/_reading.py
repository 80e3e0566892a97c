"""From the bytes of a CSV file, a workbook or a JSON list to the records of a shape."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any

from indicators.imports._cells import SEPARATOR, Cell
from indicators.imports._faults import Fault, ImportRefused, Wrong
from indicators.imports._shape import Record, Shape

MOST_ROWS = 1_000_000
MOST_FAULTS = 500
_MOST_BYTES = 256 * 1024 * 1024
Line = tuple[int, list[Cell | None]]


def read(shape: Shape[Record], data: bytes) -> list[Record]:
    """The records of a file, in its order. Raises as `read_numbered`."""
    return [record for _, record in read_numbered(shape, data)]


def read_numbered(shape: Shape[Record], data: bytes) -> list[tuple[int, Record]]:
    """The records of a file with their lines, for who has more to say of them.

    Raises:
        ImportRefused: with everything that is wrong, up to `MOST_FAULTS` faults; nothing of the file is to be used.
    """
    return _records(shape, _lines(data))


def read_objects(shape: Shape[Record], objects: object) -> list[Record]:
    """The records of a JSON list, one object a row with the columns for names; the first is row 2, as in a file.

    Raises:
        ImportRefused: as for `read`.
    """
    return [record for _, record in _records(shape, _objects(objects))]


def _objects(objects: object) -> Iterator[Line]:
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise ImportRefused([Fault("FILE_LIST")])
    names = list(dict.fromkeys(name for one in objects for name in one))
    rows = ((number, [_plain(one.get(name)) for name in names]) for number, one in enumerate(objects, start=2))
    return itertools.chain([(1, [*names])] if objects else (), rows)


def _records(shape: Shape[Record], lines: Iterator[Line]) -> list[tuple[int, Record]]:
    head = next(lines, None)
    if head is None:
        raise ImportRefused([Fault("FILE_EMPTY")])
    names = _header(shape, head)
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    records: list[tuple[int, Record]] = []
    for number, cells in lines:
        if len(faults) >= MOST_FAULTS:
            break
        if len(records) >= MOST_ROWS:
            raise ImportRefused([Fault("FILE_TOO_LARGE", parameters=(("limit", MOST_ROWS), ("unit", "lignes")))])
        try:
            row = _row(shape, names, number, cells, faults)
            if row is not None:
                _once(shape, row, number, seen)
                records.append((number, shape.make(row)))
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
    for number, cells in _form(data)(data):
        if any(cell is not None and cell != "" for cell in cells):
            yield number, cells


def _form(data: bytes) -> Callable[[bytes], Iterator[Line]]:
    """What a file is, by how it begins: no column of ours is called `[`."""
    if data.startswith(b"PK\x03\x04"):
        return _workbook
    return _json if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") else _csv


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ImportRefused([Fault("FILE_ENCODING")]) from None


def _json(data: bytes) -> Iterator[Line]:
    text = _decoded(data)
    try:
        objects = json.loads(text, object_hook=_joined)
    except (ValueError, RecursionError) as error:
        raise ImportRefused([Fault("FILE_UNREADABLE", parameters=(("detail", str(error)),))]) from None
    return _objects(objects)


def _joined(row: dict[str, Any]) -> dict[str, Any]:
    """An object of a list, its lists of texts as a cell has them."""
    return {
        name: SEPARATOR.join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        for name, value in row.items()
    }


def _csv(data: bytes) -> Iterator[Line]:
    text = _decoded(data)
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
    """A cell of a workbook or a JSON value in the few types that a column reads; durations and times become text."""
    if cell == "" or cell is None:
        return None
    if isinstance(cell, bool | str | date):
        return cell
    if isinstance(cell, int | float):
        return float(cell)
    return str(cell) if isinstance(cell, time | timedelta) else repr(cell)
