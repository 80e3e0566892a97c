"""A DocumentReference sent alone (ITI-105): what its profile and the head of PDSm ask, and whom it is about."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fhir_server.intake.publish import submission_set
from tests.support.references import SIMPLIFIED, simplified
from tests.validators.cda.samples import NOW
from tests.validators.mhd.envelope import LETTER_BYTES, MATRICULE, NIR, PDF_BYTES, walker
from validators.mhd import ProvidedBundle, check_alone, pdsm_walker
from validators.mhd.variants import MHD
from validators.pdsm import Pdsm
from validators.report import Mode, Report

Json = dict[str, Any]


def checked(reference: Json, pdsm: Pdsm = Pdsm.RELEASED) -> ProvidedBundle:
    chosen = walker() if pdsm is Pdsm.RELEASED else pdsm_walker(pdsm)
    return check_alone(reference, chosen, mode=Mode.SANDBOX, now=NOW, pdsm=pdsm)


def errors(reference: Json, pdsm: Pdsm = Pdsm.RELEASED) -> set[tuple[str, str]]:
    """(rule, place) of what refuses the metadata; what is inside the document is tested with it."""
    return {
        (issue.rule, issue.location)
        for issue in checked(reference, pdsm).report
        if issue.severity.value in ("error", "fatal") and "!/" not in issue.location
    }


@pytest.fixture
def reference() -> Json:
    return simplified(LETTER_BYTES)


def test_the_smallest_is_right(reference: Json) -> None:
    kept = ("resourceType", "masterIdentifier", "status", "subject", "author", "content", "contained", "context")
    smallest = {name: reference[name] for name in kept}
    smallest["context"] = {"sourcePatientInfo": reference["context"]["sourcePatientInfo"]}
    assert errors(smallest) == set()


@pytest.mark.parametrize("name", ["custodian", "date"])
def test_the_head_asks_for_custodian_and_date(reference: Json, name: str) -> None:
    reference.setdefault("custodian", {"display": "Centre hospitalier"})
    assert errors(reference, Pdsm.HEAD) == set()
    del reference[name]
    assert errors(reference, Pdsm.HEAD) == {(f"MHD-HEAD-{name.upper()}", "DocumentReference")}
    assert errors(reference) == set()


def test_mhd_alone_asks_for_neither_author_nor_title(reference: Json) -> None:
    reference["meta"] = {"profile": [f"{MHD}IHE.MHD.SimplifiedPublish.DocumentReference"]}
    del reference["author"], reference["content"][0]["attachment"]["title"]
    reference["contained"] = [one for one in reference["contained"] if one["resourceType"] == "Patient"]
    del reference["authenticator"]
    assert errors(reference) == set()
    assert submission_set(reference, "urn:oid:1.2.3.4", LETTER_BYTES, NOW)["resourceType"] == "List"
    del reference["subject"]
    assert ("MHD-VARIANT-REQUIRED", "DocumentReference") in errors(reference)
    reference["meta"]["profile"].append(SIMPLIFIED)
    assert "MHD-VARIANT-REQUIRED" not in {rule for rule, _ in errors(reference)}


def test_a_patient_by_number_inside_or_elsewhere(reference: Json) -> None:
    for subject in (
        {"identifier": {"system": NIR, "value": MATRICULE}},
        {"reference": f"Patient?identifier={NIR}|{MATRICULE}"},
        {"reference": "Patient/p1"},
        {"reference": "#source-patient"},
    ):
        assert errors(reference | {"subject": subject}) == set(), subject


def test_another_patient_than_the_document_is_refused(reference: Json) -> None:
    subject = {"identifier": {"system": NIR, "value": "277076322082910"}}
    assert ("XCHECK-INS", "DocumentReference.subject") in errors(reference | {"subject": subject})


def test_a_patient_inside_without_a_number_is_nobody(reference: Json) -> None:
    next(one for one in reference["contained"] if one["id"] == "source-patient").pop("identifier")
    assert ("MHD-PATIENT-UNKNOWN", "DocumentReference.subject") in errors(reference)


def test_what_is_served_has_the_address_size_and_hash_and_not_the_profile(reference: Json) -> None:
    attachment = reference["content"][0]["attachment"]
    del attachment["size"], attachment["hash"]
    reference["meta"]["profile"].append("http://example.org/other")
    [document] = checked(reference).documents
    served = document.reference["content"][0]["attachment"]
    assert served["size"] == len(LETTER_BYTES)
    assert len(base64.b64decode(served["hash"])) == 20
    assert "data" not in served
    assert document.reference["meta"]["profile"] == ["http://example.org/other"]
    assert document.data == LETTER_BYTES
    assert reference["meta"]["profile"][0] == SIMPLIFIED


def test_a_document_that_is_no_cda_is_judged_by_the_patient_inside(reference: Json) -> None:
    attachment = {"contentType": "application/pdf", "title": "t", "data": base64.b64encode(PDF_BYTES).decode()}
    reference["content"] = [{"attachment": attachment}]
    bundle = checked(reference)
    assert bundle.report.conformant
    assert bundle.documents[0].ins is not None
    assert bundle.documents[0].ins.matricule is not None


def test_setting_and_facility_are_only_recommended(reference: Json) -> None:
    reference["context"]["practiceSetting"] = {"coding": [{"system": "http://snomed.info/sct", "code": "408467006"}]}
    reference["type"] = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}
    wrong = {place for rule, place in errors(reference) if rule == "MHD-CODE-SYSTEM"}
    assert wrong == {"DocumentReference.type.coding[0]"}


@pytest.mark.parametrize(
    "unique", ["urn:oid:1.2.3.4.5", "urn:oid:1.2.3.4^7", "urn:uuid:0198c2f0-0000-7000-8000-000000000001"]
)
def test_the_set_that_is_made_is_right(reference: Json, unique: str) -> None:
    made = submission_set(reference | {"subject": {"reference": "Patient/p1"}}, unique, LETTER_BYTES, NOW)
    report = Report()
    walker().check(dict(made), report)
    url = "https://segur-fhir.example/fhir/StructureDefinition/submission-set-comprehensive"
    walker().apply(dict(made), report, "List", url)
    assert [issue for issue in report if issue.severity.value == "error"] == []


def test_the_set_has_no_source_when_the_author_cannot_be_one(reference: Json) -> None:
    reference["author"] = [{"display": "Dr X"}]
    reference["subject"] |= {"identifier": {"system": NIR, "value": MATRICULE}}
    made = submission_set(reference, "urn:oid:1.2.3.4", LETTER_BYTES, NOW)
    assert not {"source", "contained"} & set(made)
    assert made["subject"] == {"identifier": {"system": NIR, "value": MATRICULE}}
