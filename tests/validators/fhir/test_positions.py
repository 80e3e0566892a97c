"""Line, column and JSON pointer of a location, in JSON and in XML, and a report that gets them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.fhir import with_lines
from validators.fhir.locate import positions
from validators.fhir.locatexml import locate_xml
from validators.fhir.wanted import Position
from validators.messages import rule
from validators.report import Report

JSON = """{"resourceType": "Patient",
 "_birthDate": {"extension": [{"url": "x"}]},
 "name": [{"given": [null, "é"], "_given": [{"id": "x"},
   {"extension": [{"url": "é", "valueString": "a"}]}]}],
 "a/b": {"c~d": 1}, "é": 2, "deceasedBoolean" : true
}""".encode()

XML = """<?xml version="1.0"?>
<Bundle xmlns="http://hl7.org/fhir">
  <entry>
   <resource><Patient><name/>
      <f:name xmlns:f="http://hl7.org/fhir"><f:given value="é"/><f:given value="y"/></f:name>
      <deceasedBoolean value="x"/></Patient></resource>
  </entry>
  <entry/>
</Bundle>""".encode()


def at(data: bytes, location: str) -> Position:
    return positions(data, [location])[location]


class TestJson:
    @pytest.mark.parametrize(
        ("location", "line", "column", "pointer"),
        [
            ("Patient", 1, 1, ""),
            ("Patient.resourceType", 1, 2, "/resourceType"),
            ("Patient.birthDate", 2, 2, "/_birthDate"),
            ("Patient.birthDate.extension[0].url", 2, 32, "/_birthDate/extension/0/url"),
            ("Patient.name", 3, 2, "/name"),
            ("Patient.name[0]", 3, 11, "/name/0"),
            ("Patient.name[0].given[1]", 3, 28, "/name/0/given/1"),
            ("Patient.name[0].given[0].id", 3, 46, "/name/0/_given/0/id"),
            ("Patient.name[0].given[1].extension[0].value.ofType(string)", 4, 32,
             "/name/0/_given/1/extension/0/valueString"),
            ("Patient.a/b.c~d", 5, 10, "/a~1b/c~0d"),
            ("Patient.é", 5, 21, "/é"),
            ("Patient.deceased.ofType(boolean)", 5, 29, "/deceasedBoolean"),
            # not there: the nearest ancestor
            ("Patient.gender", 1, 1, ""),
            ("Patient.name[0].family", 3, 11, "/name/0"),
            ("Patient.name[4].family", 3, 2, "/name"),
        ],
    )  # fmt: skip
    def test_each_kind_of_step(self, location: str, line: int, column: int, pointer: str) -> None:
        assert at(JSON, location) == Position(line, column, pointer)

    def test_many_at_once_are_as_one_by_one(self) -> None:
        wanted = ["Patient.name[0].given[1]", "Patient", "Patient.name", "Patient.birthDate.extension[0].url"]
        assert positions(JSON, wanted) == {location: at(JSON, location) for location in wanted}

    @pytest.mark.parametrize("data", [b"", b"nonsense", b'{"a', b"[[[", b"}}}", b'{"a": [1, {'])
    def test_broken_text_gives_what_can_be_found(self, data: bytes) -> None:
        assert at(data, "Patient.a[1].b").line == 1


KEYS = st.sampled_from(["name", "given", "a/b", "c~d", "_use"])
TREES = st.recursive(
    st.integers(0, 9) | st.text('a"\\{[,:é\n', max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def pointers(value: Any, place: str, pointer: str) -> dict[str, tuple[str, Any]]:
    """Every location of a tree, with its pointer and value."""
    found: dict[str, tuple[str, Any]] = {place: (pointer, value)}
    if isinstance(value, dict):
        for key, item in value.items():
            escaped = key.replace("~", "~0").replace("/", "~1")
            found |= pointers(item, f"{place}.{key}", f"{pointer}/{escaped}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found |= pointers(item, f"{place}[{index}]", f"{pointer}/{index}")
    return found


@given(st.dictionaries(KEYS, TREES, min_size=1), st.sampled_from([None, 1]), st.booleans())
def test_pointers_lead_to_the_value(tree: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    wanted = pointers(tree, "X", "")
    data = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    found = positions(data.encode(), wanted)
    assert {place: position.pointer for place, position in found.items()} == {p: v[0] for p, v in wanted.items()}
    lines = data.split("\n")
    for place, position in found.items():
        rest = lines[position.line - 1][position.column - 1 :]
        name = place.rpartition(".")[2]
        expected = json.dumps(name, ensure_ascii=ascii_only) if "." in place and not place.endswith("]") else ""
        assert rest.startswith(expected)


class TestXml:
    @pytest.mark.parametrize(
        ("location", "line", "column"),
        [
            ("Bundle", 2, 1),
            ("Bundle.entry", 3, 3),
            ("Bundle.entry[0]", 3, 3),
            ("Bundle.entry[1]", 8, 3),
            ("Bundle.entry[0].resource", 4, 4),
            ("Bundle.entry[0].resource.name[0]", 4, 23),
            ("Bundle.entry[0].resource.name[1]", 5, 7),
            ("Bundle.entry[0].resource.name[1].given[1]", 5, 65),
            ("Bundle.entry[0].resource.deceased.ofType(boolean)", 6, 7),
            # attributes and what is absent: the nearest ancestor
            ("Bundle.entry[0].resource.name[1].given[1].id", 5, 65),
            ("Bundle.entry[0].resource.birthDate", 4, 4),
            ("Bundle.entry[7].resource", 3, 3),
            ("Bundle.type", 2, 1),
        ],
    )
    def test_each_kind_of_step(self, location: str, line: int, column: int) -> None:
        assert at(XML, location) == Position(line, column, None)
        assert locate_xml(XML, [location]) == {location: line}

    @pytest.mark.parametrize(
        "data",
        [b"<Patient><name>", b"<Patient", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"<a>\xe9</a>"],
    )
    def test_broken_or_hostile_text_gives_what_can_be_found(self, data: bytes) -> None:
        assert at(data, "Patient.gender").line == 1

    def test_other_encodings_and_marks(self) -> None:
        text = XML.decode().replace('"1.0"', '"1.0" encoding="UTF-16"')
        assert at(text.encode("utf-16"), "Bundle.entry[1]").line == 8
        assert at(b"\xef\xbb\xbf" + XML, "Bundle.entry[1]").line == 8

    def test_control_characters_of_xml_11(self) -> None:
        data = b"<?xml version='1.1'?>\n<Patient><active value='&#x1D;a&#1;'/><gender/>\n<name/></Patient>"
        assert at(data, "Patient.gender") == Position(2, 40)
        assert at(data, "Patient.name[0]") == Position(3, 1)

    def test_a_file_of_many_lines(self) -> None:
        data = b"<Patient>" + b"\n" * 70_000 + b"<name/></Patient>"
        assert at(data, "Patient.name[0]").line == 70_001

    @given(st.binary(max_size=60) | st.text("<>/Patient name='\"", max_size=60).map(str.encode), st.text(max_size=20))
    def test_any_bytes_give_a_line(self, data: bytes, location: str) -> None:
        assert locate_xml(data, [location])[location] >= 1
        assert at(data, location).line >= 1


class TestReport:
    def report(self, *locations: str) -> Report:
        report = Report(looked_at=True)
        for location in locations:
            report.add(rule("FHIR-EMPTY"), location, element="x", found="y")
        return report

    def test_gets_all_three_in_json(self) -> None:
        [issue] = with_lines(JSON, self.report("Patient.name[0].given[1]"))
        assert (issue.line, issue.column, issue.pointer) == (3, 28, "/name/0/given/1")

    def test_gets_line_and_column_in_xml(self) -> None:
        [issue] = with_lines(XML, self.report("Bundle.entry[1]"))
        assert (issue.line, issue.column, issue.pointer) == (8, 3, None)

    def test_keeps_what_it_has(self) -> None:
        report = self.report("Patient.name", "")
        report.add(rule("FHIR-JSON"), "Patient", line=9, found="x", expected="y", position="9:2", column=2)
        placed = with_lines(JSON, report)
        assert placed.looked_at
        assert [(issue.line, issue.column) for issue in placed] == [(3, 2), (None, None), (9, 2)]
        assert [issue.params for issue in placed] == [issue.params for issue in report]

    def test_of_a_resource_inside_keeps_its_locations(self) -> None:
        data = b'{"parameter": [{"name": "resource",\n "resource": {\n  "resourceType": "Patient",\n  "gender": 1}}]}'
        inside = "Parameters.parameter[0].resource"
        placed = with_lines(data, self.report("Patient.gender", "Patient"), inside)
        assert [(i.location, i.line, i.pointer) for i in placed] == [
            ("Patient.gender", 4, "/parameter/0/resource/gender"),
            ("Patient", 2, "/parameter/0/resource"),
        ]
