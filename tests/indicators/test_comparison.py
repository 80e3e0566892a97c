"""Declared against computed: exact, never merged, an alert only beyond a tolerance that somebody gave."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from indicators.comparison import Comparison, alerts, compare, gap_points
from indicators.facts import BigInt, Declared
from indicators.measures import Evidence, Figure, Window
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.ratio import Ratio

SITE, ENTITY = "970490363", "970490348"
WINDOW = Window(date(2022, 1, 1), date(2022, 6, 30))


def declared(numerator: int | None, denominator: int | None, **changes: Any) -> Declared:
    told: dict[str, Any] = {
        "organization": SITE, "legal_entity": ENTITY, "indicator": "I-SUN1-LDL", "period_start": WINDOW.period_start,
        "period_end": WINDOW.period_end, "numerator": numerator and BigInt(numerator),
        "denominator": denominator and BigInt(denominator), "source": "oSIS", "received": date(2022, 7, 4),
    }  # fmt: skip
    return Declared(**{**told, **changes})


def figure(numerator: int, denominator: int | None, measure: str = "I-SUN1-LDL") -> Figure:
    return Figure(measure, SITE, None, numerator, denominator)


def tolerance(points: str, **own: str) -> ParameterSet:
    return ParameterSet.of("test", {"tolerance": points, **own}, source="test")


def one(said: Declared, seen: Figure, points: str = "5", **more: Any) -> Comparison:
    [found] = compare([said], [seen], WINDOW, tolerance(points), **more)
    return found


class TestGap:
    @pytest.mark.parametrize(
        ("said", "seen", "gap"),
        [
            (Ratio(80, 100), Ratio(3, 4), Fraction(5)),
            (Ratio(3, 4), Ratio(80, 100), Fraction(5)),
            (Ratio(2, 4), Ratio(1, 2), Fraction(0)),
            (Ratio(2, 3), Ratio(1, 3), Fraction(100, 3)),
            (Ratio(12, None), Ratio(9, None), Fraction(3)),
            (Ratio(1, 2), Ratio(0, 0), None),
            (Ratio(1, 2), Ratio(5, None), None),
        ],
    )
    def test_in_points_or_units(self, said: Ratio, seen: Ratio, gap: Fraction | None) -> None:
        assert gap_points(said, seen) == gap


class TestStatus:
    @pytest.mark.parametrize(
        ("seen", "points", "status"),
        [
            ((80, 100), "0", "same"),
            ((3, 4), "5", "within_tolerance"),
            ((3, 4), "4.99", "alert"),
            ((3, 4), "4,99", "alert"),
            ((0, 0), "5", "not_measurable"),
        ],
    )
    def test_at_the_tolerance_there_is_no_alert(self, seen: tuple[int, int], points: str, status: str) -> None:
        found = one(declared(80, 100), figure(*seen), points)
        assert found.status == status
        assert found.alert == (status == "alert")

    def test_both_figures_are_kept(self) -> None:
        found = one(declared(80, 100), figure(3, 4))
        assert (found.declared, found.computed, found.gap) == (Ratio(80, 100), Ratio(3, 4), Fraction(5))

    def test_what_we_do_not_compute_is_said(self) -> None:
        [found] = compare([declared(80, 100)], [], WINDOW, tolerance("5"))
        assert (found.status, found.computed) == ("not_computed", None)
        assert "calculé –" in found.text()

    def test_an_unknown_tolerance_is_an_error_that_names_it(self) -> None:
        with pytest.raises(ParameterMissing, match="parameter_missing:tolerance"):
            compare([declared(80, 100)], [figure(3, 4)], WINDOW, ParameterSet("none"))
        assert compare([], [figure(3, 4)], WINDOW, ParameterSet("none")) == []

    def test_one_indicator_may_have_its_own(self) -> None:
        parameters = tolerance("0", **{"tolerance:I-SUN1-LDL": "10"})
        rows = [declared(80, 100), declared(80, 100, indicator="I-SUN1-ORD")]
        seen = [figure(3, 4), figure(3, 4, "I-SUN1-ORD")]
        assert [found.status for found in compare(rows, seen, WINDOW, parameters)] == ["within_tolerance", "alert"]
        assert [found.indicator for found in alerts(compare(rows, seen, WINDOW, parameters))] == ["I-SUN1-ORD"]


class TestWhatIsCompared:
    def test_a_denominator_alone_compares_with_nothing(self) -> None:
        assert compare([declared(None, 100)], [figure(3, 4)], WINDOW, tolerance("5")) == []

    def test_another_period_is_left_aside(self) -> None:
        other = declared(80, 100, period_end=date(2022, 6, 29))
        assert compare([other], [figure(3, 4)], WINDOW, tolerance("5")) == []

    def test_the_last_received_of_a_source_counts_and_two_sources_are_two(self) -> None:
        rows = [
            declared(70, 100, received=date(2022, 7, 9)),
            declared(80, 100),
            declared(75, 100, source="PMSI"),
        ]
        found = compare(rows, [figure(3, 4)], WINDOW, tolerance("4"))
        assert [(row.source, row.declared.numerator, row.status) for row in found] == [
            ("PMSI", 75, "same"),
            ("oSIS", 70, "alert"),
        ]


def test_an_alert_carries_its_evidence() -> None:
    rows = [
        Evidence(None, 1, False, "NO_DOCUMENT", SITE, ENTITY, None),
        Evidence("d", 2, True, "COUNTED", "970490371", ENTITY, True),
    ]
    assert one(declared(80, 100), figure(3, 4), "1", evidence=rows).evidence == (rows[0],)
    assert one(declared(80, 100), figure(3, 4), "5", evidence=rows).evidence == ()


def test_it_is_told_in_both_languages() -> None:
    found = one(declared(80, 100), figure(2, 3), "1")
    assert found.text() == (
        "I-SUN1-LDL, 970490363 : déclaré 80 sur 100 (80,00\u00a0%) (oSIS), calculé 2 sur 3 (66,67\u00a0%), "
        "écart 13,33 point(s), tolérance 1,00. Alerte : écart supérieur à la tolérance."
    )
    assert found.text("en").endswith("gap 13.33 point(s), tolerance 1.00. Alert: the gap is above the tolerance.")
    counts = one(declared(5, None, indicator="I-ESMS-E5"), figure(5, None, "I-ESMS-E5"))
    assert "declared 5 (oSIS), computed 5, gap 0.00" in counts.text("en")
