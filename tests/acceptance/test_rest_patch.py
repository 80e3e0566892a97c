"""Patches through HTTP: JSON Patch, FHIRPath Patch in both formats, by id and by criteria."""

from __future__ import annotations

import pytest

from tests.support.faces import FHIR_JSON, Face, refused
from tests.support.rest import JSON_PATCH, by, create, known, observation, parameters, patch, place, update, version

AMEND = {"op": "replace", "path": "/status", "value": "amended"}


def test_a_json_patch_makes_a_version(newcomer: Face) -> None:
    path = place(create(newcomer, observation()))
    answer = patch(newcomer, path, {"op": "test", "path": "/status", "value": "final"}, AMEND)
    assert (answer.status_code, version(answer), answer.json()["status"]) == (200, 2, "amended")
    assert newcomer.get(path).json() == answer.json()
    again = patch(newcomer, path, AMEND)
    assert (again.status_code, version(again)) == (200, 2)


def test_a_fhirpath_patch_makes_a_version(newcomer: Face) -> None:
    path = place(create(newcomer, observation()))
    body = parameters(type="replace", path="Observation.status", value={"valueCode": "amended"})
    answer = newcomer.http.patch(path, json=body, headers={"Content-Type": FHIR_JSON})
    assert (answer.status_code, version(answer), answer.json()["status"]) == (200, 2, "amended")


def test_a_fhirpath_patch_comes_in_xml_too(newcomer: Face) -> None:
    path = place(create(newcomer, observation()))
    body = (
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>'
        '<part><name value="type"/><valueCode value="replace"/></part>'
        '<part><name value="path"/><valueString value="Observation.status"/></part>'
        '<part><name value="value"/><valueCode value="amended"/></part></parameter></Parameters>'
    )
    answer = newcomer.http.patch(path, content=body.encode(), headers={"Content-Type": "application/fhir+xml"})
    assert (answer.status_code, answer.json()["status"]) == (200, "amended")


def test_a_patch_by_criteria_changes_the_one_that_meets_them(newcomer: Face) -> None:
    address = f"/fhir/Observation?{by('a')}"
    refused(patch(newcomer, address, AMEND), 404, "CONDITION-NONE")
    path = place(create(newcomer, known("a")))
    assert patch(newcomer, address, AMEND).json()["id"] == path.rpartition("/")[2]
    create(newcomer, known("a"))
    refused(patch(newcomer, address, AMEND), 412, "CONDITION-SEVERAL")


def test_a_patch_holds_the_version_it_is_made_for(newcomer: Face) -> None:
    path = place(create(newcomer, observation()))
    refused(patch(newcomer, path, AMEND, If_Match='W/"3"'), 412, "VERSION-CONFLICT")
    assert patch(newcomer, path, AMEND, If_Match='W/"1"').status_code == 200


@pytest.mark.parametrize(
    ("operation", "status", "rule"),
    [({"op": "test", "path": "/status", "value": "amended"}, 422, "PATCH-TEST"),
     ({"op": "remove", "path": "/nothing"}, 422, "PATCH-PATH"), ({"op": "melt", "path": "/"}, 400, "PATCH-FORM"),
     ({"op": "remove", "path": "/status"}, 422, "FHIR-REQUIRED"),
     ({"op": "replace", "path": "/id", "value": "x"}, 422, "INTERACTION-ID"),
     ({"op": "replace", "path": "/resourceType", "value": "Basic"}, 422, "INTERACTION-TYPE"),
     ({"op": "add", "path": "/colour", "value": "red"}, 422, None)],
)  # fmt: skip
def test_what_may_not_be_is_refused_and_changes_nothing(
    newcomer: Face, operation: dict[str, str], status: int, rule: str | None
) -> None:
    path = place(create(newcomer, observation()))
    before = newcomer.get(path).content
    refused(patch(newcomer, path, operation), status, rule if rule != "FHIR-REQUIRED" else None)
    assert newcomer.get(path).content == before


@pytest.mark.parametrize("media_type", ["application/xml-patch+xml", "application/merge-patch+json", "text/plain"])
def test_other_forms_are_415(newcomer: Face, media_type: str) -> None:
    path = place(create(newcomer, observation()))
    answer = newcomer.http.patch(path, content=b"[]", headers={"Content-Type": media_type})
    refused(answer, 415, "SUBMISSION-MEDIA-TYPE")


def test_a_patch_of_nothing_is_404_and_of_documents_405(newcomer: Face) -> None:
    refused(patch(newcomer, "/fhir/Observation/none", AMEND), 404, "HTTP-NOT-FOUND")
    for kind in ("List", "Binary", "Communication", "Encounter"):
        answer = newcomer.http.patch(f"/fhir/{kind}/1", content=b"[]", headers={"Content-Type": JSON_PATCH})
        refused(answer, 405, "HTTP-METHOD")
        assert answer.headers["Allow"] == "GET, HEAD"


def test_a_patch_is_found_by_what_it_makes(newcomer: Face) -> None:
    path = place(create(newcomer, known("before")))
    patch(newcomer, path, {"op": "replace", "path": "/identifier/0/value", "value": "after"})
    assert update(newcomer, f"/fhir/Observation?{by('after')}", known("after")).status_code == 200
