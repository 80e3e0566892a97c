"""A resource of a Bundle judged by the profile of its slice: `#id` means what that resource contains."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from validators.fhir import ProfileSet, Walker, load_definitions
from validators.report import Report

Json = dict[str, Any]
BASE = "http://hl7.org/fhir/StructureDefinition/"
AUTHORED, SET, PARCEL = (f"https://example.org/{name}" for name in ("authored", "set", "parcel"))


def profile(url: str, kind: str, *elements: Json) -> Json:
    return {
        "resourceType": "StructureDefinition", "url": url, "name": "P", "status": "draft", "kind": "resource",
        "abstract": False, "type": kind, "baseDefinition": BASE + kind, "derivation": "constraint",
        "differential": {"element": [{"id": e.get("id", e["path"]), **e} for e in elements]},
    }  # fmt: skip


DEFINITIONS = [
    profile(AUTHORED, "DocumentReference", {
        "path": "DocumentReference.author", "min": 1,
        "type": [{"code": "Reference", "targetProfile": [BASE + "Practitioner"], "aggregation": ["contained"]}],
    }),
    profile(SET, "List", {
        "path": "List.entry.item", "type": [{"code": "Reference", "targetProfile": [AUTHORED]}],
    }),
    profile(
        PARCEL, "Bundle",
        {"path": "Bundle.entry", "slicing": {
            "discriminator": [{"type": "profile", "path": "resource"}], "rules": "closed"}},
        {"id": "Bundle.entry:document", "path": "Bundle.entry", "sliceName": "document", "min": 1, "max": "*"},
        {"id": "Bundle.entry:document.resource", "path": "Bundle.entry.resource",
         "type": [{"code": "DocumentReference", "profile": [AUTHORED]}]},
        {"id": "Bundle.entry:set", "path": "Bundle.entry", "sliceName": "set", "min": 0, "max": "1"},
        {"id": "Bundle.entry:set.resource", "path": "Bundle.entry.resource",
         "type": [{"code": "List", "profile": [SET]}]},
    ),
]  # fmt: skip
WALKER = Walker(load_definitions(), ProfileSet(DEFINITIONS))
DOCUMENT: Json = {
    "resourceType": "DocumentReference", "status": "current",
    "contained": [{"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Martin"}]}],
    "author": [{"reference": "#dr"}], "content": [{"attachment": {"title": "Lettre"}}],
}  # fmt: skip
LIST: Json = {
    "resourceType": "List", "status": "current", "mode": "working",
    "contained": [{"resourceType": "Patient", "id": "p", "gender": "female"}], "subject": {"reference": "#p"},
    "entry": [{"item": {"reference": "urn:uuid:11111111-1111-4111-8111-111111111111"}}],
}  # fmt: skip


def parcel(document: Json = DOCUMENT) -> Json:
    urls = (f"urn:uuid:{n * 8}-{n * 4}-4{n * 3}-8{n * 3}-{n * 12}" for n in "12")
    entries = [{"fullUrl": url, "resource": deepcopy(one)} for url, one in zip(urls, (document, LIST), strict=True)]
    return {"resourceType": "Bundle", "meta": {"profile": [PARCEL]}, "type": "collection", "entry": entries}


def found(bundle: Json) -> set[tuple[str, str]]:
    report = Report()
    WALKER.check(bundle, report)
    return {(issue.rule, issue.location) for issue in report if issue.severity.value == "error"}


def test_what_it_contains_is_found() -> None:
    assert found(parcel()) == set()


def test_what_the_bundle_holds_is_not_contained() -> None:
    """The author stands in the Bundle: neither slice is met, and the set cites no such document."""
    made = parcel(DOCUMENT | {"contained": [], "author": [{"reference": "Practitioner/dr"}]})
    del made["entry"][0]["resource"]["contained"]
    assert found(made) == {
        ("FHIR-SLICE-CLOSED", "Bundle.entry[0]"), ("FHIR-SLICE-MIN", "Bundle"),
        ("FHIR-SLICE-CLOSED", "Bundle.entry[1]"),
    }  # fmt: skip


@pytest.mark.parametrize("index", [0, 1])
def test_every_contained_resource_is_still_wanted(index: int) -> None:
    """Judging another resource in between does not forget which contained ones were referred to."""
    made = parcel()
    made["entry"][index]["resource"]["contained"].append({"resourceType": "Basic", "id": "x", "code": {"text": "x"}})
    assert found(made) == {("FHIR-INVARIANT", f"Bundle.entry[{index}].resource")}
