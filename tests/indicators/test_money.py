"""Money: nothing is lost, nothing is made, whatever the amount."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import format_euros, instalments, largest_remainder, parse_euros, plain_euros, share
from indicators.ratio import Ratio, decimals, half_up

AMOUNTS = st.integers(-(10**13), 10**13)
POSITIVE = st.integers(0, 10**13)
PARTS = st.fractions(min_value=0, max_value=1, max_denominator=1000)


class TestText:
    @pytest.mark.parametrize(
        ("text", "cents"),
        [
            ("18 333,35 €", 1833335),
            ("18\u202f333,35\u00a0€", 1833335),
            ("18333.35", 1833335),
            ("18000", 1800000),
            ("0,5", 50),
            ("-1.00", -100),
            ("\u22121,00 €", -100),
        ],
    )
    def test_amounts_people_write(self, text: str, cents: int) -> None:
        assert parse_euros(text) == cents

    @pytest.mark.parametrize("text", ["", "€", "1,234", "1.234,56", "12 34", "1e3", "NaN", "1,2,3", "٣", "1 000 00"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not an amount"):
            parse_euros(text)

    def test_display(self) -> None:
        assert format_euros(1833335) == "18\u202f333,35\u00a0€"
        assert format_euros(-123456789, "en") == "-€1,234,567.89"
        assert plain_euros(-100) == "-1.00"

    @settings(deadline=None)
    @given(AMOUNTS)
    def test_what_is_shown_can_be_read_back(self, cents: int) -> None:
        assert parse_euros(format_euros(cents)) == cents
        assert parse_euros(plain_euros(cents)) == cents


class TestShares:
    def test_the_half_cent_goes_up(self) -> None:
        assert instalments(1833335, [Fraction(30, 100)]) == (550001, 1283334)

    @settings(deadline=None)
    @given(POSITIVE, st.lists(PARTS, max_size=5))
    def test_instalments_add_up(self, total: int, parts: list[Fraction]) -> None:
        paid = instalments(total, parts)
        assert sum(paid) == total
        assert len(paid) == len(parts) + 1

    @settings(deadline=None)
    @given(AMOUNTS, PARTS)
    def test_a_share_is_never_more_than_half_a_cent_away(self, total: int, part: Fraction) -> None:
        assert abs(share(total, part) - total * part) <= Fraction(1, 2)

    @settings(deadline=None)
    @given(POSITIVE, st.dictionaries(st.text(max_size=3), st.integers(0, 50), min_size=1, max_size=8))
    def test_largest_remainder_conserves_the_total(self, total: int, weights: dict[str, int]) -> None:
        weights["one"] = 1
        shares = largest_remainder(total, weights)
        whole = sum(weights.values())
        assert sum(shares.values()) == total
        assert list(shares) == sorted(weights)
        assert all(abs(shares[key] - Fraction(total * weights[key], whole)) < 1 for key in weights)

    def test_ties_go_to_the_smaller_key(self) -> None:
        assert largest_remainder(100, {"c": 1, "a": 1, "b": 1}) == {"a": 34, "b": 33, "c": 33}
        assert largest_remainder(5, {"b": Fraction(1, 2), "a": Fraction(1, 2)}) == {"a": 3, "b": 2}

    @pytest.mark.parametrize(("total", "weights"), [(-1, {"a": 1}), (1, {}), (1, {"a": 0}), (1, {"a": 2, "b": -1})])
    def test_a_share_of_nothing_is_refused(self, total: int, weights: dict[str, int]) -> None:
        with pytest.raises(ValueError, match="a share needs"):
            largest_remainder(total, weights)


class TestRatio:
    def test_no_denominator_has_no_value(self) -> None:
        for empty in (Ratio(0, 0), Ratio(3, None)):
            assert (empty.value, empty.percent, empty.percent_text, empty.display()) == (None, None, None, "–")

    def test_two_thirds_shows_66_67_and_is_not_66_67(self) -> None:
        ratio = Ratio(2, 3)
        assert ratio.percent_text == "66.67"
        assert ratio.percent != Fraction("66.67")
        assert (ratio.display("fr"), ratio.display("en")) == ("66,67\u00a0%", "66.67%")

    @pytest.mark.parametrize(
        ("value", "integer"), [(Fraction(5, 2), 3), (Fraction(-5, 2), -3), (Fraction(7, 3), 2), (Fraction(-1, 3), 0)]
    )
    def test_half_up(self, value: Fraction, integer: int) -> None:
        assert half_up(value) == integer

    def test_decimals_keep_the_sign_and_the_zeros(self) -> None:
        assert (decimals(Fraction(-1, 200)), decimals(Fraction(1, 1000)), decimals(Fraction(5), 0)) == (
            "-0.01",
            "0.00",
            "5.0",
        )
