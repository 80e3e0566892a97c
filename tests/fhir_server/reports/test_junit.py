"""JUnit: what fails, what is skipped, what passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from lxml import etree

from fhir_server.reports import Judged, Options, render
from fhir_server.reports.findings import printable
from tests.fhir_server.reports.pieces import (
    EACH,
    ERROR,
    FATAL,
    SUPPRESSED,
    UNCOUNTED,
    VALID,
    WARNING,
    issue,
    odd_verdicts,
    source,
    verdict,
    written,
)  # fmt: skip
from validators.report import Severity


def read(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def case(found: etree._Element, name: str) -> etree._Element:
    [one] = [element for element in found.iter("testcase") if element.get("name") == name]
    return one


def signs(element: etree._Element) -> list[str]:
    return [str(child.tag) for child in element]


def counts(element: etree._Element) -> tuple[int, ...]:
    return tuple(int(element.get(name, "-1")) for name in ("tests", "failures", "errors", "skipped"))


def test_a_suite_is_a_file() -> None:
    root = read(render("junit", EACH))
    assert root.tag == "testsuites"
    assert [suite.get("name") for suite in root] == [name for name, _ in EACH]
    assert counts(root) == tuple(sum(row) for row in zip(*map(counts, root), strict=True))


def test_a_valid_file_has_a_case_that_passed() -> None:
    root = read(written("junit", VALID))
    assert counts(root) == (1, 0, 0, 0)
    assert signs(case(root, "valide")) == ["system-out"]


def test_a_rule_is_a_case_that_failed() -> None:
    two = verdict(issue(), issue(location="Patient.contact[0].gender", line=9))
    root = read(written("junit", two))
    assert counts(root) == (1, 1, 0, 0)
    found = case(root, "FHIR-BINDING")
    assert (found.get("classname"), found.get("file"), found.get("line")) == ("a", "a", "3")
    assert "Patient.contact[0].gender (ligne 9)" in (found[0].text or "")
    assert (found[0].get("message") or "").startswith("Le code x")


def test_what_cannot_be_read_is_an_error() -> None:
    assert counts(read(written("junit", FATAL))) == (1, 0, 1, 0)


def test_what_is_suppressed_is_skipped_with_its_reason() -> None:
    root = read(written("junit", SUPPRESSED))
    assert counts(root) == (2, 0, 0, 1)
    assert case(root, "FHIR-BINDING")[0].get("message") == "connu, ticket 12"


def test_a_rule_suppressed_here_and_not_there_fails() -> None:
    root = read(written("junit", verdict(issue(suppressed="x"), issue(location="Patient.b"))))
    assert counts(root) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("fail_on", "failures"), [(Severity.ERROR, 0), (Severity.WARNING, 1), (Severity.INFORMATION, 1)]
)
def test_a_warning_fails_when_asked(fail_on: Severity, failures: int) -> None:
    root = read(written("junit", WARNING, options=Options(fail_on)))
    assert counts(root)[1] == failures
    assert signs(case(root, "FHIR-PROFILE-UNKNOWN")) == (["failure"] if failures else ["system-out"])


def test_an_effect_on_programmes_fails_too() -> None:
    assert counts(read(written("junit", UNCOUNTED))) == (1, 1, 0, 0)


def test_no_line_of_the_file_is_copied() -> None:
    assert '"gender": "x"' not in written("junit", ERROR, options=source())


def test_no_file_is_an_empty_document() -> None:
    assert counts(read(render("junit", []))) == (0, 0, 0, 0)


@given(odd_verdicts())
def test_anything_can_be_read_back(judged: list[Judged]) -> None:
    root = read(render("junit", judged))
    assert len(root) == len(judged)
    for suite, (name, found) in zip(root, judged, strict=True):
        assert (suite.get("name") or "").split() == printable(name).split()
        assert {i.rule for i in found.report} <= {one.get("name") for one in suite.iter("testcase")}
