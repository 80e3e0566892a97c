"""Judge bytes of unknown kind: what `segur validate` and `$validate` do, and later the conformity page.

A CDA is judged without the FHIR engine being loaded: a new process answers twice as fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from validators.cda import CdaResult, check_cda
from validators.documents import DocumentKind
from validators.ins import InsStatus
from validators.messages import rule
from validators.pdsm import Pdsm
from validators.report import Mode, Report, Severity, reaches
from validators.sniffing import is_fhir_xml, sniff
from validators.suppress import Suppression, suppress
from validators.terminology import ValueSets

if TYPE_CHECKING:
    from validators.fhir import Walker


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
    to meet besides those it declares; `pdsm` is the version of PDSm; with `must_support`, what its profiles mark and it
    lacks is told.
    """

    mode: Mode
    now: datetime
    check: Callable[[bytes], CdaResult]
    given: Walker | None = None
    profiles: tuple[str, ...] = ()
    max_entries: int = 1000
    pdsm: Pdsm = Pdsm.RELEASED
    must_support: bool = False

    @property
    def walker(self) -> Walker:
        """What checks FHIR resources: the one given, else that over R4 and our own profiles."""
        from validators.mhd import pdsm_walker

        return self.given or pdsm_walker(self.pdsm)


def terms(
    mode: Mode,
    now: datetime | None = None,
    *,
    value_sets: ValueSets | None = None,
    walker: Walker | None = None,
    profiles: Sequence[str] = (),
    pdsm: Pdsm = Pdsm.RELEASED,
    must_support: bool = False,
) -> Terms:
    """The terms of a judgement; see `judge`."""
    now = now or datetime.now(UTC)
    check = partial(check_cda, mode=mode, now=now, value_sets=value_sets)
    return Terms(mode, now, check, walker, tuple(profiles), pdsm=pdsm, must_support=must_support)


def judge(
    data: bytes,
    mode: Mode,
    now: datetime | None = None,
    *,
    value_sets: ValueSets | None = None,
    walker: Walker | None = None,
    profiles: Sequence[str] = (),
    pdsm: Pdsm = Pdsm.RELEASED,
    must_support: bool = False,
) -> Verdict:
    """Recognise and check. Never raises on content: what cannot be read is invalid, with the reason.

    Args:
        data: the bytes of one file.
        mode: what the sandbox forgives, production refuses.
        now: an aware datetime; the clock by default.
        value_sets: national value sets; the few of ours when not given.
        walker: checks FHIR resources; over R4 and our own profiles when not given.
        profiles: canonicals a FHIR resource is to meet besides those it declares; an unknown one is an error.
        pdsm: the version of PDSm; a walker that is given was made over `pdsm_profiles` of it.
        must_support: tell, as information, which elements marked mustSupport a FHIR resource lacks.
    """
    by = terms(
        mode, now, value_sets=value_sets, walker=walker, profiles=profiles, pdsm=pdsm, must_support=must_support
    )  # fmt: skip
    media_type = sniff(data)
    if not data.strip():
        return _unreadable("SUBMISSION-EMPTY")
    if media_type == "application/xml" and not is_fhir_xml(data):
        return _cda(data, by)
    if media_type in ("application/xml", "application/zip") or data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from fhir_server import judging

        by_type = {"application/xml": judging.fhir_xml, "application/zip": judging.archive}
        return by_type.get(media_type, judging.fhir_json)(data, by)
    from validators.mail import is_mail  # only for what is nothing else: it costs a new process 18 ms

    if is_mail(data):
        from fhir_server import judging

        return judging.mail(data, by)
    return _unreadable("CONTENT-UNKNOWN")


def _unreadable(rule_id: str, kind: str = "unknown", **params: Any) -> Verdict:
    report = Report()
    report.add(rule(rule_id), severity=Severity.FATAL, **params)
    return Verdict(kind, report)


def _cda(data: bytes, by: Terms) -> Verdict:
    found = by.check(data)
    return Verdict("cda" if found.document is not None else "unknown", found.report, found.kind, found.ins)
