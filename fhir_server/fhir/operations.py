"""The routes of the FHIR operations that gather: `$everything`, and `$export` (Bulk Data Access 2.0)."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from fhir_server.fhir.everything import everything, kinds, refused
from fhir_server.fhir.everything import moment as instant
from fhir_server.fhir.exporting import Exporter, is_silent, now
from fhir_server.fhir.http import (
    FHIR_JSON,
    Refusal,
    base_url,
    fhir_response,
    http_date,
    language,
    owner,
    read_body,
    services,
)  # fmt: skip
from fhir_server.fhir.interactions import reads
from fhir_server.fhir.interactions.bodies import resource_in
from fhir_server.fhir.interactions.running import unavailable
from fhir_server.fhir.negotiate import FhirRoute
from fhir_server.fhir.search.answer import Asker
from fhir_server.ids import moment, new_id
from fhir_server.security.caller import Caller, Scope
from fhir_server.store import export_jobs
from fhir_server.store.acts import Act
from fhir_server.store.export_jobs import ACTIVE, DAY, Job, Order
from fhir_server.store.plan import Outcome
from fhir_server.store.writer import WriterGone

router = APIRouter(prefix="/fhir", route_class=FhirRoute)

NDJSON: Final = "application/fhir+ndjson"
_FORMATS: Final = (NDJSON, "application/ndjson", "ndjson")
_FORM: Final = "application/x-www-form-urlencoded"
Items = list[tuple[str, str]]


async def asked(request: Request) -> Items:
    """The parameters of an operation: of the address, and of a body (Parameters, or a form) where there is one.

    Raises:
        Refusal: 400, 415, the body cannot be read.
    """
    items = [*request.query_params.multi_items()]
    if request.method == "POST" and request.headers.get("content-length", "0") != "0":
        body = await read_body(request, (FHIR_JSON, "application/json", _FORM), empty=True)
        form = request.headers.get("content-type", "").startswith(_FORM)
        items += parse_qsl(body.decode(errors="replace"), keep_blank_values=True) if form else _parameters(body)
    return items


def _parameters(body: bytes) -> Items:
    found: Any = resource_in(body, FHIR_JSON).get("parameter")
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return [
        (str(row.get("name")), str(value)) for row in rows for name, value in row.items() if name.startswith("value")
    ]


# -- $everything -------------------------------------------------------------------------------------------------------


@router.api_route(
    "/Patient/{resource_id}/$everything", methods=["GET", "POST"], summary="All of a patient", tags=["FHIR"]
)
async def patient_everything(resource_id: str, request: Request) -> Response:
    """The Patient with its documents, stays and all else that belongs to it, page by page."""
    return await _everything("Patient", resource_id, request)


@router.api_route(
    "/Encounter/{resource_id}/$everything", methods=["GET", "POST"], summary="All of a stay", tags=["FHIR"]
)
async def encounter_everything(resource_id: str, request: Request) -> Response:
    """The Encounter with its documents and all else that belongs to it, page by page."""
    return await _everything("Encounter", resource_id, request)


async def _everything(kind: str, resource_id: str, request: Request) -> Response:
    _, scope = owner(request)
    items, found = await asked(request), services(request)
    asker = Asker(scope.owner, found.keys, base_url(request), language(request))

    def gather() -> bytes:
        with found.reading() as connection:
            reads.find(connection, scope, kind, resource_id)
            return everything(connection, (kind, resource_id), items, asker)

    return fhir_response(await run_in_threadpool(gather))


# -- $export -----------------------------------------------------------------------------------------------------------


@router.api_route("/$export", methods=["GET", "POST"], summary="Export all of the caller's", tags=["FHIR"])
async def export_all(request: Request) -> Response:
    """Ask for NDJSON files of everything the caller owns; 202 with the address of its state."""
    return await _kick_off(request, patients=False)


@router.api_route("/Patient/$export", methods=["GET", "POST"], summary="Export what is about patients", tags=["FHIR"])
async def export_patients(request: Request) -> Response:
    """The same, of what is about patients."""
    return await _kick_off(request, patients=True)


@router.get("/$export-status/{job_id}", summary="How far an export is", tags=["FHIR"])
async def export_status(job_id: str, request: Request) -> Response:
    """202 with `X-Progress` while it is made, then 200 with the manifest."""
    caller, scope, job = _job(request, job_id)
    if job.state == "failed":
        raise Refusal(500, "EXPORT-FAILED")
    if job.state in ACTIVE:
        if is_silent(job):
            _exporter(request, caller, scope, job).start()
        return Response(status_code=202, headers={"X-Progress": job.progress or job.state, "Retry-After": "1"})
    place = f"{job.order.base}/$export-file/{job.id}"
    manifest = {
        "transactionTime": moment(job.created), "request": job.order.request,
        "requiresAccessToken": True,
        "output": [{"type": one.type, "url": f"{place}/{one.name}", "count": one.count} for one in job.outputs],
        "error": [],
    }  # fmt: skip
    return Response(
        orjson.dumps(manifest), headers={"Expires": http_date(job.updated + DAY)}, media_type="application/json"
    )


@router.delete("/$export-status/{job_id}", summary="Cancel an export", tags=["FHIR"])
async def cancel_export(job_id: str, request: Request) -> Response:
    """Stop it, or drop its files: afterwards there is none."""
    caller, _, job = _job(request, job_id)
    await filed(request, export_jobs.cancelled(caller, job, now()))
    shutil.rmtree(export_jobs.folder(services(request).settings.database, job.id), ignore_errors=True)
    return Response(status_code=202)


@router.get("/$export-file/{job_id}/{name}", summary="A file of an export", tags=["FHIR"])
async def export_file(job_id: str, name: str, request: Request) -> Response:
    """NDJSON, one resource a line; for its owner alone."""
    _, _, job = _job(request, job_id)
    path = export_jobs.folder(services(request).settings.database, job.id) / name
    if name not in {one.name for one in job.outputs} or not path.is_file():
        raise Refusal(404, "HTTP-NOT-FOUND")
    return FileResponse(path, media_type=NDJSON)


async def _kick_off(request: Request, *, patients: bool) -> Response:
    """Refused without `Prefer: respond-async`: there is no other way to answer it."""
    caller, scope = owner(request)
    preferred = {item.strip() for item in request.headers.get("prefer", "").split(",")}
    if "respond-async" not in preferred:
        raise Refusal(400, "INTERACTION-HEADER", name="Prefer", found="—", expected="respond-async")
    types, since = parse_export(await asked(request))
    base, at = base_url(request), now()
    place = f"{base}/{'Patient/' if patients else ''}$export"
    shown = f"{place}?{request.url.query}" if request.url.query else place
    job = Job(scope.owner, new_id(), "waiting", Order(patients, types, since, shown, base), at, at, "", ())
    outcome = await filed(request, export_jobs.asked(caller, job))
    if outcome.status == 429:
        _taken_up(request, caller, scope)
        raise Refusal(429, "EXPORT-BUSY", headers={"Retry-After": "10"})
    _exporter(request, caller, scope, job).start()
    return Response(status_code=202, headers={"Content-Location": f"{base}/$export-status/{job.id}"})


def parse_export(items: Items) -> tuple[tuple[str, ...], int | None]:
    """The types and the moment an export is narrowed to.

    Raises:
        Refusal: 400, a parameter is unknown or malformed.
    """
    types: set[str] = set()
    since = None
    for name, value in items:
        if name == "_type":
            types |= kinds(name, value)
        elif name == "_since":
            since = instant(name, value)
        elif name == "_outputFormat":
            if value.replace(" ", "+") not in _FORMATS:
                raise refused(name, value, NDJSON)
        else:
            raise refused(name, "—", "_type, _since, _outputFormat")
    return tuple(sorted(types)), since


def _job(request: Request, job_id: str) -> tuple[Caller, Scope, Job]:
    caller, scope = owner(request)
    with services(request).reading() as connection:
        job = export_jobs.find(connection, scope, job_id)
    if job is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return caller, scope, job


def _taken_up(request: Request, caller: Caller, scope: Scope) -> None:
    """An export whose process ended goes on, whoever asks."""
    with services(request).reading() as connection:
        job = export_jobs.active(connection, scope)
    if job is not None and is_silent(job):
        _exporter(request, caller, scope, job).start()


def _exporter(request: Request, caller: Caller, scope: Scope, job: Job) -> Exporter:
    return Exporter(services(request), asyncio.get_running_loop(), caller, scope, job)


async def filed(request: Request, act: Act) -> Outcome:
    """What became of an act.

    Raises:
        Refusal: 503, nothing can be written at the moment.
    """
    try:
        outcome = await services(request).writer.file(act)
    except WriterGone:
        raise unavailable() from None
    if outcome.kind == "failed":
        raise unavailable()
    return outcome
