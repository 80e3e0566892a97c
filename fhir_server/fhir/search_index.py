"""The search values of a resource, written when it is filed: one table, parameter by parameter.

`sort_date` goes into every row, so that a search by any value is already in date order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fhir_server.store.plan import IndexRow

Token = tuple[str, str]
"""(system, value); the system is empty for values that have none."""


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def _identifiers(value: Any) -> Iterator[Token]:
    for identifier in _dicts(value):
        if isinstance(identifier.get("value"), str):
            yield str(identifier.get("system") or ""), identifier["value"]


def _concepts(value: Any) -> Iterator[Token]:
    for concept in _dicts(value):
        for coding in _dicts(concept.get("coding", [])):
            if isinstance(coding.get("code"), str):
                yield str(coding.get("system") or ""), coding["code"]


def _code(value: Any) -> Iterator[Token]:
    if isinstance(value, str):
        yield "", value


def _context(resource: Mapping[str, Any], name: str) -> Any:
    context = resource.get("context")
    return context.get(name, []) if isinstance(context, dict) else []


def _patient(resource: Mapping[str, Any]) -> Iterator[Token]:
    subject = resource.get("subject")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if isinstance(reference, str) and reference.startswith("Patient/"):
        yield "", reference


def _formats(resource: Mapping[str, Any]) -> Iterator[Token]:
    for content in _dicts(resource.get("content", [])):
        for coding in _dicts(content.get("format", [])):
            if isinstance(coding.get("code"), str):
                yield str(coding.get("system") or ""), coding["code"]


Extractor = Callable[[Mapping[str, Any]], Iterator[Token]]

EXTRACTORS: dict[str, dict[str, Extractor]] = {
    "DocumentReference": {
        "identifier": lambda r: _identifiers(
            [*_dicts(r.get("masterIdentifier", [])), *_dicts(r.get("identifier", []))]
        ),
        "status": lambda r: _code(r.get("status")),
        "type": lambda r: _concepts(r.get("type", [])),
        "category": lambda r: _concepts(r.get("category", [])),
        "facility": lambda r: _concepts(_context(r, "facilityType")),
        "setting": lambda r: _concepts(_context(r, "practiceSetting")),
        "event": lambda r: _concepts(_context(r, "event")),
        "security-label": lambda r: _concepts(r.get("securityLabel", [])),
        "format": _formats,
        "patient": _patient,
    },
    "List": {
        "identifier": lambda r: _identifiers(r.get("identifier", [])),
        "status": lambda r: _code(r.get("status")),
        "code": lambda r: _concepts(r.get("code", [])),
        "patient": _patient,
    },
    "Patient": {"identifier": lambda r: _identifiers(r.get("identifier", []))},
    "Binary": {},
    "Communication": {
        "identifier": lambda r: _identifiers(r.get("identifier", [])),
        "status": lambda r: _code(r.get("status")),
        "category": lambda r: _concepts(r.get("category", [])),
    },
    "Encounter": {"identifier": lambda r: _identifiers(r.get("identifier", []))},
}


DOCUMENTS = ("DocumentReference", "List")
"""The resources that are found by date, and by the identifiers of their patient."""


def index_rows(
    resource: Mapping[str, Any], kind: str, resource_id: str, received: int, patient: Mapping[str, Any] | None
) -> Iterator[IndexRow]:
    """The rows of one resource; `patient` is the submission's Patient, whose identifiers its documents are found by."""
    # A Patient or a stay is put again and again: without a date of its own, its rows stay the same ones.
    sort_date = 0 if kind in ("Patient", "Encounter") else _sort_date(resource.get("date"), received)
    for param, extract in EXTRACTORS.get(kind, {}).items():
        for system, value in extract(resource):
            yield IndexRow(kind, resource_id, param, system, value, sort_date)
    if kind in DOCUMENTS:
        for system, value in sorted(set(_patient_identifiers(resource, patient))):
            yield IndexRow(kind, resource_id, "patient.identifier", system, value, sort_date)


def _patient_identifiers(resource: Mapping[str, Any], patient: Mapping[str, Any] | None) -> Iterator[Token]:
    subject = resource.get("subject")
    if isinstance(subject, dict):
        yield from _identifiers(subject.get("identifier", []))
    if patient is not None:
        yield from _identifiers(patient.get("identifier", []))


def _sort_date(text: object, received: int) -> int:
    """The resource's own date in microseconds, else when it was received."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return received
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
