"""The lives of a national project, at the thresholds of the call, and of its tranches."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import plain_euros
from indicators.programmes.aap_dui.rules import FILE_ITEMS
from indicators.programmes.dates import PARIS
from indicators.programmes.errors import RuleError
from tests.indicators.programmes.walking import Walk, begin

SET: dict[str, Any] = {"pivot:p": "ARS Bretagne", "mixed_base": "aid"}
SOLUTION = [{"place": "A", "solution": "DUI", "version": "2"}]


def form(n: int = 60, **changes: Any) -> dict[str, Any]:
    return {
        "items": list(FILE_ITEMS),
        "operators": [{"name": "A", "esms": n}],
        "requested_amount": "9000000.00",
        "schedule": [{"year": 2026, "euros": "1.00"}],
        "deployed": SOLUTION,
    } | changes


def drafted(entered: dict[str, Any] | None = None, *, without: Collection[str] = (), **values: Any) -> Walk:
    given_set = {name: value for name, value in (SET | values).items() if name not in without}
    walk = begin("aap_dui", "aap_dui.project", "2021-09-01", given_set, key={"project": "p"})
    return walk.enter(**entered or form())


def heard(entered: dict[str, Any] | None = None, **values: Any) -> Walk:
    walk = drafted(entered, **values).to(("DEPOSITED", "2021-09-01"), ("ELIGIBLE", "2021-10-25"))
    return walk.to(("EXPERTISED", "2021-11-01"), ("COMMITTEE", "2021-11-05"))


def rate(euros: str) -> dict[str, Any]:
    return {"rate_over_500:p": euros}


class TestProject:
    @pytest.mark.parametrize(
        ("n", "given_rate", "cents"),
        [(50, None, 25_000_000), (499, None, 249_500_000), (500, None, 250_000_000), (501, "4500", 225_450_000)],
    )
    def test_at_the_thresholds(self, n: int, given_rate: str | None, cents: int) -> None:
        walk = heard(form(n), **(rate(given_rate) if given_rate else {})).to(("ACCEPTED", "2021-11-10"))
        assert walk.committed == cents
        assert (walk.rulings["ACCEPTED"].letter, walk.records[-1].outcome["amount"]) == (
            "acceptance",
            plain_euros(cents),
        )
        walk.to(("PIVOT_ASSIGNED", "2021-11-20")).enter(agreement={"signed_on": "2021-12-01"})
        assert walk.to(("AGREEMENT", "2021-12-01")).paid() == []

    def test_above_500_without_a_rate_nothing_is_accepted(self) -> None:
        walk = heard(form(501))
        assert walk.tried("ACCEPTED").reasons == ("parameter_missing:rate_over_500",)
        assert walk.life.ruling(walk.view, "ACCEPTED") is None
        assert heard(form(501), **rate("5000")).tried("ACCEPTED").reasons == ("rate_over_500_must_be_below_5000",)

    def test_below_50_it_is_not_eligible(self) -> None:
        walk = drafted(form(49, items=list(FILE_ITEMS[1:]))).to(("DEPOSITED", "2021-09-01"))
        assert walk.tried("ELIGIBLE").reasons == ("FEWER_THAN_50_ESMS", "ITEM_MISSING:enjeux_objectifs")

    @pytest.mark.parametrize(
        ("moment", "closing", "inside"),
        [
            (datetime(2021, 8, 3, 0, 0, tzinfo=PARIS), None, True),
            (datetime(2021, 10, 20, 23, 59, 59, tzinfo=PARIS), None, True),
            (datetime(2021, 10, 21, 0, 0, tzinfo=PARIS), None, False),
            (datetime(2021, 10, 20, 12, 0, tzinfo=PARIS), "12:00", True),
            (datetime(2021, 10, 20, 12, 0, 1, tzinfo=PARIS), "12:00", False),
        ],
    )
    def test_the_deposit(self, moment: datetime, closing: str | None, inside: bool) -> None:
        walk = drafted(None, **({"closing_hour": closing} if closing else {})).change(at=moment)
        assert walk.tried("DEPOSITED").reasons == (() if inside else ("OUTSIDE_DEPOSIT_PERIOD",))
        assert walk.tried("REJECTED_LATE").reasons == (("INSIDE_DEPOSIT_PERIOD",) if inside else ())
        assert walk.move("DEPOSITED" if inside else "REJECTED_LATE").made
        assert walk.records[-1].outcome == {"accepted": inside}

    def test_an_hour_that_is_none_is_named(self) -> None:
        assert drafted(None, closing_hour="midi").tried("DEPOSITED").reasons == ("bad_parameter:closing_hour",)

    @pytest.mark.parametrize(
        ("changes", "committee", "reasons"),
        [
            ({"requested_amount": "299999.99"}, {}, ("AMOUNT_ABOVE_REQUEST",)),
            ({"requested_amount": "200000.00"}, {"granted_amount": "200000.00"}, ()),
            ({}, {"granted_amount": "300000.01"}, ("AMOUNT_ABOVE_COMPUTED",)),
            ({"schedule": [{"year": 2027}]}, {}, ("SCHEDULE_BEYOND_2026",)),
            ({"schedule": []}, {}, ("schedule_empty",)),
            ({"deployed": [*SOLUTION, {"place": "B", "solution": "DUI", "version": "3"}]}, {},
             ("SOLUTION_NOT_UNIFORM",)),
            ({"deployed": []}, {}, ("SOLUTION_NOT_UNIFORM",)),
            ({"acquisition_esms": 24}, {}, ()),
            ({"acquisition_esms": 25}, {}, ("ACQUISITION_ABOVE_40_PERCENT",)),
        ],
    )  # fmt: skip
    def test_the_committee(self, changes: dict[str, Any], committee: dict[str, Any], reasons: tuple[str, ...]) -> None:
        assert heard(form(**changes)).enter(**committee).tried("ACCEPTED").reasons == reasons

    def test_a_mixed_project_in_budget(self) -> None:
        mixed = form(acquisition_esms=10, budget={"acquisition": "100010.00", "without_equipment": "250000.00"})
        assert heard(mixed, mixed_base="budget").tried("ACCEPTED").reasons == ("ACQUISITION_ABOVE_40_PERCENT",)
        assert heard(mixed, without=["mixed_base"]).tried("ACCEPTED").reasons == ("parameter_missing:mixed_base",)
        assert heard(form(acquisition_esms=10), mixed_base="budget").tried("ACCEPTED").reasons == ("not_measurable",)

    def test_small_operators_are_equipped(self) -> None:
        rows = [{"name": str(n), "esms": n} for n in (14, 15, 31)]
        walk = heard(form(operators=rows, equipment_requested=True)).to(("ACCEPTED", "2021-11-10"))
        assert walk.committed == 58_000_000

    def test_a_refusal_has_reasons_and_an_agreement_a_pivot_and_a_signature(self) -> None:
        walk = heard()
        assert walk.tried("REFUSED").reasons == ("REASONS_MISSING",)
        refused = heard().enter(refusal_reasons=["maturité"]).to(("REFUSED", "2021-11-10"))
        assert (refused.rulings["REFUSED"].letter, refused.rulings["REFUSED"].reasons) == ("refusal", ("maturité",))
        accepted = heard(without=["pivot:p"]).to(("ACCEPTED", "2021-11-10"))
        assert accepted.tried("PIVOT_ASSIGNED").reasons == ("parameter_missing:pivot:p",)
        walk.to(("ACCEPTED", "2021-11-10"), ("PIVOT_ASSIGNED", "2021-11-20"))
        assert walk.tried("AGREEMENT").reasons == ("AGREEMENT_NOT_SIGNED",)


CRITERIA: dict[str, Any] = {"usage_criteria:p": ["C1", "C2"], "target:p:C1": "90", "target:p:C2": "10"}
REACHED = [{"criterion": "C1", "result": 9, "out_of": 10}, {"criterion": "C2", "result": 10}]


def tranche(rank: str = "1", *, without: Collection[str] = (), **entered: Any) -> Walk:
    given_set = {name: value for name, value in CRITERIA.items() if name not in without}
    walk = begin("aap_dui", "aap_dui.tranche", "2022-01-10", given_set, key={"project": "p", "tranche": rank})
    opinion = {"on": "2021-11-10", "favourable": True}
    whole = {"project_amount": "1000.00", "plan": ["33.33", "33.33", "33.34"], "committee_opinion": opinion}
    return walk.enter(**whole | entered)


def verified(walk: Walk, rows: list[dict[str, Any]], **entered: Any) -> Walk:
    walk.to(("OPEN", "2022-01-10"))
    walk.enter(**{"vsr": {"signed_on": "2022-06-01"}, "deployed": SOLUTION, "usage_results": rows} | entered)
    return walk.to(("VSR", "2022-06-01")).enter(criteria_verified=True)


class TestTranche:
    def test_reached(self) -> None:
        end = verified(tranche(), REACHED).to(("CRITERIA_REACHED", "2022-06-10"))
        assert end.paid() == [("tranche", 33_330)]
        assert end.records[-1].outcome == {"may_request_next_tranche": True, "reasons": []}

    def test_missed(self) -> None:
        walk = verified(tranche(), [{"criterion": "C1", "result": 89, "out_of": 100}])
        missed = ("USAGE_NOT_REACHED:C1", "USAGE_NOT_REACHED:C2")
        assert walk.tried("CRITERIA_REACHED").reasons == missed
        walk.to(("CRITERIA_MISSED", "2022-06-10"))
        assert (walk.rulings["CRITERIA_MISSED"].letter, walk.rulings["CRITERIA_MISSED"].reasons) == ("refusal", missed)

    def test_reached_it_is_not_missed(self) -> None:
        assert verified(tranche(), REACHED).tried("CRITERIA_MISSED").reasons == ("CRITERIA_REACHED",)

    @settings(deadline=None, max_examples=25)
    @given(st.integers(100, 10**9), st.integers(1, 98), st.integers(1, 98))
    def test_tranches_add_up(self, total: int, first: int, second: int) -> None:
        parts = [first, min(second, 99 - first)]
        plan = [str(one) for one in (*parts, 100 - sum(parts))]
        paid = 0
        for rank in ("1", "2", "3"):
            walk = tranche(rank, project_amount=plain_euros(total), plan=plan, previous_closed_on="2022-01-01")
            paid += walk.to(("OPEN", "2022-01-10")).view.paid()
        assert paid == total

    @pytest.mark.parametrize(
        ("rank", "entered", "reasons"),
        [
            ("1", {"committee_opinion": {"on": "2021-11-10", "favourable": False}}, ("COMMITTEE_OPINION_MISSING",)),
            ("2", {}, ("PREVIOUS_TRANCHE_OPEN",)),
            ("2", {"previous_closed_on": "2022-01-11"}, ("PREVIOUS_TRANCHE_OPEN",)),
            ("2", {"previous_closed_on": "2022-01-10"}, ()),
            ("2", {"previous_closed_on": "2022-01-10", "pilot_first": True},
             ("DEMONSTRATION_MISSING", "INTEGRATION_PROOF_MISSING")),
            ("3", {"previous_closed_on": "2022-01-10", "pilot_first": True}, ()),
            ("4", {"previous_closed_on": "2022-01-10"}, ("no_tranche:4",)),
            ("1", {"plan": []}, ("PLAN_MISSING",)),
            ("1", {"plan": ["50"]}, ("tranches_do_not_add_up",)),
            ("3", {"plan": ["42", "58", "0"], "project_amount": "49354.75", "previous_closed_on": "2022-01-10"},
             ("TRANCHE_BELOW_ZERO",)),
        ],
    )  # fmt: skip
    def test_what_opens_it(self, rank: str, entered: dict[str, Any], reasons: tuple[str, ...]) -> None:
        assert tranche(rank, **entered).tried("OPEN").reasons == reasons

    @pytest.mark.parametrize("plan", [["beaucoup"], ["1/0"]])
    def test_a_plan_that_is_none_is_named(self, plan: list[str]) -> None:
        with pytest.raises(RuleError, match=r"^bad_entry:plan$"):
            tranche(plan=plan).tried("OPEN")
        with pytest.raises(RuleError, match=r"^no_tranche:x$"):
            tranche("x").tried("OPEN")

    @pytest.mark.parametrize(
        ("without", "reason"),
        [("usage_criteria:p", "parameter_missing:usage_criteria:p"), ("target:p:C2", "parameter_missing:target:C2")],
    )
    def test_what_nobody_gave_decides_nothing(self, without: str, reason: str) -> None:
        walk = verified(tranche(without=[without]), REACHED)
        for target in ("CRITERIA_REACHED", "CRITERIA_MISSED"):
            assert walk.tried(target).reasons == (reason,)

    def test_a_rate_out_of_nothing_and_two_versions(self) -> None:
        walk = verified(tranche(), [{"criterion": "C1", "result": 0, "out_of": 0}, REACHED[1]], deployed=[])
        assert walk.tried("CRITERIA_REACHED").reasons == ("USAGE_NOT_REACHED:C1", "SOLUTION_NOT_UNIFORM")

    def test_it_is_verified_in_regular_service_then_by_the_pivot(self) -> None:
        assert tranche().to(("OPEN", "2022-01-10")).tried("VSR").reasons == ("VSR_MISSING",)
        walk = verified(tranche(), REACHED).enter(criteria_verified=False)
        assert walk.on("2022-06-10").tried("CRITERIA_REACHED").reasons == ("CRITERIA_NOT_VERIFIED",)


def test_parameters_are_read_on_the_day() -> None:
    assert drafted().view.day == date(2021, 9, 1)
