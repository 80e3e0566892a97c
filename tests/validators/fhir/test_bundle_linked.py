"""Documents and messages: the first entry brings along what it cites, and every entry hangs together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.bundle_support import ROOT, UUID, Json, bundle, entry, errors, found, reference

ONE, TWO = UUID.format(1), UUID.format(2)
COMPOSITION = "Bundle.entry[0].resource"


def composition(*targets: str, **more: Any) -> Json:
    """A Composition that refers to these from one section."""
    section = [{"entry": [reference(target) for target in targets]}] if targets else []
    return entry("Composition", "c", section=section, **more)


def document(*entries: Json, **more: Any) -> Json:
    return bundle("document", *entries, **more)


class TestFirst:
    @pytest.mark.parametrize(("kind", "constraint"), [("document", "bdl-11"), ("message", "bdl-12")])
    def test_no_entry_at_all(self, kind: str, constraint: str) -> None:
        assert errors(bundle(kind)) == [(constraint, "Bundle"), ("FHIR-BUNDLE-FIRST", "Bundle")]

    def test_no_resource_in_the_first(self) -> None:
        whole = document({"fullUrl": ONE, "resource": None}, composition())
        assert ("FHIR-BUNDLE-FIRST", "Bundle.entry[0]") in errors(whole)

    def test_the_smallest_document_and_message(self) -> None:
        assert found(document(composition())) == []
        assert found(bundle("message", entry("MessageHeader"))) == []


class TestContent:
    """documents.html#content: what the Composition refers to is in the Bundle."""

    @pytest.mark.parametrize(
        ("content", "place"),
        [
            ({"subject": reference("Patient/9")}, "subject"),
            ({"author": [{"display": "x"}, reference("Patient/9")]}, "author[1]"),
            ({"encounter": reference("Encounter/9")}, "encounter"),
            ({"custodian": reference("Organization/9")}, "custodian"),
            ({"attester": [{"party": reference("Patient/9")}]}, "attester[0].party"),
            ({"event": [{"detail": [reference("Procedure/9")]}]}, "event[0].detail[0]"),
            ({"section": [{"author": [reference("Patient/9")]}]}, "section[0].author[0]"),
            ({"section": [{"focus": reference("Patient/9")}]}, "section[0].focus"),
            ({"section": [{"entry": [reference("Patient/9")]}]}, "section[0].entry[0]"),
            ({"section": [{"section": [{"entry": [reference("Patient/9")]}]}]}, "section[0].section[0].entry[0]"),
        ],
    )
    def test_what_has_to_be_there(self, content: Json, place: str) -> None:
        whole = document(entry("Composition", "c", **content))
        assert errors(whole) == [("FHIR-BUNDLE-REFERENCE", f"{COMPOSITION}.{place}")]

    @pytest.mark.parametrize("text", ["urn:uuid:9", "http://other.org/Patient/9", "http://other.org/x"])
    def test_also_by_absolute_reference(self, text: str) -> None:
        whole = document(entry("Composition", "c", subject=reference(text)))
        assert found(whole) == [("FHIR-BUNDLE-REFERENCE", f"{COMPOSITION}.subject")]

    @pytest.mark.parametrize(
        "content",
        [
            {"relatesTo": [{"code": "replaces", "targetReference": reference("Composition/9")}]},
            {"extension": [{"url": "http://a", "valueReference": reference("Patient/9")}]},
            {"section": [{"entry": [reference("#p"), reference("http://a.org/ValueSet/9")]}]},
            {"subject": {"display": "x"}},
        ],
    )
    def test_what_may_be_elsewhere(self, content: Json) -> None:
        assert errors(document(entry("Composition", "c", **content))) == []

    def test_what_other_entries_cite_may_be_elsewhere(self) -> None:
        patient = entry("Patient", "p", managingOrganization=reference("Organization/9"))
        assert found(document(composition("Patient/p"), patient)) == []

    def test_the_place_may_name_the_resource(self) -> None:
        """Some places carry the resource between slashes and stars; it does not change what is asked."""
        from validators.fhir.bundle import BundleIndex, Link, check_bundle
        from validators.fhir.context import Context
        from validators.fhir.definitions import load
        from validators.report import Report

        whole, report = document(composition()), Report()
        links = [Link(0, f"{COMPOSITION}/*Composition/c*/.section[0].entry[1]", "Patient/9")]
        check_bundle(whole, "Bundle", Context(load(), report), links, BundleIndex(whole))
        assert [issue.rule for issue in report] == ["FHIR-BUNDLE-REFERENCE"]

    def test_a_message_brings_its_focus(self) -> None:
        header = entry("MessageHeader", "m", focus=[reference("Patient/9")], sender=reference("Organization/9"))
        assert errors(bundle("message", header)) == [("FHIR-BUNDLE-REFERENCE", f"{COMPOSITION}.focus[0]")]

    def test_type_and_id_do_not_make_up_for_uuids(self) -> None:
        first = entry("Composition", "c", ONE, author=[reference("Organization/666")])
        whole = document(first, entry("Organization", "666", TWO))
        assert errors(whole) == [
            ("FHIR-REFERENCE-APPARENT", f"{COMPOSITION}.author[0]"),
            ("FHIR-BUNDLE-ORPHAN", "Bundle.entry[1]"),
        ]

    def test_a_version_that_is_not_there(self) -> None:
        whole = document(composition("Patient/1/_history/3", "Patient/1/_history/1"),
                         entry("Patient", meta={"versionId": "1"}))  # fmt: skip
        assert errors(whole) == [("FHIR-REFERENCE-APPARENT", f"{COMPOSITION}.section[0].entry[0]")]

    def test_without_version_several_match(self) -> None:
        versions = [entry("Patient", meta={"versionId": version}) for version in "12"]
        whole = document(composition("Patient/1"), *versions)
        assert ("FHIR-REFERENCE-AMBIGUOUS", f"{COMPOSITION}.section[0].entry[0]") in errors(whole)


class TestReach:
    def test_by_a_chain_of_references(self) -> None:
        whole = document(
            composition("Observation/o"),
            entry("Patient", "p"),
            entry("Observation", "o", subject=reference(f"{ROOT}/Patient/p")),
        )
        assert found(whole) == []

    def test_nothing_leads_there(self) -> None:
        whole = document(composition(), entry("Patient", "p"), entry("Patient", "q"))
        assert errors(whole) == [("FHIR-BUNDLE-ORPHAN", f"Bundle.entry[{number}]") for number in (1, 2)]

    def test_an_island_is_not_reached_by_what_it_holds(self) -> None:
        whole = document(
            composition(),
            entry("Observation", "o", subject=reference("Patient/p")),
            entry("Patient", "p", link=[{"other": reference("Observation/o")}]),
        )
        assert [rule for rule, _ in errors(whole)] == ["FHIR-BUNDLE-ORPHAN"] * 2

    def test_a_reference_to_itself_is_no_link(self) -> None:
        whole = document(composition(), entry("Patient", "p", link=[{"other": reference("Patient/p")}]))
        assert errors(whole) == [("FHIR-BUNDLE-ORPHAN", "Bundle.entry[1]")]

    def test_what_points_to_the_document_is_only_doubtful(self) -> None:
        whole = document(
            composition("Patient/p"),
            entry("Patient", "p"),
            entry("Observation", "o", subject=reference("Patient/p"), device=reference("Device/d")),
            entry("Device", "d"),
        )
        assert found(whole) == [("FHIR-BUNDLE-REVERSE", "Bundle.entry[2]")]
        assert errors(whole) == []

    def test_through_several_that_point_in(self) -> None:
        whole = document(
            composition(),
            entry("Observation", "a", hasMember=[reference("Observation/b")]),
            entry("Observation", "b", focus=[reference("Composition/c")]),
        )
        assert errors(whole) == []
        assert sorted(found(whole)) == [("FHIR-BUNDLE-REVERSE", f"Bundle.entry[{number}]") for number in (1, 2)]

    def test_a_provenance_is_expected_to(self) -> None:
        assert found(document(composition(), entry("Provenance", target=[reference("Composition/c")]))) == []

    @pytest.mark.parametrize("url", ["Binary/1", f"{ROOT}/Binary/1", f"{ROOT}/Binary/1#page"])
    def test_by_a_url(self, url: str) -> None:
        content = [{"attachment": {"url": url}}]
        whole = document(
            composition("DocumentReference/d"), entry("DocumentReference", "d", content=content), entry("Binary")
        )
        assert found(whole) == []

    @pytest.mark.parametrize("key", ["system", "data", "profile"])
    def test_not_by_what_only_names(self, key: str) -> None:
        whole = document(composition(other=[{key: f"{ROOT}/Patient/p"}]), entry("Patient", "p"))
        assert errors(whole) == [("FHIR-BUNDLE-ORPHAN", "Bundle.entry[1]")]

    def test_not_by_a_bundle_inside(self) -> None:
        inner = bundle("collection", entry("Basic", other=f"{ROOT}/Patient/p"))
        whole = document(
            composition(f"{ROOT}/Bundle/b"),
            {"fullUrl": f"{ROOT}/Bundle/b", "resource": inner | {"id": "b"}},
            entry("Patient", "p"),
        )
        assert errors(whole) == [("FHIR-BUNDLE-ORPHAN", "Bundle.entry[2]")]

    def test_a_message_only_warns(self) -> None:
        whole = bundle(
            "message",
            entry("MessageHeader"),
            entry("Patient", "p"),
            entry("Observation", focus=[reference("MessageHeader/1")]),
        )
        assert found(whole) == [("FHIR-BUNDLE-ORPHAN-MESSAGE", "Bundle.entry[1]")]
        assert errors(whole) == []

    def test_an_orphan_without_full_url_is_named_by_type(self) -> None:
        whole = document(composition(), {"resource": {"resourceType": "Patient"}})
        assert ("FHIR-BUNDLE-ORPHAN", "Bundle.entry[1]") in errors(whole)


class TestStylesheets:
    @staticmethod
    def styled(url: object, *entries: Json) -> Json:
        return document(composition(), *entries, link=[{"relation": "stylesheet", "url": url}])

    def test_in_the_document(self) -> None:
        assert found(self.styled("Binary/css", entry("Binary", "css"))) == []

    def test_not_in_the_document(self) -> None:
        assert errors(self.styled("Binary/css")) == [("FHIR-BUNDLE-STYLESHEET", "Bundle.link[0].url")]

    def test_outside(self) -> None:
        whole = self.styled("http://example.org/a.css")
        assert found(whole) == [("FHIR-BUNDLE-STYLESHEET-OUTSIDE", "Bundle.link[0].url")]
        assert errors(whole) == []

    @pytest.mark.parametrize("url", ["https://hl7.org/fhir/fhir.css", None, 3])
    def test_fhirs_own_or_none(self, url: object) -> None:
        assert found(self.styled(url)) == []

    def test_several(self) -> None:
        links = [{"relation": "stylesheet", "url": f"Binary/{name}"} for name in "ab"]
        assert found(document(composition(), entry("Binary", "a"), entry("Binary", "b"), link=links)) == []


class TestNarrativeLinks:
    @staticmethod
    def linked(url: str, **target: Any) -> Json:
        extension = {"url": "http://hl7.org/fhir/StructureDefinition/narrativeLink", "valueUrl": url}
        return document(composition("Patient/p", extension=[extension]), entry("Patient", "p", **target))

    @pytest.mark.parametrize(
        "target",
        [
            {"name": [{"id": "n1"}]},
            {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><p id="n1">x</p></div>'}},
            {"text": {"div": "<div><p class='a' id='n1'>x</p></div>"}},
        ],
    )
    def test_the_fragment_is_there(self, target: Json) -> None:
        assert found(self.linked(f"{ROOT}/Patient/p#n1", **target)) == []

    def test_the_fragment_is_not_there(self) -> None:
        whole = self.linked(f"{ROOT}/Patient/p#n1", text={"div": '<div><p id="n2" title="n1">x</p></div>'})
        assert errors(whole) == [("FHIR-REFERENCE-FRAGMENT", "Bundle.entry[0]")]

    @pytest.mark.parametrize("url", ["#n1", f"{ROOT}/Patient/p", f"{ROOT}/Patient/p#", "http://other.org/x#n1"])
    def test_nothing_to_look_for_here(self, url: str) -> None:
        assert errors(self.linked(url)) == []
