"""What FHIR has no resource for: how a submission fared, what a figure is made of, what it is worth."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal, authenticate, language, owner, services
from fhir_server.figures import evidence_of, known_measure, known_parameters, shown_evidence, subject_of, window_of
from fhir_server.intake.record import Record, issues_of, record_of
from fhir_server.relay import queue
from fhir_server.reports.rows import issue_row
from fhir_server.store import reading
from indicators.measures import MEASURES
from validators.documents import registry
from validators.report import REFUSING, Issue, Scope

router = APIRouter(prefix="/api", tags=["API"])


def json_response(body: Any, status: int = 200) -> Response:
    """Plain JSON."""
    return Response(orjson.dumps(body), status, media_type="application/json")


@router.get("/submissions/{submission_id}", summary="How a submission fared")
async def get_submission(submission_id: str, request: Request) -> Response:
    """Decision, findings, documents, and for each measure whether it counts and why not."""
    _, scope = owner(request)
    with services(request).reading() as connection:
        found = reading.submission(connection, scope, submission_id)
        if found is None:
            raise Refusal(404, "HTTP-NOT-FOUND")
        record = record_of(found.outcome, b"")
        facts = reading.facts_of(connection, scope, [document.reference for document in record.documents])
        passed_on = queue.of_submission(connection, scope.owner, submission_id)
    lang = language(request)
    issues = issues_of(record, found.stored.findings)
    return json_response(
        {
            "id": found.row.id,
            "door": found.row.door,
            "received": _moment(found.row.received),
            "decision": found.row.decision,
            "status": found.row.status,
            "sha256": found.row.sha256.hex(),
            "size": found.row.size,
            "issues": [issue_row(issue, lang) for issue in issues],
            "documents": _documents(record, facts),
            "counted": _counted(record, facts, issues),
            "relay": [_relayed(row) for row in passed_on],
        }
    )


def _relayed(row: Any) -> dict[str, Any]:
    """Where a submission stands on one route; `code` is the receiver's last word."""
    return {"route": row.route, "state": row.state, "attempts": row.attempts, "code": row.code,
            "reference": row.reference, "updated": _moment(row.updated)}  # fmt: skip


@router.get("/submissions/{submission_id}/envelope", summary="The envelope as received")
async def get_envelope(submission_id: str, request: Request) -> Response:
    """The received bytes, restored from what was cut out of them; 410 when they are no longer kept."""
    from fhir_server.store.envelope import envelope_of

    _, scope = owner(request)
    with services(request).reading() as connection:
        found = reading.submission(connection, scope, submission_id)
        if found is None:
            raise Refusal(404, "HTTP-NOT-FOUND")
        data = envelope_of(connection, scope, found.row)
    if data is None:
        raise Refusal(410, "HTTP-GONE")
    hardened = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(data, headers=hardened, media_type="application/octet-stream")


def _moment(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat(timespec="milliseconds")


def _documents(record: Record, facts: list[Any]) -> list[dict[str, Any]]:
    links = {fact.asked: fact.link for fact in facts}
    return [
        {"unique_id": d.unique_id, "reference": f"DocumentReference/{d.reference}", "kind": d.kind, "ins": d.ins_level,
         "sha256": d.sha256, "size": d.size, "stay": links.get(d.reference)}
        for d in record.documents
    ]  # fmt: skip


def _counted(record: Record, facts: list[Any], issues: list[Issue]) -> list[dict[str, Any]]:
    """For each document and measure that looks at it: whether it counts now, and the first reason if not."""
    by_reference = {fact.asked: fact for fact in facts}
    rows = []
    for document in record.documents:
        fact = by_reference.get(document.reference)
        reasons = _reasons(fact, issues)
        kind = registry().kind(document.kind)
        for measure in _measures(document.kind):
            needs_stay = measure != "I-SUN1-INS" and kind is not None and kind.needs_stay
            found = [reason for reason in reasons if needs_stay or not reason.startswith("STAY_")]
            rows.append({"measure": measure, "document": document.unique_id, "counted": not found,
                         "reason": found[0] if found else "COUNTED"})  # fmt: skip
    return rows


def _measures(kind: str) -> list[str]:
    known = registry().kind(kind)
    own = f"I-SUN1-{kind}" if known is not None else ""
    return [measure for measure in sorted(MEASURES) if measure in (own, "I-SUN1-INS")]


def _reasons(fact: Any, issues: list[Issue]) -> list[str]:
    """Why a document does not count: the programme findings of its submission, then the state of its facts."""
    found = [
        i.rule
        for i in issues
        if i.scope is Scope.PROGRAMME and i.severity in REFUSING and not i.rule.startswith("STAY_")
    ]
    if fact is None or fact.document is None:
        return found or ["NOT_COUNTED_HERE"]
    if fact.organization is None:
        found.append("SITE_UNKNOWN")
    if fact.ins_level != "qualified":
        found.append("INS_NOT_QUALIFIED")
    if fact.deleted is not None:
        found.append("DELETED")
    if fact.link in ("unknown", "ambiguous"):
        found.append(f"STAY_{fact.link.upper()}")
    return list(dict.fromkeys(found))


@router.get("/indicators/{measure_id}/evidence", summary="What a figure is made of")
async def get_evidence(measure_id: str, request: Request) -> Response:
    """Every stay and document behind a figure, counted or not, each with its reason."""
    caller = authenticate(request)
    known_measure(measure_id)
    found = services(request)
    reporter = known_parameters(request.query_params)
    window = window_of(request.query_params)
    with found.reading() as connection:
        subject = subject_of(connection, caller, reporter)
    rows = await run_in_threadpool(evidence_of, found.settings.database, measure_id, window, subject)
    return json_response(shown_evidence(found, caller, rows))
