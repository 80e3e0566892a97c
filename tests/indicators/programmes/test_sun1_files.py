"""Around a candidature: forfait, deadlines, lists to the ministry, follow-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import ParameterMissing
from indicators.programmes.dates import Period
from indicators.programmes.errors import RuleError
from indicators.programmes.sun_es_volet1 import files, rules, usage_window
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS, calendar_faults

F1 = usage_window("F1")
VALID = files.Decision("350000042", "350000001", "GHT Rance", "documents_sortie", F1, amount=1_800_000)
REFUSED = replace(VALID, site="350000034", ght=None, domain="imagerie", amount=None, reasons=("NO_INTERNAL_IMAGING",))


class TestForfait:
    @pytest.mark.parametrize(("activity", "rank"), [(0, 0), (999, 0), (1_000, 1), (4_999, 1), (5_000, 2), (10**9, 2)])
    def test_a_bound_opens_its_tranche(self, activity: int, rank: int) -> None:
        assert files.tranche(activity, [1_000, 5_000]) == rank
        assert files.forfait(activity, [1_000, 5_000], [100, 200, 300]) == (rank + 1) * 100

    def test_without_bounds_or_grid_it_is_named(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:tranche_bounds"):
            files.tranche(5, None)
        with pytest.raises(ParameterMissing, match="parameter_missing:forfait"):
            files.forfait(5, [1], None)

    def test_bounds_that_do_not_rise_and_short_grids_are_refused(self) -> None:
        with pytest.raises(RuleError, match="tranche_bounds_not_rising"):
            files.tranche(5, [10, 10])
        with pytest.raises(RuleError, match="no_amount_for_tranche:1"):
            files.forfait(15, [10], [100])

    @settings(deadline=None)
    @given(
        st.lists(st.integers(0, 10**6), unique=True, max_size=6).map(sorted), st.integers(0, 10**6), st.integers(0, 99)
    )
    def test_more_activity_never_goes_down_a_tranche(self, bounds: list[int], activity: int, more: int) -> None:
        assert files.tranche(activity, bounds) <= files.tranche(activity + more, bounds)


class TestDates:
    @pytest.mark.parametrize(("day", "yes"), [((2022, 6, 30), False), ((2022, 7, 1), True), ((2022, 7, 31), True),
                                              ((2022, 8, 1), False)])  # fmt: skip
    def test_entry_after_the_measure_and_by_the_deadline(self, day: tuple[int, int, int], yes: bool) -> None:
        assert files.entry_in_time(date(*day), F1, date(2022, 7, 31)) is yes

    def test_without_a_deadline_nothing_is_late(self) -> None:
        with pytest.raises(ParameterMissing, match="entry_deadline"):
            files.entry_in_time(date(2022, 7, 1), F1, None)

    @pytest.mark.parametrize(("day", "yes"), [((2021, 12, 31), True), ((2022, 1, 1), False)])
    def test_decided_by_the_end_of_the_instruction(self, day: tuple[int, int, int], yes: bool) -> None:
        assert files.decided_in_time(date(*day), F1) is yes


class TestCalendar:
    def test_the_four_windows_have_no_fault(self) -> None:
        assert calendar_faults(usage_window(name) for name in WINDOW_IDS) == []

    def test_long_periods_and_overlaps_are_named(self) -> None:
        long = replace(F1, id="L", candidature=Period(date(2021, 9, 1), date(2021, 11, 1)),
                       instruction=Period(date(2021, 9, 1), date(2022, 1, 1)))  # fmt: skip
        assert calendar_faults([F1, long]) == ["CANDIDATURE_TOO_LONG:L", "INSTRUCTION_TOO_LONG:L", "MEASURES_OVERLAP:L"]


class TestLists:
    def test_a_validated_row_has_its_amount_and_a_refused_one_its_reasons(self) -> None:
        rows = files.candidature_list([VALID, REFUSED])
        assert [row["finess_geographique"] for row in rows] == ["350000034", "350000042"]
        refused, valid = rows
        assert tuple(valid) == files.LIST_COLUMNS
        assert (valid["statut"], valid["montant"], valid["motifs"]) == ("validée", "18000.00", "")
        assert (refused["statut"], refused["montant"], refused["motifs"]) == ("non validée", "", "NO_INTERNAL_IMAGING")
        assert (valid["ght"], refused["ght"], valid["echeance"]) == ("GHT Rance", "", "2022-06-30")

    def test_a_validated_row_needs_an_amount(self) -> None:
        with pytest.raises(RuleError, match="amount_missing"):
            files.list_row(replace(VALID, amount=None))

    def test_follow_up_counts_states_and_commits_accepted_amounts_only(self) -> None:
        found = files.follow_up([VALID, replace(VALID, site="x"), replace(REFUSED, amount=5)], {"x": "ADVANCE_PAID"})
        assert found == {
            "documents_sortie": {"ACCEPTED": 1, "ADVANCE_PAID": 1, "committed_cents": 3_600_000},
            "biologie": {},
            "imagerie": {"REFUSED": 1, "committed_cents": 0},
        }


def test_editors_outside_relims_keep_their_order() -> None:
    assert files.editors_outside_relims(["B", " a ", "C"], ["A", "x"]) == ("B", "C")


@pytest.mark.parametrize(("ght", "who"), [(False, ("directeur",)), (True, ("directeur", "directeur_support"))])
def test_validations(ght: bool, who: tuple[str, ...]) -> None:
    assert files.validations_needed(in_ght=ght) == who


@pytest.mark.parametrize(
    ("level", "required", "counts"),
    [("qualified", "qualified", True), ("present", "qualified", False), ("present", "present", True),
     ("present_without_traits", "present", False), ("absent", "present", False)],
)  # fmt: skip
def test_identity_level(level: str, required: str, counts: bool) -> None:
    assert files.document_counts(level, required) is counts


def test_another_level_is_refused() -> None:
    with pytest.raises(RuleError, match="unknown_ins_level:gold"):
        files.document_counts("qualified", "gold")


def test_kinds_of_a_domain() -> None:
    assert files.kinds_of("documents_sortie") == ("LDL", "ORD", "CRO")
    with pytest.raises(RuleError, match="unknown_domain:x"):
        files.kinds_of("x")


def test_the_national_envelope_closes() -> None:
    assert rules.national_envelope_closes()
