"""The Measure resources: valid R4, and the shipped files are what the function says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indicators.measures import BASE, MEASURES, UnknownMeasure, resource
from indicators.measures.model import MeasureInfo
from indicators.measures.resource import fhir_measure

PROFILES = Path(__file__).parents[2] / "profiles"
COUNT = MeasureInfo(
    id="I-X", title_fr="t", title_en="t", definition_fr="a < b & c", definition_en="d", unit="message", kind="count",
    source="s", subject="Communication", key="k", attributed_by="sent",
)  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
def test_the_shipped_file_is_the_resource(measure: str) -> None:
    text = (PROFILES / f"Measure-{measure}.json").read_text(encoding="utf-8")
    assert text == json.dumps(resource(measure), ensure_ascii=False, indent=2) + "\n"


def test_no_shipped_measure_is_left_over() -> None:
    assert {path.stem.removeprefix("Measure-") for path in PROFILES.glob("Measure-*.json")} == set(MEASURES)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_model_of_the_standard_reads_it(measure: str) -> None:
    models = pytest.importorskip("fhir.resources.R4B.measure")
    assert models.Measure.model_validate(resource(measure)).url == BASE + measure


def test_a_ratio_has_three_populations_and_a_count_one() -> None:
    def codes(found: dict[str, object]) -> list[str]:
        populations = found["group"][0]["population"]  # type: ignore[index]
        return [population["code"]["coding"][0]["code"] for population in populations]

    assert codes(resource("I-SUN1-LDL")) == ["initial-population", "denominator", "numerator"]
    assert codes(fhir_measure(COUNT)) == ["numerator"]


def test_the_narrative_is_escaped() -> None:
    assert "<p>a &lt; b &amp; c</p>" in fhir_measure(COUNT)["text"]["div"]


def test_an_unknown_measure_is_named() -> None:
    with pytest.raises(UnknownMeasure, match="I-NOPE"):
        resource("I-NOPE")
