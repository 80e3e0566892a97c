"""An XDM archive from bytes to a verdict: opened, laid out, metadata against files, each document as at every door.

The metadata become the ITI-65 transaction they stand for, so that a document meets the same rules whatever carries it;
places are led back to the archive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from validators import xds
from validators.messages import rule
from validators.mhd import Provided, ProvidedBundle
from validators.report import REFUSING, Report
from validators.xdm._layout import Subset, file_of, path_of, subsets, unlisted
from validators.xdm._zip import Member, SafeZip, ZipLimits, open_zip
from validators.xds import DocumentEntry, Metadata, check_metadata, differences, judge_documents, read_metadata

_CONTRADICTED: Final = {"size": "XDM-FILE-SIZE", "hash": "XDM-FILE-HASH", "mime_type": "XDM-FILE-TYPE"}


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
class Terms(xds.Terms):
    """What an archive is checked by: as a provide-bundle, and how much it may cost."""

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
        return self._judged(metadata)

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
        for name, params in differences(document, data):
            where = document.place(name)
            report.add(rule(_CONTRADICTED[name]), where.location, line=where.line, **params)

    def _look_for_others(self, metadata: Metadata) -> None:
        listed = {path for d in metadata.documents if (path := path_of(self._subset, d.uri)) is not None}
        for member in unlisted(self._subset, listed, self._archive):
            self._report.add(rule("XDM-UNLISTED"), member.shown)

    # -- as a transaction ------------------------------------------------------------------------------------------

    def content(self, document: DocumentEntry) -> str:
        """The path of a document's file."""
        return self._files[document.id].shown

    def attribute(self, location: str) -> str:
        """A place in the metadata, seen from the archive."""
        return f"{self._subset.metadata.shown}!{location or '/'}"

    def _judged(self, metadata: Metadata) -> XdmResult:
        judged = judge_documents(metadata, self._contents, self._terms, self, self._said)
        if judged is None:
            return XdmResult(self._report, metadata=metadata)
        self._report.issues += judged.issues
        self._report.looked_at = self._report.looked_at or judged.bundle.report.looked_at
        origins = judged.provision.origins
        documents = tuple(
            XdmDocument(self.content(described), provided)
            for provided in judged.bundle.documents if provided.binary is not None
            if isinstance(described := origins[provided.binary.index - 1], DocumentEntry)
        )  # fmt: skip
        return XdmResult(self._report, judged.bundle, documents, metadata)
