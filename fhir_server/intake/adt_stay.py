"""The Encounter that an event of admissions makes of what was known of the stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import orjson
import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store import tables
from fhir_server.store.plan import StayRow
from fhir_server.store.reading import resource as served_resource
from validators import stays
from validators.adt import IN_HOSPITAL, Admission, Effect, Visit, ins_of
from validators.ins import PatientIdentifier

_CLASSES = {"I": "IMP", "E": "EMER", "P": "PRENC", "O": "AMB", "R": "AMB"}
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_FINESS = "https://finess.esante.gouv.fr"
_V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a stay before the message: from earlier ones, from Encounters, from files."""

    site: str | None = None
    patient: int | None = None
    discharged: date | None = None
    operated: bool = False
    excluded: bool = False
    activity: str | None = None
    encounter: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, connection: sa.Connection, scope: Scope, stay: int, resource_id: str) -> Known:
        """What the tables say."""
        table = tables.stays
        row = connection.execute(
            sa.select(table).where(table.c.legal_entity == scope.owner, table.c.stay == stay)
        ).one_or_none()
        served = served_resource(connection, scope, "Encounter", resource_id)
        body = orjson.loads(served.body) if served is not None else None
        if row is None:
            return cls(encounter=body)
        return cls(row.organization, row.patient, row.discharged, row.operated, row.excluded, row.field, body)

    @property
    def visit_class(self) -> str:
        """The class an Encounter told, else that of an admission."""
        return str(((self.encounter or {}).get("class") or {}).get("code") or "IMP")

    def kept(self, stay: StayRow | None, admission: Admission) -> StayRow | None:
        """The stay's person: a message that names no INS does not take one away."""
        if stay is None or self.patient is None or ins_of(admission.identity):
            return stay
        return msgspec.structs.replace(stay, patient=self.patient)

    def subject(self, admission: Admission) -> dict[str, Any]:
        """Who the Encounter goes on naming, for the same reason; nothing where the message says who."""
        told = (self.encounter or {}).get("subject")
        kept = told is not None and self.patient is not None and not ins_of(admission.identity)
        return {"subject": told} if kept else {}

    def time(self, bound: str) -> str | None:
        """The start or the end of the stay as an Encounter told it, or the day it is known to have ended."""
        told = ((self.encounter or {}).get("period") or {}).get(bound)
        if bound == "end":
            same = isinstance(told, str) and self.discharged is not None and told[:10] == self.discharged.isoformat()
            return told if same else self.discharged.isoformat() if self.discharged is not None else None
        return told if isinstance(told, str) else None


def encounter(
    admission: Admission, visit: Visit, known: Known, site: str | None, person: PatientIdentifier | None
) -> dict[str, Any]:
    """The Encounter that an event makes of what was known of the stay."""
    end = _end(admission.effect, visit, known)
    start = _iso(visit.admitted) or known.time("start")
    period = {name: value for name, value in (("start", start), ("end", end)) if value is not None}
    subject = {"subject": {"identifier": _logical(person)}} if person is not None else {}
    visit_class = {"system": _ACT, "code": _CLASSES.get(visit.patient_class) or known.visit_class}
    number = {"type": {"coding": [{"system": _V2_0203, "code": "VN"}]}, "value": visit.number}
    authority = {"system": f"urn:oid:{visit.authority}"} if visit.authority else {}
    provider = {"serviceProvider": {"identifier": {"system": _FINESS, "value": site}}} if site else {}
    return {
        "resourceType": "Encounter", "identifier": [number | authority], "status": _status_of(admission, end),
        "class": visit_class, **subject, **({"period": period} if period else {}), **provider,
        "extension": list(_extensions(admission.effect, visit, known)),
    }  # fmt: skip


def _logical(person: PatientIdentifier) -> dict[str, str]:
    system = f"urn:oid:{person.oid}" if person.oid[:2] in ("0.", "1.", "2.") else person.oid
    return {"system": system, "value": person.value or ""}


def _iso(moment: datetime | date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _end(effect: Effect, visit: Visit, known: Known) -> str | None:
    """A discharge stays until it is cancelled; what an admission says of the past is the past of another visit."""
    if effect in (Effect.REOPEN, Effect.CANCEL):
        return None
    return _iso(visit.ended) or (None if effect is Effect.OPEN else known.time("end"))


def _status_of(admission: Admission, end: str | None) -> str:
    if admission.effect is Effect.CANCEL:
        return "cancelled"
    return "finished" if end is not None else "planned" if admission.header.event == "A05" else "in-progress"


def _extensions(effect: Effect, visit: Visit, known: Known) -> Iterator[dict[str, Any]]:
    """What the figures read; what no message of admissions says stays as it was."""
    excluded = visit.patient_class not in IN_HOSPITAL if effect in (Effect.OPEN, Effect.CLASS) else known.excluded
    yield {"url": stays.OPERATED, "valueBoolean": known.operated}
    yield {"url": stays.EXCLUDED, "valueBoolean": excluded}
    if known.activity is not None:
        yield {"url": stays.FIELD, "valueCode": known.activity}
