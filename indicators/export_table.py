"""Tables for people and for other programs: rows by column, written as CSV, as a workbook, or as JSON.

Amounts are cents here and euros with two decimals outside. What a spreadsheet could take for a formula is made
harmless in one place, `harmless`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.money import plain_euros
from indicators.ratio import Ratio

FORMS = ("csv", "xlsx", "json")
KINDS = ("text", "count", "euros", "percent", "date", "flag")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name, what it holds (`KINDS`), and what it means."""

    name: str
    kind: str
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by column name; euros are cents, a percentage is a `Ratio`, null is empty."""

    id: str
    title_fr: str
    title_en: str
    fields: tuple[Field, ...]
    rows: Sequence[Mapping[str, Any]]


def render(table: Table, form: str, lang: str = "fr") -> bytes:
    """The table as `csv` (semicolons, UTF-8 with its mark), `xlsx` or `json`. Raises `ValueError` on another form."""
    if form == "csv":
        return _csv(table)
    if form == "xlsx":
        return _xlsx(table, lang)
    if form == "json":
        return (json.dumps(_objects(table), ensure_ascii=False, indent=2) + "\n").encode()
    raise ValueError(f"no such form of export: {form}")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: `=1+1` gets an apostrophe before it, as by hand."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(kind: str, value: Any) -> str | int | bool | None:
    """A value as JSON has it: amounts and percentages as text with two decimals."""
    if value is None:
        return None
    if kind == "euros":
        return plain_euros(value)
    if isinstance(value, Ratio):
        return value.percent_text
    if isinstance(value, date):
        return value.isoformat()
    return value if kind in ("count", "flag") else str(value)


def _objects(table: Table) -> list[dict[str, Any]]:
    return [{field.name: _plain(field.kind, row.get(field.name)) for field in table.fields} for row in table.rows]


def _cell(kind: str, value: Any) -> str:
    plain = _plain(kind, value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "oui" if plain else "non"
    return harmless(plain) if kind == "text" and isinstance(plain, str) else str(plain)


def _csv(table: Table) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow([field.name for field in table.fields])
    for row in table.rows:
        rows.writerow([_cell(field.kind, row.get(field.name)) for field in table.fields])
    # The mark at the start makes a French spreadsheet read UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: Table, lang: str) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    sheet = book.add_worksheet(table.id[:31])
    for place, field in enumerate(table.fields):
        sheet.write_string(0, place, field.name, bold)
        for number, row in enumerate(table.rows, start=1):
            _write(sheet, number, place, field.kind, row.get(field.name), money)
        longest = max((len(_cell(field.kind, row.get(field.name))) for row in table.rows), default=0)
        sheet.set_column(place, place, min(max(longest, len(field.name)) + 2, _WIDEST))
    sheet.freeze_panes(1, 0)
    _legend(book, table, bold, lang)
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, place: int, kind: str, value: Any, money: Any) -> None:
    if value is None:
        return
    if kind == "euros":
        sheet.write_number(row, place, value / 100, money)
    elif kind == "count":
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, _cell(kind, value))


def _legend(book: Any, table: Table, bold: Any, lang: str) -> None:
    fr = lang == "fr"
    words = book.add_worksheet("Lisez-moi" if fr else "Read me")
    words.write_string(0, 0, table.title_fr if fr else table.title_en, bold)
    for row, field in enumerate(table.fields, start=2):
        words.write_string(row, 0, field.name)
        words.write_string(row, 1, field.fr if fr else field.en)
    words.set_column(0, 1, 40)
