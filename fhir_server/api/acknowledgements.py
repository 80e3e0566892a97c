"""Acknowledgements of the DMP by HTTP: the same rows as `segur import acknowledgements`, checked and written alike.

A list is taken whole or not at all, and the same one again changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal, authenticate, fhir_response, language, read_body, services
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.ids import new_id
from fhir_server.imports import KINDS, Given, acknowledgement_writes, checked
from fhir_server.security.caller import Role
from fhir_server.services import Services
from fhir_server.store.acts import Act, Expect, act_now
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import WriterGone
from indicators.imports import Fault, ImportRefused, read, read_objects
from validators.messages import rule
from validators.report import Report

router = APIRouter(prefix="/api", tags=["API"])

JSON, CSV = "application/json", "text/csv"
DOOR = "acknowledgements"
_RULES = {"FILE": "IMPORT-FILE", "COLUMN": "IMPORT-COLUMN", "DOCUMENT": "IMPORT-DOCUMENT"}
"""The rule of a fault by the first word of its code; every other fault is one of a row."""


@router.post("/acknowledgements", summary="Acknowledgements of the DMP")
async def post_acknowledgements(request: Request) -> Response:
    """Say which documents of the caller the DMP confirmed: a JSON list, or CSV with the columns of the file."""
    caller = authenticate(request, (Role.ESTABLISHMENT,))
    if caller.organization is None:
        raise Refusal(403, "AUTH-FORBIDDEN")
    body = await read_body(request, (JSON, CSV))
    as_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON
    found = services(request)
    try:
        plan = await run_in_threadpool(_planned, found, caller.organization, body, as_json=as_json)
    except ImportRefused as refused:
        lang = language(request)
        status = 400 if refused.faults[0].code.startswith("FILE_") else 422
        return fhir_response(operation_outcome(_issues(refused.faults, lang, as_json=as_json), lang), status)
    try:
        outcome = await found.writer.file(plan)
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if outcome.status != 200:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    return Response(orjson.dumps({"rows": len(plan.changes), "stored": True}), media_type=JSON)


def _planned(found: Services, owner: str, body: bytes, *, as_json: bool) -> Act:
    """The act that writes the list.

    Raises:
        ImportRefused: with everything that is wrong with it.
        Refusal: 413, more rows than one request may hold.
    """
    with found.reading() as connection:
        given = Given(connection, pseudonyms(connection), DOOR, owner)
        shape = checked(KINDS[DOOR], given)
        objects = _parsed(body) if as_json else None
        count = len(objects) if isinstance(objects, list) else len(body.splitlines()) - 1
        if count > found.settings.max_entries:
            raise Refusal(413, "IMPORT-LIMIT", count=count, limit=found.settings.max_entries)
        records = read_objects(shape, objects) if as_json else read(shape, body)
        puts, changes = acknowledgement_writes(given, records)
        version = given.keys.version
    # Keys of documents are pseudonyms: under a newer key than the one that was read they name nothing.
    unchanged = Expect("pseudonym_key", {"version": version + 1}, present=False, rule="WRITER-UNAVAILABLE", status=503)
    return act_now(owner, Role.ESTABLISHMENT.value, new_id(), datetime.now(UTC), DOOR, "acknowledgement",
                   expects=(unchanged,), puts=puts, changes=changes)  # fmt: skip


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _issues(faults: list[Fault], lang: str, *, as_json: bool) -> Report:
    """Each fault under a stable rule, at its row: `[0].date_accuse` in JSON, the column and its line in CSV."""
    report = Report()
    for fault in faults:
        row = rule(_RULES.get(fault.code.partition("_")[0], "IMPORT-ROW"))
        place, line = fault.column or "", fault.line
        if as_json:
            place, line = _path(fault), None
        report.add(row, place, line=line, detail=fault.words(lang))
    return report


def _path(fault: Fault) -> str:
    """Where in a JSON list: rows are numbered as in a file, where the names are the first."""
    index = "" if fault.line is None or fault.line < 2 else f"[{fault.line - 2}]"
    return ".".join(part for part in (index, fault.column or "") if part)
