"""An archive as it should be, and one fault a row: the rule that names it and its place in the archive."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from fhir_server.checking import Verdict, judge
from fhir_server.intake.xdm_build import archive_of
from testdata import Stay, country, discharge_letter, level1
from tests.support.archives import DOCUMENT, METADATA, SUBSET, changed, members, replaced, zipped
from validators.cda import check_cda
from validators.fhir import default_walker
from validators.messages import render
from validators.report import Mode
from validators.xdm import Terms, XdmResult, ZipLimits, check_xdm

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LAND = country(2026, date(2026, 11, 20))
STAY: Stay = next(stay for stay in LAND.stays if stay.discharged)


def letter(**options: Any) -> bytes:
    return discharge_letter(STAY, when=STAY.discharged, **options)


LETTER = letter()
ARCHIVE = archive_of([LETTER])


def checked(data: bytes, mode: Mode = Mode.SANDBOX) -> XdmResult:
    check = partial(check_cda, mode=mode, now=NOW)
    return check_xdm(data, Terms(default_walker(), mode, NOW, check))


def faults(data: bytes) -> list[tuple[str, str]]:
    """Rule and place of each error or warning."""
    found = checked(data).report
    return [(i.rule, i.location) for i in found if i.severity != "information" and i.scope == "conformity"]


def judged(data: bytes) -> Verdict:
    return judge(data, Mode.SANDBOX, NOW)


class TestARightArchive:
    def test_has_no_fault(self) -> None:
        assert faults(ARCHIVE) == []

    def test_is_judged_as_its_document(self) -> None:
        verdict = judged(ARCHIVE)
        assert (verdict.kind, verdict.valid, verdict.countable) == ("xdm", True, True)
        assert verdict.document_kind is not None
        assert verdict.document_kind.code == "LDL"
        assert verdict.ins is not None
        assert verdict.ins.level == "qualified"
        [(path, part)] = verdict.parts
        assert (path, part.kind, part.valid) == (DOCUMENT, "cda", True)

    def test_of_two_documents_has_two_parts(self) -> None:
        other = level1(STAY, "CRO", when=STAY.discharged)
        verdict = judged(archive_of([LETTER, other]))
        assert verdict.valid
        assert [path for path, _ in verdict.parts] == [f"{SUBSET}/DOC0001.XML", f"{SUBSET}/DOC0002.XML"]
        assert [part.document_kind.code for _, part in verdict.parts if part.document_kind] == ["LDL", "CRO"]

    def test_may_be_written_in_lower_case_with_a_word(self) -> None:
        lower = zipped({name.lower(): data for name, data in members(ARCHIVE).items()})
        assert {rule for rule, _ in faults(lower)} == {"XDM-NAME"}
        assert judged(lower).valid

    def test_that_replaces_leads_to_the_unique_id_of_its_cda(self) -> None:
        result = checked(archive_of([letter(version=2, replaces="1.2.250.1.999.5")]))
        assert result.bundle is not None
        [update] = result.bundle.updates
        assert update.target == "urn:oid:1.2.250.1.999.5"
        assert update.replaced_by is result.bundle.documents[0]

    def test_in_production_refuses_a_test_identity(self) -> None:
        found = checked(ARCHIVE, Mode.PRODUCTION)
        assert not found.report.conformant
        assert "INS-TEST" in found.report.rules()


class TestLayout:
    @pytest.mark.parametrize("name", ["INDEX.HTM", "README.TXT"])
    def test_root_files(self, name: str) -> None:
        assert faults(changed(ARCHIVE, lambda files: files.pop(name))) == [("XDM-ROOT-FILE", "")]

    @pytest.mark.parametrize("change", [
        lambda files: files.pop(METADATA), lambda files: [files.pop(name) for name in list(files) if "/" in name],
        lambda files: files.update({"METADATA.XML": files.pop(METADATA)}),
        lambda files: files.update({"IHE_XDM/A/B/METADATA.XML": files.pop(METADATA)}),
    ])  # fmt: skip
    def test_no_set(self, change: Callable[[dict[str, bytes]], object]) -> None:
        found = checked(changed(ARCHIVE, change))
        assert "XDM-SUBSET" in found.report.rules()
        assert (found.bundle, found.documents) == (None, ())

    def test_two_sets_are_both_looked_at_and_refused(self) -> None:
        def double(files: dict[str, bytes]) -> None:
            files |= {name.replace("SUBSET01", "SUBSET02"): data for name, data in files.items() if "SUBSET01" in name}

        found = checked(changed(ARCHIVE, double))
        assert found.report.rules() >= {"XDM-SUBSETS"}
        assert found.bundle is None
        assert [document.path for document in found.documents] == [DOCUMENT, DOCUMENT.replace("01/", "02/")]

    def test_a_file_nobody_lists(self) -> None:
        more = changed(ARCHIVE, lambda files: files.update({f"{SUBSET}/DOC0009.PDF": b"%PDF-"}))
        assert faults(more) == [("XDM-UNLISTED", f"{SUBSET}/DOC0009.PDF")]
        assert judged(more).valid

    def test_a_style_sheet_beside_the_sets_is_welcome(self) -> None:
        assert faults(changed(ARCHIVE, lambda files: files.update({"STYLE.XSL": b"<a/>"}))) == []

    def test_a_name_too_long(self) -> None:
        long = changed(ARCHIVE, lambda files: files.update({"LISEZ-MOI-AVANT.TEXTE": b""}))
        assert faults(long) == [("XDM-NAME", "LISEZ-MOI-AVANT.TEXTE")]


def wrong(old: bytes, new: bytes) -> bytes:
    return replaced(ARCHIVE, METADATA, old, new)


HASH = hashlib.sha1(LETTER, usedforsecurity=False).hexdigest().encode()
SIZE = str(len(LETTER)).encode()


class TestMetadataAgainstFiles:
    @pytest.mark.parametrize(("old", "new", "rule"), [
        (b"DOC0001.XML", b"DOC0002.XML", "XDM-FILE"), (b"DOC0001.XML", b"../SUBSET01/DOC0001.XML", "XDM-URI"),
        (b"DOC0001.XML", b"/etc/passwd", "XDM-URI"), (b"DOC0001.XML", b"C:\\A.XML", "XDM-URI"),
        (b'name="URI"', b'name="urn:x:URI"', "XDM-URI"), (SIZE, b"1" + SIZE, "XDM-FILE-SIZE"),
        (HASH, HASH[::-1], "XDM-FILE-HASH"), (b'mimeType="text/xml"', b'mimeType="application/pdf"', "XDM-FILE-TYPE"),
    ])  # fmt: skip
    def test_a_difference_is_named_in_the_metadata(self, old: bytes, new: bytes, rule: str) -> None:
        found = faults(wrong(old, new))
        place = next(place for name, place in found if name == rule)
        assert place.startswith(f"{METADATA}!/SubmitObjectsRequest/RegistryObjectList[1]/ExtrinsicObject[1]")
        assert not {name for name, _ in found} & {"XCHECK-SIZE", "XCHECK-HASH", "XCHECK-MEDIA-TYPE"}

    def test_the_hash_expected_is_hexadecimal(self) -> None:
        [issue] = [i for i in checked(wrong(HASH, b"0" * 40)).report if i.rule == "XDM-FILE-HASH"]
        assert HASH.decode() in render(issue)
        assert issue.line is not None

    def test_upper_case_hashes_are_hashes(self) -> None:
        assert faults(wrong(HASH, HASH.upper())) == []

    def test_a_changed_document_is_seen_by_its_hash(self) -> None:
        other = changed(ARCHIVE, lambda files: files.update({DOCUMENT: LETTER.replace(b"</title>", b" </title>")}))
        assert {"XDM-FILE-HASH", "XDM-FILE-SIZE"} <= {rule for rule, _ in faults(other)}

    def test_metadata_that_cannot_be_read(self) -> None:
        found = checked(changed(ARCHIVE, lambda files: files.update({METADATA: b"<a"})))
        assert [(i.rule, i.location) for i in found.report] == [("XDS-XML", f"{METADATA}!/")]
        assert found.bundle is None


class TestMetadataAgainstTheHeader:
    @pytest.mark.parametrize(("old", "new", "rule"), [
        (b'nodeRepresentation="11490-0"', b'nodeRepresentation="34112-3"', "XCHECK-TYPE"),
        (b'nodeRepresentation="N"', b'nodeRepresentation="R"', "XCHECK-CONFIDENTIALITY"),
        (b"urn:asip:ci-sis:ldl-ses:2017", b"urn:asip:ci-sis:crh:2009", "XCHECK-FORMAT"),
        (b'nodeRepresentation="10"', b'nodeRepresentation="11"', "MHD-CLASS-TYPE"),
        (b'nodeRepresentation="10"', b'nodeRepresentation="77"', "MHD-CODE"),
        (b"1.2.250.1.213.1.1.4.1<", b"1.2.250.1.213.1.1.4.99<", "MHD-CODE-SYSTEM"),
        (b"fr-FR", b"en-US", "MHD-LANGUAGE"),
    ])  # fmt: skip
    def test_the_rules_are_those_of_iti_65(self, old: bytes, new: bytes, rule: str) -> None:
        found = [(name, place) for name, place in faults(wrong(old, new)) if name == rule]
        assert found, faults(wrong(old, new))
        assert found[0][1].startswith(f"{METADATA}!/SubmitObjectsRequest/RegistryObjectList[1]/ExtrinsicObject[1]/")

    def test_another_matricule(self) -> None:
        matricule = STAY.patient.matricule.encode()
        other = matricule[:10] + (b"901" if matricule[10:13] != b"901" else b"902")
        other += f"{97 - int(other) % 97:02d}".encode()
        data = members(ARCHIVE)
        found = faults(zipped(data | {METADATA: data[METADATA].replace(matricule, other)}))
        assert "XCHECK-INS" in {rule for rule, _ in found}
        assert matricule.decode() not in str(found)

    def test_another_sex(self) -> None:
        sex, other = (b"M", b"F") if STAY.patient.sex == "M" else (b"F", b"M")
        found = faults(wrong(b"PID-8|" + sex, b"PID-8|" + other))
        assert found
        assert all("ExtrinsicObject[1]/Slot[" in place for _, place in found)

    def test_another_unique_id(self) -> None:
        text, unique = members(ARCHIVE)[METADATA], b'value="1.2.250.1.999.'
        at = text.rindex(unique)  # that of the document stands last
        other = zipped(members(ARCHIVE) | {METADATA: text[:at] + text[at:].replace(b"999", b"998", 1)})
        place = dict(faults(other))["XCHECK-UNIQUE-ID"]
        assert "ExtrinsicObject[1]/ExternalIdentifier[2]" in place

    def test_a_missing_attribute_is_said_once_in_the_words_of_xds(self) -> None:
        found = faults(wrong(b'name="languageCode"', b'name="urn:x:language"'))
        assert [rule for rule, _ in found] == ["XDS-MISSING"]

    def test_a_malformed_attribute_is_said_once(self) -> None:
        found = faults(wrong(b"IDNST^^^1", b"IDNST^^^\\T\\"))
        assert len(found) <= 2


class TestDocuments:
    def test_findings_stand_in_the_document(self) -> None:
        bad = b'<?xml version="1.0"?><!DOCTYPE a []>' + LETTER.partition(b"?>")[2]
        archive = changed(ARCHIVE, lambda files: files.update({DOCUMENT: bad}))
        found = checked(archive)
        assert ("CDA-DTD", f"{DOCUMENT}!/") in [(i.rule, i.location) for i in found.report]
        assert not found.report.conformant

    def test_a_fault_of_the_cda_is_a_fault_of_the_archive(self) -> None:
        bad = LETTER.replace(b'code="11490-0"', b'code="11490-9"', 1)
        verdict = judged(changed(ARCHIVE, lambda files: files.update({DOCUMENT: bad})))
        [(path, part)] = verdict.parts
        assert not part.valid
        assert not verdict.valid
        inside = {issue.rule for issue in part.report}
        assert inside <= verdict.report.rules()
        assert any(issue.location.startswith(f"{path}!/ClinicalDocument") for issue in verdict.report)

    def test_without_ins_is_conformant_and_not_countable(self) -> None:
        verdict = judged(archive_of([letter(without_ins=True)]))
        assert (verdict.report.conformant, verdict.countable, verdict.valid) == (True, False, False)
        assert "INS-ABSENT" in verdict.report.rules()

    def test_every_place_is_a_path_inside(self) -> None:
        for issue in judged(wrong(b"fr-FR", b"en-US")).report:
            path, mark, inner = issue.location.partition("!/")
            assert path in members(ARCHIVE)
            assert mark
            assert inner


class TestACrowd:
    def test_of_entries_of_one_id_is_refused(self) -> None:
        text = members(ARCHIVE)[METADATA]
        start, end = text.index(b"<rim:ExtrinsicObject"), text.index(b"</rim:ExtrinsicObject>") + 22
        crowd = text[:start] + text[start:end] * 600 + text[end:]
        found = checked(zipped(members(ARCHIVE) | {METADATA: crowd}))
        assert not found.report.conformant
        assert found.report.rules() & {"XDS-ID-TWICE", "XDS-LIMIT"}

    def test_of_entries_and_ties_is_judged_in_time(self) -> None:
        text = members(ARCHIVE)[METADATA].decode()
        start, end = text.index("<rim:ExtrinsicObject"), text.index("</rim:ExtrinsicObject>") + 22
        entry, name = text[start:end], text[start:end].partition('id="')[2].partition('"')[0]
        crowd = "".join(entry.replace(name, f"Document{n}") for n in range(700))
        kind = "urn:ihe:iti:2007:AssociationType:APND"
        ties = "".join(
            f'<rim:Association id="t{n}" associationType="{kind}" sourceObject="Document{n % 7}" '
            f'targetObject="Document{n % 9}"/>'
            for n in range(3_000)
        )
        whole = text[:start] + crowd + ties + text[end:]
        started = time.monotonic()
        found = checked(zipped(members(ARCHIVE) | {METADATA: whole.encode()}))
        assert time.monotonic() - started < 20
        assert not found.report.conformant

    def test_of_entries_of_one_file_is_read_within_the_limit(self) -> None:
        text = members(ARCHIVE)[METADATA]
        start, end = text.index(b"<rim:ExtrinsicObject"), text.index(b"</rim:ExtrinsicObject>") + 22
        name = text[start:end].partition(b'id="')[2].partition(b'"')[0]
        twice = text[:end] + text[start:end].replace(name, b"Document2") + text[end:]
        whole = members(ARCHIVE) | {METADATA: twice}
        limits = ZipLimits(max_inflated=sum(map(len, whole.values())) + 5_000)
        check = partial(check_cda, mode=Mode.SANDBOX, now=NOW)
        terms = Terms(default_walker(), Mode.SANDBOX, NOW, check, limits=limits)
        found = check_xdm(zipped(whole), terms)
        assert "XDM-FILE" in found.report.rules()
        assert len(found.documents) == 1


def test_nothing_said_quotes_the_patient() -> None:
    for data in (ARCHIVE, wrong(b"PID-5|", b"PID-6|"), wrong(b"^^^^L<", b"^^^^L|<"), wrong(b"PID-7|19", b"PID-7|20")):
        for issue in checked(data).report:
            words = " ".join((render(issue), render(issue, "en"), issue.location))
            assert STAY.patient.matricule not in words
            assert STAY.patient.birth_family not in words
