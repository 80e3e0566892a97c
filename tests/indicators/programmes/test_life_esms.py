"""The life of an ESMS project: from the regional call to the usage part, and every way it stops."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.measures import Figure
from indicators.programmes.esms_numerique.rules import ADMISSIBILITY_ITEMS
from indicators.programmes.life import Needs, next_moves
from tests.indicators.programmes.walking import Walk, begin

SET: dict[str, Any] = {
    "call_opens:53": date(2021, 1, 1),
    "call_closes:53": date(2021, 3, 31),
    "national_market": ["DUI-1"],
    "medicalised_categories": ["EHPAD"],
    "medium_operator_from": 15,
    "small_esms": 15,
    "commitment_limit": date(2021, 6, 30),
    "core_criteria:p": ["E4", "E5"],
    "accompanied_counting": "open one day",
    "events": ["rendez-vous"],
    **{f"target:p:E{n}": "90" if n < 4 else "100" for n in range(1, 6)},
}
INVOICE = {"number": "F-1", "on": "2021-10-01", "euros": "1000.00"}
GOOD = [("E1", 90, 100), ("E2", 90, 100), ("E3", 90, 100), ("E4", 100, None), ("E5", 100, None)]


def structures(n: int, *, operators: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [{"finess": f"35{i:07}", "operator": f"OG{i % operators}", "territory": "Bretagne"} | more for i in range(n)]


def form(n: int = 15, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "acquisition",
        "items": list(ADMISSIBILITY_ITEMS),
        "in_cluster": True,
        "structures": structures(n),
        "solution": "DUI-1",
        "services": ["MSSANTE", "DMP"],
    } | changes


def blocked(name: str) -> dict[str, Any]:
    return {"blocked:p": [name]}


def applied(entered: dict[str, Any] | None = None, *, without: Collection[str] = (), **values: Any) -> Walk:
    given_set = {name: value for name, value in (SET | values).items() if name not in without}
    walk = begin("esms_amorcage", "esms_amorcage.project", "2021-02-01", given_set, key={"project": "p"})
    return walk.enter(**entered or form()).to(("APPLIED", "2021-02-01"))


def selected(entered: dict[str, Any] | None = None, *, without: Collection[str] = (), **values: Any) -> Walk:
    return applied(entered, without=without, **values).to(("ELIGIBLE", "2021-03-01"), ("SELECTED", "2021-04-01"))


def rolled_out(walk: Walk | None = None) -> Walk:
    found = (walk or selected()).to(("COMMITTED", "2021-06-30")).enter(agreement={"signed_on": "2021-07-10"})
    found.to(("AGREEMENT_SIGNED", "2021-07-10")).enter(configuration_invoice=INVOICE)
    found.to(("CONFIGURED", "2021-10-05")).enter(roll_out_invoice=INVOICE)
    return found.to(("ROLLED_OUT", "2022-04-01"))


def with_results(walk: Walk, *rows: tuple[str, int, int | None], verified: bool = True) -> Walk:
    found = [{"criterion": name, "numerator": n, "denominator": d} for name, n, d in rows]
    return walk.enter(criteria_results=found, criteria_verified=verified)


class TestWhole:
    def test_to_the_usage_part_and_maintenance(self) -> None:
        end = with_results(rolled_out(), *GOOD).to(
            ("CRITERIA_VERIFIED", "2022-05-02"), ("CLOSED", "2022-06-01"), ("MAINTENANCE", "2022-07-01")
        )
        assert end.paid() == [("signature", 15_000_000), ("configuration", 15_000_000), ("usage", 7_500_000)]
        assert end.committed == end.view.paid() == 37_500_000
        assert end.rulings["COMMITTED"].letter == "acceptance"
        assert [record.op for record in end.records[:2]] == ["esms_call", "esms_eligibility"]

    def test_a_partial_result_pays_its_part_and_frees_the_rest(self) -> None:
        rows = [("E1", 45, 100), *GOOD[1:3], ("E4", 60, None), ("E5", 100, None)]
        end = with_results(rolled_out(), *rows).to(("CRITERIA_VERIFIED", "2022-05-02"))
        assert end.paid()[-1] == ("usage", 6_150_000)
        assert end.committed == end.view.paid()

    def test_a_blocked_criterion_leaves_its_share_to_the_others(self) -> None:
        walk = selected(None, **blocked("E4"))
        rows = [("E1", 45, 100), *GOOD[1:3], ("E5", 100, None)]
        end = with_results(rolled_out(walk), *rows).to(("CRITERIA_VERIFIED", "2022-05-02"))
        assert end.paid()[-1] == ("usage", 6_562_500)
        assert end.records[-1].outcome["share_per_criterion"] == "18750.00"

    def test_a_criterion_of_the_trade_is_not_blocked(self) -> None:
        walk = with_results(rolled_out(selected(None, **blocked("E1"))), *GOOD)
        assert walk.tried("CRITERIA_VERIFIED").reasons == ("only_socle_criteria_can_be_blocked",)

    def test_equipment_of_small_operators(self) -> None:
        rows = [*structures(12, operators=3, to_equip=True), *structures(15, operators=1, to_equip=True)]
        rows = [row | {"operator": row["operator"] if i < 12 else "BIG"} for i, row in enumerate(rows)]
        walk = selected(form(structures=rows)).to(("COMMITTED", "2021-06-30"))
        assert walk.records[-1].outcome["equipment"] == "240000.00"
        assert walk.committed == 91_500_000

    def test_over_two_regions_each_agency_has_its_share(self) -> None:
        rows = [*structures(10, region="53"), *structures(5, region="28")]
        walk = selected(form(structures=rows)).to(("COMMITTED", "2021-06-30"))
        assert walk.committed == 25_000_000
        assert walk.records[-1].outcome == {"28": "125000.00", "53": "250000.00"}

    @settings(deadline=None, max_examples=20)
    @given(st.integers(15, 40), st.integers(0, 120), st.integers(0, 150))
    def test_instalments_add_up_to_what_stays_bound(self, n: int, e1: int, e4: int) -> None:
        rows = [("E1", min(e1, 100), 100), *GOOD[1:3], ("E4", e4, None), ("E5", 100, None)]
        end = with_results(rolled_out(selected(form(n))), *rows).to(("CRITERIA_VERIFIED", "2022-05-02"))
        assert sum(cents for _, cents in end.paid()) == end.committed <= 75_000_000

    def test_figures_counted_here_answer_when_nobody_entered_any(self) -> None:
        figures = [Figure(f"I-ESMS-{name}", f"s{i}", None, n // 2, d and d // 2) for name, n, d in GOOD for i in (1, 2)]
        walk = rolled_out().change(figures=figures).enter(criteria_verified=True)
        assert walk.to(("CRITERIA_VERIFIED", "2022-05-02")).paid()[-1] == ("usage", 7_500_000)


class TestEligibility:
    @pytest.mark.parametrize(
        ("entered", "reason"),
        [
            (form(items=list(ADMISSIBILITY_ITEMS[1:])), "ITEM_MISSING:description"),
            (form(14), "CLUSTER_TOO_SMALL"),
            (form(in_cluster=False), "CLUSTER_TOO_SMALL"),
            (form(14, structures=structures(14, operators=1), in_cluster=False), "CLUSTER_TOO_SMALL"),
            (form(solution="other"), "OUTSIDE_NATIONAL_MARKET"),
            (form(structures=[*structures(14), *structures(1, territory="La Réunion")]),
             "parameter_missing:cluster_over_both_territories"),
            (form(kind="conformite", structures=structures(3, category="EHPAD"), services=["DMP"]),
             "INTEROPERABILITY_NOT_MET"),
        ],
    )  # fmt: skip
    def test_each_reason(self, entered: dict[str, Any], reason: str) -> None:
        walk = applied(entered)
        assert walk.tried("ELIGIBLE").reasons == (reason,)
        assert walk.to(("INELIGIBLE", "2021-03-01")).rulings["INELIGIBLE"].reasons == (reason,)
        assert walk.records[-1].outcome["reasons"] == [reason]

    def test_without_a_kind(self) -> None:
        entered = form()
        del entered["kind"]
        assert applied(entered).tried("ELIGIBLE").reasons == ("unknown_kind:none",)

    def test_a_derogation_is_confirmed(self) -> None:
        walk = applied(form(kind="conformite", solution="other", deployed_in_whole_field=True))
        assert walk.tried("ELIGIBLE").reasons == ("OUTSIDE_NATIONAL_MARKET",)
        assert walk.enter(derogation_confirmed=True).tried("ELIGIBLE").made

    def test_a_large_operator_alone(self) -> None:
        alone = form(15, structures=structures(15, operators=1), in_cluster=False)
        assert applied(alone).tried("ELIGIBLE").made
        missing = applied(alone, without=["medium_operator_from"])
        assert missing.tried("ELIGIBLE").reasons == ("parameter_missing:medium_operator_from",)

    @pytest.mark.parametrize(("name", "kind"), [("national_market", "acquisition"), ("medicalised", "conformite")])
    def test_what_nobody_gave_decides_nothing(self, name: str, kind: str) -> None:
        walk = applied(form(kind=kind), without=["national_market", "medicalised_categories"])
        for target in ("ELIGIBLE", "INELIGIBLE"):
            assert walk.tried(target).reasons == (f"parameter_missing:{name}",)

    def test_a_good_one_is_not_ineligible_and_a_rejection_has_reasons(self) -> None:
        walk = applied()
        assert walk.tried("INELIGIBLE").reasons == ("NO_REASON_TO_REFUSE",)
        walk.to(("ELIGIBLE", "2021-03-01"))
        assert walk.tried("REJECTED").reasons == ("REASONS_MISSING",)
        walk.enter(rejection_reasons=["équilibre entre PA et PH"]).to(("REJECTED", "2021-04-01"))
        assert (walk.rulings["REJECTED"].letter, walk.rulings["REJECTED"].reasons) == (
            "rejection",
            ("équilibre entre PA et PH",),
        )

    def test_the_call(self) -> None:
        for day, reasons in (("2020-12-31", ("REGIONAL_CALL_CLOSED",)), ("2021-03-31", ()),
                             ("2021-04-01", ("REGIONAL_CALL_CLOSED",))):  # fmt: skip
            walk = begin("esms_amorcage", "esms_amorcage.project", day, SET, key={"project": "p"})
            assert walk.tried("APPLIED").reasons == reasons
        walk = begin("esms_amorcage", "esms_amorcage.project", "2021-02-01", {}, key={"project": "p"})
        assert walk.tried("APPLIED").reasons == ("parameter_missing:call_opens:53",)


class TestMoney:
    def test_late(self) -> None:
        assert selected().on("2021-07-01").tried("COMMITTED").reasons == ("COMMITMENT_LATE",)
        assert selected().enter(redeployed=True).on("2021-09-30").tried("COMMITTED").made

    def test_on_the_day_only_read_nothing_is_committed(self) -> None:
        walk = selected(without=["commitment_limit"]).on("2021-06-01")
        assert walk.tried("COMMITTED").reasons == ("INDICATIVE:ESMS-R18:day",)

    def test_small_operators_are_not_guessed(self) -> None:
        walk = selected(form(structures=structures(15, to_equip=True)), without=["small_esms"])
        assert walk.on("2021-06-01").tried("COMMITTED").reasons == ("parameter_missing:small_esms",)
        assert walk.life.ruling(walk.view, "COMMITTED") is None

    def test_the_limit_of_thirty_is_not_guessed(self) -> None:
        walk = selected(form(structures=structures(31, to_equip=True))).on("2021-06-01")
        assert walk.tried("COMMITTED").reasons == ("parameter_missing:equipment_capped_at_30",)

    @pytest.mark.parametrize(("others", "reasons"), [(88_978_400, ()), (88_978_401, ("CREDITS_EXHAUSTED",))])
    def test_the_envelope_of_the_region(self, others: int, reasons: tuple[str, ...]) -> None:
        walk = selected().change(committed=others).on("2021-06-01")
        assert walk.tried("COMMITTED").reasons == reasons

    def test_a_region_the_table_does_not_have(self) -> None:
        values = {"call_opens:99": date(2021, 1, 1), "call_closes:99": date(2021, 3, 31)}
        walk = begin("esms_amorcage", "esms_amorcage.project", "2021-02-01", SET | values, key={"project": "p"})
        walk.change(region="99").enter(**form())
        walk.to(("APPLIED", "2021-02-01"), ("ELIGIBLE", "2021-03-01"), ("SELECTED", "2021-04-01"))
        assert walk.tried("COMMITTED").reasons == ("parameter_missing:project_support:99",)

    def test_an_agreement_and_invoices(self) -> None:
        walk = selected().to(("COMMITTED", "2021-06-30"))
        assert walk.tried("AGREEMENT_SIGNED").reasons == ("AGREEMENT_NOT_SIGNED",)
        walk.enter(agreement={"signed_on": "2021-07-10"}).to(("AGREEMENT_SIGNED", "2021-07-10"))
        for invoice in ({}, {"number": "1", "on": "2021-10-01"}, INVOICE | {"on": "2021-10-02"}):
            walk.enter(configuration_invoice=invoice).on("2021-10-01")
            assert walk.tried("CONFIGURED").reasons == ("INVOICE_MISSING:configuration",)
        walk.enter(configuration_invoice=INVOICE, signature_payment={"on": "2021-07-20", "euros": "1.00"})
        assert walk.tried("CONFIGURED").reasons == ("PAYMENT_DIFFERS:signature",)
        walk.enter(signature_payment={"on": "2021-07-20", "euros": "150000.00"}).to(("CONFIGURED", "2021-10-05"))
        assert walk.tried("ROLLED_OUT").reasons == ("INVOICE_MISSING:roll_out",)

    @pytest.mark.parametrize(
        ("rows", "without", "reason"),
        [
            (GOOD, ["target:p:E1"], "parameter_missing:target:E1"),
            (GOOD, ["core_criteria:p"], "parameter_missing:core_criteria:p"),
            ([("E1", 0, 0), *GOOD[1:]], [], "not_measurable:E1"),
            (GOOD[:4], [], "not_measurable:E5"),
            (GOOD, ["accompanied_counting"], "INDICATIVE:CFG-ES-12"),
            (GOOD, ["events"], "INDICATIVE:CFG-ES-13"),
        ],
    )
    def test_what_is_not_known_pays_nothing(self, rows: Any, without: list[str], reason: str) -> None:
        walk = with_results(rolled_out(selected(without=without)), *rows)
        assert walk.tried("CRITERIA_VERIFIED").reasons == (reason,)

    def test_nor_what_nobody_verified(self) -> None:
        walk = with_results(rolled_out(), *GOOD, verified=False)
        assert walk.tried("CRITERIA_VERIFIED").reasons == ("CRITERIA_NOT_VERIFIED",)


def test_what_figures_are_needed_and_what_comes_next() -> None:
    walk = rolled_out().on("2022-05-02")
    found = walk.life.needs(walk.view)
    assert found.period is not None
    assert (found.period.start, found.period.end) == (date(2022, 2, 1), date(2022, 4, 30))
    assert selected().life.needs(selected().view) == Needs()
    (only,) = next_moves(walk.life, walk.view)
    assert (only.target, only.actor, only.pays) == ("CRITERIA_VERIFIED", "ARS", True)
