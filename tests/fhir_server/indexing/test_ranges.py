"""Dates and numbers as texts: the order of the texts is the order of the values, and what lies within stays within."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.fhir.indexing.ranges import (
    FIRST_MOMENT,
    GREATEST_NUMBER,
    LAST_MOMENT,
    LEAST_NUMBER,
    bounds,
    date_range,
    moment,
    number,
    number_range,
    period_range,
    quantity_range,
    span,
    timing_range,
)

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


def at(*parts: int) -> int:
    """Microseconds of a moment in UTC."""
    return (datetime(*parts, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)  # type: ignore[misc,arg-type]


class TestDates:
    @pytest.mark.parametrize(
        ("text", "first", "after"),
        [
            ("2026", at(2025, 12, 31, 23), at(2026, 12, 31, 23)),
            ("2026-12", at(2026, 11, 30, 23), at(2026, 12, 31, 23)),
            ("2026-02-28", at(2026, 2, 27, 23), at(2026, 2, 28, 23)),
            ("2026-03-29", at(2026, 3, 28, 23), at(2026, 3, 29, 22)),
            ("2026-07-01T12:00:00", at(2026, 7, 1, 10), at(2026, 7, 1, 10, 0, 1)),
            ("2026-07-01T12:00Z", at(2026, 7, 1, 12), at(2026, 7, 1, 12, 1)),
            ("2026-07-01T12:00:00+02:00", at(2026, 7, 1, 10), at(2026, 7, 1, 10, 0, 1)),
            ("2026-07-01T12:00:00.5Z", at(2026, 7, 1, 12, 0, 0, 500_000), at(2026, 7, 1, 12, 0, 0, 600_000)),
            ("2026-07-01T12:00:00.1234567Z", at(2026, 7, 1, 12, 0, 0, 123_456), at(2026, 7, 1, 12, 0, 0, 123_457)),
        ],
    )  # fmt: skip
    def test_stand_for_all_that_their_precision_leaves_open_in_paris(self, text: str, first: int, after: int) -> None:
        assert span(text) == (first, after)
        assert date_range(text) == (moment(first), moment(after))

    @pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31"])
    def test_end_with_the_calendar(self, text: str) -> None:
        found = span(text)
        assert found is not None
        assert found[0] < found[1] < at(9999, 12, 31) + 86_400_000_000

    @pytest.mark.parametrize("value", ["", "26", "2026-13", "2026-02-30", "2026-01-01T25:00:00Z", "20260101", "x", 2026,
                                       None, "0000-01-01", "2026-01-01T10"])  # fmt: skip
    def test_that_are_none_give_nothing(self, value: Any) -> None:
        assert date_range(value) is None

    @given(st.text(max_size=30))
    def test_of_any_text_are_read_or_not(self, text: str) -> None:
        found = span(text)
        assert found is None or found[0] < found[1]

    @given(moments, moments)
    def test_are_in_the_order_of_time(self, one: datetime, other: datetime) -> None:
        texts = [date_range(each.isoformat()) for each in (one, other)]
        assert texts[0] is not None
        assert texts[1] is not None
        assert (one < other, one == other) == (texts[0] < texts[1], texts[0] == texts[1])

    @given(moments)
    def test_hold_the_finer_ones(self, one: datetime) -> None:
        whole = one.isoformat()
        ranges = [date_range(text) for text in (whole, whole[:19] + "+00:00")]
        assert ranges[0] is not None
        assert ranges[1] is not None
        assert ranges[1][0] <= ranges[0][0] < ranges[0][1] <= ranges[1][1]
        assert {len(text) for text in (*ranges[0], *ranges[1])} == {19}

    def test_of_a_period_are_open_where_nothing_is_said(self) -> None:
        first, after = date_range("2026-01-01") or ("", "")
        assert period_range({"start": "2026-01-01"}) == (first, LAST_MOMENT)
        assert period_range({"end": "2026-01-01"}) == (FIRST_MOMENT, after)
        assert period_range({"start": "2026-01-01", "end": "2026-01-01"}) == (first, after)
        assert period_range({}) is None
        assert FIRST_MOMENT < first < after < LAST_MOMENT

    def test_of_a_timing_are_its_outer_limits(self) -> None:
        events = {"event": ["2026-02-01", "2026-01-01"], "repeat": {"boundsPeriod": {"end": "2026-03-01"}}}
        assert timing_range(events) == (FIRST_MOMENT, (date_range("2026-03-01") or ("", ""))[1])
        assert timing_range({"event": ["2026-02-01"]}) == date_range("2026-02-01")
        assert timing_range({"repeat": {"frequency": 1}}) is None


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "low", "high"),
        [("100", "99.5", "100.5"), ("100.00", "99.995", "100.005"), ("1e2", "50", "150"), (100, "99.5", "100.5"),
         (Decimal("1.50"), "1.495", "1.505"), ("-5", "-5.5", "-4.5"), ("0", "-0.5", "0.5"), (0.5, "0.45", "0.55")],
    )  # fmt: skip
    def test_stand_for_half_a_unit_of_their_last_digit(self, value: Any, low: str, high: str) -> None:
        assert bounds(value) == (Decimal(low), Decimal(high))
        assert number_range(value) == (number(Decimal(low)), number(Decimal(high)))

    @pytest.mark.parametrize("value", ["", "x", "1,5", "NaN", "Infinity", None, True, [], {}, "1e9999", " 1", "1_0"])
    def test_that_are_none_give_nothing(self, value: Any) -> None:
        assert number_range(value) is None

    @given(st.text(max_size=12) | st.floats() | st.integers() | st.booleans())
    def test_of_any_value_are_read_or_not(self, value: Any) -> None:
        found = number_range(value)
        assert found is None or found[0] <= found[1]

    @given(decimals, decimals)
    def test_are_in_their_order(self, one: Decimal, other: Decimal) -> None:
        texts = number(one), number(other)
        assert texts[0] <= texts[1] if one <= other else texts[0] >= texts[1]
        assert {len(text) for text in texts} == {16}
        assert all(LEAST_NUMBER < text < GREATEST_NUMBER for text in texts)

    @given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
    def test_that_differ_are_told_apart(self, one: float, other: float) -> None:
        assert (one < other) == (number(one) < number(other))
        assert (one == other) == (number(one) == number(other))

    @given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.integers(0, 6))
    def test_hold_those_of_more_digits(self, digits: int, places: int, more: int) -> None:
        rough = Decimal(digits).scaleb(-places)
        exact = Decimal(digits * 10**more).scaleb(-places - more)
        wide, narrow = number_range(str(rough)), number_range(f"{exact:f}")
        assert wide is not None
        assert narrow is not None
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]

    @pytest.mark.parametrize(
        ("comparator", "low", "high"),
        [("<", LEAST_NUMBER, number(5)), ("<=", LEAST_NUMBER, number(5.5)), (">", number(5), GREATEST_NUMBER),
         (">=", number(4.5), GREATEST_NUMBER), ("", number(4.5), number(5.5))],
    )  # fmt: skip
    def test_of_a_quantity_go_as_far_as_its_comparator(self, comparator: str, low: str, high: str) -> None:
        assert quantity_range({"value": 5, "comparator": comparator}) == (low, high)
