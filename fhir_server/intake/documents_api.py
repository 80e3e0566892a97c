"""Documents over REST, beside the transaction of ITI-65: publish one (ITI-105, ITI-106), update its metadata."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from fhir_server.fhir.http import base_url, fhir_response, language, owner, read_body, services
from fhir_server.fhir.interactions.answers import Return, preferred
from fhir_server.fhir.interactions.reads import headers_of
from fhir_server.fhir.interactions.running import unavailable
from fhir_server.fhir.negotiate import FhirRoute
from fhir_server.fhir.outcome import operation_outcome
from fhir_server.fhir.search import absolute
from fhir_server.intake import generate, metadata_patch
from fhir_server.intake.checks import Checks
from fhir_server.intake.formats import CONTENT_TYPES, acceptable
from fhir_server.intake.metadata_update import Wanted, update
from fhir_server.intake.pipeline import Opener
from fhir_server.intake.publish import DOOR, open_reference
from fhir_server.intake.record import Record, issues_of
from fhir_server.intake.submission import Received, Submission, received
from fhir_server.store import reading
from fhir_server.store.plan import Outcome
from fhir_server.store.writer import WriterGone

router = APIRouter(prefix="/fhir", tags=["FHIR"], route_class=FhirRoute)


@router.post("/DocumentReference", summary="ITI-105: publish one document")
async def publish(request: Request) -> Response:
    """File one DocumentReference with its document inside; 201 with the resource as it is read from now on."""
    arrived = await _arrived(request, DOOR, CONTENT_TYPES)
    outcome, record, unique = await filed(request, arrived, open_reference)
    headers = {"Segur-Submission": outcome.submission}
    said = operation_outcome(issues_of(record, outcome.findings), language(request))
    if outcome.decision != "accepted":
        return fhir_response(said, outcome.status, headers)
    reference_id, version = placed_of(outcome, record, unique)
    headers["Location"] = f"{base_url(request)}/DocumentReference/{reference_id}/_history/{version}"
    return _shown(request, reference_id, version, 201, headers, said)


@router.post("/DocumentReference/$generate-metadata", summary="ITI-106: file a document by its own metadata")
async def generate_metadata(request: Request) -> Response:
    """File a CDA whose metadata are read from its header; 200 with a reference to what was made of it."""
    arrived = await _arrived(request, generate.DOOR, CONTENT_TYPES)
    outcome, record, unique = await filed(request, arrived, generate.open_parameters)
    headers = {"Segur-Submission": outcome.submission}
    if outcome.decision != "accepted":
        said = operation_outcome(issues_of(record, outcome.findings), language(request))
        return fhir_response(said, outcome.status, headers)
    reference_id, _ = placed_of(outcome, record, unique)
    made = {"name": "DocumentReference", "valueReference": {"reference": f"DocumentReference/{reference_id}"}}
    return fhir_response({"resourceType": "Parameters", "parameter": [made]}, 200, headers)


@router.patch("/DocumentReference", summary="Update metadata by business identifier")
async def patch_by_identifier(request: Request) -> Response:
    """Change status, securityLabel or isArchived of the one document that has this identifier."""
    return await _update(request, Wanted(query=request.url.query, match=request.headers.get("if-match")))


@router.patch("/DocumentReference/{reference_id}", summary="Update metadata")
async def patch_by_id(reference_id: str, request: Request) -> Response:
    """Change status, securityLabel or isArchived of a document: a new version; any other element is 405."""
    return await _update(request, Wanted(reference_id, match=request.headers.get("if-match")))


async def _update(request: Request, wanted: Wanted) -> Response:
    arrived = await _arrived(request, "patch", metadata_patch.CONTENT_TYPES)
    reference_id, version = await update(services(request), arrived, wanted)
    return _shown(request, reference_id, version, 200, {}, operation_outcome((), language(request)))


async def _arrived(request: Request, door: str, content_types: tuple[str, ...]) -> Received:
    caller, _ = owner(request)
    acceptable(request)
    body = await read_body(request, content_types)
    return received(door, body, caller, datetime.now(UTC), request.headers.get("content-type", ""))


def _shown(
    request: Request, reference_id: str, version: int, status: int, headers: dict[str, str], said: dict[str, object]
) -> Response:
    """One version of a DocumentReference, or what the client prefers to it (FHIR R4, Prefer)."""
    _, scope = owner(request)
    with services(request).reading() as connection:
        row = reading.version(connection, scope, "DocumentReference", reference_id, version)
    headers = headers | headers_of(row)
    preference = preferred(request, Return.REPRESENTATION)
    if preference is Return.MINIMAL:
        return Response(status_code=status, headers=headers)
    body = said if preference is Return.OUTCOME else absolute(row.body, base_url(request))
    return fhir_response(body, status, headers)


async def filed(request: Request, arrived: Received, opener: Opener) -> tuple[Outcome, Record, str]:
    """File what arrived; the outcome, the record, and the unique id of its document (empty when it has none).

    Raises:
        Refusal: 503, nothing can be written at the moment.
    """
    opened: list[Submission] = []

    def open_once(arrived: Received, checks: Checks) -> Submission:
        opened.append(opener(arrived, checks))
        return opened[0]

    try:
        outcome, record = await services(request).pipeline.file(arrived, open_once)
    except WriterGone:
        raise unavailable() from None
    if outcome.status == 503:
        raise unavailable()
    bundle = opened[0].bundle
    unique = bundle.documents[0].unique_id if bundle is not None and bundle.documents else None
    return outcome, record, unique or ""


def placed_of(outcome: Outcome, record: Record, unique: str) -> tuple[str, int]:
    """Id and version of the reference of one document; the first submission may have had others."""
    document = next(one for one in record.documents if one.unique_id == unique)
    return outcome.placed[document.entry]
