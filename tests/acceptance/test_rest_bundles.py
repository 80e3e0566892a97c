"""Batches and transactions of general resources through HTTP: order, references, atomicity, conditions, refusals."""

from __future__ import annotations

import base64
import json

import pytest

from tests.conftest import World
from tests.support.faces import Face, refused, resources, rules
from tests.support.rest import (
    JSON_PATCH,
    bundle_of,
    by,
    create,
    entry,
    known,
    observation,
    parameters,
    patch,
    patient,
    place,
    statuses,
)  # fmt: skip
from tests.support.synthetic import Json, bundle, letter, new_stay

ONE, TWO = "urn:uuid:4c1ffd38-5b1c-4b9a-9d80-0123456789ab", "urn:uuid:4c1ffd38-5b1c-4b9a-9d80-0123456789ac"


def send(face: Face, form: str, *entries: Json, **headers: str) -> Json:
    """What a Bundle answers, which is right R4."""
    answer = face.provide(bundle_of(form, *entries), **headers)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    assert found["type"] == f"{form}-response"
    assert len(found["entry"]) == len(entries)
    report = face.http.post(
        "/fhir/$validate", content=answer.content, headers={"Content-Type": "application/fhir+json"}
    )
    assert not [issue for issue in report.json()["issue"] if issue["severity"] in ("error", "fatal")], report.text
    return found


def located(found: Json, number: int) -> str:
    """`Type/id` of an entry of a response."""
    return str(found["entry"][number]["response"]["location"]).partition("/_history")[0]


class TestTransaction:
    def test_leads_references_to_what_it_creates(self, newcomer: Face) -> None:
        base = "http://elsewhere.test/fhir"
        refers = observation(
            subject={"reference": ONE}, focus=[{"reference": f"{base}/Basic/7"}],
            extension=[
                {"url": "urn:test:e", "valueUri": ONE}, {"url": "urn:test:f", "valueReference": {"reference": ONE}},
            ],
            text={
                "status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{ONE}">x</a></div>',
            },
            note=[{"text": ONE}],
        )  # fmt: skip
        beside = {"resourceType": "Basic", "code": {"text": "b"}, "subject": {"reference": "Patient/1"}}
        answer = send(
            newcomer, "transaction", entry("POST", "Observation", refers, TWO),
            entry("POST", "Patient", patient("1"), ONE), entry("POST", "Basic", beside, f"{base}/Basic/7"),
            entry("POST", "Patient", {**patient("2"), "id": "1"}, f"{base}/Patient/1"),
        )  # fmt: skip
        person = located(answer, 1)
        made = newcomer.get(f"/fhir/{located(answer, 0)}").json()
        assert made["subject"]["reference"] == person
        assert [e.get("valueUri") or e["valueReference"]["reference"] for e in made["extension"]] == [person, person]
        assert f'href="{person}"' in made["text"]["div"]
        assert made["focus"] == [{"reference": located(answer, 2)}]
        assert made["note"] == [{"text": ONE}]
        assert newcomer.get(f"/fhir/{located(answer, 2)}").json()["subject"]["reference"] == located(answer, 3)

    def test_goes_in_its_own_order_and_answers_in_that_of_the_request(self, newcomer: Face) -> None:
        gone = place(create(newcomer, known("gone"))).removeprefix("/fhir/")
        kept = place(create(newcomer, known("kept"))).removeprefix("/fhir/")
        answer = send(
            newcomer, "transaction", entry("GET", kept),
            entry("PUT", kept, {**known("kept"), "status": "amended", "id": kept.partition("/")[2]}),
            entry("POST", "Observation", known("new")), entry("DELETE", gone),
            entry("GET", "Observation?identifier=urn:test:observations|new"),
        )  # fmt: skip
        assert [row["response"]["status"] for row in answer["entry"]] == [
            "200 OK", "200 OK", "201 Created", "204 No Content", "200 OK"
        ]  # fmt: skip
        assert answer["entry"][0]["resource"]["status"] == "amended"
        assert len(resources(answer["entry"][4]["resource"])) == 1
        refused(newcomer.get(f"/fhir/{gone}"), 410, "RESOURCE-DELETED")

    def test_that_fails_in_one_entry_changes_nothing_and_tells_all(self, newcomer: Face) -> None:
        kept = place(create(newcomer, known("kept")))
        wrong = {"resourceType": "Observation", "status": "final"}
        answer = newcomer.provide(bundle_of(
            "transaction", entry("DELETE", kept.removeprefix("/fhir/")), entry("POST", "Observation", known("new")),
            entry("POST", "Observation", wrong), entry("PUT", "Basic/b", {"resourceType": "Basic", "id": "b"}),
        ))  # fmt: skip
        body = refused(answer, 422)
        places = {issue["expression"][0] for issue in body["issue"] if issue["severity"] == "error"}
        assert {".".join(p.split(".")[:3]) for p in places} == {"Bundle.entry[2].resource", "Bundle.entry[3].resource"}
        assert newcomer.get(kept).status_code == 200
        assert len(resources(newcomer.get("/fhir/Observation").json())) == 1

    def test_follows_conditional_references(self, newcomer: Face) -> None:
        subject = place(create(newcomer, patient("7"))).removeprefix("/fhir/")
        refers = observation(subject={"reference": "Patient?identifier=urn:oid:1.2.250.1.999.97|7"})
        answer = send(newcomer, "transaction", entry("POST", "Observation", refers))
        assert newcomer.get(f"/fhir/{located(answer, 0)}").json()["subject"] == {"reference": subject}
        refers["subject"]["reference"] += "0"
        answer2 = newcomer.provide(bundle_of("transaction", entry("POST", "Observation", refers)))
        assert refused(answer2, 412, "BUNDLE-REFERENCE")["issue"][0]["expression"] == ["Bundle.entry[0]"]
        for _ in range(2):
            create(newcomer, known("twice"))
        refers["hasMember"] = [{"reference": "Observation?identifier=twice"}]
        del refers["subject"]
        several = bundle_of("transaction", entry("POST", "Observation", refers))
        refused(newcomer.provide(several), 412, "BUNDLE-REFERENCE")

    def test_takes_an_ins_that_nobody_has_as_a_logical_reference(self, newcomer: Face) -> None:
        ins = ("urn:oid:1.2.250.1.213.1.4.10", "279035121518989")
        refers = observation(subject={"reference": f"Patient?identifier={ins[0]}|{ins[1]}"})
        answer = send(newcomer, "transaction", entry("POST", "Observation", refers))
        subject = newcomer.get(f"/fhir/{located(answer, 0)}").json()["subject"]
        assert subject == {"type": "Patient", "identifier": {"system": ins[0], "value": ins[1]}}

    def test_creates_on_conditions(self, newcomer: Face) -> None:
        there = place(create(newcomer, known("there"))).removeprefix("/fhir/")
        refers = observation(hasMember=[{"reference": ONE}, {"reference": TWO}])
        answer = send(
            newcomer, "transaction", entry("POST", "Observation", known("there"), ONE, ifNoneExist=by("there")),
            entry("POST", "Observation", known("not yet"), TWO, ifNoneExist=by("not yet")),
            entry("POST", "Observation", refers), entry("PUT", f"Observation?{by('put')}", known("put")),
            entry("DELETE", f"Observation?{by('nothing')}"),
        )  # fmt: skip
        assert [row["response"]["status"][:3] for row in answer["entry"]] == ["200", "201", "201", "201", "204"]
        members = newcomer.get(f"/fhir/{located(answer, 2)}").json()["hasMember"]
        assert [m["reference"] for m in members] == [there, located(answer, 1)]

    def test_patches_both_ways(self, newcomer: Face) -> None:
        one, two = (place(create(newcomer, observation())).removeprefix("/fhir/") for _ in range(2))
        data = base64.b64encode(json.dumps([{"op": "replace", "path": "/status", "value": "amended"}]).encode())
        by_json = {"resourceType": "Binary", "contentType": JSON_PATCH, "data": data.decode()}
        by_path = parameters(type="replace", path="Observation.status", value={"valueCode": "amended"})
        answer = send(
            newcomer, "transaction", entry("PATCH", one, by_json), entry("PATCH", two, by_path, ifMatch='W/"1"'),
            Prefer="return=representation",
        )  # fmt: skip
        assert [row["resource"]["status"] for row in answer["entry"]] == ["amended", "amended"]

    def test_holds_versions(self, newcomer: Face) -> None:
        path = place(create(newcomer, observation()))
        patch(newcomer, path, {"op": "replace", "path": "/status", "value": "amended"})
        one = entry("PUT", path.removeprefix("/fhir/"), {**observation(), "id": path.rpartition("/")[2]})
        one["request"]["ifMatch"] = 'W/"1"'
        refused(newcomer.provide(bundle_of("transaction", one)), 412, "VERSION-CONFLICT")
        assert newcomer.get(path).json()["status"] == "amended"

    @pytest.mark.parametrize(
        "entries",
        [(entry("PUT", "Observation/a", {**observation(), "id": "a"}), entry("DELETE", "Observation/a")),
         (entry("POST", "Patient", patient("1")), entry("POST", "Patient", patient("1"))),
         (entry("POST", "Observation", known("x"), ifNoneExist=by("x")),
          entry("POST", "Observation", known("x"), ifNoneExist=by("x"))),
         (entry("PUT", f"Observation?{by('x')}", known("x")), entry("PUT", f"Observation?{by('x')}", known("x")))],
    )  # fmt: skip
    def test_that_writes_one_resource_twice_is_400(self, newcomer: Face, entries: tuple[Json, ...]) -> None:
        refused(newcomer.provide(bundle_of("transaction", *entries)), 400, "BUNDLE-TWICE")
        for kind in ("Observation", "Patient"):
            assert not resources(newcomer.get(f"/fhir/{kind}").json())

    @pytest.mark.parametrize(
        ("wrong", "status", "rule"),
        [(entry("GET", "Observation/none"), 404, "HTTP-NOT-FOUND"), (entry("GET", "Observation?colour=red"), 400, None),
         (entry("PATCH", "Observation/none", parameters(type="delete", path="Observation")), 404, "HTTP-NOT-FOUND"),
         (entry("DELETE", "DocumentReference/1"), 405, "HTTP-METHOD"), (entry("DELETE", "List/1"), 405, "HTTP-METHOD"),
         (entry("POST", "Binary", {"resourceType": "Binary", "contentType": "text/plain"}), 405, "HTTP-METHOD"),
         (entry("PUT", "Encounter/1", {"resourceType": "Encounter", "id": "1"}), 405, "HTTP-METHOD"),
         (entry("POST", "Observation"), 400, "BUNDLE-INTERACTION"), (entry("POST", "Nothing", patient()), 404, None),
         (entry("POST", "Observation", patient()), 400, "INTERACTION-TYPE"),
         (entry("POST", "Observation/1", observation()), 400, "BUNDLE-INTERACTION"),
         (entry("POST", "$validate", observation()), 400, "BUNDLE-INTERACTION"),
         (entry("PUT", "Observation", observation()), 400, "BUNDLE-INTERACTION"),
         (entry("PATCH", "Observation/1", observation()), 415, "SUBMISSION-MEDIA-TYPE"),
         (entry("PATCH", "Observation/1", {"resourceType": "Binary", "contentType": JSON_PATCH, "data": "é"}),
          400, None)],
    )  # fmt: skip
    def test_with_an_entry_that_cannot_be_is_refused_whole(
        self, newcomer: Face, wrong: Json, status: int, rule: str | None
    ) -> None:
        answer = newcomer.provide(bundle_of("transaction", entry("POST", "Observation", observation()), wrong))
        body = refused(answer, status, rule)
        assert all(issue["expression"][0].startswith("Bundle.entry[1]") for issue in body["issue"])
        assert not resources(newcomer.get("/fhir/Observation").json())

    def test_of_a_wrong_shape_is_422(self, newcomer: Face) -> None:
        for wrong in ({"request": {"method": "MELT", "url": "Observation"}}, {"request": {"url": "Observation"}},
                      {"request": {"method": "GET", "url": "Observation"}, "colour": "red"}):  # fmt: skip
            refused(newcomer.provide(bundle_of("transaction", wrong)), 422)

    def test_over_the_limit_is_413(self, newcomer: Face) -> None:
        many = [entry("GET", "Observation/1")] * 1_001
        refused(newcomer.provide(bundle_of("batch", *many)), 413, "BUNDLE-LIMIT")

    def test_of_many_is_one_write(self, newcomer: Face) -> None:
        many = [
            entry("POST", "Observation", observation(), f"urn:uuid:00000000-0000-4000-8000-{n:012}") for n in range(60)
        ]
        answer = send(newcomer, "transaction", *many)
        moments = {row["response"]["lastModified"] for row in answer["entry"]}
        assert len(moments) == 1

    def test_of_documents_goes_where_it_went(self, site: Face, world: World) -> None:
        answer = site.provide(bundle(letter(new_stay(world.land, world.site))))
        assert (answer.status_code, "Segur-Submission" in answer.headers) == (200, True)


class TestBatch:
    def test_does_each_entry_alone(self, newcomer: Face) -> None:
        path = place(create(newcomer, known("there"))).removeprefix("/fhir/")
        answer = newcomer.provide(bundle_of(
            "batch", entry("POST", "Observation", {"resourceType": "Observation"}), entry("GET", path),
            entry("DELETE", "DocumentReference/1"), entry("POST", "Observation", observation()),
            entry("GET", "Nothing/1"), entry("GET", f"{path}/_history"), entry("GET", f"{path}/_history/1"),
            entry("GET", "Observation/_history?_count=1"), entry("GET", path, ifNoneMatch='W/"1"'), entry("HEAD", path),
            entry("GET", f"{path}/what/is/this"),
        ))  # fmt: skip
        assert answer.status_code == 200
        assert statuses(answer) == ["422", "200", "405", "201", "404", "200", "200", "200", "304", "200", "404"]
        rows = answer.json()["entry"]
        assert rows[0]["response"]["outcome"]["issue"][0]["expression"][0].startswith("Bundle.entry[0].resource")
        assert "HTTP-METHOD" in rules(answer)
        assert rows[1]["resource"]["id"] == path.partition("/")[2]
        assert rows[1]["response"]["etag"] == 'W/"1"'
        assert [rows[n]["resource"]["type"] for n in (5, 7)] == ["history", "history"]
        assert "resource" not in rows[8]

    def test_addresses_may_be_whole(self, newcomer: Face) -> None:
        base = f"{newcomer.http.base_url}".rstrip("/") + "/fhir"
        path = place(create(newcomer, observation())).removeprefix("/fhir/")
        answer = newcomer.provide(bundle_of("batch", entry("GET", f"{base}/{path}"), entry("GET", f"/{path}")))
        assert statuses(answer) == ["200", "200"]

    @pytest.mark.parametrize(("prefer", "member"), [("return=minimal", None), ("return=representation", "resource")])
    def test_answers_as_much_as_is_preferred(self, newcomer: Face, prefer: str, member: str | None) -> None:
        found = send(newcomer, "batch", entry("POST", "Observation", observation()), Prefer=prefer)
        assert set(found["entry"][0]) == {"response", *([member] if member else [])}
        told = send(newcomer, "batch", entry("POST", "Observation", observation()), Prefer="return=OperationOutcome")
        assert told["entry"][0]["response"]["outcome"]["issue"]
