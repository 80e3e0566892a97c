"""Types (https://hl7.org/fhirpath/N1/#types): is, as, ofType, type."""

from __future__ import annotations

from collections.abc import Callable

from validators.fhir.fhirpath.code import Code
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.items import single, type_name
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.registry import Arguments, Compiling, function, lazy
from validators.fhir.fhirpath.steps import as_type
from validators.fhir.fhirpath.syntax import Call
from validators.fhir.fhirpath.types import specifier

_TREE = frozenset({"children", "descendants"})


@lazy("is", 1, 1, "Boolean")
def is_(compiling: Compiling, call: Call, source: Code) -> Code:
    """`is(Type)`: the item is of the type, or of one that inherits from it."""
    question, items_of = compiling.type_test(specifier(call), call.position), source.run

    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(items_of(this, environment), "is()")
        return None if item is None else question(item)

    return Code.of_test(test)


@lazy("as", 1, 1)
def as_(compiling: Compiling, call: Call, source: Code) -> Code:
    """`as(Type)`: the item when it is of the type; several items are an error.

    Except right after `descendants()` and `children()`, where R4's own dom-3 means `ofType`.
    """
    keep = compiling.type_filter(specifier(call), call.position)
    if isinstance(call.source, Call) and call.source.name in _TREE:
        return Code(_of_type(source, keep))
    return Code(as_type(source.run, keep))


@lazy("ofType", 1, 1)
def of_type(compiling: Compiling, call: Call, source: Code) -> Code:
    """`ofType(Type)`: the items of the type."""
    return Code(_of_type(source, compiling.type_filter(specifier(call), call.position)))


def _of_type(source: Code, keep: Callable[[Item], bool]) -> Callable[[list[Item], Environment], list[Item]]:
    items_of = source.run
    return lambda this, environment: [item for item in items_of(this, environment) if keep(item)]


@function("type")
def type_(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`type()`: namespace and name of each item's type."""
    return [type_name(item) for item in items]
