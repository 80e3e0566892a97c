"""One submission, one patient: what each `subject` says, brought to a common form (PDSm A2; policy, Identity)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from validators.messages import rule
from validators.mhd.bundle import DOCUMENT, FOLDER, PATIENT, SUBMISSION_SET, Entries, Entry, dicts
from validators.report import Report


def check_subjects(entries: Entries, report: Report) -> None:
    """Every List and DocumentReference is about the same patient, and names one at all."""
    patient = entries.first(PATIENT)
    first: set[str] | None = None
    for entry in entries.all:
        if entry.slice not in (SUBMISSION_SET, FOLDER, DOCUMENT) or not isinstance(entry.resource.get("subject"), dict):
            continue
        names = _names(entry.resource["subject"], entries, patient)
        location = f"{entry.at}.subject"
        if not names:
            if not _leads_nowhere(entry.resource["subject"], entries):
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
    return searched_identifier(reference) if isinstance(reference, str) and "Patient?" in reference else None


def searched_identifier(url: str) -> tuple[str, str] | None:
    """(system, value) of a search by identifier (`Type?identifier=system|value`), percent-encoded or not."""
    _, marker, rest = url.partition("?identifier=")
    system, _, value = unquote(rest.partition("&")[0]).partition("|")
    return (system, value) if marker and value else None


def _leads_nowhere(subject: Mapping[str, Any], entries: Entries) -> bool:
    """A `urn:` that no entry has: said as a reference, not as a patient."""
    reference = subject.get("reference")
    return isinstance(reference, str) and reference.startswith("urn:") and entries.target(reference) is None


def _names(subject: Mapping[str, Any], entries: Entries, patient: Entry | None) -> set[str]:
    """All the names of the patient that this reference gives or implies, in one form."""
    names: set[str] = set()
    reference = subject.get("reference")
    target = entries.target(reference)
    if target is not None and target.slice == PATIENT:
        names |= _patient_names(target) | {"entry"}
    elif isinstance(reference, str) and "?" not in reference and not reference.startswith(("urn:", "#")):
        names.add(reference)
    identifier = logical_identifier(subject)
    if identifier is not None:
        name = "|".join(identifier)
        names.add(name)
        if patient is not None and name in _patient_names(patient):
            names.add("entry")
    return names


def _patient_names(entry: Entry) -> set[str]:
    """The identifiers of the Patient entry, and the one its request searches by."""
    names = {
        f"{i.get('system') or ''}|{i['value']}"
        for i in dicts(entry.resource.get("identifier"))
        if isinstance(i.get("value"), str)
    }
    searched = searched_identifier(entry.url)
    return names | {"|".join(searched)} if searched else names
