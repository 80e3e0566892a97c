"""Mails of the country as MSSanté carries them: messages, reading and delivery notices, mailbox files; none is real.

Bytes are written by hand where a message is to be wrong, and by the standard library where it is to be right.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

__all__ = ["Enclosure", "bounce", "failed_integration", "mail", "mailbox_file", "nested", "reading_notice"]

Enclosure = tuple[str, str, bytes]
"""File name, media type, bytes."""
SUBJECT = "XDM/1.0/DDM+Lettre de liaison DEMO-TEST Camille 01/01/1980"


def mail(
    sender: str,
    *recipients: str,
    at: datetime,
    message_id: str,
    subject: str = "Message de test",
    text: str = "Texte de test, sans valeur.",
    enclosures: Sequence[Enclosure] = (),
    received: datetime | None = None,
    answers: str | None = None,
) -> bytes:
    """A message as a relay hands it over; `received` is when the last relay took it in.

    Args:
        sender: address of the sender.
        recipients: addresses of the recipients.
        at: its date.
        message_id: with its brackets.
        subject: of the message.
        text: the words of the message.
        enclosures: what is attached.
        received: adds a Received field.
        answers: the Message-ID it answers to.
    """
    made = _headed(sender, recipients, at, message_id, subject, received, answers)
    made.set_content(text)
    for name, media_type, data in enclosures:
        main, _, sub = media_type.partition("/")
        made.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return made.as_bytes(policy=SMTP)


def _headed(
    sender: str, recipients: Iterable[str], at: datetime, message_id: str, subject: str,
    received: datetime | None = None, answers: str | None = None,
) -> EmailMessage:  # fmt: skip
    made = EmailMessage(policy=SMTP)
    if received is not None:
        made["Received"] = f"from relais.mssante.fr by boite.mssante.fr; {format_datetime(received)}"
    made["From"], made["To"] = sender, ", ".join(recipients)
    made["Date"], made["Message-ID"], made["Subject"] = format_datetime(at), message_id, subject
    if answers is not None:
        made["In-Reply-To"] = answers
    made["MIME-Version"] = "1.0"
    return made


def reading_notice(
    reader: str, to: str, original: str, *, at: datetime, message_id: str, disposition: str = "displayed",
    error: str = "",
) -> bytes:  # fmt: skip
    """An MDN (RFC 8098); with `error` (`code^label`) the recipient could not process the message."""
    fields = [f"Final-Recipient: rfc822; {reader}", f"Original-Message-ID: {original}",
              f"Disposition: automatic-action/MDN-sent-automatically; {disposition}"]  # fmt: skip
    fields += [f"Error: {error}"] if error else []
    parts = [("text/plain; charset=utf-8", "Accusé de test."),
             ("message/disposition-notification", "\r\n".join(fields))]  # fmt: skip
    head = _headed(reader, [to], at, message_id, "Accusé de lecture")
    return _report(head, "disposition-notification", parts)


def bounce(
    to: str, original: str, *failed: str, at: datetime, message_id: str, action: str = "failed", status: str = "5.1.1"
) -> bytes:
    """A DSN (RFC 3464) that returns the header of the message it is about."""
    each = [f"Final-Recipient: rfc822; {one}\r\nAction: {action}\r\nStatus: {status}" for one in failed]
    status_text = "\r\n\r\n".join(["Reporting-MTA: dns; relais.mssante.fr", *each])
    parts = [("text/plain; charset=utf-8", "Avis de test."), ("message/delivery-status", status_text),
             ("text/rfc822-headers", f"From: {to}\r\nMessage-ID: {original}")]  # fmt: skip
    head = _headed("mailer-daemon@relais.mssante.fr", [to], at, message_id, "Undelivered Mail")
    return _report(head, "delivery-status", parts)


def _report(head: EmailMessage, kind: str, parts: Iterable[tuple[str, str]]) -> bytes:
    content_type = f'Content-Type: multipart/report; report-type={kind}; boundary="=rapport"'
    body = "".join(f"--=rapport\r\nContent-Type: {media}\r\n\r\n{text}\r\n" for media, text in parts)
    return head.as_bytes(policy=SMTP).rstrip(b"\r\n") + f"\r\n{content_type}\r\n\r\n{body}--=rapport--\r\n".encode()


def failed_integration(
    sender: str, to: str, original: str, *, at: datetime, message_id: str, code: str = "902",
    enclosures: Sequence[Enclosure] = (),
) -> bytes:  # fmt: skip
    """The negative notification of the volet (E3): an ordinary mail that returns the archive."""
    subject = f"[KO Intégration système !][{code}] {SUBJECT}"
    return mail(sender, to, at=at, message_id=message_id, subject=subject, answers=original, enclosures=enclosures)


def mailbox_file(messages: Iterable[bytes]) -> bytes:
    """A mailbox file (RFC 4155, lines ended as on Unix)."""
    return b"".join(
        b"From relais@mssante.fr Sun Nov  1 10:00:00 2026\n" + one.replace(b"\r\n", b"\n").rstrip(b"\n") + b"\n\n"
        for one in messages
    )


def nested(depth: int, inner: bytes = b"fin") -> bytes:
    """A message of parts within parts: a bomb for a reader that follows them all."""
    lines = [b"From: a@x.mssante.fr", b"To: b@x.mssante.fr", b"Message-ID: <bombe@x.mssante.fr>"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="n%d"' % level, b"", b"--n%d" % level]
    lines += [b"Content-Type: application/octet-stream", b"Content-Transfer-Encoding: base64", b"", b64encode(inner)]
    lines += [b"--n%d--" % level for level in reversed(range(depth))]
    return b"\r\n".join(lines) + b"\r\n"
