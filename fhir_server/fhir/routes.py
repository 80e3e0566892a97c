"""The FHIR interactions: submit (ITI-65), read, search (ITI-67), retrieve (ITI-68), evaluate a measure."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from fastapi import APIRouter, Request, Response

from fhir_server.fhir.capability import capability_statement
from fhir_server.fhir.evaluate import measure_report
from fhir_server.fhir.http import (
    FHIR_JSON,
    Refusal,
    accepts,
    authenticate,
    base_url,
    fhir_response,
    http_date,
    language,
    owner,
    read_body,
    services,
)  # fmt: skip
from fhir_server.fhir.search import REQUIRED, parse_search, searchset
from fhir_server.fhir.validate import validate
from fhir_server.intake.doors import submit, submit_resource
from fhir_server.intake.mhd import CONTENT_TYPES
from fhir_server.security.caller import Scope
from fhir_server.store import reading
from indicators.measures import MEASURES, resource

router = APIRouter(prefix="/fhir")

READABLE = ("Binary", "Communication", "DocumentReference", "Encounter", "List", "Patient")
SEARCHABLE = ("Communication", "DocumentReference", "Encounter", "List", "Patient")
_HINT = "DocumentReference, List et Binary s'écrivent par POST /fhir (ITI-65)."


@router.post("", summary="ITI-65: provide documents (transaction)", tags=["FHIR"])
async def transaction(request: Request) -> Response:
    """Receive a provide-bundle; 200 with a transaction-response, or an OperationOutcome that names every defect."""
    return await submit(request, "mhd", CONTENT_TYPES)


@router.post("/Communication", summary="MSSanté message metadata", tags=["FHIR"])
async def create_communication(request: Request) -> Response:
    """File the metadata of one message; the same Message-ID again is the first answer, with other content 409."""
    return await submit_resource(request, "Communication")


@router.post("/Encounter", summary="A stay", tags=["FHIR"])
async def create_encounter(request: Request) -> Response:
    """File a stay, or what is known of it now: the same number again is the same stay."""
    return await submit_resource(request, "Encounter")


@router.get("/metadata", summary="CapabilityStatement", tags=["FHIR"])
async def metadata(request: Request) -> Response:
    """What this server does, generated from what is wired."""
    return fhir_response(capability_statement(base_url(request), READABLE, SEARCHABLE))


@router.post("/$validate", summary="Validate a resource", tags=["FHIR"])
async def validate_any(request: Request) -> Response:
    """Judge a resource of any type; nothing is filed."""
    return await validate(request)


@router.post("/{kind}/$validate", summary="Validate a resource of a type", tags=["FHIR"])
async def validate_kind(kind: str, request: Request) -> Response:
    """Judge a resource that has to be of the type in the address; nothing is filed."""
    return await validate(request, kind)


@router.get("/Measure/{measure_id}", summary="Read a Measure", tags=["FHIR"])
async def read_measure(measure_id: str) -> Response:
    """The definition of an indicator; open to all."""
    if measure_id not in MEASURES:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return fhir_response(resource(measure_id))


@router.get("/Measure/{measure_id}/$evaluate-measure", summary="Evaluate a measure", tags=["FHIR"])
async def evaluate_measure(measure_id: str, request: Request) -> Response:
    """A MeasureReport for one establishment and period: the figure, or (`reportType=subject-list`) who is counted."""
    caller = authenticate(request)
    return fhir_response(await measure_report(services(request), caller, measure_id, request.query_params))


@router.get("/{kind}", summary="Search (ITI-66, ITI-67)", tags=["FHIR"])
async def search_get(kind: str, request: Request) -> Response:
    """Search by GET."""
    return _search(kind, request, request.query_params.multi_items())


@router.post("/{kind}/_search", summary="Search by POST", tags=["FHIR"])
async def search_post(kind: str, request: Request) -> Response:
    """Search with the criteria in a form, so that no identifier stands in an address."""
    owner(request)
    form = await read_body(request, ("application/x-www-form-urlencoded",), empty=True)
    items = [*request.query_params.multi_items(), *parse_qsl(form.decode(errors="replace"), keep_blank_values=True)]
    return _search(kind, request, items)


def _search(kind: str, request: Request, items: list[tuple[str, str]]) -> Response:
    if kind not in SEARCHABLE:
        raise Refusal(404, "HTTP-NOT-FOUND")
    _, scope = owner(request)
    if accepts(request, FHIR_JSON) is None:
        raise Refusal(406, "HTTP-NOT-ACCEPTABLE", available=FHIR_JSON)
    query = parse_search(kind, items, REQUIRED.get(kind, ()))
    with services(request).reading() as connection:
        total, rows = reading.search(connection, scope, kind, query.terms, query.dates, query.count)
    return fhir_response(searchset(kind, rows, total, base_url(request), language(request)))


@router.get("/{kind}/{resource_id}", summary="Read", tags=["FHIR"])
async def read(kind: str, resource_id: str, request: Request) -> Response:
    """The current version of a resource; a Binary as its bytes unless FHIR JSON is asked for (ITI-68)."""
    return _read(kind, resource_id, None, request)


@router.get("/{kind}/{resource_id}/_history/{number}", summary="Read a version", tags=["FHIR"])
async def vread(kind: str, resource_id: str, number: int, request: Request) -> Response:
    """One version of a resource."""
    return _read(kind, resource_id, number, request)


def _read(kind: str, resource_id: str, number: int | None, request: Request) -> Response:
    _, scope = owner(request)
    if kind not in READABLE:
        raise Refusal(404, "HTTP-NOT-FOUND")
    with services(request).reading() as connection:
        row = (
            reading.resource(connection, scope, kind, resource_id)
            if number is None
            else reading.version(connection, scope, kind, resource_id, number)
        )
        if row is None:
            raise Refusal(404, "HTTP-NOT-FOUND")
        headers = {"ETag": f'W/"{row.version}"', "Last-Modified": http_date(row.updated)}
        if kind == "Binary":
            return _binary(request, connection, scope, row, headers)
    if accepts(request, FHIR_JSON) is None:
        raise Refusal(406, "HTTP-NOT-ACCEPTABLE", available=FHIR_JSON)
    return fhir_response(absolute(row.body, base_url(request)), headers=headers)


def absolute(body: bytes, base: str) -> bytes:
    """A stored resource with its attachment addresses complete: retrievable as they stand (MHD, ITI-67)."""
    return body.replace(b'"url":"Binary/', f'"url":"{base}/Binary/'.encode())


def _binary(request: Request, connection: Any, scope: Scope, row: Any, headers: dict[str, str]) -> Response:
    stub: dict[str, Any] = msgspec.json.decode(row.body)
    content_type = str(stub.get("contentType") or "application/octet-stream")
    wanted = accepts(request, content_type, FHIR_JSON)
    if wanted is None:
        raise Refusal(406, "HTTP-NOT-ACCEPTABLE", available=f"{content_type}, {FHIR_JSON}")
    data = reading.document(connection, scope, bytes.fromhex(str(stub["data"]).removeprefix("sha256:")))
    if data is None:
        raise Refusal(410, "HTTP-GONE")
    if wanted == FHIR_JSON and wanted != content_type:
        return fhir_response({**stub, "data": base64.b64encode(data).decode()}, headers=headers)
    # The document is shown as a file, never rendered: it may hold anything.
    hardened = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(data, headers=headers | hardened, media_type=content_type)


@router.api_route("/{path:path}", methods=["PUT", "PATCH", "DELETE", "POST"], include_in_schema=False)
async def not_here(path: str, request: Request) -> Response:
    """Every other write: refused with a word on the way that exists; a type code is worth money."""
    owner(request)
    del path
    raise Refusal(405, "HTTP-METHOD", headers={"Allow": "GET"}, hint=_HINT)
