"""What a programme is: its rules with source and effect date, and the parameter values its sources state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from indicators.programmes.parameters import ParameterSet


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a programme. `mark` is SOURCE, PUBLIC, CONFIG or CONV; `effective_from` is when it starts to bind."""

    id: str
    title_fr: str
    title_en: str
    source: str
    mark: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Programme:
    """One funding programme. `version` names the state of its text; `measures` are the indicators it reads."""

    id: str
    title_fr: str
    title_en: str
    version: str
    rules: tuple[Rule, ...]
    parameters: ParameterSet
    measures: tuple[str, ...]

    def rule(self, rule_id: str) -> Rule:
        """One rule by id. Raises `LookupError` naming the programme and the id."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise LookupError(f"programme {self.id} has no rule {rule_id}")
