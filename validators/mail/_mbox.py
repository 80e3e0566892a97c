"""Mailbox files: many messages in one, each behind a line that begins with `From ` (RFC 4155)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_FROM: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{1,1000}\r?\n")
_FIELD: Final = re.compile(
    rb"(?i:return-path|received|delivered-to|from|to|subject|date|message-id|mime-version|dkim-signature|"
    rb"x-[a-z0-9-]{1,60}):"
)


def is_mbox(data: bytes) -> bool:
    """Whether the bytes begin as a mailbox file does: the separator, then a field."""
    match = _FROM.match(data)
    return match is not None and _FIELD.match(data, match.end()) is not None


def is_mail(data: bytes) -> bool:
    """Whether the bytes begin with a field that a message begins with, or as a mailbox file."""
    return _FIELD.match(data) is not None or is_mbox(data)


def split_mbox(data: bytes) -> Iterator[bytes]:
    """The messages of a mailbox file, as they stand in it; nothing when it does not begin with its separator."""
    starts = list(_FROM.finditer(data))
    if not starts or starts[0].start():
        return
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        end = following.start() if following is not None else len(data)
        yield data[match.end() : end]
