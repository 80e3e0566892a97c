"""`segur import` of what the programmes look at: tried, taken whole, taken twice, and each fault our tables find."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indicators.imports import template
from indicators.programmes.imports import PROGRAMME_SHAPES
from testdata import Country
from tests.support.server import segur
from tests.support.synthetic import copy_database

SITE, OTHER, ENTITY = "970490363", "970490355", "970490348"
"""Two sites of a legal entity in La Réunion, as the templates have them."""
TABLES = {
    "ght": ("ght", "ght_member"), "relims": ("relims",), "prerequisites": ("filed_prerequisite",),
    "envelopes": ("delegated_envelope",), "services": ("service_report",), "pai": ("pai_operation",),
    "pai-payments": ("pai_payment",), "activity": ("combined_activity",),
    "candidatures": ("programme_file", "programme_entry", "programme_move"),
    "galis": ("programme_file", "programme_entry", "programme_move"),
}  # fmt: skip
FORM = {
    "dossier": "42", "finess": SITE, "fenetre": "F1", "domaines": "documents_sortie", "depot": "2021-10-31T23:59:59",
    "referent": "DSI", "validation_directeur": "oui", "engagement": "oui", "editeurs": "Éditeur A",
    "editeurs_relims": "oui",
}  # fmt: skip


@pytest.fixture
def database(tmp_path: Path, demo_database: Path, demo_country: Country) -> Path:
    assert any(one.finess == SITE and one.legal_entity == ENTITY for one in demo_country.establishments)
    return copy_database(demo_database, tmp_path / "imports.db")


def rows(database: Path, *names: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return [sorted(connection.execute(f"select * from {name}"), key=repr) for name in names]


def take(database: Path, kind: str, content: bytes | str, *more: str) -> subprocess.CompletedProcess[str]:
    file = database.with_name(f"{kind}.csv")
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return segur("import", kind, file, "--database", database, *more)


def taken(database: Path, kind: str, content: bytes | str) -> None:
    done = take(database, kind, content)
    assert done.returncode == 0, done.stdout + done.stderr


def refused(database: Path, kind: str, content: str) -> list[str]:
    before = rows(database, *TABLES[kind])
    done = take(database, kind, content, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert rows(database, *TABLES[kind]) == before
    said: list[str] = json.loads(done.stdout)["errors"]
    return said


def csv(*lines: Sequence[str] | dict[str, str]) -> str:
    cells = [list(line.values()) if isinstance(line, dict) else line for line in lines]
    head = [list(lines[0])] if isinstance(lines[0], dict) else []
    return "\n".join(";".join(line) for line in (*head, *cells)) + "\n"


def example(kind: str) -> bytes:
    from indicators.imports import SHAPES

    return template(SHAPES[kind] if kind == "activity" else PROGRAMME_SHAPES[kind], "csv")


@pytest.mark.parametrize("kind", TABLES)
def test_a_file_is_tried_then_taken_then_changes_nothing(database: Path, kind: str) -> None:
    if kind == "pai-payments":
        taken(database, "pai", example("pai"))
    empty = rows(database, *TABLES[kind])
    dry = take(database, kind, example(kind), "--dry-run")
    assert (dry.returncode, dry.stdout) == (
        0,
        f"{database.with_name(kind)}.csv : 1 ligne valide, rien n'est importé (essai)\n",
    )
    assert rows(database, *TABLES[kind]) == empty

    taken(database, kind, example(kind))
    once = rows(database, *TABLES[kind])
    assert once != empty
    taken(database, kind, example(kind))
    assert rows(database, *TABLES[kind]) == once


def test_a_template_is_a_workbook_too(database: Path) -> None:
    book = database.with_name("ght.xlsx")
    assert segur("import", "template", "ght", "--form", "xlsx", "--out", book).returncode == 0
    done = segur("import", "ght", book, "--database", database, "--lang", "en")
    assert (done.returncode, done.stdout) == (0, f"{book} : 1 row imported\n")


def files(database: Path, programme: str = "sun_es_v1") -> list[dict[str, Any]]:
    done = segur("programmes", "file", "list", "--programme", programme, "--database", database, "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def entered(database: Path) -> dict[str, Any]:
    """The entries of the only file, and whose hand they are by."""
    with closing(sqlite3.connect(database)) as connection:
        return {
            name: json.loads(value) for name, value in connection.execute("select name, value from programme_entry")
        }


class TestCandidatures:
    def test_a_form_of_two_domains_is_two_files_deposited_at_its_own_moment(self, database: Path) -> None:
        taken(database, "candidatures", csv(FORM | {"domaines": "documents_sortie|biologie"}))
        found = files(database)
        assert {(one["state"], one["key"]["domain"]) for one in found} == {
            ("DEPOSITED", "documents_sortie"), ("DEPOSITED", "biologie")}  # fmt: skip
        assert {one["deposited"] for one in found} == {"2021-10-31T22:59:59.000+00:00"}

    def test_a_list_of_objects_is_a_file_too(self, database: Path) -> None:
        taken(database, "candidatures", json.dumps([FORM | {"domaines": ["documents_sortie", "imagerie"]}]))
        assert sorted(one["key"]["domain"] for one in files(database)) == ["documents_sortie", "imagerie"]

    def test_one_second_later_is_late(self, database: Path) -> None:
        taken(database, "candidatures", csv(FORM | {"depot": "2021-10-31T23:00:00Z"}))
        assert [one["state"] for one in files(database)] == ["REJECTED_LATE"]

    def test_without_the_director_it_stays_a_draft_that_a_second_file_completes(self, database: Path) -> None:
        taken(database, "candidatures", csv(FORM | {"validation_directeur": "non"}))
        assert [one["state"] for one in files(database)] == ["DRAFT"]
        taken(database, "candidatures", csv(FORM))
        assert [one["state"] for one in files(database)] == ["DEPOSITED"]

    def test_what_was_deposited_is_not_changed(self, database: Path) -> None:
        taken(database, "candidatures", csv(FORM))
        assert refused(database, "candidatures", csv(FORM | {"engagement": "non", "referent": "RSSI"})) == [
            "ligne 2 : dossier à l'état DEPOSITED : commitment, project_lead ne se saisit plus"
        ]

    def test_a_wrong_row_undoes_the_files_of_the_others(self, database: Path) -> None:
        wrong = FORM | {"finess": OTHER, "fenetre": "F9"}
        assert len(refused(database, "candidatures", csv(FORM, list(wrong.values())))) == 1
        assert files(database) == []

    def test_the_tables_say_what_the_form_does_not(self, database: Path) -> None:
        taken(database, "ght", example("ght"))
        taken(database, "relims", "editeur;produit\nÉditeur B;1\n")
        taken(database, "prerequisites", example("prerequisites"))
        taken(database, "activity", example("activity"))
        more = {"validation_directeur_support": "oui", "solutions": "DPI", "solutions_en_place": "DPI"}
        taken(database, "candidatures", csv(FORM | more))
        found = entered(database)
        assert found["prerequisites"]["SP1"]["evidence"] is True
        assert found["prerequisites_in_osis"] is False
        assert (found["territory"], found["legal_status"], found["in_ght"]) == ("La Réunion", "public", True)
        assert found["ght"] == {
            "name": "GHT de démonstration", "sdsi_valid_in_osis": True, "convergence_indicators_in_osis": True,
            "ght_dsi_validated_by_support": True, "support_director_validation": True,
        }  # fmt: skip
        assert found["solutions"] == [{"name": "DPI", "in_place_before": True, "in_convergence_plan": False}]
        assert (found["editors_not_in_relims"], found["combined_activity"]) == (["Éditeur A"], 4500)

    def test_without_tables_only_the_form_speaks(self, database: Path) -> None:
        taken(database, "candidatures", csv(FORM))
        found = entered(database)
        assert (found["prerequisites"], found["prerequisites_in_osis"], found["in_ght"]) == ({}, False, False)
        assert not {"ght", "editors_not_in_relims", "combined_activity"} & set(found)


class TestDeposits:
    HEAD = "dossier;finess_porteur;depot;organismes;equipement;montant_demande;echeancier"

    @pytest.mark.parametrize(
        ("moment", "state"), [("2021-08-03T00:00", "DEPOSITED"), ("2021-10-20T22:30:00Z", "REJECTED_LATE")]
    )
    def test_are_judged_by_the_hour_of_paris(self, database: Path, moment: str, state: str) -> None:
        taken(database, "galis", f"{self.HEAD}\nG1;{ENTITY};{moment};A=14|B=46;oui;580000;2022=580000.00\n")
        [found] = files(database, "aap_dui")
        assert (found["state"], found["key"]) == (state, {"project": "G1"})
        assert entered(database)["operators"] == [{"name": "A", "esms": 14}, {"name": "B", "esms": 46}]
