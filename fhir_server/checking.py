"""Judge bytes of unknown kind: what `segur validate` and `$validate` do, and later the conformity page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from validators import xdm
from validators.cda import check_cda
from validators.documents import DocumentKind
from validators.fhir import Walker, default_walker, load_definitions, parse_json, with_lines
from validators.fhir.xml import parse_xml
from validators.fhir.xmlsniff import is_fhir_xml
from validators.ins import InsStatus, check_identity, identity_from_fhir, is_ins_identifier
from validators.messages import rule
from validators.mhd import CheckCda, check_provide_bundle, is_submission, sniff
from validators.report import Mode, Report, Severity, reaches
from validators.suppress import Suppression, suppress
from validators.terminology import ValueSets
from validators.xdm import check_xdm

_MAIL = re.compile(
    rb"(?i:return-path|received|delivered-to|from|to|subject|date|message-id|mime-version|x-[a-z0-9-]{1,60}): "
)
"""How a message begins: with one of the fields of RFC 5322."""


class Opinion(Protocol):
    """What another validator says of the same file; it never changes our verdict."""

    def as_dict(self, lang: str) -> dict[str, Any] | None:
        """As JSON; None when the file is none of its business."""
        ...

    def text(self, lang: str) -> str:
        """As lines for a person."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one file or part; `beside` is another validator's opinion, when one was asked."""

    kind: str
    report: Report
    document_kind: DocumentKind | None = None
    ins: InsStatus | None = None
    parts: Sequence[tuple[str, Verdict]] = field(default_factory=tuple)
    beside: Opinion | None = None

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

    @property
    def reports(self) -> Iterator[Report]:
        """Its own report, then those of its parts; a container's own report holds what is said of its parts too."""
        yield self.report
        for _, part in self.parts:
            yield from part.reports

    def fails(self, threshold: Severity = Severity.ERROR) -> bool:
        """Whether it is not valid or, below `error`, whether a finding as bad as the threshold remains."""
        if not self.valid or threshold is Severity.ERROR:
            return not self.valid
        return any(reaches(issue.severity, threshold) for report in self.reports for issue in report.counted)

    def suppressed(
        self, suppressions: Sequence[Suppression], place: str = ""
    ) -> tuple[Verdict, frozenset[Suppression]]:
        """The same verdict without what was suppressed, and the suppressions that were of use.

        `place` is where it stands in its container.
        """
        report, used = suppress(self.report, suppressions, place)
        parts = []
        for name, part in self.parts:
            judged, more = part.suppressed(suppressions, f"{place}!/{name}" if place else name)
            parts.append((name, judged))
            used |= more
        return replace(self, report=report, parts=tuple(parts)), used


@dataclass(frozen=True, slots=True)
class Terms:
    """What a judgement goes by.

    `check` is the check of a CDA in the same mode at the same moment; `profiles` are canonicals that a FHIR resource is
    to meet besides those it declares.
    """

    mode: Mode
    now: datetime
    check: CheckCda
    walker: Walker
    profiles: tuple[str, ...] = ()
    max_entries: int = 1000


def terms(
    mode: Mode,
    now: datetime | None = None,
    *,
    value_sets: ValueSets | None = None,
    walker: Walker | None = None,
    profiles: Sequence[str] = (),
) -> Terms:
    """The terms of a judgement; see `judge`."""
    now = now or datetime.now(UTC)
    check = partial(check_cda, mode=mode, now=now, value_sets=value_sets)
    return Terms(mode, now, check, walker or default_walker(), tuple(profiles))


def judge(
    data: bytes,
    mode: Mode,
    now: datetime | None = None,
    *,
    value_sets: ValueSets | None = None,
    walker: Walker | None = None,
    profiles: Sequence[str] = (),
) -> Verdict:
    """Recognise and check. Never raises on content: what cannot be read is invalid, with the reason.

    Args:
        data: the bytes of one file.
        mode: what the sandbox forgives, production refuses.
        now: an aware datetime; the clock by default.
        value_sets: national value sets; the few of ours when not given.
        walker: checks FHIR resources; over R4 and our own profiles when not given.
        profiles: canonicals a FHIR resource is to meet besides those it declares; an unknown one is an error.
    """
    by = terms(mode, now, value_sets=value_sets, walker=walker, profiles=profiles)
    media_type = sniff(data)
    if not data.strip():
        return _unreadable("SUBMISSION-EMPTY")
    if media_type == "application/xml":
        return _fhir_xml(data, by) if is_fhir_xml(data) else _cda(data, by)
    if media_type == "application/zip":
        return _xdm(data, by)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json(data, by)
    if _MAIL.match(data):
        return _unreadable("CONTENT-NOT-YET", "eml", what="EML")
    return _unreadable("CONTENT-UNKNOWN")


def _unreadable(rule_id: str, kind: str = "unknown", **params: Any) -> Verdict:
    report = Report()
    report.add(rule(rule_id), severity=Severity.FATAL, **params)
    return Verdict(kind, report)


def _cda(data: bytes, by: Terms) -> Verdict:
    found = by.check(data)
    return Verdict("cda" if found.document is not None else "unknown", found.report, found.kind, found.ins)


def _xdm(data: bytes, by: Terms) -> Verdict:
    """An XDM archive: its own report holds what is said of its documents too, as that of a bundle does."""
    found = check_xdm(data, xdm.Terms(by.walker, by.mode, by.now, by.check, by.max_entries))
    parts = tuple(
        (document.path, Verdict("cda", document.provided.cda.report, document.provided.kind, document.provided.ins))
        for document in found.documents if document.provided.cda is not None
    )  # fmt: skip
    first = found.documents[0].provided if found.documents else None
    return Verdict("xdm", found.report, first.kind if first else None, first.ins if first else None, parts)


def _json(data: bytes, by: Terms) -> Verdict:
    report = Report()
    resource = parse_json(data, report)
    if not isinstance(resource, dict):
        return Verdict("unknown" if not report.issues else "fhir-json", report)
    return judge_resource("fhir-json", resource, data, report, by)


def _fhir_xml(data: bytes, by: Terms) -> Verdict:
    report = Report()
    resource = parse_xml(data, report, load_definitions())
    if resource is None:
        return Verdict("fhir-xml", report)
    return judge_resource("fhir-xml", resource, data, report, by)


def judge_resource(
    kind: str, resource: dict[str, Any], data: bytes, report: Report, by: Terms, inside: str = ""
) -> Verdict:
    """A parsed resource, whichever format it came in.

    `data` are the bytes it was read from, `report` holds what reading them found, `inside` is where in them the
    resource stands when it is not all of them.
    """
    if resource.get("resourceType") == "Bundle" and is_submission(resource):
        return _submission(kind, resource, data, report, by, inside)
    _walk(resource, report, by)
    if resource.get("resourceType") == "Patient":
        _identity(resource, report, by)
    return Verdict(kind, _placed(data, report, inside))


def _walk(resource: dict[str, Any], report: Report, by: Terms) -> None:
    """The walk; a profile that was asked for and is not known is an error, one that is only declared is a warning."""
    if not by.profiles:
        by.walker.check(resource, report)
        return
    found = Report()
    by.walker.check(resource, found, profiles=by.profiles)
    asked = {url.partition("|")[0] for url in by.profiles}
    for issue in found:
        unknown = issue.rule == "FHIR-PROFILE-UNKNOWN" and ".meta.profile" not in issue.location
        named = issue.params.get("found", "").partition("|")[0] in asked
        report.issues.append(replace(issue, severity=Severity.ERROR) if unknown and named else issue)


def _identity(resource: dict[str, Any], report: Report, by: Terms) -> None:
    """A Patient that gives an INS gives a right one; a Patient without one is no business of ours."""
    identity = identity_from_fhir(resource, "Patient")
    if any(is_ins_identifier(item) for item in identity.identifiers):
        check_identity(identity, report, mode=by.mode, source="fhir", today=by.now.date())


def _submission(kind: str, resource: dict[str, Any], data: bytes, report: Report, by: Terms, inside: str) -> Verdict:
    bundle = check_provide_bundle(
        resource, by.walker, mode=by.mode, now=by.now, max_entries=by.max_entries, check=by.check
    )
    report.extend(bundle.report)
    if by.profiles:
        walked = Report()
        _walk(resource, walked, by)
        report.issues += [issue for issue in walked if issue not in report.issues]
    parts = tuple(
        (document.binary.at if document.binary else document.entry.at,
         Verdict("cda", document.cda.report, document.kind, document.ins))
        for document in bundle.documents if document.cda is not None
    )  # fmt: skip
    first = bundle.documents[0] if bundle.documents else None
    placed = _placed(data, report, inside)
    return Verdict(kind, placed, first.kind if first else None, first.ins if first else None, parts)


def _placed(data: bytes, report: Report, inside: str) -> Report:
    """Lines are looked up only when there is something to say."""
    return with_lines(data, report, inside) if report.issues else report
