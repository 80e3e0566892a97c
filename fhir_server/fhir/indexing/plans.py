"""What is read of a resource of each type to index it: all paths as one tree, and the few expressions that are none.

The tree is followed along what a resource holds, so that a parameter without a value costs nothing: hundred parameters
of a submission take a fifth of what their expressions would. A test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from fhir_server.fhir.indexing.encoders import ENCODERS, Emit, Row
from fhir_server.fhir.indexing.parameters import CHAINS, Parameter, parameters_of, parts
from fhir_server.fhir.indexing.paths import Equals, Name, OfType, PointsTo, Step, path_of
from validators.fhir import load_definitions
from validators.fhir.fhirpath import Environment, Expression, FhirPathError, compile_expression
from validators.fhir.shapes import PRIMITIVE, RESOURCE, Shape, Slot

HOT: Final = ("DocumentReference", "List", "Patient", "Binary", "Communication", "Encounter")
"""What submissions are made of."""

_ANY_VALUE: Final = (Name("value"),)


@dataclass(slots=True)
class Node:
    """One element: the encoders of its values, the members below that lead on, and the filters."""

    emits: list[Emit] = field(default_factory=list)
    members: dict[str, Node] = field(default_factory=dict)
    filtered: dict[Equals | PointsTo, Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression that FHIRPath has to evaluate, and the encoders by type of what it gives."""

    expression: Expression
    emits: Mapping[str, Emit]

    def __call__(self, resource: Mapping[str, Any], out: list[Row]) -> None:
        """Append the rows of a resource; an expression that cannot be evaluated on it gives none."""
        whole = dict(resource)
        try:
            items = self.expression.items(whole, None, Environment(whole))
        except FhirPathError:
            return
        for item in items:
            value, name = (item[0], item[1].name) if type(item) is tuple else (item, type(item).__name__)
            emit = self.emits.get(_SYSTEM.get(name, name))
            if emit is not None:
                emit(value, out)


_SYSTEM: Final = {"bool": "boolean", "str": "string", "int": "integer", "Decimal": "decimal"}
Compute = Callable[[Mapping[str, Any], list[Row]], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How resources of one type are indexed."""

    tree: Node
    computed: tuple[Compute, ...]

    def rows(self, resource: Mapping[str, Any]) -> list[Row]:
        """Every (parameter, value, system) of a resource, in no order, perhaps some of them twice."""
        out: list[Row] = []
        follow(self.tree, resource, out)
        for compute in self.computed:
            compute(resource, out)
        return out


def follow(node: Node, value: Any, out: list[Row]) -> None:
    """Append the rows of an element and of all below it."""
    for emit in node.emits:
        emit(value, out)
    if not isinstance(value, dict):
        return
    members = node.members
    for key in members.keys() & value.keys() if members else ():
        below, found = members[key], value[key]
        for one in found if isinstance(found, list) else (found,):
            if below.members or below.filtered:
                follow(below, one, out)
            else:
                for emit in below.emits:
                    emit(one, out)
    for holds, below in node.filtered.items():
        if holds(value):
            follow(below, value, out)


@cache
def plan_of(resource_type: str) -> Plan:
    """The plan of a type, made once a process; of what is no type, one that finds nothing."""
    chains = {one.name for one in CHAINS.get(resource_type, ())}
    tree, computed = Node(), []
    for parameter in parameters_of(resource_type).values():
        if parameter.expression and parameter.name not in chains:
            computed += grow(parameter, resource_type, tree)
    return Plan(tree, tuple(computed))


def grow(parameter: Parameter, resource_type: str, tree: Node) -> list[Compute]:
    """Put the paths of a parameter into the tree; what is no path comes back."""
    shape = load_definitions().shape(resource_type)
    left: list[Compute] = []
    for part in parts(parameter.expression):
        steps = path_of(part)
        if steps is None:
            left.append(computed(parameter, part))
        else:
            _below(tree, shape, steps, ENCODERS[parameter.kind], parameter.name)
    return left


def computed(parameter: Parameter, expression: str) -> Computed:
    """An expression of a parameter as FHIRPath evaluates it.

    Raises:
        FhirPathError: the expression makes no sense.
    """
    emits = {name: encoder(parameter.name) for name, encoder in ENCODERS[parameter.kind].items()}
    return Computed(compile_expression(expression, load_definitions()), emits)


Encoders = Mapping[str, Callable[[str], Emit]]


def _below(node: Node, shape: Shape, steps: Sequence[Step], encoders: Encoders, name: str) -> None:
    """Follow the steps from an element of this shape, making the nodes that are not there."""
    step, rest = steps[0], steps[1:]
    if isinstance(step, (Equals, PointsTo)):
        _at(node.filtered.setdefault(step, Node()), shape.name, shape, rest, encoders, name)
    elif isinstance(step, Name):
        wanted = rest[0].type if rest and isinstance(rest[0], OfType) else None
        for slot in _slots(shape, step.name, wanted):
            below = node.members.setdefault(slot.name, Node())
            _at(below, slot.type, _shape(slot), rest[wanted is not None :], encoders, name)


def _slots(shape: Shape, name: str, wanted: str | None) -> Iterable[Slot]:
    for slot in shape.slots.values():
        if (slot.choice or slot.name) == name and wanted in (None, slot.type):
            yield slot


def _shape(slot: Slot) -> Shape | None:
    return None if slot.kind in (PRIMITIVE, RESOURCE) else slot.shape


def _at(
    node: Node, type_: str, shape: Shape | None, steps: Sequence[Step], encoders: Encoders, name: str
) -> None:  # fmt: skip
    """At an element: its encoder when the path ends here, else further on."""
    if not steps and type_ in encoders:
        node.emits.append(encoders[type_](name))
    elif shape is not None and (steps or type_ == "Extension"):
        _below(node, shape, steps or _ANY_VALUE, encoders, name)


def warm(resource_types: Iterable[str] = HOT) -> None:
    """Make the plans of these types: before the fork, so that every worker shares them."""
    for name in resource_types:
        plan_of(name)
