"""`Measure/[id]/$evaluate-measure`: the figure of one establishment as a MeasureReport."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from fhir_server.figures import figures, known_measure, subject_of, window_of
from fhir_server.security.caller import Caller
from fhir_server.services import Services
from indicators.measures import BASE, MEASURES, Figure, Window

_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_CUTOFF = "https://segur-fhir.example/fhir/StructureDefinition/measure-cutoff"


async def measure_report(
    services: Services, caller: Caller, measure_id: str, params: Mapping[str, str]
) -> dict[str, Any]:
    """Compute the measure now; a figure without a population is 0 of 0, which is not a rate.

    Raises:
        Refusal: 400, 403, 404 as for any figure.
    """
    known_measure(measure_id)
    window = window_of(params)
    with services.reading() as connection:
        subject = subject_of(connection, caller, params.get("reporter"))
    found = await run_in_threadpool(
        figures, services.settings.database, window, measures=[measure_id],
        organization=subject.organization, legal_entity=subject.legal_entity,
    )  # fmt: skip
    figure = found[0] if found else Figure(measure_id, subject.organization, None, 0, 0)
    return _report(measure_id, figure, window, subject.name)


def _report(measure_id: str, figure: Figure, window: Window, name: str) -> dict[str, Any]:
    ratio = MEASURES[measure_id].info.kind == "ratio"
    counts: list[tuple[str, int | None]] = [("numerator", figure.numerator)]
    if ratio:
        counts = [("initial-population", figure.denominator), ("denominator", figure.denominator), *counts]
    return {
        "resourceType": "MeasureReport",
        "extension": [{"url": _CUTOFF, "valueDate": window.cutoff.isoformat()}],
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
        "group": [{"population": [_population(code, count) for code, count in counts if count is not None]}],
    }


def _population(code: str, count: int) -> dict[str, Any]:
    return {"code": {"coding": [{"system": _POPULATION, "code": code}]}, "count": count}
