"""Operators: arithmetic, comparison, logic (https://hl7.org/fhirpath/N1/#operations)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any, Final

from validators.fhir.fhirpath.code import Code, Run, Test, truth
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.equality import (
    as_quantity,
    distinct,
    equal,
    equal_collections,
    equivalent_collections,
)
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import describe, is_number, single, system_value
from validators.fhir.fhirpath.limits import MAX_STRING
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.temporal import Temporal

CONTEXT: Final = Context(prec=34, Emin=-6000, Emax=6000, traps=[DivisionByZero, InvalidOperation, Overflow])
INTEGERS: Final = range(-(2**31), 2**31)
_CHARACTERS: Final = 64
"""Characters of a built string that count as one item of work."""


def plus(left: Any, right: Any) -> Any:
    """`+`: numbers, quantities, strings, and a duration added to a date."""
    if isinstance(left, str) and isinstance(right, str):
        return checked(left + right)
    if isinstance(left, Temporal) and isinstance(right, Quantity):
        return _moved(left, right, 1)
    return _sum(left, right, "+")


def minus(left: Any, right: Any) -> Any:
    """`-`: numbers, quantities, and a duration taken from a date."""
    if isinstance(left, Temporal) and isinstance(right, Quantity):
        return _moved(left, right, -1)
    return _sum(left, right, "-")


def _sum(left: Any, right: Any, sign: str) -> Any:
    compute = CONTEXT.add if sign == "+" else CONTEXT.subtract
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        if not left.comparable(right):
            return None
        return Quantity(compute(left.value, right.to_unit_of(left)), left.unit, calendar=left.calendar)
    one, two = _numbers(left, right, sign)
    if isinstance(one, int) and isinstance(two, int):
        return integer(one + two if sign == "+" else one - two)
    return compute(Decimal(one), Decimal(two))


def _moved(value: Temporal, quantity: Quantity, direction: int) -> Temporal | None:
    unit = quantity.duration()
    if unit is None:
        raise FhirPathError(f"{quantity} is no calendar duration")
    count = int(quantity.value.to_integral_value(ROUND_DOWN)) if abs(quantity.value) < 10**15 else 10**15
    return value.plus(unit, direction * count)


def times(left: Any, right: Any) -> Any:
    """`*`: numbers and quantities."""
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        one, two = _quantities(left, right, "*")
        unit = two.unit if one.unit == "1" else one.unit if two.unit == "1" else f"({one.unit}).({two.unit})"
        calendar = (one.calendar or two.calendar) and "1" in (one.unit, two.unit)
        return Quantity(CONTEXT.multiply(one.value, two.value), unit, calendar=calendar)
    one, two = _numbers(left, right, "*")
    if isinstance(one, int) and isinstance(two, int):
        return integer(one * two)
    return CONTEXT.multiply(Decimal(one), Decimal(two))


def divided(left: Any, right: Any) -> Any:
    """`/`: always a decimal; None by zero."""
    if isinstance(left, Quantity) or isinstance(right, Quantity):
        one, two = _quantities(left, right, "/")
        unit = one.unit if two.unit == "1" else "1" if one.unit == two.unit else f"({one.unit})/({two.unit})"
        if not two.value:
            return None
        return Quantity(CONTEXT.divide(one.value, two.value), unit, calendar=one.calendar and unit == one.unit)
    one, two = _numbers(left, right, "/")
    return CONTEXT.divide(Decimal(one), Decimal(two)) if two else None


def quotient(left: Any, right: Any) -> Any:
    """`div`: the whole part of a division; None by zero."""
    one, two = _numbers(left, right, "div")
    if not two:
        return None
    return integer(int(CONTEXT.divide_int(Decimal(one), Decimal(two))))


def remainder(left: Any, right: Any) -> Any:
    """`mod`: what a whole division leaves, with the sign of the dividend; None by zero."""
    one, two = _numbers(left, right, "mod")
    if not two:
        return None
    rest = CONTEXT.remainder(Decimal(one), Decimal(two))
    return int(rest) if isinstance(one, int) and isinstance(two, int) else rest


def negative(value: Any) -> Any:
    """Unary `-`."""
    if isinstance(value, Quantity):
        return Quantity(-value.value, value.unit, calendar=value.calendar)
    if not is_number(value):
        raise FhirPathError(f"-: a number wanted, {describe(value)} found")
    return -value


def _numbers(left: Any, right: Any, sign: str) -> tuple[Any, Any]:
    for value in (left, right):
        if not is_number(value):
            raise FhirPathError(f"{sign} is not defined for {describe(left)} and {describe(right)}")
    return left, right


def _quantities(left: Any, right: Any, sign: str) -> tuple[Quantity, Quantity]:
    one, two = as_quantity(left), as_quantity(right)
    if one is None or two is None:
        raise FhirPathError(f"{sign} is not defined for {describe(left)} and {describe(right)}")
    return one, two


def integer(value: int) -> int | None:
    """An Integer, or None past 32 bits (N1, Math: overflow gives empty)."""
    return value if value in INTEGERS else None


def checked(value: str) -> str:
    """A built string.

    Raises:
        FhirPathError: longer than `MAX_STRING`.
    """
    if len(value) > MAX_STRING:
        raise FhirPathError(f"a string longer than {MAX_STRING} characters")
    return value


def order(left: Item, right: Item) -> int | None:
    """How two items compare: negative, zero, positive; None when precision or units do not allow to tell.

    Raises:
        FhirPathError: types that have no order, or not with each other.
    """
    one, two = system_value(left), system_value(right)
    if isinstance(one, Temporal) and isinstance(two, Temporal):
        if one.is_time is two.is_time:
            return one.compare(two)
    elif isinstance(one, Quantity) or isinstance(two, Quantity):
        first, second = as_quantity(one), as_quantity(two)
        if first is not None and second is not None:
            return first.compare(second)
    elif isinstance(one, str) and isinstance(two, str):
        return (one > two) - (one < two)
    elif is_number(one) and is_number(two):
        return int(one > two) - int(one < two)
    if one is None or (two is None and type(left) is type(right) is tuple):
        return None  # primitives that only have extensions, quantities without value
    raise FhirPathError(f"{describe(left)} and {describe(right)} have no order")


_ORDERS: Final[dict[str, Callable[[int], bool]]] = {
    "<": lambda o: o < 0,
    "<=": lambda o: o <= 0,
    ">": lambda o: o > 0,
    ">=": lambda o: o >= 0,
}
_ARITHMETIC: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": plus,
    "-": minus,
    "*": times,
    "/": divided,
    "div": quotient,
    "mod": remainder,
}


def binary(operator: str, left: Code, right: Code) -> Code:
    """The code of `left operator right`."""
    if operator in _ARITHMETIC:
        return Code(_arithmetic(operator, left.run, right.run))
    if operator in _ORDERS:
        return Code.of_test(_comparison(operator, left.run, right.run))
    if operator in _LOGIC:
        return Code.of_test(_LOGIC[operator](truth(left), truth(right)))
    if operator in ("=", "!=") and left.test is not None and right.test is not None:
        return Code.of_test(_same_answer(left.test, right.test, wanted=operator == "="))
    if operator == "|":
        return Code(_union(left.run, right.run))
    if operator == "&":
        return Code(_joined(left.run, right.run))
    return Code.of_test(_RELATIONS[operator](left.run, right.run))


def _arithmetic(operator: str, left: Run, right: Run) -> Run:
    compute = _ARITHMETIC[operator]

    def run(this: list[Item], environment: Environment) -> list[Item]:
        one, two = single(left(this, environment), operator), single(right(this, environment), operator)
        if one is None or two is None:
            return []
        one, two = _operand(one), _operand(two)
        if one is None or two is None:
            return []
        try:
            value = compute(one, two)
        except ArithmeticError:
            return []
        if isinstance(value, str):
            environment.spend(len(value) // _CHARACTERS)
        return [] if value is None else [value]

    return run


def _operand(item: Item) -> Any:
    value = system_value(item)
    if value is None and type(item) is tuple and not item[1].primitive and "Quantity" not in item[1].lineage:
        raise FhirPathError(f"a value wanted, {describe(item)} found")
    return value


def _comparison(operator: str, left: Run, right: Run) -> Test:
    decide = _ORDERS[operator]

    def test(this: list[Item], environment: Environment) -> bool | None:
        one, two = single(left(this, environment), operator), single(right(this, environment), operator)
        if one is None or two is None:
            return None
        found = order(one, two)
        return None if found is None else decide(found)

    return test


def _union(left: Run, right: Run) -> Run:
    def run(this: list[Item], environment: Environment) -> list[Item]:
        found = distinct(left(this, environment) + right(this, environment))
        environment.spend(len(found))
        return found

    return run


def _joined(left: Run, right: Run) -> Run:
    def run(this: list[Item], environment: Environment) -> list[Item]:
        parts = []
        for side in (left, right):
            item = single(side(this, environment), "&")
            value = None if item is None else _operand(item)
            if value is not None and not isinstance(value, str):
                raise FhirPathError(f"&: a string wanted, {describe(item)} found")
            parts.append(value or "")
        built = checked("".join(parts))
        environment.spend(len(built) // _CHARACTERS)
        return [built]

    return run


# -- logic, three-valued -----------------------------------------------------------------------------------------------


def _and(left: Test, right: Test) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        one = left(this, environment)
        if one is False:
            return False
        two = right(this, environment)
        return two if one or two is False else None

    return test


def _or(left: Test, right: Test) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        one = left(this, environment)
        if one:
            return True
        two = right(this, environment)
        return two if one is False or two else None

    return test


def _xor(left: Test, right: Test) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        one, two = left(this, environment), right(this, environment)
        return None if one is None or two is None else one is not two

    return test


def _implies(left: Test, right: Test) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        one = left(this, environment)
        if one is False:
            return True
        two = right(this, environment)
        return two if one or two else None

    return test


_LOGIC: Final = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}


# -- equality and membership -------------------------------------------------------------------------------------------


def _same_answer(left: Test, right: Test, *, wanted: bool) -> Test:
    """`=` and `!=` between two Booleans, without making collections of them."""

    def test(this: list[Item], environment: Environment) -> bool | None:
        one, two = left(this, environment), right(this, environment)
        return None if one is None or two is None else (one is two) is wanted

    return test


def _equal(left: Run, right: Run) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        one, two = left(this, environment), right(this, environment)
        environment.spend(len(one))
        return equal_collections(one, two)

    return test


def _different(left: Run, right: Run) -> Test:
    equal_to = _equal(left, right)

    def test(this: list[Item], environment: Environment) -> bool | None:
        answer = equal_to(this, environment)
        return None if answer is None else not answer

    return test


def _equivalent(left: Run, right: Run) -> Test:
    return lambda this, environment: equivalent_collections(left(this, environment), right(this, environment))


def _not_equivalent(left: Run, right: Run) -> Test:
    return lambda this, environment: not equivalent_collections(left(this, environment), right(this, environment))


def _in(left: Run, right: Run) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(left(this, environment), "in")
        if item is None:
            return None
        items = right(this, environment)
        environment.spend(len(items))
        return contains(items, item)

    return test


def _contains(left: Run, right: Run) -> Test:
    return _in(right, left)


def contains(items: list[Item], item: Item) -> bool:
    """Whether a collection has an item equal to this one."""
    return any(equal(item, other) is True for other in items)


_RELATIONS: Final[dict[str, Callable[[Run, Run], Test]]] = {
    "=": _equal,
    "!=": _different,
    "~": _equivalent,
    "!~": _not_equivalent,
    "in": _in,
    "contains": _contains,
}
