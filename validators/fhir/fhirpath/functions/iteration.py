"""Functions that evaluate an expression item by item: where, select, repeat, aggregate, sort, iif."""

from __future__ import annotations

from functools import cmp_to_key

from validators.fhir.fhirpath import steps
from validators.fhir.fhirpath.code import Code, Run, Test, truth
from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.equality import key
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import single, system_value
from validators.fhir.fhirpath.model import Item
from validators.fhir.fhirpath.operators import order
from validators.fhir.fhirpath.registry import SAME, Compiling, lazy
from validators.fhir.fhirpath.syntax import Call, Unary


def kept(source: Run, criteria: Test, *, first_only: bool = False) -> Run:
    """The items that meet the criteria, all of them or up to the first."""

    def run(this: list[Item], environment: Environment) -> list[Item]:
        items = source(this, environment)
        if not items:
            return items
        environment.spend(len(items))
        outer, found = environment.index, []
        for index, item in enumerate(items):
            environment.index = index
            if criteria([item], environment):
                found.append(item)
                if first_only:
                    break
        environment.index = outer
        return found

    return run


@lazy("where", 1, 1, SAME)
def where(compiling: Compiling, call: Call, source: Code) -> Code:
    """`where(criteria)`: the items that meet the criteria."""
    return Code(kept(source.run, truth(compiling.code(call.arguments[0]))))


@lazy("select", 1, 1)
def select(compiling: Compiling, call: Call, source: Code) -> Code:
    """`select(projection)`: what the projection gives for each item, put together."""
    items_of, projection = source.run, compiling.code(call.arguments[0]).run

    def run(this: list[Item], environment: Environment) -> list[Item]:
        found: list[Item] = []
        outer = environment.index
        for index, item in enumerate(items_of(this, environment)):
            environment.index = index
            part = projection([item], environment)
            environment.spend(1 + len(part))
            found += part
        environment.index = outer
        return found

    return Code(run)


@lazy("repeat", 1, 1)
def repeat(compiling: Compiling, call: Call, source: Code) -> Code:
    """`repeat(projection)`: the projection of the items, of what it gave, and so on; no item twice."""
    items_of, projection = source.run, compiling.code(call.arguments[0]).run

    def run(this: list[Item], environment: Environment) -> list[Item]:
        found: dict[object, Item] = {}
        pending = list(items_of(this, environment))
        while pending:
            fresh: list[Item] = []
            for item in pending:
                part = projection([item], environment)
                environment.spend(1 + len(part))
                for entry in part:
                    identity = key(entry)
                    if identity not in found:
                        found[identity] = entry
                        fresh.append(entry)
            pending = fresh
        return list(found.values())

    return Code(run)


@lazy("aggregate", 1, 2)
def aggregate(compiling: Compiling, call: Call, source: Code) -> Code:
    """`aggregate(aggregator, init)`: `$total` after the aggregator has seen every item."""
    items_of, aggregator = source.run, compiling.code(call.arguments[0]).run
    initial = compiling.code(call.arguments[1]).run if len(call.arguments) > 1 else None

    def run(this: list[Item], environment: Environment) -> list[Item]:
        total = initial(this, environment) if initial is not None else []
        items = items_of(this, environment)
        outer = environment.total, environment.index
        for index, item in enumerate(items):
            environment.total, environment.index = total, index
            total = aggregator([item], environment)
            environment.spend(1 + len(total))
        environment.total, environment.index = outer
        return total

    return Code(run)


@lazy("iif", 2, 3)
def iif(compiling: Compiling, call: Call, source: Code) -> Code:
    """`iif(criterion, yes, no)`: only the branch that the criterion chooses is evaluated.

    Unlike elsewhere, a criterion that is no Boolean is an error.
    """
    codes = [compiling.code(argument) for argument in call.arguments]
    criterion, branches, items_of = _boolean(codes[0]), [code.run for code in codes[1:]], source.run

    def run(this: list[Item], environment: Environment) -> list[Item]:
        items = items_of(this, environment)
        single(items, "iif()")
        if criterion(items, environment):
            return branches[0](items, environment)
        return branches[1](items, environment) if len(branches) > 1 else []

    return Code(run)


def _boolean(code: Code) -> Test:
    if code.test is not None:
        return code.test

    def test(this: list[Item], environment: Environment) -> bool | None:
        item = single(code.run(this, environment), "the criterion of iif()")
        value = None if item is None else system_value(item)
        if value is not None and not isinstance(value, bool):
            raise FhirPathError("the criterion of iif() is no Boolean")
        return value

    return test


@lazy("sort", 0, 8, SAME)
def sort(compiling: Compiling, call: Call, source: Code) -> Code:
    """`sort(key, …)`: by the keys, in falling order for one that is written with `-`; by the items without key."""
    keys: list[tuple[Run, int]] = []
    for argument in call.arguments:
        falling = isinstance(argument, Unary) and argument.operator == "-"
        expression = argument.operand if isinstance(argument, Unary) and falling else argument
        keys.append((compiling.code(expression).run, -1 if falling else 1))
    keys = keys or [(steps.this, 1)]
    items_of, signs = source.run, [sign for _, sign in keys]

    def compare(left: tuple[list[list[Item]], Item], right: tuple[list[list[Item]], Item]) -> int:
        return _compare(left[0], right[0], signs)

    def run(this: list[Item], environment: Environment) -> list[Item]:
        items = items_of(this, environment)
        environment.spend(len(items))
        rows = [([run_key([item], environment) for run_key, _ in keys], item) for item in items]
        rows.sort(key=cmp_to_key(compare))
        return [item for _, item in rows]

    return Code(run)


def _compare(left: list[list[Item]], right: list[list[Item]], signs: list[int]) -> int:
    for one, two, sign in zip(left, right, signs, strict=True):
        first, second = single(one, "sort()"), single(two, "sort()")
        if first is None or second is None:
            # Nothing comes first, in falling order as well: so the suite has it.
            answer = (first is not None) - (second is not None)
        else:
            answer = (order(first, second) or 0) * sign
        if answer:
            return answer
    return 0
