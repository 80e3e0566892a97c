"""The doors that `segur bench submit` sends by: how a letter is packed for each, and what an answer has to say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from lxml import etree

from fhir_server.client import wrapped
from fhir_server.intake.xdm_build import archive_of
from fhir_server.intake.xds import IHE, PROVIDE
from fhir_server.soap.answer import Attachment, envelope, include, related

_METADATA: Final = "IHE_XDM/SUBSET01/METADATA.XML"
_ACTION: Final = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"


class Message(NamedTuple):
    """What is posted."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Door:
    """An address, the packing of a letter under a number of its own, and whether an answer means that it was filed."""

    path: str
    pack: Callable[[bytes, int], Message]
    filed: Callable[[bytes], bool]


def _transaction(letter: bytes, _: int) -> Message:
    return Message(wrapped(letter) or b"", "application/fhir+json")


def _archive(letter: bytes, _: int) -> Message:
    return Message(archive_of([letter]), "application/zip")


def _soap(letter: bytes, _: int) -> Message:
    """ITI-41 with the letter beside the envelope (MTOM/XOP)."""
    with zipfile.ZipFile(io.BytesIO(archive_of([letter]))) as archive:
        metadata = etree.fromstring(archive.read(_METADATA))
    request = etree.Element(PROVIDE)
    request.append(metadata)
    name = next(metadata.iter("{*}ExtrinsicObject")).get("id", "")
    etree.SubElement(request, f"{{{IHE}}}Document", {"id": name}).append(include("letter@bench.example"))
    message = envelope(_ACTION, None, request)
    return Message(*related(message, [Attachment("letter@bench.example", "text/xml", letter)]))


def _mail(letter: bytes, number: int) -> Message:
    from testdata.mail import SUBJECT, mail

    sent = mail(
        "expediteur@bench.mssante.fr", "destinataire@bench.mssante.fr", at=datetime.now(UTC).replace(microsecond=0),
        message_id=f"<{number}@bench.mssante.fr>", subject=SUBJECT,
        enclosures=[("IHE_XDM.ZIP", "application/zip", archive_of([letter]))],
    )  # fmt: skip
    return Message(sent, "message/rfc822")


def _done(answer: bytes) -> bool:
    """Every entry of the answer says that it was filed."""
    return b'"status":"20' in answer and b'"status":"4' not in answer and b'"status":"5' not in answer


DOORS: Final = {
    "mhd": Door("/fhir", _transaction, _done),
    "xdm": Door("/xdm", _archive, _done),
    "xds": Door("/xds/repository", _soap, lambda answer: b"ResponseStatusType:Success" in answer),
    "mail": Door("/mail", _mail, _done),
}
