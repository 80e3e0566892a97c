"""The answer to a mail: one entry a message, or the message that a notice is about, then those of each archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from fhir_server.fhir.outcome import operation_outcome
from fhir_server.intake.answer import Answer
from fhir_server.intake.record import Record, issues_of
from fhir_server.store.plan import Outcome


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """An HTTP answer: the submissions of the message and of each archive; `again` when the message was filed before."""

    status: int
    body: bytes
    submission: str
    archives: tuple[str, ...] = ()
    again: bool = False


def mail_answer(outcome: Outcome, record: Record, parts: Sequence[tuple[str, Answer]], lang: str) -> MailAnswer:
    """A batch-response, or the OperationOutcome that says why not; 503 when an archive could not be written."""
    issues = issues_of(record, outcome.findings)
    archives = tuple(part.submission for _, part in parts)
    if outcome.decision != "accepted":
        return MailAnswer(outcome.status, orjson.dumps(operation_outcome(issues, lang)), outcome.submission)
    said = {"outcome": operation_outcome(issues, lang)} if issues else {}
    entries = [
        {"response": _response(place, entry.created)}
        for place, entry in zip(outcome.placed, record.entries, strict=True)
    ]
    entries = entries or [{"response": {"status": _line(200)}}]
    entries[0]["response"] |= said
    for place, part in parts:
        entries += _archive(place, part)
    body = {"resourceType": "Bundle", "id": outcome.submission, "type": "batch-response", "entry": entries}
    status = 503 if any(part.status == 503 for _, part in parts) else 200
    return MailAnswer(status, orjson.dumps(body), outcome.submission, archives, outcome.kind == "duplicate")


def _response(place: tuple[str, int], created: bool) -> dict[str, Any]:
    resource_id, version = place
    if not version:
        return {"status": _line(202)}
    status = _line(201 if created and version == 1 else 200)
    return {"status": status, "location": f"Communication/{resource_id}/_history/{version}", "etag": f'W/"{version}"'}


def _line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _archive(place: str, part: Answer) -> list[dict[str, Any]]:
    """The entries of an archive's answer, or the one that says why there are none; places are those in the mail."""
    body = orjson.loads(part.body)
    if body["resourceType"] == "OperationOutcome":
        return [{"response": {"status": _line(part.status), "outcome": _moved(body, place)}}]
    entries: list[dict[str, Any]] = body["entry"]
    for entry in entries:
        response = entry["response"]
        if "outcome" in response:
            response["outcome"] = _moved(response["outcome"], place)
    return entries


def _moved(outcome: dict[str, Any], place: str) -> dict[str, Any]:
    for issue in outcome["issue"]:
        if "expression" in issue:
            issue["expression"] = [f"{place}!/{where.lstrip('/')}" for where in issue["expression"]]
    return outcome
