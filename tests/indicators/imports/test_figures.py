"""Records become declared facts, which the measures read."""

from __future__ import annotations

from datetime import date
from typing import Any

from indicators.engine import ArrowFacts, duckdb_engine
from indicators.facts import Declared
from indicators.imports import (
    EligiblePatient,
    Figures,
    PersonUsage,
    ReportsProduced,
    declared_figures,
    declared_patients,
    declared_reports,
    declared_usage,
)
from indicators.measures import Window, compute
from tests.indicators.country import arrow

SITE, ENTITY = "970490363", "970490348"
START, END, TODAY = date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 10)


def entity(_: str) -> str:
    return ENTITY


def person(name: str, **changes: Any) -> PersonUsage:
    told: dict[str, Any] = {
        "organization": SITE, "start": START, "end": END, "person": name, "accompanied_from": date(2025, 1, 1),
        "accompanied_to": None, "updated": date(2026, 2, 1), "project": "actif", "events": 1,
    }  # fmt: skip
    return PersonUsage(**{**told, **changes})


def figures(declared: list[Declared]) -> dict[str, tuple[int, int | None]]:
    engine = duckdb_engine(ArrowFacts({"declared": arrow("declared", declared)}))
    found = compute(engine, Window(START, END))
    engine.close()
    return {one.measure: (one.numerator, one.denominator) for one in found}


def test_usage_of_a_user_record() -> None:
    people = [
        person("a"),
        person("b", updated=START, project="en_preparation", events=0),
        person("c", updated=END, project="clos"),
        person("d", updated=date(2025, 12, 31)),
        person("e", updated=None),
        person("gone", accompanied_to=date(2025, 12, 31)),
        person("left on the first day", accompanied_to=START, updated=None),
        person("to come", accompanied_from=date(2026, 4, 1)),
    ]
    found = figures(declared_usage(people, entity, TODAY, "editor"))
    assert found == {"I-ESMS-E1": (3, 6), "I-ESMS-E2": (2, 3), "I-ESMS-E3": (2, 3)}


def test_nobody_active_leaves_the_dependent_rates_without_population() -> None:
    declared = declared_usage([person("a", updated=None)], entity, TODAY, "editor")
    assert [(one.indicator, one.numerator, one.denominator) for one in declared] == [
        ("I-ESMS-E1", 0, 1),
        ("I-ESMS-E2", 0, 0),
        ("I-ESMS-E3", 0, 0),
    ]
    assert figures(declared) == {"I-ESMS-E1": (0, 1)}


def test_reports_and_patients_are_denominators() -> None:
    reports = [ReportsProduced(SITE, "biologie", START, END, 40, "oSIS")]
    patients = [EligiblePatient(SITE, START, END, ("1.2", value)) for value in ("x", "y", "x")]
    declared = declared_reports(reports, entity, TODAY) + declared_patients(patients, entity, TODAY, "list")
    assert figures(declared) == {"I-SUN1-BIO": (0, 40), "I-MR-2": (0, 2)}
    assert {one.legal_entity for one in declared} == {ENTITY}


def test_figures_are_taken_as_they_are() -> None:
    declared = declared_figures([Figures(SITE, "I-ESMS-E6", START, END, 12, None, "editor")], entity, TODAY)
    assert figures(declared) == {"I-ESMS-E6": (12, None)}
