"""What goes with what was found, and how much of it is shown."""

from __future__ import annotations

from importlib import resources

import orjson
import pytest

from fhir_server.fhir.search import declared
from fhir_server.fhir.search.answer import Asker
from fhir_server.fhir.search.summary import partial
from tests.fhir_server.search.shelf import OTHER, OWNER, Json, Shelf
from tests.fhir_server.search.test_paging import KEYS, bundle, ids
from validators.fhir import load_definitions


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """A document of a patient of a doctor, one that replaces it, and a list of both."""
    shelf.put("Practitioner", "dr", name=[{"family": "Roux"}])
    shelf.put("Patient", "p", generalPractitioner=[{"reference": "Practitioner/dr"}])
    shelf.put("Patient", "p", OTHER)
    shelf.put(
        "DocumentReference", "a", status="superseded", subject={"reference": "Patient/p"}, date="2026-01-01T00:00:00Z"
    )
    shelf.put(
        "DocumentReference", "b", status="current", subject={"reference": "Patient/p"}, date="2026-01-02T00:00:00Z",
        relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/a"}}],
        author=[{"reference": "https://elsewhere/Practitioner/9"}, {"reference": "Practitioner/gone"}],
    )  # fmt: skip
    shelf.put(
        "List", "l", status="current", entry=[{"item": {"reference": f"DocumentReference/{one}"}} for one in "ab"]
    )
    return shelf


def included(found: Json) -> list[str]:
    return [
        f"{one['resource']['resourceType']}/{one['resource']['id']}"
        for one in found.get("entry", ()) if one["search"]["mode"] == "include"
    ]  # fmt: skip


class TestIncludes:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [("_include=DocumentReference:subject", ["Patient/p"]), ("_include=DocumentReference:patient", ["Patient/p"]),
         ("_include=DocumentReference:subject:Group", []), ("_include=DocumentReference:author", []),
         ("_include=DocumentReference:relatesto", ["DocumentReference/a"]),
         ("_include=*", ["DocumentReference/a", "Patient/p"]),
         ("_include=DocumentReference:*", ["DocumentReference/a", "Patient/p"]), ("_include=List:item", []),
         ("_include=DocumentReference:subject&_include=Patient:general-practitioner", ["Patient/p"]),
         ("_include=DocumentReference:subject&_include:iterate=Patient:general-practitioner", ["Patient/p",
         "Practitioner/dr"]),
         ("_revinclude=List:item", ["List/l"]), ("_revinclude=DocumentReference:relatesto", []),
         ("_revinclude=List:item&_include:iterate=List:item", ["List/l", "DocumentReference/a"])],
    )  # fmt: skip
    def test_of_a_document(self, filled: Shelf, asked: str, found: list[str]) -> None:
        answer = bundle(filled.connection, f"_id=b&{asked}")
        assert (ids(answer), answer["total"]) == (["b"], 1)
        assert included(answer) == found

    def test_come_once_and_never_beside_their_match(self, filled: Shelf) -> None:
        asked = "date=2026&_include=DocumentReference:relatesto&_include=DocumentReference:subject&_include=*"
        answer = bundle(filled.connection, asked)
        assert (ids(answer), included(answer)) == (["b", "a"], ["Patient/p"])

    def test_of_documents_of_a_patient(self, filled: Shelf) -> None:
        answer = bundle(filled.connection, "_id=p&_revinclude=DocumentReference:patient", kind="Patient")
        assert included(answer) == ["DocumentReference/a", "DocumentReference/b"]
        assert (
            included(
                bundle(filled.connection, "_revinclude=DocumentReference:patient", Asker(OTHER, KEYS, "x"), "Patient")
            )
            == []
        )

    def test_that_are_too_many_are_told(self, filled: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("includes", "answer"):
            monkeypatch.setattr(f"fhir_server.fhir.search.{name}.MOST_INCLUDED", 1)
        answer = bundle(filled.connection, "_id=b&_include=*")
        assert len(included(answer)) == 1
        assert answer["entry"][-1]["resource"]["issue"][0]["details"]["coding"][0]["code"] == "SEARCH-INCLUDED"


class TestLeftOut:
    def test_is_said_in_the_answer(self, filled: Shelf) -> None:
        answer = bundle(filled.connection, "_id=b&colour=red", Asker(OWNER, KEYS, "http://x", "en", lenient=True))
        last = answer["entry"][-1]
        assert last["search"]["mode"] == "outcome"
        assert "colour" in last["resource"]["issue"][0]["details"]["text"]
        assert "colour" not in str(answer["link"])


BODY = orjson.dumps({
    "resourceType": "DocumentReference", "id": "a", "meta": {"versionId": "2"}, "text": {"status": "generated"},
    "contained": [], "status": "current", "_status": {"id": "x"}, "content": [{"a": 1}], "description": "D",
    "extension": [],
})  # fmt: skip
HEAD = {"resourceType", "id", "meta"}


class TestParts:
    @pytest.mark.parametrize(
        ("summary", "elements", "kept"),
        [("true", (), {"status", "_status", "content", "description"}),
         ("text", (), {"text", "status", "_status", "content"}),
         ("data", (), {"contained", "status", "_status", "content", "description", "extension"}),
         ("false", ("description",), {"description", "status", "_status", "content"})],
    )  # fmt: skip
    def test_of_a_resource_are_tagged(self, summary: str, elements: tuple[str, ...], kept: set[str]) -> None:
        found = orjson.loads(partial(BODY, "DocumentReference", summary, elements))
        assert set(found) == HEAD | kept
        assert found["meta"]["versionId"] == "2"
        assert [tag["code"] for tag in found["meta"]["tag"]] == ["SUBSETTED"]

    def test_that_are_the_whole_are_not(self) -> None:
        assert partial(BODY, "DocumentReference", "false", ()) is BODY

    def test_keep_numbers_and_choices(self) -> None:
        body = b'{"resourceType":"Observation","id":"o","valueQuantity":{"value":1.50},"status":"final","code":{}}'
        assert b"1.50" in partial(body, "Observation", "true", ())

    def test_are_known_of_every_type(self) -> None:
        text = resources.files("fhir_server.fhir.search").joinpath("summary.json").read_bytes()
        assert set(orjson.loads(text)) == set(load_definitions().resource_types)


class TestDeclared:
    def test_is_every_parameter_with_its_definition(self) -> None:
        found = declared("DocumentReference", ["List", "DocumentReference"])
        params = {one["name"]: one for one in found["searchParam"]}
        assert params["date"]["type"] == "date"
        assert params["status"]["definition"] == "http://hl7.org/fhir/SearchParameter/DocumentReference-status"
        assert {"creation", "patient.identifier", "author.family", "_id", "_lastUpdated"} <= set(params)
        assert {"*", "DocumentReference:subject", "DocumentReference:author"} <= set(found["searchInclude"])
        assert {"List:item", "DocumentReference:relatesto"} <= set(found["searchRevInclude"])
