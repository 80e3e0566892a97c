"""Empty files of a shape: the columns, their explanation, one example line."""

from __future__ import annotations

import csv
import io
from typing import Any

from indicators.imports._cells import KINDS
from indicators.imports._shape import Shape


def template(shape: Shape[Any], form: str, lang: str = "fr") -> bytes:
    """A file to fill in: `csv` (header and one example, semicolons) or `xlsx` (the same, and a sheet of explanations).

    Raises `ValueError` on another form.
    """
    if form == "csv":
        return _csv(shape)
    if form == "xlsx":
        return _xlsx(shape, lang)
    raise ValueError(f"no such form of template: {form}")


def explained(shape: Shape[Any], lang: str) -> list[list[str]]:
    """One row a column: name, whether it is required, what it holds, what it means, an example."""
    fr = lang == "fr"
    needed = ("oui", "non") if fr else ("yes", "no")
    return [
        [
            column.name,
            needed[0 if column.required else 1],
            ", ".join(column.choices) or (KINDS[column.kind].fr if fr else KINDS[column.kind].en),
            column.fr if fr else column.en,
            column.example,
        ]
        for column in shape.columns
    ]


def _csv(shape: Shape[Any]) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out, delimiter=";", lineterminator="\r\n")
    rows.writerow([column.name for column in shape.columns])
    rows.writerow([column.example for column in shape.columns])
    # The mark at the start makes a French spreadsheet read UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _xlsx(shape: Shape[Any], lang: str) -> bytes:
    import xlsxwriter

    fr, out = lang == "fr", io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False})
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(shape.id)
    for place, column in enumerate(shape.columns):
        sheet.set_column(place, place, max(12, len(column.name) + 2), text)
        sheet.write_string(0, place, column.name, bold)
        sheet.write_string(1, place, column.example, text)
    sheet.freeze_panes(1, 0)
    words = book.add_worksheet("Lisez-moi" if fr else "Read me")
    words.write_string(0, 0, shape.title_fr if fr else shape.title_en, bold)
    heads = (
        ("colonne", "obligatoire", "contenu", "sens", "exemple")
        if fr
        else ("column", "required", "holds", "means", "example")
    )
    for row, cells in enumerate([list(heads), *explained(shape, lang)], start=2):
        for place, cell in enumerate(cells):
            words.write_string(row, place, cell, bold if row == 2 else None)
    words.set_column(0, 4, 26)
    book.close()
    return out.getvalue()
