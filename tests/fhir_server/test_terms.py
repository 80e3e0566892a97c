"""What is told of codes from definitions of one's own: whole lists, fragments, lists that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.terms import Coded, Terms
from validators.fhir.profiles import ProfileSet

WHOLE, PART, NONE = "http://x/whole", "http://x/part", "http://x/none"


def system(url: str, content: str, *concepts: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "CodeSystem", "url": url, "status": "active", "content": content, "concept": list(concepts)}


def value_set(url: str, *include: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": {"include": list(include)}}


FEVER = {"code": "f", "display": "Fever", "designation": [{"language": "fr", "value": "Fièvre"}]}
BELOW = {"property": "code", "op": "descendent-of", "value": "p"}
TERMS = Terms(ProfileSet([
    system(WHOLE, "complete", FEVER, {"code": "p", "concept": [{"code": "c", "display": "Child"}]}),
    system(PART, "fragment", {"code": "a"}),
    system(NONE, "not-present"),
    value_set("http://x/vs/whole", {"system": WHOLE}),
    value_set("http://x/vs/below", {"system": WHOLE, "filter": [BELOW]}),
    value_set("http://x/vs/mixed", {"system": WHOLE}, {"system": PART}),
    value_set("http://x/vs/twice", *({"system": url, "concept": [{"code": "f"}]} for url in (WHOLE, "http://x/other"))),
]))  # fmt: skip


def refusal(status: int) -> Any:
    return pytest.raises(Refusal, check=lambda found: found.status == status)


def test_members_with_their_displays() -> None:
    found = TERMS.codes_of(TERMS.value_set("http://x/vs/whole"))
    assert found == [Coded("c", WHOLE, "Child"), Coded("f", WHOLE, "Fever"), Coded("p", WHOLE)]
    assert [one.code for one in TERMS.codes_of(TERMS.value_set("http://x/vs/below"))] == ["c"]


def test_a_part_that_is_not_there_is_not_left_out() -> None:
    mixed = TERMS.value_set("http://x/vs/mixed")
    with refusal(422) as told:
        TERMS.codes_of(mixed)
    assert told.value.params["reason"] == PART
    assert TERMS.member(mixed, [Coded("f", WHOLE)]).result is True
    assert TERMS.member(mixed, [Coded("z", WHOLE)]).result is False
    for one in (Coded("z", PART), Coded("z")):
        with refusal(422):
            TERMS.member(mixed, [one])


def test_one_of_several_is_enough_and_unknown_is_not_no() -> None:
    mixed = TERMS.value_set("http://x/vs/mixed")
    assert TERMS.member(mixed, [Coded("z", PART), Coded("f", WHOLE)]).result is True
    with refusal(422):
        TERMS.member(mixed, [Coded("z", WHOLE), Coded("z", PART)])


@pytest.mark.parametrize(("display", "result"), [("", True), ("fever", True), ("FIÈVRE", True), ("Fievre", False)])
def test_displays_in_every_language(display: str, result: bool) -> None:
    verdict = TERMS.in_system(WHOLE, [Coded("f", WHOLE, display)])
    assert (verdict.result, verdict.display) == (result, "Fever")
    assert result or "Fièvre" in verdict.message


def test_a_display_that_nobody_gave_is_not_judged() -> None:
    assert TERMS.in_system(WHOLE, [Coded("p", WHOLE, "anything")]).result is True


def test_a_code_without_system_is_of_the_only_one_that_has_it() -> None:
    assert TERMS.member(TERMS.value_set("http://x/vs/whole"), [Coded("f")]).coded == Coded("f", WHOLE)
    assert TERMS.member(TERMS.value_set("http://x/vs/twice"), [Coded("f")]).coded == Coded("f")


def test_code_systems() -> None:
    assert TERMS.in_system(WHOLE, [Coded("c")]).result is True
    assert TERMS.in_system(WHOLE, [Coded("z")]).result is False
    assert TERMS.in_system(WHOLE, [Coded("c", PART)]).result is False
    assert TERMS.in_system(PART, [Coded("a")]).result is True
    for url in (PART, NONE):
        with refusal(422):
            TERMS.in_system(url, [Coded("z")])
    with refusal(404):
        TERMS.in_system("http://x/unknown", [Coded("z")])


def test_what_is_brought_along_does_not_stay() -> None:
    mine = value_set(
        "http://x/vs/whole", {"system": WHOLE, "concept": [{"code": "f"}]}, {"valueSet": ["http://x/vs/below"]}
    )
    assert [one.code for one in TERMS.codes_of(TERMS.given(mine))] == ["c", "f"]
    assert len(TERMS.codes_of(TERMS.value_set("http://x/vs/whole"))) == 3
    evil = value_set("", {"system": WHOLE, "filter": [{"property": "code", "op": "regex", "value": "(a+)+$"}]})
    with refusal(422):
        TERMS.given(evil)
