"""The record of a submission: what its answer and its page are made from, now and when it is sent again."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from fhir_server.store.plan import Finding, Outcome
from validators.messages import rule
from validators.report import Issue, Scope, Severity


class StoredIssue(msgspec.Struct, array_like=True, frozen=True):
    """An issue as it is kept: the words come from the catalogue when it is read."""

    rule: str
    severity: str
    scope: str
    code: str
    location: str
    params: dict[str, str]
    line: int | None


class EntryRecord(msgspec.Struct, array_like=True, frozen=True):
    """One entry of the answer, in request order: what it became."""

    type: str
    id: str
    created: bool


class DocumentRecord(msgspec.Struct, array_like=True, frozen=True):
    """One document of the submission; `entry` is its DocumentReference's entry, `binary` that of its bytes."""

    unique_id: str
    reference: str
    kind: str
    ins_level: str
    sha256: str
    size: int
    entry: int
    binary: int


class Record(msgspec.Struct, array_like=True, frozen=True):
    """Findings, entries and documents of one submission."""

    issues: tuple[StoredIssue, ...]
    entries: tuple[EntryRecord, ...]
    documents: tuple[DocumentRecord, ...]


def stored(issues: Iterable[Issue]) -> tuple[StoredIssue, ...]:
    """Issues in the form that is kept."""
    return tuple(
        StoredIssue(i.rule, i.severity.value, i.scope.value, i.code, i.location, dict(i.params), i.line) for i in issues
    )


def issues_of(record: Record, findings: Iterable[Finding]) -> list[Issue]:
    """All issues of a submission: those of the checks, then those only the write could find."""
    kept = [
        Issue(i.rule, Severity(i.severity), Scope(i.scope), i.code, i.location, i.params, i.line) for i in record.issues
    ]
    return kept + [issue_of(finding) for finding in findings]


def issue_of(finding: Finding) -> Issue:
    """A finding of the write with the severity of its rule."""
    row = rule(finding.rule)
    return Issue(row.id, row.severity, row.scope, row.code, finding.location, finding.params)


def record_of(outcome: Outcome, mine: bytes) -> Record:
    """The record to answer from: the first submission's for a duplicate, else the one just filed."""
    return msgspec.msgpack.decode(outcome.record or mine, type=Record)
