"""Value sets in memory: a code is in, out, or nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.codes import CodeSet

MEDIA = "urn:ietf:bcp:13"
WHOLE = CodeSet("http://vs", {"http://s": ["A", "B"], "http://t": ["C"]})
PARTLY = CodeSet("http://vs", {"http://s": ["A"], "http://unknown": None})
GRAMMAR = CodeSet("http://vs", {"http://s": ["A"], MEDIA: None})
UNIT = "http://unitsofmeasure.org"
RULED = CodeSet("http://vs", {"http://s": ["A"], UNIT: None}, whole=[UNIT])
OPEN = CodeSet("http://vs", {"http://s": ["A"]}, open_=True)


def coding(system: Any, code: Any) -> dict[str, Any]:
    return {"system": system, "code": code}


@pytest.mark.parametrize(
    ("codes", "code", "answer"),
    [
        (WHOLE, "A", True),
        (WHOLE, "C", True),
        (WHOLE, "D", False),
        (PARTLY, "A", True),
        (PARTLY, "D", None),
        (GRAMMAR, "A", True),
        (GRAMMAR, "text/plain", None),
        (GRAMMAR, "not a type", False),
        (RULED, "A", True),
        (RULED, "mm[Hg]", True),
        (RULED, "mmHg", False),
        (OPEN, "A", True),
        (OPEN, "D", None),
    ],
)
def test_a_bare_code_is_in_or_out_or_undecided(codes: CodeSet, code: str, answer: bool | None) -> None:
    assert codes.of_code(code) is answer
    assert codes.judge(code) is answer


@pytest.mark.parametrize(
    ("codes", "value", "answer"),
    [
        (WHOLE, coding("http://s", "A"), True),
        (WHOLE, coding("http://t", "A"), False),
        (WHOLE, coding("http://other", "A"), False),
        (WHOLE, {"code": "A"}, False),
        (WHOLE, coding("http://s", 1), False),
        (WHOLE, coding(["http://s"], "A"), False),
        (WHOLE, "A", False),
        (PARTLY, coding("http://unknown", "D"), None),
        (PARTLY, coding("http://s", "D"), False),
        (PARTLY, coding("http://other", "D"), False),
        (GRAMMAR, coding(MEDIA, "text/plain"), None),
        (GRAMMAR, coding(MEDIA, "plain"), False),
        (RULED, coding(UNIT, "mm[Hg]"), True),
        (RULED, coding(UNIT, "mmHg"), False),
        (CodeSet("http://vs", {UNIT: None}), coding(UNIT, "mm[Hg]"), None),
        (OPEN, coding("http://s", "A"), True),
        (OPEN, coding("http://other", "D"), None),
        # what is not at hand may hold other codes of the same system
        (OPEN, coding("http://s", "D"), None),
    ],
)
def test_a_coding_is_judged_by_its_system_and_code(codes: CodeSet, value: Any, answer: bool | None) -> None:
    assert codes.of_coding(value) is answer


@pytest.mark.parametrize(
    ("codes", "value", "answer"),
    [
        (WHOLE, {"coding": [{"code": "x"}, coding("http://s", "A")]}, True),
        (WHOLE, {"coding": [coding("http://s", "x")]}, False),
        (WHOLE, {"coding": []}, False),
        (WHOLE, {"coding": "A"}, False),
        (WHOLE, {"coding": ["A"]}, False),
        (WHOLE, {"text": "A"}, False),
        (WHOLE, {}, False),
        (WHOLE, 1, False),
        (WHOLE, None, False),
        (PARTLY, {"coding": [coding("http://s", "x"), coding("http://unknown", "D")]}, None),
        (PARTLY, {"coding": [coding("http://s", "A"), coding("http://unknown", "D")]}, True),
        (WHOLE, {"value": 1, "unit": "x"} | coding("http://s", "A"), True),
    ],
)
def test_one_coding_of_a_concept_is_enough(codes: CodeSet, value: Any, answer: bool | None) -> None:
    assert codes.judge(value) is answer
    assert codes.has(value) is (answer is True)


@pytest.mark.parametrize(
    ("codes", "value", "missed"),
    [
        (WHOLE, coding("http://s", "x"), True),
        (WHOLE, {"coding": [coding("http://s", "x")]}, True),
        (WHOLE, {"coding": [coding("http://s", "x"), coding("http://t", "C")]}, False),
        (WHOLE, coding("http://other", "x"), False),
        (WHOLE, {"system": "http://s"}, False),
        (WHOLE, {"coding": [None, "x"]}, False),
        (WHOLE, {"coding": "x"}, False),
        (WHOLE, coding(["http://s"], "x"), False),
        (PARTLY, coding("http://unknown", "x"), False),
    ],
)
def test_an_extensible_set_is_missed_in_one_of_its_own_systems_only(
    codes: CodeSet, value: dict[str, Any], missed: bool
) -> None:
    assert codes.misses(value) is missed


def test_what_a_set_knows_of_itself() -> None:
    assert [codes.complete for codes in (WHOLE, PARTLY, GRAMMAR, OPEN)] == [True, False, False, False]
    assert WHOLE.codes == {"A", "B", "C"}
    assert not WHOLE.units_only
    assert CodeSet("http://vs", {"http://unitsofmeasure.org": ["kg"]}).units_only
    assert CodeSet("http://vs", {}).of_code("A") is False
    assert CodeSet("http://vs", {}, open_=True).of_code("A") is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from(["http://s", MEDIA, "A", "text/plain", ""]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["coding", "system", "code", "text"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from([WHOLE, PARTLY, GRAMMAR, RULED, OPEN]), VALUES)
def test_any_value_gets_one_of_three_answers(codes: CodeSet, value: Any) -> None:
    assert codes.judge(value) in (True, False, None)
    if isinstance(value, dict):
        assert codes.misses(value) in (True, False)
        assert not (codes.misses(value) and codes.has(value))
