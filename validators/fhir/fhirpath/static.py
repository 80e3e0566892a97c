"""What is certainly wrong with an expression whose input type is known: elements that cannot be there."""

from __future__ import annotations

from typing import Final, TypeAlias

from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.model import SYSTEM_TYPES, Model, TypeInfo
from validators.fhir.fhirpath.registry import FUNCTIONS, SAME
from validators.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Expr,
    Index,
    Literal,
    Member,
    This,
    TypeTest,
    Unary,
)
from validators.fhir.fhirpath.types import specifier

Types: TypeAlias = "frozenset[TypeInfo | str] | None"
"""The types an expression may give, System types by name; None: anything."""

_ANYTHING_BELOW: Final = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})
_PER_ITEM: Final = frozenset({"where", "select", "all", "exists", "repeat", "sort", "aggregate", "trace"})
_STRINGS: Final = frozenset({
    "startsWith", "endsWith", "contains", "matches", "matchesFull", "indexOf", "lastIndexOf", "substring", "upper",
    "lower", "length", "toChars", "split", "trim", "replace", "replaceMatches", "encode", "decode", "escape",
    "unescape",
})  # fmt: skip
_ORDERED: Final = frozenset({"first", "last", "tail", "skip", "take"})
_NO_ORDER: Final = frozenset({"children", "descendants"})


def check(tree: Expr, model: Model, type_name: str, *, ordered: bool) -> None:
    """Refuse an expression that cannot be right for this input type.

    Raises:
        FhirPathError: an element that the type does not have, a string function on an element, a criterion that is no
            Boolean; with `ordered`, a function of order on what has none.
    """
    type_ = model.by_path(type_name)
    start: Types = None if type_ is None else frozenset([type_])
    _Checker(model, ordered=ordered).types(tree, start)


class _Checker:
    def __init__(self, model: Model, *, ordered: bool) -> None:
        self._model = model
        self._ordered = ordered

    def types(self, node: Expr, this: Types) -> Types:
        """The types a node may give, with `$this` of these types."""
        if isinstance(node, This):
            return this
        if isinstance(node, Literal):
            return _of_literal(node.value)
        if isinstance(node, Member):
            return self._member(node, this)
        if isinstance(node, Call):
            return self._call(node, this)
        if isinstance(node, Index):
            self.types(node.index, this)
            self._check_order(node.source, "[]", node.position)
            return self.types(node.source, this)
        if isinstance(node, Unary):
            self.types(node.operand, this)
        elif isinstance(node, TypeTest):
            self.types(node.operand, this)
            return frozenset(["Boolean"]) if node.operator == "is" else self._named(node.type)
        elif isinstance(node, Binary):
            return self._binary(node, this)
        return None

    def _binary(self, node: Binary, this: Types) -> Types:
        left, right = self.types(node.left, this), self.types(node.right, this)
        if node.operator != "|":
            return None
        return left | right if left is not None and right is not None else None

    def _member(self, node: Member, this: Types) -> Types:
        source = self.types(node.source, this)
        if source is None:
            return None
        if isinstance(node.source, This) and node.name[0].isupper() and self._model.known(node.name):
            return self._head(node, source)
        found: set[TypeInfo | str] = set()
        known = False
        for type_ in source:
            if isinstance(type_, str) or type_.name in _ANYTHING_BELOW or (type_.primitive and node.name == "value"):
                return None
            types = type_.types_of(self._model, node.name)
            known = known or bool(types)
            if None in types:
                return None
            found.update(t for t in types if t is not None)
        if not known and source:
            names = ", ".join(sorted(t if isinstance(t, str) else t.name for t in source)[:3])
            raise FhirPathError(f"{names} has no element {node.name}", node.position)
        return frozenset(found)

    def _head(self, node: Member, source: frozenset[TypeInfo | str]) -> Types:
        """`Patient.…`: the input must be able to be of that type."""
        wanted = self._model.named(node.name)
        kept = frozenset(t for t in source if not isinstance(t, str) and node.name in t.lineage)
        if kept:
            return kept
        if any(isinstance(t, str) or t.name in wanted.lineage for t in source):
            return frozenset([wanted])
        raise FhirPathError(f"the input is no {node.name}", node.position)

    def _call(self, node: Call, this: Types) -> Types:
        source = self.types(node.source, this)
        if node.name in _ORDERED:
            self._check_order(node.source, f"{node.name}()", node.position)
        if node.name in ("is", "as", "ofType"):
            return frozenset(["Boolean"]) if node.name == "is" else self._named(specifier(node))
        if node.name in _STRINGS:
            _check_string(node, source)
        inner = source if node.name in _PER_ITEM or node.name == "iif" else this
        given = [self.types(argument, inner) for argument in node.arguments]
        if node.name == "iif":
            _check_criterion(node, given[0])
            return None
        if node.name == "select":
            return given[0]
        gives = FUNCTIONS[node.name].gives
        return source if gives == SAME else self._named(gives) if gives else None

    def _named(self, name: str) -> Types:
        plain = name.removeprefix("System.")
        if plain in SYSTEM_TYPES:
            return None if self._model.known(plain) else frozenset([plain])
        found = self._model.by_path(name.removeprefix("FHIR."))
        return None if found is None else frozenset([found])

    def _check_order(self, source: Expr, what: str, position: int) -> None:
        if self._ordered and isinstance(source, Call) and source.name in _NO_ORDER:
            raise FhirPathError(f"{what} on {source.name}(), which has no order", position)


def _of_literal(value: object) -> Types:
    for class_, name in ((bool, "Boolean"), (str, "String"), (int, "Integer")):
        if isinstance(value, class_):
            return frozenset([name])
    return None


def _check_string(node: Call, source: Types) -> None:
    if source and all(not isinstance(t, str) and not t.primitive for t in source):
        raise FhirPathError(f"{node.name}() on an element that is no string", node.position)


def _check_criterion(node: Call, criterion: Types) -> None:
    if criterion and all(isinstance(t, str) and t != "Boolean" for t in criterion):
        raise FhirPathError("the criterion of iif() is no Boolean", node.position)
