"""What is missing, what it is worth, and what more letters would change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.measures import Figure
from indicators.programmes import ParameterSet
from indicators.programmes.errors import RuleError
from indicators.programmes.sun_es_volet1 import situation
from indicators.programmes.sun_es_volet1.whatif import WhatIf, missing_to_target, what_if, with_more

SITE = "010000024"
# Test values, none of them official.
VALUES = {"target:I-SUN1-LDL:F1": "75", "indicators:documents_sortie": ["I-SUN1-LDL"],
          "forfait:documents_sortie:F1": "320000"}  # fmt: skip


def figure(numerator: int, denominator: int | None, measure: str = "I-SUN1-LDL", site: str = SITE) -> Figure:
    return Figure(measure, site, None, numerator, denominator)


def suppose(more: dict[str, int], *figures: Figure, values: dict[str, Any] = VALUES) -> WhatIf:
    return what_if(SITE, "F1", figures, [], ParameterSet.of("test", values, source="test"), more)


def found(*figures: Figure, values: dict[str, Any] = VALUES) -> Any:
    return situation(SITE, "F1", figures, [], ParameterSet.of("test", values, source="test"))


class TestMissing:
    def test_thirty_seven_letters_before_the_thirtieth_of_june_are_worth_224_000(self) -> None:
        [one] = missing_to_target(found(figure(38, 100)))
        assert one.as_dict() == {
            "measure": "I-SUN1-LDL", "missing": 37, "before": "2022-06-30", "worth_cents": 22_400_000, "alone": True,
        }  # fmt: skip

    def test_a_reached_target_lacks_nothing(self) -> None:
        assert missing_to_target(found(figure(75, 100))) == ()

    def test_without_a_target_or_a_population_nothing_is_said_to_be_missing(self) -> None:
        assert missing_to_target(found(figure(1, 2), values={})) == ()
        assert missing_to_target(found()) == ()

    def test_two_targets_missed_are_worth_the_payment_together(self) -> None:
        values = VALUES | {"indicators:documents_sortie": ["I-SUN1-LDL", "I-SUN1-ORD"], "target:I-SUN1-ORD:F1": "50",
                           "ordonnance_codes": ["57833-6"]}  # fmt: skip
        both = missing_to_target(found(figure(3, 10), figure(4, 10, "I-SUN1-ORD"), values=values))
        assert [(one.missing, one.alone) for one in both] == [(5, False), (1, False)]

    def test_an_unknown_forfait_is_named(self) -> None:
        values = {name: value for name, value in VALUES.items() if not name.startswith("forfait")}
        [one] = missing_to_target(found(figure(38, 100), values=values))
        assert one.worth == "parameter_missing:forfait:documents_sortie:F1"


class TestWhatIf:
    def test_the_last_letter_brings_the_usage_payment(self) -> None:
        short, enough = (suppose({"I-SUN1-LDL": more}, figure(38, 100)) for more in (36, 37))
        assert (short.after.verdict, short.gain) == ("not_reached", 0)
        assert (enough.after.verdict, enough.gain) == ("reached", 22_400_000)
        assert enough.as_dict()["indicative"] is True

    def test_what_is_unknown_stays_unknown(self) -> None:
        assert suppose({"I-SUN1-LDL": 1}, figure(1, 2), values={}).gain is None

    def test_nothing_more_changes_nothing(self) -> None:
        same = suppose({}, figure(38, 100))
        assert same.before == same.after

    def test_only_the_figure_asked_for_at_the_site_asked_for(self) -> None:
        rows = (figure(1, 5), figure(1, 5, "I-SUN1-INS"), figure(1, 5, site="350000042"))
        assert [one.numerator for one in with_more(rows, SITE, {"I-SUN1-LDL": 2})] == [3, 1, 1]

    def test_a_figure_is_needed_and_its_population_is_the_limit(self) -> None:
        with pytest.raises(RuleError, match="no_figure:I-SUN1-ORD"):
            suppose({"I-SUN1-ORD": 1}, figure(1, 2))
        with pytest.raises(RuleError, match="beyond_population:I-SUN1-LDL"):
            suppose({"I-SUN1-LDL": 2}, figure(1, 2))
        assert with_more([figure(1, None)], SITE, {"I-SUN1-LDL": 9})[0].numerator == 10

    @settings(deadline=None)
    @given(st.integers(1, 60), st.data())
    def test_what_is_missing_is_what_it_takes(self, whole: int, data: st.DataObject) -> None:
        had = data.draw(st.integers(0, whole))
        lacks = missing_to_target(found(figure(had, whole)))
        needed = lacks[0].missing if lacks else 0
        assert suppose({"I-SUN1-LDL": needed}, figure(had, whole)).after.verdict == "reached"
        if needed:
            assert suppose({"I-SUN1-LDL": needed - 1}, figure(had, whole)).after.verdict == "not_reached"


def test_the_end_of_the_measure_is_the_limit() -> None:
    assert missing_to_target(found(figure(0, 1)))[0].before == date(2022, 6, 30)
