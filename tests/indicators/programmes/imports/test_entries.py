"""Forms become the entries of a file, by the names its life knows and with values it takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from indicators.imports import read, template
from indicators.programmes.aap_dui.entries import PROJECT_ENTRIES
from indicators.programmes.dates import PARIS
from indicators.programmes.imports import (
    PROGRAMME_SHAPES,
    FiledCandidature,
    FiledPrerequisite,
    candidature_entries,
    deposit_entries,
)
from indicators.programmes.life import check_entry
from indicators.programmes.sun_es_volet1.candidature import PREREQUISITES
from indicators.programmes.sun_es_volet1.entries import ENTRIES
from indicators.programmes.sun_es_volet1.imports import Solution

SITE = "970490363"
FORM = FiledCandidature(
    "42", SITE, "F1", ("documents_sortie",), datetime(2021, 10, 1, tzinfo=PARIS), "DSI", True, True, True, ("E",), True,
    (Solution("DPI", True, False),), "970490348", None, False,
)  # fmt: skip
SIX = [FiledPrerequisite(SITE, "F1", name, f"{name}.pdf", True, None, True) for name in PREREQUISITES]
GHT = {"name": "G", "sdsi_valid_in_osis": True, "convergence_indicators_in_osis": True,
       "ght_dsi_validated_by_support": True}  # fmt: skip


def entries(form: FiledCandidature = FORM, filed: Any = SIX, **changes: Any) -> dict[str, Any]:
    said = {"territory": "La Réunion", "legal_status": "public", "ght": GHT} | changes
    return candidature_entries(form, filed, **said)


def test_every_entry_is_one_that_the_life_takes_from_the_establishment() -> None:
    known = {one.name: one for one in ENTRIES}
    for name, value in entries().items():
        assert check_entry(known[name], value) == value
        assert (known[name].by, known[name].in_states) == (("establishment",), ())


def test_six_prerequisites_with_their_evidence() -> None:
    found = entries()
    assert found["prerequisites"]["SP1"] == {"evidence": True, "reached": True, "reference": "SP1.pdf"}
    assert sorted(found["prerequisites"]) == list(PREREQUISITES)
    assert found["prerequisites_in_osis"] is True


@pytest.mark.parametrize("filed", [SIX[:5], [*SIX[:5], replace(SIX[5], in_osis=False)], []])
def test_one_that_is_not_in_osis_leaves_them_all_out(filed: list[FiledPrerequisite]) -> None:
    assert entries(filed=filed)["prerequisites_in_osis"] is False


def test_without_evidence_nothing_is_evidenced() -> None:
    found = entries(filed=[replace(SIX[0], evidence=None, reached=None)])
    assert found["prerequisites"] == {"SP1": {"evidence": False}}


def test_a_member_of_a_ght_brings_its_two_signatures_and_its_solutions() -> None:
    found = entries(replace(FORM, support_director_validation=None))
    assert found["in_ght"] is True
    assert found["ght"] == GHT | {"support_director_validation": False}
    assert found["solutions"] == [{"name": "DPI", "in_place_before": True, "in_convergence_plan": False}]


def test_outside_a_ght_nothing_is_said_of_one() -> None:
    found = entries(ght=None)
    assert found["in_ght"] is False
    assert not {"ght", "solutions"} & set(found)


def test_what_nobody_knows_is_not_entered() -> None:
    assert not {"legal_status", "imaging_entity"} & set(entries(legal_status=None))


def test_a_deposit_is_the_entries_of_a_project() -> None:
    shape = PROGRAMME_SHAPES["galis"]
    [filed] = read(shape, template(shape, "csv"))
    found = deposit_entries(replace(filed, acquisition_esms=20, acquisition=10_000_000, without_equipment=25_000_000))
    known = {one.name: one for one in PROJECT_ENTRIES}
    for name, value in found.items():
        assert check_entry(known[name], value) == value
        assert (known[name].by, known[name].in_states) == (("holder",), ())
    assert found["operators"] == [{"name": "Association A", "esms": 14}, {"name": "Association B", "esms": 46}]
    assert found["schedule"][1] == {"year": 2023, "euros": "280000.00"}
    assert found["budget"] == {"acquisition": "100000.00", "without_equipment": "250000.00"}


def test_a_deposit_of_one_kind_has_no_budget_of_a_mix() -> None:
    shape = PROGRAMME_SHAPES["galis"]
    assert not {"budget", "acquisition_esms"} & set(deposit_entries(read(shape, template(shape, "csv"))[0]))
