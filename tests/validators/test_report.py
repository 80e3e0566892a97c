"""What a report's verdicts mean (policy, Verdicts)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from validators.messages import rule
from validators.report import REFUSING, Issue, Mode, Report, Rule, Scope, Severity

BROKEN = rule("MHD-URL")
UNCOUNTED = rule("INS-ABSENT")


def said(*rules: tuple[Rule, Severity | None], looked_at: bool = False) -> Report:
    report = Report(looked_at=looked_at)
    for row, severity in rules:
        report.add(row, severity=severity)
    return report


@pytest.mark.parametrize(
    ("severity", "conformant"),
    [(Severity.FATAL, False), (Severity.ERROR, False), (Severity.WARNING, True), (Severity.INFORMATION, True)],
)
def test_only_errors_of_conformity_refuse(severity: Severity, conformant: bool) -> None:
    assert said((BROKEN, severity)).conformant is conformant
    assert said((UNCOUNTED, severity)).conformant
    assert (severity in REFUSING) is not conformant


@pytest.mark.parametrize(
    ("looked_at", "rules", "countable"),
    [
        (False, [], None),
        (False, [(UNCOUNTED, None)], None),
        (True, [], True),
        (True, [(BROKEN, None)], True),
        (True, [(UNCOUNTED, Severity.WARNING)], True),
        (True, [(UNCOUNTED, None)], False),
        (True, [(UNCOUNTED, Severity.FATAL)], False),
    ],
)
def test_countable_has_a_meaning_where_a_programme_looks(
    looked_at: bool, rules: list[tuple[Rule, Severity | None]], countable: bool | None
) -> None:
    assert said(*rules, looked_at=looked_at).countable is countable


@pytest.mark.parametrize(
    ("rules", "looked_at", "valid"),
    [
        ([], False, True),
        ([], True, True),
        ([(UNCOUNTED, None)], False, True),
        ([(UNCOUNTED, None)], True, False),
        ([(BROKEN, None)], False, False),
        ([(BROKEN, None)], True, False),
        ([(BROKEN, Severity.WARNING)], True, True),
    ],
)
def test_valid_is_conformant_and_not_known_to_be_uncountable(
    rules: list[tuple[Rule, Severity | None]], looked_at: bool, valid: bool
) -> None:
    assert said(*rules, looked_at=looked_at).valid is valid


def test_an_issue_keeps_what_the_rule_says() -> None:
    report = Report()
    issue = report.add(BROKEN, "Bundle.entry[0]", line=3, found=7)
    assert issue == Issue(
        BROKEN.id, Severity.ERROR, Scope.CONFORMITY, BROKEN.code, "Bundle.entry[0]", {"found": "7"}, 3
    )
    assert list(report) == [issue]
    assert len(report) == 1
    assert report.rules() == {"MHD-URL"}
    assert report.count(Severity.ERROR, Severity.FATAL) == 1
    assert report.count(Severity.WARNING) == 0


def test_a_report_of_a_part_is_seen_from_the_container() -> None:
    inside = said((UNCOUNTED, None), looked_at=True)
    outside = Report([Issue("X", Severity.WARNING, Scope.CONFORMITY, "value", "/a")])
    outside.extend(inside, prefix="Bundle.entry[2]")
    assert [issue.location for issue in outside] == ["/a", "Bundle.entry[2]!/"]
    assert outside.looked_at
    outside.extend(Report(outside.issues[:1]))
    assert [issue.location for issue in outside][-1] == "/a"
    assert outside.looked_at
    assert outside.issues[0].moved("b").location == "b!/a"
    assert outside.issues[0].moved("").location == "/a"


def test_modes_and_severities_are_spelt_as_the_contract_says() -> None:
    assert [mode.value for mode in Mode] == ["sandbox", "production"]
    assert [severity.value for severity in Severity] == ["fatal", "error", "warning", "information"]
    assert [scope.value for scope in Scope] == ["conformity", "programme"]


def test_what_is_suppressed_costs_nothing_and_stays() -> None:
    report = said((BROKEN, None), (UNCOUNTED, None), looked_at=True)
    assert not report.valid
    report = Report((replace(issue, suppressed="known") for issue in report), looked_at=True)
    assert (report.conformant, report.countable, report.valid) == (True, True, True)
    assert (report.count(Severity.ERROR), len(report), list(report.counted)) == (0, 2, [])
    assert report.rules() == {"MHD-URL", "INS-ABSENT"}


def test_a_part_keeps_place_and_reason_in_its_container() -> None:
    issue = Issue("X", Severity.WARNING, Scope.CONFORMITY, "value", "/a", {}, 3, 4, "/p", "known")
    assert issue.moved("b") == replace(issue, location="b!/a")


def test_a_column_is_a_word_and_a_place() -> None:
    issue = Report().add(BROKEN, line=3, column=7)
    assert (issue.column, issue.params) == (7, {"column": "7"})
    assert Report().add(BROKEN, column="7").column is None
