"""Tree navigation (https://hl7.org/fhirpath/N1/#tree-navigation): children, descendants."""

from __future__ import annotations

from validators.fhir.fhirpath import items as nodes
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.registry import Arguments, function


@function("children")
def children(items: list[Item], _arguments: Arguments, environment: Environment) -> list[Item]:
    """`children()`: the elements right below."""
    found: list[Item] = []
    for item in items:
        if type(item) is tuple:
            nodes.children(item, found)
    environment.spend(len(found))
    return found


@function("descendants")
def descendants(items: list[Item], _arguments: Arguments, environment: Environment) -> list[Item]:
    """`descendants()`: all elements below, the items themselves not among them."""
    return nodes.descendants(items, environment)
