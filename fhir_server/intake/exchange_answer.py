"""The answer to messages and stays: 201 with its Location for one, a response Bundle for many."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from fhir_server.fhir.outcome import operation_outcome
from fhir_server.intake.record import EntryRecord, Record, issues_of
from fhir_server.store.plan import Outcome
from validators.report import REFUSING, Issue, Scope

_ENTRY = re.compile(r"^Bundle\.entry\[(\d+)\]")
FORBIDDEN = frozenset({"MAILBOX-FORBIDDEN", "SITE-FORBIDDEN"})


@dataclass(frozen=True, slots=True)
class ExchangeAnswer:
    """An HTTP answer; `location` is that of the one resource created, relative to the FHIR base."""

    status: int
    body: bytes
    submission: str
    location: str | None = None
    version: int = 0


def refuses(issue: Issue) -> bool:
    """Whether the issue keeps its resource from being filed."""
    return issue.severity in REFUSING and issue.scope is Scope.CONFORMITY


def status_of(issues: Iterable[Issue]) -> int:
    """The HTTP status of what refuses: somebody else's, then already there, then wrong."""
    rules = {issue.rule for issue in issues if refuses(issue)}
    return 403 if rules & FORBIDDEN else 409 if "MSS-CONFLICT" in rules else 422


def answer(outcome: Outcome, record: Record, form: str, lang: str) -> ExchangeAnswer:
    """What the sender gets; the same record gives the same answer, however often it is sent."""
    issues = issues_of(record, outcome.findings)
    if outcome.decision != "accepted":
        return ExchangeAnswer(outcome.status, orjson.dumps(operation_outcome(issues, lang)), outcome.submission)
    if form == "single":
        (entry,), ((resource_id, version),) = record.entries, outcome.placed
        status = 201 if version == 1 else 200
        location = f"{entry.type}/{resource_id}/_history/{version}"
        body = orjson.dumps(operation_outcome(issues, lang))
        return ExchangeAnswer(status, body, outcome.submission, location, version)
    moment = datetime.fromtimestamp(outcome.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
    found: dict[int, list[Issue]] = defaultdict(list)
    for issue in issues:
        match = _ENTRY.match(issue.location)
        found[int(match.group(1)) if match else 0].append(issue)
    entries = [
        {"response": _response(entry, place, moment, found[number], lang)}
        for number, (entry, place) in enumerate(zip(record.entries, outcome.placed, strict=True))
    ]
    bundle = {"resourceType": "Bundle", "id": outcome.submission, "type": f"{form}-response", "entry": entries}
    return ExchangeAnswer(200, orjson.dumps(bundle), outcome.submission)


def _response(
    entry: EntryRecord, place: tuple[str, int], moment: str, issues: list[Issue], lang: str
) -> dict[str, Any]:
    """One entry: created, put again (a stay), or why not."""
    said = {"outcome": operation_outcome(issues, lang)} if issues else {}
    resource_id, version = place
    if not version:
        return {"status": _WORDS[status_of(issues)], **said}
    return {
        "status": "201 Created" if version == 1 else "200 OK",
        "location": f"{entry.type}/{resource_id}/_history/{version}", "etag": f'W/"{version}"',
        "lastModified": moment, **said,
    }  # fmt: skip


_WORDS = {403: "403 Forbidden", 409: "409 Conflict", 422: "422 Unprocessable Entity"}
