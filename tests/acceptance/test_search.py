"""Searches through HTTP: documents sent by their door, found by each family of parameters."""

from __future__ import annotations

import re

import httpx
import pytest

from testdata import Stay, level1
from tests.conftest import World
from tests.support.faces import Face, location, refused, resources
from tests.support.synthetic import Json, bundle, entry, letter, new_stay, unique_id

DOCUMENTS = "/fhir/DocumentReference"


class Sent:
    """Two documents of one patient, and what they say."""

    def __init__(self, site: Face, stay: Stay) -> None:
        assert stay.discharged is not None
        self.letter, self.order = bundle(letter(stay)), bundle(level1(stay, "ORD", when=stay.discharged))
        self.answers = [site.provide(self.letter), site.provide(self.order)]
        self.ids = [location(answer, "DocumentReference").rpartition("/")[2] for answer in self.answers]
        self.patient = location(self.answers[0], "Patient").removeprefix("/fhir/")
        self.person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
        self.resource = entry(self.letter, "DocumentReference")


@pytest.fixture(scope="module")
def sent(world: World, site: Face) -> Sent:
    return Sent(site, new_stay(world.land, world.site))


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["resource"]["id"] for one in answer.json().get("entry", ()) if one["search"]["mode"] == "match"]


def entries(answer: httpx.Response, mode: str) -> list[Json]:
    assert answer.status_code == 200, answer.text
    return [one["resource"] for one in answer.json().get("entry", ()) if one["search"]["mode"] == mode]


class TestDocumentsAreFound:
    def by(self, site: Face, sent: Sent, *criteria: tuple[str, str]) -> list[str]:
        return ids(site.http.get(DOCUMENTS, params=[("patient", sent.patient), ("status", "current"), *criteria]))

    def test_by_each_family_of_parameters(self, site: Face, sent: Sent) -> None:
        first, both = sent.ids[0], sent.ids
        coding, document = sent.resource["type"]["coding"][0], sent.resource
        day = document["date"][:10]
        author = next(one for one in document["contained"] if one["resourceType"] == "Practitioner")["name"][0]
        unique = unique_id(sent.letter)
        for criteria, found in (
            ([("type", coding["code"])], [first]), ([("type", f"{coding['system']}|{coding['code']}")], [first]),
            ([("type:not", coding["code"])], [both[1]]), ([("identifier", unique)], [first]),
            ([("date", f"ge{day}")], None), ([("date", "eb2020")], []), ([("period:missing", "true")], []),
            ([("author.family", author["family"].lower())], None),
            ([("subject:Patient", sent.patient.partition("/")[2])], both),
            ([("patient.identifier", sent.person)], both), ([("patient:Patient.identifier", sent.person)], both),
            ([("_id", first)], [first]), ([("_lastUpdated", "gt2020")], both),
        ):  # fmt: skip
            answer = self.by(site, sent, *criteria)
            assert first in answer if found is None else set(answer) == set(found), criteria

    def test_by_what_their_patient_is_found_by(self, site: Face, sent: Sent) -> None:
        asked = {"_has:DocumentReference:patient:identifier": unique_id(sent.order)}
        assert [f"Patient/{one}" for one in ids(site.get("/fhir/Patient", **asked))] == [sent.patient]

    def test_page_by_page(self, site: Face, sent: Sent) -> None:
        form = {"patient.identifier": sent.person, "status": "current", "_count": "1"}
        answer = site.http.post(f"{DOCUMENTS}/_search", data=form)
        seen, turns = ids(answer), 0
        while True:
            links = {one["relation"]: one["url"] for one in answer.json()["link"]}
            assert sent.person.partition("|")[2] not in str(links)
            if "next" not in links:
                break
            answer = site.http.get(links["next"])
            seen += ids(answer)
            turns += 1
        assert (turns, sorted(seen)) == (1, sorted(sent.ids))

    def test_in_the_order_asked_for(self, site: Face, sent: Sent) -> None:
        up, down = (self.by(site, sent, ("_sort", order)) for order in ("date", "-date"))
        assert up == down[::-1]
        assert self.by(site, sent, ("_sort", "_id")) == sorted(sent.ids)

    def test_with_what_goes_with_them(self, site: Face, sent: Sent) -> None:
        query = {"_id": sent.ids[0], "_include": "DocumentReference:patient", "_revinclude": "List:item"}
        found = {f"{one['resourceType']}/{one['id']}" for one in entries(site.get(DOCUMENTS, **query), "include")}
        assert found == {sent.patient, location(sent.answers[0], "List").removeprefix("/fhir/")}

    @pytest.mark.parametrize(
        ("summary", "has", "lacks"),
        [("true", "content", "contained"), ("text", "status", "subject"), ("data", "contained", "text")],
    )
    def test_in_part(self, site: Face, sent: Sent, summary: str, has: str, lacks: str) -> None:
        [found] = entries(site.get(DOCUMENTS, _id=sent.ids[0], _summary=summary), "match")
        assert has in found
        assert lacks not in found
        assert found["meta"]["tag"][-1]["code"] == "SUBSETTED"
        [found] = entries(site.get(DOCUMENTS, _id=sent.ids[0], _elements="date"), "match")
        assert set(found) == {"resourceType", "id", "meta", "date", "status", "content"}

    def test_as_a_number_alone(self, site: Face, sent: Sent) -> None:
        for asked in ({"_summary": "count"}, {"_count": "0"}):
            found = site.get(DOCUMENTS, patient=sent.patient, status="current", **asked).json()
            assert (found["total"], "entry" in found) == (2, False)

    def test_by_nobody_else(self, stranger: Face, site: Face, sent: Sent) -> None:
        assert ids(stranger.get(DOCUMENTS, _id=",".join(sent.ids))) == []
        following = site.get(DOCUMENTS, patient=sent.patient, status="current", _count="1").json()["link"][-1]["url"]
        refused(stranger.http.get(following), 400, "SEARCH-PAGE")


class TestSubmissionSets:
    def test_are_found_by_what_iti_66_asks_for(self, site: Face, sent: Sent) -> None:
        code = "http://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes|submissionset"
        for written in (code, code.replace("http:", "https:"), "submissionset"):
            query = {"patient.identifier": sent.person, "status": "current", "code": written}
            assert location(sent.answers[0], "List").rpartition("/")[2] in ids(site.get("/fhir/List", **query))


class TestUnknownParameters:
    def test_are_refused_and_named(self, site: Face) -> None:
        for handling in ({}, {"Prefer": "handling=strict"}):
            answer = site.http.get("/fhir/Patient", params={"colour": "red"}, headers=handling)
            refused(answer, 400, "SEARCH-PARAMETER")
            assert "colour" in answer.text
            assert "birthdate" in answer.text

    def test_are_left_out_where_asked_and_told(self, site: Face, sent: Sent) -> None:
        query = {"identifier": sent.person, "colour": "red"}
        answer = site.http.get("/fhir/Patient", params=query, headers={"Prefer": "return=minimal, handling=lenient"})
        assert [f"Patient/{one}" for one in ids(answer)] == [sent.patient]
        [outcome] = entries(answer, "outcome")
        assert outcome["issue"][0]["details"]["coding"][0]["code"] == "SEARCH-IGNORED"


class TestEveryResource:
    def test_is_listed_without_a_criterion(self, site: Face, sent: Sent) -> None:
        for kind in ("Patient", "List", "Encounter", "Communication"):
            found = site.get(f"/fhir/{kind}", _count="3")
            assert found.status_code == 200
            assert len(resources(found.json())) <= 3

    def test_of_a_link_names_this_server(self, site: Face, sent: Sent) -> None:
        found = site.get("/fhir/Patient", _count="1").json()
        assert re.match(re.escape(str(site.http.base_url).rstrip("/")) + "/fhir/Patient", found["link"][0]["url"])
