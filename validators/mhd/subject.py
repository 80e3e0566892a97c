"""One submission, one patient: what each `subject` says, brought to a common form (PDSm A2; policy, Identity)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from validators.messages import rule
from validators.mhd.bundle import DOCUMENT, FOLDER, PATIENT, SUBMISSION_SET, Entries
from validators.report import Report


def check_subjects(entries: Entries, report: Report) -> None:
    """Every List and DocumentReference is about the same patient, and names one at all."""
    patient = entries.first(PATIENT)
    first: set[str] | None = None
    for entry in entries.all:
        if entry.slice not in (SUBMISSION_SET, FOLDER, DOCUMENT) or not isinstance(entry.resource.get("subject"), dict):
            continue
        names = _names(entry.resource["subject"], entries, None if patient is None else patient.resource)
        location = f"{entry.at}.subject"
        if not names:
            report.add(rule("MHD-PATIENT-UNKNOWN"), location)
        elif first is None:
            first = names
        elif not names & first:
            report.add(rule("MHD-PATIENT"), location)
        else:
            first = names | first


def logical_identifier(subject: Mapping[str, Any]) -> tuple[str, str] | None:
    """(system, value) when the subject is a logical reference: an identifier, or `Patient?identifier=system|value`."""
    identifier = subject.get("identifier")
    if isinstance(identifier, dict) and isinstance(identifier.get("value"), str):
        return str(identifier.get("system") or ""), identifier["value"]
    reference = subject.get("reference")
    marker = "Patient?identifier="
    if isinstance(reference, str) and marker in reference:
        system, _, value = reference.split(marker, 1)[1].partition("|")
        return (system, value) if value else None
    return None


def _names(subject: Mapping[str, Any], entries: Entries, patient: Mapping[str, Any] | None) -> set[str]:
    """All the names of the patient that this reference gives or implies, in one form."""
    names: set[str] = set()
    reference = subject.get("reference")
    target = entries.target(reference)
    if target is not None and target.slice == PATIENT:
        names |= _patient_names(target.resource) | {"entry"}
    elif isinstance(reference, str) and "?" not in reference and not reference.startswith(("urn:", "#")):
        names.add(reference)
    identifier = logical_identifier(subject)
    if identifier is not None:
        name = "|".join(identifier)
        names.add(name)
        if patient is not None and name in _patient_names(patient):
            names.add("entry")
    return names


def _patient_names(patient: Mapping[str, Any]) -> set[str]:
    identifiers = patient.get("identifier")
    return {
        f"{i.get('system') or ''}|{i['value']}"
        for i in (identifiers if isinstance(identifiers, list) else [])
        if isinstance(i, dict) and isinstance(i.get("value"), str)
    }
