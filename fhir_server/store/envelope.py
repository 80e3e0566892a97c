"""The envelope of a submission: kept with its documents cut out, restored byte for byte as it was received."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store.reading import document

Cut = tuple[int, int, bytes]
"""Offset and length of the document's base64 in the envelope, SHA-256 of the document; -1: the whole of it."""

WHOLE = -1


def cut(envelope: bytes, documents: Iterable[tuple[bytes, str | None]]) -> tuple[bytes, tuple[Cut, ...]]:
    """Take documents (bytes, and their base64 as written) out of the envelope: what is left, and where each was.

    Only canonical base64 that stands in the envelope as such, or the envelope that is the document itself, is cut:
    putting the document back must give the same bytes.
    """
    cuts: dict[int, Cut] = {}
    for data, encoded in documents:
        digest = hashlib.sha256(data).digest()
        if data == envelope:
            return b"", ((0, WHOLE, digest),)
        text = base64.b64encode(data)
        at = envelope.find(text) if data and encoded == text.decode() else -1
        if at >= 0 and not any(at < start + length and start < at + len(text) for start, length, _ in cuts.values()):
            cuts[at] = (at, len(text), digest)
    kept, end = [], 0
    for at, length, _ in sorted(cuts.values()):
        kept.append(envelope[end:at])
        end = at + length
    return b"".join([*kept, envelope[end:]]), tuple(sorted(cuts.values()))


def mended(rest: bytes, cuts: Iterable[Cut], documents: Mapping[bytes, bytes]) -> bytes:
    """The envelope as received, from what was left of it and its documents' bytes."""
    pieces: list[bytes] = []
    taken = at = 0
    for offset, length, digest in cuts:
        if length == WHOLE:
            return documents[digest]
        pieces += [rest[taken : taken + offset - at], base64.b64encode(documents[digest])]
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
