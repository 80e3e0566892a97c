"""A mail from bytes to what it says: who, to whom, when, what is attached, or what it tells of another message."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from validators.mail._fields import addresses, listed, message_id, one, words, zoned
from validators.mail._mime import MailLimits, Part, decoded, place_of, raw_values, read_parts
from validators.mail._notice import Notice, read_notice
from validators.messages import rule
from validators.mssante import in_trust_space
from validators.report import Report, Severity

OF_ATTACHMENT: Final = frozenset({"MAIL-ATTACHMENT", "MAIL-ENCODING"})
"""Rules about one attachment, which the metadata of its message do not suffer from."""
XDM_NAME: Final = "IHE_XDM.ZIP"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,40}(?:\.[A-Za-z0-9]{1,8})?")
_LONG: Final = re.compile(r"[0-9]{13}")
_DDM: Final = "XDM/1.0/DDM"
_BORN: Final = re.compile(r"\d{1,4}[-/.]?\d{1,2}[-/.]?\d{1,4}")
_LONGEST: Final = 1_000
"""Characters of a subject that are looked at."""
_RECIPIENTS: Final = ("To", "Cc", "Bcc")


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """One attachment: where it is (its name where that says nothing of a person), its type, its bytes and hash."""

    place: str
    media_type: str
    data: bytes
    sha256: bytes
    is_xdm: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """The metadata of a message; addresses are normalised, and those outside the trust space left out."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    sent: datetime | None
    received: datetime | None
    attachments: tuple[MailAttachment, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class MailResult:
    """The findings, and what the mail is: a message, or a notice about one; neither when it cannot be read."""

    report: Report
    mail: Mail | None = None
    notice: Notice | None = None
    sides: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The addresses of sender and recipients as they stand, whoever they are."""
    attachments: tuple[MailAttachment, ...] = ()
    """Of a message, even where its metadata are not right; what a notice returns is none."""


def check_mail(data: bytes, limits: MailLimits | None = None, envelope: tuple[str, ...] = ()) -> MailResult:
    """Read and check a mail. Never raises on what it is given; time and memory are bounded by the limits.

    Args:
        data: one message as received.
        limits: what it may cost.
        envelope: the recipients of the SMTP envelope: those that no field names are recipients too.
    """
    limits, report = limits or MailLimits(), Report()
    root = read_parts(data, report, limits)
    if root is None:
        return MailResult(report)
    subject = words(root.header, "Subject", report)[:_LONGEST]
    sides = _sides(root, limits)
    notice = read_notice(data, root, subject, report, limits)
    if notice is not None:
        return MailResult(report, notice=notice, sides=sides)
    attachments = _attachments(data, root, report, limits)
    if sum(one.is_xdm for one in attachments) > limits.max_archives:
        report.add(rule("MAIL-LIMIT"), severity=Severity.FATAL, reason="XDM", limit=limits.max_archives)
        return MailResult(report, sides=sides)
    _subject(subject, attachments, report)
    mail = _mail(root, sides, tuple(envelope), attachments, report, limits)
    return MailResult(report, mail, None, sides, attachments)


def _sides(root: Part, limits: MailLimits) -> tuple[tuple[str, ...], tuple[str, ...]]:
    senders = addresses(root.header, ("From",)) or addresses(root.header, ("Sender", "Return-Path"))
    return senders[:1], addresses(root.header, _RECIPIENTS)[: limits.max_recipients + 1]


def _mail(
    root: Part, sides: tuple[tuple[str, ...], tuple[str, ...]], envelope: tuple[str, ...],
    attachments: tuple[MailAttachment, ...], report: Report, limits: MailLimits,
) -> Mail | None:  # fmt: skip
    number = message_id(one(root.header, "Message-ID", report))
    if number is None:
        report.add(rule("MAIL-ID"), "Message-ID")
    sender = next((address for address in sides[0] if in_trust_space(address)), None)
    if sender is None:
        report.add(rule("MAIL-SENDER"), "From")
    recipients = _recipients(sides[1], envelope, report, limits)
    sent, received = _times(root, report)
    if number is None or sender is None or not recipients or (sent is None and received is None):
        return None
    return Mail(number, sender, recipients, sent, received, attachments)


def _recipients(
    named: tuple[str, ...], envelope: tuple[str, ...], report: Report, limits: MailLimits
) -> tuple[str, ...]:
    found = tuple(dict.fromkeys((*named, *(address for text in envelope for address in listed(text)))))
    if len(found) > limits.max_recipients:
        report.add(rule("MAIL-LIMIT"), "To", reason="recipients", limit=limits.max_recipients)
        return ()
    trusted = tuple(address for address in found if in_trust_space(address))
    if not trusted:
        report.add(rule("MAIL-RECIPIENT"), "To")
    elif outside := len([a for a in named if not in_trust_space(a)]):
        report.add(rule("MAIL-OUTSIDE"), "To", count=outside)
    return trusted


def _times(root: Part, report: Report) -> tuple[datetime | None, datetime | None]:
    """When it was sent, and when the last relay took it in."""
    sent = zoned(one(root.header, "Date", report))
    relays = raw_values(root.header, "Received")
    received = zoned(relays[0].rpartition(";")[2]) if relays else None
    if sent is None:
        report.add(rule("MAIL-DATE"), "Date", severity=Severity.ERROR if received is None else Severity.WARNING)
    return sent, received


# -- attachments ---------------------------------------------------------------------------------------------------


def _attachments(data: bytes, root: Part, report: Report, limits: MailLimits) -> tuple[MailAttachment, ...]:
    """Every part that is more than words, decoded; one that cannot be is named and left out."""
    found = []
    for part in root.walk():
        if not part.is_attached:
            continue
        made, place = decoded(data, part, limits), _shown(part)
        if isinstance(made, str):
            rule_id = "MAIL-ATTACHMENT" if made == "limit" else "MAIL-ENCODING"
            report.add(rule(rule_id), place, found=made, limit=limits.max_attachment)
            continue
        is_xdm = made[:4] == b"PK\x03\x04" and (part.filename.upper() == XDM_NAME or b"IHE_XDM/" in made.upper())
        if is_xdm and part.filename.upper() != XDM_NAME:
            report.add(rule("MAIL-XDM-NAME"), place)
        found.append(MailAttachment(place, part.media_type, made, hashlib.sha256(made).digest(), is_xdm))
    return tuple(found)


def _shown(part: Part) -> str:
    """A name that could say who the patient is becomes its number; so does one that could be mistaken for a place."""
    name = part.filename
    return name if _PLAIN.fullmatch(name) and not _LONG.search(name) else place_of(part.number or "0")


def _subject(subject: str, attachments: tuple[MailAttachment, ...], report: Report) -> None:
    """A mail is a submission of documents by its archive and its subject (volet courriel MSS, E3)."""
    announced, carries = subject.startswith(_DDM), any(one.is_xdm for one in attachments)
    if carries and not announced:
        report.add(rule("MAIL-DDM"), "Subject")
    label, _, born = subject.rstrip().rpartition(" ")
    if announced and not (label.startswith(f"{_DDM}+") and label.count(" ") >= 2 and _BORN.fullmatch(born)):
        report.add(rule("MAIL-DDM-FORM"), "Subject")
    if announced and not carries:
        report.add(rule("MAIL-DDM-WITHOUT"), "Subject")
