"""What a programme is: rules with source and effect date, versions, parameters, state machines, operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from indicators.programmes.life import Life
from indicators.programmes.machine import Machine
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a programme, stated in our own words.

    `source` is a text and its part (`S2 §5`, see `sources`); `mark` is SOURCE, PUBLIC, CONFIG or CONV. `functions` are
    what applies the rule; without one `declared` says why nothing is computed, and the rule is visibly only declared.
    """

    id: str
    statement_fr: str
    statement_en: str
    source: str
    mark: str
    effective_from: date
    effective_to: date | None = None
    functions: tuple[Callable[..., Any], ...] = ()
    declared: str = ""

    def in_force(self, day: date) -> bool:
        """Whether the rule binds on a day, both ends included (C-11)."""
        return self.effective_from <= day <= (self.effective_to or date.max)


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a programme's text; it decides from `effective_from` on, the first one also before (X-15)."""

    id: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of a case file: `run` takes the inputs of a case by name and gives its answer.

    `keyed` says that the keys of the answer are data (regions, domains), so that one more key is another answer;
    elsewhere an answer may say more than was asked. `unordered` names lists whose order the texts do not fix
    (`*`: all of them).
    """

    name: str
    run: Callable[..., Any]
    keyed: bool = False
    unordered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Programme:
    """One funding programme. `version` names the state of its text; `measures` are the indicators it reads.

    `parameters` are the values of the texts, `wanted` those somebody has to supply; `check` says what is wrong between
    the parameters of a supplied set. `lives` are the files it follows, one a machine.
    """

    id: str
    title_fr: str
    title_en: str
    version: str
    rules: tuple[Rule, ...]
    parameters: ParameterSet
    measures: tuple[str, ...]
    machines: tuple[Machine, ...] = ()
    ops: tuple[Op, ...] = ()
    versions: tuple[Version, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    check: Callable[[ParameterSet], Iterable[str]] | None = None
    lives: tuple[Life, ...] = ()

    def rule(self, rule_id: str) -> Rule:
        """One rule by id. Raises `LookupError` naming the programme and the id."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise LookupError(f"programme {self.id} has no rule {rule_id}")

    def rules_on(self, day: date) -> tuple[Rule, ...]:
        """The rules in force on a day: a decision is computed with those of its own date (C-11)."""
        return tuple(rule for rule in self.rules if rule.in_force(day))

    def version_on(self, day: date) -> Version:
        """The version in force on a day. Raises `LookupError` on a programme without versions."""
        if not self.versions:
            raise LookupError(f"programme {self.id} has no versions")
        return version_on(self.versions, day)


def version_on(versions: tuple[Version, ...], day: date) -> Version:
    """The last version that took effect by a day, else the first (C-11, X-15)."""
    begun = [version for version in versions if version.effective_from <= day]
    return max(begun, key=lambda version: version.effective_from) if begun else versions[0]
