"""A stay as a FHIR Encounter tells it: number, site, discharge, and what the indicators read of it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from validators.ins import INS_OIDS, strip_oid
from validators.messages import rule
from validators.report import Report

_OURS: Final = "https://segur-fhir.example/fhir/StructureDefinition/"
PROFILE: Final = f"{_OURS}stay"
OPERATED: Final = f"{_OURS}stay-operated"
EXCLUDED: Final = f"{_OURS}stay-excluded"
FIELD: Final = f"{_OURS}stay-field"
FIELDS: Final = ("MCO", "DIALYSE", "SMR", "HAD", "PSY")
_FINESS: Final = ("https://finess.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.2")
_PARIS: Final = ZoneInfo("Europe/Paris")
_OPEN: Final = frozenset({"planned", "arrived", "triaged", "in-progress", "onleave"})
_VOID: Final = frozenset({"cancelled", "entered-in-error"})
_STATUSES: Final = (*sorted(_OPEN), "finished", *sorted(_VOID))
_VISIT: Final = "VN"


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay. `discharged` is the local day in Paris, None while the patient is in; `patient` is (OID, value).

    A stay that was cancelled or entered in error is `excluded`: it is in no population.
    """

    number: str
    site: str
    discharged: date | None
    operated: bool
    excluded: bool
    field: str | None
    patient: tuple[str, str] | None
    patient_is_ins: bool


def check_stay(resource: Mapping[str, Any], report: Report, location: str = "Encounter", *, today: date) -> Stay | None:
    """Read an Encounter and say what our profile alone cannot; None when no stay can be made of it.

    Rules: `VISIT-NUMBER`, `-MOVEMENT`, `-SITE`, `-DISCHARGE`, `-STATUS`, `-FIELD`, `-FUTURE`.
    """
    if resource.get("partOf") is not None:
        report.add(rule("VISIT-MOVEMENT"), f"{location}.partOf")
        return None
    number, site = _number(resource), _site(resource)
    if number is None:
        report.add(rule("VISIT-NUMBER"), f"{location}.identifier")
    if site is None:
        report.add(rule("VISIT-SITE"), f"{location}.serviceProvider")
    status = resource.get("status")
    if status not in _STATUSES:
        report.add(rule("VISIT-STATUS"), f"{location}.status", expected=", ".join(_STATUSES))
        return None
    ended = _discharge(resource, report, location, today)
    field = _value(resource, FIELD)
    if field is not None and field not in FIELDS:
        report.add(rule("VISIT-FIELD"), f"{location}.extension", expected=", ".join(FIELDS))
        return None
    if number is None or site is None or (status == "finished" and ended is None):
        return None
    patient = _patient(resource)
    return Stay(number, site, ended if status == "finished" else None, _value(resource, OPERATED) is True,
                _value(resource, EXCLUDED) is True or status in _VOID, field, patient,
                patient is not None and patient[0] in INS_OIDS)  # fmt: skip


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(resource: Mapping[str, Any]) -> str | None:
    """The visit number (type VN), else the only identifier."""
    found = [_dict(item) for item in _list(resource.get("identifier"))]
    visits = [item for item in found if _VISIT in [_dict(c).get("code") for c in _codings(item)]]
    chosen = visits or (found if len(found) == 1 else [])
    value = chosen[0].get("value") if chosen else None
    return value.strip() if isinstance(value, str) and value.strip() else None


def _codings(identifier: Mapping[str, Any]) -> list[Any]:
    return _list(_dict(identifier.get("type")).get("coding"))


def _site(resource: Mapping[str, Any]) -> str | None:
    """The FINESS of the service provider: nine characters, or ten behind the digit 1 (IDNST)."""
    identifier = _dict(_dict(resource.get("serviceProvider")).get("identifier"))
    value = identifier.get("value")
    if identifier.get("system") not in _FINESS or not isinstance(value, str):
        return None
    value = value.strip()
    return value[1:] if len(value) == 10 and value.startswith("1") else value if len(value) == 9 else None


def _discharge(resource: Mapping[str, Any], report: Report, location: str, today: date) -> date | None:
    """The local day the stay ended; `VISIT-DISCHARGE` when it has to have one and has none that can be."""
    period = _dict(resource.get("period"))
    start, end = _day(period.get("start")), _day(period.get("end"))
    wrong = (resource.get("status") == "finished" and end is None) or (
        start is not None and end is not None and end < start
    )
    if wrong:
        report.add(rule("VISIT-DISCHARGE"), f"{location}.period")
        return None
    if end is not None and end > today:
        report.add(rule("VISIT-FUTURE"), f"{location}.period.end")
    return end


def _day(text: Any) -> date | None:
    """The day in Paris of a dateTime; of a date, that day; None when it is less precise."""
    if not isinstance(text, str) or len(text) < 10:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(_PARIS).date() if moment.tzinfo is not None else moment.date()


def _value(resource: Mapping[str, Any], url: str) -> Any:
    for item in _list(resource.get("extension")):
        if _dict(item).get("url") == url:
            return next((value for name, value in item.items() if name.startswith("value")), None)
    return None


def _patient(resource: Mapping[str, Any]) -> tuple[str, str] | None:
    identifier = _dict(_dict(resource.get("subject")).get("identifier"))
    system, value = identifier.get("system"), identifier.get("value")
    if not isinstance(system, str) or not isinstance(value, str) or not value.strip():
        return None
    return strip_oid(system), value.strip()
