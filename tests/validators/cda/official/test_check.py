"""A document against a whole kit: both halves of it, the cache, and each defect of the published copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from testdata import apply_fault
from tests.validators.cda.official import small_kit
from tests.validators.cda.official.conftest import Check
from validators.cda.official import Defect, OfficialResult, defect_text
from validators.report import Severity


def failed(result: OfficialResult) -> list[str]:
    return [finding.assertion for finding in result.failed if finding.severity is Severity.ERROR]


def kinds(result: OfficialResult) -> list[str]:
    return [defect.kind for defect in result.defects]


class TestADocument:
    def test_that_is_right_passes_with_warnings(self, check: Check) -> None:
        result = check()
        assert (result.valid, result.complete, result.schema_errors) == (True, True, ())
        [warning] = result.failed
        assert (warning.source, warning.assertion) == ("ASIP-STRUCT-MIN-StrucMin.sch", "head/1.2")
        assert (warning.severity, warning.location, warning.line) == (Severity.WARNING, "/ClinicalDocument", 2)
        assert warning.message == "titre inattendu dans {ClinicalDocument}"

    def test_is_checked_by_the_schema(self, check: Check, letter: bytes) -> None:
        result = check(letter.replace(b'<versionNumber value="1"/>', b'<versionNumber value="un"/>'))
        assert not result.valid
        assert {error.location for error in result.schema_errors} == {"/ClinicalDocument/versionNumber[1]"}
        assert all(error.line and error.source == "CDA_extended.xsd" for error in result.schema_errors)

    @pytest.mark.parametrize(
        ("old", "new", "assertion", "place"),
        [
            (b'code="11490-0"', b'code="1-8"', "head/1.1", "/ClinicalDocument"),
            (b'languageCode code="fr', b'languageCode code="en', "langue/1.1", "/ClinicalDocument"),
            (b'realmCode code="FR"', b'realmCode code="BE"', "domaine/1.1", "/ClinicalDocument/realmCode[1]"),
            (b'versionNumber value="1"', b'versionNumber value="100"', "head/4.1",
             "/ClinicalDocument/versionNumber[1]/@value"),
            (b'<id root="1.2.250.1.213.1.4.10"', b'<id root="x"', "head/2.2",
             "/ClinicalDocument/recordTarget[1]/patientRole[1]/id[1]"),
        ],
    )  # fmt: skip
    def test_is_checked_by_the_schematrons(
        self, check: Check, letter: bytes, old: bytes, new: bytes, assertion: str, place: str
    ) -> None:
        result = check(letter.replace(old, new, 1))
        assert not result.valid
        assert [(f.assertion, f.location) for f in result.failed if f.severity is Severity.ERROR] == [
            (assertion, place)
        ]
        assert result.failed[-1].line or result.failed[0].line

    def test_is_checked_against_the_value_sets(self, check: Check, letter: bytes) -> None:
        result = check(apply_fault("admission_outside_list", letter))
        [finding] = [f for f in result.failed if f.assertion == "modalite/1.1"]
        assert finding.message.startswith("modalité [73211009] hors de")
        assert finding.location.endswith("/observation[1]/value[1]")

    def test_says_information_without_being_refused(self, check: Check, letter: bytes) -> None:
        result = check(letter.replace(b'versionNumber value="1"', b'versionNumber value="0"'))
        assert result.valid
        assert Severity.INFORMATION in [finding.severity for finding in result.failed]

    def test_of_an_unknown_model_gets_the_generic_rules(self, check: Check, letter: bytes) -> None:
        result = check(apply_fault("model_unknown", letter).replace(b'code="11490-0"', b'code="1-8"', 1))
        assert failed(result) == ["head/1.1"]
        assert kinds(result) == ["model-unknown"]

    def test_of_a_version_without_schematron_says_so(self, check: Check, letter: bytes) -> None:
        result = check(apply_fault("model_version_unknown", letter))
        assert result.valid
        assert not result.complete
        assert kinds(result) == ["no-schematron"]

    @pytest.mark.parametrize("data", [b"", b"text", b"<a/>", b"<ClinicalDocument xmlns='urn:hl7-org:v3'>"])
    def test_that_cannot_be_read_is_not_given_to_the_kit(self, check: Check, data: bytes) -> None:
        result = check(data)
        assert (result.valid, kinds(result)) == (False, ["document-unreadable"])

    def test_in_its_own_style_sheet_is_taken_out_of_it(self, check: Check, letter: bytes) -> None:
        body = letter.partition(b"?>")[2]
        sheet = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
        sheet += b' xmlns:data="urn:asip-sante:ci-sis"><data:Contenu>' + body + b"</data:Contenu></xsl:stylesheet>"
        assert check(sheet).valid
        assert failed(check(sheet.replace(b'realmCode code="FR"', b'realmCode code="BE"'))) == ["domaine/1.1"]


class TestTheCache:
    def test_is_used_and_gives_the_same(self, check: Check, tmp_path: Path, letter: bytes) -> None:
        first = check(apply_fault("admission_outside_list", letter))
        kept = sorted((tmp_path / "cache").iterdir())
        assert len(kept) == 6
        for path in kept:
            path.write_bytes(path.read_bytes().replace(b"titre inattendu", b"du cache"))
        second = check(apply_fault("admission_outside_list", letter))
        assert [f.assertion for f in second.failed] == [f.assertion for f in first.failed]
        assert "du cache" in second.failed[0].message

    def test_that_is_damaged_is_made_again(self, check: Check, tmp_path: Path) -> None:
        check()
        for path in (tmp_path / "cache").iterdir():
            path.write_bytes(b"{")
        assert check().complete

    def test_of_a_kit_that_changed_is_not_used(self, check: Check, kit: Path, letter: bytes) -> None:
        assert check().valid
        small_kit.change(kit, small_kit.ANS, "'FR'", "'BE'")
        assert failed(check()) == ["domaine/1.1"]

    def test_may_be_absent(self, check: Check) -> None:
        assert check(cache=None).complete


class TestDefectsOfThePublishedKit:
    """One test a defect: the rest of the kit runs, and the defect is named with its file."""

    @pytest.mark.parametrize(
        ("break_", "kind", "file"),
        [
            (small_kit.break_header_list, "value-set-rebuilt", small_kit.STRUC_MIN),
            (small_kit.break_case, "include-case", small_kit.IHE),
            (small_kit.break_list_case, "value-set-case", small_kit.LETTER),
        ],
    )
    def test_is_mended(
        self, check: Check, kit: Path, letter: bytes, break_: Callable[[Path], None], kind: str, file: str
    ) -> None:
        break_(kit)
        broken = letter.replace(b'code="11490-0"', b'code="1-8"', 1)
        broken = apply_fault("admission_outside_list", broken)
        result = check(broken)
        assert [(defect.kind, defect.file) for defect in result.defects] == [(kind, file)]
        assert result.complete
        assert failed(result) == ["head/1.1", "modalite/1.1"]
        assert check().valid

    def test_a_header_list_without_its_value_set_costs_its_own_assertion(self, check: Check, kit: Path) -> None:
        small_kit.break_header_list(kit)
        (kit / small_kit.SVS_TYPES).unlink()
        result = check()
        assert kinds(result) == ["value-set-missing", "not-evaluated"]
        assert "head/1.1" in result.defects[1].detail
        assert (result.valid, result.complete) == (True, False)
        assert [finding.assertion for finding in result.failed] == ["head/1.2"]

    def test_a_header_list_is_not_rebuilt_without_a_place_to_write_it(self, check: Check, kit: Path) -> None:
        small_kit.break_header_list(kit)
        assert "value-set-missing" in kinds(check(cache=None))

    def test_an_empty_folder_of_includes_leaves_the_rest_of_the_schematron(
        self, check: Check, kit: Path, letter: bytes
    ) -> None:
        small_kit.break_includes(kit)
        result = check(letter.replace(b"1.2.250.1.213.1.1.2.35.1", b"1.2.250.1.213.1.1.2.35.9"))
        assert kinds(result) == ["include-missing", "pattern-missing"]
        assert failed(result) == ["variables/1.1"]

    @pytest.mark.parametrize(
        ("break_", "kind"),
        [(small_kit.break_missing_list, "value-set-missing"), (small_kit.break_empty_list, "value-set-empty")],
    )
    def test_an_absent_or_empty_list_is_named_with_what_it_costs(
        self, check: Check, kit: Path, break_: Callable[[Path], None], kind: str
    ) -> None:
        break_(kit)
        result = check()
        assert kinds(result) == [kind, "not-evaluated"]
        assert small_kit.LETTER in {defect.file for defect in result.defects}
        assert (result.valid, result.complete) == (True, False)

    def test_missing_terminologies_are_named(self, check: Check, kit: Path) -> None:
        small_kit.break_terminologies(kit)
        assert kinds(check()) == ["terminology-missing"]

    def test_a_schematron_that_does_not_compile_is_named_and_the_others_run(
        self, check: Check, kit: Path, letter: bytes
    ) -> None:
        small_kit.change(kit, small_kit.SECTION, "cda:title", "cda:title[")
        result = check(letter.replace(b'realmCode code="FR"', b'realmCode code="BE"'))
        [defect] = result.defects
        assert (defect.kind, defect.file) == ("schematron-not-compiled", small_kit.IHE)
        assert "XPST0003" in defect.detail
        assert failed(result) == ["domaine/1.1"]

    @pytest.mark.parametrize("content", ["", "<schema"])
    def test_a_schematron_that_is_empty_or_no_xml_is_named(self, check: Check, kit: Path, content: str) -> None:
        (kit / small_kit.ANS).write_text(content, encoding="utf-8")
        assert [(d.kind, d.file) for d in check().defects] == [("schematron-unreadable", small_kit.ANS)]

    def test_a_schema_that_does_not_compile_is_named_and_the_schematrons_run(
        self, check: Check, kit: Path, letter: bytes
    ) -> None:
        small_kit.change(kit, small_kit.SCHEMA, "xs:nonNegativeInteger", "xs:noSuchType")
        result = check(letter.replace(b'realmCode code="FR"', b'realmCode code="BE"'))
        assert kinds(result) == ["schema-not-compiled"]
        assert failed(result) == ["domaine/1.1"]

    def test_a_kit_without_schema_or_schematrons_says_what_is_left(self, check: Check, kit: Path) -> None:
        (kit / small_kit.SCHEMA).unlink()
        for path in (kit / "schematrons").rglob("*.sch"):
            path.unlink()
        result = check()
        assert set(kinds(result)) == {"no-schema", "no-schematron"}
        assert (result.valid, result.complete) == (True, False)


def test_every_defect_has_its_sentence_in_both_languages() -> None:
    from validators.cda.official._defects import _WORDS, REPAIRED

    assert set(_WORDS) > REPAIRED
    for kind in _WORDS:
        defect = Defect(kind, "the file", "the detail")
        french, english = defect_text(defect), defect_text(defect, "en")
        assert french != english
        assert all("the file" in text or "the detail" in text for text in (french, english))
