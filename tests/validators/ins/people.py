"""Invented people under the test authority, as FHIR Patients and as CDA patientRoles."""

from __future__ import annotations

from datetime import date
from typing import Any

from lxml import etree

from validators.ins import INS_TEST, InsStatus, PatientIdentity, check_identity, identity_from_cda, identity_from_fhir
from validators.report import Mode, Report

MATRICULE = "279035121518989"
TODAY = date(2026, 3, 1)
FRC = "https://hl7.fr/ig/fhir/core/StructureDefinition/"


def patient(oid: str = INS_TEST, value: Any = MATRICULE, code: str = "INS-NIR-TEST", **changes: Any) -> dict[str, Any]:
    """A qualified FHIR Patient; a change of None removes the element."""
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "extension": [birth_place("51215"), status("VALI")],
        "identifier": [
            {"use": "official", "system": f"urn:oid:{oid}", "value": value, "type": {"coding": [{"code": code}]}}
        ],
        "name": [official()],
        "gender": "female",
        "birthDate": "1979-03-28",
    } | changes
    return {key: item for key, item in resource.items() if item is not None}


def official() -> dict[str, Any]:
    extension = {"url": f"{FRC}fr-core-patient-birth-list-given-name", "valueString": "DOMINIQUE MARIE-LOUISE"}
    return {"use": "official", "family": "PAT-TROIS", "given": ["DOMINIQUE"], "extension": [extension]}


def birth_place(code: str) -> dict[str, Any]:
    insee = {"url": f"{FRC}fr-core-address-insee-code", "valueCoding": {"code": code}}
    return {
        "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
        "valueAddress": {"extension": [insee]},
    }


def status(code: str) -> dict[str, Any]:
    inner = {"url": "identityStatus", "valueCoding": {"code": code}}
    return {"url": f"{FRC}fr-core-identity-reliability", "extension": [inner]}


ROLE = f"""<c:patientRole xmlns:c="urn:hl7-org:v3">
  <c:id root="{INS_TEST}" extension="{MATRICULE}"/>
  <c:id root="1.2.3.4" extension="IPP1"/>
  <c:patient>
    <c:name>
      <c:family qualifier="BR">PAT-TROIS</c:family>
      <c:given>DOMINIQUE MARIE-LOUISE</c:given>
      <c:given qualifier="BR">DOMINIQUE</c:given>
    </c:name>
    <c:administrativeGenderCode code="F"/>
    <c:birthTime value="19790328"/>
    <c:birthplace><c:place><c:addr><c:county>51215</c:county></c:addr></c:place></c:birthplace>
  </c:patient>
</c:patientRole>"""


def role(*changes: tuple[str, str]) -> PatientIdentity:
    """The CDA identity, with texts of the XML replaced."""
    text = ROLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return identity_from_cda(etree.fromstring(text))


def check(identity: PatientIdentity, mode: Mode = Mode.SANDBOX, **options: Any) -> tuple[InsStatus, Report]:
    report = Report()
    settings: dict[str, Any] = {"source": "cda", "today": TODAY, "looked_at": True} | options
    return check_identity(identity, report, mode=mode, **settings), report


def check_fhir(resource: dict[str, Any], mode: Mode = Mode.SANDBOX, **options: Any) -> tuple[InsStatus, Report]:
    return check(identity_from_fhir(resource, "Patient"), mode, source="fhir", **options)
