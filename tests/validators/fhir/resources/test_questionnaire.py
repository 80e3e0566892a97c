"""Questionnaire: conditions and derivation; whether questions are enabled by answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.resources.conftest import Found, Of, resource
from validators.fhir.context import Json
from validators.fhir.resources.enabling import Form

DERIVATION = "http://hl7.org/fhir/StructureDefinition/questionnaire-derivationType"


def item(link: str, kind: str = "boolean", **more: Any) -> dict[str, Any]:
    return {"linkId": link, "type": kind, **more}


def when(question: str, operator: str = "=", **answer: Any) -> dict[str, Any]:
    return {"question": question, "operator": operator, **(answer or {"answerBoolean": True})}


def form(*items: dict[str, Any], **more: Any) -> Json:
    return resource("Questionnaire", url="https://x.y/q", item=list(items), **more)


RIGHT: list[Json] = [
    form(),
    form(item("a"), item("b", enableWhen=[when("a")])),
    form(item("g", "group", item=[item("a"), item("b", enableWhen=[when("a")])]), item("c", enableWhen=[when("b")])),
    form(item("g", "group", item=[item("a", enableWhen=[when("g", "exists")])])),
    form(item("a", enableWhen=[{"operator": "="}])),
]
WRONG: list[tuple[Json, Found]] = [
    (form(item("a", enableWhen=[when("z")])), [("QUESTIONNAIRE-ENABLEWHEN", ".item[0]")]),
    (form(item("a", enableWhen=[when("a")])), [("QUESTIONNAIRE-ENABLEWHEN-INSIDE", ".item[0]")]),
    (
        form(item("g", "group", enableWhen=[when("a")], item=[item("a")])),
        [("QUESTIONNAIRE-ENABLEWHEN-INSIDE", ".item[0]")],
    ),
    (form(item("a", enableWhen=[when("b")]), item("b")), [("QUESTIONNAIRE-ENABLEWHEN-ORDER", ".item[0]")]),
]


@pytest.mark.parametrize("node", RIGHT)
def test_a_right_form_is_silent(of: Of, node: Json) -> None:
    assert of(node) == []


@pytest.mark.parametrize(("node", "expected"), WRONG)
def test_a_wrong_form_is_said(of: Of, node: Json, expected: Found) -> None:
    assert of(node) == expected


# -- derivation --------------------------------------------------------------------------------------------------------

BASE = form(
    item("a", "string", required=True, maxLength=10),
    item("b", "choice", answerOption=[{"valueCoding": {"system": "a:b", "code": "x"}}, {"valueInteger": 1}]),
    item("c", "choice", answerValueSet="a:vs"),
) | {"url": "https://x.y/base"}


def derived(mode: object, *items: dict[str, Any]) -> Json:
    beside = [{"extension": [{"url": DERIVATION, **({"valueCode": mode} if isinstance(mode, str) else {})}]}]
    return form(*items, derivedFrom=["https://x.y/base"], _derivedFrom=beside)


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        (item("a", "string", maxLength=10), 0),
        (item("a", "string", maxLength=5, required=True), 0),
        (item("a", "text", maxLength=10), 1),
        (item("a", "string", repeats=True, required=False), 3),
        (item("b", "choice", answerOption=[{"valueInteger": 1}]), 0),
        (item("b", "choice", answerOption=[{"valueCoding": {"system": "a:b", "code": "x", "display": "X"}}]), 0),
        (item("b", "choice", answerOption=[{"valueInteger": 2}]), 1),
        (item("b", "choice"), 1),
        (item("b", "choice", answerValueSet="a:vs"), 1),
        (item("c", "choice", answerOption=[{"valueInteger": 1}]), 1),
        (item("new"), 1),
    ],
)
def test_a_form_that_complies_keeps_what_it_derives_from(of: Of, changed: dict[str, Any], count: int) -> None:
    assert of(derived("compliesWith", changed), "", BASE) == [("QUESTIONNAIRE-DERIVED", ".item[0]")] * count


def test_a_form_that_extends_may_add_and_an_inspired_one_may_change(of: Of) -> None:
    assert of(derived("extends", item("new")), "", BASE) == []
    assert of(derived("inspiredBy", item("a", "text")), "", BASE) == []
    assert of(derived(None, item("a", "text")), "", BASE) == []
    assert of(derived("extends", item("a", "text"))) == []


# -- enabled or not ----------------------------------------------------------------------------------------------------


def answered(link: str, *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link, "answer": list(answers), **more}


@pytest.mark.parametrize(
    ("condition", "answer", "enabled"),
    [
        (when("a"), {"valueBoolean": True}, True),
        (when("a"), {"valueBoolean": False}, False),
        (when("a", "!="), {"valueBoolean": False}, True),
        (when("a", "exists"), {"valueString": "x"}, True),
        (when("a", "exists", answerBoolean=False), {"valueString": "x"}, False),
        (when("a", "exists", answerString="yes"), {"valueString": "x"}, None),
        (when("a", ">", answerInteger=3), {"valueInteger": 4}, True),
        (when("a", ">=", answerDecimal=3.5), {"valueDecimal": 3}, False),
        (when("a", "<", answerDate="2020-01-02"), {"valueDate": "2020-01-01"}, True),
        (when("a", "<=", answerString="b"), {"valueString": "b"}, True),
        (when("a", "=", answerString="12"), {"valueString": "12"}, True),
        (
            when("a", "=", answerCoding={"system": "s", "code": "c"}),
            {"valueCoding": {"system": "s", "code": "c"}},
            True,
        ),
        (when("a", "!=", answerCoding={"code": "c"}), {"valueCoding": {"system": "s", "code": "c"}}, False),
        (when("a", ">", answerCoding={"code": "c"}), {"valueCoding": {"code": "c"}}, None),
        (when("a", "=", answerQuantity={"value": 5}), {"valueQuantity": {"value": 5.0}}, True),
        (when("a", "=", answerReference={"reference": "A/1"}), {"valueReference": {"reference": "A/1"}}, True),
        (when("a", ">", answerInteger=3), {"valueString": "many"}, None),
        (when("a", ">", answerString="x"), {"valueInteger": 1}, None),
        (when("a", "?", answerInteger=3), {"valueInteger": 4}, None),
        (when("z"), {"valueBoolean": True}, None),
    ],
)
def test_a_condition_compares_the_answer(
    condition: dict[str, Any], answer: dict[str, Any], enabled: bool | None
) -> None:
    question = item("b", enableWhen=[condition])
    assert Form(form(item("a"), question), {"item": [answered("a", answer)]}).enabled(question, ()) is enabled


def test_without_an_answer_a_condition_does_not_hold() -> None:
    question = item("b", enableWhen=[when("a")])
    assert Form(form(item("a"), question), {}).enabled(question, ()) is False
    assert Form(form(item("a"), question), {"item": [answered("a", {})]}).enabled(question, ()) is False


@pytest.mark.parametrize(("behaviour", "enabled"), [("any", True), ("all", False)])
def test_conditions_are_joined_as_the_form_says(behaviour: str, enabled: bool) -> None:
    question = item("c", enableWhen=[when("a"), when("b")], enableBehavior=behaviour)
    response = {"item": [answered("a", {"valueBoolean": True}), answered("b", {"valueBoolean": False})]}
    assert Form(form(item("a"), item("b"), question), response).enabled(question, ()) is enabled


def test_a_condition_written_as_an_expression_is_left_open() -> None:
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression"
    question = item("b", extension=[{"url": url}])
    assert Form(form(question), {}).enabled(question, ()) is None


def test_in_a_repeated_group_the_answer_of_the_same_occurrence_counts() -> None:
    question = item("b", enableWhen=[when("a")])
    group = item("g", "group", item=[item("a"), question])
    first = {"linkId": "g", "item": [answered("a", {"valueBoolean": True})]}
    second = {"linkId": "g", "item": [answered("a", {"valueBoolean": False})]}
    known = Form(form(group), {"item": [first, second]})
    assert known.enabled(question, ((group, first),)) is True
    assert known.enabled(question, ((group, second),)) is False


def test_an_answer_is_found_under_another_answer_and_on_the_question_itself() -> None:
    question = item("b", enableWhen=[when("a")])
    outer = item("a", item=[question])
    given = answered("a", {"valueBoolean": True, "item": [answered("b")]})
    assert Form(form(outer), {"item": [given]}).enabled(question, ((outer, given),)) is True
