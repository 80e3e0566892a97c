"""Existence (https://hl7.org/fhirpath/N1/#existence): empty, exists, all, allTrue …, subsetOf, distinct, count."""

from __future__ import annotations

from validators.fhir.fhirpath import steps
from validators.fhir.fhirpath.code import Code, Test, truth
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.equality import distinct as without_repeats
from validators.fhir.fhirpath.equality import key
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.functions.iteration import kept
from validators.fhir.fhirpath.items import describe, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.registry import SAME, Arguments, Compiling, function, lazy, question
from validators.fhir.fhirpath.syntax import Call


def _anything(source: Code) -> Test:
    """Whether code gives an item; a path is looked into without reading its last step."""
    run, before = source.run, source.before
    if before is steps.this:
        return steps.presence_in_this(source.last)
    if before is not None:
        return steps.presence(before, source.last)
    return lambda this, environment: bool(run(this, environment))


@lazy("exists", 0, 1, "Boolean")
def exists(compiling: Compiling, call: Call, source: Code) -> Code:
    """`exists()`: there is an item; `exists(criteria)`: there is one that meets the criteria."""
    if not call.arguments:
        return Code.of_test(_anything(source))
    run = kept(source.run, truth(compiling.code(call.arguments[0])), first_only=True)
    return Code.of_test(lambda this, environment: bool(run(this, environment)))


@lazy("empty", 0, 0, "Boolean")
def empty(_compiling: Compiling, _call: Call, source: Code) -> Code:
    """`empty()`: there is no item."""
    anything = _anything(source)
    return Code.of_test(lambda this, environment: not anything(this, environment))


@lazy("not", 0, 0, "Boolean")
def not_(_compiling: Compiling, _call: Call, source: Code) -> Code:
    """`not()`: the other truth value; empty stays empty."""
    test = truth(source)

    def inverted(this: list[Item], environment: Environment) -> bool | None:
        answer = test(this, environment)
        return None if answer is None else not answer

    return Code.of_test(inverted)


@lazy("all", 1, 1, "Boolean")
def all_(compiling: Compiling, call: Call, source: Code) -> Code:
    """`all(criteria)`: every item meets the criteria; true for none."""
    run, criteria = source.run, truth(compiling.code(call.arguments[0]))

    def test(this: list[Item], environment: Environment) -> bool:
        items = run(this, environment)
        environment.spend(len(items))
        outer = environment.index
        try:
            for environment.index, item in enumerate(items):
                if not criteria([item], environment):
                    return False
        finally:
            environment.index = outer
        return True

    return Code.of_test(test)


def _booleans(items: list[Item], what: str) -> list[bool]:
    values = [system_value(item) for item in items]
    for item, value in zip(items, values, strict=True):
        if not isinstance(value, bool):
            raise FhirPathError(f"{what}(): a Boolean wanted, {describe(item)} found")
    return values


@question("allTrue")
def all_true(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`allTrue()`: no item is false."""
    return all(_booleans(items, "allTrue"))


@question("anyTrue")
def any_true(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`anyTrue()`: an item is true."""
    return any(_booleans(items, "anyTrue"))


@question("allFalse")
def all_false(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`allFalse()`: no item is true."""
    return not any(_booleans(items, "allFalse"))


@question("anyFalse")
def any_false(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`anyFalse()`: an item is false."""
    return not all(_booleans(items, "anyFalse"))


@question("subsetOf", 1)
def subset_of(items: list[Item], arguments: Arguments, _environment: Environment) -> bool:
    """`subsetOf(other)`: every item is in the other collection."""
    return {key(item) for item in items} <= {key(item) for item in arguments[0]}


@question("supersetOf", 1)
def superset_of(items: list[Item], arguments: Arguments, _environment: Environment) -> bool:
    """`supersetOf(other)`: every item of the other collection is here."""
    return {key(item) for item in items} >= {key(item) for item in arguments[0]}


@question("isDistinct")
def is_distinct(items: list[Item], _arguments: Arguments, _environment: Environment) -> bool:
    """`isDistinct()`: no two items are equal."""
    return len(items) < 2 or len({key(item) for item in items}) == len(items)


@function("distinct", gives=SAME)
def distinct(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`distinct()`: the items without repeats."""
    return without_repeats(items)


@function("count", gives="Integer")
def count(items: list[Item], _arguments: Arguments, _environment: Environment) -> list[Item]:
    """`count()`: the number of items."""
    return [len(items)]
