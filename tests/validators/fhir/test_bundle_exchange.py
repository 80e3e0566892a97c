"""Search results, transactions and batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.bundle_support import ROOT, UUID, Json, bundle, entry, errors, found, request

ONE = UUID.format(1)
RESOURCE = "Bundle.entry[0].resource"


def search(*entries: Json, url: str | None = f"{ROOT}/Patient?name=x") -> Json:
    links = [{"relation": "self", "url": url}] if url is not None else []
    return bundle("searchset", *entries, link=links)


def hit(kind: str, mode: str | None, resource_id: str | None = "1") -> Json:
    one = entry(kind, resource_id or "1", None if resource_id else ONE)
    if resource_id is None:
        del one["resource"]["id"]
    return one | ({"search": {"mode": mode}} if mode else {})


class TestSearch:
    def test_matches_includes_and_an_outcome(self) -> None:
        assert (
            found(search(hit("Patient", "match"), hit("Device", "include"), hit("OperationOutcome", "outcome"))) == []
        )

    def test_an_empty_result_says_nothing(self) -> None:
        assert found(bundle("searchset", total=0)) == []

    def test_the_self_link_is_wanted(self) -> None:
        whole = search(hit("Patient", "match"), url=None)
        assert found(whole) == [("FHIR-BUNDLE-SEARCH-SELF", "Bundle")]
        assert errors(whole) == []

    def test_the_mode_is_wanted(self) -> None:
        whole = search(hit("Patient", "match"), hit("Patient", None, "2"))
        assert found(whole) == [("FHIR-BUNDLE-SEARCH-MODE", "Bundle")]
        assert errors(whole) == []

    def test_a_resource_is_needed(self) -> None:
        assert errors(search({"fullUrl": ONE, "search": {"mode": "match"}})) == [
            ("bdl-5", "Bundle.entry[0]"), ("FHIR-BUNDLE-SEARCH-RESOURCE", "Bundle.entry[0]"),
        ]  # fmt: skip

    def test_an_outcome_is_an_operation_outcome(self) -> None:
        assert errors(search(hit("Patient", "outcome"))) == [("FHIR-BUNDLE-SEARCH-OUTCOME", RESOURCE)]

    @pytest.mark.parametrize("mode", ["match", "include"])
    def test_what_is_found_has_an_id(self, mode: str) -> None:
        assert errors(search(hit("Patient", mode, None))) == [("FHIR-BUNDLE-SEARCH-ID", RESOURCE)]

    def test_an_outcome_needs_none(self) -> None:
        assert errors(search(hit("OperationOutcome", "outcome", None))) == []

    def test_without_mode_nothing_is_asked(self) -> None:
        assert errors(search(hit("OperationOutcome", None, None))) == []

    @pytest.mark.parametrize(
        ("url", "wrong"),
        [
            (f"{ROOT}/Patient?name=x", True),
            (f"{ROOT}/Patient", True),
            ("Patient?name=x", True),
            (f"{ROOT}/Device?x=y", False),
            (f"{ROOT}?_type=Patient,Group&name=x", True),
            (f"{ROOT}?name=x&_type=Patient,Device", False),
            (f"{ROOT}/$everything", False),
            ("", False),
        ],
    )
    def test_a_match_is_of_the_type_searched_for(self, url: str, wrong: bool) -> None:
        found_types = errors(search(hit("Device", "match"), url=url))
        assert found_types == ([("FHIR-BUNDLE-SEARCH-TYPE", RESOURCE)] if wrong else [])

    def test_an_include_may_be_of_any(self) -> None:
        assert errors(search(hit("Device", "include"))) == []

    @pytest.mark.parametrize("content", [{"search": []}, {"search": {"mode": 1}}, {"search": {"mode": "other"}}])
    def test_malformed_modes_are_the_walks(self, content: Json) -> None:
        assert errors(search(entry("Patient") | content)) == []


def transaction(*entries: Json) -> Json:
    return bundle("transaction", *entries)


def write(method: str, url: str, kind: str = "Patient", **more: Any) -> Json:
    return entry(kind, "1", ONE) | request(method, url, **more)


class TestRequests:
    @pytest.mark.parametrize(
        "one",
        [
            write("POST", "Patient"),
            write("POST", f"{ROOT}/Patient"),
            write("POST", "Patient", ifNoneExist="identifier=1"),
            write("PUT", "Patient/1"),
            write("PUT", f"{ROOT}/Patient/1", ifMatch='W/"1"'),
            write("PUT", "Patient?identifier=1"),
            write("PATCH", "Patient/1", "Parameters", ifMatch='W/"1"'),
            write("POST", "Patient/1/$merge", "Parameters"),
            write("POST", "$process-message", "Bundle"),
            write("POST", "Patient/_search", "Parameters"),
            write("POST", "", "Bundle"),
            request("GET", "Patient/1", ifNoneMatch='W/"1"'),
            request("HEAD", "Patient/1"),
            request("DELETE", "Patient/1"),
            request("POST", "Patient/1/$everything"),
        ],
        ids=lambda one: f"{one['request']['method']} {one['request']['url']}",
    )
    def test_right(self, one: Json) -> None:
        assert found(transaction(one)) == []

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    def test_a_write_has_a_resource(self, method: str) -> None:
        assert errors(transaction({"fullUrl": ONE} | request(method, "Patient/1"))) == [
            ("FHIR-BUNDLE-REQUEST-RESOURCE", "Bundle.entry[0]")
        ]

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
    def test_a_read_or_delete_has_none(self, method: str) -> None:
        whole = transaction(write(method, "Patient/1"))
        assert found(whole) == [("FHIR-BUNDLE-REQUEST-NO-RESOURCE", "Bundle.entry[0]")]
        assert errors(whole) == []

    @pytest.mark.parametrize(
        ("method", "url"),
        [("POST", "Device"), ("POST", f"{ROOT}/Device"), ("PUT", "Device/1"), ("PUT", "Patient/2"),
         ("PUT", "Device?identifier=1")],
    )  # fmt: skip
    def test_the_url_is_the_resources(self, method: str, url: str) -> None:
        assert errors(transaction(write(method, url))) == [("FHIR-BUNDLE-REQUEST-URL", "Bundle.entry[0].request.url")]

    def test_an_id_the_resource_does_not_have_is_not_compared(self) -> None:
        one = {"fullUrl": ONE, "resource": {"resourceType": "Patient"}} | request("PUT", "Patient/2")
        assert errors(transaction(one)) == []

    @pytest.mark.parametrize(
        ("one", "element"),
        [
            (write("PUT", "Patient/1", ifNoneExist="a=b"), "ifNoneExist"),
            (write("POST", "Patient", ifMatch='W/"1"'), "ifMatch"),
            (write("POST", "Patient", ifNoneMatch='W/"1"'), "ifNoneMatch"),
            (request("DELETE", "Patient/1", ifModifiedSince="2024-01-01T00:00:00Z"), "ifModifiedSince"),
        ],
    )
    def test_a_condition_goes_with_its_method(self, one: Json, element: str) -> None:
        whole = transaction(one)
        assert found(whole) == [("FHIR-BUNDLE-REQUEST-CONDITION", f"Bundle.entry[0].request.{element}")]
        assert errors(whole) == []

    @pytest.mark.parametrize(
        "broken", [None, [], {}, {"method": 1, "url": 2}, {"method": "POST"}, {"url": "Patient"}, {"url": "/"}]
    )
    def test_malformed_requests_are_the_walks(self, broken: object) -> None:
        assert errors(transaction(entry("Patient", "1", ONE) | {"request": broken})) == []

    def test_a_batch_is_judged_alike(self) -> None:
        assert errors(bundle("batch", write("POST", "Device"))) == [
            ("FHIR-BUNDLE-REQUEST-URL", "Bundle.entry[0].request.url")
        ]

    def test_a_history_is_not(self) -> None:
        one = write("POST", "Device") | {"response": {"status": "200"}}
        assert errors(bundle("history", one)) == []
