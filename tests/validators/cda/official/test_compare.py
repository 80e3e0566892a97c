"""Disagreements: what one side alone sees, by place."""

from __future__ import annotations

import pytest

from testdata import apply_fault
from tests.validators.cda.official.conftest import Check
from validators.cda import check_cda
from validators.cda.official import Defect, Finding, OfficialResult, disagreements
from validators.cda.official._finding import element_of
from validators.messages import rule
from validators.report import Mode, Report, Severity

HEAD = "/ClinicalDocument/recordTarget[1]"


def theirs(location: str, severity: Severity = Severity.ERROR) -> OfficialResult:
    return OfficialResult(failed=(Finding("a.sch", "p/1.1", severity, location, None, "x"),))


def ours(location: str, severity: Severity | None = None) -> Report:
    report = Report()
    report.add(rule("CDA-TYPEID"), location, severity=severity)
    return report


class TestPlaces:
    @pytest.mark.parametrize("place", [HEAD, "/ClinicalDocument", f"{HEAD}/patientRole[1]", f"{HEAD}/@typeCode"])
    def test_on_the_element_its_parent_its_child_or_its_attribute_agree(self, place: str) -> None:
        assert disagreements(ours(HEAD), theirs(place)) == []

    @pytest.mark.parametrize("place", ["/ClinicalDocument/recordTarget[2]", f"{HEAD}/patientRole[1]/id[1]", "/"])
    def test_elsewhere_part(self, place: str) -> None:
        found = disagreements(ours(HEAD), theirs(place))
        assert [(item.seen_by, item.rule, item.location) for item in found] == [
            ("ours", "CDA-TYPEID", HEAD), ("official", "p/1.1", place),
        ]  # fmt: skip

    def test_a_warning_there_is_hearing_it_and_information_is_not(self) -> None:
        assert disagreements(ours(HEAD), theirs(HEAD, Severity.WARNING)) == []
        assert len(disagreements(ours(HEAD), theirs(HEAD, Severity.INFORMATION))) == 1

    def test_a_warning_alone_is_no_disagreement(self) -> None:
        assert disagreements(ours(HEAD, Severity.WARNING), theirs("/ClinicalDocument/code[1]", Severity.WARNING)) == []

    def test_of_an_unread_document_are_not_compared(self) -> None:
        assert disagreements(ours(HEAD), OfficialResult(defects=(Defect("document-unreadable", ""),))) == []


class TestOfALetter:
    def seen(self, check: Check, data: bytes) -> list[tuple[str, str]]:
        report = check_cda(data, mode=Mode.SANDBOX).report
        return [(item.seen_by, item.rule) for item in disagreements(report, check(data))]

    def test_that_is_right_there_are_none(self, check: Check, letter: bytes) -> None:
        assert self.seen(check, letter) == []

    def test_what_the_kit_never_looks_at_is_seen_by_us_alone(self, check: Check, letter: bytes) -> None:
        assert ("ours", "INS-SEX") in self.seen(check, apply_fault("sex_contradicts_ins", letter))

    def test_what_both_see_is_none(self, check: Check, letter: bytes) -> None:
        assert self.seen(check, apply_fault("admission_outside_list", letter)) == []


def test_an_element_is_found_by_its_path_whatever_its_namespace(letter: bytes) -> None:
    from lxml import etree

    root = etree.fromstring(b'<r xmlns="urn:hl7-org:v3" xmlns:s="urn:s"><c/><s:c/><c a="1"/></r>')
    assert element_of(root, "/r/c[2]/@a") is root[2]
    assert element_of(root, "/r/c[3]") is None
    assert element_of(root, "/r/d[1]/e[1]") is None
    assert element_of(root, "/") is root
