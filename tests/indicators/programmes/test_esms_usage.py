"""ESMS numérique: the period that is looked at, and the three business rates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes.dates import Period
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique.usage import (
    BusinessRates,
    Dated,
    PersonalProject,
    business_rates,
    evaluation_period,
)
from indicators.ratio import Ratio

QUARTER = Period(date(2021, 7, 1), date(2021, 9, 30))


@pytest.mark.parametrize(
    ("phase", "day", "start", "end"),
    [
        ("projet", (2021, 10, 1), (2021, 7, 1), (2021, 9, 30)),
        ("projet", (2021, 1, 31), (2020, 10, 1), (2020, 12, 31)),
        ("projet", (2022, 3, 15), (2021, 12, 1), (2022, 2, 28)),
        ("maintenance", (2022, 3, 5), (2022, 2, 1), (2022, 2, 28)),
        ("maintenance", (2024, 3, 1), (2024, 2, 1), (2024, 2, 29)),
        ("maintenance", (2022, 1, 31), (2021, 12, 1), (2021, 12, 31)),
    ],
)
def test_period(phase: str, day: tuple[int, ...], start: tuple[int, ...], end: tuple[int, ...]) -> None:
    assert evaluation_period(phase, date(*day)) == Period(date(*start), date(*end))


def test_another_phase_is_named() -> None:
    with pytest.raises(RuleError, match="unknown_phase:pilote"):
        evaluation_period("pilote", date(2021, 1, 1))


def rates(persons: str, updates: list[Dated], projects: list[PersonalProject], events: list[Dated]) -> BusinessRates:
    return business_rates(QUARTER, persons, updates, projects, events)


UPDATES = [
    Dated("a", date(2021, 7, 1)),
    Dated("a", date(2021, 8, 1)),
    Dated("b", date(2021, 9, 30)),
    Dated("c", date(2021, 8, 15)),
    Dated("d", date(2021, 6, 30)),
    Dated("z", date(2021, 8, 1)),
]


class TestRates:
    def test_each_person_counts_once_and_only_while_accompanied(self) -> None:
        projects = [
            PersonalProject(*row) for row in (("a", "actif"), ("b", "en_preparation"), ("c", "clos"), ("d", "actif"))
        ]
        events = [Dated("a", date(2021, 8, 2)), Dated("d", date(2021, 8, 2))]
        found = rates("abcdd", UPDATES, projects, events)
        assert found == BusinessRates(Ratio(3, 4), Ratio(2, 3), Ratio(1, 3))

    def test_an_open_project_beside_a_closed_one_is_open(self) -> None:
        projects = [PersonalProject("a", "clos"), PersonalProject("a", "actif")]
        assert rates("a", UPDATES, projects, []).with_project == Ratio(1, 1)

    def test_no_active_file_makes_the_two_others_not_measurable(self) -> None:
        found = rates("a", [], [PersonalProject("a", "actif")], [])
        assert (found.active.percent_text, found.with_project.percent_text, found.with_event.percent_text) == (
            "0.00", None, None,
        )  # fmt: skip

    def test_nobody_accompanied(self) -> None:
        assert rates("", UPDATES, [], []).active.percent is None

    @settings(deadline=None)
    @given(
        st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh"))
    )
    def test_rates_stay_within_one_hundred(self, persons: set[str], updated: set[str], seen: set[str]) -> None:
        day = date(2021, 8, 1)
        found = business_rates(QUARTER, persons, [Dated(p, day) for p in updated],
                               [PersonalProject(p, "actif") for p in seen], [Dated(p, day) for p in seen])  # fmt: skip
        for ratio in (found.active, found.with_project, found.with_event):
            assert ratio.percent is None or 0 <= ratio.percent <= 100
        assert found.with_project.denominator == found.active.numerator
