"""`Measure/[id]/$evaluate-measure`: the figure of one establishment as a MeasureReport, kept for whoever asked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal
from fhir_server.figures import Subject, evidence_of, figures, known_measure, subject_of, window_of
from fhir_server.ids import micros, new_id
from fhir_server.security.caller import Caller, Role
from fhir_server.services import Services
from fhir_server.store import reports
from fhir_server.store.acts import Put, act_now
from fhir_server.store.writer import WriterGone
from indicators.measures import BASE, MEASURES, Evidence, Figure, Window, status

_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_OURS = "https://segur-fhir.example/fhir/"
PROFILE = f"{_OURS}StructureDefinition/usage-report"
"""What every report is, and declares to be."""
_CUTOFF = f"{_OURS}StructureDefinition/measure-cutoff"
_STATUS = f"{_OURS}StructureDefinition/measure-status"
_LABEL = f"{_OURS}StructureDefinition/measure-label"
_PSEUDONYM = f"{_OURS}NamingSystem/pseudonym"
_TYPES = ("summary", "subject-list")


def report_owner(caller: Caller) -> str | None:
    """Whose reports a caller reads: an establishment's legal entity, an agency's region; None for everyone else."""
    if caller.role is Role.ESTABLISHMENT:
        return caller.organization
    return f"ars:{caller.organization}" if caller.role is Role.ARS else None


async def measure_report(
    services: Services, caller: Caller, measure_id: str, params: Mapping[str, str]
) -> dict[str, Any]:
    """Compute the measure now; a figure without a population is 0 of 0, which is not a rate.

    A summary is kept, and read again at `MeasureReport/ID`; a list of subjects holds pseudonyms and is not.

    Raises:
        Refusal: 400, 403, 404 as for any figure.
    """
    known_measure(measure_id)
    window = window_of(params)
    kind = params.get("reportType", "summary")
    if kind not in _TYPES:
        raise Refusal(400, "MEASURE-PARAMETER", name="reportType", reason=", ".join(_TYPES))
    with services.reading() as connection:
        subject = subject_of(connection, caller, params.get("reporter"))
    found = await run_in_threadpool(
        figures, services.settings.database, window, measures=[measure_id],
        organization=subject.organization, legal_entity=subject.legal_entity,
    )  # fmt: skip
    figure = found[0] if found else Figure(measure_id, subject.organization, None, 0, 0)
    report = _report(measure_id, figure, window, subject.name)
    if kind == "subject-list":
        rows = await run_in_threadpool(evidence_of, services.settings.database, measure_id, window, subject)
        return _with_subjects(report, MEASURES[measure_id].info.subject, rows)
    return await _kept(services, caller, report, figure, window, subject)


async def _kept(
    services: Services, caller: Caller, report: dict[str, Any], figure: Figure, window: Window, subject: Subject
) -> dict[str, Any]:
    """File the report under an id that its figures give; a figure is answered even where nothing can be written."""
    owner = report_owner(caller)
    if owner is None:
        return report
    said = (figure.measure, subject.organization, str(window.period_start), str(window.period_end), str(window.cutoff))
    counts = (str(figure.numerator), str(figure.denominator), str(figure.acknowledged))
    report = {"resourceType": "MeasureReport", "id": services.keys.stable("measure-report", owner, *said, *counts)} | {
        name: value for name, value in report.items() if name != "resourceType"
    }
    now = datetime.now(UTC)
    row = {
        "owner": owner, "id": report["id"], "measure": figure.measure, "organization": subject.organization,
        "period_start": window.period_start, "period_end": window.period_end, "computed": micros(now),
        "body": orjson.dumps(report),
    }  # fmt: skip
    act = new_id()
    puts = [Put("measure_report", (row,), replace=True)]
    with services.reading() as connection:
        known = reports.get(connection, owner, report["id"]) is not None
    if not known:
        change = {"owner": owner, "type": "MeasureReport", "id": report["id"], "version": 1, "at": micros(now)}
        puts.append(Put("change", (change | {"action": "create", "submission": act},)))
    plan = act_now(owner, caller.role.value, act, now, "measure", report["id"], puts=tuple(puts))
    with contextlib.suppress(WriterGone):
        await services.writer.file(plan)
    return report


def _report(measure_id: str, figure: Figure, window: Window, name: str) -> dict[str, Any]:
    ratio = MEASURES[measure_id].info.kind == "ratio"
    counts: list[tuple[str, int | None]] = [("numerator", figure.numerator)]
    if ratio:
        counts = [("initial-population", figure.denominator), ("denominator", figure.denominator), *counts]
    group: dict[str, Any] = {"population": [_population(code, count) for code, count in counts]}
    if ratio:
        group["measureScore"] = _score(figure)
    label = [{"url": _LABEL, "valueCode": figure.label}] if figure.label else []
    return {
        "resourceType": "MeasureReport",
        "meta": {"profile": [PROFILE]},
        "extension": [
            {"url": _CUTOFF, "valueDate": window.cutoff.isoformat()},
            {"url": _STATUS, "valueCode": status(figure)},
            *label,
        ],
        "status": "complete",
        "type": "summary",
        "measure": f"{BASE}{measure_id}" if BASE.endswith("/") else f"{BASE}/{measure_id}",
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "reporter": {
            "reference": f"Organization/{figure.organization}",
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": figure.organization},
            "display": name,
        },
        "period": {"start": window.period_start.isoformat(), "end": window.period_end.isoformat()},
        "group": [group],
    }


def _with_subjects(report: dict[str, Any], kind: str, rows: Sequence[Evidence]) -> dict[str, Any]:
    """The same report with the lists of what it counts, by pseudonym (FHIR R4, subjectResults).

    A population that was declared has no list, and then no count here: the summary gives it.
    """
    counted = _keys(kind, (row for row in rows if row.counted))
    inside = _keys(kind, (row for row in rows if row.reason not in _OUTSIDE))
    lists = {"numerator": counted, "denominator": inside, "initial-population": inside}
    populations, contained = [], []
    for population in report["group"][0]["population"]:
        code, count = _code(population), population.get("count")
        if code != "numerator" and count != len(lists[code]):
            populations.append({name: value for name, value in population.items() if name != "count"})
            continue
        contained.append(_list(code, kind, lists[code]))
        populations.append(population | {"subjectResults": {"reference": f"#{code}"}})
    group = {**report["group"][0], "population": populations}
    return {"resourceType": "MeasureReport", "contained": contained} | {
        **report, "type": "subject-list", "group": [group],
    }  # fmt: skip


_OUTSIDE = frozenset({
    "SITE_UNKNOWN", "STAY_AMBIGUOUS", "STAY_UNKNOWN", "STAY_EXCLUDED", "STAY_OUTSIDE_PERIOD", "STAY_NOT_CONCERNED",
    "STAY_OF_OTHER_SITE",
})  # fmt: skip
"""Reasons of evidence that is about no member of the population."""


def _list(code: str, kind: str, keys: Sequence[str]) -> dict[str, Any]:
    entries = [{"item": {"type": kind, "identifier": {"system": _PSEUDONYM, "value": key}}} for key in keys]
    listed: dict[str, Any] = {"resourceType": "List", "id": code, "status": "current", "mode": "snapshot"}
    return listed | ({"entry": entries} if entries else {})


def _keys(kind: str, rows: Iterable[Evidence]) -> list[str]:
    return sorted({key for row in rows if (key := _key(kind, row)) is not None})


def _key(kind: str, row: Evidence) -> str | None:
    """The pseudonym of what a row counts, else the source of a declared figure."""
    if kind == "Encounter" and row.stay is not None:
        return str(row.stay)
    return row.document or row.message or row.declared


def _code(population: Mapping[str, Any]) -> str:
    return str(population["code"]["coding"][0]["code"])


def _population(code: str, count: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {"code": {"coding": [{"system": _POPULATION, "code": code}]}}
    return found if count is None else found | {"count": count}


def _score(figure: Figure) -> dict[str, Any]:
    """The rate; where there is none, why (FHIR R4, MeasureReport.group.measureScore)."""
    if figure.denominator:
        return {"value": round(figure.numerator / figure.denominator, 6)}
    reason = "unknown" if figure.denominator is None else "not-a-number"
    return {"extension": [{"url": _ABSENT, "valueCode": reason}]}
