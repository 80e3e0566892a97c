"""Stored documents as document entries: what any door filed is found here as XDS metadata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store import reading, search
from fhir_server.store.criteria import Criterion
from validators.mhd import unique_id
from validators.xds import DEPRECATED, DocumentEntry, from_reference, unique_identifier

_MOST_OF_ONE = 10
"""Documents that may carry one entryUUID; a sender may have used it twice."""


class Entries:
    """The document entries of one owner; `repository` is the repositoryUniqueId they are given."""

    def __init__(self, connection: sa.Connection, scope: Scope, repository: str) -> None:
        self._connection, self._scope, self._repository = connection, scope, repository

    def search(self, criteria: Sequence[Criterion], limit: int) -> tuple[int, list[DocumentEntry]]:
        """How many entries match, and the newest of them."""
        asked = (self._connection, self._scope.owner, "DocumentReference", criteria)
        return search.count(*asked), [self._entry(row) for row in search.search(*asked, limit).rows]

    def by_uuid(self, uuid: str) -> list[DocumentEntry]:
        """The entries under an entryUUID: the one they came with, else the id of their resource."""
        _, found = self.search([Criterion("identifier", ((None, uuid),))], _MOST_OF_ONE)
        if found:
            return [entry for entry in found if entry.id == uuid]
        row = self._resource(uuid.removeprefix("urn:uuid:"))
        return [entry for entry in ([self._entry(row)] if row is not None else []) if entry.id == uuid]

    def by_unique_id(self, text: str) -> DocumentEntry | None:
        """The entry under a uniqueId."""
        claim = self.claim(text)
        row = self._resource(claim.reference) if claim is not None else None
        return self._entry(row) if row is not None else None

    def claim(self, text: str) -> Any:
        """The row that claims a uniqueId, as XDS writes it; None when there is none."""
        known = unique_id(unique_identifier(text)) if text else None
        return self.filed(known) if known is not None else None

    def filed(self, unique: str) -> Any:
        """The row that claims a unique id as it is filed: a URN."""
        return reading.identity(self._connection, self._scope, unique)

    def content(self, sha256: bytes) -> bytes | None:
        """The bytes of a document."""
        return reading.document(self._connection, self._scope, sha256)

    def unique_ids(self, uuids: Sequence[str]) -> dict[str, str]:
        """The uniqueId of each entryUUID that is known here."""
        found = {uuid: self.by_uuid(uuid) for uuid in dict.fromkeys(uuids)}
        return {uuid: entries[0].unique_id for uuid, entries in found.items() if entries and entries[0].unique_id}

    def _resource(self, resource_id: str) -> Any:
        return reading.resource(self._connection, self._scope, "DocumentReference", resource_id)

    def _entry(self, row: Any) -> DocumentEntry:
        resource = msgspec.json.decode(row.body)
        made = from_reference(resource, self._patients(resource))
        uuid = made.id if made.id.startswith("urn:uuid:") else f"urn:uuid:{row.id}"
        return replace(
            made, id=uuid, logical_id=made.logical_id or uuid, version=made.version or "1",
            status=made.status if resource.get("status") == "current" else DEPRECATED, repository=self._repository,
        )  # fmt: skip

    def _patients(self, resource: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """The patient, when the subject does not say its identifier itself."""
        subject = resource.get("subject")
        if not isinstance(subject, dict) or "identifier" in subject:
            return {}
        reference = str(subject.get("reference"))
        row = reading.resource(self._connection, self._scope, "Patient", reference.removeprefix("Patient/"))
        return {reference: msgspec.json.decode(row.body)} if row is not None else {}
