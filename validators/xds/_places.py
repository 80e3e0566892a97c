"""Where a finding on the derived transaction stands in the metadata it was derived from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from validators.ins import Place
from validators.xds._bundle import Provision
from validators.xds._model import Association, DocumentEntry, Thing

_ENTRY: Final = re.compile(r"Bundle\.entry\[(\d+)\](?:\.resource)?\.?(.*)", re.DOTALL)
_CONTAINED: Final = re.compile(r"contained\[(\d+)\]")
_DOCUMENT: Final = (
    ("masterIdentifier", "unique_id"), ("type", "type_code"), ("category", "class_code"), ("subject", "patient_id"),
    ("date", "creation_time"), ("authenticator", "legal_authenticator"), ("author", "authors"),
    ("description", "comments"), ("securityLabel", "confidentiality"), ("content[0].format", "format_code"),
    ("content[0].attachment.contentType", "mime_type"), ("content[0].attachment.language", "language"),
    ("content[0].attachment.url", "uri"), ("content[0].attachment.size", "size"),
    ("content[0].attachment.hash", "hash"), ("content[0].attachment.title", "title"),
    ("content[0].attachment.creation", "creation_time"), ("context.event", "events"),
    ("context.period.end", "service_stop"), ("context.period", "service_start"),
    ("context.facilityType", "facility"), ("context.practiceSetting", "setting"),
    ("context.sourcePatientInfo", "source_patient"), ("context.related", "reference_ids"),
    ("context.encounter", "reference_ids"),
)  # fmt: skip
_LIST: Final = (
    ("identifier", "unique_id"), ("date", "submission_time"), ("source", "authors"), ("contained", "authors"),
    ("subject", "patient_id"), ("extension[0]", "content_type"), ("extension[1]", "source_id"),
)  # fmt: skip


class Tracer:
    """Leads a place in the transaction back to the object and attribute it came from."""

    def __init__(self, provision: Provision) -> None:
        self._entries: list[Mapping[str, Any]] = provision.bundle["entry"]
        self._origins = provision.origins
        self._first = next((o for o in self._origins if isinstance(o, DocumentEntry)), None)

    def document(self, location: str) -> int | None:
        """The index of the entry whose bytes a place is in; None elsewhere."""
        match = _ENTRY.match(location)
        index = int(match.group(1)) if match else -1
        return index if 0 <= index < len(self._origins) and isinstance(self._origins[index], bytes) else None

    def place(self, location: str) -> Place | None:
        """The place in the metadata; None when the location is none of the transaction, or of the bytes."""
        match = _ENTRY.match(location)
        if match is None or self.document(location) is not None:
            return None
        index, path = int(match.group(1)), match.group(2)
        origin = self._origins[index] if index < len(self._origins) else None
        if isinstance(origin, Association):
            return origin.place
        if isinstance(origin, DocumentEntry):
            return origin.place(self._attribute(index, path, _DOCUMENT))
        if isinstance(origin, Thing):
            return origin.place(self._attribute(index, path, _LIST))
        return self._first.place("source_patient") if self._first is not None else None

    def _attribute(self, index: int, path: str, table: tuple[tuple[str, str], ...]) -> str:
        contained = _CONTAINED.match(path)
        if contained is not None and self._is_patient(index, int(contained.group(1))):
            return "source_patient"
        if contained is not None:
            return "authors"
        return next((name for start, name in table if path.startswith(start)), "")

    def _is_patient(self, index: int, number: int) -> bool:
        held = self._entries[index]["resource"].get("contained", [])
        return number < len(held) and held[number].get("id") == "source-patient"
