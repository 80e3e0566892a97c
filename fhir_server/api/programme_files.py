"""Files of programmes over HTTP: opened, filled in, moved, decided, contested. Nothing is edited in place."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.api.programme_models import (
    ContestationOut,
    FileOut,
    MadeOut,
    MissingOut,
    NewAnswer,
    NewContestation,
    NewEntries,
    NewFile,
    NewMove,
    RefusedOut,
    WholeFileOut,
    body_of,
    takes,
)
from fhir_server.api.programmes import REFUSED, json_answer, office_of
from fhir_server.fhir.http import Refusal, authenticate, services
from fhir_server.figures import shown_evidence
from fhir_server.programmes import contestations
from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.deciding import different
from fhir_server.programmes.files import Wish, create, enter
from fhir_server.programmes.missing import Lacking, missing_of
from fhir_server.programmes.moves import check_version, make_move
from fhir_server.programmes.records import Asked, Decision, File, list_files, load_decision, load_file
from fhir_server.programmes.shown import shown_contestation, shown_file, shown_move, shown_row
from fhir_server.programmes.views import look
from fhir_server.security.caller import Caller, Role
from fhir_server.services import Services

router = APIRouter(prefix="/api/programmes", tags=["Dossiers"])

HOLDERS = (Role.ESTABLISHMENT, Role.ARS, Role.MINISTRY)
"""Roles that have files; which ones, `fhir_server.programmes.actors` says."""
FIGURES = (Role.ESTABLISHMENT, Role.ARS)
"""Roles that see an establishment's evidence."""


@router.post(
    "/files", summary="Open a file", status_code=201, responses={201: {"model": FileOut}, **REFUSED},
    openapi_extra=takes(NewFile),
)  # fmt: skip
async def post_file(request: Request) -> Response:
    """A file in its first state; 409 when there is one about the same."""
    caller = authenticate(request, HOLDERS)
    body = await body_of(request, NewFile)
    wish = Wish(body.programme, body.machine, body.organization, body.key)
    made = await create(office_of(services(request)), caller, hand_of(caller), wish, _now())
    return json_answer(shown_row(made), 201, {"Location": f"/api/programmes/files/{made.id}"})


@router.get("/files", summary="Files", responses={200: {"model": list[FileOut]}})
async def get_files(request: Request) -> Response:
    """The caller's files, newest first; `programme`, `state`, `organization`, `window` narrow the list."""
    caller = authenticate(request, HOLDERS)
    asked = Asked(**{name: request.query_params.get(name) for name in Asked.__slots__})
    with services(request).reading() as connection:
        found = list_files(connection, caller, asked)
    return json_answer([shown_row(one) for one in found])


@router.get("/files/{file_id}", summary="One file", responses={200: {"model": WholeFileOut}})
async def get_file(file_id: str, request: Request) -> Response:
    """State, entries, history, amounts, and each next move with its actor and every reason against it now."""
    caller = authenticate(request, HOLDERS)
    found, file = _load(request, caller, file_id)
    looked = await run_in_threadpool(look, office_of(found), file, _now())
    return json_answer(shown_file(looked, hand_of(caller)))


@router.post(
    "/files/{file_id}/entries", summary="Enter things in a file", responses={200: {"model": MadeOut}, **REFUSED},
    openapi_extra=takes(NewEntries),
)  # fmt: skip
async def post_entries(file_id: str, request: Request) -> Response:
    """All of them or none; the last entry of a name counts, the others stay in the history."""
    caller = authenticate(request, HOLDERS)
    body = await body_of(request, NewEntries)
    found, file = _load(request, caller, file_id)
    check_version(file, body.version)
    version = await enter(office_of(found), file, hand_of(caller), body.entries, _now())
    return json_answer({"id": file.id, "state": file.state, "version": version})


@router.post(
    "/files/{file_id}/moves", summary="Move a file", responses={200: {"model": MadeOut}, **REFUSED},
    openapi_extra=takes(NewMove),
)  # fmt: skip
async def post_move(file_id: str, request: Request) -> Response:
    """Made with its decision, or refused with every reason in order; 409 when the file changed meanwhile."""
    caller = authenticate(request, HOLDERS)
    body = await body_of(request, NewMove)
    found, file = _load(request, caller, file_id)
    check_version(file, body.version)
    moved = await make_move(office_of(found), file, hand_of(caller), body.to, _now())
    shown = shown_move(moved, file.programme)
    return json_answer({"id": file.id, "state": moved.target, "version": file.version + 1, "move": shown})


@router.get(
    "/files/{file_id}/missing", summary="What is missing to the targets", responses={200: {"model": MissingOut}}
)
async def get_missing(file_id: str, request: Request) -> Response:
    """What is counted, what is not and why, how many are missing, and what they are worth. It decides nothing."""
    caller = authenticate(request, FIGURES)
    found, file = _load(request, caller, file_id)
    office = office_of(found)

    def run() -> dict[str, Any]:
        missed = missing_of(office, look(office, file, _now()))
        return {
            "file": file.id, "start": str(missed.window.period_start), "end": str(missed.window.period_end),
            "cutoff": str(missed.window.cutoff), "indicative": missed.indicative,
            "measures": [_lacking(found, caller, line) for line in missed.lines],
        }  # fmt: skip

    return json_answer(await run_in_threadpool(run))


def _lacking(found: Services, caller: Caller, line: Lacking) -> dict[str, Any]:
    shown = asdict(line)
    del shown["rows"]
    return shown | {"evidence": shown_evidence(found, caller, line.rows)}


@router.get("/decisions/{decision_id}", summary="One decision")
async def get_decision(decision_id: str, request: Request) -> Response:
    """The bytes of its record, as they were written; their SHA-256 is the ETag."""
    return _record(_decision(request, decision_id))


@router.get("/decisions/{decision_id}/replay", summary="Replay a decision")
async def get_replay(decision_id: str, request: Request) -> Response:
    """Computed again from its own inputs: the same bytes, or 409 naming the parts that differ."""
    found = _decision(request, decision_id)
    parts = await run_in_threadpool(different, found)
    if parts:
        raise Refusal(409, "PROGRAMME-REPLAY", parts=", ".join(parts))
    return _record(found)


@router.get(
    "/files/{file_id}/contestations", summary="Contested documents", responses={200: {"model": list[ContestationOut]}}
)
async def get_contestations(file_id: str, request: Request) -> Response:
    """Each with its answer, oldest first."""
    caller = authenticate(request, FIGURES)
    found, file = _load(request, caller, file_id)
    with found.reading() as connection:
        rows = contestations.of_file(connection, file)
    return json_answer([shown_contestation(one, owner=caller.role is Role.ESTABLISHMENT) for one in rows])


@router.post(
    "/files/{file_id}/contestations", summary="Contest a document that is not counted", status_code=201,
    responses={201: {"description": "its id"}, 409: {"model": RefusedOut}}, openapi_extra=takes(NewContestation),
)  # fmt: skip
async def post_contestation(file_id: str, request: Request) -> Response:
    """Names a document by the unique id it was sent under, and says why it should count."""
    caller = authenticate(request, (Role.ESTABLISHMENT,))
    body = await body_of(request, NewContestation)
    found, file = _load(request, caller, file_id)
    made = await contestations.contest(
        office_of(found), file, hand_of(caller), body.measure, body.unique_id, body.statement, _now()
    )
    return json_answer({"id": made}, 201)


@router.post(
    "/files/{file_id}/contestations/{contestation_id}/answer", summary="Answer a contestation", status_code=201,
    openapi_extra=takes(NewAnswer),
)  # fmt: skip
async def post_answer(file_id: str, contestation_id: str, request: Request) -> Response:
    """Once: `upheld` or `rejected`, and why."""
    caller = authenticate(request, (Role.ARS,))
    body = await body_of(request, NewAnswer)
    found, file = _load(request, caller, file_id)
    await contestations.answer(
        office_of(found), file, hand_of(caller), contestation_id, body.outcome, body.statement, _now()
    )
    return json_answer({"id": contestation_id, "outcome": body.outcome}, 201)


def _load(request: Request, caller: Caller, file_id: str) -> tuple[Services, File]:
    found = services(request)
    with found.reading() as connection:
        return found, load_file(connection, caller, file_id)


def _decision(request: Request, decision_id: str) -> Decision:
    caller = authenticate(request, HOLDERS)
    with services(request).reading() as connection:
        return load_decision(connection, caller, decision_id)[1]


def _record(found: Decision) -> Response:
    return Response(found.record, headers={"ETag": f'"{found.digest}"'}, media_type="application/json")


def _now() -> datetime:
    return datetime.now(UTC)
