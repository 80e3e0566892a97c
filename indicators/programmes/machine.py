"""State machines as tables: who may move a file from where to where, under which guards, and who is told.

A guard names a fact; the fact's value is the tuple of reasons why it does not hold (empty: it holds). Facts come with
their standing: a move into a state that decides money takes firm ones only.
All reasons are reported, in the order of the table and then of the fact, never the first one alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from indicators.programmes.errors import RuleError
from indicators.programmes.standing import Firm, Indicative, Standing, Unknown

Reasons: TypeAlias = tuple[str, ...]
Facts: TypeAlias = Mapping[str, Standing[Reasons]]


@dataclass(frozen=True, slots=True)
class Guard:
    """A fact a move needs, and the reasons to refuse it, in their fixed order (`:n` stands for one of many)."""

    fact: str
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Notice:
    """Who is told what when the move is made; `content_fr` and `content_en` name what the message carries."""

    to: str
    content_fr: str
    content_en: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of a table: `actor` moves a file from `source` to `target`; `when` is the date guard in words."""

    source: str
    target: str
    actor: str
    rule: str
    guards: tuple[Guard, ...] = ()
    notices: tuple[Notice, ...] = ()
    when: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """What a move came to: the state after it, the reasons that stopped it, and the messages it owes."""

    state: str
    reasons: Reasons = ()
    notices: tuple[Notice, ...] = ()

    @property
    def made(self) -> bool:
        """Whether the file moved."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Machine:
    """A table of moves. `pays` are the states that decide, pay or ask back money: they take firm facts only."""

    id: str
    initial: str
    transitions: tuple[Transition, ...]
    pays: frozenset[str]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in the order the table names them."""
        named = (state for row in self.transitions for state in (row.source, row.target))
        return tuple(dict.fromkeys((self.initial, *named)))

    @property
    def finals(self) -> tuple[str, ...]:
        """States nothing leaves."""
        left = {row.source for row in self.transitions}
        return tuple(state for state in self.states if state not in left)

    def transition(self, source: str, target: str) -> Transition:
        """One row. Raises `RuleError` `no_transition:SOURCE>TARGET`."""
        for row in self.transitions:
            if (row.source, row.target) == (source, target):
                return row
        raise RuleError(f"no_transition:{source}>{target}")

    def move(self, source: str, target: str, actor: str, facts: Facts) -> Move:
        """Try one move; on any reason the state stays. Raises `RuleError` when the table has no such row.

        A state that decides money is reached through `pay`, with the facts that are firm, once all of them are.
        """
        row = self.transition(source, target)
        firm = {name: fact for name, fact in facts.items() if isinstance(fact, Firm)}
        if target in self.pays and len(firm) == len(facts):
            return self.pay(source, target, actor, firm)
        reasons = _stopped(row, actor, facts, firm_only=target in self.pays)
        return Move(source, reasons) if reasons else Move(target, (), row.notices)

    def pay(self, source: str, target: str, actor: str, facts: Mapping[str, Firm[Reasons]]) -> Move:
        """The same with firm facts: what a type checker lets into a state that decides money."""
        row = self.transition(source, target)
        reasons = _stopped(row, actor, facts, firm_only=True)
        return Move(source, reasons) if reasons else Move(target, (), row.notices)


def _stopped(row: Transition, actor: str, facts: Facts, *, firm_only: bool) -> Reasons:
    """Every reason against a move, each once, in order: the actor, the guards, then loose facts beside the guards."""
    reasons: Reasons = () if actor == row.actor else (f"ACTOR_NOT_ALLOWED:{actor}",)
    for guard in row.guards:
        reasons += _unmet(guard, facts.get(guard.fact), firm_only=firm_only)
    reasons = tuple(dict.fromkeys(reasons))
    if not firm_only:
        return reasons
    # A fact outside the guards may not smuggle a convention in: what was said about a payment is all firm.
    guarded = {guard.fact for guard in row.guards}
    loose = (name for name in facts if name not in guarded and not isinstance(facts[name], Firm))
    return (*reasons, *(f"NOT_FIRM:{name}" for name in loose))


def _unmet(guard: Guard, fact: Standing[Reasons] | None, *, firm_only: bool) -> Reasons:
    if fact is None:
        return (f"FACT_MISSING:{guard.fact}",)
    if isinstance(fact, Unknown):
        return (fact.reason,)
    if isinstance(fact, Indicative) and firm_only:
        return (*fact.value, *(f"INDICATIVE:{name}" for name in fact.conventions or ("unnamed",)))
    return fact.value


def holds(condition: bool, *reasons: str) -> Firm[Reasons]:
    """A firm fact from a condition: its reasons when it does not hold."""
    return Firm(() if condition else reasons)
