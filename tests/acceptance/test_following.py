"""The change feed through HTTP: ordered, of the caller alone, read from a position, with or without waiting."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fhir_server.security.caller import Role
from testdata import Country
from tests.support.faces import Face, refused
from tests.support.follow import Here
from tests.support.synthetic import Json, bundle, letter, new_stay, token_for, unique_id


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    made = Here(tmp_path_factory.mktemp("follow"), demo_database, demo_country)
    yield made
    made.close()


def newest(face: Face) -> int:
    found: int = face.get("/api/changes", limit="1", type="Nothing").json()["position"]
    return found


def test_the_feed_says_everything_in_order_from_a_position(here: Here) -> None:
    start = newest(here.face)
    answer, refusal = here.sent(), here.refused()
    submission = answer.headers["Segur-Submission"]
    first = here.face.get("/api/changes", after=str(start), limit="2").json()
    page, rows = first, list(first["changes"])
    while page["changes"]:
        page = here.face.http.get(page["next"]).json()
        rows += page["changes"]
    assert len(first["changes"]) == 2
    assert first["position"] == first["changes"][-1]["seq"]
    assert [row["seq"] for row in rows] == sorted({row["seq"] for row in rows})
    assert {(row["type"], row["action"], row["submission"]) for row in rows} == {
        ("Patient", "create", submission), ("List", "create", submission), ("Binary", "create", submission),
        ("DocumentReference", "create", submission), ("Submission", "refused", refusal)}  # fmt: skip
    assert rows[-1] | {"seq": 0, "at": ""} == {
        "seq": 0, "type": "Submission", "id": refusal, "version": 1, "at": "", "action": "refused",
        "submission": refusal}  # fmt: skip
    assert unique_id(bundle(letter(new_stay(here.country, here.site)))) not in json.dumps(rows)


def test_the_feed_is_the_callers_own(here: Here) -> None:
    start = newest(here.face)
    here.refused()
    assert here.other.get("/api/changes", after=str(start)).json()["changes"] == []
    assert len(here.face.get("/api/changes", after=str(start)).json()["changes"]) == 1


def test_types_narrow_the_feed(here: Here) -> None:
    start = newest(here.face)
    here.sent()
    here.refused()
    found = here.face.get("/api/changes", after=str(start), type="Submission,List").json()
    assert [row["type"] for row in found["changes"]] == ["List", "Submission"]
    assert "type=Submission&type=List" in found["next"]


def test_a_reader_waits_for_the_next_change(here: Here) -> None:
    start = newest(here.face)
    found: list[Json] = []
    waiting = Face(here.server.origin, here.face.http.headers["Authorization"].removeprefix("Bearer "))
    reader = threading.Thread(
        target=lambda: found.append(waiting.get("/api/changes", after=str(start), wait="30").json())
    )
    reader.start()
    refusal = here.refused()
    reader.join(20)
    waiting.close()
    assert [row["id"] for row in found[0]["changes"]] == [refusal]


def test_a_wait_that_nothing_ends_is_answered(here: Here) -> None:
    found = here.face.get("/api/changes", after=str(newest(here.face)), wait="1").json()
    assert found["changes"] == []


@pytest.mark.parametrize(
    ("params", "status", "rule"),
    [
        ({"after": "-1"}, 400, "CHANGES-PARAMETER"),
        ({"after": "x"}, 400, "CHANGES-PARAMETER"),
        ({"after": "²"}, 400, "CHANGES-PARAMETER"),
        ({"after": str(10**40)}, 400, "CHANGES-PARAMETER"),
        ({"limit": "0"}, 400, "CHANGES-PARAMETER"),
        ({"limit": "1001"}, 400, "CHANGES-PARAMETER"),
        ({"wait": "31"}, 400, "CHANGES-PARAMETER"),
        ({"type": "a-b"}, 400, "CHANGES-PARAMETER"),
        ({"since": "1"}, 400, "CHANGES-PARAMETER"),
        ({"after": str(10**15)}, 410, "CHANGES-POSITION"),
    ],
)
def test_a_feed_is_asked_for_rightly(here: Here, params: dict[str, str], status: int, rule: str) -> None:
    refused(here.face.get("/api/changes", **params), status, rule)


def test_who_follows(here: Here) -> None:
    refused(httpx.get(f"{here.server.origin}/api/changes"), 401, "AUTH-MISSING")
    operator = Face(here.server.origin, token_for(here.database, Role.OPERATOR, None))
    refused(operator.get("/api/changes"), 403, "AUTH-FORBIDDEN")
    operator.close()
