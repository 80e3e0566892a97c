"""Published examples are walked without exception; the ones known to be right have no error."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from validators.fhir import Definitions, ProfileSet, Walker, parse_json, with_lines
from validators.messages import render
from validators.report import REFUSING, Report, Severity

MISSING_USE = {"FHIR-MIN", "FHIR-REFERENCE-TYPE", "FHIR-REFERENCE-CONTAINED", "FHIR-PROFILE-UNKNOWN"}


def examples(shared: Path) -> list[Path]:
    return sorted((shared / "examples").glob("*/*.json"))


def test_every_example_is_walked_and_every_issue_can_be_said(
    shared: Path, definitions: Definitions, profiles: ProfileSet
) -> None:
    walker = Walker(definitions, profiles)
    for path in examples(shared):
        data, report = path.read_bytes(), Report()
        resource = parse_json(data, report)
        assert isinstance(resource, dict), path
        walker.check(resource, report)
        for issue in with_lines(data, report):
            assert render(issue, "fr"), path
            assert issue.line, path


DEFECTS = {
    # 250 000 octets are announced, the base64 holds 11
    ("DocumentReference-PDSmSimplifiedExample.json", "FHIR-ATTACHMENT-SIZE", "DocumentReference.content[0].attachment"),
    # contained resources that nothing references, and one with meta.lastUpdated
    ("DocumentReference-exemple-pdsm-documentreference.json", "dom-3", "DocumentReference"),
    ("DocumentReference-exemple-pdsm-documentreference.json", "dom-4", "DocumentReference"),
    ("List-ExampleSubmissionSet.json", "dom-4", "List"),
    # a search set whose fullUrls are relative, and so nothing for `Patient?…` to be relative to
    *(
        ("Bundle-example-annexe-searchset-documentreferences.json", rule, f"Bundle.entry[{entry}]{place}")
        for entry in (0, 1)
        for rule, place in (("FHIR-BUNDLE-FULLURL", ""), ("FHIR-REFERENCE-RELATIVE", ".resource.subject"))
    ),
}
"""What published examples do against R4, by file: a rule or the key of a constraint, and the place."""


def test_published_examples_respect_r4_but_for_what_is_known(shared: Path, definitions: Definitions) -> None:
    walker = Walker(definitions)
    found = set()
    for path in examples(shared):
        report = Report()
        resource = parse_json(path.read_bytes(), report)
        assert isinstance(resource, dict)
        walker.check(resource, report)
        errors = (issue for issue in report if issue.severity in REFUSING)
        found |= {(path.name, issue.params.get("key", issue.rule), issue.location) for issue in errors}
    assert found == DEFECTS


def test_known_defects_of_published_examples_are_found(
    shared: Path, definitions: Definitions, profiles: ProfileSet
) -> None:
    path = shared / "examples" / "ans.fhir.fr.pdsm4dmp" / "Bundle-example-td2-iti65-lot-soumission.json"
    report = Report()
    resource: Any = parse_json(path.read_bytes(), report)
    Walker(definitions, profiles).check(resource, report)
    found = {(issue.rule, issue.location) for issue in report}
    assert ("FHIR-MIN", "Bundle.entry[1].resource.masterIdentifier") in found
    assert ("FHIR-REFERENCE-TYPE", "Bundle.entry[0].resource.source") in found
    assert {issue.rule for issue in report if issue.severity in REFUSING} <= MISSING_USE


def changed(bundle: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The bundle after one change (a JSON Patch operation)."""
    bundle = copy.deepcopy(bundle)
    *steps, last = case["path"].split("/")[1:]
    node: Any = bundle
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]
    key = int(last) if isinstance(node, list) and last != "-" else last
    if case["op"] == "remove":
        del node[key]
    elif key == "-":
        node.append(case["value"])
    elif case["op"] != "test":
        node[key] = case["value"]
    return bundle


def test_changes_that_keep_the_bundle_right_raise_no_error(
    shared: Path, definitions: Definitions, profiles: ProfileSet
) -> None:
    bundle = orjson.loads((shared / "cases" / "iti65" / "base.json").read_bytes())
    cases = orjson.loads((shared / "cases" / "iti65" / "mutations.json").read_bytes())["cases"]
    structural = ("1..1", "1..*", "0..0", "contained", "not in R4", "required binding", "base64Binary", "date")
    for case in cases:
        report = Report()
        Walker(definitions, profiles).check(changed(bundle, case), report)
        if case["conformant"]:
            assert report.conformant, case["case"]
        elif case["why"].startswith(structural) or case["why"].endswith(structural):
            assert not report.conformant or case["why"].startswith("slice"), case["case"]


@pytest.mark.parametrize("entry", [0, 1, 3])
def test_the_reference_bundle_has_no_error(
    shared: Path, definitions: Definitions, profiles: ProfileSet, entry: int
) -> None:
    report = Report()
    bundle: Any = parse_json((shared / "cases" / "iti65" / "base.json").read_bytes(), report)
    Walker(definitions, profiles).check(bundle["entry"][entry]["resource"], report)
    assert report.count(Severity.ERROR, Severity.FATAL) == 0
