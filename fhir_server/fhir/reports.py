"""`MeasureReport`: the reports that were answered, read and searched by whoever asked for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from fhir_server.fhir.evaluate import report_owner
from fhir_server.fhir.http import Refusal, authenticate, base_url, fhir_response, http_date, language, services
from fhir_server.fhir.negotiate import FhirRoute
from fhir_server.fhir.outcome import refusal
from fhir_server.fhir.search import COUNT, MOST
from fhir_server.fhir.search.operands import Malformed, micros
from fhir_server.ids import PARIS
from fhir_server.security.caller import Role
from fhir_server.store import reports

router = APIRouter(prefix="/fhir", tags=["FHIR"], route_class=FhirRoute)

PARAMETERS = ("measure", "period", "reporter", "_count")
_CONTROL = ("_format", "_pretty")


def _owner(request: Request) -> str:
    caller = authenticate(request, (Role.ESTABLISHMENT, Role.ARS))
    owner = report_owner(caller)
    assert owner is not None
    return owner


@router.get("/MeasureReport", summary="Search MeasureReports")
async def search_reports(request: Request) -> Response:
    """By measure, period and reporter; the newest first."""
    owner = _owner(request)
    asked, count = parse(request.query_params.multi_items())
    with services(request).reading() as connection:
        total, rows = reports.search(connection, owner, asked, count)
    base = base_url(request)
    entries: list[dict[str, Any]] = [
        {"fullUrl": f"{base}/MeasureReport/{row.id}", "resource": orjson.loads(row.body), "search": {"mode": "match"}}
        for row in rows
    ]
    if len(rows) < total:
        outcome = refusal("SEARCH-PARTIAL", language(request), shown=len(rows), total=total)
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": total}
    return fhir_response(bundle | ({"entry": entries} if entries else {}))


@router.get("/MeasureReport/{report_id}", summary="Read a MeasureReport")
async def read_report(report_id: str, request: Request) -> Response:
    """One report, as it was answered last."""
    owner = _owner(request)
    with services(request).reading() as connection:
        row = reports.get(connection, owner, report_id)
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return fhir_response(row.body, headers={"Last-Modified": http_date(row.computed)})


def parse(items: Iterable[tuple[str, str]]) -> tuple[reports.Asked, int]:
    """The criteria of a search, and how many are wanted.

    Raises:
        Refusal: 400, an unknown or malformed parameter.
    """
    measures: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    count, contained = COUNT, False
    for name, value in items:
        if name == "measure":
            measures = tuple(_last(text) for text in value.split(","))
        elif name == "reporter":
            organizations = tuple(_last(text) for text in value.split(","))
        elif name == "period":
            contained = not value[:2].isalpha() or value.startswith("eq")
            low, high = _span(value, low, high)
        elif name == "_count" and value.isdigit():
            count = min(int(value), MOST)
        elif name not in _CONTROL:
            raise Refusal(400, "SEARCH-PARAMETER", name=name, known=", ".join(PARAMETERS))
    first, after = _day(low), _day(high)
    if contained:
        return reports.Asked(measures, organizations, starts_from=first, ends_before=after), count
    return reports.Asked(measures, organizations, reaches=first, starts_before=after), count


def _span(value: str, low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """`ge2026-01`, `lt2026-02`…: what was asked before, narrowed; a date stands for its whole day, month or year."""
    try:
        prefix, (first, after) = micros(value)
    except Malformed as malformed:
        raise Refusal(400, "SEARCH-PARAMETER", name="period", known=str(malformed)) from None
    if prefix in ("ge", "gt"):
        return (first if prefix == "ge" else after), high
    if prefix in ("le", "lt"):
        return low, (after if prefix == "le" else first)
    if prefix != "eq":
        raise Refusal(400, "SEARCH-PARAMETER", name="period", known="eq, ge, gt, le, lt")
    return first, after


def _last(text: str) -> str:
    """The id of a canonical, a relative reference, or alone."""
    return text.partition("|")[0].rpartition("/")[2]


def _day(edge: int | None) -> Any:
    return None if edge is None else datetime.fromtimestamp(edge / 1_000_000, PARIS).date()
