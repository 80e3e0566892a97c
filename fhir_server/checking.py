"""Judge bytes of unknown kind: what `segur validate` does, and later the conformity page and `$validate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from validators.cda import check_cda
from validators.documents import DocumentKind
from validators.fhir import default_walker, parse_json, with_lines
from validators.ins import InsStatus, check_identity, identity_from_fhir, is_ins_identifier
from validators.messages import render, rule
from validators.mhd import CheckCda, check_provide_bundle, is_submission, sniff
from validators.report import Issue, Mode, Report, Severity
from validators.terminology import ValueSets


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one file or part, in the shape of the contract."""

    kind: str
    report: Report
    document_kind: DocumentKind | None = None
    ins: InsStatus | None = None
    parts: Sequence[tuple[str, Verdict]] = field(default_factory=tuple)

    @property
    def countable(self) -> bool | None:
        """Its own, and that of its parts."""
        answers = [self.report.countable, *(part.countable for _, part in self.parts)]
        known = [answer for answer in answers if answer is not None]
        return all(known) if known else None

    @property
    def valid(self) -> bool:
        """Conformant, and not known to be uncountable."""
        return self.report.conformant and self.countable is not False

    def as_dict(self, name: str, lang: str) -> dict[str, Any]:
        """The JSON object of `segur validate`."""
        found: dict[str, Any] = {
            "file": name, "kind": self.kind, "conformant": self.report.conformant, "countable": self.countable,
            "valid": self.valid, "errors": self.report.count(Severity.ERROR, Severity.FATAL),
            "warnings": self.report.count(Severity.WARNING),
            "document_kind": self.document_kind.code if self.document_kind else None,
            "ins": self.ins.level.value if self.ins else None,
            "issues": [issue_dict(issue, lang) for issue in self.report],
        }  # fmt: skip
        if self.parts:
            found["parts"] = [part.as_dict(part_name, lang) for part_name, part in self.parts]
        return found


def issue_dict(issue: Issue, lang: str) -> dict[str, Any]:
    """One issue as JSON."""
    return {"severity": issue.severity.value, "scope": issue.scope.value, "rule": issue.rule,
            "location": issue.location, "line": issue.line, "message": render(issue, lang)}  # fmt: skip


def judge(data: bytes, mode: Mode, now: datetime | None = None, *, value_sets: ValueSets | None = None) -> Verdict:
    """Recognise and check. Never raises on content: what cannot be read is invalid, with the reason.

    Args:
        data: the bytes of one file.
        mode: what the sandbox forgives, production refuses.
        now: an aware datetime; the clock by default.
        value_sets: national value sets; the few of ours when not given.
    """
    now = now or datetime.now(UTC)
    check = partial(check_cda, mode=mode, now=now, value_sets=value_sets)
    media_type = sniff(data)
    if not data.strip():
        return _unreadable("SUBMISSION-EMPTY")
    if media_type == "application/xml":
        return _xml(data, check)
    if media_type in ("application/zip",):
        return _unreadable("CONTENT-NOT-YET", "xdm", what="XDM")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json(data, mode, now, check)
    return _unreadable("CONTENT-UNKNOWN")


def _unreadable(rule_id: str, kind: str = "unknown", **params: Any) -> Verdict:
    report = Report()
    report.add(rule(rule_id), severity=Severity.FATAL, **params)
    return Verdict(kind, report)


def _xml(data: bytes, check: CheckCda) -> Verdict:
    if b"http://hl7.org/fhir" in data[:2000] and b"ClinicalDocument" not in data[:20000]:
        return _unreadable("CONTENT-NOT-YET", "fhir-xml", what="FHIR XML")
    found = check(data)
    return Verdict("cda" if found.document is not None else "unknown", found.report, found.kind, found.ins)


def _json(data: bytes, mode: Mode, now: datetime, check: CheckCda) -> Verdict:
    report = Report()
    resource = parse_json(data, report)
    if not isinstance(resource, dict):
        return Verdict("unknown" if not report.issues else "fhir-json", report)
    if resource.get("resourceType") == "Bundle" and is_submission(resource):
        return _submission(resource, data, report, mode, now, check)
    default_walker().check(resource, report)
    if resource.get("resourceType") == "Patient":
        _identity(resource, report, mode, now)
    return Verdict("fhir-json", _placed(data, report))


def _identity(resource: dict[str, Any], report: Report, mode: Mode, now: datetime) -> None:
    """A Patient that gives an INS gives a right one; a Patient without one is no business of ours."""
    identity = identity_from_fhir(resource, "Patient")
    if any(is_ins_identifier(item) for item in identity.identifiers):
        check_identity(identity, report, mode=mode, source="fhir", today=now.date())


def _submission(
    resource: dict[str, Any], data: bytes, report: Report, mode: Mode, now: datetime, check: CheckCda
) -> Verdict:
    bundle = check_provide_bundle(resource, default_walker(), mode=mode, now=now, check=check)
    report.extend(bundle.report)
    parts = tuple(
        (document.binary.at if document.binary else document.entry.at,
         Verdict("cda", document.cda.report, document.kind, document.ins))
        for document in bundle.documents if document.cda is not None
    )  # fmt: skip
    first = bundle.documents[0] if bundle.documents else None
    return Verdict(
        "fhir-json", _placed(data, report), first.kind if first else None, first.ins if first else None, parts
    )


def _placed(data: bytes, report: Report) -> Report:
    """Lines are looked up only when there is something to say."""
    return with_lines(data, report) if report.issues else report
