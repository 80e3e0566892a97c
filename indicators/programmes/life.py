"""The life of one file of a programme: what may be entered in it, what a move looks at, what it decides.

A `Life` joins a programme's state machine to its rules. It is pure: the caller brings the file as it stands, the
figures, the parameter set and the moment (`View`); the life answers with the facts the machine's guards ask for, and,
for a move that decides, with the operation, its inputs and the instalments of the decision record.
A programme brought by a third party supplies lives by the same field of `Programme` as the built-in ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from indicators.measures import Figure
from indicators.money import parse_euros, plain_euros
from indicators.programmes.dates import Period, local_date
from indicators.programmes.errors import RuleError
from indicators.programmes.machine import Facts, Machine, Reasons
from indicators.programmes.parameters import ParameterSet

if TYPE_CHECKING:
    from indicators.programmes.decisions import Instalment
    from indicators.programmes.model import Programme

KINDS = ("text", "bool", "date", "integer", "euros", "list", "object")
"""What an entry may hold; euros are text with two decimals, dates ISO text, as everywhere in JSON here."""

LETTERS = ("receipt", "acceptance", "refusal", "notification", "rejection", "restitution")
"""Kinds of letter a ruling may owe; those of `letters`, but the answer to a contestation."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing entered in a file: `by` names the actors who may (as the machine names them), `in_states` where.

    An entry is never changed after the states it may be entered in: what a decision rested on stays. Empty `in_states`:
    the initial state only. `choices` are what a text, or each text of a list, may say. `parts` are the fields of an
    object or of each row of a list; a list without parts holds texts.
    """

    name: str
    kind: str
    by: tuple[str, ...]
    label_fr: str
    label_en: str
    in_states: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    parts: tuple[Entry, ...] = ()


def part(name: str, kind: str, label_fr: str, label_en: str, *choices: str, parts: tuple[Entry, ...] = ()) -> Entry:
    """A field of an entry: who enters it, and when, is said by the entry."""
    return Entry(name, kind, (), label_fr, label_en, choices=choices, parts=parts)


def check_entry(entry: Entry, value: Any) -> Any:
    """An entry's value as it is kept: euros with two decimals, the rest as it is.

    Raises `RuleError` `bad_entry:<name>`; a field inside is named by its path (`bad_entry:prerequisites.SP1.reached`).
    """
    return _checked(entry, value, entry.name)


def _checked(entry: Entry, value: Any, path: str) -> Any:
    try:
        return _CHECKS[entry.kind](entry, value, path)
    except RuleError:
        raise
    except (TypeError, ValueError):
        raise RuleError(f"bad_entry:{path}") from None


def _text(entry: Entry, value: Any, _: str) -> str:
    if not isinstance(value, str) or not value.strip() or (entry.choices and value not in entry.choices):
        raise ValueError("a text, one of the choices where there are some")
    return value


def _flag(_: Entry, value: Any, __: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _day(_: Entry, value: Any, __: str) -> str:
    return date.fromisoformat(value).isoformat()


def _integer(_: Entry, value: Any, __: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise ValueError("a count")
    return value


def _euros(_: Entry, value: Any, __: str) -> str:
    if not isinstance(value, str) or not 0 <= (cents := parse_euros(value)) < 2**63:
        raise ValueError("an amount as text, not below zero")
    return plain_euros(cents)


def _list(entry: Entry, value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list")
    row = replace(entry, kind="object" if entry.parts else "text")
    return [_checked(row, item, f"{path}[{index}]") for index, item in enumerate(value)]


def _object(entry: Entry, value: Any, path: str) -> dict[str, Any]:
    known = {one.name: one for one in entry.parts}
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise RuleError(f"bad_entry:{path}")
    return {name: _checked(known[name], inner, f"{path}.{name}") for name, inner in value.items() if inner is not None}


_CHECKS: Mapping[str, Callable[[Entry, Any, str], Any]] = {
    "text": _text, "bool": _flag, "date": _day, "integer": _integer, "euros": _euros, "list": _list, "object": _object,
}  # fmt: skip


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
    envelope by other files. `paid_elsewhere` are keys of the same establishment's other files whose last payment was
    made, `missed_elsewhere` of those that ended without it.
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
    missed_elsewhere: Sequence[Mapping[str, str]] = ()

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

    `instalments` are the payments the move decides, below zero when money comes back; a move that only records that
    one was made has none. `committed` is what the move binds from the envelope in cents, below zero when it sets some
    free. `letter` is one of `LETTERS`, None when the move owes none; `reasons` go into it.
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


def _not_superseded(_: View) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Life:
    """A machine with its rules. `key` names what a file is about, with the values each part may take (empty: any).

    `envelope` names the credit line commitments are drawn on, None where the texts delegate none; `<region>` in it
    stands for a line a region. `superseded` names the machine a file goes on under, from the same state, once a later
    text took effect (C-11); None while this one decides. `settled` are the states in which a file was paid all it will
    be, so that no other one about the same is paid again; empty: the final states that decide money.
    """

    machine: Machine
    entries: tuple[Entry, ...]
    facts: FactsOf
    ruling: RulingOf = _no_ruling
    needs: Callable[[View], Needs] = _no_needs
    key: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    envelope: str | None = None
    superseded: Callable[[View], str | None] = _not_superseded
    settled: frozenset[str] = frozenset()

    @property
    def done(self) -> frozenset[str]:
        """The states of `settled`, or those it stands for."""
        return self.settled or frozenset(self.machine.finals) & self.machine.pays

    def entry(self, name: str) -> Entry:
        """One entry. Raises `RuleError` `unknown_entry:<name>`."""
        for one in self.entries:
            if one.name == name:
                return one
        raise RuleError(f"unknown_entry:{name}")


def life(programme: Programme, machine_id: str) -> Life:
    """The life of one machine of a programme. Raises `RuleError` `unknown_life:<id>`."""
    for one in programme.lives:
        if one.machine.id == machine_id:
            return one
    raise RuleError(f"unknown_life:{machine_id}")


@dataclass(frozen=True, slots=True)
class NextMove:
    """One row out of a file's state: whose move it is, whether it would be made now, and every reason if not."""

    target: str
    actor: str
    made: bool
    reasons: Reasons
    pays: bool
    rule: str
    when: str


def next_moves(life: Life, view: View) -> tuple[NextMove, ...]:
    """What may come next, in the order of the table. An entry that cannot be read is a reason like the others."""
    rows = [row for row in life.machine.transitions if row.source == view.state]
    found = []
    for row in rows:
        reasons = _against(life, view, row.target, row.actor)
        pays = row.target in life.machine.pays
        found.append(NextMove(row.target, row.actor, not reasons, reasons, pays, row.rule, row.when))
    return tuple(found)


def _against(life: Life, view: View, target: str, actor: str) -> Reasons:
    try:
        return life.machine.move(view.state, target, actor, life.facts(view, target)).reasons
    except RuleError as refused:
        return (refused.code,)
