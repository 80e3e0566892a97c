"""Verdicts: what fails a run, what a suppression changes, and what a profile that was asked for adds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fhir_server.checking import Verdict, judge, terms
from fhir_server.judging import judge_resource
from testdata import country, discharge_letter
from tests.fhir_server.reports.pieces import ERROR, SUPPRESSED, UNCOUNTED, VALID, WARNING, WHOLE, issue, verdict
from tests.support.synthetic import bundle
from validators.fhir import ProfileSet, Walker, load_definitions, parse_json
from validators.report import Mode, Report, Severity
from validators.suppress import Suppression, parse_suppression

Json = dict[str, Any]
PATIENT = b'{\n "resourceType": "Patient",\n "gender": "x"}'
STRICT = {
    "resourceType": "StructureDefinition", "url": "https://example.org/strict", "name": "Strict", "status": "draft",
    "kind": "resource", "abstract": False, "type": "Patient", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [
        {"id": "Patient", "path": "Patient"},
        {"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1, "max": "1"},
    ]},
}  # fmt: skip


def information() -> Verdict:
    return verdict(issue("FHIR-PROFILE-UNKNOWN", severity=Severity.INFORMATION))


class TestFails:
    @pytest.mark.parametrize(
        ("found", "failing"),
        [(VALID, []), (information(), ["information"]), (WARNING, ["warning", "information"]), (SUPPRESSED, []),
         (ERROR, ["error", "warning", "information"]), (UNCOUNTED, ["error", "warning", "information"]),
         (WHOLE, ["error", "warning", "information"])],
    )  # fmt: skip
    def test_from_a_severity_on(self, found: Verdict, failing: list[str]) -> None:
        thresholds = (Severity.ERROR, Severity.WARNING, Severity.INFORMATION)
        assert [one.value for one in thresholds if found.fails(one)] == failing

    def test_looks_at_parts(self) -> None:
        assert Verdict("xdm", Report(), parts=(("a", WARNING),)).fails(Severity.WARNING)
        assert not Verdict("xdm", Report(), parts=(("a", WARNING),)).fails()

    def test_by_default_goes_by_validity(self) -> None:
        unseen = verdict(issue("INS-ABSENT"), looked_at=False)
        assert unseen.valid
        assert not unseen.fails()
        assert unseen.fails(Severity.WARNING)


class TestSuppressed:
    def test_reaches_container_and_part(self) -> None:
        inside = verdict(issue("INS-ABSENT", "/ClinicalDocument/recordTarget[1]", 16), kind="cda", looked_at=True)
        whole = verdict(
            issue("INS-ABSENT", "Bundle.entry[1].resource.data!/ClinicalDocument/recordTarget[1]", 16),
            looked_at=True, parts=(("Bundle.entry[1].resource", inside),),
        )  # fmt: skip
        assert not whole.valid
        for path in (
            "/ClinicalDocument/recordTarget",
            "Bundle.entry[1]",
            "Bundle.entry[*].resource.data!/ClinicalDocument",
        ):
            found, used = whole.suppressed([Suppression("INS-ABSENT", "x", path)])
            assert found.valid, path
            assert found.parts[0][1].valid
            assert len(used) == 1
        found, used = whole.suppressed([Suppression("INS-ABSENT", "x", "Bundle.entry[2]")])
        assert not found.valid
        assert not used

    def test_without_suppressions_is_the_same(self) -> None:
        assert ERROR.suppressed([])[0].report.issues == ERROR.report.issues

    def test_of_a_real_bundle_makes_it_valid(self) -> None:
        stay = next(stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged)
        body = json.dumps(bundle(discharge_letter(stay, when=stay.discharged, without_ins=True))).encode()
        found = judge(body, Mode.SANDBOX)
        assert found.report.conformant
        assert not found.valid
        better, used = found.suppressed([parse_suppression("INS-ABSENT@/ClinicalDocument=test data")])
        rest = [one.location for one in better.report.counted if one.rule == "INS-ABSENT"]
        assert all("!/" not in location for location in rest)
        assert used
        assert found.suppressed([parse_suppression("INS-ABSENT=test data")])[0].valid


class TestProfiles:
    def strict(self) -> Walker:
        return Walker(load_definitions(), ProfileSet([STRICT]))

    def test_asked_for_are_applied(self) -> None:
        data = b'{"resourceType": "Patient", "active": true}'
        walker = self.strict()
        assert judge(data, Mode.SANDBOX, walker=walker).valid
        found = judge(data, Mode.SANDBOX, walker=walker, profiles=["https://example.org/strict"])
        assert [one.rule for one in found.report if one.severity is Severity.ERROR] == ["FHIR-MIN"]

    @pytest.mark.parametrize("url", ["https://example.org/unknown", "https://example.org/unknown|1.0"])
    def test_that_are_asked_for_and_unknown_are_an_error(self, url: str) -> None:
        found = judge(b'{"resourceType": "Patient", "active": true}', Mode.SANDBOX, profiles=[url])
        [unknown] = [one for one in found.report if one.rule == "FHIR-PROFILE-UNKNOWN"]
        assert unknown.severity is Severity.ERROR
        assert url in unknown.params["found"]
        assert not found.valid

    def test_that_are_only_declared_and_unknown_are_a_warning(self) -> None:
        data = b'{"resourceType": "Patient", "meta": {"profile": ["https://example.org/unknown"]}, "active": true}'
        found = judge(data, Mode.SANDBOX)
        assert found.valid
        assert "FHIR-PROFILE-UNKNOWN" in found.report.rules()

    def test_reach_a_submission_once(self) -> None:
        stay = next(stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged)
        body = json.dumps(bundle(discharge_letter(stay, when=stay.discharged))).encode()
        plain = judge(body, Mode.SANDBOX)
        found = judge(body, Mode.SANDBOX, profiles=["https://example.org/unknown"])
        added = [one for one in found.report if one not in plain.report.issues]
        assert [one.rule for one in added] == ["FHIR-PROFILE-UNKNOWN"]

    def test_are_nothing_to_a_cda(self) -> None:
        stay = next(stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged)
        data = discharge_letter(stay, when=stay.discharged)
        assert judge(data, Mode.SANDBOX, profiles=["https://example.org/unknown"]).valid


class TestPlaces:
    def test_have_line_column_and_pointer(self) -> None:
        [found] = judge(PATIENT, Mode.SANDBOX).report.counted
        assert (found.line, found.column, found.pointer) == (3, 2, "/gender")

    def test_of_a_resource_inside_are_those_of_the_body(self) -> None:
        body = b'{"resourceType": "Parameters", "parameter": [\n{"name": "resource", "resource":\n' + PATIENT + b"}]}"
        parsed = parse_json(body, Report())
        assert isinstance(parsed, dict)
        inside = "Parameters.parameter[0].resource"
        by = terms(Mode.SANDBOX, datetime(2026, 1, 1, tzinfo=UTC))
        judged = judge_resource("fhir-json", parsed["parameter"][0]["resource"], body, Report(), by, inside)
        [found] = judged.report.counted
        assert found.location == "Patient.gender"
        assert (found.line, found.column, found.pointer) == (5, 2, "/parameter/0/resource/gender")


class TestMails:
    @pytest.mark.parametrize("data", [b"Return-Path: <a@b.fr>\r\n\r\n", b"MIME-Version: 1.0\n", b"X-Spam: no\n"])
    def test_a_message_is_known_by_its_first_field(self, data: bytes) -> None:
        verdict = judge(data, Mode.SANDBOX)
        assert (verdict.kind, verdict.valid) == ("eml", False)
        assert verdict.report.rules() == {"MAIL-ID", "MAIL-SENDER", "MAIL-RECIPIENT", "MAIL-DATE"}


class TestWhatIsNotRead:
    @pytest.mark.parametrize("data", [b"Bonjour", b"From here on", b"Note: x", b"PK"])
    def test_other_text_is_unknown(self, data: bytes) -> None:
        assert judge(data, Mode.SANDBOX).kind == "unknown"

    def test_a_broken_zip_is_an_archive(self) -> None:
        verdict = judge(b"PK\x03\x04", Mode.SANDBOX)
        assert (verdict.kind, verdict.valid, verdict.report.rules()) == ("xdm", False, {"XDM-ZIP"})
