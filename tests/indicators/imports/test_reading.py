"""Declared data out of files: all of it or none, and every error at its line."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from indicators.imports import MESSAGES, SHAPES, Fault, ImportRefused, StayRow, read

STAYS = SHAPES["stays"]
HEAD = "finess;numero_sejour;date_sortie;champ;opere;exclu;patient_oid;patient_id"
GOOD = "970490363;S1;2026-03-31;MCO;oui;non;;"


def csv(*lines: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *lines]).encode()


def faults(data: bytes, shape: str = "stays") -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(ImportRefused) as refused:
        read(SHAPES[shape], data)
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


def workbook(*rows: list[Any]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for number, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
            else:
                sheet.write(number, place, cell)
    book.close()
    return out.getvalue()


class TestCsv:
    def test_a_row_becomes_a_record(self) -> None:
        [found] = read(STAYS, csv("970490363;S1;31/03/2026;MCO;OUI;non;1.2.250.1.213.1.4.10;279035121518989"))
        patient = ("1.2.250.1.213.1.4.10", "279035121518989")
        assert found == StayRow("970490363", "S1", date(2026, 3, 31), "MCO", True, False, patient)

    @pytest.mark.parametrize(
        "data",
        [
            csv(GOOD).replace(b";", b","),
            b"\xef\xbb\xbf" + csv(GOOD),
            csv(GOOD).replace(b"\n", b"\r\n") + b"\r\n\r\n",
            csv("oui;970490363;S1;non;2026-03-31;MCO", head="opere;finess;numero_sejour;exclu;date_sortie;champ"),
            csv('970490363;"S1";"2026-03-31";MCO;1;0;;', head=HEAD.upper()),
        ],
        ids=["commas", "mark", "crlf", "other order, without the optional ones", "quotes"],
    )
    def test_its_forms_are_the_same(self, data: bytes) -> None:
        assert read(STAYS, data) == [StayRow("970490363", "S1", date(2026, 3, 31), "MCO", True, False, None)]

    def test_a_stay_without_discharge_is_a_patient_still_in(self) -> None:
        assert read(STAYS, csv("970490363;S1;;;non;non;;"))[0].discharged is None


class TestRefusals:
    def test_every_fault_is_told_at_once_and_nothing_is_read(self) -> None:
        data = csv(GOOD, "97049036;;31-03-2026;XXX;peut-être;non;;", "970490363;S2;2026-02-30;MCO;oui;non;;")
        assert faults(data) == [
            (3, "finess", "CELL_FINESS"),
            (3, "numero_sejour", "CELL_MISSING"),
            (3, "date_sortie", "CELL_DATE"),
            (3, "champ", "CELL_CHOICE"),
            (3, "opere", "CELL_YES_NO"),
            (4, "date_sortie", "CELL_DATE"),
        ]

    def test_the_same_key_twice_names_the_first_line(self) -> None:
        with pytest.raises(ImportRefused) as refused:
            read(STAYS, csv(GOOD, "", GOOD))
        assert [fault.text() for fault in refused.value.faults] == ["ligne 4, numero_sejour : même clé qu'à la ligne 2"]
        assert refused.value.faults[0].text("en") == "line 4, numero_sejour: same key as line 2"

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "FILE_EMPTY"),
            (b"\n\n", "FILE_EMPTY"),
            ("finess;numéro".encode("latin-1"), "FILE_ENCODING"),
            (b"PK\x03\x04broken", "FILE_UNREADABLE"),
            (csv('970490363;"S1;2026-03-31'), "FILE_UNREADABLE"),
            (csv(GOOD + ";more"), "ROW_LENGTH"),
            (csv("970490363;" + "S" * 201 + ";;;non;non;;"), "CELL_LONG"),
            (csv("970490363;S1;;;non;non;1.2.3;"), "PAIR"),
            (csv("970490363;S1;;;non;non;;42"), "PAIR"),
        ],
    )
    def test_a_file_that_is_not_one(self, data: bytes, code: str) -> None:
        assert [found[2] for found in faults(data)] == [code]

    def test_columns_are_those_of_the_shape(self) -> None:
        assert faults(csv(GOOD, head=HEAD.replace("opere", "operee") + ";exclu")) == [
            (1, "operee", "COLUMN_UNKNOWN"),
            (1, "exclu", "COLUMN_TWICE"),
            (1, "opere", "COLUMN_MISSING"),
        ]

    def test_faults_stop_somewhere(self) -> None:
        assert len(faults(csv(*(f"970490363;S{n};;;?;non;;" for n in range(2_000))))) == 500

    def test_a_period_runs_forward(self) -> None:
        head = "finess;domaine;debut;fin;produits;source"
        assert faults(csv("970490363;biologie;2026-02-01;2026-01-31;5;oSIS", head=head), "reports") == [
            (2, "fin", "PERIOD_REVERSED")
        ]

    @pytest.mark.parametrize("number", ["-1", "1,5", "1e3", "10 000", "x", "9" * 16])
    def test_a_count_is_a_whole_number(self, number: str) -> None:
        head = "finess;domaine;debut;fin;produits;source"
        found = faults(csv(f"970490363;biologie;2026-01-01;2026-01-31;{number};oSIS", head=head), "reports")
        assert found == [(2, "produits", "CELL_COUNT")]

    def test_a_declared_figure_has_a_number(self) -> None:
        head = "finess;indicateur;debut;fin;numerateur;denominateur;source"
        assert faults(csv("970490363;I-SUN1-LDL;2026-01-01;2026-01-31;;;oSIS", head=head), "figures") == [
            (2, "numerateur", "CELL_MISSING")
        ]

    def test_an_update_after_the_period_says_nothing_about_it(self) -> None:
        head = "finess;debut;fin;personne;accompagnement_debut;accompagnement_fin;mise_a_jour;projet;evenements"
        row = "970490363;2026-01-01;2026-03-31;p;2025-01-01;;2026-04-01;actif;0"
        assert faults(csv(row, head=head), "dui") == [(2, "mise_a_jour", "AFTER_PERIOD")]


class TestWorkbook:
    NAMES = HEAD.split(";")

    def test_reads_like_csv(self) -> None:
        data = workbook(self.NAMES, ["970490363", "S1", date(2026, 3, 31), "MCO", "oui", False, None, None])
        assert read(STAYS, data) == read(STAYS, csv(GOOD))

    def test_a_number_where_text_is_wanted_would_lose_its_zeros(self) -> None:
        data = workbook(self.NAMES, [10000024, "S1", None, None, 1, 0])
        assert faults(data) == [(2, "finess", "CELL_NUMBER")]

    def test_counts_may_be_numbers(self) -> None:
        names = ["finess", "annee", "activite_combinee", "source"]
        assert read(SHAPES["activity"], workbook(names, ["970490363", 2019, 4500, "SAE"]))[0].value == 4500
        assert faults(workbook(names, ["970490363", 2019, 4500.5, "SAE"]), "activity")[0][2] == "CELL_COUNT"

    def test_lines_are_those_of_the_sheet(self) -> None:
        data = workbook(self.NAMES, [], ["970490363", "S1", "hier", "MCO", "oui", "non"])
        assert faults(data) == [(3, "date_sortie", "CELL_DATE")]

    def test_what_unpacks_to_too_much_is_not_unpacked(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (257 * 1024 * 1024))
        assert [found[2] for found in faults(out.getvalue())] == ["FILE_TOO_LARGE"]

    def test_an_archive_that_is_no_workbook(self) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("hello.txt", "hello")
        assert [found[2] for found in faults(out.getvalue())] == ["FILE_UNREADABLE"]


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_is_said_in_both_languages(code: str) -> None:
    known = {"value": "x", "known": "a, b", "limit": 3, "unit": "lignes", "detail": "d", "found": 2, "wanted": 1,
             "first": 2, "other": "fin", "state": "s", "names": "n", "fr": "faux", "en": "wrong"}  # fmt: skip
    fault = Fault(code, 2, "fin", tuple(known.items()))
    assert fault.text("fr").startswith("ligne 2, fin : ")
    assert fault.text("en").startswith("line 2, fin: ")
    assert "{" not in fault.text() + fault.text("en")
