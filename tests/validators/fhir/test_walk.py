"""Each rule of the walk: the smallest resource that keeps it and the smallest that breaks it."""

from __future__ import annotations

import copy
import string
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validators.fhir.conftest import Check
from validators.fhir import Definitions, ProfileSet, Walker, default_profiles, default_walker, load_definitions
from validators.messages import render, rule
from validators.report import Issue, Report

PATIENT: dict[str, Any] = {"resourceType": "Patient"}
NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'}
BINARY = {"resourceType": "Binary", "contentType": "text/plain", "data": "QQ=="}
ORGANIZATION = {"resourceType": "Organization", "id": "o", "name": "x"}


def patient(**elements: Any) -> dict[str, Any]:
    return {**PATIENT, **elements}


def observation(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "a"}, **elements}


def collection(*resources: dict[str, Any]) -> dict[str, Any]:
    url = "urn:uuid:5b0f6f5e-0000-4000-8000-00000000000"
    entries = [{"fullUrl": f"{url}{n}", "resource": resource} for n, resource in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def found(issues: list[Issue]) -> list[tuple[str, str]]:
    for issue in issues:
        row = rule(issue.rule)
        for template in (row.fr, row.en):
            fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
            assert fields <= issue.params.keys(), issue
    return [(issue.rule, issue.location) for issue in issues]


RIGHT: list[dict[str, Any]] = [
    patient(),
    patient(id="a", meta={"profile": ["http://hl7.org/fhir/StructureDefinition/Patient"]}, text=NARRATIVE),
    patient(name=[{"family": "A", "given": ["B", "C"]}], birthDate="1979-03-28", gender="female"),
    patient(deceasedBoolean=False),
    patient(deceasedDateTime="2020", multipleBirthInteger=2),
    patient(_birthDate={"extension": [{"url": "http://a.b", "valueCode": "unknown"}]}),
    patient(birthDate="1979", _birthDate={"id": "x"}),
    patient(name=[{"given": ["B", None], "_given": [None, {"id": "x"}]}]),
    patient(name=[{"given": [None], "_given": [{"id": "x"}]}]),
    patient(name=[{"_given": [{"id": "x"}]}]),
    patient(_deceasedBoolean={"id": "x"}),
    patient(contained=[ORGANIZATION], managingOrganization={"reference": "#o"}),
    patient(generalPractitioner=[{"reference": "https://x.y/fhir/Practitioner/1/_history/2"}]),
    patient(generalPractitioner=[{"reference": "Practitioner?identifier=a|b"}]),
    patient(generalPractitioner=[{"reference": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001"}]),
    patient(generalPractitioner=[{"type": "Organization", "identifier": {"value": "1"}}]),
    patient(generalPractitioner=[{"type": "http://x.y/Custom"}]),
    observation(valueQuantity={"value": 1}),
    patient(link=[{"other": {"reference": "#"}, "type": "seealso"}]),
    observation(_status={"id": "x"}),
    {"resourceType": "Observation", "_status": {"id": "x"}, "code": {"text": "a"}},
    BINARY,
    {"resourceType": "Binary", "contentType": "anything/at-all"},
    collection(PATIENT),
    {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": "http://a"}],
        "entry": [
            {
                "fullUrl": "http://a/Patient/1",
                "link": [{"relation": "self", "url": "http://a"}],
                "resource": {**PATIENT, "id": "1"},
                "search": {"mode": "match"},
            }
        ],
    },
    {"resourceType": "Parameters", "parameter": [{"name": "a", "part": [{"name": "b", "resource": PATIENT}]}]},
    {
        "resourceType": "Questionnaire",
        "name": "Triage",
        "status": "draft",
        "item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1.1", "type": "string"}]}],
    },
    {
        "resourceType": "Claim",
        "status": "active",
        "type": {"text": "a"},
        "use": "claim",
        "patient": {"display": "a"},
        "created": "2024",
        "provider": {"display": "a"},
        "priority": {"text": "a"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "a"}}],
        "total": {"value": 1, "currency": "EUR"},
    },
]


@pytest.mark.parametrize("resource", RIGHT)
def test_a_right_resource_has_no_issue(check: Check, resource: dict[str, Any]) -> None:
    assert found(check(resource)) == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    # resource types
    ({}, "FHIR-RESOURCE-TYPE", ""),
    ({"resourceType": "Pat"}, "FHIR-RESOURCE-TYPE", "Pat"),
    ({"resourceType": ["Patient"]}, "FHIR-RESOURCE-TYPE", "['Patient']"),
    ({"resourceType": "DomainResource"}, "FHIR-RESOURCE-TYPE", "DomainResource"),
    (patient(contained=[{"resourceType": "X"}]), "FHIR-RESOURCE-TYPE", "Patient.contained[0]"),
    # unknown elements
    (patient(surname="A"), "FHIR-UNKNOWN-ELEMENT", "Patient.surname"),
    (patient(_name={}), "FHIR-UNKNOWN-ELEMENT", "Patient._name"),
    (patient(name=[{"resourceType": "HumanName"}]), "FHIR-UNKNOWN-ELEMENT", "Patient.name[0].resourceType"),
    (patient(deceasedString="a"), "FHIR-UNKNOWN-ELEMENT", "Patient.deceasedString"),
    # cardinality
    ({"resourceType": "Bundle"}, "FHIR-MIN", "Bundle"),
    ({"resourceType": "Observation", "status": "final"}, "FHIR-MIN", "Observation"),
    (patient(link=[{"type": "seealso"}]), "FHIR-MIN", "Patient.link[0]"),
    (
        {"resourceType": "DeviceUseStatement", "status": "active", "subject": {"display": "a"}, "device": {}},
        "FHIR-EMPTY",
        "DeviceUseStatement.device",
    ),
    (patient(extension=[{"valueString": "a"}]), "FHIR-MIN", "Patient.extension[0]"),
    (patient(text={"status": "empty"}), "FHIR-MIN", "Patient.text"),
    # arrays and objects
    (patient(name={"family": "A"}), "FHIR-TYPE", "Patient.name"),
    (patient(gender=["female"]), "FHIR-TYPE", "Patient.gender"),
    (patient(name=["A"]), "FHIR-TYPE", "Patient.name[0]"),
    (patient(maritalStatus="M"), "FHIR-TYPE", "Patient.maritalStatus"),
    (patient(contained=["A"]), "FHIR-TYPE", "Patient.contained[0]"),
    (patient(contained={"resourceType": "Patient"}), "FHIR-TYPE", "Patient.contained"),
    # emptiness
    (patient(name=[]), "FHIR-EMPTY", "Patient.name"),
    (patient(name=[{}]), "FHIR-EMPTY", "Patient.name[0]"),
    (patient(name=[None]), "FHIR-EMPTY", "Patient.name[0]"),
    (patient(name=None), "FHIR-EMPTY", "Patient.name"),
    (patient(gender=None), "FHIR-EMPTY", "Patient.gender"),
    (patient(birthDate=""), "FHIR-EMPTY", "Patient.birthDate"),
    (patient(name=[{"given": [None]}]), "FHIR-EMPTY", "Patient.name[0].given[0]"),
    (patient(maritalStatus=None), "FHIR-EMPTY", "Patient.maritalStatus"),
    # choices
    (patient(deceasedBoolean=True, deceasedDateTime="2020"), "FHIR-CHOICE", "Patient.deceased"),
    (patient(deceasedBoolean=True, _deceasedDateTime={"id": "x"}), "FHIR-CHOICE", "Patient.deceased"),
    # JSON types and primitives
    (patient(active="true"), "FHIR-TYPE", "Patient.active"),
    (patient(birthDate=1979), "FHIR-TYPE", "Patient.birthDate"),
    (patient(multipleBirthInteger="2"), "FHIR-TYPE", "Patient.multipleBirth.ofType(integer)"),
    (patient(multipleBirthInteger=2.5), "FHIR-PRIMITIVE", "Patient.multipleBirth.ofType(integer)"),
    (patient(birthDate="1979-02-30"), "FHIR-PRIMITIVE", "Patient.birthDate"),
    (patient(id="a b"), "FHIR-PRIMITIVE", "Patient.id"),
    (patient(name=[{"given": ["B", 1]}]), "FHIR-TYPE", "Patient.name[0].given[1]"),
    ({**BINARY, "data": "Q*=="}, "FHIR-PRIMITIVE", "Binary.data"),
    (patient(text={"status": "empty", "div": "<p/>"}), "FHIR-PRIMITIVE", "Patient.text.div"),
    # _element
    (patient(birthDate="1979", _birthDate=[{"id": "x"}]), "FHIR-TYPE", "Patient.birthDate"),
    (patient(_birthDate={"value": "x"}), "FHIR-UNKNOWN-ELEMENT", "Patient.birthDate.value"),
    (patient(_birthDate={}), "FHIR-EMPTY", "Patient.birthDate"),
    (patient(name=[{"given": ["B"], "_given": {"id": "x"}}]), "FHIR-TYPE", "Patient.name[0].given"),
    (patient(name=[{"given": ["B"], "_given": [None]}]), "FHIR-EMPTY", "Patient.name[0].given"),
    (patient(name=[{"given": ["B"], "_given": [None, {"id": "x"}]}]), "FHIR-SIBLING", "Patient.name[0].given"),
    # bindings
    (patient(gender="femme"), "FHIR-BINDING", "Patient.gender"),
    (
        {"resourceType": "AllergyIntolerance", "patient": {"display": "a"}, "clinicalStatus": {"text": "active"}},
        "FHIR-BINDING",
        "AllergyIntolerance.clinicalStatus",
    ),
    # contained and references
    (
        patient(contained=[{"resourceType": "Patient", "contained": [PATIENT]}]),
        "FHIR-CONTAINED",
        "Patient.contained[0].contained",
    ),
    (patient(managingOrganization={"reference": "#o"}), "FHIR-REFERENCE-CONTAINED", "Patient.managingOrganization"),
    (
        patient(managingOrganization={"reference": "Patient/1"}),
        "FHIR-REFERENCE-TYPE",
        "Patient.managingOrganization",
    ),
    (
        patient(contained=[{"resourceType": "Device", "id": "o"}], managingOrganization={"reference": "#o"}),
        "FHIR-REFERENCE-TYPE",
        "Patient.managingOrganization",
    ),
    (patient(managingOrganization={"type": "Patient"}), "FHIR-REFERENCE-TYPE", "Patient.managingOrganization"),
    # inside a bundle
    (collection(PATIENT, patient(gender="x")), "FHIR-BINDING", "Bundle.entry[1].resource.gender"),
    (
        collection(patient(contained=[patient(x=1)])),
        "FHIR-UNKNOWN-ELEMENT",
        "Bundle.entry[0].resource.contained[0].x",
    ),
    (
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"link": [{"relation": "self"}]}]},
        "FHIR-MIN",
        "Bundle.entry[0].link[0]",
    ),
]


@pytest.mark.parametrize(("resource", "rule_id", "location"), WRONG)
def test_a_wrong_resource_is_said_where_it_is_wrong(
    check: Check, resource: dict[str, Any], rule_id: str, location: str
) -> None:
    assert (rule_id, location) in found(check(resource))


def test_a_required_choice_is_named_as_in_the_guide(check: Check) -> None:
    resource = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"display": "a"},
    }
    (issue,) = check(resource)
    assert (issue.rule, issue.params["element"]) == ("FHIR-MIN", "medication[x]")
    assert check({**resource, "_medicationReference": {"id": "x"}})[0].rule == "FHIR-UNKNOWN-ELEMENT"
    assert check({**resource, "medicationCodeableConcept": {"text": "a"}}) == []


def test_a_required_coding_needs_one_member(check: Check) -> None:
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    base = {"resourceType": "AllergyIntolerance", "patient": {"display": "a"}}
    right = {"coding": [{"code": "x"}, {"system": system, "code": "active"}]}
    wrong = {"coding": [{"system": "http://other", "code": "active"}]}
    unsaid = {"extension": [{"url": "http://a", "valueCode": "unknown"}]}
    assert check({**base, "clinicalStatus": right}) == []
    assert [i.rule for i in check({**base, "clinicalStatus": wrong})] == ["FHIR-BINDING"]
    assert check({**base, "clinicalStatus": unsaid}) == []


def test_one_cause_is_said_once(check: Check) -> None:
    assert len(check(patient(deceasedBoolean=True, deceasedDateTime="2020", _deceasedDateTime={"id": "x"}))) == 1


def test_the_location_starts_where_the_caller_says(definitions: Definitions) -> None:
    report = Report()
    Walker(definitions).check(patient(gender="x"), report, "Bundle.entry[4].resource")
    assert [i.location for i in report] == ["Bundle.entry[4].resource.gender"]


def test_references_are_answered_by_their_own_resource(check: Check) -> None:
    stranger = patient(managingOrganization={"reference": "#o"})
    holder = patient(contained=[ORGANIZATION], managingOrganization={"reference": "#o"})
    alone = [("FHIR-REFERENCE-CONTAINED", "Bundle.entry[1].resource.managingOrganization")]
    assert found(check(collection(holder, stranger))) == alone
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "a", "resource": holder}, {"name": "b", "resource": stranger}],
    }
    alone = [("FHIR-REFERENCE-CONTAINED", "Parameters.parameter[1].resource.managingOrganization")]
    assert found(check(parameters)) == alone
    odd = patient(contained="x", managingOrganization={"reference": "#o"})
    assert "FHIR-REFERENCE-CONTAINED" in {i.rule for i in check(odd)}


def test_nesting_beyond_the_stack_is_an_issue(check: Check) -> None:
    extension: dict[str, Any] = {"url": "http://a", "valueString": "a"}
    for _ in range(sys.getrecursionlimit()):
        extension = {"url": "http://a", "extension": [extension]}
    assert [i.rule for i in check(patient(extension=[extension]))] == ["FHIR-DEPTH"]


CLAIM = RIGHT[-1]


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        ({**BINARY, "contentType": "application/x-ours+zip"}, []),
        ({**BINARY, "contentType": "pdf"}, [("FHIR-BINDING", "Binary.contentType")]),
        (CLAIM, []),
        ({**CLAIM, "total": {"value": 1, "currency": "FRF"}}, [("FHIR-BINDING", "Claim.total.currency")]),
        (patient(language="fr-FR"), []),
        (patient(language="français"), [("FHIR-BINDING", "Patient.language")]),
    ],
)
def test_what_no_list_decides_is_decided_by_its_grammar_or_left_alone(
    check: Check, resource: dict[str, Any], answer: list[tuple[str, str]]
) -> None:
    assert found(check(resource)) == answer


def test_a_profile_may_be_applied_after_the_walk(definitions: Definitions) -> None:
    named = {
        "resourceType": "StructureDefinition", "url": "http://t.t/p", "type": "Patient",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "differential": {"element": [{"path": "Patient.name", "min": 1}]},
    }  # fmt: skip
    walker = Walker(definitions, ProfileSet([named]))

    def applied(resource: dict[str, Any], url: str = "http://t.t/p", by: Walker = walker) -> list[tuple[str, str]]:
        report = Report()
        by.apply(resource, report, "Bundle.entry[0].resource", url)
        return [(i.rule, i.location) for i in report]

    said = [("FHIR-MIN", "Bundle.entry[0].resource")]
    assert applied(PATIENT) == said
    assert applied(patient(name=[{"family": "A"}])) == []
    assert applied(PATIENT, "http://t.t/unknown") == []
    assert applied(PATIENT, by=Walker(definitions)) == []
    # what the resource declares itself was judged in the walk
    assert applied(patient(meta={"profile": ["http://t.t/p|1"]})) == []
    for meta in ("x", {"profile": "x"}, {"profile": [7, "http://t.t/other"]}):
        assert applied(patient(meta=meta)) == said


def test_the_walker_over_our_profiles_is_one_a_process() -> None:
    assert default_walker() is default_walker()
    assert default_walker().profiles is default_profiles()


# -- resources in resources ----------------------------------------------------------------------------------------


def parameters(*resources: Any) -> dict[str, Any]:
    inside = [{"name": f"p{n}", "resource": resource} for n, resource in enumerate(resources)]
    return {"resourceType": "Parameters", "parameter": inside}


def test_resources_in_parameters_in_a_bundle_are_checked_where_they_stand(check: Check) -> None:
    wrong = patient(gender="x")
    deep = {"resourceType": "Parameters", "parameter": [{"name": "a", "part": [{"name": "b", "resource": wrong}]}]}
    found_ = found(check(collection(parameters(PATIENT, wrong), deep)))
    assert found_ == [
        ("FHIR-BINDING", "Bundle.entry[0].resource.parameter[1].resource.gender"),
        ("FHIR-BINDING", "Bundle.entry[1].resource.parameter[0].part[0].resource.gender"),
    ]


def test_a_bundle_in_a_bundle_has_entries_of_its_own(check: Check) -> None:
    inner = collection(PATIENT, patient(gender="x"))
    found_ = found(check(collection(PATIENT, inner, patient(gender="y"))))
    assert found_ == [
        ("FHIR-BINDING", "Bundle.entry[1].resource.entry[1].resource.gender"),
        ("FHIR-BINDING", "Bundle.entry[2].resource.gender"),
    ]
    within = found(check(collection(parameters(inner))))
    assert within == [("FHIR-BINDING", "Bundle.entry[0].resource.parameter[0].resource.entry[1].resource.gender")]


def test_references_of_parameters_are_those_of_their_entry(check: Check) -> None:
    to = {"reference": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001"}
    bundle = collection(parameters(patient(managingOrganization=to)), ORGANIZATION)
    assert found(check(bundle)) == []
    bundle["entry"][1]["resource"] = PATIENT
    assert ("FHIR-REFERENCE-TYPE", "Bundle.entry[0].resource.parameter[0].resource.managingOrganization") in found(
        check(bundle)
    )


@pytest.mark.parametrize(
    "inside", [None, 1, "x", [], [PATIENT], {}, {"resourceType": "Bundle", "entry": [None, 1, {}]}]
)
def test_no_shape_of_a_resource_in_a_resource_is_too_much(check: Check, inside: Any) -> None:
    for outer in (
        collection(parameters(PATIENT, inside)),
        collection(inside, collection(inside)),
        parameters(collection(inside), inside),
        patient(contained=[inside, parameters(inside), collection(inside)]),
    ):
        assert check(outer) != []


# -- ids of elements -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "resource",
    [
        patient(name=[{"id": "a", "family": "A"}, {"id": "b", "family": "B"}]),
        patient(id="a", name=[{"id": "a", "family": "A"}]),
        collection(patient(name=[{"id": "a", "family": "A"}]), patient(name=[{"id": "a", "family": "A"}])),
        patient(
            name=[{"id": "a", "family": "A"}],
            contained=[{**ORGANIZATION, "contact": [{"id": "a", "name": {"family": "A"}}]}],
            managingOrganization={"reference": "#o"},
        ),
    ],
)
def test_the_id_of_an_element_is_its_own_within_its_resource(check: Check, resource: dict[str, Any]) -> None:
    assert found(check(resource)) == []


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (patient(name=[{"id": "a", "family": "A"}, {"id": "a", "family": "B"}]), "Patient.name[1]"),
        (patient(name=[{"id": "a", "family": "A"}], _birthDate={"id": "a"}, birthDate="2020"), "Patient.birthDate"),
        (
            patient(contact=[{"id": "a", "name": {"id": "a", "family": "A"}}]),
            "Patient.contact[0]",
        ),
    ],
)
def test_an_id_used_twice_is_said(check: Check, resource: dict[str, Any], place: str) -> None:
    assert found(check(resource)) == [("FHIR-ELEMENT-ID", place)]


def test_ids_of_element_definitions_are_paths_and_may_come_again(check: Check) -> None:
    element = [{"id": "Patient", "path": "Patient", "min": 0, "max": "*"}]
    view = {"element": element}
    profile = {
        "resourceType": "StructureDefinition", "url": "http://t.t/p", "name": "P", "status": "draft", "abstract": False,
        "kind": "resource", "type": "Patient", "derivation": "constraint", "differential": view, "snapshot": view,
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    }  # fmt: skip
    assert "FHIR-ELEMENT-ID" not in {rule_id for rule_id, _ in found(check(profile))}


KEYS = [
    *["resourceType", "id", "meta", "profile", "extension", "url", "valueString", "valueReference", "reference"],
    *["contained", "identifier", "use", "value", "name", "given", "_given", "entry", "resource", "coding", "code"],
    *["content", "attachment", "context", "author", "status", "source", "subject"],
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
VALUES = st.recursive(
    LEAVES | st.sampled_from(["#a", "Patient/1", "Patient"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)
TYPES = st.sampled_from(["Bundle", "DocumentReference", "List", "Patient", "Extension", "Parameters"])


@settings(max_examples=300)
@given(TYPES, st.dictionaries(st.sampled_from(["id", "meta", "contained", "entry", "author", "name"]), VALUES), VALUES)
def test_random_content_never_raises(kind: str, elements: dict[str, Any], value: Any) -> None:
    resource = {"resourceType": kind, "extension": value, "content": value, "identifier": value, **elements}
    before = copy.deepcopy(resource)
    report = Report()
    urls = [profile.url for profile in default_profiles()]
    Walker(load_definitions(), default_profiles()).check(resource, report, profiles=urls)
    assert repr(resource) == repr(before)
    for issue in report:
        assert render(issue, "fr")
        assert render(issue, "en")
