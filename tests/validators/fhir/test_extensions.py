"""Extensions: each rule with the smallest extension that keeps it and the smallest that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.conftest import Check
from validators.fhir import ProfileSet

BASE = "http://hl7.org/fhir/StructureDefinition/"
OURS = "http://t.t/"
Json = dict[str, Any]


def definition(name: str, *contexts: tuple[str, str], modifier: bool = False, parts: tuple[str, ...] = ()) -> Json:
    elements: list[Json] = [{"id": "Extension", "path": "Extension"} | ({"isModifier": True} if modifier else {})]
    for part in parts:
        path = "Extension.extension"
        elements += [
            {"id": f"{path}:{part}", "path": path, "sliceName": part},
            {"id": f"{path}:{part}.url", "path": f"{path}.url", "fixedUri": part},
        ]
    return {
        "resourceType": "StructureDefinition",
        "url": OURS + name,
        "type": "Extension",
        "baseDefinition": BASE + "Extension",
        "context": [{"type": kind, "expression": expression} for kind, expression in contexts],
        "differential": {"element": elements},
    }


LOADED = ProfileSet(
    [
        definition("anywhere", ("element", "Element")),
        definition("nowhere-said"),
        definition("patient", ("element", "Patient")),
        definition("contact-name", ("element", "Patient.contact.name")),
        definition("family", ("element", "HumanName.family")),
        definition("quantity", ("element", "Quantity")),
        definition("inside", ("extension", OURS + "whole")),
        definition("by-path", ("fhirpath", "Patient.where(active)")),
        definition("later", ("element", "CanonicalResource")),
        definition("two", ("element", "Observation"), ("element", "Patient.name")),
        definition("changes", ("element", "Patient"), modifier=True),
        definition("whole", ("element", "Patient"), parts=("a", "b")),
    ]
)


def ext(name: str, **more: Any) -> Json:
    return {"url": OURS + name, **(more or {"valueString": "x"})}


def patient(*extensions: Json, **elements: Any) -> Json:
    return {"resourceType": "Patient", **({"extension": list(extensions)} if extensions else {}), **elements}


def said(check: Check, resource: Json) -> list[tuple[str, str]]:
    return [(i.params["key"] if i.rule == "FHIR-INVARIANT" else i.rule, i.location) for i in check(resource, LOADED)]


# -- content -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        {"valueString": "x"},
        {"_valueString": {"id": "x"}},
        {"valueBoolean": False},
        {"extension": [{"url": "http://t.t/anywhere", "valueString": "x"}]},
    ],
)
def test_an_extension_has_a_value_or_extensions(check: Check, content: Json) -> None:
    assert said(check, patient({"url": OURS + "anywhere", **content})) == []


@pytest.mark.parametrize(
    "content",
    [{"id": "x"}, {}, {"valueString": "x", "extension": [{"url": "http://t.t/anywhere", "valueString": "x"}]}],
)
def test_an_extension_has_not_both_and_not_none(check: Check, content: Json) -> None:
    assert said(check, patient({"url": OURS + "anywhere", **content})) == [("ext-1", "Patient.extension[0]")]


def test_ext_1_goes_for_modifiers_and_for_primitives_too(check: Check) -> None:
    assert said(check, patient(modifierExtension=[ext("changes", id="x")])) == [
        ("ext-1", "Patient.modifierExtension[0]")
    ]
    resource = patient(_birthDate={"extension": [ext("anywhere", id="x")]})
    assert said(check, resource) == [("ext-1", "Patient.birthDate.extension[0]")]


# -- urls ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["anywhere", "t.t/anywhere", "/anywhere", "#x"])
def test_a_url_is_absolute(check: Check, url: str) -> None:
    found = said(check, patient({"url": url, "valueString": "x"}))
    assert found == [("FHIR-EXTENSION-URL", "Patient.extension[0].url")]


def test_a_url_has_no_version(check: Check) -> None:
    found = said(check, patient(ext("anywhere|1.0")))
    assert ("FHIR-EXTENSION-URL", "Patient.extension[0].url") in found
    assert "FHIR-EXTENSION-UNKNOWN" not in {rule for rule, _ in found}


@pytest.mark.parametrize("url", [None, 7, ["x"], {}])
def test_a_url_that_is_no_text_is_left_to_the_walk(check: Check, url: Any) -> None:
    rules = {rule for rule, _ in said(check, patient({"url": url, "valueString": "x"}))}
    assert rules <= {"FHIR-TYPE", "FHIR-EMPTY"} != set()
    assert rules


# -- parts ---------------------------------------------------------------------------------------------------------


def test_the_parts_of_a_complex_extension_are_those_defined(check: Check) -> None:
    parts = [{"url": "a", "valueString": "x"}, {"url": "b", "valueString": "x"}]
    assert said(check, patient({"url": OURS + "whole", "extension": parts})) == []
    wrong = [*parts, {"url": "c", "valueString": "x"}]
    assert said(check, patient({"url": OURS + "whole", "extension": wrong})) == [
        ("FHIR-EXTENSION-PART", "Patient.extension[0].extension[2]")
    ]


@pytest.mark.parametrize("name", ["anywhere", "unknown"])
def test_where_no_parts_are_named_any_will_do(check: Check, name: str) -> None:
    found = said(check, patient({"url": OURS + name, "extension": [{"url": "a", "valueString": "x"}]}))
    assert "FHIR-EXTENSION-PART" not in {rule for rule, _ in found}


def test_extensions_of_others_may_stand_in_a_complex_one(check: Check) -> None:
    inside = [{"url": "a", "valueString": "x"}, ext("inside")]
    assert said(check, patient({"url": OURS + "whole", "extension": inside})) == []


# -- unknown -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "rule", "severity"),
    [
        ("http://elsewhere/x", "FHIR-EXTENSION-UNKNOWN", "warning"),
        ("urn:oid:1.2.3", "FHIR-EXTENSION-UNKNOWN", "warning"),
        # HL7's later packages are not loaded; what HL7 never published is wrong
        (BASE + "questionnaire-unheardOf", "FHIR-EXTENSION-UNKNOWN", "warning"),
        (BASE + "obligation", "FHIR-EXTENSION-UNKNOWN", "warning"),
        (BASE + "patient-shoeSize", "FHIR-EXTENSION-UNDEFINED", "error"),
        # a profile of another type is no extension
        (BASE + "bodyweight", "FHIR-EXTENSION-UNDEFINED", "error"),
    ],
)
def test_what_is_not_defined_is_said(check: Check, url: str, rule: str, severity: str) -> None:
    (issue,) = check(patient({"url": url, "valueString": "x"}), LOADED)
    assert (issue.rule, issue.severity.value) == (rule, severity)
    assert issue.params["key"] == url
    assert issue.location.startswith("Patient")


def test_one_unknown_extension_does_not_hide_another(check: Check) -> None:
    resource = patient(*({"url": f"http://elsewhere/{n}", "valueString": "x"} for n in range(2)))
    assert said(check, resource) == [
        ("FHIR-EXTENSION-UNKNOWN", "Patient.extension[0]"),
        ("FHIR-EXTENSION-UNKNOWN", "Patient.extension[1]"),
    ]
    undefined = patient(*({"url": f"{BASE}x{n}", "valueString": "x"} for n in range(2)))
    assert [rule for rule, _ in said(check, undefined)] == ["FHIR-EXTENSION-UNDEFINED"] * 2


def test_nothing_is_said_where_no_profiles_are_loaded(check: Check) -> None:
    assert check(patient({"url": "http://elsewhere/x", "valueString": "x"})) == []


# -- modifiers -----------------------------------------------------------------------------------------------------


def test_a_modifier_stands_among_the_modifiers(check: Check) -> None:
    assert said(check, patient(modifierExtension=[ext("changes")])) == []
    assert said(check, patient(ext("changes"))) == [("FHIR-EXTENSION-MODIFIER", "Patient.extension[0]")]
    wrong = said(check, patient(modifierExtension=[ext("patient")]))
    assert wrong == [("FHIR-EXTENSION-MODIFIER", "Patient.modifierExtension[0]")]


# -- contexts ------------------------------------------------------------------------------------------------------

NAME = {"family": "A"}


@pytest.mark.parametrize(
    "resource",
    [
        patient(ext("anywhere")),
        patient(ext("nowhere-said")),
        patient(ext("patient")),
        patient(ext("by-path")),
        patient(ext("later")),
        patient(name=[NAME | {"extension": [ext("two")]}]),
        patient(name=[NAME | {"_family": {"extension": [ext("family")]}}]),
        patient(contact=[{"name": NAME | {"extension": [ext("contact-name")]}}]),
        # a Duration and an Age are Quantities
        {
            "resourceType": "Condition",
            "subject": {"display": "a"},
            "onsetAge": {"value": 1, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a",
                         "extension": [ext("quantity")]},
        },
        {
            "resourceType": "Observation", "status": "final", "code": {"text": "a"},
            "valueQuantity": {"value": 1, "extension": [ext("quantity")]},
        },
        # published by R4 itself against the context it declares
        {
            "resourceType": "CodeSystem", "url": "http://t.t/cs", "status": "draft", "content": "complete", "name": "X",
            "concept": [{"code": "a", "extension": [{"url": BASE + "valueset-concept-comments", "valueString": "x"}]}],
        },
        patient(extension=[{"url": BASE + "structuredefinition-normative-version", "valueCode": "4.0.0"}]),
    ],
)  # fmt: skip
def test_an_extension_may_stand_where_its_context_says(check: Check, resource: Json) -> None:
    assert "FHIR-EXTENSION-CONTEXT" not in {rule for rule, _ in said(check, resource)}


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (patient(name=[NAME | {"extension": [ext("patient")]}]), "Patient.name[0].extension[0]"),
        (patient(name=[NAME | {"extension": [ext("contact-name")]}]), "Patient.name[0].extension[0]"),
        (patient(_birthDate={"extension": [ext("family")]}), "Patient.birthDate.extension[0]"),
        (patient(ext("quantity")), "Patient.extension[0]"),
        (patient(ext("inside")), "Patient.extension[0]"),
        (
            patient({"url": OURS + "anywhere", "extension": [ext("inside")]}),
            "Patient.extension[0].extension[0]",
        ),
        (patient(ext("two")), "Patient.extension[0]"),
        ({"resourceType": "Basic", "code": {"text": "a"}, "extension": [ext("patient")]}, "Basic.extension[0]"),
    ],
)
def test_an_extension_may_not_stand_elsewhere(check: Check, resource: Json, place: str) -> None:
    assert said(check, resource) == [("FHIR-EXTENSION-CONTEXT", place)]


def test_the_context_is_said(check: Check) -> None:
    (issue,) = check(patient(ext("two")), LOADED)
    assert issue.params["expected"] == "Observation, Patient.name"


def test_contexts_hold_in_contained_resources_and_in_entries(check: Check) -> None:
    inner = patient(ext("patient"), id="p", active=True)
    holder = {"resourceType": "Basic", "code": {"text": "a"}, "contained": [inner], "subject": {"reference": "#p"}}
    assert said(check, holder) == []
    bundle = {"resourceType": "Bundle", "type": "collection",
              "entry": [{"fullUrl": "http://t.t/Patient/p", "resource": inner}]}  # fmt: skip
    assert said(check, bundle) == []
