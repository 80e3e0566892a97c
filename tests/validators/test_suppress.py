"""Suppressions: what they cover, that they need a reason, and that they hide nothing."""

from __future__ import annotations

from contextlib import suppress as suppress_fault

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.messages import rule
from validators.report import Issue, Report, Severity, reaches
from validators.suppress import Suppression, SuppressionError, parse_suppression, read_suppressions, suppress


def at(location: str, rule_id: str = "FHIR-BINDING") -> Issue:
    row = rule(rule_id)
    return Issue(row.id, row.severity, row.scope, row.code, location)


class TestWritten:
    @pytest.mark.parametrize(
        ("text", "path", "reason"),
        [
            ("FHIR-BINDING=known", "", "known"),
            ("FHIR-BINDING@Patient.gender=known", "Patient.gender", "known"),
            ("  FHIR-BINDING @ Patient.gender = see ticket = 12 ", "Patient.gender", "see ticket = 12"),
            ("FHIR-BINDING@/a/b[@x='y']/c=why", "/a/b[@x='y']/c", "why"),
            ("FHIR-BINDING@Patient.extension.where(url='u')=why", "Patient.extension.where(url='u')", "why"),
            ("FHIR-BINDING=voir user@example.org", "", "voir user@example.org"),
        ],
    )
    def test_as_rule_place_and_reason(self, text: str, path: str, reason: str) -> None:
        assert parse_suppression(text) == Suppression("FHIR-BINDING", reason, path)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("NO-SUCH-RULE=x", "unknown rule NO-SUCH-RULE"),
            ("NO-SUCH-RULE@Patient=x", "unknown rule NO-SUCH-RULE"),
            ("=x", "unknown rule"),
            ("FHIR-BINDING", "RULE[@PATH]=REASON"),
            ("FHIR-BINDING@Patient", "RULE[@PATH]=REASON"),
            ("FHIR-BINDING=", "FHIR-BINDING: a reason is needed"),
            ("FHIR-BINDING@Patient=  ", "FHIR-BINDING@Patient: a reason is needed"),
        ],
    )
    def test_otherwise_is_refused_with_the_reason(self, text: str, said: str) -> None:
        with pytest.raises(SuppressionError, match=said.replace("[", r"\[")):
            parse_suppression(text)

    @given(st.text(max_size=40))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        with suppress_fault(SuppressionError):
            assert parse_suppression(text).reason

    def test_is_shown_as_it_was_written(self) -> None:
        assert str(parse_suppression("FHIR-BINDING@Patient=x")) == "FHIR-BINDING@Patient"
        assert str(parse_suppression("FHIR-BINDING=x")) == "FHIR-BINDING"


class TestFile:
    def test_has_one_a_line(self) -> None:
        text = "# why we live with them\n\nFHIR-BINDING@Patient=a\n  INS-ABSENT=b\n"
        assert read_suppressions("known.txt", text) == [
            Suppression("FHIR-BINDING", "a", "Patient"),
            Suppression("INS-ABSENT", "b"),
        ]

    @pytest.mark.parametrize("name", ["known.yaml", "known.yml"])
    def test_may_be_yaml(self, name: str) -> None:
        text = "- rule: FHIR-BINDING\n  path: Patient.gender\n  reason: a\n- INS-ABSENT=b\n"
        assert read_suppressions(name, text) == [
            Suppression("FHIR-BINDING", "a", "Patient.gender"),
            Suppression("INS-ABSENT", "b"),
        ]

    @pytest.mark.parametrize(("name", "text"), [("a.txt", ""), ("a.yaml", ""), ("a.yaml", "# nothing\n")])
    def test_may_be_empty(self, name: str, text: str) -> None:
        assert read_suppressions(name, text) == []

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("a.txt", "FHIR-BINDING=x\nNOPE=x", "a.txt, line 2: unknown rule NOPE"),
            ("a.yaml", "- rule: NOPE\n  reason: x", "a.yaml, item 1: unknown rule NOPE"),
            ("a.yaml", "- rule: FHIR-BINDING", "a.yaml, item 1: FHIR-BINDING: a reason is needed"),
            ("a.yaml", "- rule: FHIR-BINDING\n  why: x", "a.yaml, item 1: rule, reason and path are expected"),
            ("a.yaml", "- 7", "rule, reason and path are expected"),
            ("a.yaml", "rule: x", "a.yaml: a list"),
            ("a.yaml", "[", "a.yaml: not readable as YAML"),
        ],
    )
    def test_says_where_it_is_wrong(self, name: str, text: str, said: str) -> None:
        with pytest.raises(SuppressionError) as problem:
            read_suppressions(name, text)
        assert said in str(problem.value)


PATHS = [
    # path, location, covered
    ("", "Patient.gender", True),
    ("", "", True),
    ("Patient", "Patient.gender", True),
    ("Patient.gender", "Patient.gender", True),
    ("Patient.gen", "Patient.gender", False),
    ("Patient.gender", "Patient", False),
    ("Bundle.entry", "Bundle.entry[10].resource", True),
    ("Bundle.entry[1]", "Bundle.entry[1].resource", True),
    ("Bundle.entry[1]", "Bundle.entry[10].resource", False),
    ("Bundle.entry[*]", "Bundle.entry[10].resource.id", True),
    ("Bundle.entry[*].resource.id", "Bundle.entry[10].resource.id", True),
    ("Bundle.entry[*].resource.name", "Bundle.entry[10].resource.id", False),
    ("Bundle.*.resource", "Bundle.entry.resource.id", True),
    ("Bundle.*[*].resource", "Bundle.entry[3].resource.id", True),
    ("*.gender", "Patient.gender", True),
    ("*", "Patient.gender", True),
    ("*.gender", "Patient.contact[0].gender", False),
    ("/ClinicalDocument/recordTarget", "/ClinicalDocument/recordTarget[1]/patientRole[1]", True),
    ("ClinicalDocument/recordTarget[1]", "/ClinicalDocument/recordTarget[1]/patientRole[1]", True),
    ("/ClinicalDocument/*[*]/patientRole", "/ClinicalDocument/recordTarget[1]/patientRole[1]", True),
    ("/ClinicalDocument", "Bundle.entry[1].resource.data!/ClinicalDocument/title", True),
    ("Bundle.entry[1]", "Bundle.entry[1].resource.data!/ClinicalDocument/title", True),
    ("Bundle.entry[1].resource.data!/a/title", "Bundle.entry[1].resource.data!/a/title", True),
    ("Bundle.entry[2]", "Bundle.entry[1].resource.data!/ClinicalDocument/title", False),
    ("Patient.value.ofType(Quantity)", "Patient.value.ofType(Quantity).code", True),
    ("Patient.value", "Patient.value.ofType(Quantity).code", True),
    ("Patient(", "Patient.gender", False),
]  # fmt: skip


class TestCovering:
    @pytest.mark.parametrize(("path", "location", "covered"), PATHS)
    def test_goes_by_the_beginning_of_the_place(self, path: str, location: str, covered: bool) -> None:
        assert Suppression("FHIR-BINDING", "x", path).covers(at(location)) is covered

    def test_is_of_one_rule(self) -> None:
        assert not Suppression("INS-ABSENT", "x").covers(at("Patient.gender"))

    @pytest.mark.parametrize(
        "path", ["/a/b", "Bundle.entry[1]", "Bundle.entry[1].resource.data!/a", "Bundle.entry[*].resource!/a"]
    )
    def test_of_a_part_may_be_written_from_the_outside(self, path: str) -> None:
        assert Suppression("FHIR-BINDING", "x", path).covers(at("/a/b[1]"), "Bundle.entry[1].resource")

    def test_of_another_part_is_not_meant(self) -> None:
        assert not Suppression("FHIR-BINDING", "x", "Bundle.entry[2]").covers(at("/a/b[1]"), "Bundle.entry[1].resource")

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_never_fails(self, path: str, location: str) -> None:
        assert Suppression("FHIR-BINDING", "x", path).covers(at(location)) in (True, False)


class TestReport:
    def test_keeps_every_finding_and_its_order(self) -> None:
        report = Report([at("Patient.a"), at("Patient.b"), at("/c", "INS-ABSENT")], looked_at=True)
        found, used = suppress(report, [Suppression("FHIR-BINDING", "later", "Patient.b")])
        assert [issue.suppressed for issue in found] == ["", "later", ""]
        assert [issue.location for issue in found] == ["Patient.a", "Patient.b", "/c"]
        assert found.looked_at
        assert used == {Suppression("FHIR-BINDING", "later", "Patient.b")}
        assert [issue.suppressed for issue in report] == ["", "", ""]

    def test_no_longer_decides_by_what_is_suppressed(self) -> None:
        report = Report([at("Patient.a"), at("/c", "INS-ABSENT")], looked_at=True)
        assert (report.conformant, report.countable, report.valid) == (False, False, False)
        one, _ = suppress(report, [Suppression("FHIR-BINDING", "x")])
        assert (one.conformant, one.countable, one.valid) == (True, False, False)
        both, used = suppress(report, [Suppression("FHIR-BINDING", "x"), Suppression("INS-ABSENT", "y")])
        assert (both.conformant, both.countable, both.valid) == (True, True, True)
        assert both.count(Severity.ERROR) == 0
        assert (len(both), len(list(both.counted)), len(used)) == (2, 0, 2)

    def test_names_the_first_reason(self) -> None:
        one, two = Suppression("FHIR-BINDING", "first"), Suppression("FHIR-BINDING", "second", "Patient")
        found, used = suppress(Report([at("Patient.a")]), [one, two])
        assert [issue.suppressed for issue in found] == ["first"]
        assert used == {one}


@pytest.mark.parametrize(
    ("severity", "reached"),
    [("fatal", [True, True, True]), ("error", [True, True, True]), ("warning", [False, True, True]),
     ("information", [False, False, True])],
)  # fmt: skip
def test_a_severity_reaches_those_below_it(severity: str, reached: list[bool]) -> None:
    thresholds = [Severity.ERROR, Severity.WARNING, Severity.INFORMATION]
    assert [reaches(Severity(severity), threshold) for threshold in thresholds] == reached
