"""Links to pages: a sealed token that holds the search and where its next page begins.

What was searched for is often an identity, and addresses end up in logs: the token is encrypted, and authenticated
together with whose search it is (AES-SIV, RFC 5297), under a key that follows from the database's own. The same page
always has the same link.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.search.query import Items
from fhir_server.ids import Pseudonyms
from fhir_server.store.search import Key

PAGE: Final = "_page"
"""The parameter that carries the token."""

_CLEAR: Final = frozenset({
    "status", "type", "category", "class", "code", "date", "period", "creation", "event", "facility", "setting",
    "format", "security-label", "language", "_lastUpdated", "_count", "_sort", "_total", "_summary", "_elements",
    "_include", "_revinclude", "_contained",
})  # fmt: skip
"""Parameters whose values name nobody."""


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """A search, and the key its page begins after (None: the first); the total that the first page told."""

    items: Items
    after: Key | None = None
    total: int | None = None


def seal(keys: Pseudonyms, owner: str, kind: str, cursor: Cursor) -> str:
    """The token of a page."""
    sealed = _cipher(keys).encrypt(msgspec.msgpack.encode(cursor), [owner.encode(), kind.encode()])
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(keys: Pseudonyms, owner: str, kind: str, token: str) -> Cursor:
    """The page that a token stands for.

    Raises:
        Refusal: 400, it is not one of ours, or another owner's.
    """
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found = _cipher(keys).decrypt(sealed, [owner.encode(), kind.encode()])
        return msgspec.msgpack.decode(found, type=Cursor)
    except (ValueError, InvalidTag, msgspec.DecodeError):
        raise Refusal(400, "SEARCH-PAGE") from None


def _cipher(keys: Pseudonyms) -> AESSIV:
    return AESSIV(b"".join(bytes.fromhex(keys.stable("search-page", part)) for part in ("mac", "cipher")))


def self_link(keys: Pseudonyms, owner: str, kind: str, base: str, items: Iterable[tuple[str, str]]) -> str:
    """The search as it was understood; sealed as soon as one of its parameters may name somebody."""
    shown = tuple(items)
    if all(name.partition(":")[0] in _CLEAR for name, _ in shown):
        return f"{base}/{kind}" + (f"?{urlencode(shown)}" if shown else "")
    return f"{base}/{kind}?{PAGE}={seal(keys, owner, kind, Cursor(shown))}"
