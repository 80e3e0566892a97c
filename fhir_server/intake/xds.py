"""ITI-41: the metadata of a Provide and Register message become the ITI-65 transaction they stand for.

The message is read once, at its door; its bytes stay as they came, each document cut out where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from fhir_server.intake.checks import Checks
from fhir_server.intake.submission import Received, Submission
from fhir_server.soap.message import SoapMessage
from fhir_server.soap.vihf import Vihf
from validators.fhir import default_walker
from validators.messages import rule
from validators.report import REFUSING, Report
from validators.xds import (
    REPLACING,
    DocumentEntry,
    Metadata,
    Terms,
    check_metadata,
    differences,
    judge_documents,
    read_request,
    request_in,
)

IHE: Final = "urn:ihe:iti:xds-b:2007"
PROVIDE: Final = f"{{{IHE}}}ProvideAndRegisterDocumentSetRequest"
_DOCUMENT: Final = f"{{{IHE}}}Document"
_CONTRADICTED: Final = {"size": "XDSB-DOCUMENT-SIZE", "hash": "XDSB-DOCUMENT-HASH", "mime_type": "XDSB-DOCUMENT-TYPE"}
_ENTRY: Final = re.compile(r"/SubmitObjectsRequest/RegistryObjectList\[1\]/ExtrinsicObject\[([0-9]+)\]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_LONG: Final = re.compile(r"[0-9]{13}")


@dataclass(frozen=True, slots=True)
class ProvideRequest:
    """An ITI-41 request as it was read: metadata (None: unreadable), documents by id, the first findings."""

    metadata: Metadata | None
    contents: Mapping[str, bytes] = field(repr=False)
    report: Report

    @property
    def replaced(self) -> list[str]:
        """The entryUUIDs of documents outside the request that it replaces."""
        found = self.metadata.associations if self.metadata is not None else ()
        return [a.target for a in found if a.kind in REPLACING and a.target.startswith("urn:uuid:")]

    # -- where things stand (validators.xds.Whereabouts) -----------------------------------------------------------

    def content(self, document: DocumentEntry) -> str:
        """The id of a document's entry: what the sender calls the document."""
        match = _ENTRY.match(document.place().location)
        return shown_id(document.id, int(match.group(1)) if match is not None else 0)

    def attribute(self, location: str) -> str:
        """A place in the metadata, behind the id of the entry it is in."""
        match = _ENTRY.match(location)
        documents = self.metadata.documents if self.metadata is not None else ()
        if match is None or int(match.group(1)) > len(documents):
            return location or "/SubmitObjectsRequest"
        rank = int(match.group(1))
        return f"{shown_id(documents[rank - 1].id, rank)}!{location}"


def shown_id(name: str, rank: int) -> str:
    """The id of an entry as a finding may show it: one that could say who the patient is becomes its rank."""
    plain = _PLAIN.fullmatch(name) is not None and _LONG.search(name) is None
    return name if plain else f"Document[{rank}]"


def read_provide(message: SoapMessage) -> ProvideRequest:
    """Metadata, documents, and what ties them: each entry has one document, each document one entry. Never raises."""
    report = Report()
    root = message.envelope.body
    request = request_in(root, report)
    metadata = read_request(request, report) if request is not None else None
    listed = [(f"/{PROVIDE.rpartition('}')[2]}/Document[{rank}]", element)
              for rank, element in enumerate(root.iterchildren(_DOCUMENT), 1)]  # fmt: skip
    by_rank = message.contents(listed, report)
    contents = _by_id(metadata, listed, by_rank, report)
    if metadata is not None:
        check_metadata(metadata, report)
        _compare(metadata, contents, report)
    return ProvideRequest(metadata, contents, report)


def _by_id(
    metadata: Metadata | None, listed: list[tuple[str, etree._Element]], by_rank: Mapping[int, bytes], report: Report
) -> dict[str, bytes]:
    known = {document.id for document in metadata.documents} if metadata is not None else set()
    seen: set[str] = set()
    found: dict[str, bytes] = {}
    for rank, (location, element) in enumerate(listed):
        name = element.get("id", "")
        if name in seen:
            report.add(rule("XDSB-DOCUMENT-TWICE"), location)
        elif metadata is not None and name not in known:
            report.add(rule("XDSB-DOCUMENT-UNKNOWN"), location)
        elif rank in by_rank:
            found[name] = by_rank[rank]
        seen.add(name)
    if metadata is not None:
        for document in metadata.documents:
            if document.id not in seen:
                report.add(rule("XDSB-DOCUMENT-MISSING"), document.place().location, line=document.place().line)
    return found


def _compare(metadata: Metadata, contents: Mapping[str, bytes], report: Report) -> None:
    for document in metadata.documents:
        data = contents.get(document.id)
        for name, params in differences(document, data) if data is not None else ():
            place = document.place(name)
            report.add(rule(_CONTRADICTED[name]), place.location, line=place.line, **params)


@dataclass(frozen=True, slots=True)
class ProvideOpener:
    """Opens one request: what its door knows beside its bytes.

    `vihf` is the assertion it came with, `said` what was found in it; `names` are the unique ids of the documents it
    replaces, by the entryUUID this registry gave them.
    """

    request: ProvideRequest
    vihf: Vihf | None
    said: Report
    names: Mapping[str, str]

    def __call__(self, received: Received, checks: Checks) -> Submission:
        """Check the request; a replaced document need not be known here: another registry may have numbered it."""
        request, report = self.request, Report(self.said)
        said = {issue.location for issue in request.report if issue.severity in REFUSING}
        report.issues += [
            replace(issue, location=request.attribute(issue.location)) if issue.location else issue
            for issue in request.report
        ]
        self._check_patient(report)
        metadata = request.metadata
        if metadata is None or not self.said.conformant or (metadata.documents and not request.contents):
            return Submission(received, None, report, malformed=metadata is None)
        terms = Terms(default_walker(), checks.mode, received.at, checks.bound(received.at), checks.max_entries)
        judged = judge_documents(metadata, request.contents, terms, request, said, self.names)
        if judged is None:
            return Submission(received, None, report)
        report.issues += judged.issues
        report.looked_at = judged.bundle.report.looked_at
        return Submission(received, judged.bundle, report, lenient_replacement=True)

    def _check_patient(self, report: Report) -> None:
        """The VIHF is about the patient of the submission. Rule `VIHF-PATIENT`."""
        metadata = self.request.metadata
        if self.vihf is None or metadata is None:
            return
        for thing in (*metadata.sets, *metadata.documents):
            if thing.patient_id is not None and not self.vihf.is_about([thing.patient_id]):
                place = thing.place("patient_id")
                report.add(rule("VIHF-PATIENT"), self.request.attribute(place.location), line=place.line)
