"""Operations at their edges: nulls, thresholds, zones, empty lists, names nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from indicators.programmes import operations
from indicators.programmes.casefile import answer

OPS = operations()


def ask(op: str, **inputs: Any) -> Any:
    return answer(OPS[op].run, inputs)


PAY = {
    "standard_amount": "18000",
    "bonus_claimed": False,
    "bonus_timing": None,
    "accepted": True,
    "targets_reached": True,
    "cro_reached": False,
}


class TestSun1:
    @pytest.mark.parametrize("window", [1, "1", "F1"])
    def test_a_window_by_number_or_name(self, window: Any) -> None:
        assert ask("sun1_calendar", window=window)["measure"] == ["2022-01-01", "2022-06-30"]

    @pytest.mark.parametrize("window", [0, 5, "F9", ""])
    def test_another_window_is_named(self, window: Any) -> None:
        assert ask("sun1_calendar", window=window) == {"error": f"unknown_window:{window}"}

    @pytest.mark.parametrize(
        ("moment", "window"),
        [
            ("2022-03-01", 2),
            ("2022-02-28T23:00:00Z", 2),
            ("2022-02-28T22:59:59Z", None),
            ("2022-05-01T00:00:00+02:00", None),
            ("2022-09-01T00:00:00", 3),
        ],
    )
    def test_a_deposit_is_in_the_period_of_its_local_day(self, moment: str, window: int | None) -> None:
        found = ask("sun1_deposit_window", deposited_at=moment)
        assert found == {"window": window, "accepted_for_deposit": window is not None}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, ("5400.00", "12600.00", "18000.00")),
            ({"accepted": False}, ("0.00", "0.00", "0.00")),
            ({"accepted": False, "bonus_claimed": True}, ("0.00", "0.00", "0.00")),
            ({"targets_reached": False}, ("5400.00", "0.00", "5400.00")),
            ({"targets_reached": None}, ("5400.00", None, None)),
            (
                {"bonus_claimed": True, "bonus_timing": "with_usage", "cro_reached": True},
                ("5400.00", "14400.00", "19800.00"),
            ),
            ({"bonus_claimed": True, "bonus_timing": "with_usage"}, ("5400.00", "12600.00", "18000.00")),
            (
                {"bonus_claimed": True, "bonus_timing": "prorata", "cro_reached": True},
                ("5940.00", "13860.00", "19800.00"),
            ),
            (
                {"bonus_claimed": True, "bonus_timing": "prorata", "targets_reached": False},
                ("5940.00", "0.00", "5940.00"),
            ),
            ({"standard_amount": 18000}, ("5400.00", "12600.00", "18000.00")),
            ({"standard_amount": "0.01"}, ("0.00", "0.01", "0.01")),
        ],
    )
    def test_payments(self, changes: dict[str, Any], expected: tuple[str | None, ...]) -> None:
        found = ask("sun1_payments", **(PAY | changes))
        assert tuple(found[name] for name in ("advance", "usage", "total")) == expected

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"standard_amount": None}, "parameter_missing:standard_amount"),
            ({"bonus_claimed": True}, "parameter_missing:bonus_timing"),
            ({"bonus_claimed": True, "bonus_timing": "later"}, "unknown_bonus_timing:later"),
        ],
    )
    def test_payments_that_cannot_be_told(self, changes: dict[str, Any], error: str) -> None:
        assert ask("sun1_payments", **(PAY | changes)) == {"error": error}

    @pytest.mark.parametrize(
        ("amounts", "targets", "errors"),
        [
            ({"1": "320000", "2": "320000", "3": "18000"}, {"1": "50", "2": "50"}, []),
            ({"1": "20000", "3": "20000.01"}, {}, ["AMOUNT_NOT_DEGRESSIVE:F3>F1"]),
            ({"2": "18000", "1": "19000"}, {"2": "49.99", "1": "50"}, ["TARGET_NOT_PROGRESSIVE:F2<F1"]),
            (
                {"F1": "1", "F2": "400000"},
                {},
                ["AMOUNT_BELOW_MIN:F1", "AMOUNT_ABOVE_MAX:F2", "AMOUNT_NOT_DEGRESSIVE:F2>F1"],
            ),
            ({}, {}, []),
        ],
    )
    def test_grids(self, amounts: dict[str, str], targets: dict[str, str], errors: list[str]) -> None:
        found = ask("sun1_validate_grid", domain="documents_sortie", amount_by_window=amounts, target_by_window=targets)
        assert found == {"valid": not errors, "errors": errors}

    def test_a_grid_of_another_domain_or_without_an_amount(self) -> None:
        grid = {"amount_by_window": {"1": None}, "target_by_window": {}}
        assert ask("sun1_validate_grid", domain="pharmacie", **grid) == {"error": "unknown_domain:pharmacie"}
        assert ask("sun1_validate_grid", domain="imagerie", **grid) == {"error": "parameter_missing:amount:F1"}

    def test_an_envelope_nobody_delegated(self) -> None:
        assert ask("sun1_envelope", delegated=None, commitments=[]) == {"error": "parameter_missing:delegated"}

    def test_three_domains_of_one_window(self) -> None:
        wishes = {"imagerie": 2, "documents_sortie": 2, "biologie": 2}
        assert ask("sun1_split_candidatures", wishes=wishes) == {"2": ["documents_sortie", "biologie", "imagerie"]}
        assert ask("sun1_split_candidatures", wishes={}) == {}

    def test_a_statement_nobody_made_is_not_a_yes(self) -> None:
        bare = {
            "territory": "Bretagne",
            "deposited_at": "2021-10-15",
            "window": 1,
            "domains": ["imagerie"],
            "finess_ej": "1",
        }
        reasons = ask("sun1_check_candidature", c=bare)["imagerie"]["reasons"]
        assert reasons[:2] == ["NOT_HEALTH_ESTABLISHMENT", "DIRECTOR_VALIDATION_MISSING"]
        assert reasons[-1] == "NO_INTERNAL_IMAGING"
        assert sum(reason.startswith("PREREQ_EVIDENCE_MISSING") for reason in reasons) == 6

    @pytest.mark.parametrize(
        ("declared", "num", "den", "tolerance", "expected"),
        [
            ("80", 3, 4, "5", ("75.00", "5.00", False)),
            ("80", 3, 4, "4.99", ("75.00", "5.00", True)),
            ("70", 3, 4, "5", ("75.00", "5.00", False)),
            ("80", 3, 4, None, ("75.00", "5.00", None)),
            ("80", 0, 0, "5", (None, None, None)),
            (None, 3, 4, "5", ("75.00", None, None)),
            ("33,33", 1, 3, "0", ("33.33", "0.00", True)),
        ],
    )
    def test_gap(
        self, declared: str | None, num: int, den: int, tolerance: str | None, expected: tuple[Any, ...]
    ) -> None:
        found = ask("sun1_declared_vs_computed", declared_pct=declared, num=num, den=den, tolerance_points=tolerance)
        assert (found["computed_pct"], found["difference_points"], found["alert"]) == expected

    def test_a_rate_leans_on_conventions_and_says_so(self) -> None:
        found = ask(
            "sun1_stay_rate",
            doc_kind="LDL",
            finess_geo="1",
            window=1,
            exclusions=[],
            cutoff=None,
            target_pct="75",
            stays=[],
            documents=[],
        )
        assert found["indicative"] is True
        assert "CFG-S1-10" in found["conventions"]


class TestOthers:
    @pytest.mark.parametrize(
        ("op", "inputs", "expected"),
        [
            (
                "sun2_payments",
                {"computed_amount": None, "objectives_reached": True},
                {"error": "parameter_missing:computed_amount"},
            ),
            (
                "sun2_payments",
                {"computed_amount": "1", "objectives_reached": None},
                {"error": "parameter_missing:objectives_reached"},
            ),
            ("sun2_envelope", {"amounts": []}, {"total": "0.00", "within_1_5M": True}),
            (
                "sun2_eligible",
                {"department": 80, "designated_by_ars": None, "start_date": "2021-11-30"},
                {"eligible": False, "reasons": ["NOT_DESIGNATED"], "ars": "Hauts-de-France"},
            ),
            (
                "mr_payments",
                {"version": "third", "selected": True, "reached_on": None, "as_of": "2020-01-01", "perceived": "0"},
                {"error": "unknown_version:third"},
            ),
            (
                "mr_payments",
                {"version": "initial", "selected": True, "reached_on": None, "as_of": "2020-01-01", "perceived": None},
                {"error": "parameter_missing:perceived"},
            ),
            (
                "esms_amount",
                {"kind": "mixte", "n_esms": 1, "n_small_equipped": 0, "equipment_capped_at_30": None},
                {"error": "unknown_kind:mixte"},
            ),
            (
                "esms_interop",
                {"medicalised": None, "services": [], "project_kind": "conformite"},
                {"error": "parameter_missing:medicalised"},
            ),
            (
                "esms_interop",
                {"medicalised": False, "services": [], "project_kind": "conformite"},
                {"requirement": None, "met": True},
            ),
            (
                "esms_market",
                {
                    "in_national_market": None,
                    "project_kind": "conformite",
                    "deployed_in_all_esms_of_a_field_of_region": True,
                },
                {"error": "parameter_missing:national_market"},
            ),
            ("esms_prorata", {"amount": "1", "esms_by_ars": {}}, {"error": "no_esms"}),
            (
                "esms_prorata",
                {"amount": "100000", "esms_by_ars": {"C": 1, "B": 1, "A": 1}},
                {"A": "33333.34", "B": "33333.33", "C": "33333.33"},
            ),
            ("esms_period", {"phase": "x", "evaluation_date": "2021-01-01"}, {"error": "unknown_phase:x"}),
            (
                "esms_regional_split",
                {"total": 1, "floor": 2, "esms_by_region": {"A": 1}},
                {"error": "total_below_floors"},
            ),
            (
                "esms_grappe",
                {"territory": ["Bretagne", "Corse"], "n_og": 9, "n_esms": 99},
                {
                    "min_og": 3,
                    "min_esms": 15,
                    "eligible": False,
                    "reason": "parameter_missing:cluster_over_both_territories",
                },
            ),
            (
                "aap_amount",
                {"n_esms": 0, "rate_over_500": None, "small_operators_esms": [], "equipment_with_dui": True},
                {"eligible": False, "dui": "0.00", "equipment": "0.00", "total": "0.00"},
            ),
            (
                "aap_amount",
                {"n_esms": 501, "rate_over_500": "5000", "small_operators_esms": [], "equipment_with_dui": True},
                {"eligible": True, "error": "rate_over_500_must_be_below_5000"},
            ),
            (
                "aap_mixed",
                {"acquisition_amount": "0", "project_amount_without_equipment": "0"},
                {"share_pct": None, "compliant": None, "status": "not_measurable"},
            ),
            ("aap_last_year", {"schedule_years": []}, {"error": "schedule_empty"}),
            (
                "aap_next_tranche",
                {"vsr_signed": True, "usage_criteria": {}, "same_solution_and_version": True},
                {"error": "parameter_missing:usage_criteria"},
            ),
            (
                "cc_reports_due",
                {"first": "2016", "last": "2017-S1", "received": []},
                {"error": "unknown_semester:2016"},
            ),
            (
                "cc_governance",
                {"year_meetings": {}},
                {"strategic_ok": False, "operational_ok": False, "yearly_revision_ok": False},
            ),
            ("cc_semester", {"day": "2017-06-30T22:00:00Z"}, {"semester": "2017-S2"}),
        ],
    )
    def test_edges(self, op: str, inputs: dict[str, Any], expected: Any) -> None:
        assert ask(op, **inputs) == expected

    def test_blocked_criteria_need_no_target(self) -> None:
        rows = [
            {"id": f"E{n}", "family": "metier" if n < 4 else "socle", "target": "1", "result": "1"} for n in range(1, 6)
        ]
        rows[4] |= {"target": None, "result": None}
        found = ask("esms_usage_payment", usage_part="100", criteria=rows, blocked=["E5"])
        assert (found["share_per_criterion"], found["payment"]) == ("25.00", "100.00")
