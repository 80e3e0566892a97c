"""Invariants: each is judged, by its rule in Python or by its expression, and what is broken is said once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.fhir.conftest import Check
from validators.fhir import Definitions, ProfileSet, load_definitions
from validators.fhir.artefact import InvariantDef, Sections
from validators.fhir.definitions import DEFAULT_PATH
from validators.fhir.fhirpath import Environment, FhirPathError, compile_expression
from validators.fhir.invariants import BY_WALK, ERRATA, NATIVE, WRITTEN_OUT, Invariant
from validators.fhir.shapes import PRIMITIVE, Shape

Json = dict[str, Any]
TYPES = {"per-1": "Period", "att-1": "Attachment", "qty-3": "Quantity", "cpt-2": "ContactPoint"}


def patient(**elements: Any) -> Json:
    return {"resourceType": "Patient", **elements}


def said(check: Check, resource: Json, profiles: ProfileSet | None = None, urls: tuple[str, ...] = ()) -> list[Any]:
    return [
        (i.params["key"] if i.rule == "FHIR-INVARIANT" else i.rule, i.severity.value, i.location)
        for i in check(resource, profiles, urls)
    ]


# -- all of them ---------------------------------------------------------------------------------------------------


def reached(definitions: Definitions) -> dict[str, Shape]:
    """Every shape, nested ones too."""
    found: dict[str, Shape] = {}
    rest = [definitions.shape(name) for name, s in definitions.structures.items() if s.kind != "primitive-type"]
    while rest:
        shape = rest.pop()
        if shape.name not in found:
            found[shape.name] = shape
            rest += [slot.shape for slot in shape.slots.values() if hasattr(slot, "shape")]
    return found


def test_every_invariant_compiles_on_each_type_that_it_is_judged_on(definitions: Definitions) -> None:
    keys = set()
    for shape in reached(definitions).values():
        judged = [(invariant, shape.name) for invariant in shape.rules]
        judged += [
            (invariant, slot.type if slot.kind == PRIMITIVE else slot.shape.name)
            for slot in shape.ruled
            for invariant in slot.rules
        ]
        for invariant, name in judged:
            compile_expression(invariant.expression, definitions, name if "." not in name else None)
            keys.add(invariant.key)
    everything = {invariant.key for invariant in definitions.invariants}
    assert everything - keys <= BY_WALK
    assert len(keys) > 190


def test_those_kept_by_rules_written_by_hand_are_known_by_their_key(definitions: Definitions) -> None:
    for key in sorted((BY_WALK | WRITTEN_OUT.keys()) - {"bdl-6"}):  # R4 has no bdl-6
        invariant = definitions.invariant(key)
        assert invariant.key == key
        assert invariant.human
        compile_expression(invariant.expression, definitions)
    with pytest.raises(KeyError):
        definitions.invariant("nope-1")


# -- by rule and by expression -------------------------------------------------------------------------------------

TEXT = st.sampled_from(["x", "http://s", "text/plain", "QUJD"])
SIBLING = st.just({"extension": [{"url": "http://a", "valueCode": "unknown"}]})
MOMENTS = st.sampled_from(
    [
        *("2025", "2026", "2026-01", "2026-02", "2026-01-31", "2026-02-01", "2026-02-01T10:00:00Z"),
        *("2026-02-01T10:00:00+01:00", "2026-02-01T10:00:00-05:00", "2026-02-01T09:30:00Z"),
        *("2026-02-02T00:00:00+14:00", "2026-02-01T10:00:00.5Z"),
    ]
)


def node(**elements: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    siblings = {f"_{name}": SIBLING for name in elements}
    return st.fixed_dictionaries({}, optional=elements | siblings)


VALUES: dict[str, st.SearchStrategy[Json]] = {
    "att-1": node(data=TEXT, contentType=TEXT, title=TEXT),
    "qty-3": node(value=st.just(1), unit=TEXT, system=TEXT, code=TEXT),
    "cpt-2": node(value=TEXT, system=TEXT, use=TEXT),
}


def by_expression(key: str, value: Json) -> bool:
    definitions = load_definitions()
    invariant = Invariant(InvariantDef(key, "error", "", definitions.invariant(key).expression))
    invariant.native = None
    environment = Environment(resource=value, root=value)
    return invariant.holds(value, definitions.shape(TYPES[key]), definitions, environment)


def test_every_native_rule_is_compared() -> None:
    assert NATIVE.keys() == TYPES.keys() == VALUES.keys() | {"per-1"}


@pytest.mark.parametrize("key", sorted(VALUES))
@given(data=st.data())
def test_a_native_rule_says_what_its_expression_says(key: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[key])
    assert NATIVE[key](value) is by_expression(key, value)


@given(node(start=MOMENTS, end=MOMENTS))
def test_a_period_that_its_expression_accepts_is_accepted(value: Json) -> None:
    """The expression asks that start be known to come first; the rule that it be not known to come after."""
    if by_expression("per-1", value):
        assert NATIVE["per-1"](value)


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [
        ("2026", "2026", True),
        ("2026", "2026-01", True),
        ("2026-02", "2026", True),
        ("2026-02-01", "2026-02-01T10:00:00Z", True),
        ("2026-02-01T10:00:00Z", "2026-02-01", True),
        ("2026-02-01T10:00:00+01:00", "2026-02-01T09:30:00Z", True),
        ("2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z", True),
        ("2026", "2025", False),
        ("2026-02", "2026-01-31", False),
        ("2026-02-02", "2026-02-01T23:59:59Z", False),
        ("2026-02-01T10:00:00-05:00", "2026-02-01T10:00:00Z", False),
        ("2026-02-01T10:00:00+01:00", "2026-02-01T09:59:00+01:00", False),
        ("2026-02-01T10:00:00Z", "2026-02-01T09:59:00Z", False),
        # what is no date is the walk's matter
        ("2026-99-99T10:00:00Z", "2026-01-01T00:00:00+01:00", True),
        (7, "2026", True),
        ("2026", None, True),
    ],
)
def test_a_period_ends_after_it_starts(start: Any, end: Any, right: bool) -> None:
    assert NATIVE["per-1"]({"start": start, "end": end}) is right


# -- errata --------------------------------------------------------------------------------------------------------


def appointment(status: str) -> Json:
    participant = [{"status": "accepted", "actor": {"display": "a"}}]
    times = {"start": "2026-02-01T10:00:00Z", "end": "2026-02-01T11:00:00Z"}
    return {
        "resourceType": "Appointment", "status": status, "cancelationReason": {"text": "a"}, "participant": participant,
        **times,
    }  # fmt: skip


def question(conditions: int, **more: Any) -> Json:
    when = {"question": "1", "operator": "=", "answerBoolean": True}
    items = [{"linkId": "1", "type": "boolean"}, {"linkId": "2", "type": "string", "enableWhen": [when] * conditions}]
    return {"resourceType": "Questionnaire", "name": "Triage", "status": "draft", "item": [items[0], items[1] | more]}


def asked(operator: str, **answer: Any) -> Json:
    made = question(1)
    made["item"][1]["enableWhen"] = [{"question": "1", "operator": operator, **answer}]
    return made


def timing(*when: str) -> Json:
    repeat = {"when": list(when), "offset": 30, "frequency": 1, "period": 1, "periodUnit": "d"}
    return {
        "resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": "a"},
        "subject": {"display": "a"}, "dosage": [{"timing": {"repeat": repeat}}],
    }  # fmt: skip


def risk(**probability: Any) -> Json:
    return {
        "resourceType": "RiskAssessment", "status": "final", "subject": {"display": "a"},
        "prediction": [{"outcome": {"text": "a"}, **probability}],
    }  # fmt: skip


PERCENT = {"value": 1, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
CHARGE = {"resourceType": "ChargeItemDefinition", "url": "http://t.t/c", "status": "draft"}


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("app-4", [appointment("noshow"), appointment("cancelled")], [appointment("booked")]),
        ("que-12", [question(1), question(2, enableBehavior="all")], [question(2)]),
        ("que-7", [asked("exists", answerBoolean=True)], [asked("exists", answerString="a")]),
        ("tim-9", [timing("AC"), timing("AC", "PC")], [timing("C"), timing("AC", "CM")]),
        (
            "ras-1",
            [risk(probabilityDecimal=0.5), risk(probabilityRange={"low": PERCENT})],
            [risk(probabilityRange={"low": {"value": 1}}), risk(probabilityRange={"high": {"value": 1}})],
        ),
        ("cid-0", [CHARGE], []),
    ],
)
def test_an_erratum_says_what_the_sentence_says(check: Check, key: str, right: list[Json], wrong: list[Json]) -> None:
    for resource in right:
        assert [i.params for i in check(resource) if i.params.get("key") == key] == []
    for resource in wrong:
        assert key in {i.params.get("key") for i in check(resource) if i.rule == "FHIR-INVARIANT"}


def test_errata_are_of_constraints_that_r4_has() -> None:
    published = {i.key: i.expression for i in Sections(DEFAULT_PATH.read_bytes()).core().invariants}
    assert published.keys() >= ERRATA.keys()
    assert all(published[key] != expression for key, expression in ERRATA.items())
    assert set(ERRATA) == {"app-4", "que-12", "que-7", "tim-9", "ras-1", "cid-0"}


# -- what is said --------------------------------------------------------------------------------------------------


def test_a_broken_constraint_is_said_with_its_key_its_sentence_and_its_place(check: Check) -> None:
    (issue,) = check(patient(contact=[{"gender": "female"}]))
    assert (issue.rule, issue.severity.value, issue.location) == ("FHIR-INVARIANT", "error", "Patient.contact[0]")
    assert (issue.params["key"], issue.params["profile"]) == ("pat-1", "FHIR R4")
    assert issue.params["human"].startswith("SHALL at least contain a contact's details")
    assert "organization.exists()" in issue.params["expression"]


def test_a_warning_stays_a_warning(check: Check) -> None:
    assert said(check, {"resourceType": "Questionnaire", "status": "draft", "name": "not a name"}) == [
        ("que-0", "warning", "Questionnaire")
    ]


def test_a_constraint_of_one_element_is_said_there(check: Check) -> None:
    telecom = [{"system": "phone", "value": "1", "use": use} for use in ("work", "home")]
    organization = {"resourceType": "Organization", "name": "x", "telecom": telecom}
    assert said(check, organization) == [("org-3", "error", "Organization.telecom[1]")]


def test_a_constraint_of_a_type_is_said_where_the_type_stands(check: Check) -> None:
    attachment = {"data": "QUJD"}
    assert said(check, patient(photo=[{"contentType": "image/png", **attachment}, attachment])) == [
        ("att-1", "error", "Patient.photo[1]")
    ]


def test_a_consequence_is_folded_under_an_error_of_the_same_element(check: Check) -> None:
    """Without its unit's system the Quantity breaks qty-3; with a wrong one it is wrong already."""
    value = {"value": 1, "code": "kg"}
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "a"}}
    assert said(check, {**base, "valueQuantity": value}) == [("qty-3", "error", "Observation.value.ofType(Quantity)")]
    twice = said(check, {**base, "valueQuantity": value | {"comparator": "="}})
    assert [key for key, _, _ in twice] == ["FHIR-BINDING"]
    elsewhere = said(check, {**base, "valueQuantity": value, "issued": "x"})
    assert [key for key, _, _ in elsewhere] == ["qty-3", "FHIR-PRIMITIVE"]


def test_the_name_of_a_sibling_is_no_part_of_the_element(check: Check) -> None:
    """An error at `maxLength` does not explain a broken constraint of `max`."""
    element = {"id": "Patient", "path": "Patient", "maxLength": "x", "max": "many"}
    definition = {
        "resourceType": "StructureDefinition", "url": "http://t.t/p", "name": "P", "status": "draft", "abstract": False,
        "kind": "resource", "type": "Patient", "derivation": "constraint", "differential": {"element": [element]},
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    }  # fmt: skip
    found = {(key, place) for key, _, place in said(check, definition)}
    assert {("FHIR-TYPE", "StructureDefinition.differential.element[0].maxLength"),
            ("eld-3", "StructureDefinition.differential.element[0].max")} <= found  # fmt: skip


# -- what cannot be evaluated --------------------------------------------------------------------------------------

URL = "http://t.t/p"


def asking(expression: str, severity: str = "error", path: str = "Patient") -> ProfileSet:
    constraint = {"key": "t-1", "severity": severity, "human": "words", "expression": expression}
    return ProfileSet(
        [
            {
                "resourceType": "StructureDefinition", "url": URL, "type": "Patient",
                "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
                "differential": {"element": [{"id": path, "path": path, "constraint": [constraint]}]},
            }
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("active.exists()", [("t-1", "error", "Patient")]),
        ("active.empty()", []),
        ("nope()", [("FHIR-INVARIANT-UNDECIDED", "information", "Patient")]),
        ("active.exists(", [("FHIR-INVARIANT-UNDECIDED", "information", "Patient")]),
        ("surname.exists()", [("FHIR-INVARIANT-UNDECIDED", "information", "Patient")]),
        ("name.given.single() = 'A'", [("FHIR-INVARIANT-UNDECIDED", "information", "Patient")]),
    ],
)
def test_what_cannot_be_evaluated_is_information(check: Check, expression: str, expected: list[Any]) -> None:
    resource = patient(name=[{"given": ["A", "B"]}])
    for _ in range(2):  # the second time what was compiled is used again
        assert said(check, resource, asking(expression), (URL,)) == expected


def test_a_profile_s_constraint_has_its_severity_and_its_profile(check: Check) -> None:
    (issue,) = check(patient(), asking("active.exists()", "warning"), [URL])
    assert (issue.severity.value, issue.params["profile"]) == ("warning", URL)


@pytest.mark.parametrize("turned", [False, True])
def test_what_one_type_of_a_choice_cannot_answer_another_still_does(check: Check, turned: bool) -> None:
    profiles = asking("extension.exists() or (low.exists() and high.exists())", path="Patient.extension.value[x]")
    decimal = patient(extension=[{"url": "http://a", "valueDecimal": 1}])
    range_ = patient(extension=[{"url": "http://a", "valueRange": {"low": {"value": 1}}}])
    expected = {"decimal": "FHIR-INVARIANT-UNDECIDED", "range": "t-1"}
    order = [("decimal", decimal), ("range", range_)]
    for name, resource in order[::-1] if turned else order:
        keys = {key for key, _, _ in said(check, resource, profiles, (URL,))}
        assert keys & set(expected.values()) == {expected[name]}


def test_an_expression_that_does_not_compile_raises_each_time(definitions: Definitions) -> None:
    invariant = Invariant(InvariantDef("t-1", "error", "", "nope("))
    environment = Environment(resource={}, root={})
    for _ in range(2):
        with pytest.raises(FhirPathError):
            invariant.holds({}, definitions.shape("Patient"), definitions, environment)
