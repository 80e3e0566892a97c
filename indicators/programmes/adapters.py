"""From the texts of a case file to the values rules take, and back: euros, percentages, days, flags.

Money and percentages are strings, dates are ISO, a rate that cannot be measured is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from indicators.money import parse_euros, plain_euros
from indicators.programmes.dates import read_day
from indicators.programmes.parameters import ParameterMissing
from indicators.ratio import Ratio, decimals


def cents(value: Any, name: str) -> int:
    """Cents of an amount in euros. Raises `ParameterMissing` on null, `ValueError` on what is no amount."""
    found = cents_or_none(value)
    if found is None:
        raise ParameterMissing(name)
    return found


def cents_or_none(value: Any) -> int | None:
    """Cents of an amount in euros, None for null."""
    return None if value is None else parse_euros(str(value))


def number(value: Any) -> Fraction | None:
    """An exact number written `75`, `66.67` or `66,67`, None for null."""
    return None if value is None else Fraction(str(value).replace(",", "."))


def day(value: Any) -> date:
    """A local day."""
    return read_day(value)


def day_or_none(value: Any) -> date | None:
    """A local day, None for null."""
    return None if value is None else read_day(value)


def euros(amount: int) -> str:
    """Cents as a text of euros with two decimals."""
    return plain_euros(amount)


def percent(value: Fraction | None) -> str | None:
    """A share between 0 and 1 as a percentage with two decimals, half up; null for none."""
    return None if value is None else decimals(value * 100)


def counts(ratio: Ratio) -> dict[str, Any]:
    """A ratio in the short words of the business criteria."""
    return {"num": ratio.numerator, "den": ratio.denominator, "pct": ratio.percent_text}


def given(values: Mapping[str, Any], name: str) -> bool:
    """A statement of a file: what nobody stated is not a yes."""
    return values.get(name) is True
