"""Measures over the cases people argue about, and what holds of every figure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from indicators.engine import ArrowFacts, DuckDBEngine, duckdb_engine
from indicators.measures import MEASURES, UnknownMeasure, Window, compute, measure
from tests.indicators.country import SITES, Country, letter, random_country, stay

FEBRUARY = Window(date(2024, 2, 1), date(2024, 2, 29))


def figures(
    country: Country, window: Window = FEBRUARY, measure: str = "I-SUN1-LDL"
) -> list[tuple[str, int, int | None]]:
    engine = duckdb_engine(ArrowFacts(country.tables()))
    found = compute(engine, window, measures=[measure])
    engine.close()
    return [(figure.organization, figure.numerator, figure.denominator) for figure in found]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = duckdb_engine(ArrowFacts(random_country(7).tables()))
    yield engine
    engine.close()


YEAR = Window(date(2024, 1, 1), date(2024, 12, 31))


def test_the_period_is_the_sum_of_its_months(engine: DuckDBEngine) -> None:
    flows = [name for name in MEASURES if name != "I-CC-2"]  # used is used, in one month or in twelve
    months = compute(engine, YEAR, by_month=True)
    for whole in compute(engine, YEAR, measures=flows):
        parts = [m for m in months if (m.measure, m.organization) == (whole.measure, whole.organization)]
        assert whole.month is None
        assert whole.numerator == sum(part.numerator for part in parts)
        assert (whole.denominator or 0) == sum(part.denominator or 0 for part in parts)


@pytest.mark.parametrize("organization", [*SITES, "999999999"])
def test_one_establishment_is_its_rows_of_the_whole_country(engine: DuckDBEngine, organization: str) -> None:
    everybody = [figure for figure in compute(engine, YEAR) if figure.organization == organization]
    assert compute(engine, YEAR, organization=organization) == everybody


def test_figures_are_sorted_and_each_measure_is_asked_once(engine: DuckDBEngine) -> None:
    found = compute(engine, YEAR, measures=["I-SUN1-LDL", "I-SUN1-INS", "I-SUN1-LDL"])
    keys = [(figure.measure, figure.organization) for figure in found]
    assert keys == sorted(set(keys))


def test_an_unknown_measure_is_named_with_the_known_ones(engine: DuckDBEngine) -> None:
    with pytest.raises(UnknownMeasure, match=r"unknown measure 'I-X'; known: I-AAP-TR, .*I-SUN2-PRO"):
        compute(engine, YEAR, measures=["I-X"])


def test_every_measure_has_words_in_both_languages() -> None:
    for name in MEASURES:
        info = measure(name).info
        assert name == info.id
        assert all((info.title_fr, info.title_en, info.definition_fr, info.definition_en, info.unit, info.source))


class TestLetters:
    """The cases people argue about, one fact each."""

    def test_two_letters_on_one_stay_count_once(self) -> None:
        country = Country([stay(1)], [letter("a", 1), letter("b", 1)])
        assert figures(country) == [("010000024", 1, 1)]

    def test_two_hospitals_may_use_the_same_stay_number(self) -> None:
        country = Country([stay(1), stay(1, "2A0000048")], [letter("a", 1, "2A0000048")])
        assert figures(country) == [("010000024", 0, 1), ("2A0000048", 1, 1)]

    def test_a_letter_written_at_a_sister_site_counts_for_the_site_of_the_stay(self) -> None:
        country = Country([stay(1)], [letter("a", 1, "010000032")])
        assert figures(country) == [("010000024", 1, 1)]

    def test_a_letter_of_an_unknown_site_never_counts(self) -> None:
        country = Country([stay(1)], [letter("a", 1, organization=None)])
        assert figures(country) == [("010000024", 0, 1)]

    @pytest.mark.parametrize(("day", "counted"), [(29, 1), (28, 1)])
    def test_a_deposit_on_the_cutoff_is_in_time(self, day: int, counted: int) -> None:
        country = Country([stay(1)], [letter("a", 1, on=date(2024, 2, day))])
        assert figures(country) == [("010000024", counted, 1)]

    def test_a_deposit_the_day_after_is_late_unless_the_cutoff_says_otherwise(self) -> None:
        country = Country([stay(1)], [letter("a", 1, on=date(2024, 3, 1))])
        assert figures(country) == [("010000024", 0, 1)]
        later = Window(FEBRUARY.period_start, FEBRUARY.period_end, date(2024, 3, 1))
        assert figures(country, later) == [("010000024", 1, 1)]

    @pytest.mark.parametrize(("deleted", "counted"), [(date(2024, 2, 29), 0), (date(2024, 3, 1), 1)])
    def test_a_deletion_after_the_cutoff_changes_nothing(self, deleted: date, counted: int) -> None:
        country = Country([stay(1)], [letter("a", 1, deleted=deleted)])
        assert figures(country) == [("010000024", counted, 1)]

    @pytest.mark.parametrize(
        "flaw",
        [{"conformant": False}, {"dmp": False}, {"ins_level": "present"}, {"kind": "ORD"}, {"stay": None}, {"stay": 2}],
    )
    def test_one_flaw_is_enough_not_to_count(self, flaw: dict[str, Any]) -> None:
        assert figures(Country([stay(1)], [letter("a", 1, **flaw)])) == [("010000024", 0, 1)]

    def test_a_letter_deposited_before_the_period_counts_for_a_stay_of_the_period(self) -> None:
        country = Country([stay(1, out=date(2024, 2, 1))], [letter("a", 1, on=date(2024, 1, 31))])
        assert figures(country) == [("010000024", 1, 1)]

    def test_excluded_and_unfinished_stays_are_no_population(self) -> None:
        country = Country([stay(1, excluded=True), stay(2, out=None)], [letter("a", 1), letter("b", 2)])
        assert figures(country) == []

    def test_both_ends_of_the_period_count_leap_day_included(self) -> None:
        days = (date(2024, 1, 31), date(2024, 2, 1), date(2024, 2, 29), date(2024, 3, 1))
        country = Country([stay(index, out=day) for index, day in enumerate(days)], [])
        assert figures(country) == [("010000024", 0, 2)]


class TestIdentity:
    def test_any_channel_is_population_and_only_qualified_counts(self) -> None:
        documents = [letter("a", None, dmp=False, mssante=True), letter("b", 1, ins_level="present", kind="BIO")]
        assert figures(Country([], documents), measure="I-SUN1-INS") == [("010000024", 1, 2)]

    def test_what_does_not_count_is_no_population(self) -> None:
        gone = letter("c", 1, deleted=date(2024, 2, 12))
        documents = [letter("a", 1, conformant=False), letter("b", 1, organization=None), gone]
        assert figures(Country([], documents), measure="I-SUN1-INS") == []


class TestWindow:
    def test_the_cutoff_is_the_end_of_the_period_unless_said(self) -> None:
        assert FEBRUARY.cutoff == date(2024, 2, 29)

    def test_a_period_that_ends_before_it_starts_is_refused(self) -> None:
        with pytest.raises(ValueError, match="ends"):
            Window(date(2024, 2, 2), date(2024, 2, 1))

    def test_an_instant_is_not_a_day(self) -> None:
        with pytest.raises(TypeError, match="local dates"):
            Window(datetime(2024, 2, 1), date(2024, 2, 2))  # noqa: DTZ001
