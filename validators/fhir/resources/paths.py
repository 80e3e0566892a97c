"""Element paths (`Patient.contact.name`, `Observation.valueQuantity`) against the structures of R4."""

from __future__ import annotations

from functools import cache
from typing import Final

from validators.fhir.artefact import ElementDef
from validators.fhir.definitions import Definitions

_NESTED: Final = frozenset({"BackboneElement", "Element"})
_DEPTH: Final = 40

Spot = tuple[str, str]
"""Where a path leads: a type, and the path of a nested element in it (empty: the type itself)."""


def position(definitions: Definitions, path: str) -> tuple[int, ...] | None:
    """The place of each step among its siblings, so that paths can be put in order; None when there is no such path."""
    root, *steps = path.split(".")
    if root not in definitions.structures or len(steps) > _DEPTH:
        return None
    spots: frozenset[Spot] = frozenset({(root, "")})
    found: list[int] = []
    for step in steps:
        reached = [hit for spot in spots if (hit := _step(definitions, spot, step))[0] >= 0]
        if not reached:
            return None
        found.append(min(index for index, _ in reached))
        spots = frozenset(target for _, targets in reached for target in targets)
    return tuple(found)


@cache
def _step(definitions: Definitions, spot: Spot, name: str) -> tuple[int, tuple[Spot, ...]]:
    """One step from a type or nested element: the index of the child, and where it leads; -1 when there is no child."""
    type_name, nested = spot
    structure = definitions.structures.get(type_name)
    prefix = nested + "." if nested else ""
    for index, element in enumerate(structure.elements if structure is not None else ()):
        tail = element.path[len(prefix) :]
        if element.path.startswith(prefix) and "." not in tail:
            types = _types(element, tail, name)
            if types is not None:
                return index, _targets(element, types, type_name)
    return -1, ()


def _types(element: ElementDef, tail: str, name: str) -> tuple[str, ...] | None:
    """The types a step may lead to when it names this element; None when it names another."""
    listed = tuple(each.code for each in element.types)
    if name in (tail, tail.removesuffix("[x]")):
        return listed
    if tail.endswith("[x]") and name.startswith(tail[:-3]):
        wanted = name[len(tail) - 3 :]
        chosen = tuple(code for code in listed if code[:1].upper() + code[1:] == wanted)
        return chosen or None
    return None


def _targets(element: ElementDef, types: tuple[str, ...], type_name: str) -> tuple[Spot, ...]:
    if element.same_as:
        return ((type_name, element.same_as),)
    return tuple((type_name, element.path) if code in _NESTED else (code, "") for code in types)


def element_at(definitions: Definitions, path: str) -> ElementDef | None:
    """The element of a type that a path names directly, without entering other types; None when there is none."""
    root, _, rest = path.partition(".")
    structure = definitions.structures.get(root)
    found = (each for each in structure.elements if each.path == rest) if structure is not None else iter(())
    return next(found, None)
