"""`GET /Measure`: every indicator as its FHIR definition, from the same words as its page and its profile file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import Refusal, base_url, fhir_response
from fhir_server.fhir.negotiate import FhirRoute
from fhir_server.fhir.search import COUNT, MOST
from indicators.measures import MEASURES, resource

router = APIRouter(prefix="/fhir", tags=["FHIR"], route_class=FhirRoute)

_CONTROL = ("_format", "_pretty")
PARAMETERS: Mapping[str, tuple[str, Callable[[Any, str], bool]]] = {
    "_id": ("token", lambda value, asked: bool(value == asked)),
    "name": ("string", lambda value, asked: str(value).casefold().startswith(asked.casefold())),
    "status": ("token", lambda value, asked: bool(value == asked.rpartition("|")[2])),
    "title": ("string", lambda value, asked: str(value).casefold().startswith(asked.casefold())),
    "url": ("uri", lambda value, asked: bool(value == asked)),
}
"""Search parameters of R4 Measure that are known: their type, and whether a value is what is asked for."""


@router.get("/Measure", summary="Search Measures")
async def search_measures(request: Request) -> Response:
    """The definitions of the indicators, all of them without a criterion; open to all."""
    found, count = _matching(request.query_params.multi_items())
    base = base_url(request)
    entries = [
        {"fullUrl": f"{base}/Measure/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in found[:count]
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return fhir_response(bundle | ({"entry": entries} if entries else {}))


def _matching(items: Iterable[tuple[str, str]]) -> tuple[list[dict[str, Any]], int]:
    """The measures that meet every criterion, and how many are wanted.

    Raises:
        Refusal: 400, an unknown or malformed parameter.
    """
    found, count = [resource(name) for name in MEASURES], COUNT
    for name, value in items:
        if name == "_count" and value.isdigit():
            count = min(int(value), MOST)
        elif name in PARAMETERS:
            element, meets = name.removeprefix("_"), PARAMETERS[name][1]
            found = [one for one in found if any(meets(one[element], asked) for asked in value.split(","))]
        elif name not in _CONTROL:
            raise Refusal(400, "SEARCH-PARAMETER", name=name, known=", ".join([*PARAMETERS, "_count"]))
    return found, count
