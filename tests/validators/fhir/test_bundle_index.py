"""The index of a Bundle: what a reference leads to, by the resolution rules of R4."""

from __future__ import annotations

import pytest

from tests.validators.fhir.bundle_support import ROOT, UUID, bundle, entry
from validators.fhir.bundle import BundleIndex
from validators.fhir.bundle.index import is_absolute, quoted, restful, root_of, same_url

ONE, TWO = UUID.format(1), UUID.format(2)


def index(*entries: dict[str, object], kind: str = "collection") -> BundleIndex:
    return BundleIndex(bundle(kind, *entries))


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        ["http://a", "https://a/b", "urn:uuid:1", "urn:oid:1.2", "uin:uuid:x", "ftp://a", "mailto:a@b.fr"],
    )
    def test_absolute(self, url: str) -> None:
        assert is_absolute(url)

    @pytest.mark.parametrize("url", ["", "Patient/1", "http:", "HTTP://a", "http://a b", ":x", "#a", "1a:b", "a/b:c"])
    def test_not_absolute(self, url: str) -> None:
        assert not is_absolute(url)

    @pytest.mark.parametrize(
        ("url", "parts"),
        [
            ("http://a/Patient/1", ("http://a/", "Patient", "1")),
            ("https://a.b:8080/x/y_z/Patient/1-2.3", ("https://a.b:8080/x/y_z/", "Patient", "1-2.3")),
            ("http://a/Patient/1/_history/2", ("http://a/", "Patient", "1")),
            ("Patient/1", ("", "Patient", "1")),
        ],
    )
    def test_restful(self, url: str, parts: tuple[str, str, str]) -> None:
        assert restful(url) == parts

    @pytest.mark.parametrize(
        "url",
        ["http://nothing/nothing", "http://Patient/1", "urn:uuid:1", "http://a/Patient", "http://a/Patient/a_b",
         "http://a/Patient/1?x=1", "http://a/Patient/1#b", "ftp://a/Patient/1", "/Patient/1",
         "http://a/Patient/" + "1" * 65],
    )  # fmt: skip
    def test_not_restful(self, url: str) -> None:
        assert restful(url) is None

    def test_the_root_is_what_comes_before_type_and_id(self) -> None:
        assert root_of("http://a/b/Patient/1") == "http://a/b/"
        assert root_of("urn:uuid:1") is None
        assert root_of(None) is None

    def test_a_uuid_is_the_same_in_both_cases_another_urn_is_not(self) -> None:
        assert same_url("urn:uuid:0C3A") == same_url("URN:UUID:0c3a")
        assert same_url("urn:oid:A") != same_url("urn:oid:a")

    def test_a_query_is_never_repeated(self) -> None:
        assert quoted("Patient?identifier=1660180000000") == "Patient?…"
        assert quoted("Patient/1") == "Patient/1"


class TestAbsolute:
    def test_by_full_url(self) -> None:
        found = index(entry("Patient"), entry("Device"))
        assert found.find(f"{ROOT}/Device/1", None) == [1]
        assert found.resolve(f"{ROOT}/Patient/1", None) == {"resourceType": "Patient", "id": "1"}

    def test_by_uuid_whatever_its_case(self) -> None:
        assert index(entry("Patient", full_url=ONE)).find(ONE.upper().replace("URN:UUID", "urn:uuid"), None) == [0]

    def test_a_fragment_is_left_out(self) -> None:
        assert index(entry("Patient", full_url=ONE)).find(f"{ONE}#a", None) == [0]

    def test_another_server_is_not_this_one(self) -> None:
        assert index(entry("Patient")).resolve("http://other.org/Patient/1", None) is None

    def test_type_and_id_alone_do_not_make_an_absolute_reference_match(self) -> None:
        assert index(entry("Patient", full_url=ONE)).resolve(f"{ROOT}/Patient/1", ONE) is None


class TestRelative:
    def test_appended_to_the_root_of_the_entry(self) -> None:
        assert index(entry("Patient")).find("Patient/1", f"{ROOT}/Observation/o") == [0]

    def test_of_another_root(self) -> None:
        assert index(entry("Patient")).resolve("Patient/1", "http://other.org/Observation/o") is None

    @pytest.mark.parametrize("base", [ONE, None, "", "http://nothing/nothing"])
    def test_leads_nowhere_from_an_entry_without_root(self, base: str | None) -> None:
        assert index(entry("Patient"), entry("Patient", full_url=ONE)).resolve("Patient/1", base) is None

    def test_between_relative_full_urls(self) -> None:
        assert index(entry("Patient", full_url="Patient/1")).find("Patient/1", "Composition/1") == [0]

    def test_a_target_without_id_answers_to_its_full_url(self) -> None:
        target = {"fullUrl": f"{ROOT}/Patient/1", "resource": {"resourceType": "Patient"}}
        assert index(target).find("Patient/1", f"{ROOT}/Observation/o") == [0]

    @pytest.mark.parametrize("text", ["", "#", "#a", "Patient", "Patient/2", "patient/1", "/Patient/1"])
    def test_other_texts_lead_nowhere(self, text: str) -> None:
        assert index(entry("Patient")).resolve(text, f"{ROOT}/Observation/o") is None


class TestVersions:
    FIRST = entry("Patient", meta={"versionId": "1"})
    SECOND = entry("Patient", meta={"versionId": "2"})

    def test_relative_and_absolute(self) -> None:
        found = index(self.FIRST, self.SECOND)
        assert found.find("Patient/1/_history/2", f"{ROOT}/Observation/o") == [1]
        assert found.find(f"{ROOT}/Patient/1/_history/1", None) == [0]

    def test_a_version_that_is_not_there(self) -> None:
        assert index(self.FIRST, self.SECOND).find("Patient/1/_history/3", f"{ROOT}/Observation/o") == ()

    def test_a_target_without_version(self) -> None:
        assert index(entry("Patient")).find(f"{ROOT}/Patient/1/_history/1", None) == ()

    def test_without_version_both_match_and_neither_is_chosen(self) -> None:
        found = index(self.FIRST, self.SECOND)
        assert found.find(f"{ROOT}/Patient/1", None) == [0, 1]
        assert found.resolve(f"{ROOT}/Patient/1", None) is None


class TestNames:
    def test_type_and_id_whatever_the_full_url(self) -> None:
        found = index(entry("Patient", full_url=ONE), entry("Patient", full_url=TWO))
        assert found.named("Patient/1") == [0, 1]
        assert found.named("Patient/1/_history/4#x") == [0, 1]
        assert found.named("Patient/2") == ()


class TestLeniency:
    @pytest.mark.parametrize("entries", [None, {}, "x", [None, 1, "x", []], [{"resource": []}], [{"fullUrl": 3}]])
    def test_malformed_entries_are_counted_and_match_nothing(self, entries: object) -> None:
        found = BundleIndex({"resourceType": "Bundle", "entry": entries})
        assert len(found.entries) == (len(entries) if isinstance(entries, list) else 0)
        assert found.resolve("Patient/1", f"{ROOT}/Patient/1") is None
        assert found.type == ""

    def test_an_entry_without_resource_is_nobodys_target(self) -> None:
        assert index({"fullUrl": f"{ROOT}/Patient/1"}).find(f"{ROOT}/Patient/1", None) == ()

    def test_values_of_other_types_are_absent(self) -> None:
        read = index({"fullUrl": 1, "resource": {"resourceType": 2, "id": 3, "meta": {"versionId": 4}}}).entries[0]
        assert (read.full_url, read.type, read.id, read.version) == (None, "", None, None)
        assert index({"resource": {"meta": []}}).entries[0].version is None
