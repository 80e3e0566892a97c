"""The life of one file of a programme: what may be entered in it, what a move looks at, what it decides.

A `Life` joins a programme's state machine to its rules. It is pure: the caller brings the file as it stands, the
figures, the parameter set and the moment (`View`); the life answers with the facts the machine's guards ask for, and,
for a move that decides, with the operation, its inputs and the instalments of the decision record.
A programme brought by a third party supplies lives by the same field of `Programme` as the built-in ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from indicators.measures import Figure
from indicators.programmes.dates import Period, local_date
from indicators.programmes.errors import RuleError
from indicators.programmes.machine import Facts, Machine
from indicators.programmes.parameters import ParameterSet

if TYPE_CHECKING:
    from indicators.programmes.decisions import Instalment

KINDS = ("text", "bool", "date", "integer", "euros", "list", "object")
"""What an entry may hold; euros are text with two decimals, dates ISO text, as everywhere in JSON here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing entered in a file: `by` names the actors who may (as the machine names them), `in_states` where.

    An entry is never changed after the states it may be entered in: what a decision rested on stays. Empty `in_states`:
    the initial state only.
    """

    name: str
    kind: str
    by: tuple[str, ...]
    label_fr: str
    label_en: str
    in_states: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """One earlier move of the file: the state it led to, when, and what it paid in cents."""

    state: str
    at: datetime
    paid: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One file as a rule sees it.

    `key` says what the file is about inside its programme (`window` and `domain` for SUN-ES; empty where there is one
    file an establishment). `entries` are what was entered, by name. `figures` answer `Life.figures`; `declared` are the
    figures declared elsewhere for the same window. `committed` is the sum in cents already committed from the same
    envelope by other files. `paid_elsewhere` are keys of the same establishment's other files that were paid.
    """

    organization: str
    legal_entity: str
    region: str
    key: Mapping[str, str]
    state: str
    at: datetime
    entries: Mapping[str, Any]
    parameters: ParameterSet
    figures: Sequence[Figure] = ()
    declared: Sequence[Figure] = ()
    history: Sequence[Past] = ()
    committed: int = 0
    paid_elsewhere: Sequence[Mapping[str, str]] = ()
    deposited: datetime | None = None

    @property
    def day(self) -> date:
        """The local day of the move (C-06)."""
        return local_date(self.at)

    def paid(self) -> int:
        """Cents this file was paid so far."""
        return sum(one.paid for one in self.history)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a move that decides puts on record: an operation of the programme, its inputs as JSON, the instalments.

    `committed` is what the move binds from the envelope in cents; `letter` names the kind of letter it owes
    (acceptance, refusal, notification, restitution), None when it owes none; `reasons` go into it.
    """

    op: str
    inputs: Mapping[str, Any]
    instalments: tuple[Instalment, ...] = ()
    committed: int = 0
    letter: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """Which figures a file needs and over which days; nothing until they can be known."""

    measures: tuple[str, ...] = ()
    period: Period | None = None
    cutoff: date | None = None


FactsOf: TypeAlias = Callable[[View, str], Facts]
"""The facts for the move of a view's file to a state; a guard that cannot be known yet is `Unknown`."""
RulingOf: TypeAlias = Callable[[View, str], Ruling | None]


def _no_ruling(_: View, __: str) -> None:
    return None


def _no_needs(_: View) -> Needs:
    return Needs()


@dataclass(frozen=True, slots=True)
class Life:
    """A machine with its rules. `key` names what a file is about, with the values each part may take (empty: any).

    `envelope` names the credit line commitments are drawn on, None where the texts delegate none.
    """

    machine: Machine
    entries: tuple[Entry, ...]
    facts: FactsOf
    ruling: RulingOf = _no_ruling
    needs: Callable[[View], Needs] = _no_needs
    key: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    envelope: str | None = None

    def entry(self, name: str) -> Entry:
        """One entry. Raises `RuleError` `unknown_entry:<name>`."""
        for one in self.entries:
            if one.name == name:
                return one
        raise RuleError(f"unknown_entry:{name}")
