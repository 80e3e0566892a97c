"""The desk a write is planned at: what it reads is remembered, so that the writer can tell whether it still holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.checking import Terms
from fhir_server.fhir.indexing import index_rows
from fhir_server.fhir.interactions.bodies import Json, encoded
from fhir_server.fhir.interactions.criteria import criteria_of
from fhir_server.fhir.interactions.errors import Unfit
from fhir_server.fhir.patients import patient_id
from fhir_server.ids import Pseudonyms, micros, month_of, new_id, paris_date
from fhir_server.intake.checks import Checks
from fhir_server.judging import check_alone
from fhir_server.security.caller import Caller, Scope
from fhir_server.store import reading
from fhir_server.store.acts import Change
from fhir_server.store.changes import Relied, ResourcePlan, Seen, Version
from fhir_server.store.search import Criterion, matching
from validators.report import Issue, Report


@dataclass(slots=True)
class Desk:
    """One attempt at planning a write, on one consistent view of the database; `changes` are of other tables."""

    connection: sa.Connection
    caller: Caller
    scope: Scope
    keys: Pseudonyms
    checks: Checks
    at: datetime
    versions: list[Version] = field(default_factory=list)
    changes: tuple[Change, ...] = ()
    _seen: dict[tuple[str, str], Any] = field(default_factory=dict)
    _relied: dict[tuple[str, tuple[Criterion, ...]], Relied] = field(default_factory=dict)

    def current(self, kind: str, resource_id: str) -> Any:
        """The current version of a resource, which may be its deletion; None when there is none."""
        key = (kind, resource_id)
        if key not in self._seen:
            self._seen[key] = reading.resource(self.connection, self.scope, kind, resource_id)
        return self._seen[key]

    def find(self, kind: str, query: str) -> tuple[str, ...]:
        """The ids, two at most, of what meets the criteria of a query.

        Raises:
            Refusal: 400, a criterion is unknown or malformed, or there is none.
        """
        return self.found(kind, criteria_of(kind, query))

    def found(self, kind: str, criteria: tuple[Criterion, ...], limit: int = 2) -> tuple[str, ...]:
        """The same with criteria that were read."""
        key = (kind, criteria)
        if key not in self._relied:
            ids = matching(self.connection, self.scope.owner, kind, criteria, limit)
            self._relied[key] = Relied(kind, criteria, ids, limit)
        return self._relied[key].found

    def patient_id(self, patient: Json) -> str | None:
        """The id that follows from a Patient's identity."""
        return patient_id(patient, "Patient", self.scope.owner, self.keys)

    def check(self, resource: Json) -> tuple[Issue, ...]:
        """Judge a resource as `$validate` does; what was found when nothing of it refuses.

        Raises:
            Unfit: 422, it is not conformant.
        """
        checks, report = self.checks, Report()
        terms = Terms(checks.mode, self.at, checks.bound(self.at), checks.walker, (), checks.max_entries, checks.pdsm)
        check_alone(resource, report, terms)
        if not report.conformant:
            raise Unfit(422, report)
        return tuple(report)

    def write(self, resource: Json) -> None:
        """Plan the next version of a resource, which has its id."""
        kind, resource_id = str(resource["resourceType"]), str(resource["id"])
        rows = tuple(index_rows(resource, kind, resource_id, micros(self.at), None))
        self.versions.append(Version(kind, resource_id, encoded(resource), rows))

    def remove(self, row: Any) -> None:
        """Plan the deletion of a resource."""
        self.versions.append(Version(row.type, row.id, row.body, gone=True))

    def plan(self, door: str) -> ResourcePlan:
        """Everything planned, and what it rests on."""
        names = [f"{one.type}/{one.id}" for one in self.versions]
        entity = names[0] if len(names) == 1 else "Bundle"
        seen: Iterable[Seen] = (
            Seen(kind, resource_id, 0 if row is None else row.version)
            for (kind, resource_id), row in self._seen.items()
        )
        return ResourcePlan(
            self.scope.owner, self.caller.role.value, new_id(), month_of(paris_date(self.at)), micros(self.at), door,
            entity, tuple(self._relied.values()), tuple(seen), tuple(self.versions), changes=self.changes,
        )  # fmt: skip
