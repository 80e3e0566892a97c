"""The situation of one establishment: what is known is said to the cent, what is not is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from indicators.engine import ArrowFacts, duckdb_engine
from indicators.facts import BigInt, Declared
from indicators.measures import Figure, compute
from indicators.programmes import ParameterSet
from indicators.programmes.sun_es_volet1 import Situation, situation, usage_window
from tests.indicators.country import Country, letter, stay

SITE = "010000024"
# Test values, none of them official.
TARGET = {"target:I-SUN1-LDL:F1": "75", "indicators:documents_sortie": ["I-SUN1-LDL"]}
FORFAIT = {"forfait:documents_sortie:F1": "18 333,35 €"}
CONFIRMED = {
    "denominator": "stays_discharged_not_excluded",
    "ins_level": "qualified",
    "cutoff:F1": date(2022, 6, 30),
    f"sites:{SITE}": [SITE],
}


def figure(numerator: int, denominator: int, measure: str = "I-SUN1-LDL", site: str = SITE) -> Figure:
    return Figure(measure, site, None, numerator, denominator)


def look(values: dict[str, Any], *figures: Figure, declared: tuple[Declared, ...] = (), **asked: Any) -> Situation:
    return situation(SITE, "F1", figures, declared, ParameterSet.of("test", values, source="test"), **asked)


def cents(found: Situation) -> list[int | str]:
    return [amount.value for amount in (found.advance, found.usage, found.total, found.at_stake)]


class TestWithoutParameters:
    found = look({}, figure(3, 4), figure(9, 10, "I-SUN1-INS"))

    def test_the_rate_is_shown_and_the_target_is_named(self) -> None:
        letters, prescriptions, identity = self.found.lines
        assert (letters.measure, letters.status, letters.verdict) == (
            "I-SUN1-LDL",
            "measured",
            "parameter_missing:target:I-SUN1-LDL:F1",
        )
        assert (prescriptions.status, prescriptions.verdict) == ("not_measurable", "parameter_missing:ordonnance_codes")
        assert (identity.decides, identity.verdict) == (False, "no_target")
        assert self.found.verdict == "parameter_missing:target:I-SUN1-LDL:F1"

    def test_every_amount_names_the_forfait(self) -> None:
        assert cents(self.found) == ["parameter_missing:forfait:documents_sortie:F1"] * 4

    def test_what_is_missing_is_listed_once(self) -> None:
        assert self.found.missing_parameters == (
            "target:I-SUN1-LDL:F1",
            "ordonnance_codes",
            "forfait:documents_sortie:F1",
        )

    def test_it_is_indicative_and_moves_nothing(self) -> None:
        assert self.found.indicative
        assert self.found.next_state("DECLARED") == "DECLARED"

    @pytest.mark.parametrize("lang", ["fr", "en"])
    def test_the_text_keeps_the_names_and_the_rules(self, lang: str) -> None:
        text = self.found.explain(lang)
        for part in (
            "parameter_missing:target:I-SUN1-LDL:F1",
            "[SUN1-R24]",
            "75",
            "[I-SUN1-LDL, SUN1-R25]",
            "ins_level",
        ):
            assert part in text
        assert "{" not in text

    def test_another_language_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'de'"):
            self.found.explain("de")

    def test_machines_can_read_it(self) -> None:
        read = json.loads(json.dumps(self.found.as_dict(), default=str))
        assert read["indicators"][0]["rate"] == "75.00"
        assert read["amounts"]["advance"] == {
            "cents": "parameter_missing:forfait:documents_sortie:F1",
            "rule": "SUN1-R24",
        }
        assert read["indicative"] is True


class TestWithTestParameters:
    def test_reached(self) -> None:
        found = look(TARGET | FORFAIT, figure(3, 4))
        assert found.verdict == "reached"
        assert cents(found) == [550_001, 1_283_334, 1_833_335, 0]
        assert found.lines[0].missing == 0

    def test_missed_by_one_letter(self) -> None:
        found = look(TARGET | FORFAIT, figure(3, 5))
        assert (found.verdict, found.lines[0].missing) == ("not_reached", 1)
        assert cents(found) == [550_001, 0, 550_001, 1_283_334]
        assert "il manque 1 lettre." in found.explain()
        assert "12\u202f833,34\u00a0€" in found.explain()
        assert "1 letter missing" in found.explain("en")

    def test_missed_without_a_forfait_still_pays_no_usage(self) -> None:
        missing = "parameter_missing:forfait:documents_sortie:F1"
        assert cents(look(TARGET, figure(3, 5))) == [missing, 0, missing, missing]

    def test_reached_without_a_forfait_names_it(self) -> None:
        assert cents(look(TARGET, figure(3, 4))) == ["parameter_missing:forfait:documents_sortie:F1"] * 4

    def test_a_forfait_without_target_shows_what_is_at_stake(self) -> None:
        found = look(FORFAIT, figure(3, 4))
        missing = "parameter_missing:target:I-SUN1-LDL:F1"
        assert cents(found) == [550_001, missing, missing, 1_283_334]

    def test_the_forfait_of_the_file_goes_before_the_general_one(self) -> None:
        found = look(TARGET | FORFAIT | {f"forfait:documents_sortie:F1:{SITE}": "20000"}, figure(3, 4))
        assert found.total.cents == 2_000_000

    def test_no_discharge_is_not_measurable(self) -> None:
        found = look(TARGET | FORFAIT)
        assert (found.verdict, found.usage.value, found.total.value) == ("not_measurable",) * 3
        assert "pas de verdict" in found.explain()

    def test_more_letters_than_stays_is_to_be_verified(self) -> None:
        found = look(TARGET | FORFAIT, figure(5, 4))
        assert found.verdict == "to_verify:numerator_exceeds_denominator"
        assert "to be verified" in found.explain("en")

    def test_a_prescription_target_needs_a_figure(self) -> None:
        values = (
            TARGET
            | FORFAIT
            | {
                "indicators:documents_sortie": ["I-SUN1-LDL", "I-SUN1-ORD"],
                "ordonnance_codes": ["57833-6"],
                "target:I-SUN1-ORD:F1": "50",
            }
        )
        assert look(values, figure(3, 4)).verdict == "not_measurable"
        assert "pas de taux" in look(values, figure(3, 4)).explain()
        assert look(values, figure(3, 4), figure(1, 2, "I-SUN1-ORD")).verdict == "reached"
        missed = look(values, figure(3, 4), figure(1, 3, "I-SUN1-ORD"))
        assert missed.verdict == "not_reached"
        assert "il manque 1 document." in missed.explain()

    def test_a_domain_without_any_target_has_no_verdict(self) -> None:
        found = look(FORFAIT | {"indicators:documents_sortie": []}, figure(3, 4))
        assert (found.verdict, found.usage.value) == ("no_target", "no_target")
        assert "aucune cible" in found.explain()

    def test_the_parameter_set_is_said(self) -> None:
        assert look(TARGET).parameter_set == "test+sun_es_v1-sources"


class TestBonus:
    values = TARGET | FORFAIT | {"target:I-SUN1-CRO:F1": "50", "bonus_timing": "with_usage"}

    def test_operative_reports_bring_ten_percent(self) -> None:
        found = look(self.values, figure(3, 4), figure(1, 2, "I-SUN1-CRO"), bonus_claimed=True)
        assert (found.verdict, found.total.cents) == ("reached", 1_833_335 + 183_334)

    def test_missing_them_does_not_lose_the_standard_forfait(self) -> None:
        found = look(self.values, figure(3, 4), figure(0, 2, "I-SUN1-CRO"), bonus_claimed=True)
        assert (found.verdict, found.total.cents) == ("reached", 1_833_335)

    def test_an_undecided_bonus_gives_its_reason(self) -> None:
        assert look(self.values, figure(3, 4), bonus_claimed=True).total.value == "not_measurable"
        values = {name: value for name, value in self.values.items() if name != "bonus_timing"}
        found = look(values, figure(3, 4), figure(1, 2, "I-SUN1-CRO"), bonus_claimed=True)
        assert found.advance.value == "parameter_missing:bonus_timing"


class TestConventions:
    def test_confirmed_by_the_ars_it_is_firm(self) -> None:
        found = look(TARGET | FORFAIT | CONFIRMED, figure(3, 4))
        assert (found.indicative, found.next_state("DECLARED")) == (False, "REACHED")
        assert "indicatif" not in found.explain()

    @pytest.mark.parametrize("name", CONFIRMED)
    def test_one_convention_left_is_enough_to_be_indicative(self, name: str) -> None:
        values = {key: value for key, value in (TARGET | FORFAIT | CONFIRMED).items() if key != name}
        found = look(values, figure(3, 4))
        assert found.conventions == (name,)
        assert found.next_state("DECLARED") == "DECLARED"

    def test_a_parameter_the_figures_do_not_follow_stops_the_verdict(self) -> None:
        found = look(TARGET | FORFAIT | CONFIRMED | {"ins_level": "present"}, figure(3, 4))
        assert found.verdict == found.usage.value == "parameter_not_applied:ins_level"
        assert "parameter_not_applied:ins_level" in found.explain()

    def test_the_cutoff_of_the_ars_must_be_the_one_computed_with(self) -> None:
        later = TARGET | FORFAIT | CONFIRMED | {"cutoff:F1": date(2022, 7, 15)}
        assert look(later, figure(3, 4)).verdict == "parameter_not_applied:cutoff:F1"
        assert look(later, figure(3, 4), cutoff=date(2022, 7, 15)).verdict == "reached"

    def test_sites_listed_by_the_ars_are_added_up(self) -> None:
        values = TARGET | FORFAIT | {f"sites:{SITE}": [SITE, "010000032"]}
        found = look(values, figure(1, 2), figure(2, 2, site="010000032"), figure(0, 9, site="2A0000048"))
        assert found.verdict == "reached"

    def test_monthly_or_repeated_figures_are_refused(self) -> None:
        monthly = replace(figure(3, 4), month=202201)
        for figures in ((monthly,), (figure(3, 4), figure(3, 4))):
            with pytest.raises(ValueError, match="one figure per site"):
                look(TARGET, *figures)


def declare(
    numerator: int | None, denominator: int | None, received: date = date(2022, 7, 1), **changes: Any
) -> Declared:
    window = usage_window(1).measure
    row = Declared(SITE, "010000001", "I-SUN1-LDL", window.start, window.end, None, None, "oSIS", received)
    large = (None if value is None else BigInt(value) for value in (numerator, denominator))
    return replace(row, **dict(zip(("numerator", "denominator"), large, strict=True)) | changes)


class TestDeclaredBesideComputed:
    def test_the_last_declaration_of_the_period_is_compared(self) -> None:
        rows = (
            declare(1, 4),
            declare(4, 5, date(2022, 7, 9)),
            declare(9, 9, date(2022, 8, 1), period_end=date(2022, 5, 31)),
            declare(None, 5, date(2022, 8, 1)),
            declare(0, 5, date(2022, 8, 1), indicator="I-SUN1-ORD"),
        )
        line = look(TARGET | {"tolerance": "4.99"}, figure(3, 4), declared=rows).lines[0]
        assert line.declared is not None
        assert (line.declared.percent_text, line.gap, line.alert) == ("80.00", Fraction(5), True)

    def test_without_tolerance_there_is_no_alert(self) -> None:
        found = look(TARGET, figure(3, 4), declared=(declare(4, 5),))
        assert found.lines[0].alert == "parameter_missing:tolerance"
        assert "5,00 points d'écart." in found.explain()

    def test_an_alert_is_said_in_words(self) -> None:
        found = look(TARGET | {"tolerance": "1"}, figure(3, 4), declared=(declare(4, 5),))
        assert "a gap of 5.00 points, above the tolerance." in found.explain("en")

    def test_a_declared_count_has_no_gap(self) -> None:
        found = look(TARGET, figure(3, 4), declared=(declare(4, None),))
        assert (found.lines[0].gap, found.lines[0].alert) == (None, None)
        assert "non calculable" in found.explain()


class TestLabel:
    def test_nothing_is_called_dmp_before_its_acknowledgement(self) -> None:
        found = look(TARGET, figure(3, 4))
        assert found.label == "accepted_by_this_server"
        assert "reçu et accepté par ce serveur" in found.explain()
        assert "déposé au DMP" not in found.explain()

    def test_acknowledged(self) -> None:
        found = look(TARGET, figure(3, 4), figure(1, 2, "I-SUN1-INS"), acknowledged=True)
        assert found.label == "dmp"
        letters, identity = found.explain().splitlines()[1:3]
        assert "déposé au DMP" in letters
        assert "reçu et accepté par ce serveur" in identity


def test_unknown_domain_and_window_are_named() -> None:
    with pytest.raises(LookupError, match="unknown domain 'cuisine'; known: biologie, documents_sortie, imagerie"):
        look({}, domain="cuisine")
    with pytest.raises(LookupError, match="unknown window 'F9'"):
        situation(SITE, "F9", [], [], ParameterSet("none"))


def test_from_facts_to_euros() -> None:
    """Worked example 5 on real facts: three of four stays have their letter, the test target is 75."""
    window = usage_window("F1")
    stays = [stay(index, out=date(2022, 3, index)) for index in range(1, 5)]
    letters = [letter(f"d{index}", index, on=date(2022, 6, 30)) for index in range(1, 4)]
    engine = duckdb_engine(ArrowFacts(Country(stays, letters).tables()))
    figures = compute(engine, window.measured(), organization=SITE)
    engine.close()
    found = look(TARGET | FORFAIT, *figures)
    assert (found.verdict, found.total.cents) == ("reached", 1_833_335)
