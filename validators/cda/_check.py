"""One CDA document from bytes to a verdict: opened, header read and checked, payload and identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree

from validators.cda._header import Header, read_header
from validators.cda._open import CdaDocument, Limits, open_cda
from validators.cda._payload import Payload, read_payload
from validators.cda._rules import check_meaning, check_type_id
from validators.cda._structure import check_structure
from validators.cda._time import PARIS
from validators.cda._tree import V3, HeaderIndex, line_of, xpath_of
from validators.cda.rules import check_body
from validators.cda.structure import check_content_model
from validators.documents import DocumentKind, programme_looks, registry
from validators.ins import InsStatus, PatientIdentity, Place, check_identity
from validators.report import Mode, Report
from validators.terminology import ValueSets


@dataclass(frozen=True, slots=True)
class CdaResult:
    """The findings and what was read; everything but the report is None when the bytes are no CDA."""

    report: Report
    document: CdaDocument | None = None
    ins: InsStatus | None = None
    kind: DocumentKind | None = None
    header: Header | None = None
    payload: Payload | None = None


def check_cda(
    data: bytes,
    *,
    mode: Mode,
    now: datetime | None = None,
    limits: Limits | None = None,
    value_sets: ValueSets | None = None,
) -> CdaResult:
    """Check a CDA R2 document. Never raises on what it is given.

    Args:
        data: the received bytes.
        mode: what the sandbox forgives, production refuses (test identities, wrong keys).
        now: an aware datetime; the clock by default.
        limits: what a document may cost.
        value_sets: the national lists; without them, the few of ours answer and the rest is said not to be checked.
    """
    report = Report()
    document = open_cda(data, report, limits=limits)
    if document is None:
        return CdaResult(report)
    now = now or datetime.now(UTC)
    index = HeaderIndex(document.root)
    header = read_header(index)
    kind = registry().kind_of(header.code, header.templates)
    check_type_id(index, report)
    check_structure(index, report)
    check_meaning(index, header, report, now)
    check_body(document.root, header, report, value_sets)
    payload = _payload(document.root, header, report)
    ins = _identity(document.root, header, report, kind, mode, now.astimezone(PARIS).date())
    check_content_model(document.root, report)
    return CdaResult(report, document, ins, kind, header, payload)


def _payload(root: etree._Element, header: Header, report: Report) -> Payload | None:
    body = root.find(f"{V3}component/{V3}nonXMLBody") if header.level == 1 else None
    return None if body is None else read_payload(body, report)


def _identity(
    root: etree._Element, header: Header, report: Report, kind: DocumentKind | None, mode: Mode, today: date
) -> InsStatus:
    """The identity's issues; programme errors only where a programme looks at the kind."""
    looked_at = programme_looks(kind)
    identity = header.patient or PatientIdentity(Place(xpath_of(root), line_of(root)))
    return check_identity(identity, report, mode=mode, source="cda", today=today, looked_at=looked_at)
