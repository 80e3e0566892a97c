"""One file walked through its life as the server walks it: entries, facts, the move, the ruling, the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from indicators.measures import Figure
from indicators.programmes import ParameterSet, programme
from indicators.programmes.dates import PARIS
from indicators.programmes.decisions import DecisionRecord, decide, replay
from indicators.programmes.letters import letter_of
from indicators.programmes.life import LETTERS, Life, Past, Ruling, View, check_entry, life
from indicators.programmes.machine import Move
from indicators.programmes.standing import Unknown


def _told(reason: str, known: str) -> bool:
    """Whether a row of the table announces a reason; `:n` stands for one of many."""
    return reason == known or (known.endswith(":n") and reason.startswith(known[:-1]))


def at(day: str, hour: int = 12) -> datetime:
    """A moment of a local day."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), PARIS).replace(hour=hour)


@dataclass
class Walk:
    """A file on its way. `records` are the decisions, in order; `committed` the cents bound so far."""

    programme_id: str
    life: Life
    view: View
    records: list[DecisionRecord] = field(default_factory=list)
    rulings: dict[str, Ruling] = field(default_factory=dict)
    committed: int = 0

    @property
    def state(self) -> str:
        return self.view.state

    def enter(self, **values: Any) -> Walk:
        """Enter something, in a state it may be entered in."""
        for name, value in values.items():
            entry = self.life.entry(name)
            assert self.state in (entry.in_states or (self.life.machine.initial,)), f"{name} in {self.state}"
            kept = check_entry(entry, value)
            self.view = replace(self.view, entries={**self.view.entries, name: kept})
        return self

    def change(self, **changes: Any) -> Walk:
        """Change what the caller of a life brings."""
        self.view = replace(self.view, **changes)
        return self

    def on(self, day: str) -> Walk:
        return self.change(at=at(day))

    def tried(self, target: str) -> Move:
        """The move, not made."""
        row = self.life.machine.transition(self.state, target)
        facts = self.life.facts(self.view, target)
        for guard in row.guards:
            fact = facts[guard.fact]
            for reason in () if isinstance(fact, Unknown) else fact.value:
                assert any(_told(reason, known) for known in guard.reasons), f"{guard.fact}: {reason}"
        return self.life.machine.move(self.state, target, row.actor, facts)

    def move(self, target: str, day: str | None = None) -> Move:
        """Make a move; its decision is recorded and replays to the same bytes."""
        if day is not None:
            self.on(day)
        found = self.tried(target)
        if found.made:
            self._record(target)
        return found

    def to(self, *steps: tuple[str, str]) -> Walk:
        """Moves that all have to be made."""
        for target, day in steps:
            found = self.move(target, day)
            assert found.made, (target, found.reasons)
        return self

    def _record(self, target: str) -> None:
        ruling = self.life.ruling(self.view, target)
        if ruling is not None:
            self.rulings[target] = ruling
            self._decide(ruling)
        paid = sum(one.cents for one in ruling.instalments) if ruling else 0
        history = (*self.view.history, Past(target, self.view.at, paid))
        first = self.state == self.life.machine.initial
        deposited = self.view.at if first else self.view.deposited
        self.view = replace(self.view, state=target, history=history, deposited=deposited)

    def _decide(self, ruling: Ruling) -> None:
        assert ruling.letter is None or ruling.letter in LETTERS
        made = programme(self.programme_id)
        record = decide(
            f"d-{len(self.records)}", made, ruling.op, ruling.inputs, decided_by="x", role="ars",
            decided_at=self.view.at, as_of=self.view.day, parameter_set="set@1", instalments=ruling.instalments,
        )  # fmt: skip
        assert replay(record, made).to_bytes() == record.to_bytes()
        assert record.outcome is None or "error" not in record.outcome, record.outcome
        if ruling.letter is not None:
            written = letter_of(record, made, self._told(ruling), kind=ruling.letter)
            assert {reason.code for reason in written.reasons} >= ({*ruling.reasons} if written.reasons else set())
        self.records.append(record)
        self.committed += ruling.committed

    def _told(self, ruling: Ruling) -> dict[str, Any]:
        party = {"name": "X"}
        return {"addressee": party, "sender": party, "key": dict(self.view.key), "reasons": list(ruling.reasons)}

    def paid(self) -> list[tuple[str, int]]:
        """Every instalment, in order."""
        return [(one.name, one.cents) for record in self.records for one in record.instalments]


def begin(
    programme_id: str,
    machine_id: str,
    day: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    key: Mapping[str, str] | None = None,
    figures: tuple[Figure, ...] = (),
    organization: str = "350000042",
) -> Walk:
    """A new file."""
    found = life(programme(programme_id), machine_id)
    view = View(
        organization, "350000001", "53", key or {}, found.machine.initial, at(day), {},
        ParameterSet.of("ars@1", parameters or {}, source="letter"), figures=figures,
    )  # fmt: skip
    return Walk(programme_id, found, view)
