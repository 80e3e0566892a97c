"""The names that the search understands today; what is indexed is told by `fhir_server.fhir.indexing`."""

from __future__ import annotations

from typing import Final

from fhir_server.fhir.indexing import index_rows

__all__ = ["DOCUMENTS", "EXTRACTORS", "index_rows"]

DOCUMENTS: Final = ("DocumentReference", "List")
"""The resources that are found by date, and by the identifiers of their patient."""

EXTRACTORS: Final[dict[str, tuple[str, ...]]] = {
    "DocumentReference": (
        "identifier", "status", "type", "category", "facility", "setting", "event", "security-label", "format",
        "patient",
    ),
    "List": ("identifier", "status", "code", "patient"),
    "Patient": ("identifier",),
    "Binary": (),
    "Communication": ("identifier", "status", "category"),
    "Encounter": ("identifier",),
}  # fmt: skip
"""The parameters of a type that are tokens and references."""
