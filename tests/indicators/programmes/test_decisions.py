"""Decisions as records: they say everything, replay to the same bytes, and never pay from what is not firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.money import parse_euros
from indicators.programmes import programme
from indicators.programmes.decisions import DecisionRecord, Instalment, counted_keys, decide, read_record, replay
from indicators.programmes.errors import RuleError

INPUTS = {"standard_amount": "18333.35", "bonus_claimed": False, "bonus_timing": None, "accepted": True,
          "targets_reached": True, "cro_reached": False}  # fmt: skip


def decided(
    op: str = "sun1_payments", inputs: dict[str, Any] | None = None, of: str = "sun_es_v1", **more: Any
) -> DecisionRecord:
    given_ = {
        "decided_by": "directrice", "role": "ars", "decided_at": datetime(2022, 7, 20, 9, tzinfo=UTC),
        "as_of": date(2022, 7, 20), "parameter_set": "ars-bretagne@1",
    }  # fmt: skip
    return decide("d-1", programme(of), op, INPUTS if inputs is None else inputs, **(given_ | more))


class TestRecord:
    def test_it_says_who_when_with_what_and_the_result(self) -> None:
        found = decided(instalments=[Instalment("advance", 550_001), Instalment("usage", 1_283_334)])
        assert found.outcome == {"advance": "5500.01", "usage": "12833.34", "total": "18333.35"}
        assert found.total == parse_euros("18333.35")
        assert found.rules["SUN1-R24"] == "2021-07-01"
        assert (found.decided_by, found.role, found.parameter_set) == ("directrice", "ars", "ars-bretagne@1")

    def test_it_replays_to_the_same_bytes(self) -> None:
        found = decided(counted=["b", "a"])
        assert replay(found, programme("sun_es_v1")).to_bytes() == found.to_bytes()
        assert replay(read_record(found.to_bytes()), programme("sun_es_v1")).digest == found.digest

    def test_a_touched_result_does_not(self) -> None:
        touched = replace(decided(), outcome={"advance": "1.00"})
        assert replay(touched, programme("sun_es_v1")).digest != touched.digest

    def test_the_rules_are_those_of_its_date(self) -> None:
        inputs = {"as_of": "2019-09-05"}
        before, after = (
            decided("mr_version", inputs, "maladies_rares", as_of=day) for day in (date(2019, 9, 5), date(2019, 9, 6))
        )
        assert "MR-R05" in before.rules
        assert "MR-R07" not in before.rules
        assert "MR-R07" in after.rules

    def test_an_unknown_operation_is_named(self) -> None:
        with pytest.raises(RuleError, match="unknown_op:sun1_magic"):
            decided("sun1_magic")

    @pytest.mark.parametrize("data", [b"{}", b"[]", b'{"instalments": [{"x": 1}]}', b"not json"])
    def test_what_is_no_record(self, data: bytes) -> None:
        with pytest.raises(ValueError, match=r"."):
            read_record(data)


class TestMoney:
    pay = (Instalment("restitution", 15_000_000),)

    def test_nothing_is_paid_from_an_indicative_result(self) -> None:
        inputs = {
            "version": "updated",
            "selected": True,
            "reached_on": None,
            "as_of": "2020-10-15",
            "perceived": "150000",
        }
        assert decided("mr_payments", inputs, "maladies_rares").outcome["indicative"] is True
        with pytest.raises(RuleError, match="indicative_pays:mr_payments"):
            decided("mr_payments", inputs, "maladies_rares", instalments=self.pay)

    def test_nor_from_a_missing_parameter(self) -> None:
        inputs = INPUTS | {"bonus_claimed": True}
        assert decided(inputs=inputs).outcome == {"error": "parameter_missing:bonus_timing"}
        with pytest.raises(RuleError, match="unknown_pays:sun1_payments"):
            decided(inputs=inputs, instalments=self.pay)

    @settings(deadline=None)
    @given(st.integers(0, 35_200_000))
    def test_instalments_of_a_result_add_up_and_replay(self, forfait: int) -> None:
        euros = f"{forfait // 100}.{forfait % 100:02d}"
        outcome = decided(inputs=INPUTS | {"standard_amount": euros}).outcome
        parts = [Instalment(name, parse_euros(outcome[name])) for name in ("advance", "usage")]
        found = decided(inputs=INPUTS | {"standard_amount": euros}, instalments=parts)
        assert found.total == forfait
        assert replay(found, programme("sun_es_v1")).to_bytes() == found.to_bytes()


class TestKeys:
    def test_they_mean_something_inside_one_decision_only(self) -> None:
        one, other = (counted_keys(secret, ["doc-1", "doc-2", "doc-1"]) for secret in (b"a", b"b"))
        assert len(one) == 2
        assert not set(one) & set(other)
        assert list(one) == sorted(one)
        assert counted_keys(b"a", ["doc-2", "doc-1"]) == one

    def test_no_name_is_in_the_record(self) -> None:
        found = decided(counted=counted_keys(b"secret", ["1.2.250.1.999.42"]))
        assert b"1.2.250.1.999.42" not in found.to_bytes()
