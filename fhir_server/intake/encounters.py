"""A checked Encounter becomes a stay row: the same number again is the same stay, as it is known now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from fhir_server.fhir.indexing import index_rows
from fhir_server.ids import Pseudonyms, paris_date
from fhir_server.intake.messages import MessageDesk, check_subject
from fhir_server.security.caller import Caller, Role
from fhir_server.store import organizations
from fhir_server.store.plan import IndexRow, ResourceRow, StayRow
from validators.messages import rule
from validators.report import Mode, Report
from validators.stays import Stay, check_stay


class StayDesk:
    """Turns Encounters into rows; arguments as for `MessageDesk`."""

    def __init__(self, connection: sa.Connection, caller: Caller, keys: Pseudonyms, mode: Mode) -> None:
        self._db, self._keys, self._mode = connection, keys, mode
        scope = caller.scope
        assert scope is not None
        self._owner = scope.owner
        self._establishment = caller.role is Role.ESTABLISHMENT

    def row(
        self, resource: Mapping[str, Any], shown: Mapping[str, Any], report: Report, location: str, at: datetime
    ) -> tuple[ResourceRow, tuple[IndexRow, ...], StayRow | None] | None:
        """Check an Encounter and plan its rows; an editor's stay is filed and counts nowhere.

        None when the report says why not.
        """
        stay = check_stay(resource, report, location, today=paris_date(at))
        if stay is None:
            return None
        check_subject(stay.patient, report, f"{location}.subject.identifier", self._mode, at)
        site = self._site(stay, report, location) if self._establishment else None
        # The id follows from the number, so that the discharge reaches the stay that the admission made.
        resource_id = self._keys.stable("encounter-resource", self._owner, stay.number)
        served = {k: v for k, v in shown.items() if k not in ("id", "meta", "resourceType")}
        meta = {**(shown.get("meta") or {}), "versionId": "1", "lastUpdated": at.isoformat(timespec="milliseconds")}
        whole = {"resourceType": "Encounter", "id": resource_id, "meta": meta, **served}
        body = orjson.dumps(whole, default=str)
        index = tuple(index_rows(whole, "Encounter", resource_id, 0, None))
        row = self._row(stay, site) if site is not None else None
        return ResourceRow("Encounter", resource_id, body, upsert=True), index, row

    def _site(self, stay: Stay, report: Report, location: str) -> str | None:
        """A stay is counted for its site: one that is not known, or is not a site, cannot be."""
        found = organizations.find_site(self._db, stay.site, self._owner)
        if found.forbidden:
            report.add(rule("SITE-FORBIDDEN"), f"{location}.serviceProvider", site=stay.site)
        elif found.organization is None:
            report.add(rule("VISIT-SITE"), f"{location}.serviceProvider")
        return found.organization

    def _row(self, stay: Stay, site: str) -> StayRow:
        return StayRow(
            self._keys.number("stay", self._owner, stay.number), stay.number, site, stay.discharged,
            stay.operated, stay.excluded, stay.field, MessageDesk.patient_key(stay.patient, self._owner, self._keys),
        )  # fmt: skip
