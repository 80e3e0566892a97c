"""HL7's published cases: what the hand-written rules must say of each, and that they say nothing of the valid ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.validators.fhir.resources.conftest import issues_of
from validators.fhir import load_definitions
from validators.fhir.context import Json
from validators.fhir.resources import RULES, implied_profiles
from validators.report import REFUSING

SAID = {
    "capstmt": "FHIR-CAPABILITYSTATEMENT-SEARCH",
    "sp-diff-type": "FHIR-SEARCHPARAMETER-TYPE",
    "sp-composite": "FHIR-SEARCHPARAMETER-COMPONENT",
    "obs-mz": "FHIR-STRUCTUREDEFINITION-ELEMENT",
    "ai8": "FHIR-STRUCTUREDEFINITION-ORDER FHIR-STRUCTUREDEFINITION-FACET",
    "cs-meta-profile": "FHIR-CODESYSTEM-COUNT",
    "cs-bad-props": """FHIR-CODESYSTEM-PROPERTY-KNOWN FHIR-CODESYSTEM-PROPERTY-TWICE FHIR-CODESYSTEM-PROPERTY-TYPE""",
    "vs-canonical-bad-2": "FHIR-VALUESET-SYSTEM",
    "vs-canonical-urn-bad": "FHIR-VALUESET-SYSTEM",
    "vs-params-2": "FHIR-VALUESET-FILTER-EXPRESSION",
    "vs-bad-ecl": "FHIR-VALUESET-ECL",
    "vs-filter-property-bad": "FHIR-VALUESET-FILTER-VALUE",
    "vs-filter-property-bad2": "FHIR-VALUESET-FILTER-VALUE",
    "choice-answer-option-qr": "FHIR-QUESTIONNAIRERESPONSE-OPTION",
    "date-min-max-qr": "FHIR-QUESTIONNAIRERESPONSE-LIMIT",
    "group-with-string-qr": "FHIR-QUESTIONNAIRERESPONSE-MISSING",
    "invalid-link-id-qr": "FHIR-QUESTIONNAIRERESPONSE-LINKID",
    "quantity-min-max-compat-units-qr": "FHIR-QUESTIONNAIRERESPONSE-LIMIT",
    "reference-invalid-type-qr": "FHIR-QUESTIONNAIRERESPONSE-TYPE",
    "string-min-occurs-qr": "FHIR-QUESTIONNAIRERESPONSE-COUNT",
}
"""By case: the rules that speak about it."""
VITAL = {"obs-temp": "bodytemp", "obs-temp-bad": "bodytemp", "obs-vs-1": "bp", "obs-vital-signs-mdc": "heartrate"}


def read(folder: Path, name: str) -> Json:
    path = folder / "files" / name
    return dict(orjson.loads(path.read_bytes()))


def cases(folder: Path) -> Iterator[tuple[dict[str, Any], Json, list[Json]]]:
    """The JSON cases of R4 whose type has rules, each with its resource and the definitions it needs."""
    for case in json.loads((folder / "cases.json").read_text(encoding="utf-8"))["cases"]:
        files = [case["file"], *case["supporting"]]
        if case["group"] == "r4" and case["parse_error"] is None and all(name.endswith(".json") for name in files):
            try:
                node, *loaded = (read(folder, name) for name in files)
            except (orjson.JSONDecodeError, FileNotFoundError):
                continue
            if node.get("resourceType") in RULES:
                yield case, node, loaded


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "cases" / "fhir"


def said(node: Json, loaded: list[Json]) -> set[str]:
    issues = issues_of(load_definitions(), node, "", *loaded)
    return {issue.rule for issue in issues if issue.severity in REFUSING}


def test_nothing_is_said_of_valid_cases(folder: Path) -> None:
    wrong = {case["name"]: found for case, node, loaded in cases(folder)
             if case["expected_valid"] and (found := said(node, loaded))}  # fmt: skip
    assert wrong == {}


def test_invalid_cases_are_told_by_their_rules(folder: Path) -> None:
    found = {case["name"]: said(node, loaded) for case, node, loaded in cases(folder) if case["name"] in SAID}
    assert found == {name: set(rules.split()) for name, rules in SAID.items()}


def test_most_invalid_responses_are_told(folder: Path) -> None:
    responses = [bool(said(node, loaded)) for case, node, loaded in cases(folder)
                 if node["resourceType"] == "QuestionnaireResponse" and not case["expected_valid"]]  # fmt: skip
    assert sum(responses) >= len(responses) * 0.85


@pytest.mark.parametrize(("name", "profile"), VITAL.items())
def test_vital_signs_of_the_cases_imply_their_profiles(folder: Path, name: str, profile: str) -> None:
    node = read(folder, f"validator/{name}.json")
    assert implied_profiles(node) == (f"http://hl7.org/fhir/StructureDefinition/{profile}",)
