"""Expressions of search parameters read as paths: what nearly all of them are, followed without FHIRPath.

A path is members of elements, one type of a choice, and filters that look at one item alone. `resolve() is Patient` is
decided by the text of the reference or by its `type`: nothing is looked up while something is filed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fhir_server.fhir.indexing.values import reference_type
from validators.fhir.fhirpath.parser import parse
from validators.fhir.fhirpath.syntax import Binary, Call, Expr, Literal, Member, This, TypeTest


@dataclass(frozen=True, slots=True)
class Name:
    """A member of the element."""

    name: str


@dataclass(frozen=True, slots=True)
class OfType:
    """Of a choice, the values of this type."""

    type: str


@dataclass(frozen=True, slots=True)
class Equals:
    """Items with this text in this member."""

    member: str
    text: str

    def __call__(self, item: Mapping[str, Any]) -> bool:
        """Whether an item is one of them."""
        return bool(item.get(self.member) == self.text)


@dataclass(frozen=True, slots=True)
class PointsTo:
    """References to this type of resource."""

    type: str

    def __call__(self, item: Mapping[str, Any]) -> bool:
        """Whether an item is one of them."""
        return reference_type(item) == self.type


Step = Name | OfType | Equals | PointsTo
_EXTENSION: Final = "extension"


def path_of(expression: str) -> list[Step] | None:
    """The steps of an expression without `|`; None when it is more than a path.

    Raises:
        FhirPathError: a syntax error.
    """
    return _steps(parse(expression))


def _steps(node: Expr) -> list[Step] | None:
    reader = _READERS.get(type(node))
    return reader(node) if reader is not None else None


def _after(source: Expr, *steps: Step | None) -> list[Step] | None:
    before = _steps(source)
    return None if before is None or None in steps else [*before, *(step for step in steps if step is not None)]


def _member(node: Member) -> list[Step] | None:
    if isinstance(node.source, This) and node.name[0].isupper():
        return []  # the type itself: parameters.branches has looked at it
    return _after(node.source, Name(node.name))


def _call(node: Call) -> list[Step] | None:
    if len(node.arguments) != 1:
        return None
    [argument] = node.arguments
    if node.name in ("as", "ofType") and isinstance(argument, Member):
        return _after(node.source, OfType(argument.name))
    if node.name == _EXTENSION and isinstance(argument, Literal):
        return _after(node.source, Name(_EXTENSION), Equals("url", str(argument.value)))
    return _after(node.source, _filter(argument)) if node.name == "where" else None


def _filter(node: Expr) -> Step | None:
    """`member = 'text'` or `resolve() is Type`."""
    if isinstance(node, TypeTest) and node.operator == "is" and isinstance(node.operand, Call):
        return PointsTo(node.type) if node.operand.name == "resolve" and isinstance(node.operand.source, This) else None
    if isinstance(node, Binary) and node.operator == "=" and isinstance(node.right, Literal):
        left, text = node.left, node.right.value
        if isinstance(left, Member) and isinstance(left.source, This) and isinstance(text, str):
            return Equals(left.name, text)
    return None


def _type_test(node: TypeTest) -> list[Step] | None:
    return _after(node.operand, OfType(node.type)) if node.operator == "as" else None


_READERS: Final[Mapping[type, Callable[[Any], list[Step] | None]]] = {
    This: lambda _: [], Member: _member, Call: _call, TypeTest: _type_test,
}  # fmt: skip
