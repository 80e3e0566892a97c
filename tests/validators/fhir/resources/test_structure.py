"""StructureDefinition: type and base, contexts, elements, constraints, obligations; element paths."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir import Definitions
from validators.fhir.context import Json
from validators.fhir.resources.paths import element_at, position

CORE = "http://hl7.org/fhir/StructureDefinition/"
URL = "https://x.y/StructureDefinition/a"
FLAG = {"url": CORE + "obligation-profile", "valueBoolean": True}


def profile(*elements: dict[str, Any], **more: Any) -> Json:
    """A profile of Patient with these elements in its differential."""
    return (
        resource(
            "StructureDefinition",
            url=URL,
            kind="resource",
            type="Patient",
            baseDefinition=CORE + "Patient",
            derivation="constraint",
            differential={"element": list(elements)},
        )
        | more
    )


def snapshot(*elements: dict[str, Any], **more: Any) -> Json:
    return profile(snapshot={"element": list(elements)}, **more)


def extension(*contexts: dict[str, Any], fixed: str = URL) -> Json:
    return profile(
        {"path": "Extension"},
        {"path": "Extension.url", "fixedUri": fixed},
        kind="complex-type",
        type="Extension",
        baseDefinition=CORE + "Extension",
        context=list(contexts),
    )


def element(path: str, *types: str, **more: Any) -> dict[str, Any]:
    return {"id": path, "path": path, "type": [{"code": each} for each in types], **more} if types else {"path": path}


SYSTEM = {
    "code": "http://hl7.org/fhirpath/System.String",
    "extension": [{"url": CORE + "structuredefinition-fhir-type", "valueUrl": "string"}],
}

RIGHT: list[Json] = [
    profile(),
    profile(
        element("Patient"), element("Patient.identifier"), element("Patient.name.given"), element("Patient.gender")
    ),
    profile(element("Patient.deceasedBoolean"), element("Patient.contact.name.family"), element("Patient.link.other")),
    profile(element("Patient.extension"), element("Patient.extension"), element("Patient.birthDate.extension")),
    profile(
        element("Patient.identifier"),
        element("Patient.identifier.system"),
        element("Patient.identifier"),
        element("Patient.identifier.system"),
        element("Patient.identifier.value"),
    ),
    profile(element("Patient.gender", "code", binding={"strength": "required"})),
    profile(element("Patient.birthDate", "date", minValueDate="1900-01-01", maxLength=10)),
    profile(element("Patient.identifier") | {"slicing": {"rules": "open"}}),
    profile(element("Patient.deceased[x]") | {"slicing": {"rules": "open"}}),
    profile(element("Patient.extension") | {"meaningWhenMissing": "none"}),
    profile(element("Patient.id") | {"type": [SYSTEM], "maxLength": 64}),
    profile(element("Patient") | {"constraint": [{"key": "mine-1", "expression": "name.exists()", "source": URL}]}),
    profile(
        element("Patient.a"),
        type="https://x.y/Model",
        kind="logical",
        baseDefinition=CORE + "Element",
        derivation="specialization",
    )
    | {"differential": {"element": [element("Model.a")]}},
    profile(type="Observation", baseDefinition="https://x.y/unknown"),
    extension(),
    extension({"type": "element", "expression": "Patient.contact.name"}, {"type": "fhirpath", "expression": "x"}),
    extension({"type": "element", "expression": "Observation.value[x]"}, {"type": "element", "expression": "Element"}),
    extension({"type": "element", "expression": "CanonicalResource"}, {"type": "extension", "expression": "a:b"}),
    snapshot(element("Patient"), element("Patient.gender", "code", fixedCode="male")),
    snapshot(element("Patient.contact", "BackboneElement"), element("Patient.birthDate", "date", patternDate="2020")),
    snapshot(element("Patient.active") | {"id": "a", "contentReference": "#x"}),
    snapshot(
        element("Patient") | {"constraint": [{"key": "ele-1", "expression": "a"}]},
        element("Patient.name", "HumanName", constraint=[{"key": "ele-1", "expression": "b"}]),
    ),
]
DIFFERENTIAL, FIRST = ".differential.element[0]", ".snapshot.element[0]"
WRONG: list[tuple[Json, Found]] = [
    (profile(type="Nothing", baseDefinition="a:b"), [("STRUCTUREDEFINITION-TYPE", ".type")]),
    (profile(type="https://x.y/T", baseDefinition="a:b"), [("STRUCTUREDEFINITION-TYPE", ".type")]),
    (
        profile(type="Patient", baseDefinition=CORE + "DomainResource", derivation="specialization"),
        [("STRUCTUREDEFINITION-TYPE", ".type")],
    ),
    (profile(type="Person"), [("STRUCTUREDEFINITION-BASE", "")]),
    (profile(kind="complex-type"), [("STRUCTUREDEFINITION-BASE", "")]),
    (profile(derivation=""), [("STRUCTUREDEFINITION-BASE", "")]),
    (profile(context=[{"type": "element", "expression": "Patient"}]), [("STRUCTUREDEFINITION-CONTEXT", ".context[0]")]),
    (extension({"type": "element", "expression": "Patient.nom"}), [("STRUCTUREDEFINITION-CONTEXT", ".context[0]")]),
    (extension({"type": "element", "expression": "Patients"}), [("STRUCTUREDEFINITION-CONTEXT", ".context[0]")]),
    (extension(fixed="https://x.y/other"), [("STRUCTUREDEFINITION-URL", "")]),
    (profile(element("Patient.nom")), [("STRUCTUREDEFINITION-ELEMENT", "")]),
    (profile(element("Patient.deceasedBla")), [("STRUCTUREDEFINITION-ELEMENT", "")]),
    (profile(element("Patient.gender"), element("Patient.name")), [("STRUCTUREDEFINITION-ORDER", "")]),
    (profile(element("Patient.name.given"), element("Patient.name.family")), [("STRUCTUREDEFINITION-ORDER", "")]),
    (profile(element("Person.name")), [("STRUCTUREDEFINITION-PATH", DIFFERENTIAL)]),
    (profile(element("Patient") | {"slicing": {}}), [("STRUCTUREDEFINITION-ROOT", DIFFERENTIAL)]),
    (
        profile(element("Patient.gender") | {"slicing": {}}),
        [("STRUCTUREDEFINITION-SLICING", f"{DIFFERENTIAL}.slicing")],
    ),
    (profile(element("Patient.name") | {"meaningWhenMissing": "x"}), [("STRUCTUREDEFINITION-ROOT", DIFFERENTIAL)]),
    (profile(element("Patient.birthDate", "date", binding={})), [("STRUCTUREDEFINITION-FACET", DIFFERENTIAL)]),
    (profile(element("Patient.active", "boolean", maxLength=1)), [("STRUCTUREDEFINITION-FACET", DIFFERENTIAL)]),
    (profile(element("Patient.gender", "code", minValueDate="2020")), [("STRUCTUREDEFINITION-FACET", DIFFERENTIAL)]),
    (
        profile({"path": "Patient.name", "type": [{"code": "HumanName", "targetProfile": ["a:b"]}]}),
        [("STRUCTUREDEFINITION-FACET", DIFFERENTIAL)],
    ),
    (
        profile(element("Patient") | {"constraint": [{"key": "k", "expression": "a", "source": "https://x.y/z"}]}),
        [("STRUCTUREDEFINITION-CONSTRAINT-SOURCE", f"{DIFFERENTIAL}.constraint[0]")],
    ),
    (
        profile(element("Patient") | {"constraint": [{"key": "pat-1", "expression": "true"}]}),
        [("STRUCTUREDEFINITION-CONSTRAINT", f"{DIFFERENTIAL}.constraint[0]")],
    ),
    (snapshot(element("Patient.gender", "code", fixedString="male")), [("STRUCTUREDEFINITION-VALUE", FIRST)]),
    (snapshot({"id": "a", "path": "Patient.gender"}), [("STRUCTUREDEFINITION-VALUE", FIRST)]),
    (snapshot({"path": "Patient", "sliceName": "x"}), [("STRUCTUREDEFINITION-ROOT", FIRST)]),
    (snapshot({"path": "Patient", "fixedString": "x"}), [("STRUCTUREDEFINITION-ROOT", FIRST)]),
    (
        snapshot(element("Patient") | {"constraint": [{"key": "a", "expression": "name.where("}]}),
        [("STRUCTUREDEFINITION-CONSTRAINT-EXPRESSION", f"{FIRST}.constraint[0]")],
    ),
    (
        snapshot(
            {"path": "Patient", "constraint": [{"key": "a", "expression": "true"}, {"key": "a", "expression": "1=1"}]}
        ),
        [("STRUCTUREDEFINITION-CONSTRAINT", f"{FIRST}.constraint[1]")],
    ),
    (
        profile(element("Patient.name") | {"short": "x"}, extension=[FLAG]),
        [("STRUCTUREDEFINITION-OBLIGATION", f"{DIFFERENTIAL}.short")],
    ),
    (
        profile(element("Patient.name") | {"extension": [{"url": "a:b"}]}, extension=[FLAG]),
        [("STRUCTUREDEFINITION-OBLIGATION", f"{DIFFERENTIAL}.extension[0]")],
    ),
]


@pytest.mark.parametrize("node", RIGHT)
def test_a_right_definition_is_silent(of: Of, node: Json) -> None:
    assert of(node) == []


@pytest.mark.parametrize(("node", "expected"), WRONG)
def test_a_wrong_definition_is_said(of: Of, node: Json, expected: Found) -> None:
    assert of(node) == expected


def test_a_loaded_base_is_known(of: Of) -> None:
    base = profile() | {"url": "https://x.y/base", "type": "Observation"}
    node = profile(baseDefinition="https://x.y/base")
    assert of(node, "", base) == [("STRUCTUREDEFINITION-BASE", "")]


def test_a_definition_written_as_a_json_name_may_have_contexts(of: Of) -> None:
    url = "http://hl7.org/fhir/tools/StructureDefinition/elementdefinition-json-name"
    named = {"path": "Patient", "extension": [{"url": url, "valueString": "x"}]}
    assert of(profile(named, context=[{"type": "element", "expression": "Patient"}])) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"extension": [FLAG], "baseDefinition": CORE + "Patient"}, []),
        ({"baseDefinition": CORE + "Patient"}, [("STRUCTUREDEFINITION-OBLIGATION", ".extension[0]")]),
        ({"extension": [FLAG], "baseDefinition": "a:b"}, [("STRUCTUREDEFINITION-OBLIGATION", ".extension[0]")]),
    ],
)
def test_obligations_are_inherited_from_an_obligation_profile_of_the_same_base(
    of: Of, target: Json, expected: Found
) -> None:
    inherited = {"url": CORE + "inherit-obligations", "valueCanonical": "https://x.y/op"}
    node = profile(extension=[inherited])
    assert of(node, "", resource("StructureDefinition", url="https://x.y/op", **target)) == expected


def test_positions_follow_the_order_of_the_definitions(definitions: Definitions) -> None:
    places = [
        position(definitions, path)
        for path in ("Patient", "Patient.id", "Patient.name", "Patient.name.family", "Patient.gender")
    ]
    assert None not in places
    assert places == sorted(place for place in places if place is not None)


@pytest.mark.parametrize(
    "path",
    [
        "Patient.contact.name.period.start",
        "Questionnaire.item.item.linkId",
        "Observation.value[x].coding",
        "Observation.valueCodeableConcept.coding",
        "Bundle.entry.resource",
    ],
)
def test_paths_go_through_types_choices_and_references_to_content(definitions: Definitions, path: str) -> None:
    assert position(definitions, path) is not None


@pytest.mark.parametrize(
    "path", ["", "X", "Patient.x", "Patient.valueX", "Observation.valuePatient", "Patient" + ".a" * 99]
)
def test_other_paths_lead_nowhere(definitions: Definitions, path: str) -> None:
    assert position(definitions, path) is None


def test_an_element_is_found_in_its_own_type_only(definitions: Definitions) -> None:
    found = element_at(definitions, "Patient.contact.name")
    assert found is not None
    assert found.max == 1
    assert element_at(definitions, "Patient.name.given") is None
    assert element_at(definitions, "Nothing.name") is None
