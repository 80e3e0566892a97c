"""What is missing to a target, and what more documents would change: the same situation, computed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from indicators.facts import Declared
from indicators.measures import Figure
from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1.situation import Situation, situation


@dataclass(frozen=True, slots=True)
class Missing:
    """How many more of one indicator reach its target, by when; `worth` is in cents, or the reason why it is not known.

    It is worth the usage payment of the domain when this is all that is missing, and part of it otherwise.
    """

    measure: str
    missing: int
    before: date
    worth: int | str
    alone: bool

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "measure": self.measure,
            "missing": self.missing,
            "before": self.before.isoformat(),
            "worth_cents": self.worth,
            "alone": self.alone,
        }


def missing_to_target(found: Situation) -> tuple[Missing, ...]:
    """Indicators of a situation below their target (SUN1-R25, R27): 37 letters before 30 June are worth 224 000 €."""
    below = [line for line in found.lines if line.decides and line.missing]
    return tuple(
        Missing(line.measure, line.missing or 0, found.window.measure.end, found.at_stake.value, len(below) == 1)
        for line in below
    )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A situation, and the one with more documents counted."""

    before: Situation
    after: Situation

    @property
    def gain(self) -> int | None:
        """Cents more in all, None while one of the totals is not known."""
        one, other = self.before.total.cents, self.after.total.cents
        return None if one is None or other is None else other - one

    def as_dict(self) -> dict[str, Any]:
        """For machines: both verdicts and totals, and the difference."""
        return {
            "before": {"verdict": self.before.verdict, "total": self.before.total.value},
            "after": {"verdict": self.after.verdict, "total": self.after.total.value},
            "gain_cents": self.gain,
            "indicative": True,
        }


def with_more(figures: Sequence[Figure], finess: str, more: Mapping[str, int]) -> tuple[Figure, ...]:
    """Figures with that many more units counted by measure, at one site; the population stays as it is.

    Raises `RuleError` `no_figure:<measure>` without a figure to add to, `beyond_population:<measure>` when the
    numerator would exceed the denominator.
    """
    changed = {figure.measure: figure for figure in figures if figure.organization == finess and figure.measure in more}
    for measure, added in more.items():
        if measure not in changed:
            raise RuleError(f"no_figure:{measure}")
        figure = changed[measure]
        if figure.denominator is not None and figure.numerator + added > figure.denominator:
            raise RuleError(f"beyond_population:{measure}")
    return tuple(
        replace(figure, numerator=figure.numerator + more[figure.measure]) if figure in changed.values() else figure
        for figure in figures
    )


def what_if(
    finess: str,
    window_id: str | int,
    figures: Sequence[Figure],
    declared: Sequence[Declared],
    parameters: ParameterSet,
    more: Mapping[str, int],
    *,
    domain: str = "documents_sortie",
    cutoff: date | None = None,
) -> WhatIf:
    """The situation now and with more documents counted; a supposition, so indicative whatever the parameters.

    `cutoff` is the one the figures were computed with.

    Raises `RuleError` as `with_more`, `LookupError` as `situation`.
    """
    counted = with_more(figures, finess, more)
    before = situation(finess, window_id, figures, declared, parameters, domain=domain, cutoff=cutoff)
    after = situation(finess, window_id, counted, declared, parameters, domain=domain, cutoff=cutoff)
    return WhatIf(before, after)
