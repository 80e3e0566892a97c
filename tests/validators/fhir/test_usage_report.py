"""The profile of the reports of usage: a right one of each form, and each change that it forbids."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from validators.fhir import default_walker
from validators.report import REFUSING, Report

OURS = "https://segur-fhir.example/fhir/StructureDefinition/"
Json = dict[str, Any]


def population(code: str, count: int) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    return {"code": {"coding": [{"system": system, "code": code}]}, "count": count}


RATE: Json = {
    "resourceType": "MeasureReport",
    "meta": {"profile": [f"{OURS}usage-report"]},
    "extension": [
        {"url": f"{OURS}measure-cutoff", "valueDate": "2026-06-30"},
        {"url": f"{OURS}measure-status", "valueCode": "measured"},
        {"url": f"{OURS}measure-label", "valueCode": "dmp"},
    ],
    "status": "complete",
    "type": "summary",
    "measure": "https://segur-fhir.example/fhir/Measure/I-SUN1-LDL",
    "date": "2026-07-01T08:00:00+02:00",
    "reporter": {
        "reference": "Organization/970490363",
        "identifier": {"system": "https://finess.esante.gouv.fr", "value": "970490363"},
    },
    "period": {"start": "2026-01-01", "end": "2026-06-30"},
    "group": [
        {
            "population": [
                population("initial-population", 4), population("denominator", 4), population("numerator", 3),
            ],
            "measureScore": {"value": 0.75},
        }
    ],
}  # fmt: skip
COUNT: Json = RATE | {
    "measure": "https://segur-fhir.example/fhir/Measure/I-SUN2-CIT-OUT",
    "extension": RATE["extension"][:2],
    "group": [{"population": [population("numerator", 3)]}],
}


def broken(report: Json) -> set[str]:
    found = Report()
    default_walker().check(report, found)
    return {str(i.params.get("key") or i.rule) for i in found if i.severity in REFUSING}


def test_a_rate_and_a_count_are_right() -> None:
    for report in (RATE, COUNT):
        found = Report()
        default_walker().check(report, found)
        assert [(i.rule, i.location) for i in found] == []


CHANGES: dict[str, tuple[Callable[[Json], object], str]] = {
    "no cut-off": (lambda r: r["extension"].pop(0), "FHIR-SLICE-MIN"),
    "no status of the figure": (lambda r: r["extension"].pop(1), "FHIR-SLICE-MIN"),
    "an unknown status": (lambda r: r["extension"][1].update(valueCode="perhaps"), "FHIR-BINDING"),
    "an unknown label": (lambda r: r["extension"][2].update(valueCode="perhaps"), "FHIR-BINDING"),
    "two cut-offs": (lambda r: r["extension"].append(r["extension"][0]), "FHIR-SLICE-MAX"),
    "a cut-off that is no date": (lambda r: r["extension"].__setitem__(0, {"url": f"{OURS}measure-cutoff",
                                  "valueString": "x"}), "FHIR-TYPE"),
    "a report in the making": (lambda r: r.update(status="pending"), "FHIR-FIXED"),
    "of another type": (lambda r: r.update(type="individual"), "FHIR-BINDING"),
    "of a patient": (lambda r: r.update(subject={"display": "x"}), "FHIR-MAX"),
    "without a date": (lambda r: r.pop("date"), "FHIR-MIN"),
    "of nobody": (lambda r: r.pop("reporter"), "FHIR-MIN"),
    "of a place without its number": (lambda r: r["reporter"].pop("identifier"), "FHIR-MIN"),
    "of a place by another number": (lambda r: r["reporter"]["identifier"].update(system="https://sirene.fr"),
                                     "FHIR-FIXED"),
    "without an end": (lambda r: r["period"].pop("end"), "FHIR-MIN"),
    "without a numerator": (lambda r: r["group"][0]["population"].pop(), "FHIR-SLICE-MIN"),
    "another population": (lambda r: r["group"][0]["population"].append(population("cohort", 1)), "FHIR-SLICE-CLOSED"),
    "a denominator of no population": (lambda r: r["group"][0]["population"].pop(0), "segur-report-3"),
    "no rate": (lambda r: r["group"][0].pop("measureScore"), "segur-report-4"),
    "two groups": (lambda r: r["group"].append(r["group"][0]), "FHIR-MAX"),
    "lists in a summary": (lambda r: r.update(contained=[{"resourceType": "List", "id": "numerator", "status":
                           "current", "mode": "snapshot"}]), "segur-report-1"),
    "an end before the start": (lambda r: r["period"].update(end="2025-12-31"), "segur-report-2"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_it_forbids(name: str) -> None:
    change, rule = CHANGES[name]
    report = copy.deepcopy(RATE)
    change(report)
    assert rule in broken(report)


def test_a_count_has_no_rate() -> None:
    assert broken(COUNT | {"group": [COUNT["group"][0] | {"measureScore": {"value": 1}}]}) >= {"segur-report-4"}
