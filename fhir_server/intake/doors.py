"""The HTTP side of every door: who sends, the body within its limits, then the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import Refusal, base_url, fhir_response, language, owner, read_body, services
from fhir_server.fhir.interactions.bundles import general_bundle
from fhir_server.fhir.interactions.doors import receive_bundle
from fhir_server.intake import cda, mail, tddui, xdm
from fhir_server.intake.exchange import CONTENT_TYPES as EXCHANGE_TYPES
from fhir_server.intake.exchange import is_exchange
from fhir_server.intake.facts import MAIL
from fhir_server.intake.submission import Received, received
from fhir_server.store.writer import WriterGone
from fhir_server.xds import doors as xds
from validators.mssante import Direction

router = APIRouter()


async def submit(request: Request, door: str, content_types: Iterable[str]) -> Response:
    """Receive one submission. Every answer to one that was looked at carries `Segur-Submission`."""
    caller, _ = owner(request)
    body = await read_body(request, tuple(content_types))
    if door == "mhd" and is_exchange(body):
        return await _exchange(request, received("batch", body, caller, datetime.now(UTC)), None)
    if door == "mhd" and (general := general_bundle(body)) is not None:
        return await receive_bundle(request, general)
    return await file_body(request, tddui.DOOR if door == "mhd" and tddui.is_transfer(body) else door, body)


async def file_body(request: Request, door: str, body: bytes) -> Response:
    """File the body of a submission that was read already."""
    caller, _ = owner(request)
    found = services(request)
    try:
        named = request.headers.get("content-type", "")
        arrived = received(door, body, caller, datetime.now(UTC), named)
        answer = await found.pipeline.receive(arrived, language(request))
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if answer.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    answer = tddui.trimmed(answer) if door == tddui.DOOR else answer
    return fhir_response(answer.body, answer.status, {"Segur-Submission": answer.submission})


async def submit_resource(request: Request, kind: str) -> Response:
    """Receive one Communication or Encounter; 201 with its Location and an OperationOutcome."""
    caller, _ = owner(request)
    body = await read_body(request, EXCHANGE_TYPES)
    return await _exchange(request, received(kind.lower(), body, caller, datetime.now(UTC)), kind)


async def _exchange(request: Request, arrived: Received, kind: str | None) -> Response:
    try:
        answer = await services(request).exchange.receive(arrived, kind, language(request))
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if answer.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    headers = {"Segur-Submission": answer.submission}
    if answer.location is not None:
        headers |= {"Location": f"{base_url(request)}/{answer.location}", "ETag": f'W/"{answer.version}"'}
    return fhir_response(answer.body, answer.status, headers)


@router.post("/cda", summary="A bare CDA R2", tags=["Portes"])
async def post_cda(request: Request) -> Response:
    """Receive a CDA document; its header gives the metadata."""
    return await submit(request, "cda", cda.CONTENT_TYPES)


@router.post("/xdm", summary="A bare IHE_XDM.ZIP", tags=["Portes"])
async def post_xdm(request: Request) -> Response:
    """Receive an XDM archive; its METADATA.XML gives the metadata."""
    return await submit(request, "xdm", xdm.CONTENT_TYPES)


@router.post("/xds/repository", summary="ITI-41, ITI-43: an XDS.b repository", tags=["Portes"])
async def post_repository(request: Request) -> Response:
    """Take (ITI-41) or give (ITI-43) documents in a SOAP message; its Action says which."""
    return await xds.repository(request)


@router.post("/xds/registry", summary="ITI-18: an XDS.b registry", tags=["Portes"])
async def post_registry(request: Request) -> Response:
    """Answer a stored query in a SOAP message."""
    return await xds.registry(request)


@router.post("/mail", summary="A mail of MSSanté: metadata, XDM attachments, notices", tags=["Portes"])
async def post_mail(request: Request) -> Response:
    """Receive a mail (RFC 5322); `Segur-Mail-Rcpt` names its envelope's recipients, `Segur-Mail-Direction` its side."""
    caller, _ = owner(request)
    envelope = _envelope(request)
    body = await read_body(request, mail.CONTENT_TYPES)
    arrived = received(MAIL, body, caller, datetime.now(UTC))
    try:
        answer = await services(request).mail.receive(arrived, envelope, language(request))
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if answer.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    headers = {"Segur-Submission": answer.submission}
    headers |= {"Segur-Archive-Submissions": ", ".join(answer.archives)} if answer.archives else {}
    return fhir_response(answer.body, answer.status, headers)


def _envelope(request: Request) -> mail.Envelope:
    """In header fields, never in the address: an address of a citizen is an INS."""
    direction = request.headers.get("segur-mail-direction", "").strip().lower()
    if direction not in ("", *Direction):
        raise Refusal(400, "MAIL-ENVELOPE", name="Segur-Mail-Direction", expected=", ".join(Direction))
    named = request.headers.getlist("segur-mail-rcpt")
    return mail.Envelope(tuple(named), Direction(direction) if direction else None)
