"""Bundles as a whole: their invariants, every entry's fullUrl, their links."""

from __future__ import annotations

import pytest

from tests.validators.fhir.bundle_support import ROOT, UUID, Json, bundle, checked, entry, errors, found, reference
from validators.messages import catalogue, render
from validators.messages.fhir_bundle import RULES

ONE = UUID.format(1)
TYPES = (
    "document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset",
    "collection",
)  # fmt: skip


class TestInvariants:
    @pytest.mark.parametrize("kind", TYPES)
    def test_total_is_for_searches_and_histories(self, kind: str) -> None:
        wrong = ("bdl-1", "Bundle") in errors(bundle(kind, total=0))
        assert wrong == (kind not in ("searchset", "history"))

    @pytest.mark.parametrize("kind", TYPES)
    def test_search_is_for_searches(self, kind: str) -> None:
        wrong = ("bdl-2", "Bundle") in errors(bundle(kind, entry("Patient") | {"search": {"mode": "match"}}))
        assert wrong == (kind != "searchset")

    @pytest.mark.parametrize("kind", TYPES)
    def test_requests(self, kind: str) -> None:
        needed = kind in ("transaction", "batch", "history")
        with_one = entry("Patient") | {"request": {"method": "POST", "url": "Patient"}}
        assert (("bdl-3", "Bundle") in errors(bundle(kind, entry("Patient")))) == needed
        assert (("bdl-3", "Bundle") in errors(bundle(kind, with_one))) != needed

    @pytest.mark.parametrize("kind", TYPES)
    def test_responses(self, kind: str) -> None:
        needed = kind in ("transaction-response", "batch-response", "history")
        with_one = entry("Patient") | {"response": {"status": "200"}}
        assert (("bdl-4", "Bundle") in errors(bundle(kind, entry("Patient")))) == needed
        assert (("bdl-4", "Bundle") in errors(bundle(kind, with_one))) != needed

    def test_an_entry_holds_something(self) -> None:
        assert errors(bundle("collection", {"fullUrl": ONE})) == [("bdl-5", "Bundle.entry[0]")]

    @pytest.mark.parametrize("content", [{"request": {"method": "GET", "url": "Patient"}}, {"response": {}}])
    def test_a_request_or_a_response_is_something(self, content: Json) -> None:
        assert ("bdl-5", "Bundle.entry[0]") not in errors(bundle("history", {"fullUrl": ONE, **content}))

    def test_an_empty_entry_is_the_walks(self) -> None:
        assert errors(bundle("collection", {})) == []

    def test_a_full_url_once(self) -> None:
        assert errors(bundle("collection", entry("Patient"), entry("Patient"))) == [("bdl-7", "Bundle")]

    def test_or_once_a_version(self) -> None:
        versions = [entry("Patient", meta={"versionId": version}) for version in "12"]
        assert errors(bundle("collection", *versions)) == []
        assert errors(bundle("collection", *versions, versions[0])) == [("bdl-7", "Bundle")]

    def test_as_often_as_needed_in_a_history(self) -> None:
        assert ("bdl-7", "Bundle") not in errors(bundle("history", entry("Patient"), entry("Patient")))

    def test_entries_without_full_url_are_not_compared(self) -> None:
        one = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
        assert errors(bundle("transaction", one, one)) == []

    def test_a_full_url_names_no_version(self) -> None:
        wrong = errors(bundle("collection", entry("Patient", full_url=f"{ROOT}/Patient/1/_history/2")))
        assert ("bdl-8", "Bundle.entry[0]") in wrong

    @pytest.mark.parametrize("identifier", [None, {}, {"system": "urn:x"}, {"value": "1"}, [], "x"])
    def test_a_document_is_identified(self, identifier: object) -> None:
        assert ("bdl-9", "Bundle") in errors(bundle("document", entry("Composition"), identifier=identifier))

    @pytest.mark.parametrize("timestamp", [None, "", 2024])
    def test_a_document_has_a_date(self, timestamp: object) -> None:
        assert errors(bundle("document", entry("Composition"), timestamp=timestamp)) == [("bdl-10", "Bundle")]

    def test_a_document_starts_with_its_composition(self) -> None:
        wrong = errors(bundle("document", entry("Patient")))
        assert wrong == [("bdl-11", "Bundle"), ("FHIR-BUNDLE-FIRST", "Bundle.entry[0]")]

    def test_a_message_starts_with_its_header(self) -> None:
        wrong = errors(bundle("message", entry("Patient")))
        assert wrong == [("bdl-12", "Bundle"), ("FHIR-BUNDLE-FIRST", "Bundle.entry[0]")]

    def test_a_bundle_without_type_is_not_judged_by_type(self) -> None:
        assert found({"resourceType": "Bundle", "total": 3}) == []

    def test_every_constraint_has_its_words(self) -> None:
        for issue in checked(bundle("document", entry("Patient"), {"fullUrl": ONE}, total=1, identifier={})):
            assert "{" not in render(issue, "fr").replace("{profile}", "")


class TestFullUrlIsThere:
    @pytest.mark.parametrize("kind", TYPES)
    def test_needed_except_in_exchanges_with_a_server(self, kind: str) -> None:
        one = {"resource": {"resourceType": "Patient", "id": "1"}}
        wrong = ("FHIR-BUNDLE-FULLURL-MISSING", "Bundle.entry[0]") in errors(bundle(kind, one))
        assert wrong == (kind not in ("transaction", "transaction-response", "batch", "batch-response"))

    @pytest.mark.parametrize(
        ("kind", "wrong"),
        [("transaction", True), ("batch", True), ("transaction-response", False), ("batch-response", False)],
    )
    def test_needed_by_an_entry_that_refers_to_others(self, kind: str, wrong: bool) -> None:
        one = {"resource": {"resourceType": "Observation", "subject": reference("Patient/1")}}
        assert (("FHIR-BUNDLE-FULLURL-MISSING", "Bundle.entry[0]") in errors(bundle(kind, one))) == wrong

    def test_not_by_one_that_refers_to_what_it_contains(self) -> None:
        one = {"resource": {"resourceType": "Observation", "subject": reference("#p")}}
        assert ("FHIR-BUNDLE-FULLURL-MISSING", "Bundle.entry[0]") not in errors(bundle("transaction", one))

    @pytest.mark.parametrize("value", ["", None, 3, []])
    def test_a_value_that_is_none_is_the_walks(self, value: object) -> None:
        assert errors(bundle("collection", {"fullUrl": value, "resource": {"resourceType": "Patient"}})) == []


class TestFullUrlIsAbsolute:
    @pytest.mark.parametrize("url", ["Patient/1", "/Patient/1", "example.org/Patient/1", "1"])
    def test_anything_relative_is_refused(self, url: str) -> None:
        assert errors(bundle("collection", entry("Patient", full_url=url))) == [
            ("FHIR-BUNDLE-FULLURL", "Bundle.entry[0]")
        ]

    @pytest.mark.parametrize("url", [ONE, "urn:oid:1.2.3", f"{ROOT}/Patient/1", "http://nothing/nothing", "uin:x:y"])
    def test_any_absolute_address_will_do(self, url: str) -> None:
        assert errors(bundle("collection", entry("Patient", full_url=url))) == []

    def test_each_entry_is_named_at_its_place(self) -> None:
        wrong = bundle("collection", entry("Patient"), entry("Patient", full_url="Patient/2"))
        assert found(wrong, "Bundle.entry[7].resource") == [
            ("FHIR-BUNDLE-FULLURL", "Bundle.entry[7].resource.entry[1]")
        ]


class TestFullUrlAgrees:
    WRONG = ("FHIR-BUNDLE-FULLURL-ID", "Bundle.entry[0]")

    def test_another_id(self) -> None:
        assert errors(bundle("collection", entry("Patient", "2", f"{ROOT}/Patient/1"))) == [self.WRONG]

    def test_another_type(self) -> None:
        assert errors(bundle("collection", entry("Device", "1", f"{ROOT}/Patient/1"))) == [self.WRONG]

    def test_no_id(self) -> None:
        one = {"fullUrl": f"{ROOT}/Patient/1", "resource": {"resourceType": "Patient"}}
        assert errors(bundle("collection", one)) == [self.WRONG]

    def test_not_judged_without_resource(self) -> None:
        one = {"fullUrl": f"{ROOT}/Patient/1", "request": {"method": "DELETE", "url": "Patient/1"}}
        assert errors(bundle("transaction", one)) == []

    def test_not_judged_when_the_address_is_not_of_a_resource_type(self) -> None:
        assert errors(bundle("collection", entry("Patient", "2", f"{ROOT}/Nothing/1"))) == []

    def test_a_uuid_agrees_with_any_id(self) -> None:
        assert errors(bundle("collection", entry("Patient", "p1", ONE))) == []

    def test_a_canonical_is_no_full_url(self) -> None:
        url = "http://example.org/questions"
        assert errors(bundle("collection", entry("Questionnaire", "q", url, url=url))) == [
            ("FHIR-BUNDLE-FULLURL-CANONICAL", "Bundle.entry[0]")
        ]

    @pytest.mark.parametrize(
        ("full_url", "url"),
        [
            (f"{ROOT}/Questionnaire/q", f"{ROOT}/Questionnaire/q"),
            ("http://example.org/questions", "http://example.org/other"),
            ("http://hl7.org/fhir/v2/0203", "http://hl7.org/fhir/v2/0203"),
        ],
    )
    def test_unless_it_ends_with_type_and_id_or_is_of_old_terminology(self, full_url: str, url: str) -> None:
        assert errors(bundle("collection", entry("Questionnaire", "q", full_url, url=url))) == []


class TestLinks:
    @staticmethod
    def links(*relations: str) -> list[Json]:
        return [{"relation": relation, "url": "http://example.org"} for relation in relations]

    @pytest.mark.parametrize("kind", ["searchset", "history"])
    @pytest.mark.parametrize("relation", ["self", "first", "previous", "next", "last"])
    def test_pages_once(self, kind: str, relation: str) -> None:
        assert errors(bundle(kind, link=self.links(relation, "other", relation))) == [
            ("FHIR-BUNDLE-LINK-DUPLICATE", "Bundle.link[2]")
        ]

    def test_each_repetition_is_said(self) -> None:
        wrong = errors(bundle("searchset", link=self.links("self", "self", "self")))
        assert [place for _, place in wrong] == ["Bundle.link[1]", "Bundle.link[2]"]

    def test_other_relations_as_often_as_wanted(self) -> None:
        assert errors(bundle("searchset", link=self.links("self", "next", "alternate", "alternate"))) == []

    @pytest.mark.parametrize("relation", ["first", "previous", "next", "last"])
    def test_no_pages_elsewhere(self, relation: str) -> None:
        assert errors(bundle("collection", link=self.links("self", relation))) == [
            ("FHIR-BUNDLE-LINK-PAGING", "Bundle.link[1].relation")
        ]

    def test_self_once_everywhere(self) -> None:
        assert errors(bundle("collection", link=self.links("self", "self"))) == [
            ("FHIR-BUNDLE-LINK-DUPLICATE", "Bundle.link[1]")
        ]

    @pytest.mark.parametrize("link", [None, {}, "x", [None], [{}], [{"relation": 3, "url": []}]])
    def test_malformed_links_are_the_walks(self, link: object) -> None:
        assert errors(bundle("collection", link=link)) == []


class TestCatalogue:
    def test_the_area_is_registered(self) -> None:
        assert {row.id for row in RULES} <= catalogue().keys()

    def test_every_row_speaks_both_languages_with_the_same_parameters(self) -> None:
        for row in RULES:
            assert row.fr != row.en, row.id
            for name in ("found", "expected", "base", "method", "element"):
                assert ("{" + name + "}" in row.fr) == ("{" + name + "}" in row.en), (row.id, name)
