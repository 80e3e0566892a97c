"""Displays of codings: what a code system gives a code, in which language, and what nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.fhir.conftest import Check
from validators.fhir import ProfileSet

GENDER = "http://hl7.org/fhir/administrative-gender"
MARITAL = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
OURS = "https://x.y/cs"
LOADED: dict[str, Any] = {
    "resourceType": "CodeSystem", "url": OURS, "content": "complete", "language": "fr-FR",
    "concept": [
        {
            "code": "a", "display": "Compte rendu d'examen",
            "designation": [{"language": "en", "value": "Report"}, {"value": "CR"}, "x"],
            "concept": [{"code": "b", "display": "Deuxième"}],
        },
        {"code": "bare"},
    ],
}  # fmt: skip
WARNING, INFORMATION = ("FHIR-CODING-DISPLAY", "warning"), ("FHIR-CODING-DISPLAY", "information")
OTHER = ("FHIR-CODING-DISPLAY-LANGUAGE", "information")


@pytest.fixture
def said(check: Check) -> Any:
    """What is said of a display of a code, in a resource of a language, over one loaded code system."""

    def run(system: str, code: Any, display: Any, language: str = "", **changed: Any) -> list[tuple[str, str]]:
        tag = {"system": system, "code": code, "display": display}
        resource = {"resourceType": "Basic", "meta": {"tag": [tag]}, "code": {"text": "a"}}
        found = check(resource | ({"language": language} if language else {}), ProfileSet([LOADED | changed]))
        about = [issue for issue in found if "DISPLAY" in issue.rule]
        assert all(issue.location == "Basic.meta.tag[0].display" for issue in about)
        return [(issue.rule, issue.severity.value) for issue in about]

    return run


@pytest.mark.parametrize(
    ("system", "code", "display"),
    [
        (GENDER, "female", "Female"),
        (GENDER, "female", "  FEMALE\n"),
        (MARITAL, "M", "married"),
        (OURS, "a", "Compte  rendu d'examen"),
        (OURS, "A", "report"),
        (OURS, "a", "CR"),
        (OURS, "b", "deuxième"),
        # what has no display, is not listed, or is not at hand
        (OURS, "bare", "anything"),
        (MARITAL, "later", "anything"),
        ("http://loinc.org", "1-8", "anything"),
        ("https://other.y/cs", "a", "anything"),
    ],
)
def test_a_display_that_may_be_right_is_silent(said: Any, system: str, code: str, display: str) -> None:
    for language in ("", "fr", "de"):
        assert said(system, code, display, language) == []


@pytest.mark.parametrize(
    ("system", "code", "display", "language", "expected"),
    [
        (GENDER, "female", "Male", "", WARNING),
        (GENDER, "female", "Male", "en-GB", WARNING),
        (GENDER, "female", "Femme", "fr", OTHER),
        (MARITAL, "M", "Single", "", INFORMATION),
        (MARITAL, "M", "Marié", "fr", OTHER),
        (OURS, "a", "Lettre", "", WARNING),
        (OURS, "a", "Lettre", "fr", WARNING),
        (OURS, "b", "Zweites", "de", OTHER),
        (OURS, "b", "Zweites", "fr-CH", WARNING),
    ],
)
def test_another_display_is_said(
    said: Any, system: str, code: str, display: str, language: str, expected: tuple[str, str]
) -> None:
    assert said(system, code, display, language) == [expected]


def test_a_designation_without_a_language_may_be_of_any(said: Any) -> None:
    assert said(OURS, "a", "Brief", "de") == [WARNING]


@pytest.mark.parametrize("content", ["fragment", "example", "not-present"])
def test_of_a_code_system_that_is_not_complete_nothing_is_known(said: Any, content: str) -> None:
    assert said(OURS, "a", "Lettre", content=content) == []


def test_a_wrong_code_is_said_alone(said: Any) -> None:
    assert said(GENDER, "femme", "Femme") == []


@pytest.mark.parametrize(("code", "display"), [(1, "x"), ("a", 1), ("a", ["x"]), ({}, {})])
def test_what_is_malformed_is_passed_over(said: Any, code: Any, display: Any) -> None:
    assert said(OURS, code, display) == []


def test_what_may_be_written_is_named_with_its_language(check: Check) -> None:
    tag = {"system": OURS, "code": "a", "display": "Letter"}
    resource = {"resourceType": "Basic", "language": "en", "meta": {"tag": [tag]}, "code": {"text": "a"}}
    (issue,) = [one for one in check(resource, ProfileSet([LOADED])) if one.rule == "FHIR-CODING-DISPLAY"]
    assert issue.params["expected"] == "Report (en), Compte rendu d'examen (fr), CR"
