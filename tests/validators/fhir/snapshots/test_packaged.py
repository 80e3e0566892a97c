"""The definitions of a package: which files are read, which are refused, and what is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.packages import profile
from validators.fhir.snapshots.packaged import Made, made, structure_definitions, with_snapshots, written
from validators.packages import PackageError

URL = "https://example.org/fhir/StructureDefinition/p"
PROFILE = profile(URL, path="Patient.gender", min=1)


def test_only_structure_definitions_are_read() -> None:
    files = [("p.json", json.dumps(PROFILE).encode()), ("v.json", b'{"resourceType": "ValueSet"}'), ("p.xml", b"<a/>"),
             ("list.json", b'{"resourceType": "List", "title": "StructureDefinition"}')]  # fmt: skip
    assert dict(structure_definitions(files)) == {"p.json": PROFILE}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"resourceType": "StructureDefinition"', "a.json: "),
        (b'["StructureDefinition"]', "a.json: "),
        (b'{"resourceType": "StructureDefinition", "url": "a"}', "a.json: a StructureDefinition needs url and type"),
    ],
)
def test_what_is_no_definition_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(PackageError, match=f"^{said}"):
        list(structure_definitions([("a.json", content)]))


def test_numbers_stay_as_they_were_written() -> None:
    content = json.dumps({**PROFILE, "extension": [{"url": "a", "valueDecimal": "N"}]}).replace('"N"', "1.50").encode()
    assert b"1.50" in with_snapshots({"p.json": content})["p.json"]
    [(_, definition)] = structure_definitions([("p.json", content)])
    assert b"1.50" in written(definition)


def test_one_that_fails_leaves_the_others() -> None:
    bad: dict[str, Any] = {**PROFILE, "url": URL + "bad", "baseDefinition": URL + "nowhere"}
    good, failed = made({"p.json": PROFILE, "bad.json": bad})
    assert (good.elements, good.problem, good.published, good.differences()) == (45, "", [], [])
    assert (failed.elements, failed.whole, failed.differences()) == (0, None, [])
    assert "nowhere is not known" in failed.problem


@pytest.mark.parametrize("view", [{"element": [1]}, {"element": [{"path": "Patient"}]}, {"element": {"id": 1}}])
def test_a_malformed_snapshot_is_named(view: dict[str, Any]) -> None:
    [one] = made({"p.json": {**PROFILE, "snapshot": view}})
    with pytest.raises(PackageError, match=r"^p\.json: malformed snapshot"):
        one.differences()


def test_a_snapshot_that_is_none_counts_as_absent() -> None:
    assert Made("p.json", {**PROFILE, "snapshot": []}, None).published == []
