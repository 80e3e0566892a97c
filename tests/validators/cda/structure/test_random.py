"""Letters broken at random: always an answer, and every generated letter is of the model."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from testdata import KINDS, Stay, country, discharge_letter, level1
from tests.validators.cda.structure.pieces import LETTER, check
from validators.cda.structure import check_content_model
from validators.report import Report


@cache
def stays() -> tuple[Stay, ...]:
    return tuple(stay for stay in country(7, date(2026, 11, 22)).stays if stay.discharged)[:12]


@cache
def letter() -> etree._Element:
    stay = stays()[0]
    assert stay.discharged
    return etree.fromstring(discharge_letter(stay, when=stay.discharged))


def test_generated_letters_are_of_the_model() -> None:
    for stay in stays():
        assert stay.discharged
        assert list(check(etree.fromstring(discharge_letter(stay, when=stay.discharged)))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_generated_level_1_documents_are_of_the_model(kind: str) -> None:
    stay = stays()[0]
    assert stay.discharged
    assert list(check(etree.fromstring(level1(stay, kind, when=stay.discharged)))) == []


Step = tuple[str, int, int]
_STEPS = st.lists(st.tuples(st.sampled_from(["delete", "double", "move"]), st.integers(0), st.integers(0)), max_size=8)


def break_at_random(root: etree._Element, steps: list[Step]) -> None:
    for what, first, second in steps:
        elements = list(root.iterdescendants())
        if not elements:
            return
        element = elements[first % len(elements)]
        parent = element.getparent()
        assert parent is not None
        if what == "delete":
            parent.remove(element)
            continue
        target = parent if what == "double" else elements[second % len(elements)]
        if what == "double" or element not in [target, *target.iterancestors()]:
            target.append(deepcopy(element) if what == "double" else element)


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_elements_deleted_doubled_and_moved(steps: list[Step]) -> None:
    root = deepcopy(letter())
    break_at_random(root, steps)
    report = Report()
    check_content_model(root, report)
    assert all(issue.location.startswith("/ClinicalDocument") for issue in report)


@settings(max_examples=60, deadline=None)
@given(st.integers(0), st.sampled_from(["value", "code", "root", "use", "classCode", "é", "ID"]), st.text(max_size=20))
def test_an_attribute_written_at_random(rank: int, name: str, text: str) -> None:
    root = etree.fromstring(LETTER.encode())
    elements = list(root.iter())
    try:
        elements[rank % len(elements)].set(name, f"secret{text}")
    except ValueError:  # a character that XML has not
        return
    check(root)
