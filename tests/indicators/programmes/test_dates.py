"""Local dates: the day in Paris decides, at both ends of every period."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes.dates import Period, local_date, month_before, read_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022-10-31", (2022, 10, 31)),
        ("2022-10-31T22:59:59Z", (2022, 10, 31)),
        ("2022-10-31T23:00:00Z", (2022, 11, 1)),
        ("2021-08-31T22:00:00Z", (2021, 9, 1)),
        ("2021-10-20T22:30:00+00:00", (2021, 10, 21)),
        ("2021-10-20T23:59:59+02:00", (2021, 10, 20)),
        ("2021-10-20T23:59:59", (2021, 10, 20)),
        (" 2021-10-20 ", (2021, 10, 20)),
        ("2022-03-27T00:59:59Z", (2022, 3, 27)),
        ("2022-11-01T12:00:00+13:00", (2022, 11, 1)),
    ],
)
def test_the_day_of_a_text(text: str, day: tuple[int, int, int]) -> None:
    assert read_day(text) == date(*day)


@pytest.mark.parametrize("text", ["", "2022", "20/10/2021", "2022-13-01", "2022-10-31T25:00:00Z"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_day(text)


def test_a_value_is_read_as_it_is() -> None:
    assert read_day(date(2021, 1, 2)) == date(2021, 1, 2)
    assert read_day(datetime(2021, 1, 1, 23, 30, tzinfo=timezone(timedelta(0)))) == date(2021, 1, 2)


def test_a_moment_without_zone_is_no_value() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2021, 1, 1, 23, 30))  # noqa: DTZ001


def test_both_ends_of_a_period_are_in() -> None:
    period = Period(date(2021, 8, 3), date(2021, 10, 20))
    days = (date(2021, 8, 2), date(2021, 8, 3), date(2021, 10, 20), date(2021, 10, 21))
    assert [day in period for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("day", "months", "start", "end"),
    [
        ((2022, 3, 5), 1, (2022, 2, 1), (2022, 2, 28)),
        ((2024, 3, 31), 1, (2024, 2, 1), (2024, 2, 29)),
        ((2021, 1, 31), 3, (2020, 10, 1), (2020, 10, 31)),
        ((2021, 1, 1), 1, (2020, 12, 1), (2020, 12, 31)),
        ((2021, 12, 31), 0, (2021, 12, 1), (2021, 12, 31)),
    ],
)
def test_a_month_before(day: tuple[int, ...], months: int, start: tuple[int, ...], end: tuple[int, ...]) -> None:
    assert month_before(date(*day), months) == Period(date(*start), date(*end))


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 30))
def test_months_before_follow_each_other(day: date, months: int) -> None:
    later, earlier = month_before(day, months), month_before(day, months + 1)
    assert earlier.end + timedelta(days=1) == later.start
    assert later.start.day == 1
