"""Elements marked mustSupport: named where they are absent, and never an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.packages import profile
from validators.fhir import ProfileSet, Walker, load_definitions
from validators.fhir.mustsupport import check_must_support
from validators.report import Report, Severity

URL = "https://example.org/fhir/StructureDefinition/kept"
Json = dict[str, Any]
ELEMENTS: list[Json] = [
    {"id": "Patient.birthDate", "path": "Patient.birthDate", "mustSupport": True},
    {"id": "Patient.name.family", "path": "Patient.name.family", "mustSupport": True},
    {"id": "Patient.deceased[x]", "path": "Patient.deceased[x]", "mustSupport": True},
    {"id": "Patient.identifier", "path": "Patient.identifier",
     "slicing": {"discriminator": [{"type": "value", "path": "use"}], "rules": "open"}},
    {"id": "Patient.identifier:main", "path": "Patient.identifier", "sliceName": "main", "mustSupport": True},
    {"id": "Patient.identifier:main.use", "path": "Patient.identifier.use", "patternCode": "official"},
    {"id": "Patient.identifier:main.system", "path": "Patient.identifier.system", "mustSupport": True},
]  # fmt: skip
WHOLE: Json = {
    "resourceType": "Patient",
    "meta": {"profile": [URL]},
    "identifier": [{"use": "official", "system": "urn:x", "value": "1"}],
    "name": [{"family": "MARTIN"}],
    "birthDate": "1979-03-04",
    "deceasedBoolean": False,
}


@pytest.fixture(scope="module")
def walker() -> Walker:
    definition = profile(URL, path="Patient") | {"differential": {"element": ELEMENTS}}
    return Walker(load_definitions(), ProfileSet([definition]))


def absent(walker: Walker, resource: Any, *profiles: str) -> list[tuple[str, str]]:
    report = Report()
    check_must_support(resource, walker, report, profiles)
    assert {(issue.rule, issue.severity) for issue in report} <= {("FHIR-MUST-SUPPORT", Severity.INFORMATION)}
    return [(issue.location, issue.params["element"]) for issue in report]


def test_nothing_is_said_of_what_is_there(walker: Walker) -> None:
    assert absent(walker, WHOLE) == []
    assert absent(walker, WHOLE | {"deceasedBoolean": None, "_deceasedBoolean": {"id": "x"}}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"birthDate": None}, []),
        ({"name": [{"text": "x"}]}, [("Patient.name[0]", "family")]),
        ({"name": []}, []),
        ({"identifier": [{"use": "usual", "value": "1"}]}, [("Patient", "identifier:main")]),
        ({"identifier": [{"use": "official", "value": "1"}]}, [("Patient.identifier[0]", "system")]),
    ],
)
def test_what_is_absent_is_named(walker: Walker, change: Json, said: list[tuple[str, str]]) -> None:
    assert absent(walker, WHOLE | change) == said


def test_elements_and_choices_that_are_not_there(walker: Walker) -> None:
    left = {key: value for key, value in WHOLE.items() if key not in ("birthDate", "deceasedBoolean")}
    assert absent(walker, left) == [("Patient", "birthDate"), ("Patient", "deceased")]


def test_a_profile_that_is_asked_for(walker: Walker) -> None:
    left = {"resourceType": "Patient"}
    assert absent(walker, left) == []
    assert ("Patient", "birthDate") in absent(walker, left, URL)
    assert absent(walker, {"resourceType": "Organization"}, URL, "https://example.org/unknown") == []


def test_resources_of_a_bundle(walker: Walker) -> None:
    entries = [{"resource": {"resourceType": "Patient", "meta": {"profile": [URL]}}}, {"resource": 1}, 2]
    found = absent(walker, {"resourceType": "Bundle", "entry": entries})
    assert ("Bundle.entry[0].resource", "birthDate") in found


@pytest.mark.parametrize("node", [{"meta": 1}, {"meta": {"profile": "x"}}, {"meta": {"profile": [1]}}, {"name": "x"}])
def test_what_is_malformed_is_left_to_the_walk(walker: Walker, node: Json) -> None:
    assert absent(walker, {"resourceType": "Patient"} | node) == []


def test_without_profiles_there_is_nothing_to_say() -> None:
    assert absent(Walker(load_definitions()), WHOLE) == []
