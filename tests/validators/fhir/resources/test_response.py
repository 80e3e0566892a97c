"""QuestionnaireResponse against its Questionnaire."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from tests.validators.fhir.resources.test_questionnaire import answered, form, item, when
from validators.fhir.context import Json

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = {"system": "http://unitsofmeasure.org", "code": "kg"}


def response(*items: dict[str, Any], status: str = "completed", **more: Any) -> Json:
    return resource("QuestionnaireResponse", questionnaire="https://x.y/q", status=status, item=list(items), **more)


def extended(url: str, **value: Any) -> dict[str, Any]:
    return {"extension": [{"url": url if ":" in url else EXTENSION + url, **value}]}


def group(*items: dict[str, Any], link: str = "g", **more: Any) -> dict[str, Any]:
    return item(link, "group", item=list(items), **more)


LEVELS: list[tuple[Json, Json, Found]] = [
    (form(item("a")), response(), []),
    (form(item("a"), item("b")), response(answered("a", {"valueBoolean": True}), answered("b")), []),
    (form(item("a")), response(answered("z")), [("LINKID", "")]),
    (form(item("a")), response({"answer": []}), [("LINKID", "")]),
    (form(item("a"), item("b")), response(answered("b"), answered("a")), [("ORDER", "")]),
    (form(group(item("a"))), response(answered("a", {"valueBoolean": True})), [("PLACE", "")]),
    (form(item("a", required=True)), response(), [("MISSING", "")]),
    (form(item("a", required=True)), response(answered("a")), [("MISSING", ".item[0]")]),
    (form(item("a", required=True)), response(status="in-progress"), [("MISSING-DRAFT", "")]),
    (form(item("a", required=True, enableWhen=[when("b")]), item("b")), response(), []),
    (form(item("a", text="Age")), response(answered("a", text="Age")), []),
    (form(item("a", text="Age")), response(answered("a", text="Name")), [("TEXT", ".item[0]")]),
    (form(item("a")), response(answered("a"), answered("a")), [("REPEATS", "")]),
    (form(item("a", repeats=True)), response(answered("a"), answered("a")), []),
    (
        form(item("a")),
        response(answered("a", {"valueBoolean": True}, {"valueBoolean": True})),
        [("REPEATS", ".item[0]")],
    ),
    (
        form(item("b"), item("a", enableWhen=[when("b")])),
        response(answered("a", {"valueBoolean": True})),
        [("DISABLED", ".item[0]")],
    ),
    (form(item("b"), item("a", enableWhen=[when("b")])), response({"linkId": "a"}), []),
    (form(item("a", "display")), response({"linkId": "a"}), []),
    (form(item("a", "display")), response(answered("a", {"valueString": "x"})), [("KIND", ".item[0]")]),
    (form(item("a", "question")), response({"linkId": "a"}), [("KIND", ".item[0]")]),
    (form(group(item("a"))), response(answered("g", {"valueString": "x"})), [("KIND", ".item[0]")]),
    (form(group(item("a"), required=True)), response({"linkId": "g"}), [("MISSING", ".item[0]")]),
    (form(group(item("a", required=True))), response({"linkId": "g", "item": []}), [("MISSING", ".item[0]")]),
    (form(item("a", item=[item("b")])), response(answered("a", {"valueBoolean": True, "item": [answered("b")]})), []),
    (form(item("a", item=[item("b")])), response(answered("a", item=[answered("b")])), [("NESTING", ".item[0]")]),
    (
        form(item("a", item=[item("b")])),
        response(answered("a", {"valueBoolean": True, "item": [answered("z")]})),
        [("LINKID", ".item[0].answer[0]")],
    ),
    (
        form(item("a", "string", **extended("questionnaire-minOccurs", valueInteger=2))),
        response(answered("a")),
        [("COUNT", ".item[0]")],
    ),
    (
        form(item("a", "string", repeats=True, **extended("questionnaire-maxOccurs", valueInteger=1))),
        response(answered("a", {"valueString": "x"}, {"valueString": "y"})),
        [("COUNT", ".item[0]")],
    ),
]


REPEATED = item("g", "group", repeats=True, item=[item("a")])
LEVELS += [
    (form(REPEATED | extended("questionnaire-minOccurs", valueInteger=2)), response({"linkId": "g"}), [("COUNT", "")]),
    (
        form(REPEATED | extended("questionnaire-maxOccurs", valueInteger=1)),
        response({"linkId": "g"}, {"linkId": "g"}),
        [("COUNT", "")],
    ),
    (
        form(REPEATED | extended("questionnaire-maxOccurs", valueInteger=2)),
        response({"linkId": "g"}, {"linkId": "g"}),
        [],
    ),
]


def prefixed(found: Found) -> Found:
    return [(f"QUESTIONNAIRERESPONSE-{rule_id}", place) for rule_id, place in found]


@pytest.mark.parametrize(("asked", "node", "expected"), LEVELS)
def test_items_are_those_of_the_form(of: Of, asked: Json, node: Json, expected: Found) -> None:
    assert of(node, "", asked) == prefixed(expected)


def test_a_form_is_contained_loaded_or_unknown(of: Of) -> None:
    contained = form(item("a", required=True)) | {"id": "q"}
    node = response(contained=[contained]) | {"questionnaire": "#q"}
    assert of(node) == prefixed([("MISSING", "")])
    assert of(response()) == prefixed([("UNKNOWN", ".questionnaire")])
    assert of(resource("QuestionnaireResponse", status="completed")) == []


# -- answers -----------------------------------------------------------------------------------------------------------

OPTIONS = {"answerOption": [{"valueCoding": {"system": "s", "code": "x"}}, {"valueString": "y"}, {"valueInteger": 1}]}
EXCLUSIVE = {
    "repeats": True,
    "answerOption": [
        {"valueInteger": 1, **extended("questionnaire-optionExclusive", valueBoolean=True)},
        {"valueInteger": 2},
    ],
}
GENDER = {"answerValueSet": "http://hl7.org/fhir/ValueSet/administrative-gender"}
MALE = {"system": "http://hl7.org/fhir/administrative-gender", "code": "male"}
ATTACHED = {"contentType": "image/png", "data": base64.b64encode(b"x" * 100).decode()}


def between(least: dict[str, Any], most: dict[str, Any]) -> dict[str, Any]:
    return {"extension": [{"url": EXTENSION + "minValue", **least}, {"url": EXTENSION + "maxValue", **most}]}


TYPED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("boolean", {}, {"valueBoolean": True}),
    ("decimal", {}, {"valueDecimal": 1.5}),
    ("integer", {}, {"valueInteger": 1}),
    ("date", {}, {"valueDate": "2020"}),
    ("dateTime", {}, {"valueDateTime": "2020"}),
    ("time", {}, {"valueTime": "10:00:00"}),
    ("string", {}, {"valueString": "x"}),
    ("text", {}, {"valueString": "x\ny"}),
    ("url", {}, {"valueUri": "a:b"}),
    ("attachment", {}, {"valueAttachment": {}}),
    ("reference", {}, {"valueReference": {"reference": "Patient/1"}}),
    ("quantity", {}, {"valueQuantity": {"value": 1}}),
    ("choice", {}, {"valueCoding": {"code": "x"}}),
    ("choice", {}, {"valueString": "x"}),
    ("choice", OPTIONS, {"valueCoding": {"system": "s", "code": "x", "display": "X"}}),
    ("choice", OPTIONS, {"valueString": "y"}),
    ("open-choice", OPTIONS, {"valueString": "other"}),
    ("choice", GENDER, {"valueCoding": MALE}),
    ("choice", {"answerValueSet": "a:unknown"}, {"valueCoding": {"system": "s", "code": "x"}}),
    ("choice", {"answerValueSet": "#gone"}, {"valueCoding": {"system": "s", "code": "x"}}),
    ("string", {"answerOption": [{"valueString": "x"}]}, {"valueString": "x"}),
    ("integer", between({"valueInteger": 1}, {"valueInteger": 3}), {"valueInteger": 2}),
    ("date", between({"valueDate": "2020"}, {"valueDate": "2021-06"}), {"valueDate": "2021-06-30"}),
    ("string", {"maxLength": 3, **extended("regex", valueString="[a-z]+")}, {"valueString": "abc"}),
    ("string", extended("regex", valueString="(broken"), {"valueString": "abc"}),
    ("decimal", extended("maxDecimalPlaces", valueInteger=2), {"valueDecimal": 1.25}),
    ("attachment", extended("mimeType", valueCode="image/png"), {"valueAttachment": ATTACHED}),
    ("attachment", extended("maxSize", valueDecimal=100), {"valueAttachment": ATTACHED}),
    (
        "reference",
        extended("questionnaire-referenceResource", valueCode="Patient"),
        {"valueReference": {"reference": "Patient/1"}},
    ),
    ("reference", {}, {"valueReference": {"reference": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000001"}}),
    ("quantity", extended("questionnaire-unitOption", valueCoding=UCUM), {"valueQuantity": {"value": 1, **UCUM}}),
    (
        "quantity",
        extended(SDC + "minQuantity", valueQuantity={"value": 5, **UCUM}),
        {"valueQuantity": {"value": 6, **UCUM}},
    ),
    ("integer", EXCLUSIVE, {"valueInteger": 1}),
    ("unheard-of", {}, {"valueInteger": 1}),
    ("string", {}, {}),
]
METRES = {"system": "http://unitsofmeasure.org", "code": "m"}
KILOMETRES = {"system": "http://unitsofmeasure.org", "code": "km"}


@pytest.mark.parametrize(
    ("given", "limit", "right"),
    [
        ({"value": 4000, **METRES}, {"value": 5, **KILOMETRES}, True),
        ({"value": 6000, **METRES}, {"value": 5, **KILOMETRES}, False),
        ({"value": 1, **METRES}, {"value": 5, **UCUM}, False),
        ({"value": 1, "system": "s", "code": "c"}, {"value": 5, **UCUM}, False),
        ({**METRES}, {"value": 5, **METRES}, False),
    ],
)
def test_quantities_are_compared_across_units(
    of: Of, given: dict[str, Any], limit: dict[str, Any], right: bool
) -> None:
    asked = form(item("a", "quantity") | extended(SDC + "maxQuantity", valueQuantity=limit))
    found = of(response(answered("a", {"valueQuantity": given})), "", asked)
    assert found == ([] if right else prefixed([("LIMIT", ".item[0].answer[0].value.ofType(Quantity)")]))


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("date", {}, {"valueCoding": {"code": "x"}}, "TYPE", ".value.ofType(Coding)"),
    ("text", {}, {"valueInteger": 1}, "TYPE", ".value.ofType(integer)"),
    ("choice", {}, {"valueDecimal": 1.5}, "TYPE", ".value.ofType(decimal)"),
    ("choice", OPTIONS, {"valueCoding": {"system": "s", "code": "z"}}, "OPTION", ""),
    ("choice", OPTIONS, {"valueString": "z"}, "OPTION", ""),
    ("open-choice", OPTIONS, {"valueInteger": 2}, "OPTION", ""),
    ("choice", GENDER, {"valueCoding": {**MALE, "code": "homme"}}, "OPTION", ""),
    ("string", GENDER, {"valueString": "homme"}, "OPTION", ".value.ofType(string)"),
    ("date", {"answerOption": [{"valueDate": "2020-01-01"}]}, {"valueDate": "2021"}, "OPTION", ".value.ofType(date)"),
    (
        "integer",
        between({"valueInteger": 1}, {"valueInteger": 3}),
        {"valueInteger": 0},
        "LIMIT",
        ".value.ofType(integer)",
    ),
    (
        "decimal",
        between({"valueDecimal": 1}, {"valueDecimal": 3}),
        {"valueDecimal": 3.1},
        "LIMIT",
        ".value.ofType(decimal)",
    ),
    (
        "date",
        between({"valueDate": "2020"}, {"valueDate": "2021"}),
        {"valueDate": "2019"},
        "LIMIT",
        ".value.ofType(date)",
    ),
    (
        "time",
        between({"valueTime": "09:00:00"}, {"valueTime": "10:00:00"}),
        {"valueTime": "11:00:00"},
        "LIMIT",
        ".value.ofType(time)",
    ),
    (
        "dateTime",
        between({"valueDateTime": "2020-01-01T00:00:00Z"}, {"valueDateTime": "2021-01-01T00:00:00Z"}),
        {"valueDateTime": "2021-01-01T00:00:00-01:00"},
        "LIMIT",
        ".value.ofType(dateTime)",
    ),
    ("string", {"maxLength": 3}, {"valueString": "abcd"}, "LIMIT", ".value.ofType(string)"),
    ("string", extended("minLength", valueInteger=3), {"valueString": "ab"}, "LIMIT", ".value.ofType(string)"),
    ("string", extended("regex", valueString="[a-z]+"), {"valueString": "A"}, "LIMIT", ".value.ofType(string)"),
    (
        "decimal",
        extended("maxDecimalPlaces", valueInteger=1),
        {"valueDecimal": 1.25},
        "LIMIT",
        ".value.ofType(decimal)",
    ),
    ("attachment", extended("mimeType", valueCode="image/png"), {"valueAttachment": {}}, "LIMIT", ""),
    ("attachment", extended("maxSize", valueDecimal=99), {"valueAttachment": ATTACHED}, "LIMIT", ""),
    ("reference", {}, {"valueReference": {"reference": "Chicken/1"}}, "LIMIT", ".value.ofType(Reference)"),
    (
        "reference",
        extended("questionnaire-referenceResource", valueCode="Patient"),
        {"valueReference": {"reference": "https://x.y/Group/1"}},
        "LIMIT",
        ".value.ofType(Reference)",
    ),
    (
        "quantity",
        extended("questionnaire-unitOption", valueCoding=UCUM),
        {"valueQuantity": {"value": 1, "unit": "kg"}},
        "LIMIT",
        ".value.ofType(Quantity)",
    ),
    (
        "quantity",
        extended(SDC + "maxQuantity", valueQuantity={"value": 5, **UCUM}),
        {"valueQuantity": {"value": 6, **UCUM}},
        "LIMIT",
        ".value.ofType(Quantity)",
    ),
    (
        "quantity",
        extended(SDC + "maxQuantity", valueQuantity={"value": 5, "unit": "kg"}),
        {"valueQuantity": {"value": 1}},
        "LIMIT",
        ".value.ofType(Quantity)",
    ),
    (
        "quantity",
        extended("questionnaire-unitValueSet", valueCanonical=GENDER["answerValueSet"]),
        {"valueQuantity": {"value": 1, **UCUM}},
        "LIMIT",
        ".value.ofType(Quantity)",
    ),
]


@pytest.mark.parametrize(("kind", "question", "answer"), TYPED)
def test_a_fitting_answer_is_silent(of: Of, kind: str, question: dict[str, Any], answer: dict[str, Any]) -> None:
    assert of(response(answered("a", answer)), "", form(item("a", kind) | question)) == []


@pytest.mark.parametrize(("kind", "question", "answer", "rule_id", "place"), REFUSED)
def test_an_unfitting_answer_is_said(
    of: Of, kind: str, question: dict[str, Any], answer: dict[str, Any], rule_id: str, place: str
) -> None:
    found = of(response(answered("a", answer)), "", form(item("a", kind) | question))
    assert found == prefixed([(rule_id, f".item[0].answer[0]{place}")])


def test_an_exclusive_option_stands_alone(of: Of) -> None:
    node = response(answered("a", {"valueInteger": 1}, {"valueInteger": 2}))
    found = of(node, "", form(item("a", "choice") | EXCLUSIVE))
    assert found == prefixed([("EXCLUSIVE", ".item[0].answer[0]")])


LISTED = {"include": [{"system": "s", "concept": [{"code": "x"}]}]}
NESTED = {"contains": [{"system": "s", "code": "w", "contains": [{"system": "s", "code": "x"}]}]}
TOLD_OTHERWISE = [
    {"include": [{"system": "s"}]},
    {"include": [{"system": "s", "filter": [{"property": "concept", "op": "is-a", "value": "x"}]}]},
    {"include": [{"valueSet": ["https://x.y/v"]}]},
    LISTED | {"exclude": [{"system": "s"}]},
]


@pytest.mark.parametrize("contained", [{"expansion": NESTED}, {"compose": LISTED}])
def test_a_value_set_contained_in_the_form_is_told_by_what_it_lists(of: Of, contained: Json) -> None:
    asked = form(
        item("a", "choice", answerValueSet="#v"), contained=[{"resourceType": "ValueSet", "id": "v"} | contained]
    )
    assert of(response(answered("a", {"valueCoding": {"system": "s", "code": "x"}})), "", asked) == []
    found = of(response(answered("a", {"valueCoding": {"system": "s", "code": "z"}})), "", asked)
    assert found == prefixed([("OPTION", ".item[0].answer[0]")])


@pytest.mark.parametrize("compose", TOLD_OTHERWISE)
def test_one_that_is_told_otherwise_is_left_alone(of: Of, compose: Json) -> None:
    contained = [{"resourceType": "ValueSet", "id": "v", "compose": compose}]
    asked = form(item("a", "choice", answerValueSet="#v"), contained=contained)
    assert of(response(answered("a", {"valueCoding": {"system": "s", "code": "z"}})), "", asked) == []


def test_a_value_set_contained_in_the_form_is_told_by_its_expansion(of: Of) -> None:
    expansion = {"contains": [{"system": "s", "code": "x"}]}
    contained = [{"resourceType": "ValueSet", "id": "v", "expansion": expansion}]
    asked = form(item("a", "choice", answerValueSet="#v"), contained=contained)
    assert of(response(answered("a", {"valueCoding": {"system": "s", "code": "x"}})), "", asked) == []
    found = of(response(answered("a", {"valueCoding": {"system": "s", "code": "z"}})), "", asked)
    assert found == prefixed([("OPTION", ".item[0].answer[0]")])
