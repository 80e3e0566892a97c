"""Type specifiers: `Patient`, `FHIR.Patient`, `System.String`, and the question they ask of an item."""

from __future__ import annotations

from collections.abc import Callable

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import type_name
from validators.fhir.fhirpath.model import SYSTEM_TYPES, Item, Model
from validators.fhir.fhirpath.syntax import Call, Expr, Member, This

Question = Callable[[Item], bool]


def specifier(call: Call) -> str:
    """The type that is written as the argument of `is()`, `as()`, `ofType()`.

    Raises:
        FhirPathError: the argument is no name of a type.
    """
    parts: list[str] = []
    node: Expr = call.arguments[0]
    while isinstance(node, Member):
        parts.append(node.name)
        node = node.source
    if not parts or not isinstance(node, This):
        raise FhirPathError(f"{call.name}() takes the name of a type", call.position)
    return ".".join(reversed(parts))


def test_of(name: str, model: Model, position: int) -> Question:
    """Whether an item is of a type, or of one that inherits from it (`is`)."""
    fhir, system = _resolved(name, model, position)

    def test(item: Item) -> bool:
        if type(item) is tuple:
            return fhir is not None and fhir in item[1].lineage
        return system is not None and type_name(item).name == system

    return test


def filter_of(name: str, model: Model, position: int) -> Question:
    """Whether `as` and `ofType` keep an item: a primitive must have the very type, a `code` is no `string`."""
    fhir, system = _resolved(name, model, position)

    def keep(item: Item) -> bool:
        if type(item) is tuple:
            type_ = item[1]
            return fhir is not None and (type_.name == fhir if type_.primitive else fhir in type_.lineage)
        return system is not None and type_name(item).name == system

    return keep


def _resolved(name: str, model: Model, position: int) -> tuple[str | None, str | None]:
    """The FHIR type and the System type that a specifier may mean."""
    namespace, point, rest = name.partition(".")
    if point and namespace == "FHIR":
        return (rest, None) if model.by_path(rest) is not None else (None, None)
    if point and namespace == "System":
        return None, rest if rest in SYSTEM_TYPES else None
    fhir = name if model.by_path(name) is not None else None
    system = name if name in SYSTEM_TYPES else None
    if fhir is None and system is None:
        raise FhirPathError(f"no type {name}", position)
    return fhir, system
