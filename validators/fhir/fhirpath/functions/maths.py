"""Mathematics (https://hl7.org/fhirpath/N1/#math): the input is one number, nothing in gives nothing out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import describe, is_number, single, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.operators import CONTEXT, integer
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.registry import SAME, Arguments, function, whole

_DIGITS = 28
"""What N1 asks of a Decimal; computed with more, so that `16.log(2)` is 4."""


def _number(items: list[Item], what: str) -> Any:
    item = single(items, what)
    value = None if item is None else system_value(item)
    if value is None or isinstance(value, Quantity) or is_number(value):
        return value
    raise FhirPathError(f"{what}: a number wanted, {describe(item)} found")


def _define(name: str, gives: str, body: Callable[..., Any], arguments: int = 0) -> None:
    """Register a function of one number and of others, all needed; what cannot be computed gives nothing."""

    def run(items: list[Item], given: Arguments, _environment: Environment) -> list[Item]:
        values = [_number(each, f"{name}()") for each in (items, *given)]
        if any(value is None for value in values):
            return []
        try:
            result = body(*values)
        except ArithmeticError:
            return []
        except TypeError as problem:  # a Quantity where only numbers have a meaning
            raise FhirPathError(f"{name}(): a number wanted, Quantity found") from problem
        return [] if result is None else [result]

    function(name, arguments, gives=gives)(run)


def _abs(value: Any) -> Any:
    if isinstance(value, Quantity):
        return Quantity(abs(value.value), value.unit, calendar=value.calendar)
    return abs(value)


def _to_whole(rounding: str) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        return value if isinstance(value, int) else integer(int(Decimal(value).to_integral_value(rounding)))

    return run


def _log(value: Any, base: Any) -> Decimal | None:
    if value <= 0 or base <= 0 or base == 1:
        return None
    return _rounded(CONTEXT.divide(CONTEXT.ln(Decimal(value)), CONTEXT.ln(Decimal(base))))


def _power(base: Any, exponent: Any) -> Any:
    value = CONTEXT.power(Decimal(base), Decimal(exponent))
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        return integer(int(value)) if abs(value) < 2**40 else None
    return _rounded(value)


def _rounded(value: Decimal) -> Decimal:
    """28 digits, without the zeros that computing left."""
    short = CONTEXT.create_decimal(value).normalize(CONTEXT)
    rounded = short.quantize(Decimal(1).scaleb(short.adjusted() - _DIGITS + 1), context=CONTEXT) if short else short
    plain = rounded.normalize(CONTEXT)
    return plain if plain.as_tuple().exponent <= 0 else plain.quantize(Decimal(1), context=CONTEXT)  # type: ignore[operator]


_define("abs", SAME, _abs)
_define("ceiling", "Integer", _to_whole(ROUND_CEILING))
_define("floor", "Integer", _to_whole(ROUND_FLOOR))
_define("truncate", "Integer", _to_whole(ROUND_DOWN))
_define("exp", "Decimal", lambda value: _rounded(CONTEXT.exp(Decimal(value))))
_define("ln", "Decimal", lambda value: _rounded(CONTEXT.ln(Decimal(value))) if value > 0 else None)
_define("log", "Decimal", _log, 1)
_define("power", "", _power, 1)
_define("sqrt", "Decimal", lambda value: _rounded(CONTEXT.sqrt(Decimal(value))) if value >= 0 else None)


@function("round", 0, 1, gives="Decimal")
def round_(items: list[Item], arguments: Arguments, _environment: Environment) -> list[Item]:
    """`round(digits)`: half away from zero.

    Raises:
        FhirPathError: a negative number of digits.
    """
    value = _number(items, "round()")
    digits = whole(arguments[0], "round()") if arguments else 0
    if value is None or digits is None:
        return []
    if digits < 0:
        raise FhirPathError("round(): digits cannot be negative")
    number = Decimal(value.value if isinstance(value, Quantity) else value)
    if digits < -int(number.as_tuple().exponent):
        number = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, CONTEXT)
    if isinstance(value, Quantity):
        return [Quantity(number, value.unit, calendar=value.calendar)]
    return [value if isinstance(value, int) else number]
