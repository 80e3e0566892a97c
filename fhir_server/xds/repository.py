"""ITI-41 and ITI-43: what a repository answers (IHE ITI TF-2, 3.41 and 3.43)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lxml import etree

from fhir_server.intake.record import Record, issues_of
from fhir_server.intake.xds import IHE, ProvideRequest
from fhir_server.soap.answer import Attachment, include
from fhir_server.soap.fault import issue
from fhir_server.store.plan import Outcome
from fhir_server.xds.entries import Entries
from fhir_server.xds.response import (
    FAILURE,
    PARTIAL,
    SUCCESS,
    About,
    about,
    error_code,
    registry_errors,
    registry_response,
)
from validators.mhd import unique_id
from validators.report import Issue
from validators.xds import unique_identifier, xml_text

RETRIEVE: Final = f"{{{IHE}}}RetrieveDocumentSetRequest"
MAX_DOCUMENTS: Final = 100
MAX_BYTES: Final = 64 * 1024 * 1024
_IHE: Final = f"{{{IHE}}}"
_NSMAP: Final[dict[Any, str]] = {"ihe": IHE}
_PASSED_ON: Final = 202
"""The status of what is not conformant and goes on to another registry all the same (relay, tag and pass)."""
_ENTRY: Final = re.compile(r"Bundle\.entry\[([0-9]+)\]")
_MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,64}/[A-Za-z0-9!#$&^_.+-]{1,64}")


# -- ITI-41 ----------------------------------------------------------------------------------------------------------


def provided(
    outcome: Outcome, record: Record, request: ProvideRequest, entries: Entries, lang: str
) -> etree._Element:  # fmt: skip
    """The RegistryResponse to a Provide and Register: the same record gives the same answer."""
    names, by_index = _names(request), {at: d.unique_id for d in record.documents for at in (d.entry, d.binary)}
    findings = [_located(found, by_index, names) for found in issues_of(record, outcome.findings)]
    taken = outcome.decision == "accepted" or outcome.status == _PASSED_ON
    errors = registry_errors(findings, lang, lambda found: _code(found, record, entries), is_taken=taken)
    return registry_response(SUCCESS if taken else FAILURE, errors)


def _located(found: Issue, by_index: Mapping[int, str], names: Mapping[str, str]) -> About:
    """A finding of the filing, or of another door, by the id of its document in this request."""
    match = _ENTRY.match(found.location)
    if match is None:
        return about(found)
    return replace(found, location=""), names.get(by_index.get(int(match.group(1)), ""), "")


def _names(request: ProvideRequest) -> Mapping[str, str]:
    """The ids of a request's entries by the unique id of their document, as it is filed."""
    documents = request.metadata.documents if request.metadata is not None else ()
    named = ((unique_id(unique_identifier(d.unique_id)), request.content(d)) for d in documents if d.unique_id)
    return {unique: name for unique, name in named if unique is not None}


def _code(found: Issue, record: Record, entries: Entries) -> str:
    """A uniqueId taken by other bytes has a code of its own."""
    if found.rule == "SUBMISSION-CONFLICT":
        unique = found.params.get("unique_id", "")
        claim = entries.filed(unique)
        ours = {document.sha256 for document in record.documents if document.unique_id == unique}
        if claim is not None and claim.sha256.hex() not in ours:
            return "XDSNonIdenticalHash"
    return error_code(found)


# -- ITI-43 ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The answer to a Retrieve: its body, and the documents beside it."""

    body: etree._Element = field(repr=False)
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One DocumentRequest; empty where it says nothing."""

    repository: str
    unique: str
    location: str


def retrieve(root: etree._Element, entries: Entries, repository: str, lang: str) -> Retrieved:
    """Answer a RetrieveDocumentSetRequest: what is there, and an error for each document that is not."""
    wanted = list(_requests(root))
    if not wanted or len(wanted) > MAX_DOCUMENTS:
        rule_id = "XDSB-RETRIEVE-LIMIT" if wanted else "XDSB-RETRIEVE"
        found = issue(rule_id, "/RetrieveDocumentSetRequest", reason=f"> {MAX_DOCUMENTS}")
        return _retrieved([], [about(found)], repository, lang)
    documents: list[tuple[_Wanted, Attachment]] = []
    errors: list[About] = []
    size = 0
    for number, one in enumerate(wanted, 1):
        found_one = _document(one, number, entries, repository, MAX_BYTES - size)
        if isinstance(found_one, Attachment):
            size += len(found_one.data)
            documents.append((one, found_one))
        else:
            errors.append((found_one, one.unique))
    return _retrieved(documents, errors, repository, lang)


def _requests(root: etree._Element) -> Iterator[_Wanted]:
    for number, element in enumerate(root.iterchildren(f"{_IHE}DocumentRequest"), 1):
        repository = element.findtext(f"{_IHE}RepositoryUniqueId", "").strip()
        unique = element.findtext(f"{_IHE}DocumentUniqueId", "").strip()
        yield _Wanted(repository, unique, f"/RetrieveDocumentSetRequest/DocumentRequest[{number}]")


def _document(one: _Wanted, number: int, entries: Entries, repository: str, left: int) -> Attachment | Issue:
    if not one.repository or not one.unique:
        return issue("XDSB-RETRIEVE", one.location)
    if one.repository != repository:
        return issue("XDSB-REPOSITORY", one.location, expected=repository)
    claim, entry = entries.claim(one.unique), entries.by_unique_id(one.unique)
    data = entries.content(claim.sha256) if claim is not None else None
    if data is None or entry is None:
        return issue("XDSB-DOCUMENT-ID", one.location)
    if len(data) > left:
        return issue("XDSB-RETRIEVE-LIMIT", one.location, reason=f"> {MAX_BYTES}")
    plain = entry.mime_type if entry.mime_type and _MEDIA_TYPE.fullmatch(entry.mime_type) else None
    return Attachment(f"document-{number}@segur-fhir.example", plain or "application/octet-stream", data)


def _retrieved(
    documents: list[tuple[_Wanted, Attachment]], errors: list[About], repository: str, lang: str
) -> Retrieved:  # fmt: skip
    status = SUCCESS if not errors else PARTIAL if documents else FAILURE
    root = etree.Element(f"{_IHE}RetrieveDocumentSetResponse", nsmap=_NSMAP)
    root.append(registry_response(status, registry_errors(errors, lang)))
    for one, attachment in documents:
        response = etree.SubElement(root, f"{_IHE}DocumentResponse")
        for name, text in (("RepositoryUniqueId", repository), ("DocumentUniqueId", xml_text(one.unique)),
                           ("mimeType", attachment.media_type)):  # fmt: skip
            etree.SubElement(response, _IHE + name).text = text
        etree.SubElement(response, f"{_IHE}Document").append(include(attachment.content_id))
    return Retrieved(root, tuple(attachment for _, attachment in documents))
