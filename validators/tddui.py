"""The transfer of a user record (TDDUI 1.1.0): a transaction of DocumentReferences, each with its CDA inside.

Open slicing: other entries are the sender's business. Pure functions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from validators.cda import CdaResult
from validators.documents import DocumentKind
from validators.fhir import Walker
from validators.ins import InsStatus
from validators.messages import rule
from validators.report import Report
from validators.sniffing import sniff

NATIONAL: Final = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
_OURS: Final = "https://segur-fhir.example/fhir/StructureDefinition/"
BUNDLE, DOCUMENT = f"{_OURS}tddui-bundle", f"{_OURS}tddui-document-reference"
_BUNDLES: Final = (f"{NATIONAL}tddui-bundle", BUNDLE)


@dataclass(frozen=True, slots=True)
class Transferred:
    """One document of the transfer; `place` is its DocumentReference, `encoded` its bytes as written."""

    place: str
    reference: Mapping[str, Any]
    data: bytes | None
    encoded: str
    cda: CdaResult | None

    @property
    def kind(self) -> DocumentKind | None:
        """The kind of its CDA."""
        return self.cda.kind if self.cda is not None else None

    @property
    def ins(self) -> InsStatus | None:
        """How far its identity goes."""
        return self.cda.ins if self.cda is not None else None


def is_tddui(bundle: Mapping[str, Any]) -> bool:
    """Whether a Bundle declares the profile of the transfer; nothing else tells it from ITI-65."""
    meta = bundle.get("meta")
    declared = meta.get("profile") if isinstance(meta, dict) else None
    names = [str(url).partition("|")[0] for url in declared] if isinstance(declared, list) else []
    return any(name in _BUNDLES for name in names)


def check_tddui(
    bundle: Mapping[str, Any], walker: Walker, report: Report, check: Callable[[bytes], CdaResult]
) -> list[Transferred]:
    """Check a transfer whole: FHIR structure, the requests, each document. Rules `TDDUI-*`, `XCHECK-*`.

    Args:
        bundle: the parsed Bundle.
        walker: of the FHIR structure.
        report: takes the findings; those inside a document are seen from its attachment.
        check: how a CDA is checked: mode, moment and value sets are the caller's.
    """
    walker.check(dict(bundle), report)
    found = []
    for number, entry in references(bundle):
        place = f"Bundle.entry[{number}]"
        if DOCUMENT not in _declared(entry["resource"]):
            walker.apply(entry["resource"], report, f"{place}.resource", DOCUMENT)
        _check_request(entry, place, report)
        found.append(_transferred(entry["resource"], f"{place}.resource", report, check))
    if not found:
        report.add(rule("TDDUI-COUNT"), "Bundle.entry")
    return found


def is_tddui_document(reference: Mapping[str, Any]) -> bool:
    """Whether a DocumentReference sent alone declares the profile of the transfer."""
    return DOCUMENT in _declared(reference)


def check_tddui_document(
    reference: Mapping[str, Any], walker: Walker, report: Report, check: Callable[[bytes], CdaResult]
) -> Transferred:
    """Check one document that is transferred by itself; see `check_tddui`."""
    walker.check(dict(reference), report)
    return _transferred(reference, "DocumentReference", report, check)


def references(bundle: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The entries that hold a DocumentReference, with their place."""
    entries = bundle.get("entry")
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "DocumentReference":
            yield number, entry


def _declared(resource: Mapping[str, Any]) -> list[str]:
    """The profiles the walk has judged a resource by already, under our names."""
    meta = resource.get("meta")
    urls = meta.get("profile") if isinstance(meta, dict) else None
    named = {f"{NATIONAL}tddui-documentreference": DOCUMENT}
    return [named.get(url, url) for url in urls if isinstance(url, str)] if isinstance(urls, list) else []


def _check_request(entry: Mapping[str, Any], place: str, report: Report) -> None:
    request = entry.get("request")
    method, url = (request.get("method"), request.get("url")) if isinstance(request, dict) else (None, None)
    if method != "POST":
        report.add(rule("TDDUI-REQUEST"), f"{place}.request.method")
    elif url != "DocumentReference":
        report.add(rule("TDDUI-URL"), f"{place}.request.url")


def _transferred(
    reference: Mapping[str, Any], place: str, report: Report, check: Callable[[bytes], CdaResult]
) -> Transferred:
    contents = reference.get("content")
    first = contents[0] if isinstance(contents, list) and contents and isinstance(contents[0], dict) else {}
    given = first.get("attachment")
    attachment: Mapping[str, Any] = given if isinstance(given, dict) else {}
    where = f"{place}.content[0].attachment"
    encoded = attachment.get("data")
    data = _decoded(encoded)
    if data is None:
        if encoded is not None:
            report.add(rule("TDDUI-BASE64"), f"{where}.data")
        return Transferred(place, reference, None, "", None)
    _check_bytes(attachment, data, where, report)
    if sniff(data) != "application/xml":
        report.add(rule("TDDUI-CDA"), f"{where}.data")
        return Transferred(place, reference, data, str(encoded), None)
    checked = check(data)
    report.extend(checked.report, prefix=f"{where}.data")
    _compare(reference, checked, place, report)
    return Transferred(place, reference, data, str(encoded), checked)


def _decoded(encoded: Any) -> bytes | None:
    """The bytes of a base64Binary, which may hold white space; None when it is none, or empty."""
    try:
        return base64.b64decode("".join(str(encoded).split()), validate=True) or None if encoded else None
    except (binascii.Error, ValueError):
        return None


def _check_bytes(attachment: Mapping[str, Any], data: bytes, where: str, report: Report) -> None:
    """Size and SHA-1, where they are given."""
    size, announced = attachment.get("size"), attachment.get("hash")
    if isinstance(size, int) and size != len(data):
        report.add(rule("XCHECK-SIZE"), f"{where}.size", found=size, expected=len(data))
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    if isinstance(announced, str) and _decoded(announced) != digest:
        report.add(rule("XCHECK-HASH"), f"{where}.hash", expected=base64.b64encode(digest).decode())


def _compare(reference: Mapping[str, Any], checked: CdaResult, place: str, report: Report) -> None:
    """A masterIdentifier that has the form of a unique id is that of the CDA; one without a system says nothing."""
    master = reference.get("masterIdentifier")
    if checked.header is None or not isinstance(master, dict) or not isinstance(master.get("system"), str):
        return
    if not checked.header.same_unique_id(master):
        expected = checked.header.unique_id or "-"
        report.add(rule("XCHECK-UNIQUE-ID"), f"{place}.masterIdentifier.value", expected=expected)
