"""ITI-105: one DocumentReference with its document inside."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from testdata import Stay, document_id
from tests.conftest import World
from tests.support.dui import EXPORT, shared, transfer
from tests.support.faces import Face, refused, resources, rules
from tests.support.references import SIMPLIFIED, of_stay, publish, simplified
from tests.support.soap import FIND, ask, patient, status
from tests.support.synthetic import admit, bundle, letter, new_stay
from validators.fhir import load_definitions, parse_json
from validators.fhir.xmlwrite import to_xml
from validators.report import Report

LDL = "I-SUN1-LDL"


@pytest.fixture
def stay(world: World) -> Stay:
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def person(stay: Stay) -> str:
    return f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"


def test_iti105_answers_201_with_the_created_resource(site: Face, stay: Stay) -> None:
    document = letter(stay)

    answer = publish(site, of_stay(stay))

    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert found["id"] in answer.headers["Location"]
    assert answer.headers["Location"].endswith(f"/fhir/DocumentReference/{found['id']}/_history/1")
    assert (found["meta"]["versionId"], answer.headers["ETag"]) == ("1", 'W/"1"')
    assert found["meta"]["lastUpdated"]
    assert SIMPLIFIED not in found["meta"].get("profile", [])
    assert site.get(f"/fhir/DocumentReference/{found['id']}").json() == found
    assert site.submission(answer)["documents"][0]["kind"] == "LDL"
    assert document in site.http.get(found["content"][0]["attachment"]["url"]).content


def test_iti105_extracts_the_document_into_a_binary(site: Face, stay: Stay) -> None:
    reference = of_stay(stay)
    for name in ("size", "hash"):
        del reference["content"][0]["attachment"][name]

    attachment = publish(site, reference).json()["content"][0]["attachment"]

    document = letter(stay)
    assert "data" not in attachment
    assert attachment["url"].startswith(site.http.base_url.copy_with(path="/fhir/Binary/").__str__())
    read = site.http.get(attachment["url"], headers={"Accept": "application/xml"})
    assert read.content == document
    assert attachment["size"] == len(document)
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(document).digest()


def test_iti105_makes_a_submission_set(site: Face, stay: Stay) -> None:
    found = publish(site, of_stay(stay)).json()

    lists = resources(site.get("/fhir/List", code="submissionset", status="current",
                               **{"patient.identifier": person(stay)}).json())  # fmt: skip

    [made] = lists
    assert [item["item"]["reference"] for item in made["entry"]] == [f"DocumentReference/{found['id']}"]
    assert made["source"]["reference"] == found["author"][0]["reference"]
    assert {one["id"] for one in made["contained"]} >= {"author-role", "author-ps", "author-org"}


def test_iti105_counts_as_iti65_does(world: World, site: Face, stay: Stay) -> None:
    before = site.figure(LDL, world.site.finess)["numerator"]

    answer = publish(site, of_stay(stay))

    assert answer.status_code == 201, answer.text
    assert site.figure(LDL, world.site.finess)["numerator"] == before + 1


def test_iti105_again_is_the_first_answer(site: Face, stay: Stay) -> None:
    first = publish(site, of_stay(stay))

    again = publish(site, of_stay(stay))

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Segur-Submission"] == first.headers["Segur-Submission"]


def test_iti105_after_iti65_is_the_same_document(world: World, site: Face, stay: Stay) -> None:
    first = site.provide(bundle(letter(stay)))
    before = site.figure(LDL, world.site.finess)["numerator"]

    again = publish(site, of_stay(stay))

    assert again.status_code == 201
    assert again.headers["Segur-Submission"] == first.headers["Segur-Submission"]
    assert f"DocumentReference/{again.json()['id']}" in first.text
    assert site.figure(LDL, world.site.finess)["numerator"] == before


def test_iti105_same_id_with_other_content_is_409(site: Face, stay: Stay) -> None:
    publish(site, of_stay(stay))
    other = simplified(letter(stay).replace(b"</title>", b" bis</title>", 1))

    body = refused(publish(site, other), 409, "SUBMISSION-CONFLICT")

    assert ["DocumentReference"] in [issue["expression"] for issue in body["issue"]]


def test_iti105_replaces_and_the_server_supersedes(world: World, site: Face, stay: Stay) -> None:
    first = publish(site, of_stay(stay)).json()
    before = site.figure(LDL, world.site.finess)["numerator"]
    second = of_stay(stay, version=2, replaces=document_id(stay, "LDL"))
    second["relatesTo"] = [{"code": "replaces", "target": {"reference": f"DocumentReference/{first['id']}"}}]

    answer = publish(site, second)

    assert answer.status_code == 201, answer.text
    assert site.get(f"/fhir/DocumentReference/{first['id']}").json()["status"] == "superseded"
    assert answer.json()["status"] == "current"
    assert site.figure(LDL, world.site.finess)["numerator"] == before


def test_iti105_replaces_by_business_identifier(site: Face, stay: Stay) -> None:
    first = publish(site, of_stay(stay)).json()

    answer = publish(site, of_stay(stay, version=2, replaces=document_id(stay, "LDL")))

    assert answer.status_code == 201, answer.text
    assert site.get(f"/fhir/DocumentReference/{first['id']}").json()["status"] == "superseded"


def test_iti105_replaces_what_is_not_there_is_404(site: Face, stay: Stay) -> None:
    reference = of_stay(stay)
    reference["relatesTo"] = [{"code": "replaces", "target": {"reference": "DocumentReference/nowhere"}}]

    refused(publish(site, reference), 404, "MHD-REPLACE-TARGET")


def attachment(reference: Any) -> Any:
    return reference["content"][0]["attachment"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda r: r.pop("masterIdentifier"), "FHIR-MIN"),
        (lambda r: r.pop("author"), "FHIR-MIN"),
        (lambda r: r.pop("subject"), "FHIR-MIN"),
        (lambda r: r.update(status="superseded"), None),
        (lambda r: r.update(identifier=[{"value": "1"}]), None),
        (lambda r: attachment(r).pop("title"), "FHIR-MIN"),
        (lambda r: attachment(r).pop("data"), "FHIR-MIN"),
        (lambda r: attachment(r).update(url="urn:uuid:7e5e2f6c-0000-4000-8000-000000000001"), None),
        (lambda r: attachment(r).update(size=1), "XCHECK-SIZE"),
        (lambda r: attachment(r).update(hash="AAAA"), "XCHECK-HASH"),
        (lambda r: r.update(subject={"reference": "urn:uuid:7e5e2f6c-0000-4000-8000-000000000002"}), "MHD-REFERENCE"),
        (lambda r: r["type"]["coding"][0].update(code="34112-3"), "XCHECK-TYPE"),
    ],
)
def test_iti105_what_does_not_conform_is_422_and_located(site: Face, stay: Stay, change: Any, rule: str | None) -> None:
    reference = of_stay(stay)
    change(reference)

    body = refused(publish(site, reference), 422, rule)

    assert all(place.startswith("DocumentReference") for issue in body["issue"] for place in issue["expression"])


def test_iti105_what_is_no_reference_is_400(site: Face) -> None:
    refused(publish(site, b"{"), 400)
    refused(publish(site, {"resourceType": "Patient"}), 400, "EXCHANGE-TYPE")
    refused(publish(site, b"x", **{"Content-Type": "text/plain"}), 415, "SUBMISSION-MEDIA-TYPE")


def test_iti105_of_another_legal_entity_is_403(stranger: Face, stay: Stay) -> None:
    refused(publish(stranger, of_stay(stay)), 403, "SITE-FORBIDDEN")


def test_iti105_tells_what_it_found_when_asked(site: Face, world: World) -> None:
    unknown = new_stay(world.land, world.site)

    answer = publish(site, of_stay(unknown), Prefer="return=OperationOutcome")

    assert answer.status_code == 201
    assert "STAY_UNKNOWN" in rules(answer)


def test_iti105_of_tddui_is_the_transfer_of_one(world: World) -> None:
    from fhir_server.security.caller import Role
    from tests.support.synthetic import token_for

    home = next(place for place in world.land.establishments if place.sector == "esms")
    face = Face(world.server.origin, token_for(world.database, Role.ESTABLISHMENT, home.legal_entity))
    document = shared(new_stay(world.land, home), EXPORT)
    before = face.figure("I-ESMS-E5", home.finess)["numerator"]

    answer = publish(face, transfer(document)["entry"][0]["resource"])

    assert answer.status_code == 201, answer.text
    assert answer.json()["type"]["coding"][0]["code"] == "EXPORT_DUI"
    assert face.figure("I-ESMS-E5", home.finess)["numerator"] == before + 1
    refused(publish(face, transfer(b"Bonjour")["entry"][0]["resource"]), 422, "TDDUI-DOCUMENT")
    face.close()


def test_iti105_in_xml_is_answered_in_xml(site: Face, stay: Stay) -> None:
    found = parse_json(json.dumps(of_stay(stay)).encode(), Report())
    assert isinstance(found, dict)
    kinds = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}

    answer = publish(site, to_xml(found, load_definitions()), **kinds)

    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    assert publish(site, of_stay(stay)).headers["Location"] == answer.headers["Location"]


def test_iti105_hostile_xml_is_refused_and_not_kept(site: Face) -> None:
    hostile = b'<!DOCTYPE a [<!ENTITY x "y">]><DocumentReference xmlns="http://hl7.org/fhir"/>'
    answer = publish(site, hostile, **{"Content-Type": "application/fhir+xml"})
    refused(answer, 400, "FHIR-XML-DTD")
    assert site.envelope(answer).status_code == 410


def test_iti105_of_a_pdf_is_filed_under_its_metadata(site: Face, stay: Stay) -> None:
    reference = of_stay(stay)
    reference["masterIdentifier"]["value"] = f"urn:oid:1.2.250.1.999.8.{int(stay.id)}"
    data = b"%PDF-1.7\n1 0 obj\n%%EOF\n" + stay.id.encode()
    title = attachment(reference)["title"]
    reference["content"] = [{"attachment": {"contentType": "application/pdf", "title": title,
                                            "data": base64.b64encode(data).decode()}}]  # fmt: skip

    answer = publish(site, reference)

    assert answer.status_code == 201, answer.text
    url = attachment(answer.json())["url"]
    assert site.http.get(url, headers={"Accept": "application/pdf"}).content == data


def test_iti105_with_little_metadata_is_found_by_xds(site: Face, stay: Stay) -> None:
    reference = of_stay(stay)
    for name in ("type", "category", "date", "securityLabel", "authenticator", "custodian"):
        reference.pop(name, None)
    reference["context"] = {"sourcePatientInfo": reference["context"]["sourcePatientInfo"]}
    reference["content"][0].pop("format")

    assert publish(site, reference).status_code == 201

    assert len(ask(site, FIND, patient(stay), status()).entries()) == 1
