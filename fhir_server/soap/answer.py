"""What goes back: an envelope, alone or as the root of a multipart/related with its documents beside it (MTOM)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from fhir_server.soap.fault import SoapFault, fault_element, fault_headers
from fhir_server.soap.names import RELATED, SOAP, SOAP_FAULT_ACTION, SOAP_XML, WSA, XOP, XOP_XML

_PREFIXES: Final[dict[Any, str]] = {"soap": SOAP, "wsa": WSA}
_ROOT: Final = "root@segur-fhir.example"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document beside the envelope: its Content-ID, media type and bytes."""

    content_id: str
    media_type: str
    data: bytes = field(repr=False)


def envelope(
    action: str, relates_to: str | None, body: etree._Element, headers: Iterable[etree._Element] = ()
) -> bytes:  # fmt: skip
    """An envelope around one element; `relates_to` is the MessageID of what it answers."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=_PREFIXES)
    header = etree.SubElement(root, f"{{{SOAP}}}Header")
    etree.SubElement(header, f"{{{WSA}}}Action", {f"{{{SOAP}}}mustUnderstand": "1"}).text = action
    etree.SubElement(header, f"{{{WSA}}}MessageID").text = f"urn:uuid:{uuid.uuid4()}"
    if relates_to is not None:
        etree.SubElement(header, f"{{{WSA}}}RelatesTo").text = relates_to
    header.extend(headers)
    etree.SubElement(root, f"{{{SOAP}}}Body").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def fault_envelope(fault: SoapFault, lang: str) -> bytes:
    """The envelope of a fault."""
    return envelope(SOAP_FAULT_ACTION, fault.relates_to, fault_element(fault, lang), fault_headers(fault))


def include(content_id: str) -> etree._Element:
    """The xop:Include that stands where an attachment's bytes would."""
    return etree.Element(f"{{{XOP}}}Include", {"href": f"cid:{content_id}"}, nsmap={"xop": XOP})


def plain(data: bytes) -> tuple[bytes, str]:
    """An envelope as an HTTP body, and its Content-Type."""
    return data, f"{SOAP_XML}; charset=utf-8"


def related(data: bytes, attachments: Sequence[Attachment] = ()) -> tuple[bytes, str]:
    """An envelope with its attachments as an HTTP body, and its Content-Type."""
    boundary = f"MIMEBoundary_{uuid.uuid4().hex}"
    root_type = f'{XOP_XML}; charset=UTF-8; type="{SOAP_XML}"'
    parts = [(root_type, _ROOT, data), *((a.media_type, a.content_id, a.data) for a in attachments)]
    pieces: list[bytes] = []
    for media_type, content_id, content in parts:
        head = (
            f"--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{content_id}>\r\n\r\n"
        )
        pieces += [head.encode("latin-1", "replace"), content, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    kind = f'{RELATED}; boundary="{boundary}"; type="{XOP_XML}"; start="<{_ROOT}>"; start-info="{SOAP_XML}"'
    return b"".join(pieces), kind
