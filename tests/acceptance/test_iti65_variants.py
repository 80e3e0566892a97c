"""ITI-65 beside the comprehensive transaction in JSON: XML, the variants of MHD, folders, patients, references."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from testdata import Stay, document_id
from tests.conftest import World
from tests.support.faces import Face, location, locations, refused, rules
from tests.support.synthetic import Json, admit, bundle, entry, letter, new_stay
from tests.support.variants import folder, variant
from validators.fhir import load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.fhir.xmlwrite import to_xml
from validators.mhd.variants import Variant
from validators.report import Report

LDL = "I-SUN1-LDL"
FHIR_XML = "application/fhir+xml"


@pytest.fixture
def stay(world: World) -> Stay:
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def xml(made: Json) -> bytes:
    found = parse_json(json.dumps(made).encode(), Report())
    assert isinstance(found, dict)
    return to_xml(found, load_definitions())


def provide_xml(face: Face, made: Json, **headers: str) -> httpx.Response:
    return face.provide(xml(made), **{"Content-Type": FHIR_XML} | headers)


def from_xml(answer: httpx.Response) -> Json:
    assert answer.headers["content-type"].startswith(FHIR_XML), answer.text
    found = parse_xml(answer.content, Report(), load_definitions())
    assert found is not None
    return found


def reference_of(face: Face, answer: httpx.Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = face.get(location(answer, "DocumentReference")).json()
    return found


# -- FHIR XML --------------------------------------------------------------------------------------------------------


def test_iti65_in_xml_is_filed_and_counted(world: World, site: Face, stay: Stay) -> None:
    before = site.figure(LDL, world.site.finess)["numerator"]
    body = xml(bundle(letter(stay)))

    answer = site.provide(body, **{"Content-Type": FHIR_XML})

    found = reference_of(site, answer)
    read = site.http.get(found["content"][0]["attachment"]["url"], headers={"Accept": "application/xml"})
    assert read.content == letter(stay)
    assert site.envelope(answer).content == body
    assert site.figure(LDL, world.site.finess)["numerator"] == before + 1


def test_iti65_in_xml_and_in_json_is_the_same_submission(site: Face, stay: Stay) -> None:
    first = provide_xml(site, bundle(letter(stay)))
    again = site.provide(bundle(letter(stay)))
    assert locations(again) == locations(first)
    assert again.headers["Segur-Submission"] == first.headers["Segur-Submission"]


def test_iti65_answers_in_xml_when_asked(site: Face, stay: Stay) -> None:
    answer = provide_xml(site, bundle(letter(stay)), Accept=FHIR_XML)
    found = from_xml(answer)
    assert found["type"] == "transaction-response"
    assert [one["response"]["status"] for one in found["entry"]] == ["201 Created"] * len(found["entry"])
    again = site.provide(bundle(letter(stay)))
    assert locations(again) == [one["response"]["location"] for one in found["entry"]]


def test_iti65_in_xml_is_refused_at_the_same_places(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    del entry(made, "DocumentReference")["securityLabel"]
    entry(made, "DocumentReference")["content"][0]["attachment"]["size"] = 1

    by_json, by_xml = site.provide(made), provide_xml(site, made, Accept=FHIR_XML)

    assert (by_json.status_code, by_xml.status_code) == (422, 422)
    said = [(i["details"]["coding"][0]["code"], i.get("expression")) for i in by_json.json()["issue"]]
    assert [(i["details"]["coding"][0]["code"], i.get("expression")) for i in from_xml(by_xml)["issue"]] == said
    refused(site.provide(b"<Bundle", **{"Content-Type": FHIR_XML}), 400)


# -- variants --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", list(Variant))
def test_iti65_variant_is_accepted_and_counted_by_its_document(
    world: World, site: Face, stay: Stay, which: Variant
) -> None:
    before = site.figure(LDL, world.site.finess)["numerator"]

    answer = site.provide(variant(letter(stay), which))

    assert answer.status_code == 200, answer.text
    assert "MHD-VARIANT" in rules(answer)
    assert site.figure(LDL, world.site.finess)["numerator"] == before + 1


def test_iti65_without_a_variant_is_judged_as_pdsm(site: Face, stay: Stay) -> None:
    made = variant(letter(stay), Variant.MINIMAL)
    del made["meta"]
    refused(site.provide(made), 422, "FHIR-MIN")


def test_iti65_minimal_still_compares_the_document(site: Face, stay: Stay) -> None:
    made = variant(letter(stay), Variant.MINIMAL)
    entry(made, "DocumentReference")["content"][0]["attachment"]["hash"] = "AAAA"
    refused(site.provide(made), 422, "XCHECK-HASH")


def test_iti65_fhir_document_is_refused_with_the_code_of_ihe(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    document = {"resourceType": "Bundle", "type": "document"}
    made["entry"].append({"resource": document, "request": {"method": "POST", "url": "Bundle"}})

    said = refused(site.provide(made), 422, "MHD-FHIR-DOCUMENT")

    codes = [coding["code"] for issue in said["issue"] for coding in issue["details"]["coding"]]
    assert "FHIRDocumentNotSupported" in codes


@pytest.mark.parametrize(
    ("code", "ihe"),
    [("transforms", "PartialTransformContentNotProcessed"), ("appends", "PartialAppendContentNotProcessed")],
)
def test_iti65_relation_without_effect_is_a_warning_with_the_code_of_ihe(
    site: Face, stay: Stay, code: str, ihe: str
) -> None:
    made = bundle(letter(stay))
    entry(made, "DocumentReference")["relatesTo"] = [{"code": code, "target": {"reference": "DocumentReference/x"}}]

    answer = site.provide(made)

    assert reference_of(site, answer)["relatesTo"][0]["code"] == code
    issues = [i for one in answer.json()["entry"] for i in one["response"].get("outcome", {}).get("issue", [])]
    [warning] = [issue for issue in issues if issue["details"]["coding"][0]["code"] == "MHD-RELATES-TO"]
    assert (warning["severity"], warning["details"]["coding"][1]["code"]) == ("warning", ihe)


# -- folders ---------------------------------------------------------------------------------------------------------


def test_iti65_folder_is_stored_and_listed_in_the_set(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    folder(made)

    answer = site.provide(made)

    assert answer.status_code == 200, answer.text
    *_, place = locations(answer)
    stored = site.get("/fhir/" + place).json()
    document = location(answer, "DocumentReference").removeprefix("/fhir/")
    assert [item["item"]["reference"] for item in stored["entry"]] == [document]
    listed = site.get(location(answer, "List")).json()["entry"]
    assert [item["item"]["reference"] for item in listed] == [document, place.partition("/_history")[0]]


def test_iti65_puts_a_folder_that_is_there(world: World, site: Face, stay: Stay) -> None:
    first = bundle(letter(stay))
    folder(first)
    place = locations(site.provide(first))[-1].partition("/_history")[0]
    second = bundle(letter(stay, version=2))
    folder(second, place, "PUT", title="Classeur complété")

    answer = site.provide(second)

    assert answer.status_code == 200, answer.text
    assert locations(answer)[-1] == f"{place}/_history/2"
    assert answer.json()["entry"][-1]["response"]["status"] == "200 OK"
    assert site.get(f"/fhir/{place}").json()["title"] == "Classeur complété"
    assert site.get(f"/fhir/{place}/_history/1").json()["title"] == "Classeur"


def test_iti65_puts_a_folder_by_identifier(site: Face, stay: Stay) -> None:
    identifier = {"use": "usual", "system": "urn:ietf:rfc:3986", "value": f"urn:oid:1.2.250.1.999.7.{int(stay.id)}"}
    first, second = bundle(letter(stay)), bundle(letter(stay, version=2))
    url = f"List?identifier=urn:ietf:rfc:3986|{identifier['value']}"
    folder(first, url, "PUT", identifier=[identifier])
    folder(second, url, "PUT", identifier=[identifier], title="Autre titre")

    one, other = site.provide(first), site.provide(second)

    assert one.status_code == 200, one.text
    assert locations(other)[-1] == locations(one)[-1].replace("_history/1", "_history/2")


def test_iti65_makes_a_folder_under_the_id_it_is_put_at(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    folder(made, f"List/classeur-{stay.id}", "PUT")
    answer = site.provide(made)
    assert locations(answer)[-1] == f"List/classeur-{stay.id}/_history/1"


def test_iti65_puts_no_folder_over_a_submission_set(site: Face, stay: Stay) -> None:
    first = site.provide(bundle(letter(stay)))
    made = bundle(letter(stay, version=2))
    folder(made, location(first, "List").removeprefix("/fhir/"), "PUT")
    refused(site.provide(made), 422, "MHD-FOLDER")


# -- patient ---------------------------------------------------------------------------------------------------------


def with_patient(made: Json, method: str, url: str) -> Json:
    """The transaction with another request for its Patient; a GET has no resource."""
    at = next(e for e in made["entry"] if e["resource"]["resourceType"] == "Patient")
    at["request"] = {"method": method, "url": url}
    if method == "GET":
        del at["resource"]
    return made


def number(stay: Stay) -> str:
    return f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"


def test_iti65_patient_by_post_and_by_put_is_one_patient(site: Face, stay: Stay) -> None:
    posted = site.provide(with_patient(bundle(letter(stay)), "POST", "Patient"))
    put = site.provide(with_patient(bundle(letter(stay, version=2)), "PUT", f"Patient?identifier={number(stay)}"))
    assert posted.status_code == put.status_code == 200, put.text
    assert location(posted, "Patient") == location(put, "Patient")
    assert reference_of(site, posted)["subject"]["reference"] == location(put, "Patient").removeprefix("/fhir/")


def test_iti65_patient_by_get_is_a_logical_reference(site: Face, stay: Stay) -> None:
    answer = site.provide(with_patient(bundle(letter(stay)), "GET", f"Patient?identifier={number(stay)}"))

    subject = reference_of(site, answer)["subject"]

    system, _, value = number(stay).partition("|")
    assert subject["identifier"] == {"system": system, "value": value}
    assert "reference" not in subject
    assert answer.json()["entry"][3]["response"]["status"] == "200 OK"


def test_iti65_conditional_references_are_logical(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    made["entry"] = [e for e in made["entry"] if e["resource"]["resourceType"] != "Patient"]
    subject: Any = {"reference": f"Patient?identifier={number(stay)}"}
    for kind in ("List", "DocumentReference"):
        entry(made, kind)["subject"] = dict(subject)
    custodian = "Organization?identifier=urn:oid:1.2.250.1.71.4.2.2|1" + stay.establishment.finess
    entry(made, "DocumentReference")["custodian"] = {"reference": custodian}

    found = reference_of(site, site.provide(made))

    assert found["subject"]["identifier"]["value"] == stay.patient.matricule
    assert found["subject"]["type"] == "Patient"
    assert found["custodian"]["identifier"]["value"] == f"1{stay.establishment.finess}"
    assert found["custodian"]["type"] == "Organization"


def test_iti65_withdraws_by_a_patch_alone(world: World, site: Face, stay: Stay) -> None:
    """The same mark in the facts as TD3.3c: the PATCH entry of a document that nothing replaces."""
    from fhir_server.intake.wrap import withdrawal

    site.provide(bundle(letter(stay)))
    before = site.figure(LDL, world.site.finess)["numerator"]
    other = bundle(letter(new_stay(world.land, world.site)))
    other["entry"].append(withdrawal(f"urn:oid:{document_id(stay, 'LDL')}"))

    answer = site.provide(other)

    assert answer.status_code == 200, answer.text
    assert site.figure(LDL, world.site.finess)["numerator"] == before - 1
