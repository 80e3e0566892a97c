"""Search criteria: what is understood, and what is refused instead of ignored."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.indexing.parameters import parameters_of
from fhir_server.fhir.search.criteria import criteria, criterion
from fhir_server.fhir.search.operands import Malformed, micros, plain, split, token
from fhir_server.fhir.search.query import MOST, Include, Query, parse_search
from fhir_server.store.criteria import Criterion
from fhir_server.store.search import Sort
from validators.fhir import load_definitions

PATIENT = ("patient.identifier", "urn:oid:1.2|123")
STATUS = ("status", "current")


def parse(*items: tuple[str, str], kind: str = "DocumentReference", lenient: bool = False) -> Query:
    return parse_search(kind, [PATIENT, STATUS, *items] if kind == "DocumentReference" else items, lenient=lenient)


def refusal(*items: tuple[str, str], kind: str = "DocumentReference") -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(*items, kind=kind)
    assert caught.value.status == 400
    return caught.value


def status_of(*items: tuple[str, str]) -> int:
    """The status a search would get; any other exception is an accident."""
    try:
        parse(*items)
    except Refusal as found:
        return found.status
    return 200


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


class TestSplitting:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [("a,b", ["a", "b"]), (r"a\,b,c", ["a,b", "c"]), ("", [""]), (",", ["", ""]), (r"a\\,b", ["a\\\\", "b"]),
         ("a\\", ["a\\"])],
    )  # fmt: skip
    def test_minds_the_backslash(self, text: str, parts: list[str]) -> None:
        assert [plain(part) for part in split(text, ",")] == [plain(part) if "\\\\" in part else part for part in parts]

    @given(st.lists(st.text(alphabet="ab,|$", max_size=4), min_size=1, max_size=4))
    def test_gives_back_what_was_escaped(self, values: list[str]) -> None:
        written = ",".join(value.replace(",", r"\,").replace("|", r"\|").replace("$", r"\$") for value in values)
        assert [plain(part) for part in split(written, ",")] == values


class TestTokens:
    @pytest.mark.parametrize(
        ("value", "tokens"),
        [("current", ((None, "current"),)), ("http://x|a", (("http://x", "a"),)), ("|a", (("", "a"),)),
         ("a,http://x|b", ((None, "a"), ("http://x", "b"))), (r"a\|b\,c", ((None, "a|b,c"),))],
    )  # fmt: skip
    def test_may_name_their_system(self, value: str, tokens: tuple[tuple[str | None, str], ...]) -> None:
        assert Criterion("type", tokens) in parse(("type", value)).criteria

    @pytest.mark.parametrize("value", ["", "http://x|", ",", "a,", "a|b|c"])
    def test_without_a_code_are_refused(self, value: str) -> None:
        assert refusal(("type", value)).rule_id == "SEARCH-PARAMETER"

    def test_given_twice_must_both_hold(self) -> None:
        assert len([one for one in parse(("type", "a"), ("type", "b")).criteria if one.param == "type"]) == 2

    def test_of_a_list_of_mhd_go_by_http_and_https(self) -> None:
        for scheme in ("http", "https"):
            [found] = criteria(
                "List", [("code", f"{scheme}://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes|folder")]
            )
            assert {system for system, _ in found.tokens} == {
                f"{one}://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes" for one in ("http", "https")
            }

    def test_of_a_status_need_no_system(self) -> None:
        assert criterion("List", "status", "http://hl7.org/fhir/list-status|current").tokens == ((None, "current"),)

    def test_of_the_patient_are_kept_beside_the_document(self) -> None:
        assert criterion("DocumentReference", *PATIENT) == Criterion("patient.identifier", (("urn:oid:1.2", "123"),))

    @given(st.text(max_size=20))
    def test_of_any_text_are_read_or_refused(self, text: str) -> None:
        try:
            system, code = token(text)
        except Malformed:
            return
        assert code
        assert system is None or "|" in text


class TestReferences:
    @pytest.mark.parametrize(
        ("name", "value", "found"),
        [("patient", "7", "Patient/7"), ("patient", "Patient/7", "Patient/7"),
         ("patient", "http://h/fhir/Patient/7", "Patient/7"),
         ("patient", "Patient/7/_history/2", "Patient/7"), ("subject:Patient", "7", "Patient/7"),
         ("patient", "https://elsewhere/Patient/7", "https://elsewhere/Patient/7"),
         ("patient", "urn:uuid:1", "urn:uuid:1")],
    )  # fmt: skip
    def test_to_us_are_relative(self, name: str, value: str, found: str) -> None:
        assert criterion("DocumentReference", name, value, "http://h/fhir").tokens == ((None, found),)

    def test_without_a_type_may_lead_to_any_of_its_types(self) -> None:
        found = {value for _, value in criterion("DocumentReference", "author", "7").tokens}
        assert {"Practitioner/7", "Organization/7"} <= found

    @pytest.mark.parametrize(("name", "value"), [("patient", "Patient/"), ("patient", " "), ("related", "7")])
    def test_that_lead_nowhere_are_refused(self, name: str, value: str) -> None:
        with pytest.raises(Refusal):
            criterion("DocumentReference", name, value)


class TestDates:
    @pytest.mark.parametrize(
        ("value", "low", "high"),
        [("2026", at(2025, 12, 31, 23), at(2026, 12, 31, 23)), ("2026-02", at(2026, 1, 31, 23), at(2026, 2, 28, 23)),
         ("eq2026-02-28", at(2026, 2, 27, 23), at(2026, 2, 28, 23)),
         ("2026-02-28T12:00:00+01:00", at(2026, 2, 28, 11), at(2026, 2, 28, 11, 0, 1)),
         ("ge2026-02-28T12:00:00 01:00", at(2026, 2, 28, 11), at(2026, 2, 28, 11, 0, 1))],
    )  # fmt: skip
    def test_stand_for_their_whole_period_in_paris(self, value: str, low: int, high: int) -> None:
        assert micros(value)[1] == (low, high)

    @pytest.mark.parametrize("prefix", ["eq", "gt", "ge", "lt", "le", "sa", "eb", "ap"])
    def test_bound_the_date_documents_are_sorted_by(self, prefix: str) -> None:
        low, high = criterion("DocumentReference", "date", f"{prefix}2026-02").dates
        assert (low is None) == (prefix in ("lt", "le", "eb"))
        assert (high is None) == (prefix in ("gt", "ge", "sa"))

    @pytest.mark.parametrize("value", ["ne2026", "2026-01,2026-02"])
    def test_that_are_no_one_range_bound_nothing(self, value: str) -> None:
        assert criterion("DocumentReference", "date", value).dates == (None, None)

    @pytest.mark.parametrize("value", ["2026-13", "yesterday", "xx2026", "ge", "2026-02-30", "20260228"])
    def test_that_are_none_are_refused(self, value: str) -> None:
        assert "YYYY" in str(refusal(("date", value)).params["known"])

    @given(st.text(max_size=25))
    def test_of_any_text_are_read_or_refused(self, value: str) -> None:
        assert status_of(("date", value)) in (200, 400)


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["colour", "type:sounds-like", "type:above", "patient.colour", "patient:Device.name", "status.code",
         "author.name:x",
         "_has", "_has:DocumentReference:patient", "_has:Nothing:patient:type", "_has:DocumentReference:type:type",
         "description:not", "date:exact", "_id:missing", "_text", "_filter", "", "Patient", "related.status",
         "identifier:of"],
    )  # fmt: skip
    def test_that_are_not_known_are_refused_and_told(self, name: str) -> None:
        found = refusal((name, "1"))
        assert (found.rule_id, found.params["name"]) == ("SEARCH-PARAMETER", name)

    @pytest.mark.parametrize("name", ["colour", "type:sounds-like", "patient.colour", "_has:Nothing:patient:type"])
    def test_that_are_not_known_are_left_out_where_asked(self, name: str) -> None:
        found = parse((name, "1"), ("type", "1"), lenient=True)
        assert (found.ignored, [one for one, _ in found.items]) == ([name], ["patient.identifier", "status", "type"])

    def test_that_are_known_with_a_wrong_value_are_refused_all_the_same(self) -> None:
        with pytest.raises(Refusal):
            parse(("date", "soon"), lenient=True)

    @pytest.mark.parametrize(
        "items",
        [[("type", "1")] * 60, [("type", ",".join("a" * 201))], [("type", "a\0")], [("patient.name", "\0")],
         [("location:above", "/" * 50)]],
    )  # fmt: skip
    def test_and_values_have_limits(self, items: list[tuple[str, str]]) -> None:
        assert refusal(*items).rule_id == "SEARCH-PARAMETER"

    def test_of_a_chain_may_go_on(self) -> None:
        found = criterion("DocumentReference", "encounter.subject:Patient.name:exact", "Roux")
        assert (found.test, found.types, found.inner[0].types) == ("linked", ("Encounter",), ("Patient",))
        assert found.inner[0].inner == (Criterion("name", (("Roux", "roux"),)),)

    def test_of_a_chain_go_to_every_type_that_knows_them(self) -> None:
        found = criterion("DocumentReference", "author.name", "Roux")
        kinds = {one.types[0] for one in found.inner}
        assert found.test == "either"
        assert {"Practitioner", "Organization"} <= kinds
        assert "PractitionerRole" not in kinds

    def test_of_a_chain_end_somewhere(self) -> None:
        chain = "relatesto:DocumentReference." * 5 + "status"
        assert refusal((chain, "current")).rule_id == "SEARCH-PARAMETER"
        assert criterion("DocumentReference", "relatesto:DocumentReference." * 3 + "status", "current")

    @given(st.text(max_size=12), st.text(max_size=12))
    def test_and_values_of_any_kind_are_read_or_refused(self, name: str, value: str) -> None:
        assert status_of((name, value)) in (200, 400)

    def test_cross_to_the_writer_as_they_are(self) -> None:
        asked = [("relatesto.type", "1"), ("date", "ge2026"), ("_has:DocumentReference:relatesto:type", "a,b|c")]
        found = criteria("DocumentReference", asked)
        packed = msgspec.msgpack.encode(found)
        assert msgspec.msgpack.decode(packed, type=tuple[Criterion, ...]) == found


VALUES = {
    "token": ("x|1", "x|2"), "reference": ("Patient/1", "Patient/2"), "date": ("ge2020", "lt2020"),
    "string": ("x", "y"), "uri": ("urn:x", "urn:y"), "number": ("1", "2"), "quantity": ("1||mg", "1||g"),
}  # fmt: skip
"""Two values of each kind of parameter."""


@pytest.mark.parametrize("kind", sorted(load_definitions().resource_types))
def test_every_parameter_of_a_type_is_read_and_sorted_by(kind: str) -> None:
    known = parameters_of(kind)
    for name, what in known.items():
        parts = [VALUES[known[one].kind] for one in what.components] or [VALUES[what.kind]]
        one, other = ("$".join(values) for values in zip(*parts, strict=True))
        assert criterion(kind, name, one) != criterion(kind, name, other)
        if not what.components:
            assert parse_search(kind, [("_sort", f"-{name}"), ("_id", "x")]).order[0].descending


class TestControls:
    def test_count_is_bounded(self) -> None:
        assert [parse(("_count", text)).count for text in ("7", "0", "9999999", "9" * 30)] == [7, 0, MOST, MOST]

    @pytest.mark.parametrize(
        "item",
        [("_count", "many"), ("_count", "-1"), ("_count", "²"), ("_sort", "colour"), ("_sort", ""),
         ("_sort", "relationship"),
         ("_total", "some"), ("_summary", "yes"), ("_elements", ""), ("_elements", "a,,b"), ("_contained", "true"),
         ("_include", "DocumentReference"), ("_include", "DocumentReference:type"), ("_include", "Nothing:subject"),
         ("_include:often", "DocumentReference:subject"), ("_revinclude", "*"), ("_revinclude", "List:*"),
         ("_include", "DocumentReference:subject:Patient:x")],
    )  # fmt: skip
    def test_of_another_kind_are_refused(self, item: tuple[str, str]) -> None:
        assert refusal(item).rule_id == "SEARCH-PARAMETER"

    def test_sort_by_several(self) -> None:
        found = parse(("_sort", "-date,type,_id,-_lastUpdated")).order
        assert found == (Sort("", True), Sort("type"), Sort("_id"), Sort("_lastUpdated", True))

    def test_include_both_ways(self) -> None:
        found = parse(
            ("_include", "DocumentReference:subject:Patient"), ("_include:iterate", "Patient:general-practitioner"),
            ("_include", "*"), ("_include", "DocumentReference:*"), ("_revinclude", "List:item"),
        ).includes  # fmt: skip
        assert found == [
            Include("DocumentReference", "subject", "Patient"), Include("Patient", "general-practitioner", again=True),
            Include("", ""), Include("DocumentReference", ""), Include("List", "item", reverse=True),
        ]  # fmt: skip


class TestWhatMhdAsksFor:
    @pytest.mark.parametrize(
        "items",
        [
            [STATUS],
            [PATIENT],
            [("patient", "1")],
            [],
            [STATUS, ("type", "a")],
            [("type", "a")],
            [("patient:missing", "false")],
        ],
    )
    def test_is_asked_for(self, items: list[tuple[str, str]]) -> None:
        with pytest.raises(Refusal) as caught:
            parse_search("DocumentReference", items)
        assert caught.value.rule_id == "SEARCH-REQUIRED"

    @pytest.mark.parametrize(
        "items",
        [[PATIENT, STATUS], [("date", "2026")], [("identifier", "x")], [PATIENT, ("identifier", "x")], [("_id", "x")],
         [("patient.birthdate", "1950")], [("_lastUpdated", "gt2026")], [("_has:List:item:status", "current")],
         [("status", "current"), ("date", "ge2026")]],
    )  # fmt: skip
    def test_is_not_asked_for_where_something_else_says_which(self, items: list[tuple[str, str]]) -> None:
        assert parse_search("DocumentReference", items).criteria

    @pytest.mark.parametrize("kind", ["List", "Patient", "Encounter", "Organization"])
    def test_is_of_documents_alone(self, kind: str) -> None:
        assert parse_search(kind, []).criteria == []
