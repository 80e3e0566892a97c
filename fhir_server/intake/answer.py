"""The answer to a submission, made from its record: the same record gives the same answer, however often it is sent."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from fhir_server.fhir.outcome import operation_outcome
from fhir_server.intake.record import DocumentRecord, EntryRecord, Record, issues_of
from fhir_server.store.plan import Outcome
from validators.report import Issue

_ENTRY = re.compile(r"^Bundle\.entry\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, FHIR JSON, and the submission it is about."""

    status: int
    body: bytes
    submission: str


def answer(outcome: Outcome, record: Record, lang: str) -> Answer:
    """A transaction-response in request order, or the OperationOutcome that says why not."""
    issues = issues_of(record, outcome.findings)
    if outcome.decision != "accepted":
        return Answer(outcome.status, orjson.dumps(operation_outcome(issues, lang)), outcome.submission)
    moment = datetime.fromtimestamp(outcome.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
    by_entry = _by_entry(issues, record.documents)
    entries = [
        {"response": _response(entry, *placed, moment) | _outcome(by_entry.get(index, ()), lang)}
        for index, (entry, placed) in enumerate(zip(record.entries, outcome.placed, strict=True))
    ]
    body = {"resourceType": "Bundle", "id": outcome.submission, "type": "transaction-response", "entry": entries}
    return Answer(200, orjson.dumps(body), outcome.submission)


def _response(entry: EntryRecord, resource_id: str, version: int, moment: str) -> dict[str, Any]:
    if not version:
        return {"status": "200 OK"}
    kind = "DocumentReference" if entry.type == "Parameters" else entry.type
    status = "201 Created" if entry.created and version == 1 else "200 OK"
    location = f"{kind}/{resource_id}/_history/{version}"
    return {"status": status, "location": location, "etag": f'W/"{version}"', "lastModified": moment}


def _outcome(issues: Iterable[Issue], lang: str) -> dict[str, Any]:
    found = list(issues)
    return {"outcome": operation_outcome(found, lang)} if found else {}


def _by_entry(issues: Iterable[Issue], documents: Iterable[DocumentRecord]) -> dict[int, list[Issue]]:
    """Issues by entry; what concerns a document's bytes is said at its DocumentReference, all else at the set."""
    documents = list(documents)
    to_reference = {document.binary: document.entry for document in documents}
    alone = documents[0].entry if documents else 0
    found: dict[int, list[Issue]] = defaultdict(list)
    for issue in issues:
        match = _ENTRY.match(issue.location)
        index = int(match.group(1)) if match else alone
        found[to_reference.get(index, index)].append(issue)
    return found
