"""UCUM units: the smallest right and wrong code for each part of the syntax, and units made of its parts."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir import Definitions
from validators.fhir.ucum import SYSTEM, is_unit


@pytest.mark.parametrize(
    "code",
    [
        # atoms, prefixes
        "m", "kg", "dag", "Kibit", "mm[Hg]", "cm[H2O]", "[degF]", "Cel", "mCel", "%", "[pH]", "'", "''", "B[10.nV]",
        # numbers, powers of ten
        "1", "10", "10*", "10*3", "10*-6", "10^9", "100",
        # exponents
        "m2", "m-2", "m+2", "s-1", "mm[Hg]2",
        # products, quotients, brackets
        "kg.m/s2", "/min", "/10*3", "mg/(24.h)", "((m))", "kg/(m.(s2))", "m/s/s",
        # annotations
        "{score}", "{a b}/min", "10*3{cells}/uL", "/100{WBC}", "g/(8.h){shift}", "{}", "mg{wet'tis}",
    ],
)  # fmt: skip
def test_a_unit_is_right(code: str) -> None:
    assert is_unit(code)


@pytest.mark.parametrize(
    "code",
    [
        # no atoms, or another letter case, or a prefix that does not go there
        "", "x", "KG", "mmHg", "lbs", "cc", "°C", "k", "kk", "dh", "kmin", "kkg", "m[hg]", "[in_i", "in_i]", "Mo", "µg",
        # numbers, powers of ten
        "10**3", "1.5.", "-1", "+1", "1e3", "0,5",
        # exponents
        "m^2", "m--2", "m2-", "{a}2m", "(m)2",
        # products, quotients, brackets
        ".m", "m.", "m/", "/", "//m", "m//s", "m..s", "(", ")", "()", "(m", "m)", "m(s)", "(/m)", "m*s", "m s",
        # annotations
        "{a", "a}", "{a{b}}", "{é}", "{a}{b}", "{a\n}",
        # around
        " kg", "kg ", "kg\n",
    ],
)  # fmt: skip
def test_a_unit_is_wrong(code: str) -> None:
    assert not is_unit(code)


def test_the_units_that_r4_names_are_right(definitions: Definitions) -> None:
    urls = ("ucum-common", "ucum-vitals-common", "ucum-bodyweight", "duration-units")
    found = [definitions.expanded(f"http://hl7.org/fhir/ValueSet/{url}") for url in urls]
    named = {code for one in found if one is not None for code in one.systems.get(SYSTEM) or ()}
    assert len(named) > 1300
    assert [code for code in sorted(named) if not is_unit(code)] == []


ATOMS = st.sampled_from(["m", "kg", "mm[Hg]", "[iU]", "%", "min", "10*", "uL", "B[SPL]", "[hp'_X]", "daPa", "Mibit"])
NOTES = st.text(alphabet=re.sub("[{}]", "", string.printable[:95]), max_size=8).map("{{{}}}".format)
SIMPLE = st.builds(
    "{}{}{}".format, ATOMS, st.sampled_from(["", "2", "-1", "+12"]), st.just("") | NOTES
) | st.integers(0, 10**6).map(str) | NOTES  # fmt: skip
TERMS = st.recursive(
    SIMPLE,
    lambda inner: st.builds("{}{}{}".format, inner, st.sampled_from("./"), inner) | inner.map("({})".format),
    max_leaves=6,
)


@given(TERMS, st.booleans())
def test_a_unit_made_of_right_parts_is_right(term: str, over: bool) -> None:
    assert is_unit(f"/{term}" if over else term)


@given(TERMS, st.integers(0, 60), st.characters())
def test_any_other_text_gets_an_answer(term: str, place: int, character: str) -> None:
    assert is_unit(term[:place] + character + term[place:]) in (True, False)


@given(TERMS)
def test_half_a_bracket_is_wrong(term: str) -> None:
    assert not is_unit(f"({term}")
    assert not is_unit(f"{term})")
    assert not is_unit(f"{term}/")
