"""Parts of an expression that give the same for every item, such as `%resource.descendants()`: evaluated once.

Without this, R4's own dom-3 looks through the whole resource several times for each contained resource.
"""

from __future__ import annotations

from typing import Any, Final

from validators.fhir.fhirpath.code import Code, Run, Test
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.equality import key
from validators.fhir.fhirpath.items import single
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Expr,
    Index,
    Member,
    Special,
    This,
    TypeTest,
    Unary,
    Variable,
    parts_of,
)

_BINDS_THIS: Final = frozenset(
    {"where", "select", "all", "exists", "repeat", "sort", "iif", "is", "as", "ofType", "trace"}
)
"""Functions in whose arguments `$this` is an item of their input, or no expression at all."""


def fixed(node: Expr) -> bool:
    """Whether a node starts from a `%` variable and reads neither its input nor `$index` nor `$total`."""
    return _still(node) and _has_variable(node)


def _still(node: Expr) -> bool:
    if isinstance(node, (This, Special)):
        return False
    if isinstance(node, Member):
        return _still(node.source)
    if isinstance(node, Call):
        bound = node.name in _BINDS_THIS
        return _still(node.source) and all(_free_of_specials(a) if bound else _still(a) for a in node.arguments)
    if isinstance(node, Index):
        return _still(node.source) and _still(node.index)
    if isinstance(node, (Unary, TypeTest)):
        return _still(node.operand)
    return _still(node.left) and _still(node.right) if isinstance(node, Binary) else True


def _free_of_specials(node: Expr) -> bool:
    return not isinstance(node, Special) and all(map(_free_of_specials, parts_of(node)))


def _has_variable(node: Expr) -> bool:
    return isinstance(node, Variable) or any(map(_has_variable, parts_of(node)))


def once(code: Code) -> Code:
    """The code, run once an evaluation; what it raises it raises again."""
    return Code(
        _once(code.run), None if code.test is None else _once_test(code.test), before=code.before, last=code.last
    )


def _once(run: Run) -> Run:
    mark = object()

    def kept(this: list[Item], environment: Environment) -> list[Item]:
        found = environment.memo.get(mark)
        if found is None:
            found = environment.memo[mark] = run(this, environment)
        result: list[Item] = found
        return result

    return kept


def _once_test(test: Test) -> Test:
    mark = object()

    def kept(this: list[Item], environment: Environment) -> bool | None:
        memo: dict[object, Any] = environment.memo
        if mark not in memo:
            memo[mark] = test(this, environment)
        answer: bool | None = memo[mark]
        return answer

    return kept


def in_fixed(left: Run, right: Run) -> Test:
    """`item in collection` where the collection is the same for every item: looked up, not searched."""
    mark = object()

    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(left(this, environment), "in")
        if item is None:
            return None
        keys = environment.memo.get(mark)
        if keys is None:
            keys = environment.memo[mark] = {key(other) for other in right(this, environment)}
        return key(item) in keys

    return test
