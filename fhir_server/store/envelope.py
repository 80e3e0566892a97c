"""The envelope of a submission, byte for byte as it was received."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.intake.filing import mended
from fhir_server.security.caller import Scope
from fhir_server.store.reading import document


def envelope_of(connection: sa.Connection, scope: Scope, submission: Any) -> bytes | None:
    """Put the documents back where they were cut out; None when the bytes are no longer kept."""
    if submission.envelope is None:
        return None
    cuts = msgspec.msgpack.decode(submission.cuts, type=tuple[tuple[int, int, bytes], ...])
    documents: dict[bytes, bytes] = {}
    for _, _, digest in cuts:
        data = document(connection, scope, digest)
        if data is None:
            return None
        documents[digest] = data
    return mended(zlib.decompress(submission.envelope), cuts, documents)
