"""MSSanté message metadata: who writes to whom, when, whether it arrived, what is attached; never the body.

Pure functions over a FHIR Communication as plain dicts. An address of the citizen space holds an INS (policy,
Identity): `redacted` takes every such address and matricule out of a resource before anything else may quote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any, Final

from validators.documents import registry
from validators.ins import INS_OIDS, Matricule, strip_oid
from validators.messages import rule
from validators.report import Report

_OURS: Final = "https://segur-fhir.example/fhir/"
PROFILE: Final = f"{_OURS}StructureDefinition/mssante-message"
DESTINATION: Final = f"{_OURS}StructureDefinition/mssante-destination"
DELIVERY: Final = f"{_OURS}StructureDefinition/mssante-delivery"
ATTACHMENT_KIND: Final = f"{_OURS}StructureDefinition/mssante-attachment-kind"
ATTACHMENT_SHA256: Final = f"{_OURS}StructureDefinition/mssante-attachment-sha256"
MAILBOX_TYPE: Final = f"{_OURS}StructureDefinition/mssante-mailbox-type"
DIRECTION_SYSTEM: Final = f"{_OURS}CodeSystem/mssante-direction"
MESSAGE_ID: Final = f"{_OURS}NamingSystem/message-id"
ADDRESS: Final = f"{_OURS}NamingSystem/mssante-address"

CITIZEN_DOMAIN: Final = "patient.mssante.fr"
_TRUST_SPACE: Final = re.compile(r"[^@\s]+@(?:[^@\s]+\.mssante\.fr|interop-mssante\.apicrypt\.org)")
"""The pattern of the MSSanté OpenAPI (fhir-france D)."""
_MESSAGE_ID: Final = re.compile(r"[^<>\s@]+@[^<>\s@]+")
_SECRET: Final = re.compile(
    # A run is tried once, at its start, and given up whole: whatever is sent, the cost is that of one reading.
    r"""(?:(?<![^\s"'<>@,;:()\[\]\\|=])|(?<=%40))(?:(?!%40)[^\s"'<>@,;:()\[\]\\|=])++(?=(?:@|%40)patient\.mssante\.fr)"""
    r"""|(?<![0-9A-Za-z])[1-8][0-9]{5}[0-9AB][0-9]{8}(?![0-9A-Za-z])|(?<![0-9A-Za-z])[1-8][0-9]{4}2[AB][0-9]{8}(?![0-9A-Za-z])""",
    re.IGNORECASE,
)
PSEUDONYM: Final = re.compile(r"ins-[0-9a-f]{32}")
"""What stands where a matricule stood."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


class Direction(StrEnum):
    """Seen from the establishment."""

    SENT = "sent"
    RECEIVED = "received"


class Audience(StrEnum):
    """Who is on the other side of a message (contracts, Facts, `messages`)."""

    PROFESSIONAL = "professional"
    ORGANIZATION = "organization"
    APPLICATION = "application"
    CITIZEN = "citizen"


class Delivery(IntEnum):
    """What is known of the delivery to one recipient, in the order in which one word outweighs another.

    ASSUMED: it was sent and nothing else is known, which counts as delivered. BOUNCED: it was told that it could not
    be delivered. CONFIRMED: the recipient's side told that it arrived, whatever was told before.
    """

    ASSUMED = 0
    BOUNCED = 1
    CONFIRMED = 2


_BY_MAILBOX: Final = {
    "PER": Audience.PROFESSIONAL, "CAB": Audience.PROFESSIONAL,
    "ORG": Audience.ORGANIZATION, "APP": Audience.APPLICATION,
}  # fmt: skip
_BY_TYPE: Final = {
    "Patient": Audience.CITIZEN, "RelatedPerson": Audience.CITIZEN, "Organization": Audience.ORGANIZATION,
    "HealthcareService": Audience.ORGANIZATION, "Device": Audience.APPLICATION,
}  # fmt: skip
MAILBOX_TYPES: Final = frozenset(_BY_MAILBOX)
"""NOS TRE_R257-TypeBAL, as far as an address may have one."""


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or recipient: its normalised address (None: only said to be a patient), audience, place, delivery.

    `confirmed`: it is said of this recipient that the message reached it, not only of the message as a whole.
    """

    address: str | None
    audience: Audience
    location: str
    delivered: bool = True
    confirmed: bool = False

    @property
    def state(self) -> Delivery:
        """What is known of its delivery."""
        return Delivery.CONFIRMED if self.confirmed else Delivery.ASSUMED if self.delivered else Delivery.BOUNCED

    @property
    def matricule(self) -> str | None:
        """The INS that a citizen address holds, when it is one with its right key."""
        found = Matricule.parse((self.address or "").partition("@")[0].upper()) if self.is_citizen else None
        return found.text if found is not None and found.key_is_right else None

    @property
    def is_citizen(self) -> bool:
        """Of the citizen space."""
        return self.audience is Audience.CITIZEN


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment: the kind it is declared to be (a kind of ours, or None) and the SHA-256 of its bytes."""

    kind: str | None
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    """What a message's metadata say. `at` is the moment it is counted by: sent when sent, received when received.

    `written` is what tells it apart from another: the sender's time where it is given, for each route of one message
    has its own time of receipt.
    """

    message_id: str
    direction: Direction
    sender: Party
    recipients: tuple[Party, ...]
    at: datetime
    delivered: bool
    patient: tuple[str, str] | None
    attachments: tuple[Attachment, ...]
    written: datetime

    @property
    def own(self) -> tuple[Party, ...]:
        """The establishment's side."""
        return (self.sender,) if self.direction is Direction.SENT else self.recipients

    @property
    def others(self) -> tuple[Party, ...]:
        """The other side, which decides the audience."""
        return self.recipients if self.direction is Direction.SENT else (self.sender,)


# -- addresses -----------------------------------------------------------------------------------------------------


def normalised(address: str) -> str:
    """A mailbox as it is compared: no `mailto:`, no blanks, lower case, no final dot.

    >>> normalised(" mailto:Accueil@CH-X.mssante.fr ")
    'accueil@ch-x.mssante.fr'
    """
    return address.strip().removeprefix("mailto:").strip().rstrip(".").lower()


def in_trust_space(address: str) -> bool:
    """True for a normalised address of the MSSanté trust space, citizens included."""
    return _TRUST_SPACE.fullmatch(address) is not None or address.endswith(f"@{CITIZEN_DOMAIN}")


def audience_of(address: str | None, mailbox_type: str | None = None, reference_type: str | None = None) -> Audience:
    """Who reads a mailbox: the citizen domain first, then the type of mailbox, then the type of resource named.

    A mailbox of which nothing is known is a person's: that is what most of the trust space is made of.
    """
    if address is not None and address.endswith(f"@{CITIZEN_DOMAIN}"):
        return Audience.CITIZEN
    if address is not None and reference_type in ("Patient", "RelatedPerson"):
        reference_type = None  # an address of the professional space is no citizen's, whatever is said of it
    return _BY_MAILBOX.get(mailbox_type or "") or _BY_TYPE.get(reference_type or "") or Audience.PROFESSIONAL


# -- redaction -----------------------------------------------------------------------------------------------------

Pseudonym = Callable[[str], str]
"""The text that stands for a matricule (upper case), the same for the same one."""


def redacted_text(text: str, pseudonym: Pseudonym) -> str:
    """The text with every local part of a citizen address, and every matricule with its right key, replaced."""

    def replaced(match: re.Match[str]) -> str:
        found = match.group()
        if PSEUDONYM.fullmatch(found):
            return found
        at_home = match.string[match.end() : match.end() + 3].startswith(("@", "%40"))
        matricule = Matricule.parse(found.upper())
        secret = at_home or (matricule is not None and matricule.key_is_right)
        return pseudonym(found.upper()) if secret else found

    return _SECRET.sub(replaced, text)


def redacted(node: Any, pseudonym: Pseudonym) -> Any:
    """A copy of parsed JSON without a matricule in it, names of elements included."""
    if isinstance(node, str):
        return redacted_text(node, pseudonym)
    if isinstance(node, Mapping):
        return {redacted_text(name, pseudonym): redacted(value, pseudonym) for name, value in node.items()}
    return [redacted(item, pseudonym) for item in node] if isinstance(node, list) else node


# -- body ----------------------------------------------------------------------------------------------------------


def without_body(resource: Mapping[str, Any], report: Report, location: str) -> dict[str, Any]:
    """The resource without what a message says; each such content is `MSS-BODY` and is quoted nowhere."""
    kept = dict(resource)
    for name in ("note", "text", "contained", "topic"):
        if kept.pop(name, None) is not None:
            report.add(rule("MSS-BODY"), f"{location}.{name}")
    if isinstance(kept.get("payload"), list):
        kept["payload"] = [_payload(item, report, f"{location}.payload[{n}]") for n, item in enumerate(kept["payload"])]
    return kept


def _payload(payload: Any, report: Report, location: str) -> Any:
    if not isinstance(payload, dict):
        return payload
    said = [name for name in payload if name.startswith(("content", "_content")) and name != "contentAttachment"]
    attachment = payload.get("contentAttachment")
    inside = [name for name in ("data", "url", "title") if isinstance(attachment, dict) and name in attachment]
    for name in (*said, *(f"contentAttachment.{name}" for name in inside)):
        report.add(rule("MSS-BODY"), f"{location}.{name}")
    kept = {name: value for name, value in payload.items() if name not in said}
    if said and "contentAttachment" not in kept:
        kept["contentAttachment"] = {"contentType": "application/octet-stream"}  # one complaint is enough
    if isinstance(attachment, dict):
        kept["contentAttachment"] = {n: v for n, v in attachment.items() if n not in inside}
    return kept


# -- checks --------------------------------------------------------------------------------------------------------


def check_message(
    resource: Mapping[str, Any], report: Report, location: str = "Communication", *, now: datetime
) -> Message | None:
    """Read a Communication and say what our profile alone cannot; None when it cannot be counted as a message.

    Addresses stand nowhere in what is reported. Rules: area `mssante`.
    """
    before = len(report.issues)
    message_id = _message_id(resource, report, location)
    direction = _direction(resource, report, location)
    delivered = _delivered(resource, report, location)
    sender = _party(resource.get("sender"), f"{location}.sender", delivered, report)
    recipients = tuple(
        party
        for n, item in enumerate(_list(resource.get("recipient")))
        if (party := _party(item, f"{location}.recipient[{n}]", delivered, report)) is not None
    )
    at = _moment(resource, direction, report, location, now)
    attachments = tuple(_attachments(resource, report, location))
    if message_id is None or direction is None or sender is None or not recipients or at is None:
        return None
    message = Message(message_id, direction, sender, recipients, at, delivered,
                      _subject(resource), attachments, _parsed(resource.get("sent")) or at)  # fmt: skip
    _sides(message, resource, report, location)
    return message if not any(i.severity in ("error", "fatal") for i in report.issues[before:]) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _message_id(resource: Mapping[str, Any], report: Report, location: str) -> str | None:
    """RFC 5322: `<left@right>`; the angle brackets are no part of what is compared."""
    for item in _list(resource.get("identifier")):
        value = _dict(item).get("value")
        if _dict(item).get("system") == MESSAGE_ID and isinstance(value, str):
            text = value.strip().removeprefix("<").removesuffix(">")
            if _MESSAGE_ID.fullmatch(text):
                return text
    report.add(rule("MSS-ID"), f"{location}.identifier")
    return None


def _direction(resource: Mapping[str, Any], report: Report, location: str) -> Direction | None:
    codes = [
        coding.get("code")
        for concept in _list(resource.get("category"))
        for coding in _list(_dict(concept).get("coding"))
        if _dict(coding).get("system") == DIRECTION_SYSTEM
    ]
    if len(codes) == 1 and codes[0] in tuple(Direction):
        return Direction(codes[0])
    report.add(rule("MSS-DIRECTION"), f"{location}.category")
    return None


def _delivered(resource: Mapping[str, Any], report: Report, location: str) -> bool:
    """`completed` is delivered, `not-done` bounced; any other state is not the last word on a message."""
    status = resource.get("status")
    if status not in ("completed", "not-done"):
        report.add(rule("MSS-DELIVERY"), f"{location}.status")
    return status == "completed"


def _party(node: Any, location: str, delivered: bool, report: Report) -> Party | None:
    """A logical reference: `identifier` holds the address, `type` the resource; a patient may have no address."""
    reference = _dict(node)
    identifier = _dict(reference.get("identifier"))
    value = identifier.get("value")
    state = _extension(reference, DELIVERY).get("valueCode")
    confirmed = state == "delivered"
    arrived = delivered if state is None else confirmed
    if identifier.get("system") == ADDRESS and isinstance(value, str):
        address = normalised(value)
        if not in_trust_space(address):
            report.add(rule("MSS-ADDRESS"), f"{location}.identifier.value")
            return None
        kind = _extension(reference, MAILBOX_TYPE).get("valueCode")
        party = Party(address, audience_of(address, kind, reference.get("type")), location, arrived, confirmed)
        if party.is_citizen and party.matricule is None:
            report.add(rule("MSS-CITIZEN-ADDRESS"), f"{location}.identifier.value")
        return party
    if reference.get("type") == "Patient":
        return Party(None, Audience.CITIZEN, location, arrived, confirmed)
    report.add(rule("MSS-ADDRESS"), location)
    return None


def _extension(node: Mapping[str, Any], url: str) -> dict[str, Any]:
    return next((_dict(e) for e in _list(node.get("extension")) if _dict(e).get("url") == url), {})


def _moment(
    resource: Mapping[str, Any], direction: Direction | None, report: Report, location: str, now: datetime
) -> datetime | None:
    """The moment a message is counted by; both times, where both are given, have to follow each other."""
    times = {name: _parsed(resource.get(name)) for name in ("sent", "received")}
    wanted = direction.value if direction is not None else "sent"
    at = times[wanted]
    if at is None:
        report.add(rule("MSS-TIME"), f"{location}.{wanted}", element=wanted)
        return None
    sent, received = times["sent"], times["received"]
    if sent is not None and received is not None and received < sent:
        report.add(rule("MSS-TIME-ORDER"), f"{location}.received")
    if at > now:
        report.add(rule("MSS-TIME-FUTURE"), f"{location}.{wanted}")
    return at


def _parsed(text: Any) -> datetime | None:
    """A FHIR dateTime with its time and zone: which day it was in Paris must not be guessed."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) and "T" in text else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None


def _subject(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    """The patient as (system or OID, value)."""
    identifier = _dict(_dict(resource.get("subject")).get("identifier"))
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(system, str) or not isinstance(value, str) or not value.strip():
        return None
    return strip_oid(system), value.strip()


def _attachments(resource: Mapping[str, Any], report: Report, location: str) -> Iterator[Attachment]:
    for n, payload in enumerate(_list(resource.get("payload"))):
        attachment = _dict(_dict(payload).get("contentAttachment"))
        place = f"{location}.payload[{n}].contentAttachment"
        kind = _extension(attachment, ATTACHMENT_KIND).get("valueCode")
        if kind is not None and registry().kind(str(kind)) is None:
            report.add(rule("MSS-KIND"), place, known=", ".join(registry().kinds))
        digest = _extension(attachment, ATTACHMENT_SHA256).get("valueString")
        if digest is not None and not (isinstance(digest, str) and _SHA256.fullmatch(digest)):
            report.add(rule("MSS-HASH"), place)
            digest = None
        yield Attachment(kind, bytes.fromhex(digest) if isinstance(digest, str) else None)


def _sides(message: Message, resource: Mapping[str, Any], report: Report, location: str) -> None:
    """What the parties say together: destination declared, patient named, own side of the professional space."""
    if any(party.is_citizen for party in message.own) and message.direction is Direction.SENT:
        report.add(rule("MSS-DIRECTION"), f"{location}.category")
    declared = {
        _dict(e).get("valueCode") for e in _list(resource.get("extension")) if _dict(e).get("url") == DESTINATION
    }
    citizens = [party for party in message.others if party.is_citizen]
    said = {"DESTMSSANTEPAT"} if citizens else set()
    said |= {"DESTMSSANTEPS"} if len(citizens) < len(message.others) else set()
    if declared and message.direction is Direction.SENT and declared != said:
        report.add(rule("MSS-AUDIENCE"), f"{location}.extension", expected=", ".join(sorted(said)))
    persons = {party.matricule for party in citizens if party.matricule is not None}
    if len(persons) > 1:
        report.add(rule("MSS-PATIENTS"), f"{location}.recipient")
    subject = message.patient
    if subject is not None and subject[0] in INS_OIDS and persons and subject[1].upper() not in persons:
        report.add(rule("MSS-PATIENT"), f"{location}.subject")
