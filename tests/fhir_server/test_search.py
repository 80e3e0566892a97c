"""Search criteria: what is understood, and what is refused instead of ignored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.search import MOST, Query, parse_search
from fhir_server.fhir.search_index import index_rows
from fhir_server.store.reading import Term

names = st.sampled_from(["system", "value", "coding", "code", "reference", "type", "status"])
shapes = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
PATIENT = ("patient.identifier", "urn:oid:1.2|123")


def parse(*items: tuple[str, str], kind: str = "DocumentReference", required: tuple[str, ...] = ()) -> Query:
    return parse_search(kind, [PATIENT, *items], required)


def status_of(items: list[tuple[str, str]]) -> int:
    """The status a search with these criteria would get; any other exception is an accident."""
    try:
        parse_search("DocumentReference", items, ("status",))
    except Refusal as refusal:
        return refusal.status
    return 200


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


class TestTokens:
    @pytest.mark.parametrize(
        ("value", "tokens"),
        [("current", ((None, "current"),)), ("http://x|a", (("http://x", "a"),)), ("|a", (("", "a"),)),
         ("a,http://x|b", ((None, "a"), ("http://x", "b")))],
    )  # fmt: skip
    def test_may_name_their_system(self, value: str, tokens: tuple[tuple[str | None, str], ...]) -> None:
        assert Term("type", tokens) in parse(("type", value)).terms

    @pytest.mark.parametrize("value", ["", "http://x|", ",", "a,"])
    def test_without_a_code_are_refused(self, value: str) -> None:
        with pytest.raises(Refusal) as refusal:
            parse(("type", value))
        assert (refusal.value.status, refusal.value.rule_id) == (400, "SEARCH-PARAMETER")

    def test_given_twice_must_both_hold(self) -> None:
        assert len([term for term in parse(("type", "a"), ("type", "b")).terms if term.param == "type"]) == 2

    def test_of_the_patient_come_first_because_they_narrow_most(self) -> None:
        query = parse_search("DocumentReference", [("status", "current"), ("type", "a"), PATIENT], ("status",))
        assert query.terms[0].param == "patient.identifier"

    def test_of_a_patient_reference_are_its_id(self) -> None:
        query = parse_search("DocumentReference", [("patient", "http://h/fhir/Patient/7"), ("status", "current")], ())
        assert Term("patient", ((None, "Patient/7"),)) in query.terms


class TestDates:
    @pytest.mark.parametrize(
        ("value", "low", "high"),
        [("2026", at(2026, 1, 1), at(2027, 1, 1)), ("2026-02", at(2026, 2, 1), at(2026, 3, 1)),
         ("2026-12", at(2026, 12, 1), at(2027, 1, 1)), ("eq2026-02-28", at(2026, 2, 28), at(2026, 3, 1)),
         ("ge2026-02-28", at(2026, 2, 28), None), ("gt2026-02-28", at(2026, 3, 1), None),
         ("lt2026-02-28", None, at(2026, 2, 28)), ("le2026-02-28", None, at(2026, 3, 1)),
         ("2026-02-28T12:00:00+01:00", at(2026, 2, 28, 11), at(2026, 2, 28, 11, 0, 1)),
         ("ge2026-02-28T12:00:00 01:00", at(2026, 2, 28, 11), None)],
    )  # fmt: skip
    def test_stand_for_their_whole_period(self, value: str, low: int | None, high: int | None) -> None:
        dates = parse(("date", value)).dates
        assert (dates.low, dates.high) == (low, high)

    def test_from_and_to_make_a_range(self) -> None:
        dates = parse(("date", "ge2026-01-01"), ("date", "lt2026-02-01")).dates
        assert (dates.low, dates.high) == (at(2026, 1, 1), at(2026, 2, 1))

    @given(st.text(max_size=25))
    def test_of_any_text_are_read_or_refused(self, value: str) -> None:
        assert status_of([PATIENT, ("date", value)]) in (200, 400)


class TestCriteria:
    @given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=4))
    def test_of_any_kind_are_read_or_refused(self, items: list[tuple[str, str]]) -> None:
        assert status_of(items) in (200, 400)

    def test_counts_are_bounded(self) -> None:
        assert parse(("_count", "7")).count == 7
        assert parse(("_count", "9999999")).count == MOST

    @pytest.mark.parametrize("items", [[("status", "current")], [PATIENT], [], [("status", "current"), ("type", "a")]])
    def test_that_are_mandatory_are_asked_for(self, items: list[tuple[str, str]]) -> None:
        with pytest.raises(Refusal) as refusal:
            parse_search("DocumentReference", items, ("status",))
        assert refusal.value.rule_id == "SEARCH-REQUIRED"


class TestTheIndex:
    def test_holds_each_value_once_under_its_parameter(self) -> None:
        resource = {
            "masterIdentifier": {"system": "s", "value": "m"}, "identifier": [{"value": "i"}], "status": "current",
            "type": {"coding": [{"system": "t", "code": "1"}, {"code": "2"}]}, "date": "2026-01-01T00:00:00Z",
            "subject": {"reference": "Patient/7"},
        }  # fmt: skip
        person = {"identifier": [{"system": "ins", "value": "9"}]}
        rows = list(index_rows(resource, "DocumentReference", "d", 5, person))
        found = {(row.param, row.system, row.value) for row in rows}
        assert found == {
            ("identifier", "s", "m"), ("identifier", "", "i"), ("status", "", "current"), ("type", "t", "1"),
            ("type", "", "2"), ("patient", "", "Patient/7"), ("patient.identifier", "ins", "9"),
        }  # fmt: skip
        assert {row.sort_date for row in rows} == {at(2026, 1, 1)}

    def test_of_a_patient_does_not_change_with_the_day_it_is_sent_again(self) -> None:
        person = {"identifier": [{"system": "ins", "value": "9"}]}
        rows = [list(index_rows(person, "Patient", "p", day, None)) for day in (1, 2)]
        assert rows[0] == rows[1]

    @given(shapes)
    def test_of_any_shape_never_fails(self, value: object) -> None:
        names = (
            "masterIdentifier",
            "identifier",
            "status",
            "type",
            "category",
            "context",
            "content",
            "subject",
            "date",
        )
        for name in names:
            list(index_rows({name: value}, "DocumentReference", "d", 1, {"identifier": value}))
