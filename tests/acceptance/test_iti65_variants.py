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


def test_tddui_in_xml_is_the_same_transfer(world: World) -> None:
    from fhir_server.security.caller import Role
    from tests.support.dui import EXPORT, shared, transfer
    from tests.support.synthetic import token_for

    home = next(place for place in world.land.establishments if place.sector == "esms")
    face = Face(world.server.origin, token_for(world.database, Role.ESTABLISHMENT, home.legal_entity))
    made = transfer(shared(new_stay(world.land, home), EXPORT))

    first = provide_xml(face, made)

    assert first.status_code == 200, first.text
    assert locations(face.provide(made)) == locations(first)
    assert face.submission(first)["door"] == "tddui"
    face.close()


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


# -- answer and replacement (A7.2, A7.5) -----------------------------------------------------------------------------


def test_iti65_answers_in_request_order_with_201_and_locations(site: Face, stay: Stay) -> None:
    made = bundle(letter(stay))
    answer = site.provide(made)
    asked = [one["resource"]["resourceType"] for one in made["entry"]]
    given = [one["response"] for one in answer.json()["entry"]]
    assert (answer.status_code, answer.json()["type"]) == (200, "transaction-response")
    assert [one["location"].partition("/")[0] for one in given] == asked
    assert {one["status"] for one in given} == {"201 Created"}
    assert all(one["etag"] == 'W/"1"' and one["lastModified"] for one in given)


def test_iti65_says_warnings_in_the_outcome_of_the_entry(world: World, site: Face) -> None:
    made = bundle(letter(new_stay(world.land, world.site)))
    entry(made, "DocumentReference")["content"][0]["attachment"]["language"] = "fr"
    answer = site.provide(made)
    outcome = answer.json()["entry"][1]["response"]["outcome"]
    assert "MHD-LANGUAGE" in [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]]


def replacing(stay: Stay, target: Json) -> Json:
    """The transaction of a second version, with the PATCH of what it replaces by literal reference."""
    made = bundle(letter(stay, version=2, replaces=document_id(stay, "LDL")))
    entry(made, "DocumentReference")["relatesTo"] = [{"code": "replaces", "target": target}]
    made["entry"][-1]["request"]["url"] = target["reference"]
    return made


def test_iti65_replaces_and_patches_in_one_transaction(site: Face, stay: Stay) -> None:
    old = location(site.provide(bundle(letter(stay))), "DocumentReference")
    answer = site.provide(replacing(stay, {"reference": old.removeprefix("/fhir/")}))
    statuses = [one["response"]["status"][:3] for one in answer.json()["entry"]]
    assert (statuses[:3], statuses[-1]) == (["201"] * 3, "200")
    assert answer.json()["entry"][-1]["response"]["location"] == f"{old.removeprefix('/fhir/')}/_history/2"
    assert site.get(old).json()["status"] == "superseded"
    again = bundle(letter(stay, version=3, replaces=document_id(stay, "LDL")))
    refused(site.provide(again), 412, "MHD-REPLACE-STATUS")


def test_iti65_replaces_only_what_is_there(site: Face, stay: Stay) -> None:
    refused(site.provide(replacing(stay, {"reference": "DocumentReference/nowhere"})), 404, "MHD-REPLACE-TARGET")


def test_iti65_replaces_only_a_document_of_the_same_patient(world: World, site: Face, stay: Stay) -> None:
    other = site.provide(bundle(letter(new_stay(world.land, world.site))))
    target = {"reference": location(other, "DocumentReference").removeprefix("/fhir/")}
    refused(site.provide(replacing(stay, target)), 422, "MHD-REPLACE-PATIENT")


def test_metadata_names_the_actors_of_pdsm_and_mhd(anyone: Face) -> None:
    from fhir_server.fhir.capability import INSTANTIATES

    found = anyone.get("/fhir/metadata").json()
    assert found["instantiates"] == list(INSTANTIATES)
    [reference] = [one for one in found["rest"][0]["resource"] if one["type"] == "DocumentReference"]
    assert {"create", "patch", "search-type", "read"} <= {one["code"] for one in reference["interaction"]}
    assert "generate-metadata" in [one["name"] for one in reference["operation"]]


def test_every_way_in_of_documents_is_audited(world: World, site: Face, stay: Stay) -> None:
    import sqlite3
    from contextlib import closing

    from tests.support.patches import label, operation, patch
    from tests.support.references import of_stay, publish

    published = publish(site, of_stay(stay))
    patch(site, f"DocumentReference/{published.json()['id']}", [operation("/securityLabel/0", label("R"))])
    with closing(sqlite3.connect(world.database)) as connection:
        asked = "select action, outcome from audit where entity in (?, ?)"
        rows = connection.execute(
            asked, (published.headers["Segur-Submission"], f"DocumentReference/{published.json()['id']}")
        ).fetchall()
    assert sorted(rows) == [("patch", "done"), ("publish", "accepted")]
