"""Parameters: no default anywhere, exact values only, the one in force answers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from indicators.programmes import Parameter, ParameterMissing, ParameterSet


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(ParameterMissing) as caught:
        ParameterSet("empty").get("target")
    assert str(caught.value) == "parameter_missing:target"
    assert caught.value.name == "target"


def test_the_value_in_force_on_the_day_answers() -> None:
    old = Parameter("target", "50", "CONFIG", "first letter", effective_to=date(2022, 6, 30))
    new = Parameter("target", "60", "CONFIG", "second letter", effective_from=date(2022, 7, 1))
    given = ParameterSet("ars", (old, new))
    assert [given.get("target", day) for day in (date(2022, 6, 30), date(2022, 7, 1))] == ["50", "60"]
    assert given.get("target") == "50"
    only_new = ParameterSet("ars", (new,))
    assert only_new.find("target", date(2022, 6, 30)) is None


def test_the_set_in_front_wins_and_the_id_says_both() -> None:
    ours = ParameterSet.of("sources", {"a": "1", "b": "2"}, source="text", mark="SOURCE")
    merged = ParameterSet.of("ars", {"a": "3"}, source="letter").over(ours)
    assert (merged.id, merged.get("a"), merged.get("b")) == ("ars+sources", "3", "2")


@pytest.mark.parametrize("value", [0.3, [0.3], {"min": [1, 0.5]}])
def test_a_float_never_enters(value: Any) -> None:
    with pytest.raises(ValueError, match="write decimals as text"):
        Parameter("share", value, "SOURCE", "text")


def test_a_mark_is_one_of_four() -> None:
    with pytest.raises(ValueError, match="mark 'GUESS'"):
        Parameter("share", "1", "GUESS", "text")


def test_typed_readings() -> None:
    given = ParameterSet.of("t", {"share": "30/100", "rate": "66,67", "euros": "18 000 €", "ids": ["a"]}, source="test")
    assert given.fraction("share") == Fraction(3, 10)
    assert given.fraction("rate") == Fraction("66.67")
    assert given.cents("euros") == 1_800_000
    assert given.texts("ids") == ("a",)


@pytest.mark.parametrize("value", ["I-SUN1-LDL", [1]])
def test_a_single_text_is_no_list(value: Any) -> None:
    with pytest.raises(ValueError, match="a list of texts is needed"):
        ParameterSet.of("t", {"ids": value}, source="test").texts("ids")


class TestFile:
    def test_a_file_is_read_with_its_dates(self, tmp_path: Path) -> None:
        text = "id: ars\nparameters:\n  - {name: a, value: '1', mark: CONFIG, source: s, effective_from: 2022-01-01}\n"
        (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
        found = ParameterSet.read(tmp_path / "p.yaml")
        assert found.entries == (Parameter("a", "1", "CONFIG", "s", date(2022, 1, 1)),)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "id: a",
            "- a",
            "id: a\nparameters: [{name: a}]",
            "id: a\nparameters: [{name: a, value: 0.3, mark: SOURCE, source: s}]",
            "id: [",
        ],
    )
    def test_a_file_of_another_shape_is_named(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"p\.yaml: not a parameter file"):
            ParameterSet.read(tmp_path / "p.yaml")
