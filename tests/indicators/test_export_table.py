"""Tables as CSV, workbooks and JSON: amounts to the cent, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from indicators.export_table import FORMS, Field, Table, harmless, render
from indicators.ratio import Ratio

FIELDS = (
    Field("nom", "text", "nom", "name"),
    Field("montant", "euros", "montant", "amount"),
    Field("nombre", "count", "nombre", "count"),
    Field("taux", "percent", "taux", "rate"),
    Field("jour", "date", "jour", "day"),
    Field("oui", "flag", "oui ou non", "yes or no"),
)
ROW: dict[str, Any] = {
    "nom": "Clinique", "montant": -1833305, "nombre": 3, "taux": Ratio(2, 3), "jour": date(2022, 6, 30), "oui": True
}  # fmt: skip


def table(*rows: dict[str, Any]) -> Table:
    return Table("essai", "Essai", "Trial", FIELDS, rows)


def cells(*rows: dict[str, Any]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(render(table(*rows), "csv").decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(*rows: dict[str, Any], number: int = 0, lang: str = "fr") -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(render(table(*rows), "xlsx", lang)))
    found: list[list[Any]] = book.get_sheet_by_index(number).to_python()
    return found


def test_csv_is_plain_text() -> None:
    assert cells(ROW, {}) == [
        ["nom", "montant", "nombre", "taux", "jour", "oui"],
        ["Clinique", "-18333.05", "3", "66.67", "2022-06-30", "oui"],
        ["", "", "", "", "", ""],
    ]


def test_json_keeps_nothing_as_null_and_amounts_as_text() -> None:
    assert json.loads(render(table(ROW, {}), "json")) == [
        {"nom": "Clinique", "montant": "-18333.05", "nombre": 3, "taux": "66.67", "jour": "2022-06-30", "oui": True},
        dict.fromkeys(ROW),
    ]


def test_a_workbook_holds_numbers_and_says_what_they_are() -> None:
    assert sheet(ROW)[1] == ["Clinique", -18333.05, 3.0, "66.67", "2022-06-30", "oui"]
    assert ["montant", "montant"] in sheet(ROW, number=1)
    assert ["montant", "amount"] in sheet(ROW, number=1, lang="en")


def test_a_rate_without_a_population_is_empty() -> None:
    assert cells({"taux": Ratio(0, 0)})[1][3] == ""


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="ods"):
        render(table(), "ods")


@pytest.mark.parametrize("form", FORMS)
def test_no_row_is_still_a_table(form: str) -> None:
    assert render(table(), form)


class TestFormulas:
    @pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1"])
    def test_are_made_harmless(self, text: str) -> None:
        assert harmless(text) == f"'{text}"
        assert cells({"nom": text})[1][0] == f"'{text}"
        assert sheet({"nom": text})[1][0].startswith("'")

    @pytest.mark.parametrize("text", ["Clinique", "1=1", "'=1", "a@b", ""])
    def test_other_texts_stay_as_they_are(self, text: str) -> None:
        assert harmless(text) == text

    def test_json_is_for_programs_and_keeps_the_text(self) -> None:
        assert json.loads(render(table({"nom": "=1+1"}), "json"))[0]["nom"] == "=1+1"

    @given(st.text(max_size=20))
    def test_no_cell_of_a_text_starts_one(self, text: str) -> None:
        assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert harmless(text).endswith(text)
