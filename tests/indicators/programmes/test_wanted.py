"""Parameters to supply: names with places, kinds with ranges."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from indicators.programmes import programmes
from indicators.programmes.wanted import KINDS, Wanted, read_wanted

PARTS = ("candidature", "instruction", "measure")


def wanted(kind: str, **more: Any) -> Wanted:
    return Wanted("CFG-X", "x", kind, "holder", "nothing", **more)


@pytest.mark.parametrize(
    ("name", "given", "yes"),
    [
        ("target:<indicator>:<window>", "target:I-SUN1-LDL:F1", True),
        ("target:<indicator>:<window>", "target:I-SUN1-LDL", False),
        ("target:<indicator>:<window>", "target:I-SUN1-LDL:F1:x", False),
        ("bonus_timing", "bonus_timing", True),
        ("bonus_timing", "bonus_timings", False),
        ("a.b", "axb", False),
    ],
)
def test_names(name: str, given: str, yes: bool) -> None:
    assert Wanted("CFG-X", name, "text", "holder", "nothing").matches(given) is yes


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("percent", "75", None), ("percent", 75, None), ("percent", "66,67", None),
        ("percent", "100.01", "OUT_OF_RANGE"),
        ("amounts", ["18000", 60_000], None), ("amounts", [], "OUT_OF_RANGE"), ("amounts", ["-1"], "OUT_OF_RANGE"),
        ("amounts", "18000", "WRONG_TYPE"), ("amounts", [1.5], "WRONG_TYPE"),
        ("percent", "-1", "OUT_OF_RANGE"), ("percent", "beaucoup", "WRONG_TYPE"), ("percent", True, "WRONG_TYPE"),
        ("percent", ["75"], "WRONG_TYPE"),
        ("euros", "18 000,50 €", None), ("euros", 18000, None), ("euros", "-1", "OUT_OF_RANGE"),
        ("euros", "1.234", "WRONG_TYPE"), ("euros", False, "WRONG_TYPE"),
        ("count", 3, None), ("count", -1, "OUT_OF_RANGE"), ("count", "3", "WRONG_TYPE"), ("count", True, "WRONG_TYPE"),
        ("date", date(2022, 1, 1), None), ("date", "2022-01-01", "WRONG_TYPE"),
        ("text", "x", None), ("text", " ", "OUT_OF_RANGE"), ("text", 3, "WRONG_TYPE"),
        ("texts", ["a", "b"], None), ("texts", ["a", "a"], "OUT_OF_RANGE"), ("texts", "a", "WRONG_TYPE"),
        ("texts", [1], "WRONG_TYPE"),
        ("flag", False, None), ("flag", "no", "WRONG_TYPE"),
        ("rising", [1, "2", 30], None), ("rising", [2, 2], "OUT_OF_RANGE"), ("rising", 3, "WRONG_TYPE"),
        ("window", dict.fromkeys(PARTS, (date(2022, 1, 1), date(2022, 2, 1))), None),
        ("window", dict.fromkeys(PARTS, (date(2022, 3, 1), date(2022, 2, 1))), "OUT_OF_RANGE"),
        ("window", {"measure": [date(2022, 1, 1), date(2022, 2, 1)]}, "WRONG_TYPE"),
    ],
)  # fmt: skip
def test_kinds(kind: str, value: Any, fault: str | None) -> None:
    assert wanted(kind).fault(value) == fault


def test_choices() -> None:
    one = wanted("choice", choices=("with_usage", "prorata"))
    assert (one.fault("prorata"), one.fault("later")) == (None, "OUT_OF_RANGE")


def test_a_programme_without_a_file_wants_nothing(tmp_path: Path) -> None:
    assert read_wanted(tmp_path / "wanted.yaml") == ()


def test_every_parameter_of_the_register_is_wanted_with_its_words() -> None:
    registers = {
        "sun_es_v1": ("CFG-S1", 15), "sun_es_v2": ("CFG-S2", 4), "maladies_rares": ("CFG-MR", 5),
        "esms_amorcage": ("CFG-ES", 13), "aap_dui": ("CFG-AA", 7), "cadre_commun": ("CFG-CC", 6),
    }  # fmt: skip
    for name, (prefix, last) in registers.items():
        rows = programmes()[name].wanted
        assert {f"{prefix}-{n:02}" for n in range(1, last + 1)} <= {row.id for row in rows}
        for row in rows:
            assert row.holder
            assert row.absent
            assert row.kind in KINDS or row.choices
