"""Our profile of a patient with an INS: a right one, and each change that FR Core forbids."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.validators.fhir.conftest import Check

INS = "patient-ins"
Change = Callable[[dict[str, Any]], object]
FRC = "https://hl7.fr/ig/fhir/core/"
V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"


def coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{FRC}StructureDefinition/{name}", **value}


def part(name: str, code: str, system: str) -> dict[str, Any]:
    return {"url": name, "valueCoding": {"system": f"{FRC}CodeSystem/{system}", "code": code}}


COMMUNE = {"system": "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune", "code": "35238"}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {"extension": [extension("fr-core-address-insee-code", valueCoding=COMMUNE)]},
        },
        extension(
            "fr-core-identity-reliability",
            extension=[
                part("identityStatus", "VALI", "fr-core-cs-v2-0445"),
                part("validationMode", "CN", "fr-core-cs-mode-validation-identity"),
            ],
        ),
    ],
    "identifier": [
        {
            "use": "official",
            "type": coding(f"{FRC}CodeSystem/fr-core-cs-v2-0203", "INS-NIR-TEST"),
            "system": "urn:oid:1.2.250.1.213.1.4.10",
            "value": "279035121518989",
        },
        {"use": "usual", "type": coding(V2, "PI"), "system": "urn:oid:1.2.250.1.999.5", "value": "1"},
    ],
    "name": [
        {
            "use": "official",
            "family": "DURAND",
            "given": ["ANNE"],
            "extension": [extension("fr-core-patient-birth-list-given-name", valueString="ANNE MARIE")],
        }
    ],
    "telecom": [{"system": "phone", "value": "0100000000"}],
    "gender": "female",
    "birthDate": "1979-03-04",
}


def reliability(patient: dict[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = patient["extension"][1]["extension"]
    return parts


IDENTITY: list[tuple[str, Change, str]] = [
    ("no birth place", lambda p: p["extension"].pop(0), "FHIR-SLICE-MIN"),
    ("a birth place without its code", lambda p: p["extension"][0].update(valueAddress={"city": "RENNES"}),
     "FHIR-SLICE-MIN"),
    ("a code of no system", lambda p: p["extension"][0]["valueAddress"]["extension"][0]["valueCoding"].pop("system"),
     "FHIR-MIN"),
    ("no official name", lambda p: p["name"][0].update(use="usual"), "FHIR-SLICE-MIN"),
    ("two official names", lambda p: p["name"].append(p["name"][0]), "FHIR-SLICE-MAX"),
    ("no list of given names", lambda p: p["name"][0].pop("extension"), "FHIR-SLICE-MIN"),
    ("two given names", lambda p: p["name"][0]["given"].append("MARIE"), "FHIR-MAX"),
    ("two titles", lambda p: p["name"][0].update(prefix=["M", "DR"]), "FHIR-MAX"),
    ("another sex", lambda p: p.update(gender="other"), "FHIR-BINDING"),
    ("a matricule of another use", lambda p: p["identifier"][0].update(use="secondary"), "FHIR-FIXED"),
    ("a matricule of another system", lambda p: p["identifier"][0].update(system="urn:oid:1.2.3"), "FHIR-FIXED"),
    ("a local number without its system", lambda p: p["identifier"][1].pop("system"), "FHIR-MIN"),
    ("a weak proof", lambda p: reliability(p)[1]["valueCoding"].update(code="AC"), "FHIR-BINDING"),
    ("an unknown proof", lambda p: reliability(p)[1]["valueCoding"].update(code="XX"), "FHIR-BINDING"),
    ("validated, no matricule", lambda p: p["identifier"].pop(0), "segur-patient-1"),
    ("validated, two official numbers", lambda p: p["identifier"].append(p["identifier"][0]), "segur-patient-2"),
    ("validated, born nobody knows where", lambda p: p["extension"][0]["valueAddress"]["extension"][0]["valueCoding"]
     .update(code="99999"), "segur-patient-3"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "rule"), [row[1:] for row in IDENTITY], ids=[row[0] for row in IDENTITY])
def test_what_fr_core_asks_of_an_identity(check_ours: Check, change: Change, rule: str) -> None:
    patient = copy.deepcopy(PATIENT)
    change(patient)
    assert rule in {str(i.params.get("key") or i.rule) for i in check_ours(patient, INS)}


@pytest.mark.parametrize("use", ["official", "old", "temp"])
def test_a_nia_may_be_temporary(check_ours: Check, use: str) -> None:
    patient = copy.deepcopy(PATIENT)
    nia = {"type": coding(f"{FRC}CodeSystem/fr-core-cs-v2-0203", "INS-NIA"), "system": "urn:oid:1.2.250.1.213.1.4.9"}
    reliability(patient)[0]["valueCoding"]["code"] = "PROV"
    patient["identifier"] = [nia | {"use": use, "value": "279035121518989"}]
    assert check_ours(patient, INS) == []
