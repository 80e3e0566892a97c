"""The FHIR interactions: submit (ITI-65), read, write, search (ITI-67), retrieve (ITI-68), evaluate a measure."""

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
    owner,
    read_body,
    services,
)  # fmt: skip
from fhir_server.fhir.interactions import doors, reads
from fhir_server.fhir.interactions.bodies import XML_TYPES
from fhir_server.fhir.interactions.conditions import not_modified
from fhir_server.fhir.interactions.types import Interaction, not_offered, require
from fhir_server.fhir.negotiate import FORMATS, FhirRoute, readable
from fhir_server.fhir.search import absolute
from fhir_server.fhir.validate import validate
from fhir_server.intake.doors import submit, submit_resource
from fhir_server.intake.mhd import CONTENT_TYPES
from fhir_server.security.caller import Scope
from indicators.measures import MEASURES, resource
from validators.fhir import load_definitions

router = APIRouter(prefix="/fhir", route_class=FhirRoute)


@router.post("", summary="ITI-65: provide documents (transaction); batches and transactions", tags=["FHIR"])
async def transaction(request: Request) -> Response:
    """Receive a provide-bundle or any other batch or transaction; else an OperationOutcome that names every defect."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() in XML_TYPES:
        return await doors.receive_xml(request)
    return await submit(request, "mhd", CONTENT_TYPES)


@router.post("/Communication", summary="MSSanté message metadata", tags=["FHIR"])
async def create_communication(request: Request) -> Response:
    """File the metadata of one message; the same Message-ID again is the first answer, with other content 409."""
    return await submit_resource(request, "Communication")


@router.post("/Encounter", summary="A stay", tags=["FHIR"])
async def create_encounter(request: Request) -> Response:
    """File a stay, or what is known of it now: the same number again is the same stay."""
    return await submit_resource(request, "Encounter")


@readable(router, "/metadata", summary="CapabilityStatement", tags=["FHIR"])
async def metadata(request: Request) -> Response:
    """What this server does, generated from what is wired."""
    guides = services(request).checks.guides
    loaded = guides.loaded if guides is not None else ()
    return fhir_response(capability_statement(base_url(request), loaded))


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


@readable(router, "/{kind}", summary="Search (ITI-66, ITI-67)", tags=["FHIR"])
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
    _, scope = owner(request)
    require(kind, Interaction.SEARCH)
    return fhir_response(reads.searched(request, services(request), scope, kind, items))


@router.post("/{kind}", summary="Create", tags=["FHIR"])
async def create(kind: str, request: Request) -> Response:
    """A new resource; with `If-None-Exist` only where none meets the criteria."""
    return await doors.create(request, kind)


@router.put("/{kind}", summary="Conditional update", tags=["FHIR"])
async def update_by_criteria(kind: str, request: Request) -> Response:
    """The next version of the one resource that meets the criteria, or a new resource."""
    return await doors.update(request, kind, None)


@router.patch("/{kind}", summary="Conditional patch", tags=["FHIR"])
async def patch_by_criteria(kind: str, request: Request) -> Response:
    """Change the one resource that meets the criteria."""
    return await doors.patch(request, kind, None)


@router.delete("/{kind}", summary="Conditional delete", tags=["FHIR"])
async def delete_by_criteria(kind: str, request: Request) -> Response:
    """Delete the one resource that meets the criteria."""
    return await doors.delete(request, kind, None)


@readable(router, "/{kind}/_history", summary="History of a type", tags=["FHIR"])
async def history_of_type(kind: str, request: Request) -> Response:
    """Every version of every resource of a type, the newest first."""
    return doors.past(request, kind, None)


@readable(router, "/{kind}/{resource_id}", summary="Read", tags=["FHIR"])
async def read(kind: str, resource_id: str, request: Request) -> Response:
    """The current version of a resource; a Binary as its bytes unless FHIR JSON is asked for (ITI-68)."""
    return _read(kind, resource_id, None, request)


@router.put("/{kind}/{resource_id}", summary="Update", tags=["FHIR"])
async def update(kind: str, resource_id: str, request: Request) -> Response:
    """The next version of a resource, or its first under an id of the client's."""
    return await doors.update(request, kind, resource_id)


@router.patch("/{kind}/{resource_id}", summary="Patch", tags=["FHIR"])
async def patch(kind: str, resource_id: str, request: Request) -> Response:
    """Change a resource by JSON Patch or FHIRPath Patch."""
    return await doors.patch(request, kind, resource_id)


@router.delete("/{kind}/{resource_id}", summary="Delete", tags=["FHIR"])
async def delete(kind: str, resource_id: str, request: Request) -> Response:
    """Delete a resource; its versions stay in its history."""
    return await doors.delete(request, kind, resource_id)


@readable(router, "/{kind}/{resource_id}/_history", summary="History of a resource", tags=["FHIR"])
async def history_of_one(kind: str, resource_id: str, request: Request) -> Response:
    """Every version of a resource, the newest first."""
    return doors.past(request, kind, resource_id)


@readable(router, "/{kind}/{resource_id}/_history/{number}", summary="Read a version", tags=["FHIR"]
)  # fmt: skip
async def vread(kind: str, resource_id: str, number: int, request: Request) -> Response:
    """One version of a resource."""
    return _read(kind, resource_id, number, request)


def _read(kind: str, resource_id: str, number: int | None, request: Request) -> Response:
    _, scope = owner(request)
    require(kind, Interaction.READ if number is None else Interaction.VREAD, instance=True)
    with services(request).reading() as connection:
        row = reads.find(connection, scope, kind, resource_id, number)
        headers = reads.headers_of(row)
        if not_modified(row, request.headers.get("if-none-match"), request.headers.get("if-modified-since")):
            return Response(status_code=304, headers=headers)
        if kind == "Binary":
            return _binary(request, connection, scope, row, headers)
    return fhir_response(absolute(row.body, base_url(request)), headers=headers)


def _binary(request: Request, connection: Any, scope: Scope, row: Any, headers: dict[str, str]) -> Response:
    stub: dict[str, Any] = msgspec.json.decode(row.body)
    content_type = str(stub.get("contentType") or "application/octet-stream")
    wanted = accepts(request, content_type, FHIR_JSON)
    if wanted is None:
        raise Refusal(406, "HTTP-NOT-ACCEPTABLE", available=f"{content_type}, {FORMATS}")
    data = reads.binary(connection, scope, stub)
    if wanted == FHIR_JSON and wanted != content_type:
        return fhir_response({**stub, "data": base64.b64encode(data).decode()}, headers=headers)
    # The document is shown as a file, never rendered: it may hold anything.
    hardened = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(data, headers=headers | hardened, media_type=content_type)


@router.api_route("/{path:path}", methods=["PUT", "PATCH", "DELETE", "POST"], include_in_schema=False)
async def not_here(path: str, request: Request) -> Response:
    """Every other write: refused with a word on the way that exists. Clients post Bundles to the base with a slash."""
    if not path and request.method == "POST":
        return await transaction(request)
    owner(request)
    kind, _, rest = path.partition("/")
    if kind in load_definitions().resource_types:
        raise not_offered(kind, instance=bool(rest))
    raise Refusal(405, "HTTP-METHOD", headers={"Allow": "GET"}, hint="")
