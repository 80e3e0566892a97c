"""Dates and times: text, calendar, comparison, arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.fhir.fhirpath.conftest import Evaluate
from validators.fhir.fhirpath.temporal import Temporal, from_datetime, month_days, parse_temporal


def read(text: str) -> Temporal:
    kind = "Time" if text.startswith("T") else "DateTime" if "T" in text else "Date"
    found = parse_temporal(text, kind)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    "text",
    [
        "2015",
        "2015-02",
        "2015-02-04",
        "2015-02-04T14",
        "2015-02-04T14:34",
        "2015-02-04T14:34:28",
        "2015-02-04T14:34:28.123",
        "2015-02-04T14:34:28.123Z",
        "2015-02-04T14:34+10:00",
        "2015-02-04T14:34:28-05:30",
        "0001-01-01",
        "2016-02-29",
        "2015-02-04T23:59:60Z",
    ],
)
def test_text_comes_back(text: str) -> None:
    assert str(read(text)) == text


@pytest.mark.parametrize("text", ["T14", "T14:34", "T14:34:28", "T14:34:28.120"])
def test_times_come_back(text: str) -> None:
    assert str(read(text)) == text[1:]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2015-13", "Date"),
        ("2015-00", "Date"),
        ("2015-02-29", "Date"),
        ("0000", "Date"),
        ("15", "Date"),
        ("2015-2", "Date"),
        ("2015-02-04T14:34", "Date"),
        ("2015T14:34", "DateTime"),
        ("2015-02T10", "DateTime"),
        ("2015-02-04T24:00", "DateTime"),
        ("2015-02-04T14:60", "DateTime"),
        ("2015-02-04T14:34:61", "DateTime"),
        ("2015-02-04T14:34+15:00", "DateTime"),
        ("14:34Z", "Time"),
        ("25:00", "Time"),
        ("", "Time"),
        ("T", "Time"),
        ("", "Date"),
        ("2015", "Time"),
        ("T10", "Date"),
    ],
)
def test_what_is_no_date(text: str, kind: str) -> None:
    assert parse_temporal(text, kind) is None


@pytest.mark.parametrize(
    ("left", "right", "answer"),
    [
        ("2014", "2015", -1),
        ("2015", "2014", 1),
        ("2014", "2014", 0),
        ("2014", "2014-01", None),
        ("2013", "2014-01", -1),
        ("2014-01-01", "2014-01-01T10", None),
        ("2014-01-02", "2014-01-01T10", 1),
        ("T10", "T11", -1),
        ("T10", "T10:00", None),
        ("T10:00:00", "T10:00:00.000", 0),
        ("T10", "2014", None),
        ("2014-01-01T10:00Z", "2014-01-01T12:00+02:00", 0),
        ("2014-01-01T10:00Z", "2014-01-01T12:00+01:00", -1),
        ("2014-01-01T23:00-05:00", "2014-01-02", -1),
        ("2014-01-01T10:00Z", "2014-01-01T10:00", None),
        ("2014-01-01T10:00Z", "2014-01-05T10:00", -1),
        ("2014-01-05T10:00", "2014-01-01T10:00Z", 1),
        ("2014-01-01T10:00Z", "2014-01", None),
        ("2014-01-01T10:00:00.5+02:00", "2014-01-01T08:00:00.50Z", 0),
        ("0001-01-01T00:00+14:00", "0001-01-01T00:00Z", 0),
    ],
)
def test_comparison(left: str, right: str, answer: int | None) -> None:
    assert read(left).compare(read(right)) == answer


def test_comparison_outside_the_calendar_of_python_is_not_told() -> None:
    assert read("0001-01-01T00:00+14:00").compare(read("0001-01-01T00:00")) is None


@pytest.mark.parametrize(
    ("start", "unit", "count", "end"),
    [
        ("2014", "year", 1, "2015"),
        ("2014", "month", 25, "2016"),
        ("2014", "month", -25, "2012"),
        ("2014", "day", 366, "2015"),
        ("2014", "day", 364, "2014"),
        ("2014", "week", 53, "2015"),
        ("2014-01", "month", 12, "2015-01"),
        ("2014-01", "day", 31, "2014-02"),
        ("2014-01", "month", -1, "2013-12"),
        ("2014-01-31", "month", 1, "2014-02-28"),
        ("2016-02-29", "year", 1, "2017-02-28"),
        ("2014-01-31", "day", 1, "2014-02-01"),
        ("2014-01-31", "week", -1, "2014-01-24"),
        ("2014-01-31", "hour", 25, "2014-02-01"),
        ("2014-01-31", "minute", 59, "2014-01-31"),
        ("2014-01-01T10:00Z", "hour", 2, "2014-01-01T12:00Z"),
        ("2014-01-01T10:00:00.000+10:00", "millisecond", 10, "2014-01-01T10:00:00.010+10:00"),
        ("2014-01-01T10:00:00Z", "millisecond", 500, "2014-01-01T10:00:00.5Z"),
        ("2014-01-01T10", "minute", 90, "2014-01-01T11"),
        ("2014-12-31T23:59:59", "second", 1, "2015-01-01T00:00:00"),
        ("T23:00", "hour", 2, "01:00"),
        ("T01:00", "hour", -2, "23:00"),
    ],
)
def test_arithmetic(start: str, unit: str, count: int, end: str) -> None:
    assert str(read(start).plus(unit, count)) == end


@pytest.mark.parametrize(
    ("start", "unit", "count"),
    [
        ("9999-12-31", "day", 1),
        ("0001-01-01", "day", -1),
        ("9999", "year", 1),
        ("0001", "month", -12),
        ("2014-01-01", "day", 10**15),
        ("T10:00", "year", 1),
        ("T10:00", "hour", 10**15),
        ("2014-01-01T10:00", "week", 10**14),
    ],
)
def test_arithmetic_past_the_calendar_gives_nothing(start: str, unit: str, count: int) -> None:
    assert read(start).plus(unit, count) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@1973-12-25 + 7.7 days", "1974-01-01"),
        ("@1973-12-25 - 1 month", "1973-11-25"),
        ("@1973-12-25 + 1 'wk'", "1974-01-01"),
        ("@1974-12-25 - 1 'month'", "1974-11-25"),
        ("@T10:00:00 + 90 'min'", "11:30:00"),
        ("@2014 + 1 year", "2015"),
    ],
)
def test_in_expressions(evaluate: Evaluate, text: str, expected: str) -> None:
    assert evaluate(text) == [expected]


def test_month_days() -> None:
    assert [month_days(y, 2) for y in (2015, 2016, 1900, 2000)] == [28, 29, 28, 29]


def test_from_datetime() -> None:
    moment = datetime(2026, 3, 14, 15, 9, 26, 535_897, tzinfo=timezone(timedelta(hours=2)))
    assert str(from_datetime(moment)) == "2026-03-14T15:09:26.535+02:00"
    assert str(from_datetime(moment.replace(tzinfo=None))) == "2026-03-14T15:09:26.535"


def test_repr() -> None:
    assert repr(Temporal("Date", (2015, 2))) == "Date(2015-02)"


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-10_000, 10_000))
def test_there_and_back(moment: datetime, days: int) -> None:
    start = from_datetime(moment)
    there = start.plus("day", days)
    back = there.plus("day", -days) if there is not None else start
    assert back is not None
    assert back.compare(start) == 0


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_order_is_that_of_python(one: datetime, two: datetime) -> None:
    one, two = (m.replace(microsecond=m.microsecond // 1000 * 1000) for m in (one, two))
    assert from_datetime(one).compare(from_datetime(two)) == (one > two) - (one < two)


@given(st.text(max_size=40), st.sampled_from(["Date", "DateTime", "Time"]))
def test_any_text(text: str, kind: str) -> None:
    found = parse_temporal(text, kind)
    assert found is None or all(isinstance(part, (int, Decimal)) for part in found.parts)
