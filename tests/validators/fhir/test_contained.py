"""Contained resources: each is pointed to, or points to what contains it, and none speaks of its own versions."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.validators.fhir.conftest import Check

XHTML = "http://www.w3.org/1999/xhtml"


def patient(*contained: Any, **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "contained": list(contained), **elements}


def organization(name: str = "o", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Organization", "id": name, "name": "x", **elements}


def narrative(div: str) -> dict[str, Any]:
    return {"status": "generated", "div": f'<div xmlns="{XHTML}">a{div}</div>'}


TO = {"managingOrganization": {"reference": "#o"}}


def broken(check: Check, resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(i.params.get("key", i.rule), i.location) for i in check(resource) if i.severity.value == "error"]


@pytest.mark.parametrize(
    "resource",
    [
        patient(organization(), **TO),
        patient(organization(), extension=[{"url": "http://a", "valueUri": "#o"}]),
        patient(organization(), extension=[{"url": "http://a", "valueCanonical": "#o"}]),
        patient(organization(), photo=[{"url": "#o"}]),
        patient(organization(), text=narrative('<a href="#o">b</a>')),
        patient(organization(), text=narrative("<img alt='b' src = '#o'/>")),
        # one contained resource may point to another
        patient(organization(partOf={"reference": "#p"}), organization("p"), **TO),
        # or to the one that contains it
        patient(
            {
                "resourceType": "Provenance",
                "id": "v",
                "target": [{"reference": "#"}],
                "recorded": "2026-01-01T00:00:00Z",
                "agent": [{"who": {"display": "x"}}],
            }
        ),
        patient(organization(meta={"profile": ["http://hl7.org/fhir/StructureDefinition/Organization"]}), **TO),
    ],
)
def test_what_is_pointed_to_is_right(check: Check, resource: dict[str, Any]) -> None:
    assert broken(check, resource) == []


@pytest.mark.parametrize(
    ("resource", "key", "place"),
    [
        (patient(organization()), "dom-3", "Patient"),
        (patient(organization(), organization("p"), **TO), "dom-3", "Patient"),
        (patient(organization("p"), photo=[{"url": "o"}]), "dom-3", "Patient"),
        (patient(organization(), text=narrative("#o")), "dom-3", "Patient"),
        (patient(organization(), text=narrative('<b id="o">b</b>')), "dom-3", "Patient"),
        (patient({"resourceType": "Organization", "name": "x"}), "dom-3", "Patient"),
        (patient(organization(meta={"versionId": "1"}), **TO), "dom-4", "Patient"),
        (patient(organization(meta={"lastUpdated": "2026-01-01T00:00:00Z"}), **TO), "dom-4", "Patient"),
        (patient(organization(meta={"security": [{"system": "http://s", "code": "R"}]}), **TO), "dom-5", "Patient"),
        (patient(organization(), organization(), **TO), "FHIR-ELEMENT-ID", "Patient.contained"),
    ],
)
def test_what_breaks_the_rule(check: Check, resource: dict[str, Any], key: str, place: str) -> None:
    assert broken(check, resource) == [(key, place)]


@pytest.mark.parametrize("contained", ["x", {}, [1], [None], [[]]])
def test_what_is_no_list_of_resources_is_left_to_the_walk(check: Check, contained: Any) -> None:
    found = broken(check, {"resourceType": "Patient", "contained": contained})
    assert {rule for rule, _ in found} <= {"FHIR-TYPE", "FHIR-EMPTY"} != set()
    assert found


def test_each_entry_answers_for_its_own(check: Check) -> None:
    entries = [
        {"fullUrl": f"urn:uuid:5b0f6f5e-0000-4000-8000-00000000000{n}", "resource": resource}
        for n, resource in enumerate([patient(organization(), **TO), patient(organization())])
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert broken(check, bundle) == [("dom-3", "Bundle.entry[1].resource")]


def test_many_contained_resources_take_little_time(check: Check) -> None:
    contained = [organization(f"o{n}", partOf={"reference": f"#o{n + 1}"}) for n in range(3000)]
    resource = patient(*contained, organization("o3000"), managingOrganization={"reference": "#o0"})
    start = time.process_time()
    assert broken(check, resource) == []
    assert time.process_time() - start < 3
