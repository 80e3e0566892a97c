"""`=`, `~` and sets: two items (https://hl7.org/fhirpath/N1/#equality), and the key that equal items share."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from jiter import LosslessFloat

from validators.fhir.fhirpath.items import NUMBERS, system_value
from validators.fhir.fhirpath.model import Item, TypeName
from validators.fhir.fhirpath.quantity import Quantity, rounded
from validators.fhir.fhirpath.temporal import Temporal


def equal(left: Item, right: Item) -> bool | None:
    """Whether two items are equal; None when precision or units do not allow to tell."""
    one, two = system_value(left), system_value(right)
    if one is None or two is None:
        return _equal_nodes(left, right)
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, str) and isinstance(two, str):
        return one == two
    if isinstance(one, NUMBERS) and isinstance(two, NUMBERS):
        return bool(one == two)
    if isinstance(one, Temporal) or isinstance(two, Temporal):
        return _equal_temporal(one, two)
    if isinstance(one, Quantity) or isinstance(two, Quantity):
        return _equal_quantity(one, two)
    if isinstance(one, TypeName) and isinstance(two, TypeName):
        return (one.namespace, one.name) == (two.namespace, two.name)
    return False


def _equal_nodes(left: Item, right: Item) -> bool:
    """Complex elements, or primitives without a value: all children equal."""
    if type(left) is not tuple or type(right) is not tuple:
        return False
    if (left[0] is None) is not (right[0] is None):
        return False
    return (left[2] is right[2] and left[0] is right[0]) or freeze((left[0], left[2])) == freeze((right[0], right[2]))


def _equal_temporal(one: Any, two: Any) -> bool | None:
    if isinstance(one, str) or isinstance(two, str):
        return str(one) == str(two)
    if not isinstance(one, Temporal) or not isinstance(two, Temporal) or one.is_time is not two.is_time:
        return False
    order = one.compare(two)
    return None if order is None else order == 0


def _equal_quantity(one: Any, two: Any) -> bool | None:
    left, right = as_quantity(one), as_quantity(two)
    if left is None or right is None:
        return False
    order = left.compare(right)
    return None if order is None else order == 0


def as_quantity(value: Any) -> Quantity | None:
    """A Quantity, or a number as one of unit 1; None for another value."""
    if isinstance(value, Quantity):
        return value
    if isinstance(value, NUMBERS) and not isinstance(value, bool):
        return Quantity(Decimal(value))
    return None


def equal_collections(left: list[Item], right: list[Item]) -> bool | None:
    """`=` between collections: same items in the same order; None when either is empty."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    result: bool | None = True
    for one, two in zip(left, right, strict=True):
        answer = equal(one, two)
        if answer is False:
            return False
        result = result and answer
    return result


def equivalent(left: Item, right: Item) -> bool:
    """`~` between two items: text without case and blanks, numbers at the lesser precision (N1, Equivalent)."""
    one, two = system_value(left), system_value(right)
    if isinstance(one, str) and isinstance(two, str):
        return " ".join(one.casefold().split()) == " ".join(two.casefold().split())
    if isinstance(one, NUMBERS) and isinstance(two, NUMBERS) and bool not in (type(one), type(two)):
        return _equivalent_numbers(Decimal(one), Decimal(two))
    if isinstance(one, Quantity) and isinstance(two, Quantity):
        return one.equivalent(two)
    if one is None and two is None and type(left) is tuple and type(right) is tuple:
        return _loose(left[0]) == _loose(right[0])
    return equal(left, right) is True


def _equivalent_numbers(one: Decimal, two: Decimal) -> bool:
    digits = min(max(0, -int(n.as_tuple().exponent)) for n in (one, two))
    return rounded(one, digits) == rounded(two, digits)


def equivalent_collections(left: list[Item], right: list[Item]) -> bool:
    """`~` between collections: same items in any order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for item in left:
        for index, other in enumerate(rest):
            if equivalent(item, other):
                del rest[index]
                break
        else:
            return False
    return True


def key(item: Item) -> object:
    """A hashable value that equal items share and others do not; what compares to None counts as different."""
    value = system_value(item)
    if value is None:
        return freeze((item[0], item[2])) if type(item) is tuple else None
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, str):
        return value
    if isinstance(value, Temporal):
        return value.key()
    if isinstance(value, Quantity):
        return value.canonical()
    return ("type", value.namespace, value.name) if isinstance(value, TypeName) else ("number", value)


def distinct(items: Iterable[Item]) -> list[Item]:
    """The items without repeats, the first of each kept."""
    seen: dict[object, Item] = {}
    for item in items:
        seen.setdefault(key(item), item)
    return list(seen.values())


def freeze(value: object) -> object:
    """A JSON tree as a hashable value: order of properties and digits of numbers do not count."""
    if type(value) is dict:
        return frozenset((name, freeze(content)) for name, content in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(freeze(entry) for entry in value)
    if type(value) is bool:
        return "boolean", value
    if isinstance(value, LosslessFloat):
        return Decimal(str(value))
    return value


def _loose(value: object) -> object:
    """A JSON tree for `~`: order of lists, ids and case do not count."""
    if type(value) is dict:
        return frozenset((name, _loose(content)) for name, content in value.items() if name != "id")
    if type(value) is list:
        return frozenset(_loose(entry) for entry in value)
    if type(value) is str:
        return " ".join(value.casefold().split())
    return freeze(value)
