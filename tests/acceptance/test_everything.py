"""`$everything` of a Patient and of an Encounter: all that belongs to them, and nothing of anybody else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from testdata import Stay
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, location, refused
from tests.support.messages import encounter
from tests.support.synthetic import Json, bundle, letter, new_stay

JSON = {"Content-Type": FHIR_JSON}


@dataclass(frozen=True)
class Person:
    """A patient with two letters of one stay, the stay, and an observation."""

    stay: Stay
    id: str
    encounter: str
    observation: str

    @property
    def path(self) -> str:
        return f"/fhir/Patient/{self.id}/$everything"


@pytest.fixture(scope="module")
def person(world: World, site: Face) -> Person:
    stay = new_stay(world.land, world.site)
    answers = [site.provide(bundle(letter(stay, unique=f"all-{n}"))) for n in range(2)]
    assert {answer.status_code for answer in answers} == {200}
    document = site.get(location(answers[0], "DocumentReference")).json()
    patient = document["subject"]["reference"].removeprefix("Patient/")
    told = site.http.post("/fhir/Encounter", content=json.dumps(encounter(stay)), headers=JSON)
    assert told.status_code == 201, told.text
    body = {"resourceType": "Observation", "status": "final", "code": {"text": "Poids"},
            "subject": {"reference": f"Patient/{patient}"},
            "performer": [{"reference": "Organization/all-1"}]}  # fmt: skip
    place = {"resourceType": "Organization", "id": "all-1", "name": "Laboratoire"}
    assert site.http.put("/fhir/Organization/all-1", content=json.dumps(place), headers=JSON).status_code == 201
    made = site.http.post("/fhir/Observation", content=json.dumps(body), headers=JSON)
    assert made.status_code == 201, made.text
    return Person(stay, patient, told.headers["location"].split("/Encounter/")[1].partition("/")[0], made.json()["id"])


def gathered(face: Face, path: str, **params: str) -> list[Json]:
    """The resources of every page."""
    found: list[Json] = []
    answer = face.get(path, **params)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert page["type"] == "searchset"
        found += [entry["resource"] for entry in page.get("entry", ())]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            assert page["total"] == len(found)
            return found
        answer = face.http.get(following[0])


def kinds(found: list[Json]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in found:
        counted[one["resourceType"]] = counted.get(one["resourceType"], 0) + 1
    return counted


def test_a_patient_comes_with_all_that_belongs_to_it(site: Face, person: Person) -> None:
    found = gathered(site, person.path)
    assert (found[0]["resourceType"], found[0]["id"]) == ("Patient", person.id)
    assert kinds(found) == {
        "Patient": 1, "DocumentReference": 2, "List": 2, "Binary": 2, "Encounter": 1, "Observation": 1,
        "Organization": 1,
    }  # fmt: skip
    assert all("data" not in one and one["contentType"] for one in found if one["resourceType"] == "Binary")
    assert len({(one["resourceType"], one["id"]) for one in found}) == len(found)


def test_pages_are_opaque_and_whole(site: Face, person: Person) -> None:
    whole = gathered(site, person.path)
    assert gathered(site, person.path, _count="3") == whole
    first = site.get(person.path, _count="3").json()
    [following] = [link["url"] for link in first["link"] if link["relation"] == "next"]
    assert len(first["entry"]) == 3
    assert following.count("?") == 1
    assert "_page=" in following
    refused(site.http.get(following.replace(person.id, "other")), 404)
    refused(site.get(person.path, _page="AAAA"), 400, "SEARCH-PAGE")


def test_types_and_moments_narrow_it(site: Face, person: Person) -> None:
    assert kinds(gathered(site, person.path, _type="DocumentReference,Binary")) == {"DocumentReference": 2, "Binary": 2}
    later = gathered(site, person.path, _type="Observation", _since="2099-01-01T00:00:00+01:00")
    assert later == []
    assert len(gathered(site, person.path, _since="2020-01-01")) == len(gathered(site, person.path))


def test_the_parameters_may_be_in_a_body(site: Face, person: Person) -> None:
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Observation"}]}
    answer = site.http.post(person.path, content=json.dumps(body), headers=JSON)
    assert [one["resource"]["id"] for one in answer.json()["entry"]] == [person.observation]
    assert site.http.post(person.path).json()["total"] == 10


def test_an_encounter_comes_with_its_documents_and_its_patient(site: Face, person: Person) -> None:
    found = gathered(site, f"/fhir/Encounter/{person.encounter}/$everything")
    assert found[0]["id"] == person.encounter
    assert kinds(found) == {"Encounter": 1, "DocumentReference": 2, "Binary": 2, "Patient": 1}


@pytest.mark.parametrize(
    ("params", "rule"),
    [({"_since": "hier"}, "INTERACTION-PARAMETER"), ({"_type": "Patiente"}, "INTERACTION-PARAMETER"),
     ({"_count": "0"}, "INTERACTION-PARAMETER"), ({"start": "2026"}, "INTERACTION-PARAMETER")],
)  # fmt: skip
def test_what_is_not_understood_is_refused(site: Face, person: Person, params: dict[str, Any], rule: str) -> None:
    refused(site.get(person.path, **params), 400, rule)


def test_nobody_else_finds_it(site: Face, stranger: Face, person: Person, world: World) -> None:
    refused(stranger.get(person.path), 404)
    refused(site.get("/fhir/Patient/nobody/$everything"), 404)
    anonymous = Face(world.server.origin)
    refused(anonymous.get(person.path), 401)
    anonymous.close()


def test_the_capability_statement_says_so(site: Face) -> None:
    [rest] = site.get("/fhir/metadata").json()["rest"]
    assert "export" in {one["name"] for one in rest["operation"]}
    offered = {one["type"]: {op["name"] for op in one["operation"]} for one in rest["resource"] if "operation" in one}
    assert offered["Patient"] >= {"everything", "export"}
    assert "everything" in offered["Encounter"]
    assert "everything" not in offered["Organization"]
