"""Mails of the tests, the smallest that are right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from testdata.mail import mail
from validators.mail import MailResult, check_mail

A, B = "a@x.mssante.fr", "b@x.mssante.fr"
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
XDM = ("IHE_XDM.ZIP", "application/zip", b"PK\x03\x04 IHE_XDM/SUBSET01")
DDM = "XDM/1.0/DDM+Lettre de liaison DEMO Camille 01/01/1980"
HEAD = b"From: a@x.mssante.fr\r\nTo: b@x.mssante.fr\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <h@x>\r\n"


def written(*to: str, sender: str = A, **more: Any) -> bytes:
    """A message from A to B."""
    return mail(sender, *(to or (B,)), **{"at": AT, "message_id": "<1@x>", **more})


def plain(*fields: bytes, body: bytes = b"x", without: bytes = b"") -> bytes:
    """A message by hand: our header, without one field, with others."""
    kept = [line for line in HEAD.splitlines() if not (without and line.startswith(without + b":"))]
    return b"\r\n".join([*kept, *fields, b"", body])


def multipart(*parts: bytes, boundary: bytes = b"x", end: bytes = b"--x--\r\n", head: bytes = b"") -> bytes:
    """A message of parts by hand."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return HEAD + head + b"Content-Type: multipart/mixed; boundary=" + boundary + b"\r\n\r\n" + body + end


def attached(data: bytes, encoding: bytes = b"base64", name: bytes = b"a.bin") -> bytes:
    """An attachment by hand."""
    return (b"Content-Type: application/octet-stream; name=" + name + b"\r\nContent-Transfer-Encoding: " + encoding
            + b"\r\n\r\n" + data)  # fmt: skip


def found(data: bytes) -> dict[str, str]:
    """The rules of a mail, each with its place."""
    return {issue.rule: issue.location for issue in check_mail(data).report}


def read(data: bytes) -> MailResult:
    """A mail that is right."""
    result = check_mail(data)
    assert result.report.conformant, result.report.rules()
    return result
