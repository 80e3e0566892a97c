"""Signed parameter sets: every fault with its place, versions that follow, exports that never move."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.programmes import Parameter, ParameterSet, programmes
from indicators.programmes.parameter_sets import (
    MESSAGES,
    ROLES,
    Change,
    Fault,
    Loaded,
    SignedSet,
    SignOff,
    diff,
    export,
    load,
    may_follow,
)

GOOD = """id: ars-bretagne
version: 1
programme: sun_es_v1
signed_off: {by: "Direction de l'ARS", role: ars, signed_on: 2022-01-15}
parameters:
  - {name: "target:I-SUN1-LDL:F1", value: "70", mark: CONFIG, source: "guide"}
  - {name: "target:I-SUN1-LDL:F2", value: "75", mark: CONFIG, source: "guide"}
  - {name: "forfait:documents_sortie:F1", value: "20000", mark: CONFIG, source: "annexe 3"}
  - {name: "forfait:documents_sortie:F2", value: "18000", mark: CONFIG, source: "annexe 3"}
  - {name: bonus_timing, value: prorata, mark: CONFIG, source: "letter", effective_from: 2022-01-01}
"""


def read(text: str) -> Loaded:
    return load(text, programmes())


def signed(text: str = GOOD) -> SignedSet:
    found = read(text)
    assert found.faults == ()
    assert found.found is not None
    return found.found


def codes(text: str) -> list[tuple[str, str, int | None]]:
    found = read(text)
    assert found.found is None
    return [(fault.where, fault.code, fault.line) for fault in found.faults]


class TestGood:
    def test_it_is_loaded_with_who_signed(self) -> None:
        found = signed()
        assert (found.key, found.programme) == ("ars-bretagne@1", "sun_es_v1")
        assert found.signed_off == SignOff("Direction de l'ARS", "ars", date(2022, 1, 15))
        assert found.parameters.cents("forfait:documents_sortie:F1") == 2_000_000
        assert found.parameters.find("bonus_timing", date(2021, 12, 31)) is None

    def test_a_situation_reads_the_same_file(self, tmp_path: Any) -> None:
        path = tmp_path / "set.yaml"
        path.write_text(GOOD, encoding="utf-8")
        assert ParameterSet.read(path).get("bonus_timing") == "prorata"

    def test_a_reading_may_be_replaced(self) -> None:
        text = GOOD.replace("sun_es_v1", "maladies_rares").partition("parameters:")[0] + (
            'parameters:\n  - {name: "target_day:updated", value: 2020-09-15, mark: CONFIG, source: letter}\n'
        )
        assert signed(text).parameters.get("target_day:updated") == date(2020, 9, 15)


class TestFaults:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ("version: 1", "version: 0", [("version", "OUT_OF_RANGE", 2)]),
            ("version: 1", "version: one", [("version", "WRONG_TYPE", 2)]),
            ("version: 1\n", "", [("version", "FIELD_MISSING", 1)]),
            ("version: 1", "version: 1\nversion: 2", [("version", "DUPLICATE_KEY", 3)]),
            ("version: 1", "version: 1\ncolour: red", [("colour", "UNKNOWN_FIELD", 3)]),
            ("programme: sun_es_v1", "programme: hop_en", [("programme", "UNKNOWN_PROGRAMME", 3)]),
            ("role: ars", "role: hospital", [("signed_off.role", "ROLE_NOT_ALLOWED", 4)]),
            ("role: ars, ", "", [("signed_off.role", "FIELD_MISSING", 4)]),
            ("on: 2022-01-15", "on: hier", [("signed_off.signed_on", "WRONG_TYPE", 4)]),
            ('value: "70"', 'value: "170"', [("parameters[0].value", "OUT_OF_RANGE", 6)]),
            ('value: "70"', "value: 70.5", [("parameters[0].value", "WRONG_TYPE", 6)]),
            ('source: "guide"}\n  - {name: "target:I-SUN1-LDL:F2"', '}\n  - {name: "target:I-SUN1-LDL:F2"',
             [("parameters[0].source", "FIELD_MISSING", 6)]),
            ("value: prorata", "value: later", [("parameters[4].value", "OUT_OF_RANGE", 10)]),
            ("name: bonus_timing", "name: bonus", [("parameters[4].name", "UNKNOWN_PARAMETER", 10)]),
            ("{name: bonus_timing, value: prorata", '{name: advance_share, value: "1/2"',
             [("parameters[4].name", "REDEFINES_SOURCE", 10)]),
            ("prorata, mark: CONFIG", "prorata, mark: SOURCE", [("parameters[4].mark", "MARK_NOT_CONFIG", 10)]),
            ("effective_from: 2022-01-01", "effective_from: 2022-01-01, effective_to: 2021-01-01",
             [("parameters[4].effective_to", "DATES_REVERSED", 10)]),
            ("effective_from: 2022-01-01", "effective_from: janvier",
             [("parameters[4].effective_from", "WRONG_TYPE", 10)]),
            ('"target:I-SUN1-LDL:F2"', '"target:I-SUN1-LDL:F1"', [("parameters[1].name", "OVERLAP", 7)]),
        ],
    )  # fmt: skip
    def test_each_has_its_place(self, before: str, after: str, expected: list[tuple[str, str, int]]) -> None:
        assert before in GOOD
        assert codes(GOOD.replace(before, after, 1)) == expected

    @pytest.mark.parametrize("text", ["", "- a", "x", "id: [", "a: \x00", "parameters: [1]"])
    def test_what_is_no_set(self, text: str) -> None:
        assert codes(text)

    def test_every_fault_is_said_at_once(self) -> None:
        text = (
            GOOD.replace('value: "70"', 'value: "170"').replace("later", "x").replace("name: bonus_timing", "name: b")
        )
        assert [code for _, code, _ in codes(text)] == ["OUT_OF_RANGE", "UNKNOWN_PARAMETER"]


class TestBetweenParameters:
    def test_a_forfait_that_rises_a_target_that_falls(self) -> None:
        text = GOOD.replace('"18000"', '"25000"').replace('value: "75"', 'value: "65"')
        found = [code for _, code, _ in codes(text)]
        assert found == ["AMOUNT_NOT_DEGRESSIVE:F2>F1:documents_sortie", "TARGET_NOT_PROGRESSIVE:F2<F1:I-SUN1-LDL"]

    def test_amounts_out_of_their_range(self) -> None:
        assert [code for _, code, _ in codes(GOOD.replace('"18000"', '"17999.99"'))] == [
            "AMOUNT_BELOW_MIN:F2:documents_sortie"
        ]

    def test_regional_envelopes_stay_within_the_national_one(self) -> None:
        rows = "".join(
            f'  - {{name: "envelope:ars:{region}", value: "{euros}", mark: CONFIG, source: "annexe 2"}}\n'
            for region, euros in (("53", "100000000"), ("28", "58000001"))
        )
        assert [code for _, code, _ in codes(GOOD + rows)] == ["ENVELOPES_ABOVE_NATIONAL"]
        signed(GOOD + rows.replace("58000001", "58000000"))

    @pytest.mark.parametrize(
        ("rate", "expected"), [("4999.99", []), ("5000", ["RATE_OUT_OF_RANGE:p1"]), ("0", ["RATE_OUT_OF_RANGE:p1"])]
    )
    def test_a_rate_above_five_hundred_esms(self, rate: str, expected: list[str]) -> None:
        text = GOOD.replace("sun_es_v1", "aap_dui").partition("parameters:")[0] + (
            f'parameters:\n  - {{name: "rate_over_500:p1", value: "{rate}", mark: CONFIG, source: committee}}\n'
        )
        assert [fault.code for fault in read(text).faults] == expected

    def test_two_values_one_after_the_other_do_not_overlap(self) -> None:
        text = GOOD + "  - {name: bonus_timing, value: with_usage, mark: CONFIG, source: x, effective_to: 2021-12-31}\n"
        assert signed(text).parameters.get("bonus_timing", date(2021, 6, 1)) == "with_usage"


class TestVersions:
    def test_the_next_one_follows_and_the_same_one_is_welcome(self) -> None:
        first, second, third = (signed(GOOD.replace("version: 1", f"version: {n}")) for n in (1, 2, 3))
        assert may_follow(first, []) == []
        assert may_follow(first, [first]) == []
        assert may_follow(second, [first]) == []
        assert may_follow(third, [first]) == [Fault("version", "VERSION_GAP", "2")]
        assert may_follow(second, []) == [Fault("version", "VERSION_GAP", "1")]

    def test_a_version_is_never_edited_in_place(self) -> None:
        changed = signed(GOOD.replace('value: "70"', 'value: "71"'))
        assert may_follow(changed, [signed()]) == [Fault("version", "SET_EXISTS", "ars-bretagne@1")]

    def test_another_signature_is_another_content(self) -> None:
        assert signed(GOOD.replace("2022-01-15", "2022-01-16")).fingerprint != signed().fingerprint


class TestExport:
    def test_the_same_bytes_whatever_the_order(self) -> None:
        head, _, rows = GOOD.partition("parameters:\n")
        shuffled = head + "parameters:\n" + "\n".join(reversed(rows.splitlines())) + "\n"
        assert export(signed(shuffled)) == export(signed())

    def test_what_is_exported_can_be_loaded(self) -> None:
        again = signed(export(signed()))
        assert (again.fingerprint, again.key) == (signed().fingerprint, "ars-bretagne@1")

    @settings(deadline=None)
    @given(st.dictionaries(st.sampled_from(["F1", "F2", "F3", "F4"]), st.integers(0, 100), max_size=4))
    def test_for_any_targets(self, targets: dict[str, int]) -> None:
        entries = tuple(Parameter(f"target:I-SUN1-ORD:{w}", str(v), "CONFIG", "test") for w, v in targets.items())
        one = SignedSet("t", 1, "sun_es_v1", SignOff("x", "ars", date(2022, 1, 1)), ParameterSet("t@1", entries))
        content = yaml.safe_load(export(one))
        assert {row["name"]: row["value"] for row in content["parameters"]} == {e.name: e.value for e in entries}


class TestDiff:
    def test_added_removed_and_changed(self) -> None:
        after = GOOD.replace('value: "70"', 'value: "72"').replace(
            "bonus_timing, value: prorata", 'tolerance, value: "5"'
        )
        assert diff(signed().parameters, signed(after).parameters) == (
            Change("bonus_timing", date(2022, 1, 1), "prorata", None),
            Change("target:I-SUN1-LDL:F1", None, "70", "72"),
            Change("tolerance", date(2022, 1, 1), None, "5"),
        )

    def test_nothing(self) -> None:
        assert diff(signed().parameters, signed().parameters) == ()


class TestWords:
    def test_every_code_has_words_in_both_languages(self) -> None:
        for code, (fr, en) in MESSAGES.items():
            assert fr != en
            assert code in Fault("x", code, "d", 3).message()
        assert (
            Fault("version", "VERSION_GAP", "2", 4).message("en")
            == "version (line 4) VERSION_GAP : expected version: 2"
        )
        assert Fault("version", "VERSION_GAP", "2").message() == "version VERSION_GAP : version attendue : 2"

    def test_roles_are_those_who_hold_parameters(self) -> None:
        assert "ars" in ROLES
        assert "establishment" not in ROLES
