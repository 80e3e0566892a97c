"""Whose document: its kind, and its patient as the metadata and the document's header state it (policy, Identity)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from validators.cda import Header
from validators.ins import (
    INS_OIDS,
    InsLevel,
    InsStatus,
    PatientIdentity,
    Place,
    check_identity,
    compare_identities,
    identity_from_fhir,
    is_ins_identifier,
    strip_oid,
)
from validators.messages import rule
from validators.mhd.bundle import PATIENT, Entries, Entry, dicts
from validators.mhd.subject import logical_identifier, searched_identifier
from validators.report import Mode, Report

Claim = tuple[str, str | None]
"""An INS: OID and matricule."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What the metadata of one document say of its patient.

    `patients` are the Patient entry (first, when there is one) and the contained source patient, which may give a local
    identifier only (PDSm, sourcePatientId); `logical` are the INS given by reference, with their place.
    """

    patients: tuple[tuple[PatientIdentity, bool], ...]
    logical: tuple[tuple[Claim, str], ...]
    subject: str


def stated_patient(entry: Entry, entries: Entries) -> Stated:
    """Read the Patient entry, the source patient and the logical references of one DocumentReference."""
    return Stated(tuple(_patients(entry, entries)), tuple(_logical(entry, entries)), f"{entry.at}.subject")


def _patients(entry: Entry, entries: Entries) -> Iterator[tuple[PatientIdentity, bool]]:
    patient = entries.first(PATIENT)
    if patient is not None and patient.resource:
        yield identity_from_fhir(patient.resource, patient.at), True
    context = entry.resource.get("context")
    source = context.get("sourcePatientInfo") if isinstance(context, dict) else None
    links = (source, entry.resource.get("subject"))  # a subject inside: of a DocumentReference sent alone
    wanted = [link.get("reference") for link in links if isinstance(link, dict)]
    for index, contained in enumerate(dicts(entry.resource.get("contained"))):
        if contained.get("resourceType") == "Patient" and f"#{contained.get('id')}" in wanted:
            yield identity_from_fhir(contained, f"{entry.at}.contained[{index}]"), False


def _logical(entry: Entry, entries: Entries) -> Iterator[tuple[Claim, str]]:
    """The INS that the subject and the request of the Patient entry name."""
    subject, patient = entry.resource.get("subject"), entries.first(PATIENT)
    found = [
        (logical_identifier(subject) if isinstance(subject, dict) else None, f"{entry.at}.subject"),
        (searched_identifier(patient.url) if patient else None, f"{patient.location}.request.url" if patient else ""),
    ]
    for identifier, place in found:
        if identifier is not None and strip_oid(identifier[0]) in INS_OIDS:
            yield (strip_oid(identifier[0]), identifier[1]), place


def _claims(identity: PatientIdentity | None) -> set[Claim]:
    found = identity.identifiers if identity is not None else ()
    return {(item.oid, item.value) for item in found if is_ins_identifier(item)}


def against_header(
    stated: Stated,
    header: Header,
    status: InsStatus | None,
    report: Report,
    *,
    mode: Mode,
    today: date,
    looked_at: bool,
) -> InsStatus | None:
    """The CDA's header decides the level; the metadata carry the same INS and contradict no trait.

    Two INS in the metadata are as ambiguous as two in the header: the level falls.
    """
    wanted, carried = _claims(header.patient), bool(stated.logical)
    for identity, is_entry in stated.patients:
        claims = _claims(identity)
        carried = carried or is_entry or bool(claims)
        check_identity(
            identity, report, mode=mode, source="fhir", today=today, traits_optional=True,
            looked_at=looked_at and bool(claims),
        )  # fmt: skip
        if header.patient is not None:
            compare_identities(header.patient, identity, report, traits_only=not is_entry and not claims)
        if len(claims) > 1 and status is not None and status.level is InsLevel.QUALIFIED:
            status = replace(status, level=InsLevel.PRESENT)
    for claim, place in stated.logical:
        if claim not in wanted:
            report.add(rule("XCHECK-INS"), place)
    if wanted and not carried:
        report.add(rule("XCHECK-INS"), stated.subject)
    return status


def from_metadata(stated: Stated, report: Report, *, mode: Mode, today: date, looked_at: bool) -> InsStatus:
    """Without a CDA the FHIR Patient decides, with its status VALI and its traits; the rest must not contradict it."""
    first = stated.patients[0][0] if stated.patients else PatientIdentity(Place(stated.subject))
    status = check_identity(first, report, mode=mode, source="fhir", today=today, looked_at=looked_at)
    claims = _claims(first)
    for other, _ in stated.patients[1:]:
        check_identity(other, report, mode=mode, source="fhir", today=today, traits_optional=True)
        differences = Report()
        compare_identities(first, other, differences, traits_only=not (claims and _claims(other)))
        for issue in differences:
            report.add(rule("MHD-PATIENT"), issue.location)
    for claim, place in stated.logical:
        if claims and claim not in {(item.oid, item.value) for item in first.identifiers}:
            report.add(rule("MHD-PATIENT"), place)
    return status
