"""Mails (RFC 5322, MIME): read without trust, their metadata, their attachments, and the notices some of them are.

Bytes in, findings out: no HTTP, no database, no settings. An address of a citizen is an INS: it is in the values that
come out, and in no finding.
"""

from __future__ import annotations

from validators.mail._check import OF_ATTACHMENT, Mail, MailAttachment, MailResult, check_mail
from validators.mail._fields import listed
from validators.mail._mbox import is_mail, is_mbox, split_mbox
from validators.mail._mime import MailLimits
from validators.mail._notice import Notice

__all__ = [
    "OF_ATTACHMENT",
    "Mail",
    "MailAttachment",
    "MailLimits",
    "MailResult",
    "Notice",
    "check_mail",
    "is_mail",
    "is_mbox",
    "listed",
    "split_mbox",
]
