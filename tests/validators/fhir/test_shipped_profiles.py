"""Our profiles: a right resource of each kind, and each change that the guide forbids."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

import orjson
import pytest

from tests.validators.fhir.conftest import Check
from tests.validators.fhir.test_patient_profile import PATIENT
from validators.fhir import ProfileSet

DOC = "document-reference-comprehensive"
SIMPLE = "document-reference-simplified"
SUBMISSION = "submission-set-comprehensive"
CLASSEUR = "folder-comprehensive"
ENVELOPE = "provide-document-bundle"
INS = "patient-ins"

Change = Callable[[dict[str, Any]], object]
RFC = "urn:ietf:rfc:3986"
MHD = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
LISTS = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
WHEN = "2025-03-01T10:00:00+01:00"
CONTAINED: list[dict[str, Any]] = [
    {"resourceType": "Practitioner", "id": "ps", "name": [{"family": "MARTIN"}]},
    {"resourceType": "Organization", "id": "org", "name": "Clinique des Tilleuls"},
    {
        "resourceType": "PractitionerRole",
        "id": "role",
        "practitioner": {"reference": "#ps"},
        "organization": {"reference": "#org"},
    },
    {"resourceType": "Patient", "id": "src", "name": [{"family": "DURAND"}]},
]
DESIGNATION = {"url": f"{MHD}ihe-designationType", "valueCodeableConcept": {"text": "dépôt"}}
SOURCE_ID = {"url": f"{MHD}ihe-sourceId", "valueIdentifier": {"system": RFC, "value": "urn:oid:1.2.250.1.999.7"}}
ARCHIVED = {"url": f"{PDSM}pdsm-ext-is-archived", "valueBoolean": False}
AUTHOR_ORG = {"url": f"{MHD}ihe-authorOrg", "valueReference": {"reference": "#org"}}

DOCUMENT: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "contained": CONTAINED,
    "extension": [ARCHIVED],
    "masterIdentifier": {"use": "usual", "system": RFC, "value": "urn:oid:1.2.250.1.999.1"},
    "identifier": [{"use": "official", "system": RFC, "value": "urn:uuid:5b0f6f5e-0000-4000-8000-00000000000a"}],
    "status": "current",
    "type": {"text": "lettre"},
    "category": [{"text": "compte rendu"}],
    "subject": {"reference": "Patient/1"},
    "author": [{"reference": "#role"}, {"reference": "#src"}],
    "authenticator": {"reference": "#org"},
    "securityLabel": [{"text": "N"}],
    "content": [
        {
            "attachment": {
                "contentType": "text/xml",
                "language": "fr-FR",
                "url": "urn:uuid:5b0f6f5e-0000-4000-8000-00000000000b",
                "size": 3,
                "hash": "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
                "title": "Lettre",
                "creation": WHEN,
            },
            "format": {"code": "urn:x"},
        }
    ],
    "context": {
        "period": {"start": WHEN},
        "facilityType": {"text": "SA01"},
        "practiceSetting": {"text": "ETABLISSEMENT"},
        "sourcePatientInfo": {"reference": "#src"},
        "related": [{"identifier": {"type": {"coding": [{"system": RFC, "code": "urn:x"}]}, "value": "1"}}],
    },
}
SIMPLIFIED: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "masterIdentifier": {"system": RFC, "value": "urn:oid:1.2.250.1.999.1"},
    "status": "current",
    "subject": {"identifier": {"value": "1"}},
    "author": [{"reference": "Practitioner/1"}],
    "content": [{"attachment": {"contentType": "text/xml", "data": "QUJD", "title": "Lettre"}}],
}
SET: dict[str, Any] = {
    "resourceType": "List",
    "contained": CONTAINED[:3],
    "extension": [DESIGNATION, SOURCE_ID, ARCHIVED],
    "identifier": [
        {"use": "usual", "system": RFC, "value": "urn:oid:1.2.250.1.999.2"},
        {"use": "official", "system": RFC, "value": "urn:uuid:5b0f6f5e-0000-4000-8000-00000000000c"},
    ],
    "status": "current",
    "mode": "working",
    "code": {"coding": [{"system": LISTS, "code": "submissionset"}]},
    "subject": {"reference": "Patient/1"},
    "date": WHEN,
    "source": {"reference": "#role", "extension": [AUTHOR_ORG]},
    "entry": [{"item": {"reference": "DocumentReference/1"}}, {"item": {"reference": "List/1"}}],
}
FOLDER: dict[str, Any] = {
    "resourceType": "List",
    "extension": [DESIGNATION],
    "identifier": [{"use": "usual", "system": RFC, "value": "urn:oid:1.2.250.1.999.3"}],
    "status": "retired",
    "mode": "working",
    "title": "Grossesse",
    "code": {"coding": [{"system": LISTS, "code": "folder"}]},
    "subject": {"reference": "Patient/1"},
    "date": WHEN,
    "entry": [{"item": {"reference": "DocumentReference/1"}}],
}
BUNDLE: dict[str, Any] = {
    "resourceType": "Bundle",
    "meta": {"versionId": "1", "profile": [f"{PDSM}pdsm-comprehensive-provide-document-bundle"]},
    "type": "transaction",
    "entry": [{"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}],
}
KINDS = {
    DOC: DOCUMENT,
    SIMPLE: SIMPLIFIED,
    SUBMISSION: SET,
    CLASSEUR: FOLDER,
    INS: PATIENT,
    ENVELOPE: BUNDLE,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_resource_has_no_issue(check_ours: Check, kind: str) -> None:
    assert [(i.rule, i.location, dict(i.params)) for i in check_ours(KINDS[kind], kind)] == []


MINIMA = {
    DOC: """contained masterIdentifier masterIdentifier.use masterIdentifier.system
        masterIdentifier.value type category subject author authenticator securityLabel content.attachment.contentType
        content.attachment.language content.attachment.url content.attachment.size content.attachment.hash
        content.attachment.title content.attachment.creation content.format context context.period context.period.start
        context.facilityType context.practiceSetting context.sourcePatientInfo identifier.value
        context.related.identifier.value status content""",
    SIMPLE: """masterIdentifier subject author content content.attachment.contentType
        content.attachment.data content.attachment.title status""",
    SUBMISSION: """contained subject date source entry.item status mode code identifier.value""",
    CLASSEUR: """title subject date entry entry.item status mode code identifier.value""",
    INS: """identifier identifier.use identifier.system identifier.value name name.family name.given gender birthDate
        telecom.system telecom.value""",
    ENVELOPE: "type meta.profile entry entry.request",
}


def without(resource: dict[str, Any], path: str) -> dict[str, Any]:
    changed = copy.deepcopy(resource)
    *steps, last = path.split(".")
    node: Any = changed
    for step in steps:
        node = node[step][0] if isinstance(node[step], list) else node[step]
    del node[last]
    # what is left empty would be another fault
    return changed


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in MINIMA.items() for path in paths.split()])
def test_what_must_be_there(check_ours: Check, kind: str, path: str) -> None:
    issues = check_ours(without(KINDS[kind], path), kind)
    last = path.rpartition(".")[2]
    assert ("FHIR-MIN", last) in {(i.rule, i.params.get("element")) for i in issues}


PROHIBITED: list[tuple[str, Change, str]] = [
    (DOC, lambda r: r.update(docStatus="final"), "DocumentReference.docStatus"),
    (
        DOC,
        lambda r: r.update(modifierExtension=[{"url": "http://a", "valueString": "a"}]),
        "DocumentReference.modifierExtension[0]",
    ),
    (
        DOC,
        lambda r: r["content"][0]["attachment"].update(data="QUJD"),
        "DocumentReference.content[0].attachment.data",
    ),
    (
        DOC,
        lambda r: r["content"].append(r["content"][0]),
        "DocumentReference.content[1]",
    ),
    (
        DOC,
        lambda r: r["category"].append({"text": "b"}),
        "DocumentReference.category[1]",
    ),
    (SIMPLE, lambda r: r.update(docStatus="final"), "DocumentReference.docStatus"),
    (
        SIMPLE,
        lambda r: r.update(identifier=[{"value": "1"}]),
        "DocumentReference.identifier[0]",
    ),
    (
        SIMPLE,
        lambda r: r["content"][0]["attachment"].update(url="http://a"),
        "DocumentReference.content[0].attachment.url",
    ),
    (
        SIMPLE,
        lambda r: r.update(context={"event": [{"text": "a"}, {"text": "b"}]}),
        "DocumentReference.context.event[1]",
    ),
    *[
        (kind, lambda r, n=name, v=value: r.update({n: v}), f"List.{name}")
        for kind in (SUBMISSION, CLASSEUR)
        for name, value in (
            ("encounter", {"display": "a"}),
            ("orderedBy", {"text": "a"}),
            ("emptyReason", {"text": "a"}),
        )
    ],
    *[
        (kind, lambda r, n=name, v=value: r["entry"][0].update({n: v}), f"List.entry[0].{name}")
        for kind in (SUBMISSION, CLASSEUR)
        for name, value in (("flag", {"text": "a"}), ("deleted", False), ("date", "2025"))
    ],
    (CLASSEUR, lambda r: r.update(source={"display": "a"}), "List.source"),
]


@pytest.mark.parametrize(("kind", "change", "location"), PROHIBITED)
def test_what_must_not_be_there(check_ours: Check, kind: str, change: Change, location: str) -> None:
    changed = copy.deepcopy(KINDS[kind])
    change(changed)
    assert ("FHIR-MAX", location) in {(i.rule, i.location) for i in check_ours(changed, kind)}


OTHER: list[tuple[str, Change, str, str]] = [
    (DOC, lambda r: r.update(status="entered-in-error"), "FHIR-BINDING", ".status"),
    (DOC, lambda r: r["masterIdentifier"].update(use="old"), "FHIR-FIXED", ".masterIdentifier.use"),
    (DOC, lambda r: r["extension"].append(ARCHIVED), "FHIR-SLICE-MAX", ".extension"),
    (
        DOC,
        lambda r: r.update(extension=[{"url": ARCHIVED["url"], "valueString": "false"}]),
        "FHIR-TYPE",
        ".extension[0].value.ofType(string)",
    ),
    (
        DOC,
        lambda r: r["identifier"][0].update(system="http://a"),
        "FHIR-FIXED",
        ".identifier[0].system",
    ),
    # the published examples point to a contained Practitioner, which 3.1.1 does not allow
    (DOC, lambda r: r["author"].append({"reference": "#ps"}), "FHIR-REFERENCE-TYPE", ".author[2]"),
    (
        DOC,
        lambda r: r["author"].append({"reference": "PractitionerRole/1"}),
        "FHIR-REFERENCE-CONTAINED",
        ".author[2]",
    ),
    (DOC, lambda r: r.update(authenticator={"reference": "#ps"}), "FHIR-REFERENCE-TYPE", ".authenticator"),
    (
        DOC,
        lambda r: r["context"].update(sourcePatientInfo={"reference": "Patient/1"}),
        "FHIR-REFERENCE-CONTAINED",
        ".context.sourcePatientInfo",
    ),
    (DOC, lambda r: r.update(subject={"reference": "Group/1"}), "FHIR-REFERENCE-TYPE", ".subject"),
    (SIMPLE, lambda r: r.update(status="superseded"), "FHIR-FIXED", ".status"),
    (SUBMISSION, lambda r: r["extension"].remove(SOURCE_ID), "FHIR-SLICE-MIN", ""),
    (SUBMISSION, lambda r: r["extension"].remove(DESIGNATION), "FHIR-SLICE-MIN", ""),
    (SUBMISSION, lambda r: r["extension"].append(SOURCE_ID), "FHIR-SLICE-MAX", ".extension"),
    (
        SUBMISSION,
        lambda r: r["extension"].__setitem__(1, {"url": f"{MHD}ihe-sourceId", "valueString": "1"}),
        "FHIR-TYPE",
        ".extension[1].value.ofType(string)",
    ),
    (
        SUBMISSION,
        lambda r: r["extension"].append(
            {"url": f"{PDSM}pdsm-ext-intended-recipient", "valueReference": {"reference": "Organization/1"}}
        ),
        "FHIR-REFERENCE-CONTAINED",
        ".extension[3].value.ofType(Reference)",
    ),
    (SUBMISSION, lambda r: r["identifier"].append(r["identifier"][0]), "FHIR-SLICE-MAX", ".identifier"),
    (SUBMISSION, lambda r: r["identifier"][0].update(system="http://a"), "FHIR-FIXED", ".identifier[0].system"),
    (SUBMISSION, lambda r: r.update(status="retired"), "FHIR-FIXED", ".status"),
    (SUBMISSION, lambda r: r.update(mode="snapshot"), "FHIR-FIXED", ".mode"),
    (SUBMISSION, lambda r: r["code"]["coding"][0].update(code="folder"), "FHIR-FIXED", ".code"),
    (
        SUBMISSION,
        lambda r: (r["contained"].pop(2), r["source"].update(reference="#ps")),
        "FHIR-REFERENCE-TYPE",
        ".source",
    ),
    (
        SUBMISSION,
        lambda r: r["source"]["extension"][0].update(valueReference={"reference": "#ps"}),
        "FHIR-REFERENCE-TYPE",
        ".source.extension[0].value.ofType(Reference)",
    ),
    (
        SUBMISSION,
        lambda r: r["entry"][0].update(item={"reference": "Patient/1"}),
        "FHIR-REFERENCE-TYPE",
        ".entry[0].item",
    ),
    (CLASSEUR, lambda r: r["code"]["coding"][0].update(code="submissionset"), "FHIR-FIXED", ".code"),
    (CLASSEUR, lambda r: r["entry"][0].update(item={"reference": "List/1"}), "FHIR-REFERENCE-TYPE", ".entry[0].item"),
    (CLASSEUR, lambda r: r.pop("extension"), "FHIR-SLICE-MIN", ""),
    (ENVELOPE, lambda r: r.update(type="batch"), "FHIR-FIXED", ".type"),
]


@pytest.mark.parametrize(("kind", "change", "rule", "location"), OTHER)
def test_what_must_be_otherwise(check_ours: Check, kind: str, change: Change, rule: str, location: str) -> None:
    changed = copy.deepcopy(KINDS[kind])
    change(changed)
    issues = check_ours(changed, kind)
    assert [(i.rule, i.location) for i in issues] == [(rule, f"{changed['resourceType']}{location}")]


def test_a_device_may_author_and_a_date_may_be_missing(check_ours: Check) -> None:
    changed = copy.deepcopy(DOCUMENT)
    changed["contained"].append({"resourceType": "Device", "id": "dev"})
    changed["author"].append({"reference": "#dev"})
    assert check_ours(changed, DOC) == []


@pytest.mark.parametrize(
    ("alias", "kind"),
    [
        (f"{PDSM}pdsm-comprehensive-document-reference", DOC),
        (f"{PDSM}pdsm-submissionset-comprehensive|3.1.1", SUBMISSION),
        (f"{PDSM}pdsm-folder-comprehensive", CLASSEUR),
        (f"{PDSM}pdsm-simplified-publish", SIMPLE),
        (f"{PDSM}pdsm-comprehensive-provide-document-bundle", ENVELOPE),
        ("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins", INS),
        ("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient", "patient"),
    ],
)
def test_national_canonicals_stand_for_ours(profiles: ProfileSet, alias: str, kind: str) -> None:
    profile = profiles.get(alias)
    assert profile is not None
    assert profile.url.endswith(f"/{kind}")


def test_the_package_is_well_formed(check: Check) -> None:
    files = {e.name: e.read_bytes() for e in resources.files("profiles").iterdir() if e.name.endswith(".json")}
    package = orjson.loads(files.pop("package.json"))
    assert (package["name"], package["fhirVersions"]) == ("fr.segur.fhir", ["4.0.1"])
    assert package["dependencies"] == {"hl7.fhir.r4.core": "4.0.1"}
    ours = {name: content for name, content in files.items() if name.startswith("StructureDefinition-")}
    assert len(ours) >= len(KINDS)
    for name, content in ours.items():
        resource = orjson.loads(content)
        assert name == f"StructureDefinition-{resource['id']}.json"
        assert re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", resource["id"])
        assert [(i.rule, i.location) for i in check(resource)] == [], name
        ids = [element["id"] for element in resource["differential"]["element"]]
        assert len(ids) == len(set(ids)), name
