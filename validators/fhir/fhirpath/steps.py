"""Steps of a path as closures: members of elements, the type at the head of a path, indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from validators.fhir.fhirpath.code import Run, Test
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.items import single, system_value
from validators.fhir.fhirpath.model import Item, TypeName
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.registry import whole


def this(this: list[Item], _environment: Environment) -> list[Item]:
    """`$this`."""
    return this


def member_of_this(name: str) -> Run:
    """The first name of a path: no call for what stands before it."""

    def run(this: list[Item], _environment: Environment) -> list[Item]:
        out: list[Item] = []
        for item in this:
            if type(item) is tuple:
                fields = item[2]
                if fields is not None and (reader := item[1].readers[name]) is not None:
                    reader(fields, out)
            elif type(item) in _PARTS:
                system_part(item, name, out)
        return out

    return run


def member(source: Run, name: str) -> Run:
    """`source.name`."""
    step = member_of_this(name)

    def run(this: list[Item], environment: Environment) -> list[Item]:
        found = source(this, environment)
        if len(found) > _FEW:
            environment.spend(len(found))
        return step(found, environment)

    return run


def value_of(source: Run) -> Run:
    """`source.value`: a member like another, and on a primitive its System value (FHIR R4, fhirpath.html#types)."""
    step = member_of_this("value")

    def run(this: list[Item], environment: Environment) -> list[Item]:
        out: list[Item] = []
        for item in source(this, environment):
            if type(item) is tuple and item[1].primitive:
                if (value := system_value(item)) is not None:
                    out.append(value)
            else:
                out += step([item], environment)
        return out

    return run


def typed_head(name: str) -> Run:
    """The first name of a path when it is also a type: the input when it is of that type (N1, Path Selection)."""
    step = member_of_this(name)

    def run(this: list[Item], environment: Environment) -> list[Item]:
        out: list[Item] = []
        for item in this:
            if type(item) is tuple and name in item[1].lineage:
                out.append(item)
            else:
                out += step([item], environment)
        return out

    return run


def presence_in_this(name: str) -> Test:
    """Whether the input has something in a member."""

    def test(this: list[Item], _environment: Environment) -> bool:
        for item in this:
            if type(item) is tuple:
                fields = item[2]
                if fields is not None and (present := item[1].presences[name]) is not None and present(fields):
                    return True
        return False

    return test


def presence(source: Run, name: str) -> Test:
    """Whether anything before the last step has something in that member."""
    last = presence_in_this(name)
    return lambda this, environment: last(source(this, environment), environment)


_PARTS: Final[dict[type, tuple[str, ...]]] = {TypeName: ("name", "namespace"), Quantity: ("value", "unit")}


def system_part(item: TypeName | Quantity, name: str, out: list[Item]) -> None:
    """`type().name` and `type().namespace`, `value` and `unit` of a System Quantity."""
    if name in _PARTS[type(item)]:
        out.append(getattr(item, name))


def indexed(source: Run, index: Run) -> Run:
    """`source[index]`."""

    def run(this: list[Item], environment: Environment) -> list[Item]:
        items = source(this, environment)
        position = whole(index(this, environment), "[]")
        return items[position : position + 1] if position is not None and position >= 0 else []

    return run


def as_type(source: Run, keep: Callable[[Item], bool]) -> Run:
    """`as`: the only item when it is of the type."""

    def run(this: list[Item], environment: Environment) -> list[Item]:
        item = single(source(this, environment), "as")
        return [item] if item is not None and keep(item) else []

    return run


_FEW = 16
"""Collections up to this size are not counted: counting would cost more than the step."""
