"""The HTTP side of admissions: an ADT message in, its acknowledgement (or an OperationOutcome) out."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import FHIR_JSON, Refusal, accepts, fhir_response, language, owner, read_body, services
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.intake.adt import CONTENT_TYPES
from fhir_server.intake.adt_answer import MEDIA_TYPE, acknowledgement
from fhir_server.intake.record import issues_of
from fhir_server.intake.submission import received
from fhir_server.store.writer import WriterGone

router = APIRouter()


@router.post("/adt", summary="An HL7 v2 ADT message", tags=["Portes"])
async def post_adt(request: Request) -> Response:
    """Receive a message of admissions; 200 once it is durable. `Accept: application/hl7-v2` asks for the ACK."""
    caller, _ = owner(request)
    body = await read_body(request, CONTENT_TYPES)
    try:
        outcome, record, header = await services(request).admissions.receive(
            received("adt", body, caller, datetime.now(UTC))
        )
    except WriterGone:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"}) from None
    if outcome.status == 503:
        raise Refusal(503, "WRITER-UNAVAILABLE", headers={"Retry-After": "1"})
    issues, lang = issues_of(record, outcome.findings), language(request)
    headers = {"Segur-Submission": outcome.submission}
    if accepts(request, FHIR_JSON, MEDIA_TYPE) == MEDIA_TYPE:
        answer = acknowledgement(header, issues, lang)
        return Response(answer, outcome.status, headers, media_type=f"{MEDIA_TYPE}; charset=utf-8")
    return fhir_response(operation_outcome(issues, lang), outcome.status, headers)
