"""Items: from plain values, to System values, to plain values again; children and descendants."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from jiter import LosslessFloat

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.limits import MAX_DIGITS
from validators.fhir.fhirpath.model import SYSTEM_TYPES, Item, Json, Model, Node, TypeInfo, TypeName
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.temporal import Temporal, parse_temporal

_UCUM: Final = "http://unitsofmeasure.org"
_MAX_BITS: Final = MAX_DIGITS * 3
_TEMPORAL: Final = {"date": "Date", "dateTime": "DateTime", "instant": "DateTime", "time": "Time"}
_CLASSES: Final[dict[type, str]] = {
    bool: "Boolean", int: "Integer", str: "String", Decimal: "Decimal", Quantity: "Quantity", TypeName: "TypeName",
}  # fmt: skip
NUMBERS: Final = (int, Decimal)


def system_value(item: Item) -> Any:
    """The System value of an item: a primitive's value, a FHIR Quantity as Quantity; None when it has none."""
    if type(item) is not tuple:
        return item
    value, type_, _ = item
    if value is None:
        return None
    if type_.primitive:
        return primitive_value(value, type_.name)
    if "Quantity" in type_.lineage:
        return _quantity(value)
    return None


def primitive_value(value: object, type_name: str) -> Any:
    """A JSON primitive as the System value of its FHIR type; a text that is no date stays a text."""
    if type(value) is str:
        kind = _TEMPORAL.get(type_name)
        if kind is None:
            return value
        found = parse_temporal(value, kind)
        return value if found is None else found
    if type(value) is bool:
        return value
    if type(value) is int and type_name != "decimal":
        return value if value.bit_length() < _MAX_BITS else None
    return to_decimal(value)


def to_decimal(value: object) -> Decimal | None:
    """A JSON number as written; None for what is no number, or has digits or an exponent past `MAX_DIGITS`."""
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        return None
    if not isinstance(value, (int, float, LosslessFloat, Decimal)) or isinstance(value, bool):
        return None
    text = str(value)
    try:
        number = Decimal(text) if len(text) <= MAX_DIGITS else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) <= MAX_DIGITS else None


def _quantity(value: Json) -> Quantity | None:
    """A FHIR Quantity; None with a comparator or without a value (FHIR R4, fhirpath.html#quantity)."""
    number = to_decimal(value.get("value"))
    if number is None or "comparator" in value:
        return None
    code, unit = value.get("code"), value.get("unit")
    chosen = code if code is not None and (value.get("system") == _UCUM or unit is None) else unit or code
    return Quantity(number, str(chosen) if chosen is not None else "1")


def is_node(item: Item) -> bool:
    """Whether an item is an element or a resource, not a System value."""
    return type(item) is tuple


def type_name(item: Item) -> TypeName:
    """The type of an item, as `type()` gives it."""
    if type(item) is tuple:
        return TypeName("FHIR", item[1].public_name)
    if type(item) is Temporal:
        return TypeName("System", item.kind)
    return TypeName("System", _CLASSES.get(type(item), "Any"))


def describe(item: Item) -> str:
    """The name of an item's type, for a sentence."""
    name = type_name(item)
    return name.name if name.namespace == "FHIR" else f"System.{name.name}"


def is_number(value: object) -> bool:
    """Whether a System value is an Integer or a Decimal; a Boolean, an `int` to Python, is none."""
    return isinstance(value, NUMBERS) and not isinstance(value, bool)


def single(items: list[Item], what: str) -> Item | None:
    """The only item; None when there is none.

    Raises:
        FhirPathError: there are several (N1, Singleton Evaluation of Collections).
    """
    if not items:
        return None
    if len(items) > 1:
        raise FhirPathError(f"{what}: one item wanted, {len(items)} found")
    return items[0]


def root(value: object, type_: TypeInfo | None, model: Model, sibling: Json | None = None) -> list[Item]:
    """The input of an evaluation as a collection."""
    if type(value) is dict:
        found = type_
        if type_ is None or type_.open:
            # An abstract Resource or DomainResource is what its resourceType says.
            found = model.of_resource(value) or type_
        return [(value, found, value)] if found is not None else []
    if type_ is not None and type_.primitive:
        return [] if value is None and sibling is None else [(value, type_, sibling)]
    if type(value) is list:
        return [item for entry in value for item in root(entry, type_, model)]
    plain = from_plain(value)
    return [] if plain is None else [plain]


def from_plain(value: object) -> Any:
    """A plain value without FHIR type as a System value."""
    if value is None or isinstance(value, (str, bool, int, Quantity, Temporal)):
        return value
    return to_decimal(value)


def to_plain(item: Item) -> Any:
    """An item as a caller wants it: JSON values as they are, dates and times as text, a Quantity as dict."""
    if type(item) is tuple:
        return item[0]
    if type(item) is Temporal:
        return str(item)
    if type(item) is Quantity:
        return {"value": item.value, "unit": item.unit}
    if type(item) is TypeName:
        return {"namespace": item.namespace, "name": item.name}
    return item


def children(node: Node, out: list[Item]) -> None:
    """Append the child elements of a node, in the order of its JSON."""
    _, type_, fields = node
    if fields is None:
        return
    done: set[str] = set()
    shape = type_.shape
    slots = shape.slots if shape is not None else {}
    for key in fields:
        slot = slots.get(key[1:] if key[:1] == "_" else key)
        if slot is None:
            continue
        stem = slot.choice or slot.name
        if stem not in done:
            done.add(stem)
            reader = type_.readers[stem]
            if reader is not None:
                reader(fields, out)


def descendants(nodes: list[Item], environment: Environment) -> list[Item]:
    """All below the nodes, parents before their children, in document order."""
    found: list[Item] = []
    stack: list[Item] = []
    for node in reversed(nodes):
        if type(node) is tuple:
            _push(node, stack)
    while stack:
        item = stack.pop()
        found.append(item)
        environment.spend(1)
        if item[2] is not None:
            _push(item, stack)
    return found


def _push(node: Node, stack: list[Item]) -> None:
    below: list[Item] = []
    children(node, below)
    stack += reversed(below)


def is_system_type(name: str) -> bool:
    """Whether the System namespace has a type of this name."""
    return name in SYSTEM_TYPES
