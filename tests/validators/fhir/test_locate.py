"""Lines are found for what the walk reports, and only by looking when asked."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from validators.fhir import Walker, load_definitions, locate, parse_json, with_lines
from validators.messages import rule
from validators.report import Report

TEXT = b"""{
  "resourceType": "Patient",
  "name": [
    {"family": "A, \\"}]"},
    {
      "given": ["B",
        "C"],
      "_given": [null, {"extension": [
        {"url": "x"}]}]
    }
  ],
  "deceasedBoolean": true,
  "text": {"empty": {}, "div":
    "d"}
}
"""


def test_each_kind_of_step() -> None:
    lines = {
        "Patient": 1,
        "Patient.resourceType": 2,
        "Patient.name": 3,
        "Patient.name[0].family": 4,
        "Patient.name[1]": 5,
        "Patient.name[1].given[1]": 7,
        "Patient.name[1].given[1].extension[0].url": 9,
        "Patient.deceased.ofType(boolean)": 12,
        "Patient.text.div": 13,
    }
    assert locate(TEXT, lines) == lines


def test_an_absent_element_has_the_line_of_its_nearest_ancestor() -> None:
    assert locate(TEXT, ["Patient.name[1].period.start", "Patient.name[7]", "Patient.x"]) == {
        "Patient.name[1].period.start": 5,
        "Patient.name[7]": 3,
        "Patient.x": 1,
    }


def test_a_report_gets_lines_where_it_has_none() -> None:
    report = Report()
    resource = parse_json(b'{\n"resourceType": "Patient",\n"gender": "x"}', report)
    assert isinstance(resource, dict)
    Walker(load_definitions()).check(resource, report)
    report.add(rule("FHIR-JSON"), line=9)
    assert [issue.line for issue in with_lines(b'{\n"resourceType": "Patient",\n"gender": "x"}', report)] == [3, 9]


def test_a_report_without_locations_is_returned_as_it_is() -> None:
    report = Report()
    assert with_lines(b"{}", report) is report


@given(st.binary(max_size=80), st.text(max_size=30))
def test_any_bytes_and_any_location_give_a_line(data: bytes, location: str) -> None:
    assert locate(data, [location])[location] >= 1


WORDS = st.sampled_from(["name", "given", "use", "period"])
TREES = st.recursive(
    st.integers(0, 9) | st.text(alphabet='a"\\{[,:é', max_size=3),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(WORDS, inner, min_size=1, max_size=3),
    max_leaves=12,
)


def places(value: Any, place: str) -> list[str]:
    """Every location of a JSON tree, in the order of the text."""
    found = [place]
    if isinstance(value, dict):
        found += [p for key, item in value.items() for p in places(item, f"{place}.{key}")]
    elif isinstance(value, list):
        found += [p for index, item in enumerate(value) for p in places(item, f"{place}[{index}]")]
    return found


@given(st.dictionaries(WORDS, TREES, min_size=1))
def test_lines_follow_the_order_of_the_text(tree: dict[str, Any]) -> None:
    wanted = places(tree, "X")
    lines = [locate(json.dumps(tree, indent=1).encode(), wanted)[place] for place in wanted]
    # json.dumps(indent) puts each value on a line of its own, in the order of `places`.
    assert lines == sorted(lines)
    assert len(set(lines)) == len(lines)
