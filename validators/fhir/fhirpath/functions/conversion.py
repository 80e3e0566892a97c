"""Conversion (https://hl7.org/fhirpath/N1/#conversion): toX() and convertsToX() for the eight System types."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.items import single, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.operators import integer
from validators.fhir.fhirpath.quantity import CALENDAR, Quantity
from validators.fhir.fhirpath.registry import Arguments, function, question, text
from validators.fhir.fhirpath.temporal import Temporal, parse_temporal

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_QUANTITY: Final = re.compile(
    r"(?P<value>[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?)\s*(?:'(?P<unit>[^']+)'|(?P<word>[a-zA-Z]+))?"
)
_TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_FALSE: Final = frozenset({"false", "f", "no", "n", "0", "0.0"})


def to_boolean(value: Any) -> bool | None:
    """A Boolean, 1 and 0, and the words of N1."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.lower()
        return True if word in _TRUE else False if word in _FALSE else None
    if isinstance(value, (int, Decimal)) and value in (0, 1):
        return value == 1
    return None


def to_integer(value: Any) -> int | None:
    """An Integer, a Boolean as 1 or 0, a string of digits."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return integer(int(value))
    return None


def to_decimal(value: Any) -> Decimal | None:
    """A number, a Boolean as 1 or 0, a string that is a number."""
    if isinstance(value, (int, Decimal)):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def to_quantity(value: Any) -> Quantity | None:
    """A Quantity, a number with unit 1, a Boolean as 1.0 or 0.0, a string such as `1 day` or `1 'mg'`."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, (int, Decimal)):
        return Quantity(Decimal(value))
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match["word"] and match["word"] not in CALENDAR):
        return None
    return Quantity(Decimal(match["value"]), match["unit"] or match["word"] or "1", calendar=bool(match["word"]))


def to_string(value: Any) -> str | None:
    """Any value as FHIRPath writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, (str, int, Temporal, Quantity)) else None


def _to_temporal(kind: str) -> Callable[[Any], Temporal | None]:
    def convert(value: Any) -> Temporal | None:
        if isinstance(value, str):
            return parse_temporal(value, kind) or (_date_of(value) if kind == "Date" else None)
        if not isinstance(value, Temporal):
            return None
        if value.kind == kind or kind == "Time" or value.kind == "Time":
            return value if value.kind == kind else None
        return Temporal(
            kind, value.parts[:3] if kind == "Date" else value.parts, value.zone if kind != "Date" else None
        )

    return convert


def _date_of(value: str) -> Temporal | None:
    """The date of a string that is a DateTime with a time."""
    found = parse_temporal(value, "DateTime")
    return Temporal("Date", found.parts[:3]) if found is not None else None


CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "Boolean": to_boolean,
    "Integer": to_integer,
    "Decimal": to_decimal,
    "Quantity": to_quantity,
    "String": to_string,
    "Date": _to_temporal("Date"),
    "DateTime": _to_temporal("DateTime"),
    "Time": _to_temporal("Time"),
}


def _define(kind: str, convert: Callable[[Any], Any]) -> None:
    """Register `toKind()` and `convertsToKind()`; for Quantity they take the unit to convert to."""
    most = 1 if kind == "Quantity" else 0

    def converted(items: list[Item], arguments: Arguments, what: str) -> tuple[bool, Any]:
        item = single(items, what)
        if item is None:
            return False, None
        value = system_value(item)
        found = None if value is None else convert(value)
        unit = text(arguments[0], what) if arguments else None
        return True, found if unit is None or found is None else _in_unit(found, unit)

    @function(f"to{kind}", 0, most, gives=kind)
    def to_kind(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
        found = converted(items, arguments, f"to{kind}()")[1]
        return [] if found is None else [found]

    @question(f"convertsTo{kind}", 0, most)
    def converts(items: list[Item], arguments: Arguments, _environment: Environment) -> bool | None:
        given, found = converted(items, arguments, f"convertsTo{kind}()")
        return found is not None if given else None


def _in_unit(quantity: Quantity, unit: str) -> Quantity | None:
    wanted = Quantity(Decimal(1), unit, calendar=unit in CALENDAR)
    return (
        Quantity(quantity.to_unit_of(wanted), unit, calendar=wanted.calendar) if quantity.comparable(wanted) else None
    )


for _kind, _convert in CONVERSIONS.items():
    _define(_kind, _convert)
