"""Indicators as plain JSON: what there is, values by establishment and month, declared against computed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal, authenticate, language, services
from fhir_server.figures import declared_of, figures_of, known_measure, known_parameters, subjects_of, window_of
from indicators.comparison import Comparison, compare
from indicators.measures import MEASURES, Figure, status
from indicators.programmes.parameters import Parameter, ParameterMissing, ParameterSet
from indicators.ratio import Ratio, decimals

router = APIRouter(prefix="/api", tags=["API"])


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


@router.get("/indicators", summary="Every indicator")
async def list_indicators() -> Response:
    """The indicators that are computed, with their words; open to all."""
    return _json([
        {"id": name, "title": found.info.title_fr, "title_en": found.info.title_en, "kind": found.info.kind,
         "unit": found.info.unit, "source": found.info.source, "definition": found.info.definition_fr,
         "definition_en": found.info.definition_en, "deposit": found.info.deposit}
        for name, found in MEASURES.items()
    ])  # fmt: skip


@router.get("/indicators/{measure_id}/values", summary="Values by establishment, and by month")
async def get_values(measure_id: str, request: Request) -> Response:
    """The figures of one establishment, or of all that the caller may see; `by=month` for one row a month."""
    caller = authenticate(request)
    known_measure(measure_id)
    found, params = services(request), request.query_params
    reporter = known_parameters(params, "by")
    window = window_of(params)
    by = params.get("by")
    if by not in (None, "month"):
        raise Refusal(400, "MEASURE-PARAMETER", name="by", reason="month")
    with found.reading() as connection:
        subjects = subjects_of(connection, caller, reporter)
    rows = await run_in_threadpool(
        figures_of, found.settings.database, measure_id, window, subjects, by_month=by == "month"
    )
    names = {subject.organization: subject.name for subject in subjects}
    return _json([_value(row, names[row.organization]) for row in rows])


def _value(row: Figure, name: str) -> dict[str, Any]:
    return {
        "measure": row.measure, "organization": row.organization, "name": name, "month": row.month,
        "numerator": row.numerator, "denominator": row.denominator,
        "rate": Ratio(row.numerator, row.denominator).percent_text, "acknowledged": row.acknowledged,
        "label": row.label, "status": status(row),
    }  # fmt: skip


@router.get("/indicators/{measure_id}/comparison", summary="Declared against computed")
async def get_comparison(measure_id: str, request: Request) -> Response:
    """Every declared figure of the very period beside the computed one; `tolerance` in points, beyond it an alert."""
    caller = authenticate(request)
    known_measure(measure_id)
    found, params = services(request), request.query_params
    reporter = known_parameters(params, "tolerance")
    window = window_of(params)
    with found.reading() as connection:
        subjects = subjects_of(connection, caller, reporter)
        said = declared_of(connection, measure_id, window, subjects)
    computed = await run_in_threadpool(figures_of, found.settings.database, measure_id, window, subjects)
    try:
        rows = compare(said, computed, window, _tolerance(params.get("tolerance")))
    except ParameterMissing as missing:
        raise Refusal(400, "MEASURE-PARAMETER", name="tolerance", reason=str(missing)) from None
    return _json([_compared(row, language(request)) for row in rows])


def _tolerance(text: str | None) -> ParameterSet:
    """The parameter set of one request.

    Raises:
        Refusal: 400, no number of points.
    """
    if text is None:
        return ParameterSet("none")
    try:
        Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise Refusal(400, "MEASURE-PARAMETER", name="tolerance", reason="points, 2.5") from None
    return ParameterSet("request", (Parameter("tolerance", text, "CONFIG", "request"),))


def _compared(row: Comparison, lang: str) -> dict[str, Any]:
    computed = row.computed
    return {
        "organization": row.organization, "indicator": row.indicator, "source": row.source,
        "declared": {"numerator": row.declared.numerator, "denominator": row.declared.denominator},
        "computed": None if computed is None else
        {"numerator": computed.numerator, "denominator": computed.denominator},
        "gap": None if row.gap is None else decimals(row.gap), "tolerance": decimals(row.tolerance),
        "status": row.status, "alert": row.alert, "text": row.text(lang),
    }  # fmt: skip
