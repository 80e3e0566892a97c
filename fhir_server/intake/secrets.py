"""What is kept of received bytes that may hold a citizen's address: the same bytes with a pseudonym in its place.

The address of a citizen is an INS (policy, Identity), and the figures need no identity. So the record of a message is
not restorable byte for byte, on purpose, and its hash is that of what is kept: a hash of the rest of the bytes would
let somebody try every matricule there is.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

from fhir_server.ids import Pseudonyms
from validators.fhir import parse_json
from validators.mssante import redacted, redacted_text
from validators.report import Report


@dataclass(frozen=True, slots=True)
class Kept:
    """The envelope as it is stored (zlib; None when it cannot be made safe), its hash and size."""

    envelope: bytes | None
    sha256: bytes
    size: int


class Redactor:
    """Takes matricules out of what arrives; the same person gets the same pseudonym, under the first key."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Pseudonyms) -> None:
        self._keys = keys

    def pseudonym(self, matricule: str) -> str:
        """The text that stands for a matricule in what is kept and served."""
        return f"ins-{self._keys.stable('citizen', matricule)}"

    def json(self, node: Any) -> Any:
        """Parsed JSON without a matricule in it."""
        return redacted(node, self.pseudonym)

    def kept(self, body: bytes, parsed: object | None, *, keep: bool = True) -> Kept:
        """The bytes to keep. Where a matricule is hidden from the text (JSON escapes), or nothing could be read: none.

        Args:
            body: as received.
            parsed: what was read of it, None when it could not be.
            keep: False when the retention, or a rule, forbids to keep anything.
        """
        # latin-1 is the identity on bytes; every sign of a matricule is ASCII in any encoding that JSON may have.
        safe = redacted_text(body.decode("latin-1"), self.pseudonym).encode("latin-1")
        same = keep and parsed is not None and parse_json(safe, Report()) == self.json(parsed)
        return Kept(zlib.compress(safe, 1) if same else None, hashlib.sha256(safe).digest(), len(body))
