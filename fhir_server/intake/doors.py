"""The HTTP side of every door: who sends, the body within its limits, then the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import Refusal, fhir_response, language, owner, read_body, services
from fhir_server.intake import cda
from fhir_server.intake.submission import received
from fhir_server.store.writer import WriterGone

router = APIRouter()


async def submit(request: Request, door: str, content_types: Iterable[str]) -> Response:
    """Receive one submission. Every answer to one that was looked at carries `Segur-Submission`."""
    caller, _ = owner(request)
    body = await read_body(request, tuple(content_types))
    found = services(request)
    try:
        arrived = received(door, body, caller, datetime.now(UTC))
        answer = await found.pipeline.receive(arrived, language(request))
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if answer.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    return fhir_response(answer.body, answer.status, {"Segur-Submission": answer.submission})


@router.post("/cda", summary="A bare CDA R2", tags=["Portes"])
async def post_cda(request: Request) -> Response:
    """Receive a CDA document; its header gives the metadata."""
    return await submit(request, "cda", cda.CONTENT_TYPES)
