"""ITI-66, ITI-67 and ITI-68: what a Document Consumer may ask, and TD0.2 (fhir-france A8, B1)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from testdata import Stay
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, location, refused, resources
from tests.support.patches import operation, patch
from tests.support.synthetic import Json, bundle, entry, letter, new_stay
from tests.support.variants import folder
from validators.mhd.bundle import IS_ARCHIVED

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Filed:
    """One document in a folder: its transaction, and what became of it."""

    stay: Stay
    bundle: Json
    reference: Json
    set: Json
    folder: Json

    @property
    def person(self) -> str:
        return f"urn:oid:{self.stay.patient.oid}|{self.stay.patient.matricule}"


@pytest.fixture(scope="module")
def filed(world: World, site: Face) -> Filed:
    stay = new_stay(world.land, world.site)
    made = bundle(letter(stay))
    folder(made)
    answer = site.provide(made)
    assert answer.status_code == 200, answer.text
    places = [one["response"]["location"].partition("/_history")[0] for one in answer.json()["entry"]]
    found = [site.get("/fhir/" + place).json() for place in (places[0], places[-1])]
    return Filed(stay, made, site.get(location(answer, "DocumentReference")).json(), *found)


def both(face: Face, kind: str, params: dict[str, str]) -> Iterator[httpx.Response]:
    """By GET, and by POST with the criteria in a form."""
    yield face.get(f"/fhir/{kind}", **params)
    yield face.http.post(f"/fhir/{kind}/_search", data=params, headers=FORM)


def found_by(face: Face, kind: str, params: dict[str, str]) -> list[str]:
    """The ids, the same by GET and by POST."""
    answers = list(both(face, kind, params))
    assert [answer.status_code for answer in answers] == [200, 200], (params, answers[0].text)
    one, other = ([found["id"] for found in resources(answer.json())] for answer in answers)
    assert one == other
    return one


# -- ITI-66 ----------------------------------------------------------------------------------------------------------


def test_iti66_finds_sets_and_folders_by_get_and_post(site: Face, filed: Filed) -> None:
    about = {"patient.identifier": filed.person, "status": "current"}
    assert found_by(site, "List", about | {"code": "submissionset"}) == [filed.set["id"]]
    assert found_by(site, "List", about | {"code": "folder"}) == [filed.folder["id"]]
    by_reference = {"patient": filed.set["subject"]["reference"], "status": "current"}
    assert found_by(site, "List", by_reference | {"code": "folder"}) == [filed.folder["id"]]


def test_iti66_code_by_either_spelling_of_its_system(site: Face, filed: Filed) -> None:
    about = {"patient.identifier": filed.person, "status": "current"}
    system = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
    assert found_by(site, "List", about | {"code": f"{system}|folder"}) == [filed.folder["id"]]


def test_iti66_nothing_found_is_200_and_empty(site: Face, filed: Filed) -> None:
    params = {"patient.identifier": "urn:oid:1.2.3|nobody", "code": "folder", "status": "current"}
    for answer in both(site, "List", params):
        assert answer.status_code == 200
        assert (answer.json()["type"], answer.json()["total"]) == ("searchset", 0)


def source_id(filed: Filed) -> str:
    [value] = [e["valueIdentifier"]["value"] for e in filed.set["extension"] if e["url"].endswith("sourceId")]
    return str(value)


def designation(filed: Filed) -> str:
    [concept] = [e["valueCodeableConcept"] for e in filed.set["extension"] if e["url"].endswith("designationType")]
    return str(concept["coding"][0]["code"])


ITI66: dict[str, Any] = {
    "date": lambda f: "ge" + f.set["date"][:10],
    "designationType": designation,
    "identifier": lambda f: f.set["identifier"][0]["value"],
    "source.family": lambda f: family(f.set),
    "source.given": lambda f: given(f.set),
    "sourceId": source_id,
    "title": lambda f: f.set["title"][:8],
}


def family(resource: Json) -> str:
    return str(next(one["name"][0]["family"] for one in resource["contained"] if "name" in one))


def given(resource: Json) -> str:
    return str(next(one["name"][0]["given"][0] for one in resource["contained"] if "name" in one))


@pytest.mark.parametrize("name", ITI66)
def test_iti66_parameter_of_mhd(site: Face, filed: Filed, name: str) -> None:
    about = {"patient.identifier": filed.person, "code": "submissionset", "status": "current"}
    assert found_by(site, "List", about | {name: ITI66[name](filed)}) == [filed.set["id"]]
    other = "lt1990" if name == "date" else "rien-de-tel"
    assert found_by(site, "List", about | {name: other}) == []


# -- ITI-67 ----------------------------------------------------------------------------------------------------------


def test_iti67_needs_a_patient_and_a_status(site: Face, filed: Filed) -> None:
    for params in ({"status": "current"}, {"patient.identifier": filed.person}):
        for answer in both(site, "DocumentReference", params):
            refused(answer, 400, "SEARCH-REQUIRED")


def test_iti67_finds_by_patient_or_by_its_identifier(site: Face, filed: Filed) -> None:
    for who in ({"patient": filed.reference["subject"]["reference"]}, {"patient.identifier": filed.person}):
        assert found_by(site, "DocumentReference", who | {"status": "current"}) == [filed.reference["id"]]


def test_iti67_status_stands_without_a_system(site: Face, filed: Filed) -> None:
    assert found_by(site, "DocumentReference", {"patient.identifier": filed.person, "status": "superseded"}) == []
    both_ways = {"patient.identifier": filed.person, "status": "current,superseded"}
    assert found_by(site, "DocumentReference", both_ways) == [filed.reference["id"]]


def code(path: str) -> Any:
    def of(filed: Filed) -> str:
        node: Any = filed.reference
        for step in path.split("."):
            node = node[int(step)] if step.isdigit() else node[step]
        return str(node)

    return of


ITI67: dict[str, Any] = {
    "author.family": lambda f: family(f.reference),
    "author.given": lambda f: given(f.reference),
    "category": code("category.0.coding.0.code"),
    "creation": lambda f: f.reference["content"][0]["attachment"]["creation"][:10],
    "date": lambda f: "ge" + f.reference["date"][:10],
    "facility": code("context.facilityType.coding.0.code"),
    "format": code("content.0.format.code"),
    "identifier": code("masterIdentifier.value"),
    "period": lambda f: "ge" + f.reference["context"]["period"]["start"][:10],
    "security-label": code("securityLabel.0.coding.0.code"),
    "setting": code("context.practiceSetting.coding.0.code"),
    "type": code("type.coding.0.code"),
}


@pytest.mark.parametrize("name", ITI67)
def test_iti67_parameter_of_mhd(site: Face, filed: Filed, name: str) -> None:
    about = {"patient.identifier": filed.person, "status": "current"}
    assert found_by(site, "DocumentReference", about | {name: ITI67[name](filed)}) == [filed.reference["id"]]
    other = "lt1990" if name in ("creation", "date", "period") else "rien-de-tel"
    assert found_by(site, "DocumentReference", about | {name: other}) == []


def test_iti67_identifier_covers_both_identifiers(world: World, site: Face) -> None:
    stay = new_stay(world.land, world.site)
    made = bundle(letter(stay))
    logical = f"urn:uuid:0198c2f0-0000-7000-8000-{int(stay.id):012d}"
    entry(made, "DocumentReference")["identifier"] = [
        {"use": "official", "system": "urn:ietf:rfc:3986", "value": logical}
    ]
    reference_id = location(site.provide(made), "DocumentReference").rpartition("/")[2]
    about = {"patient.identifier": f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}", "status": "current"}
    for value in (logical, entry(made, "DocumentReference")["masterIdentifier"]["value"]):
        asked = about | {"identifier": f"urn:ietf:rfc:3986|{value}"}
        assert found_by(site, "DocumentReference", asked) == [reference_id]


def test_iti67_related_and_event(world: World, site: Face) -> None:
    stay = new_stay(world.land, world.site)
    made = bundle(letter(stay))
    order = {"system": "urn:oid:1.2.250.1.999.5", "value": f"ORD-{stay.id}"}
    event = {"coding": [{"system": "urn:oid:1.2.250.1.213.2.5", "code": "HHFA001"}]}
    entry(made, "DocumentReference")["context"] |= {"related": [{"identifier": order}], "event": [event]}
    reference_id = location(site.provide(made), "DocumentReference").rpartition("/")[2]
    about = {"patient.identifier": f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}", "status": "current"}
    assert found_by(site, "DocumentReference", about | {"event": "HHFA001"}) == [reference_id]
    asked = about | {"related:identifier": f"{order['system']}|{order['value']}"}
    assert found_by(site, "DocumentReference", asked) == [reference_id]


def test_iti67_is_archived_of_pdsm(world: World, site: Face) -> None:
    stay = new_stay(world.land, world.site)
    reference_id = location(site.provide(bundle(letter(stay))), "DocumentReference").rpartition("/")[2]
    about = {"patient.identifier": f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}", "status": "current"}
    assert found_by(site, "DocumentReference", about | {"isArchived": "true"}) == []
    patch(site, f"DocumentReference/{reference_id}", [operation(f"/extension[url:{IS_ARCHIVED}]/valueBoolean", True)])
    assert found_by(site, "DocumentReference", about | {"isArchived": "true"}) == [reference_id]


@pytest.mark.parametrize("name", ["period-start", "period-end"])
def test_iti67_period_of_pdsm(site: Face, filed: Filed, name: str) -> None:
    about = {"patient.identifier": filed.person, "status": "current"}
    end = filed.reference["context"]["period"][name.partition("-")[2]][:10]
    assert found_by(site, "DocumentReference", about | {name: f"ge{end}"}) == [filed.reference["id"]]
    assert found_by(site, "DocumentReference", about | {name: "lt1990"}) == []


def test_iti67_answers_with_total_full_urls_and_complete_addresses(site: Face, filed: Filed) -> None:
    for answer in both(site, "DocumentReference", {"patient.identifier": filed.person, "status": "current"}):
        found = answer.json()
        assert (found["type"], found["total"]) == ("searchset", 1)
        [one] = found["entry"]
        base = str(site.http.base_url).rstrip("/")
        assert one["fullUrl"] == f"{base}/fhir/DocumentReference/{filed.reference['id']}"
        url = one["resource"]["content"][0]["attachment"]["url"]
        assert url.startswith(f"{base}/fhir/Binary/")
        assert site.http.get(url, headers={"Accept": "application/xml"}).content == letter(filed.stay)


def test_iti67_nothing_found_is_200_and_empty(site: Face) -> None:
    for answer in both(site, "DocumentReference", {"patient.identifier": "urn:oid:1.2.3|nobody", "status": "current"}):
        assert (answer.status_code, answer.json()["total"]) == (200, 0)
        assert not answer.json().get("entry")


def test_iti67_in_xml(site: Face, filed: Filed) -> None:
    params = {"patient.identifier": filed.person, "status": "current"}
    answer = site.http.get("/fhir/DocumentReference", params=params, headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 200
    assert '<total value="1"/>' in answer.text


# -- ITI-68 ----------------------------------------------------------------------------------------------------------


def binary(filed: Filed) -> str:
    return str(filed.reference["content"][0]["attachment"]["url"])


def test_iti68_gives_the_bytes_in_the_type_of_the_attachment(site: Face, filed: Filed) -> None:
    named = filed.reference["content"][0]["attachment"]["contentType"]
    answer = site.http.get(binary(filed), headers={"Accept": named})
    assert (answer.status_code, answer.content) == (200, letter(filed.stay))
    assert answer.headers["content-type"].startswith(named)


def test_iti68_gives_the_binary_where_fhir_is_asked_for(site: Face, filed: Filed) -> None:
    answer = site.http.get(binary(filed), headers={"Accept": FHIR_JSON})
    found = json.loads(answer.content)
    assert found["resourceType"] == "Binary"
    assert found["data"] == entry(filed.bundle, "Binary")["data"]


def test_iti68_unknown_is_404_and_another_type_406(site: Face, stranger: Face, filed: Filed) -> None:
    refused(site.get("/fhir/Binary/nowhere"), 404)
    refused(stranger.http.get(binary(filed)), 404)
    refused(site.http.get(binary(filed), headers={"Accept": "image/png"}), 406, "HTTP-NOT-ACCEPTABLE")


def test_iti68_a_superseded_document_is_still_read(world: World, site: Face) -> None:
    stay = new_stay(world.land, world.site)
    reference = site.get(location(site.provide(bundle(letter(stay))), "DocumentReference")).json()
    patch(site, f"DocumentReference/{reference['id']}", [operation("/status", "superseded")])
    url = reference["content"][0]["attachment"]["url"]
    assert site.http.get(url, headers={"Accept": "application/xml"}).content == letter(stay)


# -- TD0.2 -----------------------------------------------------------------------------------------------------------


def test_td02_nobody_is_200_with_no_entry(site: Face) -> None:
    for answer in both(site, "Patient", {"identifier": "urn:oid:1.2.250.1.213.1.4.8|199999999999999"}):
        assert (answer.status_code, answer.json()["total"]) == (200, 0)


def test_td02_an_open_record_is_an_active_patient(world: World, site: Face) -> None:
    stay = new_stay(world.land, world.site)
    for active in (True, False):
        made = bundle(letter(stay, version=1 if active else 2))
        entry(made, "Patient")["active"] = active
        assert site.provide(made).status_code == 200
        [answer, _] = both(site, "Patient", {"identifier": f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"})
        [patient] = resources(answer.json())
        assert patient["active"] is active
