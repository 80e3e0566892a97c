"""Whole lives of files: each programme's machine walked with what its rules answer, and every way a file fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, ClassVar

import pytest

from indicators.facts import BigInt
from indicators.measures import Figure
from indicators.money import parse_euros
from indicators.programmes import ParameterSet
from indicators.programmes.aap_dui import rules as aap
from indicators.programmes.aap_dui.states import PROJECT, TRANCHE
from indicators.programmes.cadre_commun import rules as cadre
from indicators.programmes.esms_numerique import money
from indicators.programmes.esms_numerique import rules as esms
from indicators.programmes.esms_numerique.states import MACHINE as ESMS
from indicators.programmes.machine import Machine, Move, holds
from indicators.programmes.maladies_rares import rules as rare
from indicators.programmes.maladies_rares.states import INITIAL, UPDATED
from indicators.programmes.standing import Firm, Indicative, Standing, Unknown, attempt, derive, settle
from indicators.programmes.sun_es_volet1 import Situation, candidature, files, rules, situation, usage_window
from indicators.programmes.sun_es_volet1.states import MACHINE as SUN1
from indicators.programmes.sun_es_volet2 import rules as sun2
from indicators.programmes.sun_es_volet2.states import MACHINE as SUN2
from tests.indicators.programmes.test_candidature import FILE

Facts = Mapping[str, Standing[tuple[str, ...]]]
F1 = usage_window("F1")
SITE = "350000042"
CONFIRMED: dict[str, Any] = {
    "denominator": "stays_discharged_not_excluded",
    "ins_level": "qualified",
    "cutoff:F1": date(2022, 6, 30),
    f"sites:{SITE}": [SITE],
    "indicators:documents_sortie": ["I-SUN1-LDL"],
    "target:I-SUN1-LDL:F1": "75",
    "forfait:documents_sortie:F1": "320000",
}


def walk(machine: Machine, state: str, *steps: tuple[str, Facts]) -> Move:
    """Each step by its own actor; stops at the first one that is not made."""
    found = Move(state)
    for target, facts in steps:
        found = machine.move(found.state, target, machine.transition(found.state, target).actor, facts)
        if not found.made:
            return found
    return found


class TestSunEsVolet1:
    """One establishment in window F1: deposit, prerequisites, advance, measure, declaration, 70 %."""

    amount: ClassVar[Facts] = {"amount": Firm(())}
    deposit: ClassVar[Facts] = {"form_complete": Firm(()), "in_candidature_period": Firm(())}

    def accepted(self, file: candidature.Candidature = FILE, spent: int = 0, delegated: int = 10**9) -> Facts:
        reasons = candidature.refusal_reasons(file)["documents_sortie"]
        left = rules.envelope_left(delegated, [spent, parse_euros("320000")])
        return {
            "admissible": Firm(reasons),
            "credits_left": holds(left >= 0, "CREDITS_EXHAUSTED"),
            "instruction_open": holds(files.decided_in_time(date(2021, 12, 31), F1), "INSTRUCTION_PERIOD_OVER"),
        }

    def looked_at(self, numerator: int, denominator: int = 4, **changes: Any) -> Situation:
        values = {name: value for name, value in (CONFIRMED | changes).items() if value is not None}
        figure = Figure("I-SUN1-LDL", SITE, None, numerator, denominator)
        return situation(SITE, "F1", [figure], [], ParameterSet.of("ars", values, source="letter"))

    def verdict(self, found: Situation, wanted: str, reason: str) -> Standing[tuple[str, ...]]:
        missing = found.verdict if found.verdict not in ("reached", "not_reached") else None
        reasons = () if found.verdict == wanted else (reason,)
        return settle(reasons, found.conventions, missing)

    def measured(self) -> Move:
        return walk(
            SUN1,
            "DRAFT",
            ("DEPOSITED", self.deposit),
            ("UNDER_REVIEW", {}),
            ("ACCEPTED", self.accepted()),
            ("ADVANCE_NOTIFIED", self.amount),
            ("ADVANCE_PAID", self.amount),
            ("MEASURING", {"measure_started": Firm(())}),
            ("DECLARED", {"measure_ended": Firm(()), "declared": Firm(()), "entry_open": Firm(())}),
        )

    def test_reached_it_is_paid_to_the_cent(self) -> None:
        found = self.looked_at(3)
        targets = {"targets": self.verdict(found, "reached", "TARGET_NOT_REACHED:I-SUN1-LDL")}
        end = walk(
            SUN1,
            self.measured().state,
            ("REACHED", targets),
            ("USAGE_NOTIFIED", targets | self.amount | {"never_paid": Firm(())}),
            ("USAGE_PAID", self.amount),
        )
        assert end.state == "USAGE_PAID"
        assert [found.advance.cents, found.usage.cents, found.total.cents] == [9_600_000, 22_400_000, 32_000_000]

    def test_missed_it_closes_with_the_advance_undecided(self) -> None:
        found = self.looked_at(2)
        missed = {"targets_missed": self.verdict(found, "not_reached", "TARGETS_REACHED")}
        end = walk(SUN1, "DECLARED", ("NOT_REACHED", missed), ("CLOSED", {}))
        assert (end.state, found.usage.cents) == ("CLOSED", 0)
        assert "CFG-S1-09" in end.notices[0].content_en

    @pytest.mark.parametrize(
        "name", ["denominator", "ins_level", "cutoff:F1", f"sites:{SITE}", "indicators:documents_sortie"]
    )
    def test_one_convention_left_keeps_it_declared(self, name: str) -> None:
        found = self.looked_at(3, **{name: None, "target:I-SUN1-ORD:F1": "0", "ordonnance_codes": ["57833-6"]})
        end = walk(SUN1, "DECLARED", ("REACHED", {"targets": self.verdict(found, "reached", "TARGET_NOT_REACHED")}))
        assert end.state == "DECLARED"
        assert end.reasons

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"target:I-SUN1-LDL:F1": None}, "parameter_missing:target:I-SUN1-LDL:F1"),
            ({"ins_level": "present"}, "parameter_not_applied:ins_level"),
        ],
    )
    def test_what_is_not_known_moves_nothing(self, changes: dict[str, Any], reason: str) -> None:
        found = self.looked_at(3, **changes)
        end = walk(SUN1, "DECLARED", ("REACHED", {"targets": self.verdict(found, "reached", "x")}))
        assert (end.state, end.reasons) == ("DECLARED", (reason,))

    def test_nobody_discharged_is_no_verdict(self) -> None:
        found = self.looked_at(0, 0)
        end = walk(SUN1, "DECLARED", ("NOT_REACHED", {"targets_missed": self.verdict(found, "not_reached", "x")}))
        assert end.reasons == ("not_measurable",)

    def test_late_it_is_rejected_with_the_reason(self) -> None:
        late = not candidature.deposited_in_time(date(2021, 11, 1), "F1")
        assert walk(SUN1, "DRAFT", ("REJECTED_LATE", {"late": holds(late, "INSIDE_CANDIDATURE_PERIOD")})).made
        stopped = walk(
            SUN1,
            "DRAFT",
            ("DEPOSITED", self.deposit | {"in_candidature_period": holds(not late, "OUTSIDE_CANDIDATURE_PERIOD")}),
        )
        assert stopped.reasons == ("OUTSIDE_CANDIDATURE_PERIOD",)

    def test_refused_it_is_told_every_reason(self) -> None:
        file = replace(FILE, commitment=False, prerequisites_in_osis=False)
        stopped = walk(SUN1, "UNDER_REVIEW", ("ACCEPTED", self.accepted(file)))
        assert stopped.reasons == ("PREREQ_NOT_IN_OSIS", "COMMITMENT_MISSING")
        refused = walk(
            SUN1,
            "UNDER_REVIEW",
            (
                "REFUSED",
                {"refusal_founded": holds(bool(stopped.reasons), "NO_REASON_TO_REFUSE"), "instruction_open": Firm(())},
            ),
        )
        assert [notice.to for notice in refused.notices] == ["establishment", "DNS, DGOS"]

    def test_without_credits_it_waits(self) -> None:
        stopped = walk(SUN1, "UNDER_REVIEW", ("ACCEPTED", self.accepted(spent=1, delegated=parse_euros("320000"))))
        assert stopped.reasons == ("CREDITS_EXHAUSTED",)

    def test_a_domain_is_never_paid_twice(self) -> None:
        never = candidature.already_funded("documents_sortie", frozenset({"documents_sortie"}))
        facts = {"targets": Firm(()), "never_paid": holds(not never, "DOMAIN_ALREADY_FUNDED"), "amount": Firm(())}
        assert walk(SUN1, "REACHED", ("USAGE_NOTIFIED", facts)).reasons == ("DOMAIN_ALREADY_FUNDED",)

    def test_undeclared_needs_a_deadline(self) -> None:
        over = derive(
            attempt(lambda: files.entry_in_time(date(2022, 8, 1), F1, None)),
            lambda yes: ("ENTRY_STILL_OPEN",) if yes else (),
        )
        stopped = walk(SUN1, "MEASURING", ("NOT_DECLARED", {"entry_over": over}))
        assert stopped.reasons == ("parameter_missing:entry_deadline",)
        known = holds(not files.entry_in_time(date(2022, 8, 1), F1, date(2022, 7, 31)), "ENTRY_STILL_OPEN")
        assert walk(SUN1, "MEASURING", ("NOT_DECLARED", {"entry_over": known})).made


class TestSunEsVolet2:
    def test_designated_then_paid_in_two(self) -> None:
        reasons = sun2.eligibility_reasons("31", True, date(2021, 9, 1))
        paid = sun2.payments(parse_euros("145678.90"), objectives_reached=True)
        end = walk(
            SUN2,
            "PROPOSED",
            (
                "DESIGNATED",
                {
                    "eligible": Firm(reasons),
                    "envelope_left": holds(sun2.within_envelope([paid.amount]), "CREDITS_EXHAUSTED"),
                },
            ),
            ("AMORCAGE_PAID", {"amount": Firm(()), "first_objective": Firm(())}),
            ("EXPERIMENTING", {"experiment_open": Firm(())}),
            ("OBJECTIVES_VERIFIED", {"objectives_known": Firm(())}),
            ("USAGE_PAID", {"objectives": Firm(()), "amount": Firm(())}),
        )
        assert (end.state, paid.paid) == ("USAGE_PAID", 10_000_000)

    def test_without_the_objective_of_the_first_payment_nothing_is_paid(self) -> None:
        facts = {"amount": Firm(()), "first_objective": Unknown("parameter_missing:first_objective")}
        assert walk(SUN2, "DESIGNATED", ("AMORCAGE_PAID", facts)).reasons == ("parameter_missing:first_objective",)

    def test_not_designated_it_is_not_in(self) -> None:
        facts = {"eligible": Firm(sun2.eligibility_reasons("35", None, date(2021, 9, 1))), "envelope_left": Firm(())}
        assert walk(SUN2, "PROPOSED", ("DESIGNATED", facts)).reasons == ("NOT_PILOT_DEPARTMENT", "NOT_DESIGNATED")


class TestRareDiseases:
    """The same late establishment before and after the note."""

    def test_before_the_note_it_keeps_the_start(self) -> None:
        end = walk(
            INITIAL,
            "DRAFT",
            ("APPLIED", {"received_in_time": Firm(())}),
            ("SELECTED", {}),
            ("AMORCAGE_PAID", {"selected": Firm(())}),
            ("TARGET_MISSED", {"text_in_force": Firm(()), "targets_missed": Firm(())}),
        )
        assert end.state in INITIAL.finals
        kept = rare.account(
            "initial",
            selected=True,
            reached=None,
            as_of=date(2019, 3, 1),
            perceived=rare.amorcage(),
            limit=date(2019, 1, 31),
        )
        assert (kept.net, kept.restitution) == (9_000_000, 0)

    def test_after_the_note_it_gives_everything_back(self) -> None:
        given_ = ParameterSet.of("dgos", {"target_day:updated": date(2020, 9, 30)}, source="letter")
        missed = derive(
            rare.target_day("updated", given_), lambda day: () if date(2020, 10, 1) > day else ("TARGET_DAY_NOT_OVER",)
        )
        assert missed == Firm(())
        end = walk(
            UPDATED,
            "AMORCAGE_PAID",
            ("USAGE_PAID", {"text_in_force": Firm(())}),
            ("TARGET_MISSED", {"targets_missed": missed}),
            ("RESTITUTION_DUE", {"targets_missed": missed}),
            ("RESTITUTED", {"returned": Firm(())}),
        )
        assert end.state == "RESTITUTED"
        due = rare.restitution(rare.grant(), None, date(2020, 9, 30), date(2020, 10, 1))
        assert due == 15_000_000

    def test_with_the_day_only_read_it_is_never_asked_to(self) -> None:
        missed = derive(rare.target_day("updated"), lambda _: ())
        assert isinstance(missed, Indicative)
        assert not walk(UPDATED, "USAGE_PAID", ("TARGET_MISSED", {"targets_missed": missed})).made


class TestEsms:
    """A conformity project of fifteen ESMS with one core criterion blocked."""

    def test_to_the_usage_part(self) -> None:
        aid = esms.aid("acquisition", 15, 0, capped_at_30=None)
        plan = money.schedule(aid.total)
        cluster = esms.cluster(["Bretagne"], 3, 15)
        eligible = Firm(() if cluster.eligible else (str(cluster.reason),))
        amount = {"amount": Firm(())}
        end = walk(
            ESMS,
            "DRAFT",
            ("APPLIED", {"call_open": Firm(())}),
            ("ELIGIBLE", {"eligible": eligible}),
            ("SELECTED", {}),
            ("COMMITTED", amount | {"in_commitment_time": Firm(()), "credits_left": Firm(())}),
            ("AGREEMENT_SIGNED", amount | {"agreement": Firm(())}),
            ("CONFIGURED", amount | {"configuration_invoice": Firm(())}),
            ("ROLLED_OUT", {"roll_out_invoice": Firm(())}),
            ("CRITERIA_VERIFIED", amount | {"criteria": Firm(())}),
            ("CLOSED", {}),
            ("MAINTENANCE", {}),
        )
        assert end.state == "MAINTENANCE"
        rows = [
            money.Criterion(f"E{n}", "metier" if n < 4 else "socle", Fraction(10), Fraction(10)) for n in range(1, 6)
        ]
        rows[0] = replace(rows[0], result=Fraction(5))
        rows[3] = replace(rows[3], result=None)
        usage = money.usage_payment(plan.usage_max, rows, {"E4"})
        assert (aid.total, plan.usage_max, usage.payment) == (37_500_000, 7_500_000, 6_562_500)

    def test_a_commitment_read_as_included_is_not_made_on_that_reading(self) -> None:
        limit = money.commitment_limit(redeployed=False)
        in_time = derive(limit, lambda day: () if date(2021, 6, 30) <= day else ("COMMITMENT_LATE",))
        facts = {"amount": Firm(()), "in_commitment_time": in_time, "credits_left": Firm(())}
        assert walk(ESMS, "SELECTED", ("COMMITTED", facts)).reasons == ("INDICATIVE:ESMS-R18:day",)
        redeployed = derive(
            money.commitment_limit(redeployed=True),
            lambda day: () if date(2021, 9, 30) <= day else ("COMMITMENT_LATE",),
        )
        assert walk(ESMS, "SELECTED", ("COMMITTED", facts | {"in_commitment_time": redeployed})).made

    def test_an_unchosen_reading_of_the_limit_commits_nothing(self) -> None:
        amount = derive(attempt(lambda: esms.aid("acquisition", 35, 35, capped_at_30=None)), lambda aid: ())
        facts = {"amount": amount, "in_commitment_time": Firm(()), "credits_left": Firm(())}
        assert walk(ESMS, "SELECTED", ("COMMITTED", facts)).reasons == ("parameter_missing:equipment_capped_at_30",)

    def test_a_criterion_without_target_pays_nothing(self) -> None:
        rows = [money.Criterion(f"E{n}", "metier" if n < 4 else "socle", None, Fraction(1)) for n in range(1, 6)]
        criteria = derive(attempt(lambda: money.usage_payment(100, rows)), lambda paid: ())
        end = walk(ESMS, "ROLLED_OUT", ("CRITERIA_VERIFIED", {"criteria": criteria, "amount": Firm(())}))
        assert end.reasons == ("parameter_missing:target:E1",)


class TestNationalCall:
    @pytest.mark.parametrize(
        ("n", "rate", "state", "cents"),
        [
            (49, None, "DEPOSITED", 0),
            (499, None, "ACCEPTED", 249_500_000),
            (500, None, "ACCEPTED", 250_000_000),
            (501, None, "COMMITTEE", None),
            (501, "4500", "ACCEPTED", 225_450_000),
        ],
    )
    def test_at_the_thresholds(self, n: int, rate: str | None, state: str, cents: int | None) -> None:
        amount = attempt(lambda: aap.dui_amount(n, None if rate is None else parse_euros(rate)))
        eligible = {
            "large_enough": holds(aap.large_enough(n), "FEWER_THAN_50_ESMS"),
            "complete": Firm(aap.items_missing(aap.FILE_ITEMS)),
        }
        granted = derive(
            amount, lambda euros: () if aap.granted_within_request(euros, 10**9) else ("AMOUNT_ABOVE_REQUEST",)
        )
        end = walk(
            PROJECT,
            "DRAFT",
            ("DEPOSITED", {"in_deposit_period": Firm(())}),
            ("ELIGIBLE", eligible),
            ("EXPERTISED", {}),
            ("COMMITTEE", {}),
            ("ACCEPTED", {"amount": granted, "compliant": Firm(())}),
        )
        assert end.state == state
        assert amount == (Unknown("parameter_missing:rate_over_500") if cents is None else Firm(cents))

    def test_a_tranche_opens_when_the_one_before_is_closed(self) -> None:
        criteria = {"E1": aap.Criterion(Fraction(90), Fraction(90))}
        reasons = aap.next_tranche_reasons(criteria, vsr_signed=True, same_solution=True)
        end = walk(
            TRANCHE,
            "PLANNED",
            ("OPEN", {"previous_closed": Firm(()), "demonstrated": Firm(()), "amount": Firm(())}),
            ("VSR", {"vsr_signed": Firm(())}),
            ("CRITERIA_REACHED", {"criteria": Firm(reasons)}),
        )
        assert end.state == "CRITERIA_REACHED"
        assert "PAI numérique" in end.notices[0].content_fr
        missed = walk(TRANCHE, "VSR", ("CRITERIA_MISSED", {"criteria_missed": Firm(())}))
        assert "does not say what follows" in missed.notices[0].content_en


class TestRegionalHalfYear:
    """A region's half-year: states of the nine services, coverage, use, and the report that is due."""

    states = dict.fromkeys(cadre.services(), "DEPLOYED") | {"ORIENTATION": "ABSENT", "ANRCP": "PLANNED", "DMP": "USED"}

    def test_coverage_use_and_report(self) -> None:
        available = cadre.available_services(self.states)
        found = cadre.coverage(available)
        assert (found.ratio.percent_text, found.missing) == ("77.78", ("ORIENTATION", "ANRCP"))
        assert cadre.usage_rate(["a", "b", "a"], 8).percent_text == "25.00"
        due = cadre.semester(date(2018, 6, 30))
        assert cadre.reports_missing("2017-S2", due, ["2017-S2"]) == ("2018-S1",)


def test_figures_are_sixty_four_bits() -> None:
    """A region's cents do not fit 32 bits; nothing on the way narrows them."""
    assert BigInt(money.published_table().total) == 3_000_000_000
