"""Operators, one row a promise (https://hl7.org/fhirpath/N1/#operations)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.validators.fhir.fhirpath.conftest import Evaluate
from validators.fhir.fhirpath import FhirPathError

T, F, NOTHING = [True], [False], list[Any]()


def rows(table: dict[str, list[Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("text", "expected"), list(table.items()))


@rows(
    {
        "1 + 1": [2],
        "1 + 1.5": [Decimal("2.5")],
        "'a' + 'b'": ["ab"],
        "1 + {}": NOTHING,
        "2147483647 + 1": NOTHING,
        "1 'cm' + 1 'm'": [{"value": Decimal(101), "unit": "cm"}],
        "1 'cm' + 1 's'": NOTHING,
        "3 - 1": [2],
        "1.8 - 1.2": [Decimal("0.6")],
        "1 'm' - 1 'cm'": [{"value": Decimal("0.99"), "unit": "m"}],
        "2 * 3": [6],
        "1.2 * 1.8": [Decimal("2.16")],
        "1000000 * 1000000": NOTHING,
        "2 'm' * 3": [{"value": Decimal(6), "unit": "m"}],
        "2 'm' * 3 'm' = 6 'm2'": T,
        "1 / 2": [Decimal("0.5")],
        "1 / 0": NOTHING,
        "4 'g' / 2 'm' = 2 'g/m'": T,
        "4 'g' / 2 'g' = 2": T,
        "4 'g' / 0 'g'": NOTHING,
        "5 div 2": [2],
        "-5 div 2": [-2],
        "2.2 div 1.8": [1],
        "5 div 0": NOTHING,
        "5 mod 2": [1],
        "2.2 mod 1.8": [Decimal("0.4")],
        "5 mod 0": NOTHING,
        "-(1)": [-1],
        "+(1)": [1],
        "-(2.5)": [Decimal("-2.5")],
        "-(1 'cm')": [{"value": Decimal(-1), "unit": "cm"}],
        "-{}": NOTHING,
        "'a' & 'b'": ["ab"],
        "'a' & {}": ["a"],
        "{} & {}": [""],
    }
)
def test_arithmetic(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "'a' + 1",
        "1 + true",
        "'a' - 'b'",
        "'a' * 2",
        "'a' / 2",
        "true div 1",
        "@2015 + 1",
        "@2015 + 1 'cm'",
        "@2015 + 1 'mo'",
        "@2015 + 1 'a'",
        "-'a'",
        "-true",
        "(1 | 2) + 1",
        "1 + (1 | 2)",
        "(1 | 2) & 'a'",
        "1 & 'a'",
        "-(1 | 2)",
        "1 'cm' * 'a'",
        "'a' / 1 'cm'",
    ],
)
def test_arithmetic_refuses(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(text)


@rows(
    {
        "1 < 2": T,
        "2 < 1": F,
        "1 < 1": F,
        "1 <= 1": T,
        "2 <= 1": F,
        "2 > 1": T,
        "1 > 2": F,
        "1 >= 1": T,
        "1 >= 2": F,
        "1 < 1.5": T,
        "'a' < 'b'": T,
        "'b' < 'a'": F,
        "'A' < 'a'": T,
        "1 < {}": NOTHING,
        "{} < 1": NOTHING,
        "1 'cm' < 1 'm'": T,
        "1 'm' < 1 'cm'": F,
        "1 'cm' < 1 's'": NOTHING,
        "6 days < 1 week": T,
        "8 days < 1 week": F,
        "1 '1' < 2": T,
        "@2014-12-12 < @2014-12-13": T,
        "@2018-03 < @2018-03-01": NOTHING,
        "@2017 < @2018-03-01": T,
        "@T10:30 < @T10:30:00": NOTHING,
        "@T10:30:00 <= @T10:30:00.0": T,
        "@2017-11-05T01:30:00.0-04:00 < @2017-11-05T01:15:00.0-05:00": T,
        "@2017-11-05T01:30:00 < @2017-11-05T03:15:00Z": NOTHING,
        "@2017-11-05T01:30:00 < @2017-11-08T03:15:00Z": T,
    }
)
def test_comparison(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    "text", ["1 < 'a'", "true < false", "@2015 < @T10:00", "@2015 < 1", "(1 | 2) < 3", "1 > (1 | 2)", "1 'cm' < 'a'"]
)
def test_comparison_refuses(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(text)


@rows(
    {
        "1 = 1": T,
        "1 = 2": F,
        "1 = 1.0": T,
        "1 = true": F,
        "'a' = 'a'": T,
        "'a' = 'A'": F,
        "'1' = 1": F,
        "1 = '1'": F,
        "{} = {}": NOTHING,
        "1 = {}": NOTHING,
        "(1 | 2) = (1 | 2)": T,
        "(1 | 2) = (2 | 1)": F,
        "(1 | 2) = 1": F,
        "true = true": T,
        "true = false": F,
        "true = 'a'.empty()": F,
        "(1 | 2) = 'a'": F,
        "{} = 'a'": NOTHING,
        "@2012-04-15 = @2012-04-15": T,
        "@2012-04-15 = @2012-04-16": F,
        "@2012-04-15 = @2012-04-15T10:00:00": NOTHING,
        "@2012 = @T10:00": F,
        "@2012-04-15T15:00:00+02:00 = @2012-04-15T16:00:00+03:00": T,
        "@2012-04-15T15:30:31 = @2012-04-15T15:30:31.0": T,
        "@2012-04-15T15:00:00Z = @2012-04-15T10:00:00": NOTHING,
        "1 'cm' = 10 'mm'": T,
        "1 'cm' = 11 'mm'": F,
        "1 'cm' = 1 's'": NOTHING,
        "1 'cm' = 'a'": F,
        "7 days = 1 'wk'": T,
        "1 year = 1 'a'": NOTHING,
        "1 '1' = 1": T,
        "1 != 2": T,
        "1 != 1": F,
        "{} != 1": NOTHING,
        "'a' != 'b'": T,
        "'a' != 'a'": F,
        "(1 | 2) != 'a'": T,
        "true != false": T,
        "true != true": F,
        "{}.not() != true": NOTHING,
        "1.type() = 2.type()": T,
        "1.type() = 'a'.type()": F,
    }
)
def test_equality(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@rows(
    {
        "1 ~ 1": T,
        "1 ~ 2": F,
        "{} ~ {}": T,
        "1 ~ {}": F,
        "'a' ~ 'A'": T,
        "'a  b' ~ ' a B'": T,
        "'a' ~ 'b'": F,
        "1.2 / 1.8 ~ 0.67": T,
        "1.2 / 1.8 ~ 0.6": F,
        "(1 | 2) ~ (2 | 1)": T,
        "(1 | 2) ~ (1 | 3)": F,
        "1 ~ (1 | 2)": F,
        "4 'g' ~ 4040 'mg'": T,
        "4040 'mg' ~ 4 'g'": T,
        "4.0 'g' ~ 4040 'mg'": T,
        "4.00 'g' ~ 4040 'mg'": F,
        "1 'g' ~ 1 's'": F,
        "1 year ~ 1 'a'": T,
        "@2012 ~ @2012": T,
        "@2012 ~ @2012-01": F,
        "1 ~ 'a'": F,
        "true ~ true": T,
        "1 !~ 1": F,
        "1 !~ 2": T,
        "{} !~ 1": T,
        "{} !~ {}": F,
    }
)
def test_equivalence(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@rows(
    {
        "1 in (1 | 2)": T,
        "3 in (1 | 2)": F,
        "{} in (1 | 2)": NOTHING,
        "1 in {}": F,
        "'a' in ('a' | 'b')": T,
        "'c' in ('a' | 'b')": F,
        "1 in ('a' | 'b')": F,
        "{} in ('a' | 'b')": NOTHING,
        "'a' in 'a'": T,
        "(1 | 2) contains 1": T,
        "(1 | 2) contains 3": F,
        "{} contains 1": F,
        "(1 | 2) contains {}": NOTHING,
        "1 | 1": [1],
        "1 | 2 | 1": [1, 2],
        "{} | 1": [1],
        "1 | 1.0": [1],
        "'a' | 'A'": ["a", "A"],
        "@2012 | @2012": ["2012"],
    }
)
def test_collections(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize("text", ["(1 | 2) in (1 | 2)", "(1 | 2) contains (1 | 2)", "('a' | 'b') in ('a' | 'b')"])
def test_membership_of_several_is_refused(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError, match="one item wanted, 2 found"):
        evaluate(text)


_ANSWERS = {"true": True, "false": False, "{}": None}
_TABLES: dict[str, list[bool | None]] = {
    # left true, false, empty; for each, right true, false, empty
    "and": [True, False, None, False, False, False, None, False, None],
    "or": [True, True, True, True, False, None, True, None, None],
    "xor": [False, True, None, True, False, None, None, None, None],
    "implies": [True, False, None, True, True, True, True, None, None],
}


@pytest.mark.parametrize("operator", _TABLES)
def test_logic_is_three_valued(evaluate: Evaluate, operator: str) -> None:
    answers = [evaluate(f"{left} {operator} {right}") for left in _ANSWERS for right in _ANSWERS]
    assert answers == [[] if answer is None else [answer] for answer in _TABLES[operator]]


@rows(
    {
        "true and 'foo'": T,
        "'foo' or false": T,
        "1 and true": T,
        "0 and true": T,
        "false implies (1 | 2)": T,
        "false and (1 | 2)": F,
        "true or (1 | 2)": T,
    }
)
def test_one_item_that_is_no_boolean_counts_as_true(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize("text", ["(1 | 2) and true", "true and (1 | 2)", "true xor (1 | 2)", "true implies (1 | 2)"])
def test_several_items_are_no_truth_value(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError, match="a Boolean wanted"):
        evaluate(text)


@rows(
    {
        "1 is Integer": T,
        "1 is String": F,
        "1 is System.Integer": T,
        "1.0 is Decimal": T,
        "'a' is String": T,
        "true is Boolean": T,
        "@2015 is Date": T,
        "@2015T is DateTime": T,
        "@T10 is Time": T,
        "1 'cm' is Quantity": T,
        "1 is Quantity": F,
        "{} is Integer": NOTHING,
        "1 is System.Patient": F,
        "1 is FHIR.Nothing": F,
        "1 as Integer": [1],
        "1 as String": NOTHING,
        "{} as String": NOTHING,
    }
)
def test_types(evaluate: Evaluate, text: str, expected: list[Any]) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize("text", ["1 is Nonsense", "1 as string1", "(1 | 2) is Integer", "(1 | 2) as Integer"])
def test_types_refuse(evaluate: Evaluate, text: str) -> None:
    with pytest.raises(FhirPathError):
        evaluate(text)
