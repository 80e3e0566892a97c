"""Metadata against the document: the same INS, and no trait that contradicts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.ins.people import MATRICULE, official, patient, role
from validators.ins import INS_NIR, INS_TEST, compare_identities, identity_from_fhir
from validators.messages import render
from validators.report import Report


def compared(resource: dict[str, Any], *changes: tuple[str, str]) -> list[tuple[str, str]]:
    report = Report()
    compare_identities(role(*changes), identity_from_fhir(resource, "Patient"), report)
    assert all("{" not in render(issue, lang) for issue in report for lang in ("fr", "en"))
    return [(issue.rule, issue.location) for issue in report]


def test_the_same_patient() -> None:
    assert compared(patient()) == []


def test_metadata_without_traits() -> None:
    assert compared(patient(extension=None, name=None, gender=None, birthDate=None)) == []


def test_another_matricule_or_authority() -> None:
    assert compared(patient(value="277076322082910")) == [("XCHECK-INS", "Patient.identifier[0]")]
    assert compared(patient(INS_NIR)) == [("XCHECK-INS", "Patient.identifier[0]")]


def test_an_ins_on_one_side_only() -> None:
    assert compared(patient(identifier=None)) == [("XCHECK-INS", "Patient")]
    assert compared(patient(), (INS_TEST, "1.2.3")) == [("XCHECK-INS", "Patient.identifier[0]")]
    assert compared(patient(identifier=None), (INS_TEST, "1.2.3"), (MATRICULE, "42")) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"name": [official() | {"family": "PAT-QUATRE"}]}, "Patient.name[0].family"),
        ({"name": [official() | {"given": ["MARIE"]}]}, "Patient.name[0].given[0]"),
        ({"birthDate": "1979-03-29"}, "Patient.birthDate"),
        ({"gender": "male"}, "Patient.gender"),
    ],
)
def test_a_trait_that_contradicts(changes: dict[str, Any], place: str) -> None:
    assert compared(patient(**changes)) == [("XCHECK-TRAIT", place)]


@pytest.mark.parametrize("family", ["Pat-Trois", "pat trois", "Pat’Trois", "PÀT-TROÏS"])
def test_names_are_compared_normalised(family: str) -> None:
    assert compared(patient(name=[official() | {"family": family}])) == []


@pytest.mark.parametrize("born", ["1979", "1979-03", "1979-03-28"])
def test_dates_are_compared_at_the_coarser_precision(born: str) -> None:
    assert compared(patient(birthDate=born), ("19790328", "197903281200+0100")) == []
