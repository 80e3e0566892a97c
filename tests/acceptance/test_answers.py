"""Every refusal: its status, one OperationOutcome in the caller's language, and nothing that should not be said."""

from __future__ import annotations

import copy
import json
import sqlite3
from contextlib import closing

import httpx
import pytest

from testdata import FAULTS, HEADER_FAULTS, LEVEL1_FAULTS, Stay, apply_fault, level1
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, location, recent, refused, rules
from tests.support.synthetic import Json, bundle, entry, letter, new_stay, token_for, unique_id

MALFORMED: dict[str, tuple[bytes, str | None]] = {
    "cut off": (b'{"resourceType": "Bundle", "type":', "FHIR-JSON"),
    "not JSON": (b"not json at all", "FHIR-JSON"),
    "a list": (b"[]", "FHIR-JSON"),
    "a text": (b'"Bundle"', "FHIR-JSON"),
    "a key twice": (b'{"resourceType": "Bundle", "type": "transaction", "type": "batch"}', "FHIR-JSON-DUPLICATE"),
    "another resource": (b'{"resourceType": "Patient", "id": "1"}', "MHD-BUNDLE-TYPE"),
    "no resource": (b'{"type": "transaction"}', "MHD-BUNDLE-TYPE"),
    "UTF-16": (b"\xff\xfe{}", "FHIR-ENCODING"),
    "half a character": (b'{"resourceType": "Bundle", "id": "\\ud800"}', "FHIR-JSON"),
    "very deep": (b'{"resourceType": "Bundle", "entry": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", None),
}


@pytest.fixture
def stay(world: World) -> Stay:
    """A stay nobody imported: its letters are accepted and wait."""
    return new_stay(world.land, world.site)


@pytest.fixture
def body(stay: Stay) -> Json:
    """A submission with nothing wrong."""
    return bundle(letter(stay))


class TestMalformed:
    @pytest.mark.parametrize(("data", "rule"), MALFORMED.values(), ids=MALFORMED.keys())
    def test_is_400_with_its_reason(self, site: Face, data: bytes, rule: str | None) -> None:
        answer = site.provide(data)
        refused(answer, 400, rule)
        assert site.submission(answer)["decision"] == "refused"

    def test_empty_is_400(self, site: Face) -> None:
        refused(site.provide(b""), 400, "SUBMISSION-EMPTY")

    def test_a_cda_that_is_no_xml_is_400(self, site: Face) -> None:
        refused(site.provide_cda(b"%PDF-1.7"), 400)

    @pytest.mark.parametrize("data", [b"{}", b'{"resourceType":"Bundle"}', b'{"resourceType":"Bundle","type":"batch"}'])
    def test_little_is_refused_and_never_an_accident(self, site: Face, data: bytes) -> None:
        answer = site.provide(data)
        refused(answer, 400 if data == b"{}" else 422)


class TestUnauthenticated:
    @pytest.mark.parametrize("authorization", [None, "Bearer nobody", "Basic dXNlcjpwYXNz", "Bearer", "Bearer a b"])
    def test_is_401_with_the_way_in(self, world: World, anyone: Face, body: Json, authorization: str | None) -> None:
        headers = {} if authorization is None else {"Authorization": authorization}
        answer = anyone.provide(body, **headers)
        refused(answer, 401, "AUTH-MISSING")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "Segur-Submission" not in answer.headers

    @pytest.mark.parametrize("column", ["revoked", "expires"])
    def test_a_token_that_ended_is_401(self, world: World, body: Json, column: str) -> None:
        from fhir_server.security.caller import Role, digest

        token = token_for(world.database, Role.ESTABLISHMENT, world.site.legal_entity)
        face = Face(world.server.origin, token)
        assert face.get("/fhir/Patient/1").status_code == 404
        with closing(sqlite3.connect(world.database, timeout=20)) as connection, connection:
            connection.execute(f"update token set {column} = 1 where sha256 = ?", (digest(token),))
        refused(face.provide(body), 401, "AUTH-MISSING")
        face.close()

    @pytest.mark.parametrize(
        "path",
        ["/fhir/Patient/1", "/fhir/DocumentReference?status=current", "/api/submissions/1",
         "/api/submissions/1/envelope",
         "/fhir/Measure/I-SUN1-LDL/$evaluate-measure", "/api/indicators/I-SUN1-LDL/evidence",
         "/api/programmes/sun-es-volet-1/situation/1"],
    )  # fmt: skip
    def test_reads_nothing(self, anyone: Face, path: str) -> None:
        refused(anyone.http.get(path), 401, "AUTH-MISSING")

    def test_searches_nothing_by_post_whatever_it_sends(self, anyone: Face) -> None:
        refused(anyone.http.post("/fhir/DocumentReference/_search", data={"status": "current"}), 401, "AUTH-MISSING")


class TestRoles:
    @pytest.mark.parametrize("role", ["ars", "ministry", "operator"])
    def test_those_who_own_no_document_send_and_read_none(self, world: World, body: Json, role: str) -> None:
        face = Face(world.server.origin, world.tokens[role])
        for answer in (face.provide(body), face.provide_cda(b"<a/>"), face.get("/fhir/Patient/1"),
                       face.get("/fhir/DocumentReference", status="current", patient="1"),
                       face.get("/api/submissions/1")):  # fmt: skip
            refused(answer, 403, "AUTH-FORBIDDEN")
        face.close()

    @pytest.mark.parametrize("role", ["stranger", "editor", "ministry", "operator"])
    def test_nobody_reads_an_establishments_figures_but_itself_and_its_agency(self, world: World, role: str) -> None:
        face = Face(world.server.origin, world.tokens[role])
        params = recent().params() | {"reporter": f"Organization/{world.site.finess}"}
        refused(face.get("/fhir/Measure/I-SUN1-LDL/$evaluate-measure", **params), 403, "AUTH-FORBIDDEN")
        refused(face.get("/api/indicators/I-SUN1-LDL/evidence", **params), 403, "AUTH-FORBIDDEN")
        refused(face.get(f"/api/programmes/sun-es-volet-1/situation/{world.site.finess}"), 403, "AUTH-FORBIDDEN")
        face.close()

    def test_an_agency_reads_its_region_only(self, world: World, ars: Face) -> None:
        assert ars.figure("I-SUN1-LDL", world.site.finess)
        params = recent().params() | {"reporter": f"Organization/{world.stranger.finess}"}
        refused(ars.get("/fhir/Measure/I-SUN1-LDL/$evaluate-measure", **params), 403, "AUTH-FORBIDDEN")


class TestMethodsAndTypes:
    @pytest.mark.parametrize(
        ("method", "path"),
        [("PUT", "/fhir/DocumentReference/1"), ("DELETE", "/fhir/DocumentReference/1"), ("DELETE", "/fhir/Binary/1"),
         ("PUT", "/fhir/List/1"), ("DELETE", "/fhir/List/1"), ("POST", "/fhir/List"), ("PUT", "/fhir/Encounter/1"),
         ("DELETE", "/cda"), ("PUT", "/fhir"), ("DELETE", "/fhir/Measure/I-SUN1-LDL")],
    )  # fmt: skip
    def test_every_other_write_is_405_and_says_what_is_allowed(self, site: Face, method: str, path: str) -> None:
        answer = site.http.request(method, path, content=b"{}", headers={"Content-Type": FHIR_JSON})
        refused(answer, 405, "HTTP-METHOD")
        assert answer.headers["Allow"]

    def test_nothing_is_deleted_by_trying(self, site: Face, body: Json) -> None:
        place = location(site.provide(body), "DocumentReference")
        before = site.get(place).content
        for method in ("DELETE", "PUT", "PATCH"):
            site.http.request(method, place, content=b"{}", headers={"Content-Type": FHIR_JSON})
        assert site.get(place).content == before

    def test_a_body_over_the_limit_is_413(self, site: Face) -> None:
        refused(site.provide(b" " * 20_000_001), 413, "SUBMISSION-TOO-LARGE")

    def test_a_body_over_the_limit_without_length_is_413(self, site: Face) -> None:
        chunks = (b" " * 1_000_000 for _ in range(22))
        answer = site.http.post("/fhir", content=chunks, headers={"Content-Type": FHIR_JSON})
        refused(answer, 413, "SUBMISSION-TOO-LARGE")

    @pytest.mark.parametrize("media_type", ["text/plain", "application/pdf", ""])
    def test_another_media_type_is_415(self, site: Face, body: Json, media_type: str) -> None:
        refused(site.provide(body, **{"Content-Type": media_type}), 415, "SUBMISSION-MEDIA-TYPE")

    def test_json_at_the_door_of_documents_is_415(self, site: Face) -> None:
        refused(site.provide_cda(b"{}", **{"Content-Type": FHIR_JSON}), 415, "SUBMISSION-MEDIA-TYPE")

    def test_a_compressed_body_is_415(self, site: Face, body: Json) -> None:
        refused(site.provide(body, **{"Content-Encoding": "gzip"}), 415, "SUBMISSION-MEDIA-TYPE")

    def test_a_charset_does_not_disturb(self, site: Face, body: Json) -> None:
        assert site.provide(body, **{"Content-Type": "application/fhir+json; charset=UTF-8"}).status_code == 200

    def test_another_accepted_type_than_ours_is_406(self, site: Face, body: Json) -> None:
        answer = site.provide(body)
        for kind in ("DocumentReference", "Binary"):
            found = site.http.get(location(answer, kind), headers={"Accept": "image/png"})
            refused(found, 406, "HTTP-NOT-ACCEPTABLE")

    @pytest.mark.parametrize(
        "path",
        ["/nothing", "/fhir/Patient/nobody", "/fhir/Nothing", "/fhir/Observation/1", "/fhir/Measure/I-NOPE",
         "/api/submissions/nothing", "/api/submissions/nothing/envelope", "/docs/nothing.js",
         "/fhir/Patient/nobody/_history/1", "/fhir/Patient/nobody/_history/first"],
    )  # fmt: skip
    def test_what_does_not_exist_is_404(self, site: Face, path: str) -> None:
        refused(site.get(path), 404, "HTTP-NOT-FOUND")


class TestWrong:
    def test_all_defects_are_named_at_once_each_with_its_place(self, site: Face, body: Json) -> None:
        reference, submitted = entry(body, "DocumentReference"), entry(body, "List")
        reference["content"][0]["attachment"]["hash"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
        reference["content"][0]["attachment"]["size"] += 1
        del reference["masterIdentifier"]["use"]
        reference["type"]["coding"][0]["code"] = "34874-8"
        reference["status"] = "final"
        submitted["identifier"][0]["value"] = "urn:uuid:6d3c1f0a-6f1d-5b6e-9f63-5e6a8d0c2b11"
        submitted["unknown"] = True
        answer = site.provide(body)
        found = refused(answer, 422)
        said = {
            i["details"]["coding"][0]["code"]: i["expression"][0] for i in found["issue"] if i["severity"] == "error"
        }
        assert said["XCHECK-HASH"] == "Bundle.entry[1].resource.content[0].attachment.hash"
        assert said["XCHECK-SIZE"] == "Bundle.entry[1].resource.content[0].attachment.size"
        assert said["XCHECK-TYPE"].startswith("Bundle.entry[1].resource.type")
        assert said["MHD-SET-ID"] == "Bundle.entry[0].resource.identifier[0].value"
        places = {place for i in found["issue"] for place in i["expression"]}
        assert any(place.startswith("Bundle.entry[1].resource.masterIdentifier") for place in places)
        assert any(place.startswith("Bundle.entry[1].resource.status") for place in places)
        assert any(place.startswith("Bundle.entry[0].resource") and "unknown" in place for place in places)

    def test_nothing_of_a_refused_submission_is_filed(self, world: World, site: Face, body: Json) -> None:
        before = site.figure("I-SUN1-INS", world.site.finess)
        wrong = copy.deepcopy(body)
        entry(wrong, "DocumentReference")["content"][0]["attachment"]["size"] += 1
        refused(site.provide(wrong), 422, "XCHECK-SIZE")
        assert not site.search(identifier=unique_id(body), status="current")
        assert site.figure("I-SUN1-INS", world.site.finess) == before
        assert site.provide(body).status_code == 200

    def test_a_refused_submission_can_be_read_with_its_report(self, site: Face, stranger: Face, body: Json) -> None:
        entry(body, "DocumentReference")["content"][0]["attachment"]["size"] += 1
        sent = json.dumps(body).encode()
        answer = site.provide(sent)
        found = site.submission(answer)
        assert (found["decision"], found["status"], found["size"]) == ("refused", 422, len(sent))
        assert {issue["rule"] for issue in found["issues"]} == set(rules(answer))
        assert site.envelope(answer).content == sent
        refused(stranger.get(f"/api/submissions/{found['id']}"), 404, "HTTP-NOT-FOUND")
        refused(stranger.envelope(answer), 404, "HTTP-NOT-FOUND")

    def test_too_many_entries_are_refused_without_being_looked_at(self, site: Face) -> None:
        many = {"resourceType": "Bundle", "type": "transaction", "entry": [{}] * 1_001}
        answer = site.provide(many)
        refused(answer, 422, "MHD-ENTRY-LIMIT")
        assert rules(answer) == ["MHD-ENTRY-LIMIT"]

    @pytest.mark.parametrize("name", sorted(FAULTS))
    def test_every_known_fault_of_a_document_gets_an_answer(
        self, world: World, site: Face, stay: Stay, name: str
    ) -> None:
        whole = level1(stay, "CRO", when=stay.discharged) if name in LEVEL1_FAULTS else letter(stay)  # type: ignore[arg-type]
        answer = site.provide_cda(apply_fault(name, whole))
        assert answer.status_code in (200, 400, 422), answer.text
        assert rules(answer)
        assert "Segur-Submission" in answer.headers
        if answer.status_code != 200:
            refused(answer, answer.status_code)
        if name in HEADER_FAULTS and name.startswith(("sex_", "birth_date_future", "type_id", "truncated", "dtd")):
            assert answer.status_code != 200


class TestLanguage:
    def said(self, answer: httpx.Response) -> str:
        text: str = answer.json()["issue"][0]["details"]["text"]
        return text

    def test_is_french_unless_english_is_preferred(self, site: Face) -> None:
        french, english, german = (
            site.http.get("/fhir/Patient/nobody", headers=headers)
            for headers in ({}, {"Accept-Language": "en-GB,en;q=0.9"}, {"Accept-Language": "de"})
        )
        assert self.said(french) == "Rien à cette adresse."
        assert self.said(english) == "Nothing at this address."
        assert self.said(german) == self.said(french)

    def test_holds_for_the_findings_of_a_submission(self, world: World, site: Face) -> None:
        body = bundle(letter(new_stay(world.land, world.site), without_ins=True))
        texts = [
            json.dumps(site.provide(body, **{"Accept-Language": lang}).json())
            for lang in ("fr", "en", "fr-FR,en;q=0.8")
        ]
        assert texts[0] == texts[2]
        assert texts[0] != texts[1]


class TestParameters:
    @pytest.mark.parametrize(
        ("params", "name"),
        [({"periodStart": "2026-01-01", "reporter": "Organization/1"}, "periodEnd"),
         ({"periodStart": "hier", "periodEnd": "2026-01-31", "reporter": "Organization/1"}, "periodStart"),
         ({"periodStart": "2026-02-01", "periodEnd": "2026-01-31", "reporter": "Organization/1"}, "periodEnd"),
         ({"periodStart": "2026-01-01", "periodEnd": "2026-01-31", "cutoff": "x", "reporter": "1"}, "cutoff"),
         ({"periodStart": "2026-01-01", "periodEnd": "2026-01-31"}, "reporter")],
    )  # fmt: skip
    @pytest.mark.parametrize(
        "path", ["/fhir/Measure/I-SUN1-LDL/$evaluate-measure", "/api/indicators/I-SUN1-INS/evidence"]
    )
    def test_of_a_measure_are_checked_and_named(self, site: Face, path: str, params: dict[str, str], name: str) -> None:
        found = refused(site.get(path, **params), 400, "MEASURE-PARAMETER")
        assert name in found["issue"][0]["details"]["text"]

    def test_of_a_situation_too(self, world: World, site: Face) -> None:
        path = f"/api/programmes/sun-es-volet-1/situation/{world.site.finess}"
        assert site.get(path, window="F4").json()["verdict"].startswith("parameter_missing:")
        refused(site.get(path, window="F9"), 400, "MEASURE-PARAMETER")
