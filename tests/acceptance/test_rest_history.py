"""History of a resource and of a type: order, deletions, pages, since when, and what is asked wrongly."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import World
from tests.support.faces import Face, location, refused
from tests.support.rest import create, observation, place, update
from tests.support.synthetic import bundle, letter, new_stay


def told(face: Face, answer: httpx.Response) -> list[tuple[str, str, str]]:
    """Method, status and version of each entry of a history that is right R4."""
    assert answer.status_code == 200, answer.text
    report = face.http.post(
        "/fhir/$validate", content=answer.content, headers={"Content-Type": "application/fhir+json"}
    )
    assert not [issue for issue in report.json()["issue"] if issue["severity"] in ("error", "fatal")], report.text
    return [
        (row["request"]["method"], row["response"]["status"][:3], row["response"]["etag"])
        for row in answer.json().get("entry", [])
    ]


def followed(face: Face, answer: httpx.Response) -> list[Any]:
    """The entries of every page."""
    body = answer.json()
    found = list(body.get("entry", []))
    following = [link["url"] for link in body["link"] if link["relation"] == "next"]
    return found + (followed(face, face.http.get(following[0])) if following else [])


def test_of_a_resource_tells_every_version_the_newest_first(newcomer: Face) -> None:
    path = place(create(newcomer, observation("preliminary")))
    update(newcomer, path, observation("final"))
    newcomer.http.delete(path)
    update(newcomer, path, observation("amended"))
    answer = newcomer.get(f"{path}/_history")
    assert told(newcomer, answer) == [
        ("POST", "201", 'W/"4"'), ("DELETE", "204", 'W/"3"'), ("PUT", "200", 'W/"2"'), ("POST", "201", 'W/"1"')
    ]  # fmt: skip
    body = answer.json()
    assert (body["type"], body["total"]) == ("history", 4)
    assert [row.get("resource", {}).get("status") for row in body["entry"]] == ["amended", None, "final", "preliminary"]


def test_of_a_type_tells_of_all_its_resources(newcomer: Face) -> None:
    one, two = (place(create(newcomer, observation())) for _ in range(2))
    update(newcomer, one, observation("amended"))
    found = newcomer.get("/fhir/Observation/_history")
    assert [row[0] for row in told(newcomer, found)] == ["PUT", "POST", "POST"]
    assert [row["fullUrl"].rpartition("/")[2] for row in found.json()["entry"]] == [
        path.rpartition("/")[2] for path in (one, two, one)
    ]
    assert newcomer.get("/fhir/Basic/_history").json()["total"] == 0


@pytest.mark.parametrize("of_type", [True, False])
def test_comes_in_pages_that_nothing_new_shifts(newcomer: Face, of_type: bool) -> None:
    path = place(create(newcomer, observation()))
    for status in ("amended", "final") * 3:
        update(newcomer, path, observation(status))
    address = "/fhir/Observation/_history" if of_type else f"{path}/_history"
    first = newcomer.get(address, _count="3")
    update(newcomer, path, observation("cancelled"))
    versions = [row["response"]["etag"] for row in followed(newcomer, first)]
    assert versions == [f'W/"{number}"' for number in range(7, 0, -1)]
    assert newcomer.get(address, _count="0").json()["total"] == 8
    assert "entry" not in newcomer.get(address, _count="0").json()


def test_since_a_moment(newcomer: Face) -> None:
    path = place(create(newcomer, observation()))
    moment = update(newcomer, path, observation("amended")).json()["meta"]["lastUpdated"]
    for address in (f"{path}/_history", "/fhir/Observation/_history"):
        assert len(told(newcomer, newcomer.get(address, _since=moment))) == 1
        assert len(told(newcomer, newcomer.get(address, _since="2020"))) == 2
        assert newcomer.get(address, _since="2999-01-01").json()["total"] == 0


@pytest.mark.parametrize(
    "params", [{"_count": "many"}, {"_count": "-1"}, {"_since": "yesterday"}, {"_since": "2026-13"}, {"_page": "next"},
               {"colour": "red"}],
)  # fmt: skip
def test_asked_wrongly_is_400(newcomer: Face, params: dict[str, str]) -> None:
    path = place(create(newcomer, observation()))
    refused(newcomer.get(f"{path}/_history", **params), 400, "INTERACTION-PARAMETER")


def test_of_nothing_is_404(newcomer: Face) -> None:
    refused(newcomer.get("/fhir/Observation/none/_history"), 404, "HTTP-NOT-FOUND")
    refused(newcomer.get("/fhir/Nothing/_history"), 404, "HTTP-NOT-FOUND")
    refused(newcomer.get("/fhir/Parameters/_history"), 405, "HTTP-METHOD")


def test_of_documents_is_read_too(site: Face, world: World) -> None:
    answer = site.provide(bundle(letter(new_stay(world.land, world.site))))
    for kind in ("DocumentReference", "List", "Binary", "Patient"):
        found = site.get(location(answer, kind) + "/_history").json()
        assert found["entry"][-1]["request"] == {"method": "POST", "url": kind}
        resource = found["entry"][-1]["resource"]
        assert resource["resourceType"] == kind
        if kind == "Binary":
            assert not resource["data"].startswith("sha256")
