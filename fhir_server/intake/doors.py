"""The HTTP side of every door: who sends, the body within its limits, then the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import Refusal, base_url, fhir_response, language, owner, read_body, services
from fhir_server.intake import cda, xdm
from fhir_server.intake.exchange import CONTENT_TYPES as EXCHANGE_TYPES
from fhir_server.intake.exchange import is_exchange
from fhir_server.intake.submission import Received, received
from fhir_server.store.writer import WriterGone

router = APIRouter()


async def submit(request: Request, door: str, content_types: Iterable[str]) -> Response:
    """Receive one submission. Every answer to one that was looked at carries `Segur-Submission`."""
    caller, _ = owner(request)
    body = await read_body(request, tuple(content_types))
    if door == "mhd" and is_exchange(body):
        return await _exchange(request, received("batch", body, caller, datetime.now(UTC)), None)
    found = services(request)
    try:
        arrived = received(door, body, caller, datetime.now(UTC))
        answer = await found.pipeline.receive(arrived, language(request))
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if answer.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
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
