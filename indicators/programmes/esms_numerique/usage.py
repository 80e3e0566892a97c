"""ESMS numérique, kick-off phase: the period of usage and the business rates (ESMS-R24, I-ESMS-E1 to E3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from indicators.programmes.dates import Period, month_before
from indicators.programmes.errors import RuleError
from indicators.ratio import Ratio

OPEN_PROJECTS = frozenset({"en_preparation", "actif"})
"""I-ESMS-E2 (S3 annexe 2 §III): a personalised project is open while in preparation or active."""
CONVENTIONS = ("CFG-ES-12", "CFG-ES-13")
"""How persons accompanied are counted and what an event is: our reading until the ARS says."""


def evaluation_period(phase: str, evaluated: date) -> Period:
    """ESMS-R24 (S3 annexe 2 §III, CONV): three full months before the month of evaluation; the last one in maintenance.

    A project evaluated on 2021-01-31 looks at 2020-10-01 to 2020-12-31. Raises `RuleError` `unknown_phase:<phase>`.
    """
    if phase not in ("projet", "maintenance"):
        raise RuleError(f"unknown_phase:{phase}")
    first = month_before(evaluated, 3 if phase == "projet" else 1)
    return Period(first.start, month_before(evaluated, 1).end)


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that happened to a person's file on a local day: an update, an event."""

    person: str
    day: date


@dataclass(frozen=True, slots=True)
class PersonalProject:
    """The state of a personalised project (projet personnalisé) at the end of the period."""

    person: str
    status: str


@dataclass(frozen=True, slots=True)
class BusinessRates:
    """The three business criteria, each with its counts."""

    active: Ratio
    with_project: Ratio
    with_event: Ratio


def business_rates(
    period: Period,
    accompanied: Iterable[str],
    updates: Iterable[Dated],
    projects: Iterable[PersonalProject],
    events: Iterable[Dated],
) -> BusinessRates:
    """ESMS-R24, I-ESMS-E1 to E3 (S3 annexe 2 §III): active files, then with a project, with an event.

    A person counts once; one who is no longer accompanied counts nowhere. No active file makes the last two rates
    not measurable (C-03).
    """
    persons = frozenset(accompanied)
    active = persons & _within(updates, period)
    opened = {project.person for project in projects if project.status in OPEN_PROJECTS}
    return BusinessRates(
        Ratio(len(active), len(persons)),
        Ratio(len(active & opened), len(active)),
        Ratio(len(active & _within(events, period)), len(active)),
    )


def _within(rows: Iterable[Dated], period: Period) -> frozenset[str]:
    return frozenset(row.person for row in rows if row.day in period)
