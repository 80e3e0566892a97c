"""Notices about a message that was sent: read (MDN, RFC 8098), delivered or not (DSN, RFC 3464), not integrated.

What a notice returns of the message it is about is looked at for its Message-ID and for nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Final

from validators.mail._fields import LONGEST, message_id, message_ids, one
from validators.mail._mime import MailLimits, Part, decoded, place_of
from validators.messages import rule
from validators.mssante import Delivery, normalised
from validators.report import Report

_PARSER: Final = BytesParser(policy=compat32)
_KO: Final = re.compile(
    r"\s*\[(?:KO [^\]]{1,60}|Erreur d.int[^\]]{1,40})\]\s*(?:\[([^\]]{0,40})\])?\s*XDM/1\.0/DDM", re.IGNORECASE
)
_GROUPS: Final = re.compile(rb"\r?\n[ \t]*\r?\n")
_CODE: Final = re.compile(r"[\w.-]{1,20}")
_FINAL: Final = {"failed": Delivery.BOUNCED, "delivered": Delivery.CONFIRMED}
"""Actions of RFC 3464, 2.3.3, that say how it ended; delayed, relayed and expanded do not."""
_ACTIONS: Final = frozenset({"failed", "delivered", "delayed", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice tells: of which message, and the state of each recipient (empty address: the only one).

    `kind` is mdn, dsn or ko.
    """

    kind: str
    original: str | None
    states: tuple[tuple[str, Delivery], ...]


def read_notice(data: bytes, root: Part, subject: str, report: Report, limits: MailLimits) -> Notice | None:
    """The notice a mail is; None when it is an ordinary message. What a notice lacks is said (area `mail`)."""
    kind = root.parameter("report-type") if root.media_type == "multipart/report" else ""
    found: Notice | None = None
    if kind == "disposition-notification":
        found = _disposition(data, root, report, limits)
    elif kind == "delivery-status":
        found = _delivery(data, root, report, limits)
    elif (match := _KO.match(subject)) is not None:
        found = _integration(root, match[1] or "", report)
    if found is not None and found.original is None:
        report.add(rule("MAIL-NOTICE-ORIGINAL"), "")
    return found


def _fields(data: bytes, part: Part | None, limits: MailLimits) -> Iterator[tuple[str, Message]]:
    """The groups of fields of a part, each with its place."""
    made = decoded(data, part, limits) if part is not None else b""
    if part is None or isinstance(made, str) or len(made) > limits.max_header:
        return
    for group in _GROUPS.split(made):
        if group.strip():
            yield place_of(part.number), _PARSER.parsebytes(group.strip() + b"\r\n\r\n", headersonly=True)


def _part(root: Part, *kinds: str) -> Part | None:
    return next((part for part in root.parts if part.media_type in kinds), None)


def _unreadable(report: Report, reason: str) -> None:
    report.add(rule("MAIL-NOTICE"), "", reason=reason)


def _recipient(fields: Message) -> str:
    """The original address before the final one: the sender knows that one (RFC 3464, 2.3.1)."""
    for name in ("Original-Recipient", "Final-Recipient"):
        kind, _, address = one(fields, name).partition(";")
        if kind.strip().lower() in ("rfc822", "utf-8") and "@" in address and len(address) <= LONGEST:
            return normalised(address.strip().strip("<>"))
    return ""


# -- reading -------------------------------------------------------------------------------------------------------


def _disposition(data: bytes, root: Part, report: Report, limits: MailLimits) -> Notice | None:
    """RFC 8098, 3.1: every disposition type says that the message is in the recipient's mailbox."""
    part = _part(root, "message/disposition-notification", "message/global-disposition-notification")
    place, fields = next(_fields(data, part, limits), ("", None))
    disposition = one(fields, "Disposition") if fields is not None else ""
    if fields is None or ";" not in disposition:
        _unreadable(report, "Disposition")
        return Notice("mdn", None, ())
    type_and_modifier = disposition.partition(";")[2].strip().lower()
    if "error" in type_and_modifier or "failed" in type_and_modifier or "failure" in type_and_modifier:
        report.add(rule("MAIL-NOTICE-KO"), place, found=_code(one(fields, "Error") or type_and_modifier))
    original = message_id(one(fields, "Original-Message-ID")) or _answered(root)
    return Notice("mdn", original, ((_recipient(fields), Delivery.CONFIRMED),))


def _code(text: str) -> str:
    """The code before its label: a label may say who the patient is."""
    found = _CODE.search(text.partition("error:")[2] or text.partition("^")[0])
    return found[0] if found is not None else "-"


def _answered(root: Part) -> str | None:
    """The message a mail answers to: In-Reply-To, else the last of its references."""
    ids = message_ids(one(root.header, "In-Reply-To")) or message_ids(one(root.header, "References"))[-1:]
    return ids[0] if ids else None


def _integration(root: Part, code: str, report: Report) -> Notice:
    """An ordinary mail that says by its subject that the archive arrived and could not be integrated (volet, E3)."""
    report.add(rule("MAIL-NOTICE-KO"), "Subject", found=_code(code) if code else "-")
    return Notice("ko", _answered(root), (("", Delivery.CONFIRMED),))


# -- delivery ------------------------------------------------------------------------------------------------------


def _delivery(data: bytes, root: Part, report: Report, limits: MailLimits) -> Notice:
    part = _part(root, "message/delivery-status", "message/global-delivery-status")
    groups = list(_fields(data, part, limits))[: limits.max_recipients + 1]
    told = [(place, fields) for place, fields in groups if "Action" in fields]
    if not told:
        _unreadable(report, "Action")
    states = tuple(_states(told, report))
    return Notice("dsn", _original(data, root, (fields for _, fields in groups), limits), states)


def _states(told: Iterable[tuple[str, Message]], report: Report) -> Iterator[tuple[str, Delivery]]:
    for place, fields in told:
        action = one(fields, "Action").partition(" ")[0].strip().lower()
        if action in _FINAL:
            yield _recipient(fields), _FINAL[action]
        else:
            report.add(rule("MAIL-NOTICE-NOT-FINAL"), place, found=action if action in _ACTIONS else "-")


def _original(data: bytes, root: Part, groups: Iterable[Message], limits: MailLimits) -> str | None:
    """The Message-ID in what is returned of the message, else where relays write it, else what is answered to."""
    returned = _part(root, "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
    head = decoded(data, returned, limits) if returned is not None else b""
    if returned is not None and isinstance(head, bytes):
        block = _GROUPS.split(head[: limits.max_header].lstrip(b"\r\n"), maxsplit=1)[0]
        found = message_id(one(_PARSER.parsebytes(block + b"\r\n\r\n", headersonly=True), "Message-ID"))
        if found is not None:
            return found
    written = (one(fields, name) for fields in groups for name in ("X-Original-Message-ID", "Original-Message-ID"))
    return next((found for text in written if (found := message_id(text)) is not None), None) or _answered(root)
