"""Precision and boundaries of numbers, dates and times, and which quantities compare.

FHIRPath 2.1 (https://hl7.org/fhirpath/2025Jan/), which the suite of R4 uses already.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import describe, single, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.registry import Arguments, function, question, whole
from validators.fhir.fhirpath.temporal import Parts, Temporal, month_days

_WIDE: Final = Context(prec=80)
_MOST_DIGITS: Final = 28
_DEFAULTS: Final = {"Date": 8, "DateTime": 17, "Time": 9}
_DATE_DIGITS: Final = (4, 6, 8, 10, 12, 17)
_TIME_DIGITS: Final = (2, 4, 9)
_EARLIEST_ZONE: Final = 14 * 60
_LATEST_ZONE: Final = -12 * 60


@function("lowBoundary", 0, 1)
def low_boundary(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`lowBoundary(precision)`: the least value that the input, at its precision, may stand for."""
    return _boundary(items, arguments, "lowBoundary()", low=True)


@function("highBoundary", 0, 1)
def high_boundary(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`highBoundary(precision)`: the greatest value that the input, at its precision, may stand for."""
    return _boundary(items, arguments, "highBoundary()", low=False)


def _boundary(items: list[Item], arguments: Arguments, what: str, *, low: bool) -> list[Item]:
    item = single(items, what)
    value = None if item is None else system_value(item)
    digits = whole(arguments[0], what) if arguments else None
    if value is None or (digits is not None and digits < 0):
        return []
    found: Any
    if isinstance(value, Temporal):
        found = _of_temporal(value, _DEFAULTS[value.kind] if digits is None else digits, low=low)
    elif isinstance(value, Quantity):
        number = _of_number(value.value, digits, low=low)
        found = None if number is None else Quantity(number, value.unit, calendar=value.calendar)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        found = _of_number(Decimal(value), digits, low=low)
    else:
        raise FhirPathError(f"{what}: {describe(item)} has no boundaries")
    return [] if found is None else [found]


def _of_number(value: Decimal, digits: int | None, *, low: bool) -> Decimal | None:
    """Half a unit of the last digit away; cut or rounded when fewer digits are asked for.

    The lower boundary of a positive number is cut, the upper rounded; of a negative number the other way round.
    """
    wanted = 8 if digits is None else digits
    if wanted > _MOST_DIGITS:
        return None
    negative = value.is_signed() and value != 0
    low = low is not negative
    half = Decimal(5).scaleb(int(value.as_tuple().exponent) - 1, _WIDE)
    moved = _WIDE.subtract(abs(value), half) if low else _WIDE.add(abs(value), half)
    rounding = ROUND_DOWN if low else ROUND_HALF_UP
    found = moved.quantize(Decimal(1).scaleb(-wanted), rounding, _WIDE)
    return found.copy_negate() if negative else found


def _of_temporal(value: Temporal, digits: int, *, low: bool) -> Temporal | None:
    scale = _TIME_DIGITS if value.kind == "Time" else _DATE_DIGITS
    count = next((i for i, size in enumerate(scale, 1) if size >= digits), None)
    if count is None or digits == 0:
        return None
    # N1 has no hour without minutes in FHIR: `T08` is 08:00 before its boundary is looked for.
    parts = (*value.parts, 0) if len(value.parts) == len(scale) - 2 else value.parts
    filled = _filled(parts, value.kind == "Time", low=low)[:count]
    if value.kind == "Time" or count <= 3:
        return Temporal(value.kind, filled)
    zone = value.zone if value.zone is not None else _EARLIEST_ZONE if low else _LATEST_ZONE
    return Temporal("DateTime", filled, zone)


def _filled(parts: Parts, is_time: bool, *, low: bool) -> Parts:
    """All parts, the missing ones at their lowest or highest."""
    found = ([2000, 1, 1] if is_time else []) + list(parts)
    if len(found) < 2:
        found.append(1 if low else 12)
    if len(found) < 3:
        found.append(1 if low else month_days(int(found[0]), int(found[1])))
    found += ([0, 0] if low else [23, 59])[len(found) - 3 :] if len(found) < 5 else []
    if len(found) < 6:
        found.append(Decimal("0.000") if low else Decimal("59.999"))
    else:
        found[5] = _WIDE.quantize(Decimal(found[5]), Decimal("0.001"))
    return tuple(found[3:] if is_time else found)


@function("precision", gives="Integer")
def precision(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`precision()`: digits of a decimal's fraction, digits of a date or time without its signs."""
    item = single(items, "precision()")
    value = None if item is None else system_value(item)
    if isinstance(value, Temporal):
        return [(_TIME_DIGITS if value.kind == "Time" else _DATE_DIGITS)[len(value.parts) - 1]]
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return [max(0, -int(Decimal(value).as_tuple().exponent))]
    return []


@question("comparable", 1)
def comparable(items: list[Item], arguments: Arguments, _environment: Environment) -> bool | None:
    """`comparable(quantity)`: both quantities measure the same thing."""
    pair = [single(each, "comparable()") for each in (items, arguments[0])]
    values = [None if item is None else system_value(item) for item in pair]
    if None in values:
        return None
    left, right = values
    return isinstance(left, Quantity) and isinstance(right, Quantity) and left.comparable(right)
