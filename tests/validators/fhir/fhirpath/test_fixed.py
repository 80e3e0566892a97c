"""Which parts of an expression are evaluated once, and that this changes no answer."""

from __future__ import annotations

import pytest

from tests.validators.fhir.fhirpath.conftest import Evaluate
from validators.fhir.fhirpath.fixed import fixed
from validators.fhir.fhirpath.parser import parse


@pytest.mark.parametrize(
    "text",
    [
        "%resource",
        "%resource.id",
        "%resource.descendants()",
        "%resource.descendants().where(reference = '#')",
        "%resource.entry[0]",
        "-%resource.count()",
        "%resource is Patient",
        "%resource.id | %context.id",
        "%resource.name.select(given | family)",
        "%resource.ofType(Patient)",
        "%resource.name.iif($this.exists(), 1)",
        "'#' & %resource.id",
    ],
)
def test_fixed(text: str) -> None:
    assert fixed(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "id",
        "$this",
        "$index",
        "'a'",
        "1 + 1",
        "now()",
        "id | %resource.id",
        "%resource.name.skip($index)",
        "%resource.name.union(name)",
        "%resource.name[$index]",
        "%resource.name.where($index = 1)",
        "%resource.name.where(-$index = 1)",
        "%resource.name.select($total is Integer)",
        "%resource.name.where(given[$index] = 'a')",
        "%resource.name.aggregate($total + 1)",
        "-id",
        "$this is Patient",
    ],
)
def test_not_fixed(text: str) -> None:
    assert not fixed(parse(text))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("name.where(%resource.active)", 3),
        ("name.where(%resource.active.not())", 0),
        ("name.where(%resource.link.exists())", 0),
        ("name.where(%resource.link.exists().not())", 3),
        ("name.where(use in %resource.name.use)", 3),
        ("name.where(use in %resource.gender)", 0),
        ("name.where(suffix in %resource.gender)", 0),
        ("name.where(%resource.gender in %resource.gender)", 3),
        ("name.where(%resource.name.skip($index).count() > 1)", 2),
    ],
)
def test_answers_stay_the_same(patient: Evaluate, text: str, count: int) -> None:
    assert len(patient(text)) == count
