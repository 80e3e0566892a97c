"""What lives share: entries read as values, facts by the names of the guards, payments against what is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from indicators.money import parse_euros
from indicators.programmes.adapters import number
from indicators.programmes.dates import local_date
from indicators.programmes.decisions import Instalment
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Entry, FactsOf, View, check_entry, part
from indicators.programmes.machine import Facts, Machine, Reasons
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.standing import Firm, Standing, Unknown, settle

Fact: TypeAlias = Callable[[View, str], Standing[Reasons]]
"""One fact of a view's file for a move to a state."""
CLEAR: Standing[Reasons] = Firm(())
PAYMENT = (part("on", "date", "date du versement", "day of the payment"), part("euros", "euros", "montant", "amount"))
"""Fields of a payment the paying body made."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Entries of one life, checked as they are read; what nobody entered is None, and a flag is then not a yes.

    Every method raises `RuleError` `bad_entry:<name>`, `unknown_entry:<name>`.
    """

    entries: tuple[Entry, ...]

    def value(self, view: View, name: str) -> Any:
        """The value as it is kept, or None."""
        entry = next((one for one in self.entries if one.name == name), None)
        if entry is None:
            raise RuleError(f"unknown_entry:{name}")
        value = view.entries.get(name)
        return None if value is None else check_entry(entry, value)

    def flag(self, view: View, name: str) -> bool:
        """Whether a statement was made."""
        return self.value(view, name) is True

    def day(self, view: View, name: str) -> date | None:
        """A local day."""
        found = self.value(view, name)
        return None if found is None else date.fromisoformat(found)

    def rows(self, view: View, name: str) -> list[Any]:
        """A list, empty when nobody entered it."""
        return self.value(view, name) or []

    def fields(self, view: View, name: str) -> dict[str, Any]:
        """An object, empty when nobody entered it."""
        return self.value(view, name) or {}


def facts_of(machine: Machine, table: Mapping[str, Fact]) -> FactsOf:
    """The facts of a machine's moves from a table by guard; `TARGET:fact` answers for one target alone.

    Raises `ValueError` when a guard has no row: a life that could never answer is not built.
    """
    chosen = {
        (row.target, guard.fact): table.get(f"{row.target}:{guard.fact}") or table.get(guard.fact)
        for row in machine.transitions
        for guard in row.guards
    }
    answers = {key: answer for key, answer in chosen.items() if answer is not None}
    for target, fact in chosen.keys() - answers.keys():
        raise ValueError(f"{machine.id}: nothing answers {fact} for {target}")

    def facts(view: View, target: str) -> Facts:
        row = machine.transition(view.state, target)
        return {guard.fact: answers[target, guard.fact](view, target) for guard in row.guards}

    return facts


def weigh(compute: Callable[[], Reasons], conventions: Iterable[str] = ()) -> Standing[Reasons]:
    """Reasons from rules: a parameter nobody gave, or inputs a rule refuses, leave the fact unknown, with that code."""
    try:
        return settle(compute(), conventions)
    except (ParameterMissing, RuleError) as stopped:
        if str(stopped).startswith("bad_entry:"):
            raise
        return Unknown(str(stopped))


def all_of(facts: Iterable[Standing[Reasons]]) -> Standing[Reasons]:
    """One fact out of several: their reasons in order, no firmer than the least firm; the first unknown answers."""
    reasons: Reasons = ()
    conventions: tuple[str, ...] = ()
    for fact in facts:
        if isinstance(fact, Unknown):
            return fact
        reasons += fact.value
        conventions += () if isinstance(fact, Firm) else fact.conventions
    return settle(reasons, conventions)


def needed(condition: bool, reason: str) -> Reasons:
    """No reason when the condition holds, else that one."""
    return () if condition else (reason,)


def payment_reasons(name: str, payment: Mapping[str, Any], due: int, *, required: bool) -> Reasons:
    """Why a payment the paying body made is not the one due (cents): not entered where it has to be, or another sum."""
    if not payment:
        return needed(not required, f"PAYMENT_NOT_ENTERED:{name}")
    whole = {"on", "euros"} <= set(payment)
    return needed(whole and parse_euros(payment["euros"]) == due, f"PAYMENT_DIFFERS:{name}")


def exact(value: Any, code: str) -> Fraction | None:
    """An exact number written in an entry or a parameter. Raises `RuleError` with the code on anything else."""
    try:
        return number(value)
    except (ValueError, ZeroDivisionError):
        raise RuleError(code) from None


def instalments(*named: tuple[str, int]) -> tuple[Instalment, ...]:
    """Payments by name, in cents; one of nothing is none."""
    return tuple(Instalment(name, cents) for name, cents in named if cents)


def deposited_on(view: View) -> date:
    """The local day of the deposit; before it, the day of the move, which would be it."""
    return local_date(view.deposited) if view.deposited is not None else view.day


def notification(paid: tuple[Instalment, ...]) -> str | None:
    """The kind of letter payments owe; none of nothing."""
    return "notification" if paid else None


def notified(view: View, state: str) -> int:
    """Cents decided by the moves that led to a state, below zero when they are to be returned."""
    return sum(one.paid for one in view.history if one.state == state)
