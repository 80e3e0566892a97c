"""Identifiers written in documents, all derived from the stay: nothing random, nothing that exists."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from testdata.model import Stay

KIND_ARCS = {"LDL": 1, "ORD": 2, "CRO": 3, "BIO": 4, "IMG": 5}


def document_set(stay: Stay, kind: str, unique: str | None = None) -> str:
    """OID common to all versions of a document: establishment, kind, stay, and an arc for `unique` (0 without one)."""
    arc = int.from_bytes(blake2b(unique.encode(), digest_size=6).digest()) if unique else 0
    return f"{stay.establishment.oid}.3.{KIND_ARCS[kind]}.{int(stay.id)}.{arc}"


def document_id(stay: Stay, kind: str = "LDL", *, version: int = 1, unique: str | None = None) -> str:
    """OID of one version of a document: its unique identifier in XDS and FHIR too."""
    return f"{document_set(stay, kind, unique)}.{version}"


def entry_id(document: str, label: str) -> str:
    """Upper case UUID of a section or entry (the header schematron frowns at lower case ones)."""
    return str(UUID(bytes=blake2b(f"{document}/{label}".encode(), digest_size=16).digest(), version=4)).upper()
