"""What cannot be told here is asked: of whom, about what, and what happens when nobody answers."""

from __future__ import annotations

from typing import Any

import pytest

from validators.fhir import Definitions, ProfileSet, Walker
from validators.fhir.asking import Terminology, Unanswered
from validators.report import Report

LOINC, SNOMED, GENDER = "http://loinc.org", "http://snomed.info/sct", "http://hl7.org/fhir/administrative-gender"
PROFILE: dict[str, Any] = {
    "resourceType": "StructureDefinition", "url": "http://t.t/basic", "type": "Basic",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Basic",
    "differential": {"element": [
        {"id": "Basic", "path": "Basic",
         "constraint": [{"key": "t-1", "severity": "error", "human": "h", "expression": "code.memberOf('http://t.t/m')"}]},
        {"id": "Basic.code", "path": "Basic.code",
         "binding": {"strength": "required", "valueSet": "http://t.t/vs|2"}},
    ]},
}  # fmt: skip
Asked = tuple[str, str, str]


class Known:
    """A terminology that knows what it is given; it refuses after `limit` questions."""

    def __init__(self, answers: dict[Asked, bool], limit: int = 1000) -> None:
        self.answers = answers
        self.asked: list[Asked] = []
        self.limit = limit

    def member(self, system: str, code: str, value_set: str = "") -> bool | None:
        self.asked.append((system, code, value_set))
        if len(self.asked) > self.limit:
            raise Unanswered("silent")
        return self.answers.get((system, code, value_set))


def said(definitions: Definitions, terminology: Terminology | None, *codings: dict[str, Any]) -> list[tuple[str, str]]:
    resource = {"resourceType": "Basic", "meta": {"profile": ["http://t.t/basic"]}, "code": {"coding": list(codings)}}
    report = Report()
    Walker(definitions, ProfileSet([PROFILE]), terminology).check(resource, report)
    return [(issue.rule, issue.location) for issue in report]


def coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code}


UNDECIDED = [("FHIR-INVARIANT-UNDECIDED", "Basic")]


def test_with_nobody_to_ask_it_stays_undecided(definitions: Definitions) -> None:
    assert said(definitions, None, coding(LOINC, "1-8")) == UNDECIDED


def test_codes_bindings_and_members_are_asked_for(definitions: Definitions) -> None:
    known = Known({})
    assert said(definitions, known, coding(LOINC, "1-8")) == UNDECIDED
    assert known.asked == [(LOINC, "1-8", ""), (LOINC, "1-8", "http://t.t/m"), (LOINC, "1-8", "http://t.t/vs")]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"": True, "http://t.t/m": True, "http://t.t/vs": True}, []),
        ({"": False, "http://t.t/m": True}, [("FHIR-CODING-CODE", "Basic.code.coding[0].code")]),
        ({"http://t.t/m": True, "http://t.t/vs": False}, [("FHIR-BINDING", "Basic.code")]),
        ({"http://t.t/m": False}, [("FHIR-INVARIANT", "Basic")]),
    ],
)
def test_an_answer_decides(definitions: Definitions, answers: dict[str, bool], expected: list[tuple[str, str]]) -> None:
    known = Known({(LOINC, "1-8", value_set): answer for value_set, answer in answers.items()})
    assert said(definitions, known, coding(LOINC, "1-8")) == expected


def test_one_coding_that_belongs_is_enough(definitions: Definitions) -> None:
    answers = {(SNOMED, "2", "http://t.t/vs"): True, (LOINC, "1-8", "http://t.t/vs"): False}
    known = Known(answers | {(SNOMED, "2", "http://t.t/m"): True})
    assert said(definitions, known, coding(LOINC, "1-8"), coding(SNOMED, "2")) == []


def test_what_is_decided_here_is_not_asked(definitions: Definitions) -> None:
    known = Known({})
    said(definitions, known, coding(GENDER, "female"), coding("http://unitsofmeasure.org", "kg"))
    assert [one for one in known.asked if not one[2]] == []


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_silence_is_said_once_and_nobody_is_asked_again(definitions: Definitions, limit: int) -> None:
    known = Known({}, limit)
    found = said(definitions, known, coding(LOINC, "1-8"), coding(LOINC, "2-6"))
    assert found.count(("FHIR-TX-UNANSWERED", "Basic")) == 1
    assert {rule for rule, _ in found} == {"FHIR-TX-UNANSWERED", "FHIR-INVARIANT-UNDECIDED"}
    assert len(known.asked) == limit + 1


@pytest.mark.parametrize("code", [{}, {"system": LOINC}, {"code": "1"}, {"system": 1, "code": "1"}, {"display": "a"}])
def test_a_coding_without_system_and_code_is_not_asked_about(definitions: Definitions, code: dict[str, Any]) -> None:
    known = Known({})
    said(definitions, known, code)
    assert known.asked == []
