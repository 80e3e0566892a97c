"""Cells of the programmes' files: amounts to the cent, moments in Paris, lists, regions, half-years."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.imports import Column, Wrong
from indicators.money import format_euros, plain_euros
from indicators.programmes.dates import PARIS


def column(kind: str, *choices: str) -> Column:
    return Column("c", kind, "", "", "", choices=choices)


def code(kind: str, cell: Any, *choices: str) -> str:
    with pytest.raises(Wrong) as wrong:
        column(kind, *choices).value(cell)
    return wrong.value.code


class TestEuros:
    @pytest.mark.parametrize(
        ("cell", "cents"),
        [("18333.35", 1833335), ("18 333,35 €", 1833335), ("0", 0), (18000.0, 1800000), (18333.35, 1833335),
         ("1,5", 150)],
    )  # fmt: skip
    def test_are_cents(self, cell: Any, cents: int) -> None:
        assert column("euros").value(cell) == cents

    @pytest.mark.parametrize("cell", ["18333.355", 18333.355, 0.1 + 0.2, 1e22, "1e3", "douze", True, date(2021, 1, 1)])
    def test_are_never_rounded(self, cell: Any) -> None:
        assert code("euros", cell) == "CELL_EUROS"

    def test_below_zero_only_where_credits_may_be_taken_back(self) -> None:
        assert code("euros", "-1") == "CELL_NEGATIVE"
        assert column("signed_euros").value("-12,30") == -1230

    def test_of_no_size_a_database_refuses(self) -> None:
        assert code("signed_euros", "9" * 14) == "CELL_EUROS"
        assert column("signed_euros").value("9" * 12) == int("9" * 12) * 100

    @given(st.integers(-(10**14), 10**14))
    def test_come_back_as_they_were_written(self, cents: int) -> None:
        assert column("signed_euros").value(plain_euros(cents)) == cents
        assert column("signed_euros").value(format_euros(cents)) == cents


class TestMoment:
    @pytest.mark.parametrize(
        "cell",
        ["2022-10-31T23:59:59", "2022-10-31 23:59:59", "31/10/2022 23:59:59", "2022-10-31T22:59:59Z",
         "2022-10-31T23:59:59+01:00", datetime(2022, 10, 31, 23, 59, 59)],  # noqa: DTZ001
    )  # fmt: skip
    def test_is_one_of_paris(self, cell: Any) -> None:
        found = column("moment").value(cell)
        assert (found, found.tzinfo) == (datetime(2022, 10, 31, 22, 59, 59, tzinfo=UTC), PARIS)

    def test_in_summer_is_two_hours_ahead(self) -> None:
        assert column("moment").value("2021-08-03T00:00").astimezone(UTC) == datetime(2021, 8, 2, 22, tzinfo=UTC)

    @pytest.mark.parametrize(
        "cell", ["2022-10-31", "31/10/2022", date(2022, 10, 31), "2022-13-01T00:00", "hier", 44865.0]
    )
    def test_needs_its_hour(self, cell: Any) -> None:
        assert code("moment", cell) == "CELL_MOMENT"


class TestLists:
    def test_are_parted_by_a_bar(self) -> None:
        assert column("list").value(" a | b c |d") == ("a", "b c", "d")
        assert column("finess_list").value("970490348|2a0000012") == ("970490348", "2A0000012")

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("a|a", "CELL_TWICE"), ("a||b", "CELL_MISSING"), ("a|x", "CELL_CHOICE"), (1.0, "CELL_NUMBER")],
    )
    def test_hold_each_choice_once(self, cell: Any, expected: str) -> None:
        assert code("list", cell, "a", "b") == expected

    def test_of_finess_hold_finess(self) -> None:
        assert code("finess_list", "970490348|12") == "CELL_FINESS"


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [("region", "04", "04"), ("region", "99", "CELL_REGION"), ("region", 4.0, "CELL_NUMBER"),
     ("semester", "2016-s2", "2016-S2"), ("semester", "2016-S3", "CELL_SEMESTER"),
     ("semester", "S2 2016", "CELL_SEMESTER")],
)  # fmt: skip
def test_codes(kind: str, cell: Any, expected: str) -> None:
    if expected.startswith("CELL"):
        assert code(kind, cell) == expected
    else:
        assert column(kind).value(cell) == expected
