"""Syntax tree to closures: one method a kind of node, the functions from the registry."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from validators.fhir.fhirpath import steps
from validators.fhir.fhirpath.code import Code, Run, Test
from validators.fhir.fhirpath.environment import Environment, constant
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.fixed import fixed, in_fixed, once
from validators.fhir.fhirpath.items import root, single, system_value
from validators.fhir.fhirpath.model import Item, Model
from validators.fhir.fhirpath.operators import binary, negative
from validators.fhir.fhirpath.quantity import Quantity
from validators.fhir.fhirpath.registry import FUNCTIONS
from validators.fhir.fhirpath.syntax import (
    Binary,
    Call,
    Expr,
    Index,
    Literal,
    Member,
    Special,
    This,
    TypeTest,
    Unary,
    Variable,
)
from validators.fhir.fhirpath.types import filter_of, test_of

_RESOURCES: Final = {"resource": "resource", "rootResource": "root"}


class Compiler:
    """Compiles the nodes of one expression."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._in_fixed = False
        self._kinds: dict[type, Callable[[Any], Code]] = {
            Literal: self._literal,
            This: lambda _: Code(steps.this),
            Special: self._special,
            Variable: self._variable,
            Member: self._member,
            Call: self._call,
            Index: lambda e: Code(steps.indexed(self.code(e.source).run, self.code(e.index).run)),
            Unary: self._unary,
            Binary: self._binary,
            TypeTest: self._type_test,
        }

    def code(self, expression: Expr) -> Code:
        """An expression as code.

        Raises:
            FhirPathError: an unknown function or type, a wrong number of arguments.
        """
        if self._in_fixed or isinstance(expression, (Literal, Variable)) or not fixed(expression):
            return self._kinds[type(expression)](expression)
        self._in_fixed = True
        try:
            return once(self._kinds[type(expression)](expression))
        finally:
            self._in_fixed = False

    def type_test(self, name: str, position: int) -> Callable[[Item], bool]:
        """Whether an item is of a type or of one that inherits from it."""
        return test_of(name, self.model, position)

    def type_filter(self, name: str, position: int) -> Callable[[Item], bool]:
        """Whether `as` and `ofType` keep an item."""
        return filter_of(name, self.model, position)

    # -- terms ---------------------------------------------------------------------------------------------------------

    def _literal(self, expression: Literal) -> Code:
        value = expression.value
        items = [] if value is None else [value]
        if isinstance(value, bool):
            return Code(lambda _this, _environment: items, lambda _this, _environment: value)
        return Code(lambda _this, _environment: items)

    def _special(self, expression: Special) -> Code:
        if expression.name == "$index":
            return Code(lambda _this, environment: [environment.index])
        return Code(lambda _this, environment: environment.total)

    def _variable(self, expression: Variable) -> Code:
        name = expression.name
        if name == "context":
            return Code(lambda _this, environment: environment.context)
        if name in _RESOURCES:
            return Code(_resource(_RESOURCES[name], self.model))
        url = constant(name)
        if url is not None:
            return Code(lambda _this, _environment: [url])
        return Code(_host_variable(name, self.model, expression.position))

    # -- paths ---------------------------------------------------------------------------------------------------------

    def _member(self, expression: Member) -> Code:
        name = expression.name
        source = self.code(expression.source)
        if source.run is steps.this:
            if name[0].isupper() and self.model.known(name):
                return Code(steps.typed_head(name))
            run = steps.member_of_this(name)
        else:
            run = steps.member(source.run, name)
        if name == "value":
            # A primitive has a value without having a member.
            return Code(steps.value_of(source.run))
        return Code(run, before=source.run, last=name)

    def _call(self, expression: Call) -> Code:
        found = FUNCTIONS.get(expression.name)
        if found is None:
            raise FhirPathError(f"no function {expression.name}()", expression.position)
        if not found.least <= len(expression.arguments) <= found.most:
            wanted = str(found.least) if found.least == found.most else f"{found.least} to {found.most}"
            given = len(expression.arguments)
            raise FhirPathError(f"{found.name}() takes {wanted} arguments, {given} given", expression.position)
        return found.build(self, expression, self.code(expression.source))

    # -- operators -----------------------------------------------------------------------------------------------------

    def _unary(self, expression: Unary) -> Code:
        operand = expression.operand
        if isinstance(operand, Literal) and isinstance(operand.value, (int, Decimal, Quantity)):
            value = operand.value if expression.operator == "+" else negative(operand.value)
            return self._literal(Literal(value, expression.position))
        return Code(_signed(expression.operator, self.code(operand).run))

    def _binary(self, expression: Binary) -> Code:
        left, right = self.code(expression.left), self.code(expression.right)
        text = _text_literal(expression.right)
        if text is not None and expression.operator in ("=", "!="):
            return Code.of_test(_same_text(left.run, text, wanted=expression.operator == "="))
        if expression.operator == "in" and (texts := _text_literals(expression.right)):
            return Code.of_test(_one_of(left.run, frozenset(texts)))
        if expression.operator == "in" and not self._in_fixed and fixed(expression.right):
            return Code.of_test(in_fixed(left.run, right.run))
        return binary(expression.operator, left, right)

    def _type_test(self, expression: TypeTest) -> Code:
        source = self.code(expression.operand).run
        if expression.operator == "is":
            return Code.of_test(_is(source, self.type_test(expression.type, expression.position)))
        return Code(steps.as_type(source, self.type_filter(expression.type, expression.position)))


def _resource(slot: str, model: Model) -> Run:
    def run(_this: list[Item], environment: Environment) -> list[Item]:
        return root(getattr(environment, slot), None, model)

    return run


def _host_variable(name: str, model: Model, position: int) -> Run:
    def run(_this: list[Item], environment: Environment) -> list[Item]:
        if name not in environment.variables:
            raise FhirPathError(f"no variable %{name}", position)
        return root(environment.variables[name], None, model)

    return run


def _signed(operator: str, source: Run) -> Run:
    def run(this: list[Item], environment: Environment) -> list[Item]:
        item = single(source(this, environment), operator)
        if item is None:
            return []
        number = system_value(item)
        if number is None:
            return []
        value = negative(number)
        return [value if operator == "-" else negative(value)]

    return run


def _is(source: Run, test: Callable[[Item], bool]) -> Test:
    def run(this: list[Item], environment: Environment) -> bool | None:
        item = single(source(this, environment), "is")
        return None if item is None else test(item)

    return run


# -- short ways for texts: the most frequent comparisons of the invariants ---------------------------------------------


def _text_literal(expression: Expr) -> str | None:
    """The text of a string literal, also of one in brackets (`('a')`)."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    return None


def _text_literals(expression: Expr) -> list[str]:
    """The texts of `'a' | 'b' | …`; empty when it is anything else."""
    if isinstance(expression, Binary) and expression.operator == "|":
        left, right = _text_literals(expression.left), _text_literals(expression.right)
        return left + right if left and right else []
    text = _text_literal(expression)
    return [] if text is None else [text]


def _same_text(left: Run, text: str, *, wanted: bool) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        items = left(this, environment)
        if not items:
            return None
        if len(items) > 1:
            return not wanted
        item = items[0]
        value = item[0] if type(item) is tuple else item
        # A type that is no text, or a date, is compared by its text as well: nothing else can equal a string.
        return (value == text if type(value) is str else False) is wanted

    return test


def _one_of(left: Run, texts: frozenset[str]) -> Test:
    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(left(this, environment), "in")
        if item is None:
            return None
        value = item[0] if type(item) is tuple else item
        return type(value) is str and value in texts

    return test
