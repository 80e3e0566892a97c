"""ITI-65 in the variants of IHE MHD, made of a comprehensive transaction of PDSm."""

from __future__ import annotations

from typing import Any

from tests.support.synthetic import Json, bundle, entry
from validators.mhd.variants import MHD, Variant

LIST_TYPES = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
SNOMED = {"coding": [{"system": "http://snomed.info/sct", "code": "82242000"}]}
_FAMILY = {
    Variant.MINIMAL: "Minimal",
    Variant.COMPREHENSIVE: "Comprehensive",
    Variant.UNCONTAINED: "UnContained.Comprehensive",
}
_KEPT = ("resourceType", "masterIdentifier", "status", "subject", "content")
_KEPT_OF_SET = ("resourceType", "extension", "status", "mode", "code", "subject", "date", "entry", "identifier")


def variant(document: bytes, which: Variant) -> Json:
    """The transaction of one CDA as a variant has it."""
    made = bundle(document)
    made["meta"] = {"profile": [MHD + which.value]}
    reference, the_set = entry(made, "DocumentReference"), entry(made, "List")
    for resource, name in ((reference, "DocumentReference"), (the_set, "SubmissionSet")):
        resource["meta"] = {"profile": [f"{MHD}IHE.MHD.{_FAMILY[which]}.{name}"]}
    if which is Variant.MINIMAL:
        _reduce(reference, _KEPT)
        attachment = reference["content"][0]["attachment"]
        reference["content"] = [{"attachment": {name: attachment[name] for name in ("contentType", "url")}}]
        _reduce(the_set, _KEPT_OF_SET)
        the_set["extension"] = the_set["extension"][1:]
    elif which is Variant.UNCONTAINED:
        _uncontain(reference, the_set)
    else:
        reference["context"]["facilityType"] = SNOMED
    return made


def _reduce(resource: Json, kept: tuple[str, ...]) -> None:
    for name in [name for name in resource if name not in (*kept, "meta")]:
        del resource[name]


def _uncontain(reference: Json, the_set: Json) -> None:
    """Persons and organisations stand on another server."""
    for resource in (reference, the_set):
        del resource["contained"]
    role = {"reference": "https://annuaire.example/fhir/PractitionerRole/1"}
    reference |= {"author": [role], "authenticator": role}
    the_set["source"] = {"reference": "https://annuaire.example/fhir/Practitioner/1"}
    reference["context"]["sourcePatientInfo"] = reference["subject"]


def folder(made: Json, url: str = "List", method: str = "POST", **more: Any) -> Json:
    """Put the document of a transaction into a folder, listed in its set; the folder's entry."""
    subject = entry(made, "DocumentReference")["subject"]
    item = next(e for e in made["entry"] if e["resource"]["resourceType"] == "DocumentReference")["fullUrl"]
    resource = {
        "resourceType": "List", "status": "current", "mode": "working", "title": "Classeur", "subject": subject,
        "extension": entry(made, "List")["extension"][:1], "date": "2026-02-01T12:00:00+01:00",
        "code": {"coding": [{"system": LIST_TYPES, "code": "folder"}]}, "entry": [{"item": {"reference": item}}],
    } | more  # fmt: skip
    added = {
        "fullUrl": "urn:uuid:5b0f6f5e-0000-4000-8000-000000000055", "resource": resource,
        "request": {"method": method, "url": url},
    }  # fmt: skip
    made["entry"].append(added)
    entry(made, "List")["entry"].append({"item": {"reference": added["fullUrl"]}})
    return added
