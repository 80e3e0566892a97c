"""What is shown of a programme, and the small readers around it: territories, texts of case files."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from indicators.programmes import ParameterMissing, programme
from indicators.programmes.adapters import cents, cents_or_none, counts, day_or_none, given, number, percent
from indicators.programmes.describe import described, function_name
from indicators.programmes.esms_numerique import money
from indicators.programmes.territories import outside_sun_es, overseas_or_corsica, plain
from indicators.ratio import Ratio, decimals


class TestDescribed:
    def test_a_computed_rule_names_its_functions(self) -> None:
        shown = described(programme("esms_amorcage"))
        rule = next(rule for rule in shown["rules"] if rule["id"] == "ESMS-R20")
        assert (rule["functions"], rule["declared"]) == (["esms_numerique.money.schedule"], None)
        assert rule["source"] == "S3 §III.C"

    def test_a_declared_rule_says_why(self) -> None:
        shown = described(programme("sun_es_v1"))
        rule = next(rule for rule in shown["rules"] if rule["id"] == "SUN1-R33")
        assert (rule["functions"], rule["declared"]) == ([], "no SONS amount is ever computed")

    def test_an_ended_rule_has_its_last_day(self) -> None:
        rules = {rule["id"]: rule for rule in described(programme("maladies_rares"))["rules"]}
        assert (rules["MR-R05"]["effective_to"], rules["MR-R06"]["effective_from"]) == ("2019-09-05", "2019-09-06")

    def test_moves_have_their_guards_and_notices(self) -> None:
        [machine] = described(programme("sun_es_v1"))["machines"]
        accepted = next(row for row in machine["transitions"] if row["to"] == "ACCEPTED")
        assert accepted["guards"]["credits_left"] == ["CREDITS_EXHAUSTED"]
        assert accepted["guards"]["admissible"][0] == "OUT_OF_TERRITORY"
        assert [notice["to"] for notice in accepted["notices"]] == ["establishment", "DNS, DGOS"]
        assert "USAGE_PAID" in machine["pays"]

    def test_a_function_of_somebody_else_has_its_full_path(self) -> None:
        assert function_name(money.schedule) == "esms_numerique.money.schedule"
        assert function_name(decimals) == "indicators.ratio.decimals"


class TestTerritories:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [("Île-de-France", "ile de france"), ("La Réunion", "reunion"),
         ("Provence-Alpes-Côte d'Azur", "provence alpes cote d azur"),
         ("LES  Îles", "iles"), ("2A", "2a")],
    )  # fmt: skip
    def test_plain(self, name: str, expected: str) -> None:
        assert plain(name) == expected

    @pytest.mark.parametrize("name", ["Bretagne", "Atlantide", "", "75", "Corrèze"])
    def test_what_nobody_lists_is_ordinary(self, name: str) -> None:
        assert not outside_sun_es(name)
        assert not overseas_or_corsica(name)

    def test_excluded_collectivities_are_overseas_too(self) -> None:
        assert outside_sun_es("Nouvelle-Calédonie")
        assert overseas_or_corsica("Nouvelle-Calédonie")
        assert not outside_sun_es("Mayotte")


class TestTexts:
    def test_amounts(self) -> None:
        assert (cents("18 000,50 €", "x"), cents(5, "x"), cents_or_none(None)) == (1_800_050, 500, None)
        with pytest.raises(ParameterMissing, match="parameter_missing:x"):
            cents(None, "x")
        with pytest.raises(ValueError, match="not an amount"):
            cents("0.001", "x")

    def test_numbers_and_days(self) -> None:
        assert (number("66,67"), number(3), number(None)) == (Fraction("66.67"), Fraction(3), None)
        assert day_or_none(None) is None
        assert (percent(Fraction(1, 3)), percent(None)) == ("33.33", None)
        assert counts(Ratio(1, 0)) == {"num": 1, "den": 0, "pct": None}

    @pytest.mark.parametrize(
        ("values", "yes"), [({"a": True}, True), ({"a": False}, False), ({"a": "oui"}, False), ({}, False)]
    )
    def test_only_a_yes_is_a_yes(self, values: dict[str, Any], yes: bool) -> None:
        assert given(values, "a") is yes
