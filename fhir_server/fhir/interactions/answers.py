"""What a write answers: status, where it is, which version, and as much of it as `Prefer` asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from fhir_server.fhir.http import base_url, fhir_response, language
from fhir_server.fhir.interactions import reads
from fhir_server.fhir.interactions.conditions import etag
from fhir_server.fhir.interactions.running import Office
from fhir_server.fhir.interactions.writes import Asked, Done
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.fhir.search import absolute
from fhir_server.store import reading
from validators.messages import rule
from validators.report import Issue, Report


class Return(StrEnum):
    """How much of the result comes back (FHIR R4, http.html#ops)."""

    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OUTCOME = "OperationOutcome"


def preferred(request: Request, default: Return) -> Return:
    """What `Prefer: return=…` asks for; a preference that is not known is no error."""
    for item in request.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = item.partition("=")
        if name.strip() == "return":
            return next((one for one in Return if one.value == value.strip(' "')), default)
    return default


def answer(request: Request, office: Office, asked: Asked, done: Done) -> Response:
    """The answer to one write."""
    wanted = preferred(request, Return.REPRESENTATION)
    headers, row = {}, _row(office, done)
    if row is not None:
        headers = reads.headers_of(row)
        place = f"{base_url(request)}/{done.kind}/{done.id}/_history/{done.version}"
        if done.status == 201:
            headers["Location"] = place
        if not row.gone:
            headers["Content-Location"] = place
    if wanted is Return.OUTCOME:
        issues = said(asked, done)
        return fhir_response(
            operation_outcome(issues, language(request)), 200 if done.status == 204 else done.status, headers
        )
    if row is None or row.gone or wanted is Return.MINIMAL:
        return Response(status_code=done.status, headers=headers)
    return fhir_response(absolute(row.body, base_url(request)), done.status, headers)


def said(asked: Asked, done: Done) -> tuple[Issue, ...]:
    """What was found in the resource and cost nothing, else what was done."""
    if done.issues:
        return done.issues
    reference = f"{done.kind}/{done.id}" if done.id else done.kind
    return tuple(Report([Report().add(rule("RESOURCE-WRITTEN"), interaction=asked.interaction, reference=reference)]))


def _row(office: Office, done: Done) -> Any:
    """The version as it was written: a later one may have taken its place by now."""
    if not done.version:
        return None
    with office.services.reading() as connection:
        return reading.version(connection, office.scope, done.kind, done.id, done.version)


def entry_answer(request: Request, office: Office, asked: Asked, done: Done, wanted: Return) -> bytes:
    """The same as an entry of a response Bundle."""
    row = _row(office, done)
    response: dict[str, Any] = {"status": status_line(done.status)}
    resource = b""
    if row is not None:
        if not row.gone:
            response["location"] = f"{done.kind}/{done.id}/_history/{done.version}"
        response |= {"etag": etag(done.version), "lastModified": moment(row.updated)}
        if wanted is Return.REPRESENTATION and not row.gone:
            resource = b'"resource":%s,' % absolute(row.body, base_url(request))
    if wanted is Return.OUTCOME or done.issues:
        response["outcome"] = operation_outcome(said(asked, done), language(request))
    return b"{%s%s" % (resource, orjson.dumps({"response": response})[1:])


def status_line(status: int) -> str:
    """`201 Created`."""
    return f"{status} {HTTPStatus(status).phrase}"


def moment(micros: int) -> str:
    """Microseconds since the epoch as an instant."""
    return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat(timespec="milliseconds")
