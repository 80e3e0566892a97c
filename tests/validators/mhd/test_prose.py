"""What PDSm says in words: events, whose facility it is, the content type of a set; references on their own too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.mhd.envelope import DOCUMENT, SET, Change, Json, found, put, reference, the_set
from validators.mhd import check_declared
from validators.mhd.bundle import PDSM
from validators.pdsm import Pdsm
from validators.report import Report

NOS = "https://mos.esante.gouv.fr/NOS/"
A00 = f"{NOS}TRE_A00-ProducteurDocNonPS/FHIR/TRE-A00-ProducteurDocNonPS"
R02 = f"{NOS}TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
R209 = f"{NOS}TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite"
SNOMED = "http://snomed.info/sct"
FACILITY = f"{DOCUMENT}.context.facilityType.coding[0]"
PATIENT: Json = {"resourceType": "Patient", "id": "author"}
DEVICE: Json = {"resourceType": "Device", "id": "author"}
PERSON: Json = {"resourceType": "Practitioner", "id": "author"}


def concept(system: str | None, code: str | None = "x") -> Json:
    coding = {"system": system, "code": code}
    return {"coding": [{name: value for name, value in coding.items() if value is not None}]}


def said(*changes: Change) -> set[tuple[str, str, str]]:
    """What the rules tested here say."""
    return {one for one in found(*changes) if one[0] in ("MHD-EVENT", "MHD-FACILITY-AUTHOR", "MHD-DESIGNATION")}


def written_by(*authors: Json) -> Change:
    """These contained resources wrote the document."""

    def change(made: Json) -> None:
        held = reference(made)
        named = [author | {"id": f"author-{index}"} for index, author in enumerate(authors)]
        held["contained"] += named
        held["author"] = [{"reference": f"#{one['id']}"} for one in named]

    return change


def facility(system: str, code: str) -> Change:
    return put(reference, "context.facilityType", concept(system, code))


@pytest.mark.parametrize("event", [concept("urn:oid:1.2.250.1.213.2.5"), concept("http://other.example/events")])
def test_an_event_is_a_code_of_some_terminology(event: Json) -> None:
    assert said(put(reference, "context.event", [event])) == set()


@pytest.mark.parametrize("event", [concept(None), concept(SNOMED, None), {"text": "Intervention"}])
def test_an_event_without_its_terminology_or_code_is_none(event: Json) -> None:
    changed = put(reference, "context.event", [concept(SNOMED), event])
    assert said(changed) == {("MHD-EVENT", "warning", f"{DOCUMENT}.context.event[1]")}


def test_a_professional_works_in_a_sector() -> None:
    assert said(facility(R02, "SA01")) == said(written_by(PERSON), facility(R02, "SA01")) == set()
    for changes in ([facility(A00, "SNR")], [written_by(PERSON), facility("urn:oid:1.2.250.1.213.1.1.4.6", "SNR")]):
        assert said(*changes) == {("MHD-FACILITY-AUTHOR", "warning", FACILITY)}


def test_a_patient_does_not() -> None:
    assert said(written_by(PATIENT), facility(A00, "EXP_PATIENT")) == set()
    assert said(written_by(PATIENT), facility(R02, "SA01")) == {("MHD-FACILITY-AUTHOR", "warning", FACILITY)}


@pytest.mark.parametrize("authors", [(DEVICE,), (PATIENT, PERSON), (DEVICE, PERSON)])
@pytest.mark.parametrize("chosen", [(R02, "SA01"), (A00, "EXP_PATIENT")])
def test_of_a_device_and_of_several_nobody_knows(authors: tuple[Json, ...], chosen: tuple[str, str]) -> None:
    assert said(written_by(*authors), facility(*chosen)) == set()


def test_a_coding_that_fits_is_enough() -> None:
    both = {"coding": [*concept(A00, "SNR")["coding"], *concept(R02, "SA01")["coding"]]}
    assert said(put(reference, "context.facilityType", both)) == set()


def test_a_terminology_that_neither_has_is_another_rule() -> None:
    assert said(facility(SNOMED, "1")) == set()


def designation(value: Json) -> Change:
    def change(made: Json) -> None:
        [one] = [e for e in the_set(made)["extension"] if e["url"].endswith("ihe-designationType")]
        one["valueCodeableConcept"] = value

    return change


@pytest.mark.parametrize("value", [concept(A00), concept(R02), concept(R209), {"text": "inconnu"}])
def test_the_content_type_of_a_set(value: Json) -> None:
    assert said(designation(value)) == set()


def test_the_content_type_of_a_set_from_elsewhere() -> None:
    [(rule, severity, place)] = said(designation(concept(SNOMED)))
    assert (rule, severity) == ("MHD-DESIGNATION", "warning")
    assert place.startswith(f"{SET}.extension[")
    assert place.endswith(".valueCodeableConcept.coding[0]")


# -- references on their own -----------------------------------------------------------------------------------------

BARE: dict[str, Any] = {"resourceType": "DocumentReference", "status": "current", "type": concept(SNOMED)}
SIMPLIFIED, COMPREHENSIVE = f"{PDSM}pdsm-simplified-publish", f"{PDSM}pdsm-comprehensive-document-reference"


def alone(resource: Json, *profiles: str) -> set[tuple[str, str]]:
    report = Report()
    check_declared(resource, Pdsm.RELEASED, profiles, report)
    return {(issue.rule, issue.location) for issue in report}


def test_terminologies_hold_of_a_reference_that_declares_pdsm() -> None:
    wrong = {("MHD-CODE-SYSTEM", "DocumentReference.type.coding[0]")}
    assert alone(BARE | {"meta": {"profile": [SIMPLIFIED]}}) == alone(BARE, COMPREHENSIVE) == wrong
    assert alone(BARE) == alone(BARE, "https://example.org/other") == set()
    assert alone({"resourceType": "Patient", "entry": 3}, SIMPLIFIED) == set()


def test_those_of_the_facility_are_only_recommended_to_the_simplified_one() -> None:
    made = {**BARE, "type": concept("http://loinc.org", "11490-0"), "context": {"facilityType": concept(SNOMED)}}
    assert alone(made, SIMPLIFIED) == set()
    assert alone(made, COMPREHENSIVE) == {("MHD-CODE-SYSTEM", "DocumentReference.context.facilityType.coding[0]")}
