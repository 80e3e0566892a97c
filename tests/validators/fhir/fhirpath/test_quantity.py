"""Quantities and the units of UCUM."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir.fhirpath.quantity import Quantity, rounded
from validators.fhir.fhirpath.units import Unit, parse_unit


def q(value: str, unit: str = "1", *, calendar: bool = False) -> Quantity:
    return Quantity(Decimal(value), unit, calendar=calendar)


@pytest.mark.parametrize(
    ("unit", "factor", "dimensions"),
    [
        ("1", "1", ()),
        ("m", "1", (("m", 1),)),
        ("cm", "1/100", (("m", 1),)),
        ("m2", "1", (("m", 2),)),
        ("cm2", "1/10000", (("m", 2),)),
        ("mm[Hg]", "133322.387", (("g", 1), ("m", -1), ("s", -2))),
        ("dam", "10", (("m", 1),)),
        ("mg/dL", "10", (("g", 1), ("m", -3))),
        ("/min", "1/60", (("s", -1),)),
        ("{beats}/min", "1/60", (("s", -1),)),
        ("10*3/uL", "1000000000000", (("m", -3),)),
        ("10^-3", "1/1000", ()),
        ("kg.m/s2", "1000", (("g", 1), ("m", 1), ("s", -2))),
        ("kg.m.s-2", "1000", (("g", 1), ("m", 1), ("s", -2))),
        ("(g.m)/(s)", "1", (("g", 1), ("m", 1), ("s", -1))),
        ("mL{total}", "1/1000000", (("m", 3),)),
        ("%", "1/100", ()),
        ("[in_i]", "0.0254", (("m", 1),)),
        ("24.h", "86400", (("s", 1),)),
        ("m/m", "1", ()),
        ("ug", "1/1000000", (("g", 1),)),
        ("mo", "2629800", (("s", 1),)),
    ],
)
def test_known_units(unit: str, factor: str, dimensions: tuple[tuple[str, int], ...]) -> None:
    assert parse_unit(unit) == (Fraction(factor), dimensions)


@pytest.mark.parametrize(
    "unit",
    [
        "tablet",
        "Cel",
        "[s]",
        "",
        "m m",
        "m//s",
        "(m",
        "m)",
        "m.",
        "()",
        "k",
        "kmin",
        "x" * 200,
        "(" * 50 + "m" + ")" * 50,
        "é",
    ],
)
def test_unknown_units_stand_for_themselves(unit: str) -> None:
    assert parse_unit(unit) == Unit(Fraction(1), ((unit, 1),))


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (q("1", "m"), q("100", "cm"), 0),
        (q("1", "m"), q("99", "cm"), 1),
        (q("1", "m"), q("101", "cm"), -1),
        (q("1", "m"), q("1", "s"), None),
        (q("1", "tablet"), q("2", "tablet"), -1),
        (q("1", "tablet"), q("1", "pill"), None),
        (q("7", "days", calendar=True), q("1", "wk"), 0),
        (q("1", "year", calendar=True), q("12", "months", calendar=True), 0),
        (q("1", "year", calendar=True), q("1", "a"), None),
        (q("1", "year", calendar=True), q("365", "days", calendar=True), None),
    ],
)
def test_comparison(left: Quantity, right: Quantity, answer: int | None) -> None:
    assert left.compare(right) == answer
    assert left.comparable(right) is (answer is not None)


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        (q("4", "g"), q("4040", "mg"), True),
        (q("4.0", "g"), q("4060", "mg"), False),
        (q("1", "g"), q("1", "s"), False),
        (q("1", "year", calendar=True), q("1", "a"), True),
        (q("1", "month", calendar=True), q("1", "mo"), True),
        (q("1", "week", calendar=True), q("7", "d"), True),
    ],
)
def test_equivalence(left: Quantity, right: Quantity, answer: bool) -> None:
    assert left.equivalent(right) is answer
    assert right.equivalent(left) is answer


@pytest.mark.parametrize(
    ("quantity", "word"),
    [
        (q("1", "year", calendar=True), "year"),
        (q("1", "days", calendar=True), "day"),
        (q("1", "d"), "day"),
        (q("1", "min"), "minute"),
        (q("1", "a"), None),
        (q("1", "mo"), None),
        (q("1", "cm"), None),
        (q("1", "month"), "month"),
    ],
)
def test_duration(quantity: Quantity, word: str | None) -> None:
    assert quantity.duration() == word


def test_to_unit_of() -> None:
    assert q("1", "m").to_unit_of(q("1", "cm")) == 100
    assert str(q("1.50", "m").to_unit_of(q("9", "m"))) == "1.50"


def test_text() -> None:
    assert str(q("1.50", "mg")) == "1.50 'mg'"
    assert repr(q("1", "day", calendar=True)) == "Quantity(1 day)"


def test_rounded_takes_more_digits_than_pythons_context() -> None:
    assert str(rounded(Decimal("1" * 40 + ".55"), 1)) == "1" * 40 + ".6"


@given(st.text(alphabet="mgskLhd1290./*^()[]{}+-%l", max_size=30))
def test_any_unit_is_read(text: str) -> None:
    found = parse_unit(text)
    assert found.factor > 0
    assert parse_unit(text) == found


@given(st.decimals(-(10**6), 10**6, places=3), st.sampled_from(["mg", "kg", "cm", "mL", "h", "kPa"]))
def test_a_quantity_equals_itself(value: Decimal, unit: str) -> None:
    one = Quantity(value, unit)
    assert one.compare(Quantity(value, unit)) == 0
    assert one.equivalent(one)
