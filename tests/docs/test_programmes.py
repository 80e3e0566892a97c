"""The pages about programmes: no rule and no system lost, and what they name exists."""

from __future__ import annotations

import re

import pytest

from indicators.measures import MEASURES
from indicators.programmes import operations, programmes
from tests.docs.pages import DOCS, ROOT
from tests.docs.test_pages import known
from tests.docs.test_reference import addresses

PROGRAMMES = (DOCS / "reference" / "programmes.md").read_text(encoding="utf-8")
SYSTEMS = (DOCS / "reference" / "systems.md").read_text(encoding="utf-8")
HOW = {"implements", "imports", "exports", "checks", "declared"}
# Every name the five texts give to a system, a body or a scheme; each has to stand in one row of the page.
NAMED = (
    "DMP", "Mon espace santé", "Agenda-santé", "MSSanté, professional", "MSSanté, citizen", "INS", "oSIS", "RELIMS",
    "Démarches simplifiées", "FMIS", "FIR", "IFAQ", "forfait structure", "HOP'EN", "Hôpital numérique", "SONS", "DSR",
    "SAE", "PMSI", "Plan de relance", "GHT", "SDSI", "DSI de GHT", "DPI", "logiciel métier", "SIH", "BNDMR", "SDM-MR",
    "Centres de référence", "Laboratory", "imaging platform", "DUI", "e-prescription", "e-parcours",
    "cahier de liaison",
    "SI du suivi des orientations", "MDPH", "SERAFIN-PH", "AGGIR", "PATHOS", "ANAP functional map", "PAI numérique",
    "GALIS", "National market", "SAD", "AMOA", "Resah", "follow-up bodies", "Consolidated regional report",
    "national dashboard", "national platform", "Schéma directeur régional", "Budget circulars", "PCs, tablets, WIFI",
    "CPOM", "MOAR-SI", "GRADeS", "collectif SI", "ROR", "DP", "DCC", "FRCP", "ANRCP", "PACS",
    "Orientation and placement",
    "Télémédecine", "TSN", "PAERPA", "Cadre commun d'urbanisation", "RGPD", "Purchase body", "CNSA site", "FAQ",
    "Assurance Maladie", "CNSA", "DGOS", "DNS", "DGCS", "ANS", "ASIP Santé", "ANAP", "DSSIS", "GCSMS", "OG",
)  # fmt: skip


def rows() -> list[list[str]]:
    lines = [line for line in SYSTEMS.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def test_every_rule_state_and_parameter_is_on_the_page() -> None:
    for one in programmes().values():
        for rule in one.rules:
            assert f"### {rule.id}\n" in PROGRAMMES
        for machine in one.machines:
            assert all(f"`{state}`" in PROGRAMMES for state in machine.states)
        for entry in (*one.parameters.entries, *one.wanted):
            assert f"`{entry.name}`" in PROGRAMMES


def test_what_is_only_declared_says_so() -> None:
    declared = sum(bool(rule.declared) for one in programmes().values() for rule in one.rules)
    assert PROGRAMMES.count("*Declared only*") == declared > 0


def test_no_system_is_lost() -> None:
    first = " | ".join(row[0] for row in rows())
    assert [name for name in NAMED if name not in first] == []


@pytest.mark.parametrize("row", rows(), ids=[row[0].partition(",")[0] for row in rows()])
class TestEachSystem:
    def test_says_how_and_in_which_texts(self, row: list[str]) -> None:
        assert len(row) == 6
        assert set(row[3].split(", ")) <= HOW
        assert set(row[1].split()) <= {"S0", "S1", "S2", "S3", "S4"}

    def test_names_commands_addresses_and_indicators_that_exist(self, row: list[str]) -> None:
        for text in re.findall(r"`([^`]+)`", row[4]):
            if text.startswith("segur "):
                words = text.split()[1:]
                assert known(words), text
            elif text.startswith(("GET ", "POST ")):
                assert text in set(addresses()), text
        named = re.findall(r"\bI-[A-Z0-9]+(?:-[A-Z0-9]+)+\b|\bI-CC-\d\b", row[4])
        assert set(named) <= set(MEASURES)
        one_op = re.fullmatch(r".*\(((?:sun1|cc|esms|aap)_\w+(?:, \w+)*)\).*", row[4])
        if one_op:
            assert set(one_op[1].split(", ")) <= set(operations())

    def test_names_functions_that_exist(self, row: list[str]) -> None:
        for text in re.findall(r"`((?:[a-z0-9_]+\.)+[a-z_]+)`", row[4]):
            assert f"`{text}`" in PROGRAMMES, text

    def test_names_a_test_that_exists_or_computes_nothing(self, row: list[str]) -> None:
        if row[5] == "none":
            assert row[3] == "declared"
        else:
            assert (ROOT / row[5].strip("`")).exists(), row[5]
