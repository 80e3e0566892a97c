"""ESMS numérique: who is eligible and for how much. Worked examples of the instruction."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import ParameterMissing
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique import rules

EUROS = 100


class TestCluster:
    @pytest.mark.parametrize(
        ("territory", "operators", "esms", "eligible"),
        [
            ("Bretagne", 3, 15, True),
            ("Bretagne", 2, 40, False),
            ("Normandie", 5, 14, False),
            ("Corse", 2, 8, True),
            ("Mayotte", 2, 7, False),
            ("Mayotte", 1, 8, False),
            ("La Réunion", 2, 8, True),
            ("REUNION", 2, 8, True),
            ("974", 2, 8, True),
            ("2A", 2, 8, True),
            ("Guyane", 2, 8, True),
            ("Martinique", 2, 8, True),
            ("Guadeloupe", 2, 8, True),
            ("Ile-de-France", 2, 8, False),
            ("Île-de-France", 3, 15, True),
        ],
    )
    def test_thresholds_where_it_is(self, territory: str, operators: int, esms: int, eligible: bool) -> None:
        found = rules.cluster([territory], operators, esms)
        assert found.eligible is eligible
        assert (found.reason is None) is eligible

    def test_the_thresholds_are_said(self) -> None:
        mainland, overseas = (rules.cluster([name], 9, 99) for name in ("Bretagne", "Corse"))
        assert (mainland.min_operators, mainland.min_esms) == (3, 15)
        assert (overseas.min_operators, overseas.min_esms) == (2, 8)

    def test_over_both_kinds_of_territory_it_is_refused_with_the_reason(self) -> None:
        found = rules.cluster(["Bretagne", "Mayotte"], 9, 99)
        assert (found.eligible, found.reason) == (False, "parameter_missing:cluster_over_both_territories")
        assert rules.cluster(["Guadeloupe", "Martinique"], 2, 8).eligible


class TestAid:
    @pytest.mark.parametrize(
        ("kind", "n", "small", "capped", "expected"),
        [
            ("acquisition", 31, 0, None, (30, 750_000, 0)),
            ("acquisition", 30, 0, None, (30, 750_000, 0)),
            ("acquisition", 29, 0, None, (29, 725_000, 0)),
            ("conformite", 42, 0, None, (30, 300_000, 0)),
            ("acquisition", 20, 12, None, (20, 500_000, 240_000)),
            ("acquisition", 35, 35, True, (30, 750_000, 600_000)),
            ("acquisition", 35, 35, False, (30, 750_000, 700_000)),
            ("acquisition", 35, 30, None, (30, 750_000, 600_000)),
            ("acquisition", 0, 5, None, (0, 0, 0)),
        ],
    )
    def test_worked_examples(
        self, kind: str, n: int, small: int, capped: bool | None, expected: tuple[int, ...]
    ) -> None:
        found = rules.aid(kind, n, small, capped_at_30=capped)
        assert (found.financed_esms, found.dui, found.equipment) == (
            expected[0],
            expected[1] * EUROS,
            expected[2] * EUROS,
        )
        assert found.total == found.dui + found.equipment

    def test_above_thirty_small_ones_the_reading_has_to_be_chosen(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:equipment_capped_at_30"):
            rules.aid("acquisition", 35, 31, capped_at_30=None)

    @pytest.mark.parametrize("kind", ["mixte", "", "Acquisition"])
    def test_a_project_is_one_of_two_kinds(self, kind: str) -> None:
        with pytest.raises(RuleError, match=f"unknown_kind:{kind}"):
            rules.aid(kind, 5, 0, capped_at_30=None)

    @settings(deadline=None)
    @given(st.sampled_from(rules.KINDS), st.integers(0, 80), st.integers(0, 20), st.integers(0, 80), st.booleans())
    def test_one_more_esms_never_brings_less(self, kind: str, n: int, more: int, small: int, capped: bool) -> None:
        one, other = (rules.aid(kind, count, small, capped_at_30=capped).total for count in (n, n + more))
        assert one <= other
        assert rules.dui_aid(kind, n) <= rules.dui_aid("acquisition", 30)


@pytest.mark.parametrize(
    ("kind", "medicalised", "services", "requirement", "met"),
    [
        ("conformite", True, ["MSSANTE", "DMP"], "at_least_2_of_MSSANTE_DMP_E_PRESCRIPTION", True),
        ("conformite", True, ["DMP", "E_PRESCRIPTION", "MSSANTE"], "at_least_2_of_MSSANTE_DMP_E_PRESCRIPTION", True),
        ("conformite", True, ["DMP", "DMP"], "at_least_2_of_MSSANTE_DMP_E_PRESCRIPTION", False),
        ("conformite", True, ["DMP", "E_PARCOURS"], "at_least_2_of_MSSANTE_DMP_E_PRESCRIPTION", False),
        ("conformite", True, [], "at_least_2_of_MSSANTE_DMP_E_PRESCRIPTION", False),
        ("conformite", False, [], None, True),
        ("acquisition", True, [], None, True),
        ("acquisition", None, [], None, True),
    ],
)
def test_interoperability(
    kind: str, medicalised: bool | None, services: list[str], requirement: str | None, met: bool
) -> None:
    assert rules.interoperability(kind, medicalised, services) == rules.Interoperability(requirement, met)


def test_interoperability_needs_the_list_of_medicalised_categories() -> None:
    with pytest.raises(ParameterMissing, match="parameter_missing:medicalised"):
        rules.interoperability("conformite", None, ["DMP"])


@pytest.mark.parametrize(
    ("kind", "listed", "whole", "basis"),
    [
        ("acquisition", True, False, "national_market"),
        ("conformite", True, True, "national_market"),
        ("conformite", False, True, "derogation"),
        ("conformite", False, False, None),
        ("acquisition", False, True, None),
    ],
)
def test_market(kind: str, listed: bool, whole: bool, basis: str | None) -> None:
    assert rules.market_basis(kind, listed, deployed_in_whole_field=whole) == basis


def test_market_needs_its_list() -> None:
    with pytest.raises(ParameterMissing, match="parameter_missing:national_market"):
        rules.market_basis("conformite", None, deployed_in_whole_field=True)


@pytest.mark.parametrize(("public", "insured", "yes"), [("PA", True, True), ("PH", True, True), ("PH", False, False),
                                                        ("PE", True, False)])  # fmt: skip
def test_priority(public: str, insured: bool, yes: bool) -> None:
    assert rules.has_priority(public, funded_by_health_insurance=insured) is yes


class TestSizes:
    def test_small_and_medium_are_parameters(self) -> None:
        assert [rules.small_esms(n, 15) for n in (14, 15)] == [True, False]
        assert [rules.acquisition_by_size(n, 15) for n in (14, 15)] == [False, True]
        with pytest.raises(ParameterMissing, match="small_esms"):
            rules.small_esms(3, None)
        with pytest.raises(ParameterMissing, match="medium_operator_from"):
            rules.acquisition_by_size(3, None)


class TestChecklists:
    def test_eleven_items(self) -> None:
        assert len(rules.ADMISSIBILITY_ITEMS) == 11
        assert rules.items_missing(rules.ADMISSIBILITY_ITEMS) == ()
        assert rules.items_missing(set(rules.ADMISSIBILITY_ITEMS) - {"duree", "public"}) == ("public", "duree")

    def test_priorities_keep_the_order_of_the_text(self) -> None:
        assert rules.priorities(["interoperabilite", "motivation", "x"]) == ("motivation", "interoperabilite")
