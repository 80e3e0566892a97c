"""Compiled expressions: closures over (input, environment), and how a collection is read as a truth value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.items import system_value
from validators.fhir.fhirpath.model import Item

Run: TypeAlias = Callable[[list[Item], Environment], list[Item]]
"""Input (`$this`, none or one item but at the ends of a chain) to a collection; the result is not to be changed."""
Test: TypeAlias = Callable[[list[Item], Environment], "bool | None"]
"""Input to a truth value, None for empty: no list is built where only the answer counts."""


class Code:
    """A compiled expression: `run` for its items and, when it gives at most one Boolean, `test` for its answer.

    `last` is the name of the member that ends a path, and `before` what stands before it: whether there is something in
    a member is known without reading it.
    """

    __slots__ = ("before", "last", "run", "test")

    def __init__(self, run: Run, test: Test | None = None, *, before: Run | None = None, last: str = "") -> None:
        self.run = run
        self.test = test
        self.before = before
        self.last = last

    @classmethod
    def of_test(cls, test: Test) -> Code:
        """Code that gives one Boolean or nothing."""

        def run(this: list[Item], environment: Environment) -> list[Item]:
            answer = test(this, environment)
            return [] if answer is None else [answer]

        return cls(run, test)


def truth(code: Code) -> Test:
    """The test of an expression where a Boolean is wanted (N1, Singleton Evaluation of Collections)."""
    if code.test is not None:
        return code.test
    run = code.run

    def test(this: list[Item], environment: Environment) -> bool | None:
        return truth_of(run(this, environment))

    return test


def truth_of(items: list[Item]) -> bool | None:
    """A collection as a truth value: empty None, one Boolean itself, one other item true.

    Raises:
        FhirPathError: several items.
    """
    if not items:
        return None
    if len(items) > 1:
        raise FhirPathError(f"a Boolean wanted, {len(items)} items found")
    value = system_value(items[0])
    return value if isinstance(value, bool) else True
