"""`$export` (Bulk Data Access 2.0): asked for, waited for, read by its owner alone, cancelled, taken up again."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.fhir import exporting
from fhir_server.security.caller import Role
from fhir_server.store.export_jobs import folder
from tests.conftest import World
from tests.support.faces import FHIR_JSON, Face, refused
from tests.support.server import Server, wait_until
from tests.support.synthetic import Json, bundle, letter, new_stay, token_for

ASYNC = {"Prefer": "respond-async", "Accept": FHIR_JSON}
JSON = {"Content-Type": FHIR_JSON}


@pytest.fixture
def owner(world: World) -> Iterator[Face]:
    """An editor of its own for every test, with one letter, an organization and a basic resource."""
    token = token_for(world.database, Role.EDITOR, f"Export {time.monotonic_ns()}")
    face = Face(world.server.origin, token)
    assert face.provide(bundle(letter(new_stay(world.land, world.site)))).status_code == 200
    for kind, body in (("Organization", {"name": "Service"}), ("Device", {"status": "active"})):
        made = {"resourceType": kind, "id": "one", **body}
        assert face.http.put(f"/fhir/{kind}/one", content=json.dumps(made), headers=JSON).status_code == 201
    yield face
    face.close()


def asked(face: Face, path: str = "/fhir/$export", **params: str) -> str:
    """Ask for an export; where its state is."""
    answer = face.http.get(path, params=params, headers=ASYNC)
    assert answer.status_code == 202, answer.text
    return answer.headers["content-location"]


def manifest(face: Face, place: str) -> Json:
    """Wait until it is done."""
    answers: list[httpx.Response] = []

    def done() -> bool:
        answers.append(face.http.get(place))
        assert answers[-1].status_code in (200, 202), answers[-1].text
        return answers[-1].status_code == 200

    wait_until(done, "the export is done")
    assert all(one.headers["x-progress"] and one.headers["retry-after"] for one in answers[:-1])
    assert answers[-1].headers["content-type"] == "application/json"
    assert "expires" in answers[-1].headers
    found: Json = answers[-1].json()
    return found


def files(face: Face, found: Json) -> dict[str, list[Json]]:
    """The resources of an export by type; each file has the lines it says."""
    rows: dict[str, list[Json]] = {}
    for one in found["output"]:
        answer = face.http.get(one["url"], headers={"Accept": "application/fhir+ndjson"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/fhir+ndjson")
        rows[one["type"]] = [json.loads(line) for line in answer.text.splitlines()]
        assert len(rows[one["type"]]) == one["count"]
    return rows


def test_everything_of_the_owner_is_there(owner: Face) -> None:
    found = manifest(owner, asked(owner))
    assert found["requiresAccessToken"] is True
    assert found["request"].endswith("/fhir/$export")
    assert found["error"] == []
    rows = files(owner, found)
    assert {kind: len(many) for kind, many in rows.items()} == {
        "DocumentReference": 1, "List": 1, "Patient": 1, "Organization": 1, "Device": 1,
    }  # fmt: skip
    reference = rows["DocumentReference"][0]
    assert reference == owner.get(f"/fhir/DocumentReference/{reference['id']}").json()


def test_of_patients_only_what_is_about_one(owner: Face) -> None:
    rows = files(owner, manifest(owner, asked(owner, "/fhir/Patient/$export")))
    assert rows.keys() == {"DocumentReference", "List", "Patient"}


def test_bytes_of_documents_come_when_they_are_asked_for(owner: Face, world: World) -> None:
    rows = files(owner, manifest(owner, asked(owner, _type="Binary,Device", _outputFormat="ndjson")))
    assert rows.keys() == {"Binary", "Device"}
    [binary] = rows["Binary"]
    data = base64.b64decode(binary["data"])
    assert data == owner.http.get(f"/fhir/Binary/{binary['id']}").content
    assert data.startswith(b"<?xml")


def test_what_changed_since(owner: Face) -> None:
    assert files(owner, manifest(owner, asked(owner, _since="2099-01-01T00:00:00Z"))) == {}
    assert files(owner, manifest(owner, asked(owner, _since="2020-01-01", _type="Device"))).keys() == {"Device"}


def test_the_parameters_may_be_in_a_body(owner: Face) -> None:
    body = {"resourceType": "Parameters", "parameter": [{"name": "_type", "valueString": "Device"}]}
    answer = owner.http.post("/fhir/$export", content=json.dumps(body), headers=JSON | ASYNC)
    assert answer.status_code == 202
    assert files(owner, manifest(owner, answer.headers["content-location"])).keys() == {"Device"}


@pytest.mark.parametrize(
    ("headers", "params", "rule"),
    [
        ({}, {}, "INTERACTION-HEADER"), (ASYNC, {"_type": "Nothing"}, "INTERACTION-PARAMETER"),
        (ASYNC, {"_since": "hier"}, "INTERACTION-PARAMETER"),
        (ASYNC, {"_outputFormat": "csv"}, "INTERACTION-PARAMETER"),
        (ASYNC, {"_typeFilter": "Patient?name=x"}, "INTERACTION-PARAMETER"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(
    owner: Face, headers: dict[str, str], params: dict[str, Any], rule: str
) -> None:
    refused(owner.http.get("/fhir/$export", params=params, headers=headers), 400, rule)


def test_files_are_their_owners_alone(owner: Face, site: Face, world: World) -> None:
    place = asked(owner)
    found = manifest(owner, place)
    for url in (place, found["output"][0]["url"]):
        refused(site.http.get(url), 404)
        anonymous = Face(world.server.origin)
        refused(anonymous.http.get(url), 401)
        anonymous.close()
    refused(site.http.delete(place), 404)
    refused(owner.http.get(found["output"][0]["url"] + "x"), 404)
    base = folder(str(world.database))
    kept = base / place.rpartition("/")[2]
    assert {os.stat(path).st_mode & 0o777 for path in (base, kept)} == {0o700}
    assert {os.stat(path).st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    ministry = Face(world.server.origin, world.tokens["ministry"])
    refused(ministry.http.get("/fhir/$export", headers=ASYNC), 403)
    ministry.close()


def test_a_cancelled_export_is_gone(owner: Face, world: World) -> None:
    place = asked(owner)
    found = manifest(owner, place)
    assert owner.http.delete(place).status_code == 202
    refused(owner.http.get(place), 404)
    refused(owner.http.get(found["output"][0]["url"]), 404)
    assert not (folder(str(world.database)) / place.rpartition("/")[2]).exists()
    assert owner.http.delete(place).status_code == 404


def aged(database: Path, job: str, state: str, age: int) -> None:
    """An export whose process ended some time ago (microseconds)."""
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "update export_job set state = ?, files = null, updated = updated - ? where id = ?", (state, age, job)
        )


def test_one_at_a_time(owner: Face, world: World) -> None:
    place = asked(owner)
    manifest(owner, place)
    aged(world.database, place.rpartition("/")[2], "running", 0)
    busy = owner.http.get("/fhir/$export", headers=ASYNC)
    refused(busy, 429, "EXPORT-BUSY")
    assert busy.headers["retry-after"]
    assert owner.http.delete(place).status_code == 202
    manifest(owner, asked(owner))


@pytest.mark.parametrize("again", ["status", "kick-off"])
def test_an_export_whose_process_ended_is_taken_up(owner: Face, world: World, again: str) -> None:
    place = asked(owner)
    before = files(owner, manifest(owner, place))
    aged(world.database, place.rpartition("/")[2], "running", exporting.SILENCE + 1)
    if again == "kick-off":
        refused(owner.http.get("/fhir/$export", headers=ASYNC), 429, "EXPORT-BUSY")
    assert files(owner, manifest(owner, place)) == before


def test_an_export_survives_its_server_and_goes_after_a_day(tmp_path: Path) -> None:
    database = tmp_path / "own.db"
    with Server(database, tmp_path, "--workers", "1") as server:
        token = token_for(database, Role.EDITOR, "Export")
        face = Face(server.origin, token)
        made = {"resourceType": "Device", "id": "one", "status": "active"}
        assert face.http.put("/fhir/Device/one", content=json.dumps(made), headers=JSON).status_code == 201
        place = asked(face)
        before = files(face, manifest(face, place))
        server.stop()
        aged(database, place.rpartition("/")[2], "waiting", exporting.SILENCE + 1)
        server.start()
        assert files(face, manifest(face, place)) == before
        server.stop()
        aged(database, place.rpartition("/")[2], "done", 24 * 3600 * 1_000_000 + 1)
        (folder(str(database)) / "of-nobody").mkdir()
        server.start()
        assert face.http.put("/fhir/Device/one", content=json.dumps(made), headers=JSON).status_code == 200
        made["status"] = "inactive"  # the writer sweeps when it first has something to do
        assert face.http.put("/fhir/Device/one", content=json.dumps(made), headers=JSON).status_code == 200
        wait_until(lambda: not list(folder(str(database)).iterdir()), "the writer has swept")
        refused(face.http.get(place), 404)
        face.close()
