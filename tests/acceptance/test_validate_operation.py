"""`$validate` over HTTP: the same judgement as on the command line, nothing filed, nothing said to others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, refused, rules
from tests.support.server import segur
from tests.support.synthetic import Json, bundle, letter, new_stay

RIGHT = {"resourceType": "Patient", "active": True}
WRONG = {"resourceType": "Patient", "gender": "x", "birthDate": "2020-13-01"}
XML = b'<Patient xmlns="http://hl7.org/fhir">\n <gender value="x"/>\n</Patient>'


def ask(face: Face, body: Any, path: str = "/fhir/$validate", **headers: str) -> httpx.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return face.http.post(path, content=data, headers={"Content-Type": FHIR_JSON, **headers})


def judged(answer: httpx.Response) -> list[Json]:
    """The issues of a judgement that was made."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith(FHIR_JSON)
    found: Json = answer.json()
    assert found["resourceType"] == "OperationOutcome"
    issues: list[Json] = found["issue"]
    return issues


def parameters(*rows: Json) -> Json:
    return {"resourceType": "Parameters", "parameter": list(rows)}


class TestJudgement:
    def test_of_a_right_resource_says_so(self, site: Face) -> None:
        [found] = judged(ask(site, RIGHT))
        assert found["severity"] == "information"

    def test_of_a_wrong_one_names_rule_and_place(self, site: Face) -> None:
        found = judged(ask(site, WRONG))
        places = {i["details"]["coding"][0]["code"]: i["expression"] for i in found}
        assert places == {"FHIR-BINDING": ["Patient.gender"], "FHIR-PRIMITIVE": ["Patient.birthDate"]}
        assert all(issue["diagnostics"] for issue in found)

    def test_is_that_of_the_command_line(self, world: World, site: Face, tmp_path: Path) -> None:
        body = bundle(letter(new_stay(world.land, world.site), without_ins=True))
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(body))
        [row] = [json.loads(line) for line in segur("validate", path, "--format", "ndjson").stdout.splitlines()]
        answer = ask(site, body)
        assert judged(answer)
        assert rules(answer) == [issue["rule"] for issue in row["issues"]]

    def test_files_nothing(self, world: World, site: Face) -> None:
        body = bundle(letter(new_stay(world.land, world.site)))
        answer = ask(site, body)
        judged(answer)
        assert "Segur-Submission" not in answer.headers
        first = site.provide(body)
        assert first.status_code == 200
        assert "201 Created" in first.text

    @pytest.mark.parametrize(
        ("data", "rule"),
        [(b'{"resourceType": "Patient",', "FHIR-JSON"), (b"[]", "FHIR-JSON"), (b"{}", "FHIR-RESOURCE-TYPE"),
         (b'{"resourceType": "Nobody"}', "FHIR-RESOURCE-TYPE"),
         (b'{"resourceType": "Patient", "active": true, "active": false}', "FHIR-JSON-DUPLICATE")],
    )  # fmt: skip
    def test_of_what_cannot_be_read_is_a_judgement_too(self, site: Face, data: bytes, rule: str) -> None:
        answer = ask(site, data)
        assert judged(answer)
        assert rule in rules(answer)

    @pytest.mark.parametrize("media_type", ["application/fhir+xml", "application/xml; charset=utf-8", "text/xml"])
    def test_of_xml_is_that_of_json(self, site: Face, media_type: str) -> None:
        [found] = judged(ask(site, XML, **{"Content-Type": media_type}))
        assert found["details"]["coding"][0]["code"] == "FHIR-BINDING"
        assert found["expression"] == ["Patient.gender"]
        assert found["diagnostics"] == "ligne 2"

    def test_speaks_the_language_asked_for(self, site: Face) -> None:
        french, english = ask(site, WRONG), ask(site, WRONG, **{"Accept-Language": "en"})
        assert judged(french)[0]["details"]["text"] != judged(english)[0]["details"]["text"]
        assert "hors du jeu" in french.text
        assert "outside the required" in english.text


class TestType:
    def test_of_the_address_is_that_of_the_resource(self, site: Face) -> None:
        assert judged(ask(site, RIGHT, "/fhir/Patient/$validate"))[0]["severity"] == "information"

    def test_that_differs_is_an_error(self, site: Face) -> None:
        [found] = judged(ask(site, RIGHT, "/fhir/Organization/$validate"))
        assert (found["severity"], found["details"]["coding"][0]["code"]) == ("error", "VALIDATE-TYPE")
        assert "Organization" in found["details"]["text"]

    def test_that_does_not_exist_is_404(self, site: Face) -> None:
        refused(ask(site, RIGHT, "/fhir/Nobody/$validate"), 404, "HTTP-NOT-FOUND")


class TestParameters:
    @pytest.mark.parametrize("mode", ["create", "update", "profile"])
    def test_carry_resource_mode_and_profile(self, site: Face, mode: str) -> None:
        url = "http://hl7.org/fhir/StructureDefinition/Patient"
        rows = ({"name": "mode", "valueCode": mode}, {"name": "profile", "valueUri": url})
        found = judged(ask(site, parameters(*rows, {"name": "resource", "resource": WRONG})))
        assert [issue["expression"] for issue in found] == [["Patient.gender"], ["Patient.birthDate"]]

    def test_have_lines_of_the_body(self, site: Face) -> None:
        body = b'{"resourceType": "Parameters", "parameter": [\n {"name": "resource", "resource":\n  '
        body += b'{"resourceType": "Patient",\n   "gender": "x"}}]}'
        [found] = judged(ask(site, body))
        assert (found["expression"], found["diagnostics"]) == (["Patient.gender"], "ligne 4")

    def test_may_come_as_xml(self, site: Face) -> None:
        body = b'<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource>\n' + XML
        body += b"</resource></parameter></Parameters>"
        [found] = judged(ask(site, body, **{"Content-Type": "application/fhir+xml"}))
        assert (found["expression"], found["diagnostics"]) == (["Patient.gender"], "ligne 3")

    def test_without_ours_are_a_resource_like_another(self, site: Face) -> None:
        found = judged(ask(site, parameters({"name": "other", "valueBoolean": "x"}), "/fhir/Parameters/$validate"))
        assert found[0]["expression"][0].startswith("Parameters.parameter[0]")

    def test_in_the_address_do_the_same(self, site: Face) -> None:
        answer = ask(site, RIGHT, "/fhir/$validate?mode=create&profile=https://example.org/none")
        [found] = judged(answer)
        assert (found["severity"], rules(answer)) == ("error", ["FHIR-PROFILE-UNKNOWN"])
        assert "https://example.org/none" in found["details"]["text"]

    def test_ask_about_a_deletion_without_a_resource(self, site: Face) -> None:
        for answer in (
            ask(site, b"", "/fhir/$validate?mode=delete"),
            ask(site, parameters({"name": "mode", "valueCode": "delete"})),
        ):
            [found] = judged(answer)
            assert found["severity"] == "information"

    @pytest.mark.parametrize(
        ("path", "body"),
        [("?mode=destroy", RIGHT), ("?mode=profile", RIGHT), ("", parameters({"name": "mode", "valueCode": "create"})),
         ("", parameters({"name": "mode"}, {"name": "resource", "resource": RIGHT})),
         ("", parameters({"name": "profile", "valueInteger": 1}, {"name": "resource", "resource": RIGHT})),
         ("", parameters({"name": "resource", "resource": 7}))],
    )  # fmt: skip
    def test_that_are_wrong_are_400(self, site: Face, path: str, body: Json) -> None:
        refused(ask(site, body, f"/fhir/$validate{path}"), 400, "VALIDATE-PARAMETER")


class TestDoor:
    def test_is_open_to_those_who_send(self, site: Face, editor: Face) -> None:
        assert judged(ask(site, RIGHT))
        assert judged(ask(editor, RIGHT))

    @pytest.mark.parametrize("path", ["/fhir/$validate", "/fhir/Patient/$validate"])
    def test_is_closed_to_others(self, anyone: Face, ars: Face, path: str) -> None:
        refused(ask(anyone, RIGHT, path), 401, "AUTH-MISSING")
        refused(ask(ars, RIGHT, path), 403, "AUTH-FORBIDDEN")

    def test_takes_resources_only(self, site: Face) -> None:
        refused(ask(site, b"x", **{"Content-Type": "text/plain"}), 415, "SUBMISSION-MEDIA-TYPE")
        refused(ask(site, RIGHT, **{"Content-Encoding": "gzip"}), 415, "SUBMISSION-MEDIA-TYPE")
        refused(ask(site, b""), 400, "SUBMISSION-EMPTY")
        refused(ask(site, RIGHT, Accept="text/html"), 406, "HTTP-NOT-ACCEPTABLE")

    def test_leaves_nothing_in_the_log(self, world: World, site: Face) -> None:
        marker = "ZZMARKERQQ"
        ask(site, {"resourceType": "Patient", "gender": marker}, f"/fhir/$validate?profile=https://x/{marker}")
        ask(site, b'{"resourceType": "Patient", "gender": "' + marker.encode())
        assert marker not in world.server.stderr

    def test_is_in_the_capability_statement(self, anyone: Face) -> None:
        [rest] = anyone.get("/fhir/metadata").json()["rest"]
        assert "http://hl7.org/fhir/OperationDefinition/Resource-validate" in [
            o["definition"] for o in rest["operation"]
        ]
