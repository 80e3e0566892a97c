"""An XDM archive from bytes to a verdict: opened, laid out, metadata against files, each document as at every door.

The metadata become the ITI-65 transaction they stand for, so that a document meets the same rules whatever carries it;
places are led back to the archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from validators.cda import CdaResult
from validators.fhir import Walker
from validators.ins import Place
from validators.messages import rule
from validators.mhd import CheckCda, Provided, ProvidedBundle, check_provide_bundle, sniff
from validators.report import REFUSING, Issue, Mode, Report
from validators.xdm._layout import Subset, file_of, path_of, subsets, unlisted
from validators.xdm._zip import Member, SafeZip, ZipLimits, open_zip
from validators.xds import (
    REPLACING,
    DocumentEntry,
    Metadata,
    Provision,
    Tracer,
    check_metadata,
    read_metadata,
    to_bundle,
)

_IN_OUR_WORDS: Final = frozenset({"XCHECK-SIZE", "XCHECK-HASH", "XCHECK-MEDIA-TYPE", "MHD-SET-ITEM"})
"""Rules of ITI-65 that XDS and XDM have in words of their own."""
_XML: Final = ("application/xml", "text/xml", "text/plain")


@dataclass(frozen=True, slots=True)
class XdmDocument:
    """One document: its path in the archive, and what the checks say of it."""

    path: str
    provided: Provided


@dataclass(frozen=True, slots=True)
class XdmResult:
    """The findings, with places in the archive, and the transaction of its only set (None: it could not be made)."""

    report: Report
    bundle: ProvidedBundle | None = None
    documents: tuple[XdmDocument, ...] = ()
    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an archive is checked by: as a provide-bundle, and how much it may cost."""

    walker: Walker
    mode: Mode
    now: datetime
    check: CheckCda
    max_entries: int = 1_000
    limits: ZipLimits = field(default_factory=ZipLimits)


def check_xdm(data: bytes, terms: Terms) -> XdmResult:
    """Check an archive. Never raises on what it is given; time and memory are bounded by `terms.limits`."""
    report = Report()
    archive = open_zip(data, report, terms.limits)
    if archive is None:
        return XdmResult(report)
    found = [_Set(subset, archive, terms).checked() for subset in subsets(archive, report)]
    for one in found:
        report.extend(one.report)
    documents = tuple(document for one in found for document in one.documents)
    first = found[0] if len(found) == 1 else None
    return XdmResult(report, first.bundle if first else None, documents, first.metadata if first else None)


class _Set:
    """The check of one SUBSET folder."""

    def __init__(self, subset: Subset, archive: SafeZip, terms: Terms) -> None:
        self._subset, self._archive, self._terms = subset, archive, terms
        self._report = Report()
        self._said: set[str] = set()
        self._files: dict[str, Member] = {}
        self._contents: dict[str, bytes] = {}
        self._checked: dict[bytes, CdaResult] = {}

    def checked(self) -> XdmResult:
        """Metadata first, then files, then every document by the rules of ITI-65."""
        inside = Report()
        whole = self._archive.read(self._subset.metadata)
        metadata = read_metadata(whole, inside) if whole is not None else None
        if metadata is not None:
            check_metadata(metadata, inside)
            for document in metadata.documents:
                self._file(document, inside)
        self._said = {i.location for i in inside if i.severity in REFUSING}
        self._report.extend(inside, prefix=self._subset.metadata.shown)
        if metadata is None:
            return XdmResult(self._report)
        self._look_for_others(metadata)
        provision = to_bundle(metadata, self._contents, self._replaced(metadata))
        if provision is None:
            return XdmResult(self._report, metadata=metadata)
        return self._judged(provision, metadata)

    # -- files -----------------------------------------------------------------------------------------------------

    def _file(self, document: DocumentEntry, report: Report) -> None:
        """The file of an entry: it exists, and is what the entry says."""
        place = document.place("uri")
        if path_of(self._subset, document.uri) is None:
            report.add(rule("XDM-URI"), place.location, line=place.line)
            return
        member = file_of(self._subset, document.uri, self._archive)
        data = self._archive.read(member) if member is not None else None
        if member is None or data is None:
            report.add(rule("XDM-FILE"), place.location, line=place.line)
            return
        if document.id in self._files:
            return  # the same id twice: said, and the first stands
        self._files[document.id], self._contents[document.id] = member, data
        for rule_id, name, params in _compared(document, data):
            where = document.place(name)
            report.add(rule(rule_id), where.location, line=where.line, **params)

    def _cda(self, data: bytes) -> CdaResult:
        """The check of a CDA, once each."""
        if data not in self._checked:
            self._checked[data] = self._terms.check(data)
        return self._checked[data]

    def _look_for_others(self, metadata: Metadata) -> None:
        listed = {path for d in metadata.documents if (path := path_of(self._subset, d.uri)) is not None}
        for member in unlisted(self._subset, listed, self._archive):
            self._report.add(rule("XDM-UNLISTED"), member.shown)

    # -- as a transaction ------------------------------------------------------------------------------------------

    def _replaced(self, metadata: Metadata) -> dict[str, str]:
        """The unique id of a replaced document: the CDA that replaces it says it, the entryUUID is the registry's."""
        found: dict[str, str] = {}
        for association in metadata.associations:
            data = self._contents.get(association.source)
            if association.kind in REPLACING and data is not None:
                header = self._cda(data).header if sniff(data) == "application/xml" else None
                related = header.related if header is not None else ()
                for parent in (p for r in related if r.type_code == "RPLC" for p in r.parents[:1]):
                    found.setdefault(association.target, parent.text)
        return found

    def _judged(self, provision: Provision, metadata: Metadata) -> XdmResult:
        terms, tracer = self._terms, Tracer(provision)
        bundle = check_provide_bundle(
            provision.bundle, terms.walker, mode=terms.mode, now=terms.now, max_entries=terms.max_entries,
            check=self._cda,
        )  # fmt: skip
        paths = self._paths(provision)
        right = not self._said
        for issue in bundle.report:
            moved = self._moved(issue, tracer, paths)
            if issue.rule not in _IN_OUR_WORDS and not self._is_said(issue, tracer, right):
                self._report.issues.append(moved)
        self._report.looked_at = self._report.looked_at or bundle.report.looked_at
        documents = tuple(
            XdmDocument(paths[d.binary.index], d) for d in bundle.documents if d.binary is not None
        )  # fmt: skip
        return XdmResult(self._report, bundle, documents, metadata)

    def _paths(self, provision: Provision) -> Mapping[int, str]:
        """The file of each entry of bytes: it follows the entry that describes it."""
        found = {}
        for index, origin in enumerate(provision.origins):
            if isinstance(origin, DocumentEntry):
                found[index + 1] = self._files[origin.id].shown
        return found

    def _is_said(self, issue: Issue, tracer: Tracer, right: bool) -> bool:
        """A rule of the derived form adds nothing where a rule of XDS has spoken of the same attribute."""
        if not issue.rule.startswith(("FHIR-", "MHD-")):
            return False
        if issue.rule.startswith("FHIR-") and not right:
            return True
        place = tracer.place(issue.location)
        return place is not None and place.location in self._said

    def _moved(self, issue: Issue, tracer: Tracer, paths: Mapping[int, str]) -> Issue:
        index = tracer.document(issue.location)
        if index is not None:
            _, inside, rest = issue.location.partition("!/")
            return replace(issue, location=f"{paths[index]}!/{rest}" if inside else paths[index])
        place = tracer.place(issue.location) or Place("")
        where = f"{self._subset.metadata.shown}!{place.location or '/'}"
        return replace(issue, location=where, line=place.line, column=None, pointer=None)


Finding = tuple[str, str, dict[str, Any]]


def _compared(document: DocumentEntry, data: bytes) -> list[Finding]:
    """Size, SHA-1 and media type of a file against its entry."""
    found: list[Finding] = []
    if document.size is not None and document.size.isdigit() and (document.size.lstrip("0") or "0") != str(len(data)):
        found.append(("XDM-FILE-SIZE", "size", {"found": document.size[:20], "expected": len(data)}))
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if document.hash is not None and document.hash.lower() != digest:
        found.append(("XDM-FILE-HASH", "hash", {"expected": digest}))
    shown, plain = sniff(data), (document.mime_type or "").partition(";")[0].strip().lower()
    if plain and not _agrees(plain, shown):
        found.append(("XDM-FILE-TYPE", "mime_type", {"found": plain[:40], "expected": shown}))
    return found


def _agrees(announced: str, shown: str) -> bool:
    """Whether an announced type can be what the bytes show; bytes without a signature are contradicted by XML only."""
    is_xml = announced in _XML or announced.endswith("+xml")
    if shown == "application/octet-stream":
        return not is_xml or announced == "text/plain"
    return is_xml if shown == "application/xml" else announced == shown
