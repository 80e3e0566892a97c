"""The life of a rare-disease file: the initial text, the note of 2019, and the way from one to the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import programme
from indicators.programmes.life import Needs, life
from indicators.programmes.maladies_rares.life import INITIAL, UPDATED, life_in_force
from tests.indicators.programmes.walking import Walk, begin

SET: dict[str, Any] = {
    "target:I-MR-2": "80",
    "target_day:initial": date(2019, 1, 31),
    "target_day:updated": date(2020, 9, 30),
}
STARTED = (("APPLIED", "2018-01-12"), ("SELECTED", "2018-02-01"))


def started(version: str = "initial", **changes: Any) -> Walk:
    given_set = {name: value for name, value in (SET | changes).items() if value is not None}
    walk = begin("maladies_rares", f"maladies_rares.{version}", "2018-01-10", given_set)
    walk.to(*STARTED).enter(selection={"on": "2018-02-01", "reference": "DGOS-1"})
    return walk.to(("AMORCAGE_PAID", "2018-06-01"))


def relayed(walk: Walk, day: str) -> Walk:
    """The file goes on under the text in force."""
    walk.on(day)
    machine = walk.life.superseded(walk.view)
    return replace(walk, life=life(programme("maladies_rares"), machine)) if machine else walk


def paid_twice(**changes: Any) -> Walk:
    return relayed(started(**changes), "2019-12-15").to(("USAGE_PAID", "2019-12-15"))


class TestBeforeTheNote:
    def test_reached_in_time_it_is_paid_the_rest(self) -> None:
        walk = started().enter(verification={"on": "2019-02-15", "reached_on": "2019-01-31"})
        end = walk.to(("TARGET_REACHED", "2019-02-15"), ("USAGE_PAID", "2019-03-01"))
        assert end.paid() == [("amorcage", 9_000_000), ("usage", 6_000_000)]
        assert end.records[-1].outcome["net"] == "150000.00"

    def test_missed_it_keeps_the_start(self) -> None:
        walk = started().enter(verification={"on": "2019-02-15", "reached_on": "2019-02-01"})
        assert walk.tried("TARGET_REACHED").reasons == ("TARGETS_NOT_REACHED",)
        end = walk.to(("TARGET_MISSED", "2019-03-01"))
        assert end.state in INITIAL.machine.finals
        assert (end.view.paid(), end.records[-1].outcome["restitution"]) == (9_000_000, "0.00")

    def test_it_is_not_missed_before_the_day_is_over(self) -> None:
        walk = started().enter(verification={"on": "2019-01-31"})
        assert walk.on("2019-01-31").tried("TARGET_MISSED").reasons == ("TARGET_DAY_NOT_OVER",)


class TestAfterTheNote:
    def test_between_its_payments_a_file_goes_on_under_the_note(self) -> None:
        walk = started().enter(verification={"on": "2019-09-06", "reached_on": "2019-01-01"})
        assert walk.on("2019-09-05").tried("TARGET_REACHED").made
        assert walk.life.superseded(walk.view) is None
        assert walk.on("2019-09-06").tried("TARGET_REACHED").reasons == ("TEXT_NOT_IN_FORCE:initial",)
        assert walk.life.superseded(walk.view) == UPDATED.machine.id
        walk.to(("TARGET_REACHED", "2019-09-05")).on("2019-09-06")
        assert walk.life.superseded(walk.view) is None

    def test_before_it_nothing_is_paid_without_condition(self) -> None:
        walk = started("updated")
        assert walk.on("2019-09-05").tried("USAGE_PAID").reasons == ("TEXT_NOT_IN_FORCE:updated",)
        assert walk.on("2019-09-06").tried("USAGE_PAID").made

    def test_reached_it_keeps_everything(self) -> None:
        walk = paid_twice().enter(verification={"on": "2020-10-05", "reached_on": "2020-09-30"})
        end = walk.to(("TARGET_REACHED", "2020-10-05"))
        assert (end.view.paid(), end.records[-1].outcome["net"]) == (15_000_000, "150000.00")

    def test_missed_it_returns_everything(self) -> None:
        walk = paid_twice().enter(verification={"on": "2020-10-05", "reached_on": "2020-10-01"})
        walk.to(("TARGET_MISSED", "2020-10-05"), ("RESTITUTION_DUE", "2020-10-06"))
        assert walk.rulings["RESTITUTION_DUE"].letter == "restitution"
        assert walk.paid()[-1] == ("restitution", -15_000_000)
        assert walk.tried("RESTITUTED").reasons == ("RESTITUTION_INCOMPLETE",)
        part = {"on": "2021-01-05", "euros": "149999.99"}
        assert walk.enter(restitution_received=[part]).tried("RESTITUTED").reasons == ("RESTITUTION_INCOMPLETE",)
        walk.enter(restitution_received=[part, {"on": "2021-01-06", "euros": "0.01"}])
        end = walk.to(("RESTITUTED", "2021-01-06"))
        assert (end.view.paid(), end.records[-1].outcome["net"]) == (0, "0.00")

    def test_on_the_day_itself_nothing_is_due_back(self) -> None:
        walk = paid_twice().enter(verification={"on": "2020-09-30"})
        assert walk.on("2020-09-30").tried("TARGET_MISSED").reasons == ("TARGET_DAY_NOT_OVER",)

    def test_with_the_day_only_read_nothing_is_decided(self) -> None:
        walk = paid_twice(**{"target_day:updated": None}).enter(verification={"on": "2020-10-05"}).on("2020-10-05")
        assert walk.tried("TARGET_MISSED").reasons == ("INDICATIVE:target_day:updated",)
        assert walk.tried("TARGET_REACHED").reasons == ("TARGETS_NOT_REACHED", "INDICATIVE:target_day:updated")

    def test_without_the_targets_nothing_is_decided(self) -> None:
        walk = paid_twice(**{"target:I-MR-2": None}).enter(verification={"on": "2020-10-05"}).on("2020-10-05")
        for target in ("TARGET_REACHED", "TARGET_MISSED"):
            assert walk.tried(target).reasons == ("parameter_missing:targets",)

    def test_nor_before_somebody_looked(self) -> None:
        assert paid_twice().on("2020-10-05").tried("TARGET_MISSED").reasons == ("TARGETS_NOT_VERIFIED",)

    @settings(deadline=None, max_examples=20)
    @given(st.one_of(st.none(), st.dates(date(2018, 6, 1), date(2021, 12, 31))))
    def test_what_is_kept_is_all_or_nothing(self, reached: date | None) -> None:
        said = {"on": "2022-01-01"} | ({"reached_on": reached.isoformat()} if reached else {})
        walk = paid_twice().enter(verification=said)
        if walk.move("TARGET_MISSED", "2022-01-01").made:
            walk.to(("RESTITUTION_DUE", "2022-01-02"))
        else:
            walk.to(("TARGET_REACHED", "2022-01-01"))
        assert walk.view.paid() == (15_000_000 if reached and reached <= date(2020, 9, 30) else 0)


class TestBeginning:
    def test_after_the_closing_it_is_not_received(self) -> None:
        walk = begin("maladies_rares", "maladies_rares.initial", "2018-01-13")
        assert walk.tried("APPLIED").reasons == ("RECEIVED_AFTER_CLOSING",)

    def test_nothing_is_paid_to_who_was_not_selected(self) -> None:
        walk = begin("maladies_rares", "maladies_rares.initial", "2018-01-10").to(*STARTED)
        assert walk.tried("AMORCAGE_PAID").reasons == ("NOT_SELECTED",)
        assert walk.rulings["SELECTED"].letter == "acceptance"

    def test_the_life_of_a_day(self) -> None:
        assert life_in_force(date(2019, 9, 5)) is INITIAL
        assert life_in_force(date(2019, 9, 6)) is UPDATED

    def test_figures_are_needed_from_the_first_payment_to_the_day(self) -> None:
        walk = started()
        found = walk.life.needs(walk.view)
        assert found.period is not None
        assert (found.period.start, found.period.end) == (date(2018, 6, 1), date(2019, 1, 31))
        fresh = begin("maladies_rares", "maladies_rares.initial", "2018-01-10")
        assert fresh.life.needs(fresh.view) == Needs()

    @pytest.mark.parametrize("reached", ["2020-13-01", 3, True])
    def test_a_day_that_is_none_is_refused(self, reached: Any) -> None:
        from indicators.programmes.errors import RuleError

        walk = paid_twice()
        walk.change(entries={**walk.view.entries, "verification": {"on": "2020-10-05", "reached_on": reached}})
        with pytest.raises(RuleError, match=r"^bad_entry:verification\.reached_on$"):
            walk.on("2020-10-05").tried("TARGET_MISSED")
