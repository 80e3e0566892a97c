"""The envelope of a submission: kept with its documents cut out, restored byte for byte as it was received."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store.reading import document

Cut = tuple[int, int, bytes]
"""Where the document stood in the envelope (offset and length), and its SHA-256; a length of -1: the whole of it.

The length tells how it was written (`_forms`): no two forms of one document are as long.
"""

WHOLE = -1


def _forms(data: bytes) -> Iterator[bytes]:
    """How a document can stand in an envelope: base64 in one piece, its bytes, base64 in the lines of MIME."""
    text = base64.b64encode(data)
    yield text
    yield data
    lines = [text[at : at + 76] for at in range(0, len(text), 76)]
    if len(lines) > 1:
        yield b"\r\n".join(lines)
        yield b"\n".join(lines)


def cut(envelope: bytes, documents: Iterable[tuple[bytes, str | None]]) -> tuple[bytes, tuple[Cut, ...]]:
    """Take documents (bytes, and their base64 as written) out of the envelope: what is left, and where each was.

    Only what stands in the envelope in one of the forms, or the envelope that is the document itself, is cut: putting
    the document back must give the same bytes. Base64 that was not written canonically is left where it is.
    """
    cuts: dict[int, Cut] = {}
    for data, encoded in documents:
        digest = hashlib.sha256(data).digest()
        if data == envelope:
            return b"", ((0, WHOLE, digest),)
        if not data or encoded != base64.b64encode(data).decode():
            continue
        at, length = _found(envelope, data)
        if at >= 0 and not any(at < start + other and start < at + length for start, other, _ in cuts.values()):
            cuts[at] = (at, length, digest)
    kept, end = [], 0
    for at, length, _ in sorted(cuts.values()):
        kept.append(envelope[end:at])
        end = at + length
    return b"".join([*kept, envelope[end:]]), tuple(sorted(cuts.values()))


def _found(envelope: bytes, data: bytes) -> tuple[int, int]:
    """Where a document stands, and how long it is there; -1 when it does not."""
    for form in _forms(data):
        at = envelope.find(form)
        if at >= 0:
            return at, len(form)
    return -1, 0


def mended(rest: bytes, cuts: Iterable[Cut], documents: Mapping[bytes, bytes]) -> bytes:
    """The envelope as received, from what was left of it and its documents' bytes."""
    pieces: list[bytes] = []
    taken = at = 0
    for offset, length, digest in cuts:
        if length == WHOLE:
            return documents[digest]
        form = next(form for form in _forms(documents[digest]) if len(form) == length)
        pieces += [rest[taken : taken + offset - at], form]
        taken, at = taken + offset - at, offset + length
    return b"".join([*pieces, rest[taken:]])


def packed(cuts: tuple[Cut, ...]) -> bytes:
    """The cuts as they are stored."""
    return msgspec.msgpack.encode(cuts)


def unpacked(data: bytes) -> tuple[Cut, ...]:
    """Stored cuts."""
    return msgspec.msgpack.decode(data, type=tuple[tuple[int, int, bytes], ...])


def envelope_of(connection: sa.Connection, scope: Scope, submission: Any) -> bytes | None:
    """Put the documents back where they were cut out; None when the bytes are no longer kept."""
    if submission.envelope is None:
        return None
    cuts = unpacked(submission.cuts)
    documents: dict[bytes, bytes] = {}
    for _, _, digest in cuts:
        data = document(connection, scope, digest)
        if data is None:
            return None
        documents[digest] = data
    return mended(zlib.decompress(submission.envelope), cuts, documents)
