"""A SOAP 1.2 envelope, read safely: one body element, its addressing, its security header (IHE ITI TF-2, V.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from fhir_server.soap.fault import SoapFault, issue, sender
from fhir_server.soap.names import ANONYMOUS, ROLES, SOAP, SOAP_11, WSA, WSSE
from validators.report import Severity
from validators.xmlopen import Cause, Refusal, open_xml

MAX_DEPTH: Final = 48
MAX_BYTES: Final = 32 * 1024 * 1024
"""Documents inside an envelope are bounded by libxml2 as well: 10 MB of base64 each."""
_MAX_TAGS: Final = 500_000
"""Counted before anything is parsed: each element costs far more memory than it costs bytes."""
_MAX_HEADERS: Final = 64
_MAX_TEXT: Final = 1_024
_SOAP: Final = f"{{{SOAP}}}"
_WSA: Final = f"{{{WSA}}}"
_SECURITY: Final = f"{{{WSSE}}}Security"
_CAUSES: Final = {
    Cause.DTD: "SOAP-DTD", Cause.ENTITY: "SOAP-DTD", Cause.SIZE: "SOAP-LIMIT", Cause.DEPTH: "SOAP-LIMIT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message says of itself, and the one element it carries."""

    body: etree._Element = field(repr=False)
    action: str
    message_id: str
    security: etree._Element | None = field(default=None, repr=False)


def read_envelope(data: bytes) -> Envelope:
    """Read an envelope.

    Raises:
        SoapFault: it is not one, breaks a rule of SOAP or WS-Addressing, or asks for what we do not understand.
    """
    root = _opened(data)
    header, content = _split(root)
    blocks = _blocks(header)
    message_id = _one(blocks, "MessageID", None)
    _understood(blocks, message_id)
    action = _one(blocks, "Action", message_id)
    if action is None or message_id is None:
        name = "Action" if action is None else "MessageID"
        raise sender("SOAP-ADDRESSING", "wsa:MessageAddressingHeaderRequired", message_id, name=name)
    for name in ("ReplyTo", "FaultTo"):
        _check_anonymous(blocks, name, message_id)
    security = [block for block in blocks if block.tag == _SECURITY]
    if len(security) > 1:
        raise sender("VIHF-FORM", "wsse:InvalidSecurity", message_id, reason="Security")
    return Envelope(content, action, message_id, security[0] if security else None)


def _opened(data: bytes) -> etree._Element:
    if data.count(b"<") > _MAX_TAGS:
        raise SoapFault("Sender", [issue("SOAP-LIMIT", "/", Severity.FATAL, reason="elements")])
    opened = open_xml(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    if not isinstance(opened, Refusal):
        return opened.getroot()
    rule_id = _CAUSES.get(opened.cause, "SOAP-XML")
    error = opened.error or opened.cause.value
    raise SoapFault("Sender", [issue(rule_id, "/", Severity.FATAL, error=error, reason=error)])


def _split(root: etree._Element) -> tuple[etree._Element | None, etree._Element]:
    """The header, and the one element of the body."""
    if root.tag == f"{{{SOAP_11}}}Envelope":
        raise SoapFault("VersionMismatch", [issue("SOAP-VERSION", "/Envelope")], status=500)
    parts = list(root)
    header = parts.pop(0) if parts and parts[0].tag == f"{_SOAP}Header" else None
    right = root.tag == f"{_SOAP}Envelope" and len(parts) == 1 and parts[0].tag == f"{_SOAP}Body"
    if not right or len(parts[0]) != 1 or not isinstance(parts[0][0].tag, str):
        raise SoapFault("Sender", [issue("SOAP-ENVELOPE", "/", Severity.FATAL)])
    return header, parts[0][0]


def _blocks(header: etree._Element | None) -> list[etree._Element]:
    """The header blocks that are meant for us."""
    found = [] if header is None else [block for block in header if isinstance(block.tag, str)]
    if len(found) > _MAX_HEADERS:
        raise SoapFault("Sender", [issue("SOAP-LIMIT", "/Envelope/Header", Severity.FATAL, reason="headers")])
    return [block for block in found if block.get(f"{_SOAP}role", "") in ROLES]


def _understood(blocks: list[etree._Element], message_id: str | None) -> None:
    """Every block that must be understood is one we know (SOAP 1.2, 2.4)."""
    unknown = [
        block.tag for block in blocks
        if block.get(f"{_SOAP}mustUnderstand", "").strip() in ("1", "true")
        and not block.tag.startswith(_WSA) and block.tag != _SECURITY
    ]  # fmt: skip
    if unknown:
        names = ", ".join(name.rpartition("}")[2][:40] for name in unknown[:5])
        found = issue("SOAP-MUST-UNDERSTAND", "/Envelope/Header", name=names)
        raise SoapFault("MustUnderstand", [found], status=500, relates_to=message_id, blocks=unknown[:5])


def _one(blocks: list[etree._Element], name: str, message_id: str | None) -> str | None:
    """The text of a block that stands there at most once."""
    found = [block for block in blocks if block.tag == f"{_WSA}{name}"]
    if not found:
        return None
    text = "".join(map(str, found[0].itertext())).strip()
    if len(found) > 1 or not 0 < len(text) <= _MAX_TEXT:
        raise sender("SOAP-ADDRESSING", "wsa:InvalidAddressingHeader", message_id, name=name)
    return text


def _check_anonymous(blocks: list[etree._Element], name: str, message_id: str) -> None:
    for block in blocks:
        if block.tag == f"{_WSA}{name}":
            address = block.findtext(f"{_WSA}Address", "").strip()
            if address != ANONYMOUS:
                raise sender("SOAP-REPLY-TO", "wsa:OnlyAnonymousAddressSupported", message_id)
