"""The table of functions: a name, how many arguments, and how a call is compiled. A new function is one entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from validators.fhir.fhirpath.code import Code, Run, Test
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import describe, single, system_value
from validators.fhir.fhirpath.model import Item, Model
from validators.fhir.fhirpath.syntax import Call, Expr

Arguments: TypeAlias = Sequence[list[Item]]
Eager: TypeAlias = Callable[[list[Item], Arguments, Environment], list[Item]]
EagerTest: TypeAlias = Callable[[list[Item], Arguments, Environment], "bool | None"]

_FEW = 16
"""Collections up to this size are not counted: counting would cost more than the function."""

SAME = "same"
"""The result has the type of the input."""


class Compiling(Protocol):
    """What a function needs of the compiler."""

    model: Model

    def code(self, expression: Expr) -> Code:
        """An expression as code."""
        ...

    def type_test(self, name: str, position: int) -> Callable[[Item], bool]:
        """Whether an item is of the type written so, or of one that inherits from it."""
        ...

    def type_filter(self, name: str, position: int) -> Callable[[Item], bool]:
        """The same for `as` and `ofType`, where a primitive must have the very type."""
        ...


Builder: TypeAlias = Callable[[Compiling, Call, Code], Code]


class Function(NamedTuple):
    """One function: `gives` is the System type of its result, `SAME`, a FHIR type, or empty when it depends."""

    name: str
    least: int
    most: int
    gives: str
    build: Builder


FUNCTIONS: dict[str, Function] = {}


def lazy(name: str, least: int, most: int, gives: str = "") -> Callable[[Builder], Builder]:
    """Register a function that compiles its own arguments, because it evaluates them item by item or not at all."""

    def register(build: Builder) -> Builder:
        FUNCTIONS[name] = Function(name, least, most, gives, build)
        return build

    return register


def function(name: str, least: int = 0, most: int | None = None, gives: str = "") -> Callable[[Eager], Eager]:
    """Register a function of collections: its arguments are evaluated once, on the input of the whole expression."""

    def register(body: Eager) -> Eager:
        def build(compiling: Compiling, call: Call, source: Code) -> Code:
            return Code(_eager(body, source.run, [compiling.code(a).run for a in call.arguments]))

        FUNCTIONS[name] = Function(name, least, least if most is None else most, gives, build)
        return body

    return register


def question(name: str, least: int = 0, most: int | None = None) -> Callable[[EagerTest], EagerTest]:
    """Register a function of collections that answers yes, no, or nothing (None)."""

    def register(body: EagerTest) -> EagerTest:
        def build(compiling: Compiling, call: Call, source: Code) -> Code:
            return Code.of_test(_eager_test(body, source.run, [compiling.code(a).run for a in call.arguments]))

        FUNCTIONS[name] = Function(name, least, least if most is None else most, "Boolean", build)
        return body

    return register


def _eager(body: Eager, source: Run, arguments: list[Run]) -> Run:
    if not arguments:

        def plain(this: list[Item], environment: Environment) -> list[Item]:
            items = source(this, environment)
            if len(items) > _FEW:
                environment.spend(len(items))
            return body(items, (), environment)

        return plain

    def run(this: list[Item], environment: Environment) -> list[Item]:
        items = source(this, environment)
        found = body(items, [a(this, environment) for a in arguments], environment)
        if len(items) > _FEW or len(found) > _FEW:
            environment.spend(len(items) + len(found))
        return found

    return run


def _eager_test(body: EagerTest, source: Run, arguments: list[Run]) -> Test:
    if not arguments:
        return lambda this, environment: body(source(this, environment), (), environment)

    def test(this: list[Item], environment: Environment) -> bool | None:
        return body(source(this, environment), [a(this, environment) for a in arguments], environment)

    return test


# -- values of arguments and inputs ------------------------------------------------------------------------------------


def text(items: list[Item], what: str) -> str | None:
    """The only item as a string; None when there is none.

    Raises:
        FhirPathError: several items, or one that is no string.
    """
    value = _value(items, what)
    if value is None or isinstance(value, str):
        return value
    raise FhirPathError(f"{what}: a string wanted, {describe(items[0])} found")


def whole(items: list[Item], what: str) -> int | None:
    """The only item as an integer; None when there is none.

    Raises:
        FhirPathError: several items, or one that is no integer.
    """
    value = _value(items, what)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise FhirPathError(f"{what}: an integer wanted, {describe(items[0])} found")


def _value(items: list[Item], what: str) -> Any:
    item = single(items, what)
    if item is None:
        return None
    value = system_value(item)
    if value is None and type(item) is tuple and not item[1].primitive:
        raise FhirPathError(f"{what}: a value wanted, {describe(item)} found")
    return value
