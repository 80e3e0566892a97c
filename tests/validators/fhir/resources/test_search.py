"""SearchParameter, CapabilityStatement, Measure, and the profiles implied by vital signs."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir.context import Json
from validators.fhir.resources import implied_profiles

NAME = "http://hl7.org/fhir/SearchParameter/Organization-name"


def parameter(**elements: Any) -> Json:
    return resource("SearchParameter", url="https://x.y/sp", base=["Organization"], type="string", **elements)


RIGHT: list[Json] = [
    parameter(),
    parameter(derivedFrom=NAME, expression="Organization.name | Organization.alias"),
    parameter(derivedFrom="https://x.y/unknown"),
    parameter(component=[{}, {}]) | {"type": "composite"},
    parameter(expression="Organization.name.where(length() > 1)"),
]
WRONG: list[tuple[Json, Found]] = [
    (parameter(derivedFrom=NAME) | {"type": "token"}, [("SEARCHPARAMETER-TYPE", "")]),
    (parameter(derivedFrom=NAME) | {"base": ["Patient"]}, [("SEARCHPARAMETER-BASE", "")]),
    (parameter() | {"type": "composite"}, [("SEARCHPARAMETER-COMPONENT", "")]),
    (parameter(expression="Organization.name("), [("SEARCHPARAMETER-EXPRESSION", ".expression")]),
    (parameter(expression="Organization.nom"), [("SEARCHPARAMETER-EXPRESSION", ".expression")]),
]


@pytest.mark.parametrize("node", RIGHT)
def test_a_right_search_parameter_is_silent(of: Of, node: Json) -> None:
    assert of(node) == []


@pytest.mark.parametrize(("node", "expected"), WRONG)
def test_a_wrong_search_parameter_is_said(of: Of, node: Json, expected: Found) -> None:
    assert of(node) == expected


def test_a_parameter_derives_from_a_loaded_one(of: Of) -> None:
    loaded = resource("SearchParameter", url="https://x.y/base", base=["Resource"], type="string")
    assert of(parameter(derivedFrom="https://x.y/base"), "", loaded) == []
    assert of(parameter(derivedFrom="https://x.y/base"), "", loaded | {"type": "uri"}) == [("SEARCHPARAMETER-TYPE", "")]


def test_a_capability_statement_gives_parameters_their_types(of: Of) -> None:
    def statement(kind: str, definition: str = NAME) -> Json:
        search = {"name": "name", "type": kind, "definition": definition}
        return resource("CapabilityStatement", rest=[{"resource": [{"type": "Organization", "searchParam": [search]}]}])

    assert of(statement("string")) == []
    assert of(statement("date", "https://x.y/unknown")) == []
    place = ".rest[0].resource[0].searchParam[0]"
    assert of(statement("date")) == [("CAPABILITYSTATEMENT-SEARCH", place)]


# -- Measure -----------------------------------------------------------------------------------------------------------

CRITERIA = ".group[0].stratifier[0].criteria"
ELM = base64.b64encode(b'<library><statements><def localId="1" name="Age" context="Patient"/></statements></library>')
LIBRARY = resource(
    "Library", url="https://x.y/lib", name="Lib",
    content=[{"contentType": "text/cql", "data": "QQ=="}, {"contentType": "application/elm+xml", "data": ELM.decode()}],
)  # fmt: skip


def measure(expression: str, *libraries: str, language: str = "text/cql") -> Json:
    criteria = {"language": language, "expression": expression}
    return resource("Measure", library=list(libraries), group=[{"stratifier": [{"criteria": criteria}]}])


@pytest.mark.parametrize("expression", ["Age", "Lib.Age"])
def test_criteria_of_a_known_library_are_silent(of: Of, expression: str) -> None:
    assert of(measure(expression, "https://x.y/lib"), "", LIBRARY) == []


def test_criteria_in_another_language_need_no_library(of: Of) -> None:
    assert of(measure("Patient.gender", language="text/fhirpath")) == []
    assert of(resource("Measure", group=[{"stratifier": [{}]}])) == []


@pytest.mark.parametrize("expression", ["Other.Age", "Lib.Name", "Name"])
def test_criteria_that_no_library_has_are_said(of: Of, expression: str) -> None:
    assert of(measure(expression, "https://x.y/lib"), "", LIBRARY) == [("MEASURE-LIBRARY", CRITERIA)]


def test_a_library_is_named_known_translated_and_told_from_others(of: Of) -> None:
    other = LIBRARY | {"url": "https://x.y/other", "name": "Other"}
    assert of(measure("Age")) == [("MEASURE-LIBRARY", CRITERIA)]
    assert of(measure("Age", "https://x.y/lib")) == [("MEASURE-LIBRARY", CRITERIA)]
    assert of(measure("Age", "https://x.y/lib"), "", LIBRARY | {"content": []}) == [("MEASURE-LIBRARY", CRITERIA)]
    both = measure("Age", "https://x.y/lib", "https://x.y/other")
    assert of(both, "", LIBRARY, other) == [("MEASURE-LIBRARY", CRITERIA)]


def test_components_of_stratifiers_have_criteria_too(of: Of) -> None:
    component = {"criteria": {"language": "text/cql", "expression": "Age"}}
    node = resource("Measure", group=[{"stratifier": [{"component": [component]}]}])
    assert of(node) == [("MEASURE-LIBRARY", ".group[0].stratifier[0].component[0].criteria")]


# -- vital signs -------------------------------------------------------------------------------------------------------

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"


def observation(*codings: tuple[str, str]) -> Json:
    return resource("Observation", code={"coding": [{"system": system, "code": code} for system, code in codings]})


@pytest.mark.parametrize(
    ("code", "profile"),
    [("85353-1", "vitalspanel"), ("9279-1", "resprate"), ("8867-4", "heartrate"), ("2708-6", "oxygensat"),
     ("59408-5", "oxygensat"), ("8310-5", "bodytemp"), ("8302-2", "bodyheight"), ("9843-4", "headcircum"),
     ("29463-7", "bodyweight"), ("39156-5", "bmi"), ("85354-9", "bp"), ("8480-6", "bp")],
)  # fmt: skip
def test_vital_signs_imply_their_profiles(code: str, profile: str) -> None:
    canonical = f"http://hl7.org/fhir/StructureDefinition/{profile}"
    assert implied_profiles(observation(("https://x.y", "a"), (LOINC, code))) == (canonical,)


def test_one_profile_applies_and_loinc_is_tried_first() -> None:
    assert implied_profiles(observation((SNOMED, "271649006"), (LOINC, "8867-4")))[0].endswith("/heartrate")
    assert implied_profiles(observation((SNOMED, "271306003")))[0].endswith("/bp")


@pytest.mark.parametrize(
    "node",
    [{}, {"code": 1}, {"code": {"coding": [None, {}]}}, observation((LOINC, "718-7")), observation(("a", "8867-4"))],
)
def test_other_observations_imply_none(node: Json) -> None:
    assert implied_profiles({"resourceType": "Observation", **node}) == ()


def test_other_resources_imply_none() -> None:
    assert implied_profiles(observation((LOINC, "8867-4")) | {"resourceType": "Condition"}) == ()
