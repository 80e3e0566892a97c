"""Quantities (https://hl7.org/fhirpath/N1/#quantity): a number and a unit, compared and computed through `units`."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

from validators.fhir.fhirpath.units import Unit, parse_unit

_WORDS: Final = ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
CALENDAR: Final[dict[str, str]] = {word + ending: word for word in _WORDS for ending in ("", "s")}
"""Words for calendar durations, and their singular."""

_WIDE: Final = Context(prec=500)
_AS_UCUM: Final = {"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms"}
_DEFINITE: Final = {"wk": "week", "d": "day", "h": "hour", "min": "minute", "s": "second", "ms": "millisecond"}


class Quantity:
    """A value and its unit; `calendar` when the unit is one of the words `year` … `millisecond`, not UCUM."""

    __slots__ = ("calendar", "unit", "value")

    def __init__(self, value: Decimal, unit: str = "1", *, calendar: bool = False) -> None:
        self.value = value
        self.unit = unit
        self.calendar = calendar

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}" if self.calendar else f"{self.value:f} '{self.unit}'"

    def __repr__(self) -> str:
        return f"Quantity({self})"

    def measure(self) -> Unit:
        """Its unit as factor and dimensions; a calendar year or month is of a dimension of its own, 12 to 1."""
        if not self.calendar:
            return parse_unit(self.unit)
        word = CALENDAR[self.unit]
        if word in _AS_UCUM:
            return parse_unit(_AS_UCUM[word])
        return Unit(Fraction(12 if word == "year" else 1), (("calendar month", 1),))

    def canonical(self) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
        """The value in base units, and the dimensions."""
        unit = self.measure()
        return Fraction(self.value) * unit.factor, unit.dimensions

    def comparable(self, other: Quantity) -> bool:
        """Whether both measure the same thing."""
        return self.measure().dimensions == other.measure().dimensions

    def compare(self, other: Quantity) -> int | None:
        """Negative, zero or positive; None when the units cannot be brought together."""
        (left, one), (right, two) = self.canonical(), other.canonical()
        if one != two:
            return None
        return (left > right) - (left < right)

    def equivalent(self, other: Quantity) -> bool:
        """`~`: equal at the precision of the less precise; a calendar year is a UCUM year (N1, Equivalent)."""
        one, two = _loosened(self), _loosened(other)
        if one.comparable(two) is False:
            return False
        larger = one if one.measure().factor >= two.measure().factor else two
        left, right = one.to_unit_of(larger), two.to_unit_of(larger)
        digits = min(_digits(left), _digits(right))
        return rounded(left, digits) == rounded(right, digits)

    def to_unit_of(self, other: Quantity) -> Decimal:
        """The value in the unit of a comparable quantity; unchanged when it is the same unit."""
        if (self.unit, self.calendar) == (other.unit, other.calendar):
            return self.value
        ratio = self.measure().factor / other.measure().factor
        product = _WIDE.multiply(self.value, Decimal(ratio.numerator))
        return _WIDE.normalize(_WIDE.divide(product, Decimal(ratio.denominator)))

    def duration(self) -> str | None:
        """The calendar unit to move a date by: None for units of something else, and for UCUM's mean month and year."""
        if self.unit in CALENDAR:
            return CALENDAR[self.unit]
        return _DEFINITE.get(self.unit)


def _loosened(quantity: Quantity) -> Quantity:
    word = CALENDAR.get(quantity.unit) if quantity.calendar else None
    ucum = {"year": "a", "month": "mo"}.get(word or "")
    return Quantity(quantity.value, ucum) if ucum else quantity


def rounded(value: Decimal, digits: int) -> Decimal:
    """A number with so many digits after the point, half to even."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN, _WIDE)


def _digits(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))
