"""The life of a SUN-ES volet 1 file: whole, and every way it stops."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.measures import Figure
from indicators.money import plain_euros
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Needs, next_moves
from indicators.programmes.sun_es_volet1.candidature import PREREQUISITES
from tests.indicators.programmes.walking import Walk, begin

SITE = "350000042"
SET: dict[str, Any] = {
    "prerequisites": list(PREREQUISITES),
    "denominator": "stays_discharged_not_excluded",
    "ins_level": "qualified",
    "cutoff:F1": date(2022, 6, 30),
    "entry_deadline:F1": date(2022, 7, 31),
    f"sites:{SITE}": [SITE],
    "indicators:documents_sortie": ["I-SUN1-LDL"],
    "indicators:biologie": ["I-SUN1-BIO"],
    "target:I-SUN1-LDL:F1": "75",
    "target:I-SUN1-BIO:F1": "75",
    "target:I-SUN1-CRO:F1": "50",
    "forfait:documents_sortie:F1": "320000",
    "forfait:biologie:F1": "80000",
    "bonus_timing": "with_usage",
    "envelope:ars:53": "1000000",
}
FORM: dict[str, Any] = {
    "territory": "Bretagne",
    "legal_status": "public",
    "director_validation": True,
    "commitment": True,
    "prerequisites": {name: {"evidence": True, "reached": True} for name in PREREQUISITES},
    "prerequisites_in_osis": True,
    "editors": ["Editeur A"],
    "all_editors_in_relims": True,
}
GHT: dict[str, Any] = {
    "in_ght": True,
    "ght": {
        "sdsi_valid_in_osis": True,
        "convergence_indicators_in_osis": True,
        "ght_dsi_validated_by_support": True,
        "support_director_validation": True,
        "name": "GHT Armor",
    },
    "solutions": [{"name": "DPI", "in_place_before": True}],
}
ADVANCE = {"on": "2022-01-10", "euros": "96000.00"}


def draft(domain: str = "documents_sortie", *, without: Collection[str] = (), **values: Any) -> Walk:
    given_set = {name: value for name, value in (SET | values).items() if name not in without}
    return begin("sun_es_v1", "sun_es_v1.candidature", "2021-10-15", given_set,
                 key={"window": "F1", "domain": domain})  # fmt: skip


def reviewed(walk: Walk, **form: Any) -> Walk:
    return walk.enter(**FORM | form).to(("DEPOSITED", "2021-10-15"), ("UNDER_REVIEW", "2021-11-02"))


def measuring(walk: Walk | None = None, paid: dict[str, str] | None = None, **form: Any) -> Walk:
    found = reviewed(walk or draft(), **form).to(("ACCEPTED", "2021-12-31"), ("ADVANCE_NOTIFIED", "2022-01-03"))
    due = sum(one.cents for one in found.rulings["ADVANCE_NOTIFIED"].instalments)
    found.enter(advance_payment=paid or {"on": "2022-01-10", "euros": plain_euros(due)})
    return found.to(("ADVANCE_PAID", "2022-01-10"), ("MEASURING", "2022-01-11"))


def declared(walk: Walk, *rows: tuple[str, int, int], verified: bool = True) -> Walk:
    usage = [{"indicator": name, "numerator": n, "denominator": d} for name, n, d in rows]
    walk.enter(declared_usage=usage).to(("DECLARED", "2022-07-05"))
    return walk.enter(usage_verified=True) if verified else walk


def ended(walk: Walk) -> Walk:
    walk.to(("REACHED", "2022-07-20"), ("USAGE_NOTIFIED", "2022-07-21"))
    due = sum(one.cents for one in walk.rulings["USAGE_NOTIFIED"].instalments)
    return walk.enter(usage_payment={"on": "2022-08-01", "euros": plain_euros(due)}).to(("USAGE_PAID", "2022-08-01"))


class TestWhole:
    def test_reached_it_is_paid_to_the_cent(self) -> None:
        end = ended(declared(measuring(), ("I-SUN1-LDL", 3, 4)))
        assert end.state == "USAGE_PAID"
        assert end.paid() == [("advance", 9_600_000), ("usage", 22_400_000)]
        assert end.committed == sum(cents for _, cents in end.paid())
        letters = [end.rulings[state].letter for state in ("DEPOSITED", "ACCEPTED", "ADVANCE_NOTIFIED")]
        assert letters == ["receipt", "acceptance", "notification"]

    def test_missed_it_closes_with_the_fate_of_the_advance(self) -> None:
        end = declared(measuring(), ("I-SUN1-LDL", 2, 4)).to(("NOT_REACHED", "2022-07-20"), ("CLOSED", "2022-07-21"))
        assert end.paid() == [("advance", 9_600_000)]
        assert end.committed == 9_600_000
        assert end.rulings["CLOSED"].reasons == ("TARGET_NOT_REACHED:I-SUN1-LDL", "ADVANCE_UNDECIDED")
        assert end.rulings["CLOSED"].letter == "refusal"

    def test_a_given_fate_is_said(self) -> None:
        walk = declared(measuring(draft(advance_on_miss="kept")), ("I-SUN1-LDL", 2, 4))
        end = walk.to(("NOT_REACHED", "2022-07-20"), ("CLOSED", "2022-07-21"))
        assert end.rulings["CLOSED"].reasons[-1] == "ADVANCE_KEPT"

    @pytest.mark.parametrize(
        ("timing", "cro", "advance", "usage"),
        [
            ("with_usage", 5, 9_600_000, 25_600_000),
            ("prorata", 5, 10_560_000, 24_640_000),
            ("prorata", 4, 10_560_000, 21_440_000),
        ],
    )
    def test_the_bonus(self, timing: str, cro: int, advance: int, usage: int) -> None:
        walk = measuring(draft(bonus_timing=timing), bonus_claimed=True)
        end = ended(declared(walk, ("I-SUN1-LDL", 3, 4), ("I-SUN1-CRO", cro, 10)))
        assert end.paid() == [("advance", advance), ("usage", usage)]
        assert end.committed == advance + usage

    def test_nothing_declared_it_ends_with_the_advance(self) -> None:
        end = measuring().to(("NOT_DECLARED", "2022-08-01"))
        assert end.rulings["NOT_DECLARED"].reasons == ("USAGE_NOT_DECLARED", "ADVANCE_UNDECIDED")
        assert (end.view.paid(), end.committed) == (9_600_000, 9_600_000)

    def test_the_grid_gives_the_forfait_of_the_activity(self) -> None:
        grid: dict[str, Any] = {"forfait_grid:documents_sortie:F1": ["18000", "60000"], "tranche_bounds": [1000]}
        walk = reviewed(draft(without=("forfait:documents_sortie:F1",), **grid))
        assert walk.tried("ACCEPTED").reasons == ("parameter_missing:forfait:documents_sortie:F1",)
        walk.enter(combined_activity=1000).to(("ACCEPTED", "2021-12-31"), ("ADVANCE_NOTIFIED", "2022-01-03"))
        assert (walk.committed, walk.view.paid()) == (6_000_000, 1_800_000)

    @pytest.mark.parametrize(
        ("bounds", "grid", "reason"),
        [
            ([2, 1], ["1", "2", "3"], "tranche_bounds_not_rising"),
            ([1], ["18000"], "no_amount_for_tranche:1"),
            ([1], "18000", "bad_parameter:forfait_grid"),
        ],
    )
    def test_a_grid_that_is_none_is_named(self, bounds: Any, grid: Any, reason: str) -> None:
        given_set: dict[str, Any] = {"forfait_grid:documents_sortie:F1": grid, "tranche_bounds": bounds}
        assert reviewed(draft(**given_set)).enter(combined_activity=5).tried("ACCEPTED").reasons == (reason,)

    def test_a_member_of_a_ght(self) -> None:
        assert reviewed(draft(), **GHT).move("ACCEPTED", "2021-12-01").made

    def test_an_internal_laboratory(self) -> None:
        walk = measuring(draft("biologie"), laboratory_entity="350000001")
        assert ended(declared(walk, ("I-SUN1-BIO", 75, 100))).paid() == [("advance", 2_400_000), ("usage", 5_600_000)]

    @settings(deadline=None, max_examples=25)
    @given(st.integers(1_800_000, 32_000_000), st.booleans(), st.sampled_from(["with_usage", "prorata"]))
    def test_instalments_add_up(self, forfait: int, bonus: bool, timing: str) -> None:
        given_set: dict[str, Any] = {"forfait:documents_sortie:F1": plain_euros(forfait), "bonus_timing": timing}
        walk = measuring(draft(**given_set), bonus_claimed=bonus)
        rows = [("I-SUN1-LDL", 4, 4), *([("I-SUN1-CRO", 9, 9)] if bonus else [])]
        end = ended(declared(walk, *rows))
        assert sum(cents for _, cents in end.paid()) == end.committed
        assert plain_euros(end.committed) == plain_euros(end.records[-1].outcome["amounts"]["total"]["cents"])


class TestDeposit:
    def test_late_it_is_rejected_with_the_reason(self) -> None:
        walk = draft().enter(**FORM)
        assert walk.move("DEPOSITED", "2021-11-01").reasons == ("OUTSIDE_CANDIDATURE_PERIOD",)
        assert walk.move("REJECTED_LATE", "2021-11-01").made
        assert walk.rulings["REJECTED_LATE"].reasons == ("OUTSIDE_CANDIDATURE_PERIOD",)
        assert draft().move("REJECTED_LATE", "2021-10-31").reasons == ("INSIDE_CANDIDATURE_PERIOD",)

    def test_it_needs_its_signatures(self) -> None:
        walk = draft().enter(**FORM | GHT | {"director_validation": False, "ght": {}})
        assert walk.move("DEPOSITED").reasons == (
            "DIRECTOR_VALIDATION_MISSING",
            "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING",
        )

    @pytest.mark.parametrize("key", [{"window": "F9", "domain": "biologie"}, {"window": "F1", "domain": "x"}])
    def test_a_file_about_something_else_is_refused(self, key: dict[str, str]) -> None:
        with pytest.raises(RuleError, match=r"unknown_(window:F9|domain:x)"):
            draft().change(key=key).tried("DEPOSITED")


class TestReview:
    @pytest.mark.parametrize(
        ("form", "reasons"),
        [
            ({"territory": "Nouvelle-Calédonie"}, ["OUT_OF_TERRITORY"]),
            ({"commitment": False, "prerequisites_in_osis": False}, ["PREREQ_NOT_IN_OSIS", "COMMITMENT_MISSING"]),
            ({"all_editors_in_relims": False}, ["EDITOR_NOT_IN_RELIMS"]),
            ({**GHT, "solutions": []}, ["SOLUTION_OUTSIDE_CONVERGENCE"]),
            ({**GHT, "solutions": [{"name": "x", "in_place_before": False}]}, ["SOLUTION_OUTSIDE_CONVERGENCE"]),
            (
                {"prerequisites": {n: {"evidence": n != "SP6", "reached": n != "SP5"} for n in PREREQUISITES}},
                ["PREREQ_EVIDENCE_MISSING:SP6", "PREREQ_NOT_REACHED:SP5"],
            ),
        ],
    )
    def test_every_reason_is_told(self, form: dict[str, Any], reasons: list[str]) -> None:
        walk = reviewed(draft(), **form)
        assert list(walk.move("ACCEPTED", "2021-12-31").reasons) == reasons
        assert walk.move("REFUSED", "2021-12-31").made
        assert list(walk.rulings["REFUSED"].reasons) == reasons
        assert walk.records[-1].outcome["documents_sortie"]["reasons"] == reasons

    def test_what_the_agency_does_not_confirm(self) -> None:
        walk = reviewed(draft()).enter(prerequisites_not_verified=["SP2"], editors_not_in_relims=["Editeur A"])
        assert walk.tried("ACCEPTED").reasons == ("PREREQ_NOT_REACHED:SP2", "EDITOR_NOT_IN_RELIMS")

    def test_an_outside_laboratory(self) -> None:
        assert reviewed(draft("biologie")).tried("ACCEPTED").reasons == ("NO_INTERNAL_LAB",)

    def test_a_good_file_is_not_refused(self) -> None:
        assert reviewed(draft()).tried("REFUSED").reasons == ("NO_REASON_TO_REFUSE",)

    def test_without_the_list_of_prerequisites_nothing_is_decided(self) -> None:
        walk = reviewed(draft(without=("prerequisites",)))
        for target in ("ACCEPTED", "REFUSED"):
            assert walk.tried(target).reasons == ("parameter_missing:prerequisites",)

    def test_after_the_instruction_nothing_is_decided(self) -> None:
        walk = reviewed(draft()).on("2022-01-01")
        assert walk.tried("ACCEPTED").reasons == ("INSTRUCTION_PERIOD_OVER",)

    @pytest.mark.parametrize(("others", "reasons"), [(68_000_000, ()), (68_000_001, ("CREDITS_EXHAUSTED",))])
    def test_the_envelope(self, others: int, reasons: tuple[str, ...]) -> None:
        assert reviewed(draft()).change(committed=others).tried("ACCEPTED").reasons == reasons

    def test_without_an_envelope_there_is_no_check_and_without_an_amount_no_acceptance(self) -> None:
        assert reviewed(draft(without=("envelope:ars:53",))).tried("ACCEPTED").made
        missing = ("parameter_missing:forfait:documents_sortie:F1",)
        assert reviewed(draft(without=("forfait:documents_sortie:F1",))).tried("ACCEPTED").reasons == missing

    def test_a_funded_domain_and_a_second_attempt(self) -> None:
        other = [{"window": "F2", "domain": "documents_sortie"}]
        assert reviewed(draft()).change(paid_elsewhere=other).tried("ACCEPTED").reasons == ("DOMAIN_ALREADY_FUNDED",)
        again = reviewed(draft()).change(missed_elsewhere=other)
        assert again.tried("ACCEPTED").reasons == ("parameter_missing:retry_allowed",)
        for allowed, reasons in ((True, ()), (False, ("RETRY_NOT_ALLOWED",))):
            again = reviewed(draft(retry_allowed=allowed)).change(missed_elsewhere=other)
            assert again.tried("ACCEPTED").reasons == reasons


class TestPayments:
    def test_a_payment_is_entered_and_is_the_one_due(self) -> None:
        walk = reviewed(draft()).to(("ACCEPTED", "2021-12-31"), ("ADVANCE_NOTIFIED", "2022-01-03"))
        assert walk.tried("ADVANCE_PAID").reasons == ("PAYMENT_NOT_ENTERED:advance",)
        for wrong in ({"on": "2022-01-10", "euros": "96000.01"}, {"euros": "96000"}, {"on": "2022-01-10"}):
            assert walk.enter(advance_payment=wrong).tried("ADVANCE_PAID").reasons == ("PAYMENT_DIFFERS:advance",)
        assert walk.enter(advance_payment=ADVANCE).tried("ADVANCE_PAID").made

    def test_a_bonus_without_its_timing_has_no_advance(self) -> None:
        walk = reviewed(draft(without=("bonus_timing",)), bonus_claimed=True).to(("ACCEPTED", "2021-12-31"))
        assert walk.tried("ADVANCE_NOTIFIED").reasons == ("parameter_missing:bonus_timing",)

    def test_a_domain_is_never_paid_twice(self) -> None:
        walk = declared(measuring(), ("I-SUN1-LDL", 3, 4)).to(("REACHED", "2022-07-20"))
        walk.change(paid_elsewhere=[{"window": "F2", "domain": "documents_sortie"}])
        assert walk.tried("USAGE_NOTIFIED").reasons == ("DOMAIN_ALREADY_FUNDED",)

    def test_a_total_below_what_was_paid_is_stopped(self) -> None:
        walk = declared(measuring(), ("I-SUN1-LDL", 3, 4)).to(("REACHED", "2022-07-20"))
        less: dict[str, Any] = {"forfait:documents_sortie:F1": "90000"}
        lower = draft(**less).view.parameters
        assert walk.change(parameters=lower).tried("USAGE_NOTIFIED").reasons == ("PAID_ABOVE_TOTAL",)


class TestUsage:
    def test_the_clock(self) -> None:
        walk = measuring()
        assert walk.on("2022-06-30").enter(declared_usage=[]).tried("DECLARED").reasons == (
            "MEASURE_NOT_ENDED",
            "USAGE_NOT_DECLARED",
        )
        assert walk.on("2022-07-31").tried("NOT_DECLARED").reasons == ("ENTRY_STILL_OPEN",)
        assert walk.on("2022-08-01").tried("NOT_DECLARED").made
        assert "ENTRY_CLOSED" in walk.tried("DECLARED").reasons

    def test_without_a_last_day_nothing_is_too_late(self) -> None:
        walk = measuring(draft(without=("entry_deadline:F1",))).on("2030-01-01")
        assert walk.tried("NOT_DECLARED").reasons == ("parameter_missing:entry_deadline:F1",)
        assert walk.tried("DECLARED").reasons == ("USAGE_NOT_DECLARED",)

    def test_figures_declared_elsewhere_count(self) -> None:
        walk = measuring().change(declared=[Figure("I-SUN1-LDL", SITE, None, 3, 4)])
        walk.to(("DECLARED", "2022-07-05")).enter(usage_verified=True)
        assert walk.tried("REACHED").made

    def test_nothing_is_judged_before_the_agency_verified(self) -> None:
        walk = declared(measuring(), ("I-SUN1-LDL", 3, 4), verified=False)
        assert walk.tried("REACHED").reasons == ("USAGE_NOT_VERIFIED",)
        assert walk.tried("NOT_REACHED").reasons == ("USAGE_NOT_VERIFIED", "TARGETS_REACHED")

    @pytest.mark.parametrize("name", ["denominator", "ins_level", "cutoff:F1", f"sites:{SITE}"])
    def test_one_convention_left_keeps_it_declared(self, name: str) -> None:
        walk = declared(measuring(draft(without=(name,))), ("I-SUN1-LDL", 3, 4))
        assert walk.tried("REACHED").reasons == (f"INDICATIVE:{name}",)
        assert walk.tried("NOT_REACHED").reasons == ("TARGETS_REACHED", f"INDICATIVE:{name}")

    @pytest.mark.parametrize(
        ("rows", "without", "reason"),
        [
            ((3, 4), ("target:I-SUN1-LDL:F1",), "parameter_missing:target:I-SUN1-LDL:F1"),
            ((0, 0), (), "not_measurable"),
            ((5, 4), (), "to_verify:numerator_exceeds_denominator"),
        ],
    )
    def test_what_is_not_known_moves_nothing(
        self, rows: tuple[int, int], without: tuple[str, ...], reason: str
    ) -> None:
        walk = declared(measuring(draft(without=without)), ("I-SUN1-LDL", *rows))
        for target in ("REACHED", "NOT_REACHED"):
            assert walk.tried(target).reasons == (reason,)

    def test_our_own_figures_are_a_control_on_record(self) -> None:
        walk = declared(measuring(draft(tolerance="5")), ("I-SUN1-LDL", 3, 4))
        walk.change(figures=[Figure("I-SUN1-LDL", SITE, None, 2, 4)]).to(("REACHED", "2022-07-20"))
        control = walk.records[-1].outcome["control"]
        assert control == [{"measure": "I-SUN1-LDL", "rate": "50.00", "gap": "25.00", "alert": True}]

    def test_the_bonus_does_not_keep_the_targets_from_being_reached(self) -> None:
        walk = declared(measuring(bonus_claimed=True), ("I-SUN1-LDL", 3, 4), ("I-SUN1-CRO", 0, 4))
        assert walk.tried("REACHED").made


class TestNeeds:
    def test_once_the_measure_has_begun(self) -> None:
        assert draft().life.needs(draft().view) == Needs()
        walk = measuring(bonus_claimed=True)
        found = walk.life.needs(walk.view)
        assert found.measures == ("I-SUN1-LDL", "I-SUN1-CRO", "I-SUN1-INS")
        assert found.period is not None
        assert (found.period.start, found.cutoff) == (date(2022, 1, 1), date(2022, 6, 30))


def test_what_comes_next_and_what_is_missing() -> None:
    walk = reviewed(draft(), commitment=False)
    refused, accepted = next_moves(walk.life, walk.view)
    assert (refused.target, refused.actor, refused.made, refused.pays) == ("REFUSED", "ARS", True, False)
    assert (accepted.made, accepted.reasons) == (False, ("COMMITMENT_MISSING",))
