"""CDA documents as one XDM archive: every metadata value is read from their headers (CI-SIS, header to metadata)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from fhir_server.intake.wrap import bundle_from_header
from validators.cda import CdaResult, Header, Person, check_cda
from validators.report import Mode
from validators.xdm import XdmFile, build_xdm
from validators.xds import (
    HAS_MEMBER,
    Association,
    Author,
    DocumentEntry,
    Metadata,
    Slot,
    SubmissionSet,
    Xcn,
    Xon,
    from_bundle,
)

_V3: Final = "{urn:hl7-org:v3}"
_NAMESPACE: Final = uuid.UUID("0f5c27f8-3f0e-5a4e-9b0b-4f2f3a0d7c55")


class BuildError(ValueError):
    """No archive can be made of these documents; the message names the file by its number, nothing inside it."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One document: its entry, the set it would be alone, its ties, its bytes."""

    entry: DocumentEntry
    alone: SubmissionSet
    ties: tuple[Association, ...]
    data: bytes


def archive_of(documents: Sequence[bytes], at: datetime | None = None) -> bytes:
    """The archive of one or more CDA of one patient; the same documents give the same bytes.

    Args:
        documents: the bytes of each CDA.
        at: the submission time; the date of the newest document when it is not given.

    Raises:
        BuildError: a document cannot be read, or they are not about one patient.
    """
    parts = [_part(number, data, at) for number, data in enumerate(documents, 1)]
    if len({part.entry.unique_id for part in parts}) < len(parts):
        raise BuildError("two files have the same unique id")
    if len({part.entry.patient_id for part in parts}) > 1:
        raise BuildError("the files are not about one patient")
    ids = [part.entry.id for part in parts]
    made = _submission_set(parts)
    members = tuple(
        Association(kind=HAS_MEMBER, source=made.id, target=name, slots=(Slot("SubmissionSetStatus", ("Original",)),))
        for name in ids
    )
    ties = tuple(tie for part in parts for tie in part.ties)
    metadata = Metadata((made,), tuple(part.entry for part in parts), (), (*members, *ties))
    return build_xdm(metadata, [XdmFile(part.entry.id, part.data) for part in parts])


def _part(number: int, data: bytes, at: datetime | None) -> _Part:
    found = check_cda(data, mode=Mode.SANDBOX)
    header = found.header
    if header is None:
        raise BuildError(f"file {number} is no readable CDA")
    when = at or header.effective_time
    if header.id is None or when is None:
        raise BuildError(f"file {number} has no id or no date")
    media_type = found.payload.media_type if found.payload is not None else None
    metadata = from_bundle(bundle_from_header(header, media_type, data, when.astimezone(UTC)))
    ties = tuple(a for a in metadata.associations if a.kind != HAS_MEMBER)
    alone = replace(metadata.sets[0], authors=_authors(metadata.sets[0].authors, found))
    return _Part(_completed(metadata.documents[0], found, header), alone, ties, data)


def _submission_set(parts: Sequence[_Part]) -> SubmissionSet:
    """The set of the first document, dated by the newest; its id follows from all of them."""
    newest = max(part.alone.submission_time or "" for part in parts)
    if len(parts) == 1:
        return replace(parts[0].alone, submission_time=newest)
    names = "\n".join(part.alone.unique_id or "" for part in parts)
    number = uuid.uuid5(_NAMESPACE, names)
    return replace(parts[0].alone, id=f"urn:uuid:{number}", unique_id=f"2.25.{number.int}", submission_time=newest,
                   title=None)  # fmt: skip


# -- what the ITI-65 wrap has no place for ---------------------------------------------------------------------------


def _completed(entry: DocumentEntry, found: CdaResult, header: Header) -> DocumentEntry:
    signer = _signer(header.legal_authenticator) or entry.legal_authenticator
    return replace(entry, authors=_authors(entry.authors, found), legal_authenticator=signer)


def _signer(person: Person | None) -> Xcn | None:
    if person is None or person.id is None:
        return None
    return Xcn.make(person.id.extension or person.id.root, person.id.root, person.family, person.given, "IDNPS")


def _authors(authors: tuple[Author, ...], found: CdaResult) -> tuple[Author, ...]:
    """With the name of the institution, the role and the specialty, which the header states beside the numbers."""
    if found.document is None or not authors:
        return authors
    author = found.document.root.find(f"{_V3}author")
    if author is None:
        return authors
    first = authors[0]
    name = _text(author, "assignedAuthor/representedOrganization/name")
    institutions = tuple(_named(xon, name) for xon in first.institutions)
    role = _attribute(author, "functionCode", "displayName")
    specialty = [_attribute(author, "assignedAuthor/code", a) for a in ("code", "displayName", "codeSystem")]
    completed = replace(
        first, institutions=institutions, roles=(role,) if role else (),
        specialties=("^".join(map(str, specialty)),) if all(specialty) else (),
    )  # fmt: skip
    return (completed, *authors[1:])


def _named(xon: Xon, name: str | None) -> Xon:
    return Xon.make(name or xon.name or None, xon.id or None, xon.oid or None, xon.kind or None)


def _find(author: Any, path: str) -> etree._Element | None:
    found: etree._Element | None = author.find("/".join(_V3 + step for step in path.split("/")))
    return found


def _text(author: etree._Element, path: str) -> str | None:
    found = _find(author, path)
    return " ".join("".join(map(str, found.itertext())).split()) or None if found is not None else None


def _attribute(author: etree._Element, path: str, name: str) -> str | None:
    found = _find(author, path)
    return found.get(name) if found is not None else None
