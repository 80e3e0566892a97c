"""Common framework of e-health projects: nine services, half-yearly reports, governance rhythm (CC-R01 to R11)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from indicators.programmes.dates import Period
from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.ratio import Ratio

PARTS = ("socle commun minimum de services", "référentiels", "principes de conduite de projets")
"""CC-R01 (S1 §II): the three parts of the framework."""
STATES = ("ABSENT", "PLANNED", "AVAILABLE", "DEPLOYED", "USED", "TARGET_REACHED")
PRINCIPLES = 14
_SEMESTER = re.compile(r"(\d{4})-S([12])", re.ASCII)


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


def families(day: date | None = None) -> dict[str, tuple[str, ...]]:
    """CC-R02, CC-R09 (S1 §II.1): service codes by family, of the list in force on a day; the 2016 one is the first."""
    found: dict[str, list[str]] = source_parameters().get("services", day)
    return {family: tuple(codes) for family, codes in found.items()}


def services(day: date | None = None) -> tuple[str, ...]:
    """CC-R02 (S1 §II.1): the nine services of the core in the order of the text."""
    return tuple(code for codes in families(day).values() for code in codes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Services available in a region over those of the core, and those it lacks, in the order of the text."""

    ratio: Ratio
    missing: tuple[str, ...]


def coverage(available: Iterable[str], day: date | None = None) -> Coverage:
    """I-CC-1, CC-R02: services a region offers, each once. Raises `RuleError` `unknown_service:<code>`.

    Seven of nine are 77.78 %; TSN is not of the 2016 core.
    """
    core = services(day)
    offered = list(available)
    for code in offered:
        if code not in core:
            raise RuleError(f"unknown_service:{code}")
    missing = tuple(code for code in core if code not in offered)
    return Coverage(Ratio(len(core) - len(missing), len(core)), missing)


def available_services(states: Mapping[str, str]) -> tuple[str, ...]:
    """CC-R06, I-CC-1: services whose state is AVAILABLE or further. Raises `RuleError` `unknown_state:<state>`."""
    for state in states.values():
        if state not in STATES:
            raise RuleError(f"unknown_state:{state}")
    return tuple(code for code, state in states.items() if STATES.index(state) >= STATES.index("AVAILABLE"))


def usage_rate(establishments: Iterable[str], in_scope: int | None) -> Ratio:
    """I-CC-2, CC-R06: geographic FINESS with one transaction in the semester, each once, over those in scope."""
    return Ratio(len(set(establishments)), in_scope)


def matrix_gaps(respected: Mapping[str, Iterable[str]], frames: Iterable[str] | None) -> dict[str, tuple[str, ...]]:
    """CC-R04 (S1 §III.2): by project, the reference frames it does not respect.

    Raises `ParameterMissing` while the list of the absent annexe is not given (CFG-CC-01).
    """
    if frames is None:
        raise ParameterMissing("reference_frames")
    wanted = tuple(frames)
    return {project: tuple(f for f in wanted if f not in set(done)) for project, done in respected.items()}


def principles_missing(ticked: Iterable[int]) -> tuple[int, ...]:
    """CC-R05 (S1 §II.3): numbers of the fourteen principles a scoping note leaves out; their texts are CFG-CC-02."""
    done = set(ticked)
    return tuple(number for number in range(1, PRINCIPLES + 1) if number not in done)


def national_examination(budget: int, threshold: int | None) -> bool:
    """CC-R03 (S1 §I): whether a local project (cents) goes to the ministry first. Raises `ParameterMissing`."""
    if threshold is None:
        raise ParameterMissing("examination_threshold")
    return budget >= threshold


def semester(day: date) -> str:
    """CC-R08 (S1 §III.4; CONV): the half-year of a day, January to June first; 2017-06-30 is `2017-S1`."""
    return f"{day.year}-S{1 if day.month <= 6 else 2}"


def semester_period(day: date) -> Period:
    """CC-R08 (CONV): the days of the half-year of a day."""
    first = 1 if day.month <= 6 else 7
    return Period(date(day.year, first, 1), date(day.year, 6, 30) if first == 1 else date(day.year, 12, 31))


def semesters(first: str, last: str) -> tuple[str, ...]:
    """CC-R08: every half-year from one to another, both included. Raises `RuleError` `unknown_semester:<text>`."""
    return tuple(f"{index // 2}-S{index % 2 + 1}" for index in range(_index(first), _index(last) + 1))


def _index(text: str) -> int:
    found = _SEMESTER.fullmatch(text)
    if found is None:
        raise RuleError(f"unknown_semester:{text}")
    return int(found[1]) * 2 + int(found[2]) - 1


def reports_missing(first: str, last: str, received: Iterable[str]) -> tuple[str, ...]:
    """CC-R08, I-CC-3 (S1 summary, §III.4): half-yearly reports due and not received, in order of time."""
    there = {_index(text) for text in received}
    return tuple(name for name in semesters(first, last) if _index(name) not in there)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Whether a year kept each of the three rhythms."""

    strategic: bool
    operational: bool
    revision: bool


def rhythm(strategic: int, operational: int, revisions: int) -> Rhythm:
    """CC-R10 (S1 §IV): two strategic meetings, four operational ones, one revision a year; more is kept too."""
    wanted = source_parameters()
    return Rhythm(
        strategic >= int(wanted.get("meetings:strategic")),
        operational >= int(wanted.get("meetings:operational")),
        revisions >= int(wanted.get("revisions")),
    )
