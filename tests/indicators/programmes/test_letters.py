"""Letters as values: every kind of every programme, all reasons in words, and nothing that is not firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from indicators.programmes import programme, programmes
from indicators.programmes.decisions import DecisionRecord
from indicators.programmes.errors import RuleError
from indicators.programmes.letters import (
    FACTS,
    KINDS,
    REASON_WORDS,
    Letter,
    day_words,
    kind_of,
    letter_of,
    moment_words,
    reason_of,
    refusal_words,
    unsettled,
)
from indicators.programmes.life import LETTERS
from indicators.programmes.sun_es_volet1.candidature import REASONS
from tests.support import decisions
from tests.support.decisions import CONTESTED, FILED, NOTIFIED, cases, rare, record

CASES = cases()
OF_THE_MACHINE = ("PAYMENT_NOT_ENTERED", "PAYMENT_DIFFERS")
"""Reasons that stop a move of the file and reach no letter."""


def letter(made: DecisionRecord, owed: str | None = None, **facts: Any) -> Letter:
    return letter_of(made, programme(made.programme), decisions.FACTS | facts, kind=owed)


class TestKinds:
    @pytest.mark.parametrize(("of", "kind"), CASES, ids="-".join)
    def test_every_kind_of_every_programme(self, of: str, kind: str) -> None:
        made, facts = CASES[of, kind]
        found = letter_of(made, programme(of), facts, kind=kind)
        assert (found.kind, found.programme) == (kind, of)
        assert (found.decision.id, found.decision.digest) == (made.id, made.digest)
        for sentence in (found.subject, *found.body, *found.following):
            assert sentence.fr.strip()
            assert sentence.en.strip()
            assert "{" not in sentence.fr + sentence.en

    def test_they_are_all_there(self) -> None:
        assert {kind for _, kind in CASES} == set(KINDS) == {*LETTERS, "contestation"}
        assert {of for of, _ in CASES} == set(programmes())

    @pytest.mark.parametrize(
        ("paid", "reasons", "kind"),
        [
            ((("advance", 1),), ["X"], "notification"),
            ((("restitution", 1),), [], "restitution"),
            ((("advance", -1),), [], "restitution"),
            ((), ["X"], "refusal"),
            ((), [], "acceptance"),
        ],
    )
    def test_what_a_decision_owes(self, paid: tuple[tuple[str, int], ...], reasons: list[str], kind: str) -> None:
        assert kind_of(record("sun_es_v1", NOTIFIED["sun_es_v1"][0], NOTIFIED["sun_es_v1"][1], *paid), reasons) == kind

    def test_the_file_says_first_and_the_caller_before_it(self) -> None:
        made, _ = CASES["sun_es_v1", "refusal"]
        assert letter(made).kind == "refusal"
        assert letter(made, kind="rejection").kind == "rejection"
        assert letter(made, "refusal", kind="rejection").kind == "refusal"

    def test_the_same_record_and_facts_give_the_same_letter(self) -> None:
        made, facts = CASES["sun_es_v1", "notification"]
        assert letter_of(made, programme("sun_es_v1"), facts) == letter_of(made, programme("sun_es_v1"), facts)


class TestReasons:
    def test_all_of_them_in_the_order_of_the_decision_each_with_its_rule(self) -> None:
        found = letter(CASES["sun_es_v1", "refusal"][0])
        assert [(one.code, one.rule) for one in found.reasons] == [
            ("DIRECTOR_VALIDATION_MISSING", "SUN1-R11"),
            ("PREREQ_NOT_REACHED:SP2", "SUN1-R06"),
            ("EDITOR_NOT_IN_RELIMS", "SUN1-R09"),
        ]
        assert "SP2" in found.reasons[1].words.fr
        assert found.body[0].fr.endswith(", pour les 3 motifs suivants :")
        assert {rule.id for rule in found.rules} >= {"SUN1-R06", "SUN1-R09", "SUN1-R11", "SUN1-R20"}

    def test_those_the_file_adds_come_after_and_none_is_lost(self) -> None:
        made, _ = CASES["sun_es_v1", "refusal"]
        codes = [one.code for one in letter(made, reasons=["CREDITS_EXHAUSTED", "EDITOR_NOT_IN_RELIMS"]).reasons]
        assert codes[-1] == "CREDITS_EXHAUSTED"
        assert len(codes) == len(set(codes)) == 4

    def test_another_domain_of_the_candidature_is_not_told(self) -> None:
        inputs = FILED | {"domains": ["documents_sortie", "biologie"]}
        made = record("sun_es_v1", "sun1_check_candidature", {"c": inputs})
        key = {"domain": "biologie"}
        assert [one.code for one in letter(made, key=key).reasons] == ["NO_INTERNAL_LAB"]
        assert letter(made).kind == "acceptance"

    @pytest.mark.parametrize("of", sorted(programmes()))
    def test_every_reason_of_every_machine_has_words(self, of: str) -> None:
        found = programme(of)
        guards = [guard for machine in found.machines for row in machine.transitions for guard in row.guards]
        codes = {reason for guard in guards for reason in guard.reasons if not reason.startswith(OF_THE_MACHINE)}
        assert [code for code in sorted(codes) if code.partition(":")[0] not in REASON_WORDS] == []

    @pytest.mark.parametrize("code", REASONS)
    def test_a_reason_to_refuse_a_candidature_cites_a_rule_of_it(self, code: str) -> None:
        found = reason_of(code.replace(":n", ":SP1"), programme("sun_es_v1"))
        assert programme("sun_es_v1").rule(found.rule).id == found.rule
        assert found.words.fr != found.words.en

    def test_every_cited_rule_exists(self) -> None:
        known = {rule.id for one in programmes().values() for rule in one.rules}
        assert {rule for rules, *_ in REASON_WORDS.values() for rule in rules} <= known

    def test_a_third_partys_code_is_shown_as_it_is(self) -> None:
        assert reason_of("MOON_TOO_FAR:2", programme("aap_dui")).words.fr == "MOON_TOO_FAR:2"

    @pytest.mark.parametrize("kind", ["refusal", "rejection"])
    def test_nothing_is_refused_without_a_reason(self, kind: str) -> None:
        with pytest.raises(RuleError, match="reasons_missing"):
            letter(CASES["sun_es_v1", "acceptance"][0], kind)

    def test_what_was_refused_is_never_accepted(self) -> None:
        with pytest.raises(RuleError, match="reasons_against"):
            letter(CASES["sun_es_v1", "refusal"][0], "acceptance")

    def test_an_acceptance_shows_its_reservations_in_the_words_of_the_committee(self) -> None:
        found = letter(CASES["aap_dui", "acceptance"][0], reasons=["Le budget : à préciser."])
        assert (found.kind, found.reasons[0].words.fr) == ("refusal", "Le budget : à préciser.")
        found = letter(CASES["aap_dui", "acceptance"][0], "acceptance", reasons=["Le budget : à préciser."])
        assert found.body[-1].fr.endswith("réserves :")
        assert found.reasons[0].code == "Le budget : à préciser."

    def test_a_tranche_is_refused_not_the_project(self) -> None:
        inputs = {
            "vsr_signed": False,
            "usage_criteria": {"E1": {"target": "10", "result": "5"}},
            "same_solution_and_version": True,
        }
        found = letter(record("aap_dui", "aap_next_tranche", inputs))
        assert "tranche" in found.body[0].fr
        assert "VSR_MISSING" in {one.code for one in found.reasons}

    def test_a_missed_target_refuses_the_payment_not_the_file(self) -> None:
        made, _ = CASES["sun_es_v1", "acceptance"]
        found = letter(made, "refusal", reasons=["TARGET_NOT_REACHED:I-SUN1-LDL", "ADVANCE_KEPT"])
        assert "versement d'usage n'est pas dû" in found.body[0].fr
        assert "SUN1-R27" in {rule.id for rule in found.rules}


class TestMoney:
    def test_amounts_are_those_of_the_record_and_add_up(self) -> None:
        found = letter(CASES["sun_es_v1", "notification"][0])
        assert [line.cents for line in found.amounts] == [9_600_000, 22_400_000, 3_200_000]
        assert found.total == 35_200_000
        assert "352\u202f000,00\u00a0€" in found.body[0].fr
        assert "€352,000.00" in found.body[0].en

    @pytest.mark.parametrize("kind", ["acceptance", "notification", "restitution", "refusal", "rejection"])
    @pytest.mark.parametrize("outcome", [{"indicative": True}, {"amounts": {"usage": {"indicative": True}}}])
    def test_nothing_indicative_leaves(self, kind: str, outcome: dict[str, Any]) -> None:
        made, facts = CASES["sun_es_v1", kind]
        with pytest.raises(RuleError, match="indicative_letter"):
            letter_of(replace(made, outcome=outcome), programme("sun_es_v1"), facts | {"reasons": ["X"]}, kind=kind)

    @pytest.mark.parametrize("kind", ["acceptance", "notification", "restitution"])
    @pytest.mark.parametrize(
        "outcome",
        [{"error": "parameter_missing:forfait"}, {"usage": "parameter_missing:forfait"},
         {"amounts": [{"cents": "parameter_missing:bonus_timing"}]}, {"verdict": "parameter_not_applied:cutoff"}],
    )  # fmt: skip
    def test_no_amount_leaves_without_its_parameter(self, kind: str, outcome: dict[str, Any]) -> None:
        made, facts = CASES["sun_es_v1", kind]
        with pytest.raises(RuleError, match="indicative_letter"):
            letter_of(replace(made, outcome=outcome), programme("sun_es_v1"), facts, kind=kind)

    def test_a_convention_on_record_never_becomes_a_notification(self) -> None:
        """The day of September 2020 is a reading until CFG-MR-05 is given."""
        inputs = {"version": "updated", "selected": True, "reached_on": None, "as_of": "2020-10-15",
                  "perceived": "150000"}  # fmt: skip
        made = record("maladies_rares", "mr_payments", inputs)
        for kind in ("notification", "restitution", "acceptance"):
            with pytest.raises(RuleError, match="indicative_letter"):
                letter(made, kind)

    def test_the_control_beside_a_verdict_holds_nothing_back(self) -> None:
        beside = {"control": [{"indicative": True}], "indicators": [{"alert": "parameter_missing:tolerance"}]}
        assert not unsettled(beside, missing=True)

    def test_a_refusal_may_say_that_a_parameter_is_missing(self) -> None:
        """CFG-ES-11: a cluster over both territories is turned down with that reason."""
        inputs = {"territory": ["Normandie", "Corse"], "n_og": 3, "n_esms": 15}
        made = record("esms_amorcage", "esms_grappe", inputs)
        found = letter(made, "rejection")
        assert found.reasons[0].code.startswith("parameter_missing:")
        assert found.reasons[0].code.partition(":")[2] in found.reasons[0].words.fr

    def test_no_instalment_no_notification(self) -> None:
        with pytest.raises(RuleError, match="amount_missing"):
            letter(CASES["cadre_commun", "acceptance"][0], "notification")

    def test_of_a_shared_award_the_addressees_part_is_said(self) -> None:
        inputs = {"amount": "300000", "esms_by_ars": {"28": 15, "53": 25}}
        made = record("esms_amorcage", "esms_prorata", inputs)
        assert "187\u202f500,00" in letter(made, granted="187500.00").body[-1].fr
        with pytest.raises(RuleError, match="wrong_fact:granted"):
            letter(made, granted="300000.00")

    def test_what_is_granted_is_said(self) -> None:
        assert "750\u202f000,00\u00a0€" in letter(CASES["esms_amorcage", "acceptance"][0]).body[-1].fr


class TestRestitution:
    """S0 §1.2: since 6 September 2019 everything perceived comes back; before, nothing did."""

    def test_after_the_note(self) -> None:
        found = letter(rare("updated", date(2020, 10, 1)), reasons=["TARGETS_NOT_REACHED"])
        assert (found.kind, found.total) == ("restitution", 15_000_000)
        assert [rule.id for rule in found.rules] == ["MR-R07"]
        assert found.reasons[0].rule == "MR-R07"

    def test_before_the_note_there_is_no_ground(self) -> None:
        made = rare("initial", date(2019, 9, 5))
        with pytest.raises(RuleError, match="rule_not_in_force:MR-R07"):
            letter(made)

    def test_what_was_received_is_not_mixed_with_what_comes_back(self) -> None:
        made = record("sun_es_v1", NOTIFIED["sun_es_v1"][0], NOTIFIED["sun_es_v1"][1],
                      ("usage", 22_400_000), ("advance", -100))  # fmt: skip
        assert letter(made, "notification").total == 22_400_000
        assert letter(made, "restitution").total == 100


class TestFacts:
    def test_every_name_is_known(self) -> None:
        with pytest.raises(RuleError, match="unknown_fact:adressee"):
            letter(CASES["sun_es_v1", "acceptance"][0], adressee={"name": "x"})

    @pytest.mark.parametrize("name", ["addressee", "sender"])
    def test_who_writes_to_whom_is_needed(self, name: str) -> None:
        facts = {key: value for key, value in decisions.FACTS.items() if key != name}
        with pytest.raises(RuleError, match=f"fact_missing:{name}"):
            letter_of(CASES["sun_es_v1", "acceptance"][0], programme("sun_es_v1"), facts)

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("addressee", "CH", "wrong_fact:addressee"),
            ("reasons", "X", "wrong_fact:reasons"),
            ("reasons", [1], "wrong_fact:reasons"),
            ("until", "tomorrow", "wrong_fact:until"),
            ("dated", 5, "wrong_fact:dated"),
            ("deposited", "2021-13-01", "wrong_fact:deposited"),
            ("stage", "late", "wrong_fact:stage"),
            ("next", ["write"], r"wrong_fact:next\[0\]"),
            ("kind", "ode", "unknown_letter:ode"),
            ("key", {"window": 1}, "wrong_fact:key.window"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, name: str, value: Any, code: str) -> None:
        with pytest.raises(RuleError, match=code):
            letter(CASES["sun_es_v1", "receipt"][0], "receipt" if name != "kind" else None, **{name: value})

    @pytest.mark.parametrize("name", ["document", "received", "explanation", "answer"])
    def test_an_answer_is_whole(self, name: str) -> None:
        facts = {"contestation": {key: value for key, value in CONTESTED.items() if key != name}}
        with pytest.raises(RuleError, match=f"fact_missing:contestation.{name}"):
            letter(CASES["sun_es_v1", "contestation"][0], "contestation", **facts)

    def test_the_answer_says_what_was_contested_and_why(self) -> None:
        made, facts = CASES["sun_es_v1", "contestation"]
        found = " ".join(one.fr for one in letter_of(made, programme("sun_es_v1"), facts, kind="contestation").body)
        assert CONTESTED["document"] in found
        assert CONTESTED["explanation"] in found
        assert "n'est pas compté" in found
        with pytest.raises(RuleError, match="fact_missing:contestation"):
            letter(made, "contestation")

    def test_a_receipt_says_when_to_the_second_in_paris_and_by_when_it_is_answered(self) -> None:
        found = letter(CASES["sun_es_v1", "receipt"][0], "receipt", deposited="2021-10-31T22:59:59Z")
        assert "31 octobre 2021 à 23:59:59" in found.body[0].fr
        assert found.until == date(2021, 12, 31)
        assert letter(CASES["sun_es_v1", "receipt"][0], "receipt", key={"window": "X1"}).until is None

    def test_what_comes_next_may_be_said_by_the_file(self) -> None:
        found = letter(CASES["sun_es_v1", "acceptance"][0], next=[{"fr": "Écrivez."}], until="2022-01-15")
        assert [(one.fr, one.en) for one in found.following] == [("Écrivez.", "Écrivez.")]
        assert found.until == date(2022, 1, 15)

    def test_every_refusal_has_words(self) -> None:
        for code in ("indicative_letter", "amount_missing", "reasons_missing", "fact_missing:sender", "unknown_fact:x"):
            assert refusal_words(code).fr != refusal_words(code).en
        assert all(name in refusal_words("unknown_fact:x").fr for name in FACTS)
        assert refusal_words("else").fr == "else"


@pytest.mark.parametrize(
    ("moment", "fr", "en"),
    [
        ("2022-07-01", "1er juillet 2022", "1 July 2022"),
        ("2022-08-31", "31 août 2022", "31 August 2022"),
        ("2021-12-31T23:30:00+00:00", "1er janvier 2022 à 00:30:00", "1 January 2022 at 00:30:00"),
        ("2021-10-31T10:00:00", "31 octobre 2021 à 10:00:00", "31 October 2021 at 10:00:00"),
    ],
)
def test_days_and_moments_in_words(moment: str, fr: str, en: str) -> None:
    assert (moment_words(moment).fr, moment_words(moment).en) == (fr, en)


def test_a_letter_is_dated_by_its_decision_in_paris() -> None:
    made = record(
        "sun_es_v1", "sun1_check_candidature", {"c": FILED}, decided_at=datetime(2021, 12, 31, 23, 30, tzinfo=UTC)
    )
    assert day_words(letter(made).dated).fr == "1er janvier 2022"
