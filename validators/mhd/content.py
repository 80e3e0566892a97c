"""The documents of a submission: bytes found, decoded and compared with what the metadata say about them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from validators.cda import CdaResult, Header
from validators.documents import DocumentKind, programme_looks, registry
from validators.ins import InsStatus
from validators.messages import rule
from validators.mhd.bundle import BINARY, DOCUMENT, Entries, Entry, dicts
from validators.mhd.codes import FACILITY, SETS, SETTING, TYPE, CodeSet, check_codes, chosen_code
from validators.mhd.identity import against_header, from_metadata, stated_patient
from validators.mhd.prose import check_context
from validators.mhd.sets import OID, UUID
from validators.report import Mode, Report
from validators.sniffing import SIGNATURES, sniff

_XML = ("application/xml", "text/xml", "application/hl7-v3+xml", "application/hl7-sda+xml")


@dataclass(slots=True)
class Provided:
    """One document of the submission: its metadata entry, its bytes, and what the checks say of it."""

    entry: Entry
    binary: Entry | None = None
    data: bytes | None = None
    encoded: str | None = None
    unique_id: str | None = None
    cda: CdaResult | None = None
    kind: DocumentKind | None = None
    ins: InsStatus | None = None
    report: Report = field(default_factory=Report)

    @property
    def header(self) -> Header | None:
        """The header of its CDA; None when it is none, or could not be opened."""
        return self.cda.header if self.cda is not None else None

    @property
    def reference(self) -> Mapping[str, Any]:
        """The DocumentReference."""
        return self.entry.resource


CheckCda = Callable[[bytes], CdaResult]
"""How a CDA of the submission is checked: mode, moment and value sets are bound by the caller."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a profile asks of the metadata: the terminologies of some elements; whether a hash may be that of IHE's
    examples, the base64 of 40 hexadecimal digits and not of the 20 bytes.
    """

    sets: Sequence[CodeSet] = SETS
    hex_hash: bool = False


def provided_documents(
    entries: Entries, *, mode: Mode, now: datetime, report: Report, check: CheckCda, asked: Asked = Asked()
) -> list[Provided]:
    """Open and check every document of the bundle; findings go to `report` and to each document's own report."""
    documents = [_provided(entry, entries, mode, now, check, asked) for entry in entries.of(DOCUMENT)]
    _check_twice(documents, report)
    _check_unused(documents, entries, report)
    for document in documents:
        report.extend(document.report)
    return documents


def _provided(entry: Entry, entries: Entries, mode: Mode, now: datetime, check: CheckCda, asked: Asked) -> Provided:
    document = Provided(entry)
    document.unique_id = _unique_id(document)
    check_codes(entry.resource, entry.at, document.report, asked.sets)
    check_context(entry.resource, entry.at, document.report)
    attachment, place = _attachment(entry)
    _check_language(attachment, place, document.report)
    _find_bytes(document, entries, attachment, place)
    if document.data is not None:
        _check_bytes(document, attachment, place, asked)
        _compare_types(document, attachment, place)
        _open_cda(document, place, check)
    _name_kind(document)
    _judge_patient(document, entries, mode, now)
    return document


def _attachment(entry: Entry) -> tuple[Mapping[str, Any], str]:
    contents = entry.resource.get("content")
    first = contents[0] if isinstance(contents, list) and contents and isinstance(contents[0], dict) else {}
    attachment = first.get("attachment")
    return (attachment if isinstance(attachment, dict) else {}), f"{entry.at}.content[0].attachment"


# -- unique id -----------------------------------------------------------------------------------------------------


def _unique_id(document: Provided) -> str | None:
    """The unique id in one form: `urn:oid:…`, `urn:uuid:…`, or `urn:oid:R^E` for a root with an extension."""
    master = document.reference.get("masterIdentifier")
    if not isinstance(master, dict):
        return None
    unique = unique_id(master)
    if unique is None and master.get("value") is not None:
        document.report.add(rule("MHD-UNIQUE-ID"), f"{document.entry.at}.masterIdentifier")
    return unique


def unique_id(identifier: Mapping[str, Any]) -> str | None:
    """One text for an Identifier that holds a unique id; None when it is none."""
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(value, str):
        return None
    if system == "urn:ietf:rfc:3986":
        return value if OID.fullmatch(value) else value.lower() if UUID.fullmatch(value) else None
    if isinstance(system, str) and value and (OID.fullmatch(system) or UUID.fullmatch(system)):
        return f"{system}^{value}"
    return None


def _check_twice(documents: list[Provided], report: Report) -> None:
    seen: set[str] = set()
    for document in documents:
        if document.unique_id in seen:
            report.add(rule("MHD-UNIQUE-ID-TWICE"), f"{document.entry.at}.masterIdentifier")
        if document.unique_id:
            seen.add(document.unique_id)


def _check_unused(documents: list[Provided], entries: Entries, report: Report) -> None:
    used = {id(document.binary) for document in documents}
    for entry in entries.of(BINARY):
        if id(entry) not in used:
            report.add(rule("MHD-BINARY-UNUSED"), entry.at)


# -- bytes ---------------------------------------------------------------------------------------------------------


def _find_bytes(document: Provided, entries: Entries, attachment: Mapping[str, Any], place: str) -> None:
    url = attachment.get("url")
    target = entries.target(url)
    if target is None or target.slice != BINARY:
        if isinstance(url, str):
            document.report.add(rule("MHD-URL"), f"{place}.url")
        return
    document.binary = target
    encoded = target.resource.get("data")
    if not isinstance(encoded, str) or not encoded:
        document.report.add(rule("MHD-DATA"), f"{target.at}.data")
        return
    document.encoded = encoded
    document.data = decoded(encoded)
    if document.data is None:
        document.report.add(rule("MHD-BASE64"), f"{target.at}.data")


def decoded(encoded: str) -> bytes | None:
    """The bytes of a base64Binary; white space is allowed in it, nothing else is."""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        pass
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _check_bytes(document: Provided, attachment: Mapping[str, Any], place: str, asked: Asked) -> None:
    data = document.data or b""
    size = attachment.get("size")
    if isinstance(size, int) and size != len(data):
        document.report.add(rule("XCHECK-SIZE"), f"{place}.size", found=size, expected=len(data))
    announced = attachment.get("hash")
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    found = decoded(announced) if isinstance(announced, str) else digest
    if found == digest.hex().encode() and asked.hex_hash:
        document.report.add(rule("MHD-HASH-HEX"), f"{place}.hash")
    elif found != digest:
        expected = base64.b64encode(digest).decode()
        document.report.add(rule("XCHECK-HASH"), f"{place}.hash", expected=expected)


def _compare_types(document: Provided, attachment: Mapping[str, Any], place: str) -> None:
    """The types that attachment and Binary announce agree with the bytes, and with each other."""
    data = document.data or b""
    announced = attachment.get("contentType")
    carried = document.binary.resource.get("contentType") if document.binary else None
    found = sniff(data)
    binary = document.binary.at if document.binary else place
    for value, at in ((announced, f"{place}.contentType"), (carried, f"{binary}.contentType")):
        if isinstance(value, str) and not _agrees(value, found):
            document.report.add(rule("XCHECK-MEDIA-TYPE"), at, found=value, expected=found)
            return
    if isinstance(announced, str) and isinstance(carried, str) and not _same_type(announced, carried):
        document.report.add(rule("XCHECK-MEDIA-TYPE"), f"{place}.contentType", found=announced, expected=carried)


def _same_type(one: str, other: str) -> bool:
    """Two names of one media type; all names of XML are one."""
    return _plain(one) == _plain(other) or (_is_xml(_plain(one)) and _is_xml(_plain(other)))


def _is_xml(plain: str) -> bool:
    return plain in _XML or plain.endswith("+xml")


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _agrees(announced: str, found: str) -> bool:
    """Whether an announced type can be what the bytes show; bytes without a signature are not contradicted."""
    plain = _plain(announced)
    if found == "application/octet-stream":
        return not _is_xml(plain) and plain not in {media_type for _, media_type in SIGNATURES}
    if found == "application/xml":
        return _is_xml(plain) or plain == "text/plain"
    return plain == found


def _open_cda(document: Provided, place: str, check: CheckCda) -> None:
    """An XML document of a submission is a CDA: checked whole, its findings seen from the attachment."""
    data = document.data or b""
    if sniff(data) != "application/xml":
        return
    document.cda = check(data)
    document.report.extend(document.cda.report, prefix=f"{document.binary.at if document.binary else place}.data")
    if document.header is not None:
        for finding in _cross_checks(document, document.header, place):
            document.report.add(rule(finding[0]), finding[1], **dict[str, Any](finding[2]))


# -- metadata against document --------------------------------------------------------------------------------------


Finding = tuple[str, str, dict[str, str]]
"""Rule id, place, parameters."""


def _cross_checks(document: Provided, header: Header, place: str) -> Iterator[Finding]:
    """One rule a fact: unique id, type, dates, period, format, confidentiality, facility, setting, replacement."""
    reference, at = document.reference, document.entry.at
    master = reference.get("masterIdentifier")
    if isinstance(master, dict) and document.unique_id and not header.same_unique_id(master):
        yield "XCHECK-UNIQUE-ID", f"{at}.masterIdentifier.value", {"expected": header.unique_id or "-"}
    code = chosen_code(reference.get("type"), TYPE)
    if code and header.code and code != header.code:
        yield "XCHECK-TYPE", f"{at}.type.coding[0].code", {"found": code, "expected": header.code}
    yield from _dates(document, header, place)
    yield from _codes(document, header)
    if any(r.type_code == "RPLC" for r in header.related) and not replaced_target(reference):
        yield "XCHECK-REPLACES", f"{at}.relatesTo", {}


def _dates(document: Provided, header: Header, place: str) -> Iterator[Finding]:
    reference, at = document.reference, document.entry.at
    attachment, _ = _attachment(document.entry)
    context = reference.get("context")
    period = context.get("period") if isinstance(context, dict) else None
    start = period.get("start") if isinstance(period, dict) else None
    dated = len(header.effective_time_raw or "") <= 8
    for rule_id, where, value, moment, day_only in (
        ("XCHECK-CREATION", f"{place}.creation", attachment.get("creation"), header.effective_time, dated),
        ("XCHECK-DATE", f"{at}.date", reference.get("date"), header.effective_time, dated),
        ("XCHECK-PERIOD", f"{at}.context.period.start", start, header.service_start, False),
    ):
        if isinstance(value, str) and moment is not None and not _same_moment(value, moment, day_only):
            yield rule_id, where, {"expected": moment.date().isoformat() if day_only else moment.isoformat()}


def _same_moment(text: str, moment: datetime, day_only: bool) -> bool:
    """Whether a FHIR dateTime says the same instant, to the second, as far as the less precise of the two goes."""
    if len(text) <= 10:
        return moment.date().isoformat().startswith(text)
    written = _instant(text)
    if written is None:
        return True  # the lexical rule has its own finding
    if day_only:
        return written.astimezone(moment.tzinfo).date() == moment.date()
    return written.replace(microsecond=0) == moment.replace(microsecond=0)


def _instant(text: str) -> datetime | None:
    """A FHIR dateTime with its time zone; None when it is less precise, or none at all."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return None
    return written if len(text) > 10 and written.tzinfo is not None else None


def _check_language(attachment: Mapping[str, Any], place: str, report: Report) -> None:
    """French documents are in fr-FR (PDSm, languageCode)."""
    language = attachment.get("language")
    if isinstance(language, str) and language and language != "fr-FR":
        report.add(rule("MHD-LANGUAGE"), f"{place}.language", found=language)


def _codes(document: Provided, header: Header) -> Iterator[Finding]:
    reference, at = document.reference, document.entry.at
    context = reference.get("context")
    context = context if isinstance(context, dict) else {}
    for rule_id, wanted, where, expected in (
        ("XCHECK-FACILITY", FACILITY, "facilityType", header.facility),
        ("XCHECK-SETTING", SETTING, "practiceSetting", header.practice_setting),
    ):
        found = chosen_code(context.get(where), wanted)
        if found and expected and found != expected.code:
            yield rule_id, f"{at}.context.{where}.coding[0].code", {"found": found, "expected": expected.code}
    labels = [c.get("code") for concept in dicts(reference.get("securityLabel")) for c in dicts(concept.get("coding"))]
    if header.confidentiality and labels and header.confidentiality.code not in labels:
        yield "XCHECK-CONFIDENTIALITY", f"{at}.securityLabel", {"expected": header.confidentiality.code}
    yield from _format(document, header)


def _format(document: Provided, header: Header) -> Iterator[Finding]:
    contents = dicts(document.reference.get("content"))
    coding = contents[0].get("format") if contents else None
    found = coding.get("code") if isinstance(coding, dict) else None
    expected = registry().format_code(header.templates, _media_type(document))
    if isinstance(found, str) and expected is not None and found != expected:
        yield "XCHECK-FORMAT", f"{document.entry.at}.content[0].format.code", {"found": found, "expected": expected}


def _media_type(document: Provided) -> str | None:
    payload = document.cda.payload if document.cda is not None else None
    return payload.media_type if payload is not None else None


def replaced_target(reference: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The target of `relatesTo` with code replaces; None when there is none."""
    for relation in dicts(reference.get("relatesTo")):
        target = relation.get("target")
        if relation.get("code") == "replaces" and isinstance(target, dict):
            return target
    return None


# -- kind and identity ---------------------------------------------------------------------------------------------


def _name_kind(document: Provided) -> None:
    """The CDA names the kind; without one the metadata do."""
    if document.cda is not None and document.header is not None:
        document.kind, document.ins = document.cda.kind, document.cda.ins
        return
    contents = dicts(document.reference.get("content"))
    coding = contents[0].get("format") if contents else None
    format_code = coding.get("code") if isinstance(coding, dict) else None
    format_code = format_code if isinstance(format_code, str) else None
    document.kind = registry().kind_of(chosen_code(document.reference.get("type"), TYPE), (), format_code)


def _judge_patient(document: Provided, entries: Entries, mode: Mode, now: datetime) -> None:
    """The CDA's header decides the level; without a CDA the FHIR Patient does (policy, Identity)."""
    stated, header = stated_patient(document.entry, entries), document.header
    looked_at = programme_looks(document.kind)
    if header is None:
        document.ins = from_metadata(stated, document.report, mode=mode, today=now.date(), looked_at=looked_at)
    else:
        document.ins = against_header(
            stated, header, document.ins, document.report, mode=mode, today=now.date(), looked_at=looked_at
        )  # fmt: skip
