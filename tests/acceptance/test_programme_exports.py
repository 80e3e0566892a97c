"""`segur programmes export`: what leaves for DNS, DGOS and payment once imported candidatures were decided."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from indicators.programmes.imports import SDSI_PARTS
from testdata import Country
from tests.conftest import two_sites
from tests.support.dossier import parameters
from tests.support.server import segur
from tests.support.synthetic import copy_database, today

WINDOW = "X1"
LIST = "finess_geographique;finess_juridique;ght;domaine;fenetre;echeance;statut;montant;motifs"


def run(database: Path, *arguments: str | Path) -> str:
    done = segur(*arguments, "--database", database)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Region:
    """One region: of one candidature, a domain accepted with its advance notified, one refused, one only deposited."""

    def __init__(self, database: Path, land: Country) -> None:
        self.database = database
        self.land = land
        self.site, _ = two_sites(land)
        self.code = self.site.region
        posted = database.with_name("set.yaml")
        posted.write_text(parameters(self.code, self.site.finess), encoding="utf-8")
        run(database, "programmes", "parameters", "post", posted, "--region", self.code)
        self._references()
        self._candidature()
        self.advance = self._decided()

    def take(self, kind: str, *lines: str) -> None:
        file = self.database.with_name(f"{kind}.csv")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        run(self.database, "import", kind, file)

    def _references(self) -> None:
        entity, region = self.site.legal_entity, self.code
        self.take(
            "ght",
            "ght;nom;finess_support;membres;sdsi_valide;sdsi_projet_medical;sdsi_depot_osis;sdsi_rubriques;"
            "convergence_osis;dsi_nomination;dsi_valide",
            f"G;=GHT;{entity};{entity};oui;oui;2021-09-01;{'|'.join(SDSI_PARTS)};2021-09-01;2020-01-01;oui",
        )
        six = (f"{self.site.finess};{WINDOW};SP{n};preuve {n};oui;oui" for n in range(1, 7))
        self.take("prerequisites", "finess;fenetre;prerequis;preuve;atteint;osis", *six)
        self.take("envelopes", "region;programme;ligne;circulaire;date_circulaire;montant",
                  f"{region};sun_es_v1;etablissements;C1;2021-10-01;430000")  # fmt: skip
        self.take("services", "region;semestre;service;etat;concernes;utilisateurs;source",
                  f"{region};2026-S1;DMP;USED;3;1;ARS", f"{region};2025-S1;ROR;PLANNED;;;ARS")  # fmt: skip
        self.take("pai", "operation;tranche;programme;finess_porteur;intitule;region;nature;esms;esms_petits;"
                  "montant_demande;montant_accorde;date_engagement",
                  f"PAI-1;1;esms_amorcage;{entity};DUI;{region};acquisition;20;0;500000;500000;2021-07-01")  # fmt: skip
        self.take("pai-payments", "operation;tranche;versement;montant;date_saisie;date_paiement",
                  "PAI-1;1;signature;200000;2021-09-02;2021-09-20")  # fmt: skip

    def _candidature(self) -> None:
        self.take(
            "candidatures",
            "dossier;finess;fenetre;domaines;depot;referent;validation_directeur;engagement;editeurs;editeurs_relims;"
            "validation_directeur_support;solutions;solutions_en_place",
            f"1;{self.site.finess};{WINDOW};documents_sortie|biologie|imagerie;{today().isoformat()}T00:00:00;DSI;oui;"
            "oui;A;oui;oui;DPI;DPI",
        )

    def _decided(self) -> dict[str, Any]:
        for domain, state in (("documents_sortie", "ACCEPTED"), ("biologie", "REFUSED")):
            self.move(domain, "UNDER_REVIEW")
            self.move(domain, state)
        return self.move("documents_sortie", "ADVANCE_NOTIFIED")

    def move(self, domain: str, state: str) -> dict[str, Any]:
        listed = json.loads(run(self.database, "programmes", "file", "list", "--window", WINDOW, "--json"))
        [file] = [one["id"] for one in listed if one["key"]["domain"] == domain]
        made: dict[str, Any] = json.loads(run(self.database, "programmes", "file", "move", file, state, "--json"))
        return made

    def export(self, kind: str, *more: str | Path) -> str:
        return run(self.database, "programmes", "export", kind, "--region", self.code, *more)

    def rows(self, kind: str, *more: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.export(kind, *more)), delimiter=";"))


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Region:
    folder = tmp_path_factory.mktemp("exports")
    return Region(copy_database(demo_database, folder / "exports.db"), demo_country)


def test_the_list_has_its_columns_and_every_decided_file(region: Region) -> None:
    """SUN1-R19."""
    assert region.export("candidature-list").splitlines()[0] == LIST
    refused, accepted = region.rows("candidature-list", "--window", WINDOW)
    assert (accepted["domaine"], accepted["statut"], accepted["montant"]) == (
        "documents_sortie",
        "validée",
        "320000.00",
    )
    assert (refused["statut"], refused["montant"], refused["motifs"]) == ("non validée", "", "NO_INTERNAL_LAB")
    assert accepted["finess_geographique"] == region.site.finess
    assert accepted["finess_juridique"] == region.site.legal_entity
    assert accepted["ght"] == "'=GHT"


def test_another_window_has_no_file(region: Region) -> None:
    assert region.rows("candidature-list", "--window", "F1") == []


def test_the_follow_up_counts_every_domain_and_the_credits(region: Region) -> None:
    """SUN1-R30."""
    rows = {row["domaine"]: row for row in region.rows("follow-up", "--window", WINDOW)}
    assert {name: row["deposes"] for name, row in rows.items()} == {
        "documents_sortie": "1", "biologie": "1", "imagerie": "1", "ensemble": "3"}  # fmt: skip
    every = rows["ensemble"]
    assert (every["acceptes"], every["refuses"], every["en_instruction"], every["prerequis_atteints"]) == (
        "1", "1", "1", "3")  # fmt: skip
    assert (every["engage"], every["verse"], every["delegue"]) == ("320000.00", "96000.00", "430000.00")


def test_a_half_year_has_nine_services(region: Region) -> None:
    """CC-R08."""
    rows = {row["service"]: row for row in region.rows("cadre-commun", "--window", "2026-S1")}
    assert len(rows) == 9
    assert (rows["DMP"]["etat"], rows["DMP"]["taux_usage"], rows["ROR"]["etat"]) == ("USED", "33.33", "")
    assert (rows["ROR"]["couverture"], rows["ROR"]["remontees_manquantes"]) == ("11.11", "2025-S2")


def test_a_half_year_counts_who_was_seen_using_a_service(region: Region) -> None:
    """I-CC-2: the demonstration's documents were deposited this half-year and the ones before."""
    seen = [row["utilisateurs_constates"] for row in region.rows("cadre-commun") if row["service"] == "DMP"]
    assert int(seen[0]) >= 1


def test_the_dashboard_tells_commitments_from_payments(region: Region) -> None:
    """ESMS-R25."""
    operation, every = region.rows("esms-dashboard")
    assert (operation["ae_engagees"], operation["cp_payes"], operation["reste"]) == (
        "500000.00",
        "200000.00",
        "300000.00",
    )
    assert operation["alertes"] == "COMMITMENT_LATE AGREEMENT_NOT_SIGNED"
    assert (every["operation"], every["cp_payes"]) == ("ensemble", "200000.00")


def test_payment_orders_are_the_instalments_on_record(region: Region) -> None:
    [order] = region.rows("payment-orders")
    assert (order["montant"], order["regle"], order["etat"]) == ("96000.00", "SUN1-R24", "ADVANCE_NOTIFIED")
    assert order["decision"] == region.advance["decision"]
    assert order["jeu_parametres"].startswith(f"ars-{region.code}@1 sha256:")
    assert (order["etablissement"], order["finess_juridique"]) == (region.site.finess, region.site.legal_entity)


def test_our_figures_are_those_of_the_window(region: Region) -> None:
    """C-10: what `segur indicators compute` says of the measure of the exercise, with the cut-off of its set."""
    first, last, cutoff = (str(today() + timedelta(days=days)) for days in (-20, -1, 2))
    said = run(region.database, "indicators", "compute", "--from", first, "--to", last, "--cutoff", cutoff)
    mine = {one.finess for one in region.land.establishments if one.region == region.code}
    expected = {
        (one["organization"], one["measure"], one["numerator"])
        for one in json.loads(said)
        if one["organization"] in mine and one["measure"].startswith("I-SUN1-")
    }
    rows = region.rows("osis", "--window", WINDOW)
    assert {(row["finess"], row["indicateur"], int(row["numerateur"])) for row in rows} == expected
    assert expected
    assert {(row["debut"], row["fin"], row["source"]) for row in rows} == {(first, last, "segur-fhir")}


def test_another_region_has_nothing(region: Region) -> None:
    done = run(region.database, "programmes", "export", "payment-orders", "--region", "94")
    assert len(done.splitlines()) == 1


def test_forms(region: Region, tmp_path: Path) -> None:
    assert json.loads(region.export("payment-orders", "--format", "json"))[0]["montant"] == "96000.00"
    book = tmp_path / "orders.xlsx"
    assert region.export("payment-orders", "--format", "xlsx", "--out", book) == ""
    head, row = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    assert row[head.index("montant")] == 96000.0
    plain = tmp_path / "orders.csv"
    region.export("payment-orders", "--out", plain)
    assert plain.read_bytes().startswith(b"\xef\xbb\xbfdossier;")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("letters",), "unknown kind letters"),
        (("follow-up", "--format", "ods"), "--format ods"),
        (("follow-up", "--format", "xlsx"), "--format xlsx needs --out"),
        (("cadre-commun",), "cadre-commun needs --region"),
        (("osis", "--region", "04"), "osis needs --region and --window"),
        (("osis", "--region", "04", "--window", "F9"), "unknown window 'F9'"),
        (("cadre-commun", "--region", "04", "--window", "2016"), "unknown_semester:2016"),
    ],
)
def test_what_cannot_be_exported_is_a_usage_error(region: Region, arguments: tuple[str, ...], said: str) -> None:
    done = segur("programmes", "export", *arguments, "--database", region.database)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
