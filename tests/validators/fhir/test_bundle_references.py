"""References: their form anywhere, where they lead inside a Bundle."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.bundle_support import ROOT, UUID, Json, bundle, checked, entry, errors, found, reference
from validators.fhir.bundle import BundleIndex, Link, check_bundle, check_reference
from validators.fhir.context import Context
from validators.fhir.definitions import load
from validators.messages import render
from validators.report import Report

ONE, TWO = UUID.format(1), UUID.format(2)
PLACE = "Bundle.entry[0].resource.subject"


def form(text: object, **more: Any) -> list[str]:
    report = Report()
    check_reference({"reference": text, **more}, "Observation.subject", Context(load(), report))
    return [issue.rule for issue in report]


def observation(text: str, full_url: str | None = None, **more: Any) -> Json:
    return entry("Observation", "o", full_url, subject=reference(text, **more))


class TestForm:
    @pytest.mark.parametrize(
        "text",
        ["Patient/1", "#p", "http://a/Patient/1", "urn:uuid:1", "Patient?identifier=http://a|1", "Patient?a=1&b=",
         "Patient?_lastUpdated=ge2024&name:exact=x&general-practitioner=1", "Other?x", "", None, 3, []],
    )  # fmt: skip
    def test_good_or_not_ours(self, text: object) -> None:
        assert form(text) == []

    @pytest.mark.parametrize("text", ["Patient/ 1", " Patient/1", "Patient/1\n", "http://a/b c"])
    def test_no_blank(self, text: str) -> None:
        assert form(text) == ["FHIR-REFERENCE-FORMAT"]

    @pytest.mark.parametrize("text", ["Device?identifier=1&?==", "Device?", "Device?x", "Device?=1", "Device?a=1&"])
    def test_a_search_is_well_formed(self, text: str) -> None:
        assert form(text) == ["FHIR-REFERENCE-QUERY"]

    def test_a_search_is_never_repeated(self) -> None:
        report = Report()
        check_reference(reference("Patient?1660180000000"), "X", Context(load(), report))
        assert all("1660" not in render(issue, lang) for issue in report for lang in ("fr", "en"))

    @pytest.mark.parametrize(
        ("text", "declared"),
        [("Patient/1", "Patient"), ("Patient/1", "http://hl7.org/fhir/StructureDefinition/Patient"),
         ("urn:uuid:1", "Patient"), ("http://a/b", "Patient"), ("Patient/1", 3), ("Patient?a=b", "Patient")],
    )  # fmt: skip
    def test_the_declared_type_may_be_right_or_unverifiable(self, text: str, declared: object) -> None:
        assert form(text, type=declared) == []

    @pytest.mark.parametrize(("text", "declared"), [("Patient/1", "Group"), ("Patient/1", "patient")])
    def test_the_declared_type_is_the_one_of_the_text(self, text: str, declared: str) -> None:
        assert form(text, type=declared) == ["FHIR-REFERENCE-DECLARED"]

    def test_the_declared_type_is_the_one_of_the_target(self) -> None:
        patient = entry("Patient", full_url=TWO)
        assert errors(bundle("collection", observation(TWO, ONE, type="Group"), patient)) == [
            ("FHIR-REFERENCE-DECLARED", PLACE)
        ]
        assert errors(bundle("collection", observation(TWO, ONE, type="Patient"), patient)) == []


class TestRelative:
    @pytest.mark.parametrize("text", ["Patient", "Patient/1/2", "a/b/c/d/e", "Patient?name=x", "/Patient/1"])
    def test_type_and_id(self, text: str) -> None:
        assert errors(bundle("collection", observation(text))) == [("FHIR-REFERENCE-RELATIVE", PLACE)]

    @pytest.mark.parametrize("kind", ["transaction", "batch"])
    def test_a_transaction_may_search(self, kind: str) -> None:
        one = observation("Patient?identifier=x") | {"request": {"method": "POST", "url": "Observation"}}
        assert errors(bundle(kind, one)) == []

    @pytest.mark.parametrize("text", ["Patient", "Nothing?a=b"])
    def test_but_not_anything(self, text: str) -> None:
        one = observation(text) | {"request": {"method": "POST", "url": "Observation"}}
        assert errors(bundle("transaction", one)) == [("FHIR-REFERENCE-RELATIVE", PLACE)]

    @pytest.mark.parametrize("text", ["Patient/9", "Patient/9/_history/1", "#p", "Patient/9#a/b"])
    def test_elsewhere_is_fine(self, text: str) -> None:
        assert found(bundle("collection", observation(text))) == []

    def test_a_blank_is_said_once(self) -> None:
        assert errors(bundle("collection", observation("Pat ient"))) == [("FHIR-REFERENCE-FORMAT", PLACE)]

    def test_without_full_url_the_entry_is_the_cause(self) -> None:
        one = {"resource": {"resourceType": "Observation", "subject": reference("Patient/1")}}
        assert errors(bundle("collection", one)) == [("FHIR-BUNDLE-FULLURL-MISSING", "Bundle.entry[0]")]


class TestAmbiguous:
    VERSIONS = (entry("Patient", meta={"versionId": "1"}), entry("Patient", meta={"versionId": "2"}))

    @pytest.mark.parametrize("text", ["Patient/1", f"{ROOT}/Patient/1"])
    def test_two_versions_and_no_choice(self, text: str) -> None:
        issues = checked(bundle("collection", observation(text), *self.VERSIONS))
        assert [(issue.rule, issue.location) for issue in issues] == [("FHIR-REFERENCE-AMBIGUOUS", PLACE)]
        assert issues[0].params["expected"] == "Bundle.entry[1], Bundle.entry[2]"

    def test_the_version_chooses(self) -> None:
        assert found(bundle("collection", observation("Patient/1/_history/2"), *self.VERSIONS)) == []

    def test_a_history_holds_every_version(self) -> None:
        wrong = found(bundle("history", observation("Patient/1"), *self.VERSIONS))
        assert ("FHIR-REFERENCE-AMBIGUOUS", PLACE) not in wrong

    def test_many_are_not_all_listed(self) -> None:
        versions = [entry("Patient", meta={"versionId": str(n)}) for n in range(9)]
        (issue,) = checked(bundle("collection", observation("Patient/1"), *versions))
        assert str(issue.params["expected"]).endswith("Bundle.entry[5]…")


class TestElsewhere:
    def test_a_urn_leads_nowhere_else(self) -> None:
        whole = bundle("collection", observation("urn:uuid:9"))
        assert found(whole) == [("FHIR-REFERENCE-LOCAL", PLACE)]
        assert errors(whole) == []

    @pytest.mark.parametrize("text", ["http://other.org/Patient/1", "Patient/2"])
    def test_an_address_may(self, text: str) -> None:
        assert found(bundle("collection", observation(text))) == []

    def test_a_relative_reference_cannot_leave_a_uuid(self) -> None:
        """The usual mistake: urn:uuid fullUrls and Type/id references. Said everywhere, refused in documents."""
        whole = bundle("collection", observation("Patient/1", ONE), entry("Patient", full_url=TWO))
        assert found(whole) == [("FHIR-REFERENCE-APPARENT-ELSEWHERE", PLACE)]
        assert errors(whole) == []

    def test_nor_reach_a_uuid(self) -> None:
        assert found(bundle("collection", observation("Patient/1"), entry("Patient", full_url=TWO))) == [
            ("FHIR-REFERENCE-APPARENT-ELSEWHERE", PLACE)
        ]

    def test_nor_another_server(self) -> None:
        there = entry("Patient", full_url="http://other.org/Patient/1")
        assert found(bundle("collection", observation("Patient/1"), there)) == [
            ("FHIR-REFERENCE-APPARENT-ELSEWHERE", PLACE)
        ]

    @pytest.mark.parametrize("kind", ["document", "message"])
    def test_refused_where_everything_hangs_together(self, kind: str) -> None:
        first = entry({"document": "Composition", "message": "MessageHeader"}[kind], "c", focus=[reference(ONE)],
                      section=[{"entry": [reference(ONE)]}])  # fmt: skip
        whole = bundle(kind, first, observation("Patient/1", ONE), entry("Patient", full_url=TWO))
        assert ("FHIR-REFERENCE-APPARENT", "Bundle.entry[1].resource.subject") in errors(whole)


class TestLinksFromTheWalk:
    @pytest.mark.parametrize("number", [-1, 1, 99])
    def test_a_reference_outside_the_entries_is_not_judged(self, number: int) -> None:
        report, whole = Report(), bundle("collection", entry("Patient"))
        links = [Link(number, "Bundle.signature.who", "Patient")]
        check_bundle(whole, "Bundle", Context(load(), report), links, BundleIndex(whole))
        assert list(report) == []

    def test_an_empty_reference_is_the_walks(self) -> None:
        assert found(bundle("collection", observation(""))) == []
