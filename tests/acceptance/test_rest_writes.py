"""Create, update, delete, read and their conditions through HTTP: statuses, versions, headers, what comes back."""

from __future__ import annotations

import pytest

from tests.support.faces import FHIR_JSON, Face, refused, resources, rules
from tests.support.rest import (
    by,
    create,
    known,
    observation,
    patch,
    patient,
    place,
    update,
    version,
)


class TestCreate:
    def test_gives_an_id_a_version_and_the_resource(self, newcomer: Face) -> None:
        answer = create(newcomer, {**observation(), "id": "mine"})
        assert (answer.status_code, version(answer)) == (201, 1)
        assert answer.headers["Location"].endswith("/_history/1")
        assert answer.headers["Last-Modified"].endswith("GMT")
        body = answer.json()
        assert body["id"] != "mine"
        assert body["meta"]["versionId"] == "1"
        found = newcomer.get(place(answer))
        assert found.json() == body
        assert (found.headers["ETag"], found.headers["Last-Modified"]) == ('W/"1"', answer.headers["Last-Modified"])

    def test_is_seen_by_its_owner_only(self, newcomer: Face, stranger: Face) -> None:
        path = place(create(newcomer, known("theirs")))
        for other in (path, f"{path}/_history", f"{path}/_history/1"):
            refused(stranger.get(other), 404, "HTTP-NOT-FOUND")
        assert not resources(stranger.get("/fhir/Observation", identifier="urn:test:observations|theirs").json())
        assert stranger.http.delete(path).status_code == 204
        assert newcomer.get(path).status_code == 200

    @pytest.mark.parametrize(
        ("prefer", "expected"), [("return=minimal", None), ("return=representation", "Observation"),
                                 ("return=OperationOutcome", "OperationOutcome"), ("return=all", "Observation")],
    )  # fmt: skip
    def test_answers_as_much_as_is_preferred(self, newcomer: Face, prefer: str, expected: str | None) -> None:
        answer = create(newcomer, observation(), Prefer=prefer)
        assert answer.status_code == 201
        assert (answer.json()["resourceType"] if answer.content else None) == expected

    def test_of_what_is_not_conformant_is_422_with_every_fault(self, newcomer: Face) -> None:
        body = refused(create(newcomer, {"resourceType": "Observation", "colour": "red"}), 422)
        places = {issue["expression"][0] for issue in body["issue"]}
        assert len(body["issue"]) >= 3
        assert all(where.startswith("Observation") for where in places)
        assert not resources(newcomer.get("/fhir/Observation").json())

    def test_keeps_to_the_profile_it_declares(self, newcomer: Face) -> None:
        weight = observation(meta={"profile": ["http://hl7.org/fhir/StructureDefinition/bodyweight"]})
        refused(create(newcomer, weight), 422)

    @pytest.mark.parametrize(
        ("path", "body", "status", "rule"),
        [("/fhir/Observation", b"{", 400, "FHIR-JSON"), ("/fhir/Observation", b"", 400, "SUBMISSION-EMPTY"),
         ("/fhir/Observation", b'{"resourceType":"Patient"}', 400, "INTERACTION-TYPE"),
         ("/fhir/Nothing", b'{"resourceType":"Nothing"}', 404, "HTTP-NOT-FOUND"),
         ("/fhir/List", b'{"resourceType":"List"}', 405, "HTTP-METHOD"),
         ("/fhir/Binary", b'{"resourceType":"Binary"}', 405, "HTTP-METHOD"),
         ("/fhir/AuditEvent", b'{"resourceType":"AuditEvent"}', 405, "HTTP-METHOD"),
         ("/fhir/Bundle", b'{"resourceType":"Bundle","type":"collection"}', 405, "HTTP-METHOD")],
    )  # fmt: skip
    def test_of_what_cannot_be_is_refused(self, newcomer: Face, path: str, body: bytes, status: int, rule: str) -> None:
        refused(newcomer.http.post(path, content=body, headers={"Content-Type": FHIR_JSON}), status, rule)

    def test_if_none_exists(self, newcomer: Face) -> None:
        first = create(newcomer, known("one"), If_None_Exist=by("one"))
        again = create(newcomer, known("one"), If_None_Exist=by("one"))
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert create(newcomer, known("one")).status_code == 201
        refused(create(newcomer, known("one"), If_None_Exist=by("one")), 412, "CONDITION-SEVERAL")
        refused(create(newcomer, known("one"), If_None_Exist="colour=red"), 400, "SEARCH-PARAMETER")
        refused(create(newcomer, known("one"), If_None_Exist=""), 400, "CONDITION-EMPTY")


class TestUpdate:
    def test_makes_versions_that_are_all_read(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation("preliminary")))
        answer = update(newcomer, path, observation("final"))
        assert (answer.status_code, version(answer)) == (200, 2)
        assert "Location" not in answer.headers
        assert answer.json()["status"] == "final"
        assert [newcomer.get(f"{path}/_history/{n}").json()["status"] for n in (1, 2)] == ["preliminary", "final"]
        refused(newcomer.get(f"{path}/_history/3"), 404, "HTTP-NOT-FOUND")

    def test_of_an_id_of_the_clients_creates_it(self, newcomer: Face) -> None:
        answer = update(newcomer, "/fhir/Observation/my-own.id", observation())
        assert (answer.status_code, version(answer)) == (201, 1)
        assert place(answer) == "/fhir/Observation/my-own.id"
        assert newcomer.get("/fhir/Observation/my-own.id").json()["id"] == "my-own.id"

    def test_that_changes_nothing_makes_no_version(self, newcomer: Face) -> None:
        first = create(newcomer, observation(valueQuantity={"value": 1.5}))
        same = {key: first.json()[key] for key in ("meta", "valueQuantity", "code", "status", "resourceType")}
        answer = update(newcomer, place(first), same)
        assert (answer.status_code, version(answer)) == (200, 1)
        assert answer.json() == first.json()

    def test_keeps_numbers_as_they_are_written(self, newcomer: Face) -> None:
        path, raw = "/fhir/Observation/number", b"1.500"
        body = (b'{"resourceType":"Observation","id":"number","status":"final","code":{"text":"x"},'
                b'"valueQuantity":{"value":%s}}')  # fmt: skip
        newcomer.http.put(path, content=body % raw, headers={"Content-Type": FHIR_JSON})
        assert b'"value":1.500}' in newcomer.get(path).content
        answer = newcomer.http.put(path, content=body % b"1.50", headers={"Content-Type": FHIR_JSON})
        assert version(answer) == 2
        assert b'"value":1.50}' in newcomer.get(path).content

    @pytest.mark.parametrize("named", [None, "other"])
    def test_with_another_id_in_the_body_is_400(self, newcomer: Face, named: str | None) -> None:
        body = {**observation(), **({"id": named} if named else {})}
        answer = newcomer.http.put("/fhir/Observation/this", json=body, headers={"Content-Type": FHIR_JSON})
        refused(answer, 400, "INTERACTION-ID")

    def test_of_an_id_of_a_wrong_form_is_400(self, newcomer: Face) -> None:
        for wrong in ("a_b", "x" * 65):
            refused(update(newcomer, f"/fhir/Observation/{wrong}", observation()), 400, "INTERACTION-ID")

    def test_if_match_holds_the_version(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation("preliminary")))
        assert update(newcomer, path, observation("final"), If_Match='W/"1"').status_code == 200
        refused(update(newcomer, path, observation("amended"), If_Match='W/"1"'), 412, "VERSION-CONFLICT")
        assert update(newcomer, path, observation("amended"), If_Match='"2"').status_code == 200
        refused(update(newcomer, path, observation(), If_Match="2"), 400, "INTERACTION-HEADER")
        refused(update(newcomer, "/fhir/Observation/none", observation(), If_Match='W/"1"'), 412, "VERSION-CONFLICT")
        refused(update(newcomer, path, observation(), If_None_Match="*"), 412, "VERSION-CONFLICT")
        assert update(newcomer, "/fhir/Observation/none", observation(), If_None_Match="*").status_code == 201
        assert newcomer.get(path).json()["status"] == "amended"

    def test_by_criteria(self, newcomer: Face) -> None:
        address = f"/fhir/Observation?{by('a')}"
        made = update(newcomer, address, known("a"))
        changed = update(newcomer, address, {**known("a"), "status": "amended"})
        assert (made.status_code, changed.status_code, version(changed)) == (201, 200, 2)
        assert place(made) == place(changed)
        refused(update(newcomer, address, {**known("a"), "id": "other"}), 400, "INTERACTION-ID")
        create(newcomer, known("a"))
        refused(update(newcomer, address, known("a")), 412, "CONDITION-SEVERAL")
        refused(update(newcomer, "/fhir/Observation?", known("a")), 400, "CONDITION-EMPTY")
        named = update(newcomer, f"/fhir/Observation?{by('b')}", {**known("b"), "id": "b-id"})
        assert place(named) == "/fhir/Observation/b-id"

    def test_is_found_by_its_new_values_only(self, newcomer: Face) -> None:
        path = place(create(newcomer, known("old")))
        update(newcomer, path, known("new"))
        for value, count in (("old", 0), ("new", 1)):
            found = newcomer.get("/fhir/Observation", identifier=f"urn:test:observations|{value}").json()
            assert len(resources(found)) == count


class TestDelete:
    def test_is_a_version_and_can_be_taken_back(self, newcomer: Face) -> None:
        path = place(create(newcomer, known("x")))
        gone = newcomer.http.delete(path)
        assert (gone.status_code, gone.content, version(gone)) == (204, b"", 2)
        for address in (path, f"{path}/_history/2"):
            answer = newcomer.get(address)
            refused(answer, 410, "RESOURCE-DELETED")
            assert version(answer) == 2
        assert newcomer.get(f"{path}/_history/1").status_code == 200
        assert not resources(newcomer.get("/fhir/Observation", identifier="urn:test:observations|x").json())
        again = newcomer.http.delete(path)
        assert (again.status_code, version(again)) == (204, 2)
        refused(patch(newcomer, path, {"op": "test", "path": "/status", "value": "final"}), 410, "RESOURCE-DELETED")
        revived = update(newcomer, path, known("x"))
        assert (revived.status_code, version(revived)) == (201, 3)
        assert len(resources(newcomer.get("/fhir/Observation", identifier="urn:test:observations|x").json())) == 1

    def test_of_nothing_is_done_already(self, newcomer: Face) -> None:
        answer = newcomer.http.delete("/fhir/Observation/never")
        assert (answer.status_code, "ETag" in answer.headers) == (204, False)

    def test_tells_what_was_done_when_asked(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation()))
        answer = newcomer.http.delete(path, headers={"Prefer": "return=OperationOutcome"})
        assert (answer.status_code, rules(answer)) == (200, ["RESOURCE-WRITTEN"])

    def test_if_match_holds_the_version(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation()))
        refused(newcomer.http.delete(path, headers={"If-Match": 'W/"2"'}), 412, "VERSION-CONFLICT")
        assert newcomer.http.delete(path, headers={"If-Match": 'W/"1"'}).status_code == 204

    def test_by_criteria(self, newcomer: Face) -> None:
        address = f"/fhir/Observation?{by('a')}"
        assert newcomer.http.delete(address).status_code == 204
        path = place(create(newcomer, known("a")))
        create(newcomer, known("a"))
        refused(newcomer.http.delete(address), 412, "CONDITION-SEVERAL")
        newcomer.http.delete(path)
        assert newcomer.http.delete(address).status_code == 204
        assert not resources(newcomer.get("/fhir/Observation").json())
        refused(newcomer.http.delete("/fhir/Observation"), 400, "CONDITION-EMPTY")

    def test_of_what_others_refer_to_is_allowed(self, newcomer: Face) -> None:
        subject = place(create(newcomer, patient()))
        create(newcomer, observation(subject={"reference": subject.removeprefix("/fhir/")}))
        assert newcomer.http.delete(subject).status_code == 204


class TestRead:
    def test_is_spared_who_has_it(self, newcomer: Face) -> None:
        answer = create(newcomer, observation())
        path = place(answer)
        for name, value, status in (
            ("If-None-Match", 'W/"1"', 304), ("If-None-Match", 'W/"2", W/"1"', 304), ("If-None-Match", 'W/"2"', 200),
            ("If-None-Match", "*", 304), ("If-Modified-Since", answer.headers["Last-Modified"], 304),
            ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", 200), ("If-None-Match", "1", 200),
            ("If-Modified-Since", "yesterday", 200),
        ):  # fmt: skip
            found = newcomer.http.get(path, headers={name: value})
            assert found.status_code == status, (name, value)
            if status == 304:
                assert (found.content, found.headers["ETag"]) == (b"", 'W/"1"')

    def test_of_the_head_alone(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation()))
        found, head = newcomer.get(path), newcomer.http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == found.headers["ETag"]
        assert newcomer.http.head("/fhir/Observation/none").status_code == 404

    def test_other_parameters_are_no_part_of_a_write(self, newcomer: Face) -> None:
        answer = update(newcomer, "/fhir/Observation/p?colour=red", {**observation(), "id": "p"})
        refused(answer, 400, "INTERACTION-PARAMETER")
