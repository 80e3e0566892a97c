"""One fault a row: the rule that names it, and its place."""

from __future__ import annotations

import pytest

from tests.validators.xds.samples import (
    DOCUMENT,
    MEMBER,
    MEMBERSHIP,
    PATIENT,
    SET,
    changed,
    checked,
    code,
    external,
    request,
    slot,
    without,
)
from validators.messages import render
from validators.report import Report, Severity
from validators.xds import Metadata, check_metadata


def faults(data: bytes) -> list[tuple[str, str]]:
    """Rule and attribute of each finding."""
    return [(issue.rule, issue.params.get("element", "")) for issue in checked(data)]


def in_document(old: str, new: str) -> bytes:
    return request(SET, changed(DOCUMENT, old, new), MEMBERSHIP)


def less(pattern: str) -> bytes:
    return request(SET, without(DOCUMENT, pattern), MEMBERSHIP)


def test_the_usual_request_is_right() -> None:
    assert faults(request()) == []


SLOTS = ("creationTime", "hash", "size", "languageCode", "legalAuthenticator", "serviceStartTime", "sourcePatientId",
         "sourcePatientInfo")  # fmt: skip
CODES = {
    "41a5887f": "classCode", "f0306f51": "typeCode", "a09d5840": "formatCode", "f33fb8ac": "healthcareFacilityTypeCode",
    "cccf5598": "practiceSettingCode", "93606bcf": "author",
}  # fmt: skip
IDENTIFIERS = {"58a6f841": "patientId", "2e82c1f6": "uniqueId"}


class TestWhatIsMissing:
    @pytest.mark.parametrize("name", SLOTS)
    def test_slot(self, name: str) -> None:
        data = less(rf'<rim:Slot name="{name}">.*?</rim:Slot>')
        assert ("XDS-MISSING", name) in faults(data)

    @pytest.mark.parametrize("name", SLOTS)
    def test_slot_without_a_value(self, name: str) -> None:
        data = request(
            SET, DOCUMENT.replace(f'<rim:Slot name="{name}">', f'{slot(name)}<rim:Slot name="x{name}">'), MEMBERSHIP
        )
        assert ("XDS-MISSING", name) in faults(data)

    @pytest.mark.parametrize(("scheme", "name"), CODES.items())
    def test_code(self, scheme: str, name: str) -> None:
        data = less(rf'<rim:Classification classificationScheme="urn:uuid:{scheme}.*?</rim:Classification>')
        assert faults(data) == [("XDS-MISSING", name)]

    @pytest.mark.parametrize(("scheme", "name"), IDENTIFIERS.items())
    def test_identifier(self, scheme: str, name: str) -> None:
        data = less(rf'<rim:ExternalIdentifier identificationScheme="urn:uuid:{scheme}[^>]*/>')
        assert ("XDS-MISSING", name) in faults(data)

    def test_title_and_media_type(self) -> None:
        assert faults(less(r"<rim:Name><rim:LocalizedString xml:lang.*?</rim:Name>")) == [("XDS-MISSING", "title")]
        assert faults(less(r' mimeType="text/xml"')) == [("XDS-MISSING", "mimeType")]

    @pytest.mark.parametrize(("pattern", "name"), [
        (r'<rim:Slot name="submissionTime">.*?</rim:Slot>', "submissionTime"),
        (r"<rim:ExternalIdentifier identificationScheme=\"urn:uuid:554ac39e[^>]*/>", "sourceId"),
        (r"<rim:ExternalIdentifier identificationScheme=\"urn:uuid:96fdda7c[^>]*/>", "uniqueId"),
        (r"<rim:Classification classificationScheme=\"urn:uuid:aa543740.*?</rim:Classification>", "contentTypeCode"),
        (r"<rim:Classification classificationScheme=\"urn:uuid:a7058bb9.*?</rim:Classification>", "author"),
    ])  # fmt: skip
    def test_of_the_set(self, pattern: str, name: str) -> None:
        assert faults(request(without(SET, pattern), DOCUMENT, MEMBERSHIP)) == [("XDS-MISSING", name)]

    def test_what_the_guide_leaves_open_may_be_missing(self) -> None:
        left = DOCUMENT
        for name in ("serviceStopTime", "repositoryUniqueId", "URI", "urn:ihe:iti:xds:2013:referenceIdList"):
            left = without(left, rf'<rim:Slot name="{name}">.*?</rim:Slot>')
        assert faults(request(SET, left, MEMBERSHIP)) == []


class TestWhatIsMalformed:
    @pytest.mark.parametrize(("old", "new", "expected"), [
        ("20260302090500", "20260302090500+0100", ("XDS-TIME", "creationTime")),
        ("202602281000", "28/02/2026", ("XDS-TIME", "serviceStartTime")),
        ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=", ("XDS-HASH", "hash")),
        (">4711<", ">4,7 ko<", ("XDS-SIZE", "size")),
        ("1.2.250.1.999.7", "depot", ("XDS-OID", "repositoryUniqueId")),
        ("1.2.250.1.999.1.3^LDL1", "LDL1", ("XDS-OID", "uniqueId")),
        ("1.2.250.1.999.1.3^LDL1", "1.2.250.1.999.1.3^", ("XDS-OID", "uniqueId")),
        ('sourcePatientId"><rim:ValueList><rim:Value>4711^^^', 'sourcePatientId"><rim:ValueList><rim:Value>4711^',
         ("XDS-CX", "sourcePatientId")),
        ("1.2.3.4^^^^urn", "1.2.3.4^urn", ("XDS-CX", "referenceIdList")),
        ("PID-5|", "NOM|", ("XDS-PATIENT-INFO", "sourcePatientInfo")),
        ("PID-8|M", "M", ("XDS-PATIENT-INFO", "sourcePatientInfo")),
        ("~4711^^^", "~4711^", ("XDS-PATIENT-INFO", "sourcePatientInfo")),
        ("CH TEST^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^", "CH TEST^^^^^^^^^", ("XDS-XON", "author")),
        ("StatusType:Approved", "StatusType:Voilà", ("XDS-STATUS", "status")),
        ('nodeRepresentation="11490-0"', 'nodeRepresentation=""', ("XDS-CODE", "typeCode")),
        ("objectType=\"urn:uuid:7edca82f", "objectType=\"urn:uuid:0edca82f", ("XDS-OBJECT", "")),
    ])  # fmt: skip
    def test_is_named(self, old: str, new: str, expected: tuple[str, str]) -> None:
        assert expected in faults(in_document(old, new))

    def test_a_person_without_an_authority(self) -> None:
        bad = DOCUMENT.replace("&amp;1.2.250.1.71.4.2.1&amp;ISO^D", "^D")
        found = faults(request(SET, bad, MEMBERSHIP))
        assert found == [("XDS-XCN", "author"), ("XDS-XCN", "legalAuthenticator")]

    def test_an_institution_with_a_number_but_no_name_is_only_said(self) -> None:
        [issue] = checked(in_document("CH TEST^^^^^", "^^^^^"))
        assert (issue.rule, issue.severity) == ("XDS-XON", Severity.WARNING)

    def test_an_author_who_is_nobody(self) -> None:
        bad = without(DOCUMENT, r'<rim:Slot name="authorInstitution">.*?</rim:Slot>')
        bad = without(bad, r'<rim:Slot name="authorPerson">.*?</rim:Slot>')
        assert faults(request(SET, bad, MEMBERSHIP)) == [("XDS-AUTHOR", "author")]

    @pytest.mark.parametrize("unique", ["1.2.3", "1.2.3^abc", "F8DC7D4A-1D5C-4B4B-A1D8-0A6C1F3E5B77",
                                        "urn:uuid:f8dc7d4a-1d5c-4b4b-a1d8-0a6c1f3e5b77"])  # fmt: skip
    def test_a_document_has_the_id_of_its_cda(self, unique: str) -> None:
        assert faults(in_document("1.2.250.1.999.1.3^LDL1", unique)) == []

    def test_a_set_has_an_oid(self) -> None:
        bad = changed(SET, 'value="1.2.250.1.999.1.9.1"', 'value="1.2.250.1.999.1.9^1"')
        assert faults(request(bad, DOCUMENT, MEMBERSHIP)) == [("XDS-OID", "uniqueId")]
        bad = changed(SET, 'value="1.2.250.1.999.1.9"', 'value="DPI"')
        assert faults(request(bad, DOCUMENT, MEMBERSHIP)) == [("XDS-OID", "sourceId")]

    def test_an_entry_uuid_in_upper_case(self) -> None:
        name = "urn:uuid:F8DC7D4A-1D5C-4B4B-A1D8-0A6C1F3E5B77"
        data = request(SET, DOCUMENT, MEMBERSHIP).replace(b"Document01", name.encode())
        assert [rule for rule, _ in faults(data)] == ["XDS-ENTRY-UUID"]


class TestWhatIsGivenTwice:
    @pytest.mark.parametrize(("part", "name"), [
        (slot("hash", "0" * 40), "hash"), (slot("sourcePatientInfo", "PID-5|A"), "sourcePatientInfo"),
        (code("f0306f51-975f-434e-a61c-c59651d33983", "11488-4", "2.16.840.1.113883.6.1"), "typeCode"),
        (external("2e82c1f6-a085-4c72-9da3-8640a32e42ab", "1.2.3"), "uniqueId"),
    ])  # fmt: skip
    def test_is_named_and_the_first_stands(self, part: str, name: str) -> None:
        data = request(SET, changed(DOCUMENT, "</rim:ExtrinsicObject>", part + "</rim:ExtrinsicObject>"), MEMBERSHIP)
        assert faults(data) == [("XDS-MULTIPLE", name)]

    def test_two_values_where_one_is_asked_for(self) -> None:
        data = in_document("<rim:Value>4711</rim:Value>", "<rim:Value>4711</rim:Value><rim:Value>4712</rim:Value>")
        assert faults(data) == [("XDS-MULTIPLE", "size")]

    def test_an_id(self) -> None:
        assert ("XDS-ID-TWICE", "") in faults(request(SET, DOCUMENT, DOCUMENT, MEMBERSHIP))

    def test_an_unknown_scheme_is_only_said(self) -> None:
        part = external("00000000-0000-4000-8000-000000000000", "x") + code(
            "00000000-0000-4000-8000-00000000000a", "a", "b"
        )
        found = checked(in_document("</rim:ExtrinsicObject>", part + "</rim:ExtrinsicObject>"))
        assert [(i.rule, i.severity) for i in found] == [("XDS-SCHEME", Severity.INFORMATION)] * 2


class TestTies:
    def test_no_set(self) -> None:
        assert [rule for rule, _ in faults(request(DOCUMENT))] == ["XDS-SET-COUNT"]

    def test_two_sets(self) -> None:
        other = SET.replace("SubmissionSet01", "SubmissionSet02")
        assert ("XDS-SET-COUNT", "") in faults(request(SET, other, DOCUMENT, MEMBERSHIP))

    def test_a_package_that_is_nothing(self) -> None:
        assert ("XDS-OBJECT", "") in faults(request(SET, DOCUMENT, MEMBERSHIP, '<rim:RegistryPackage id="x"/>'))

    def test_a_document_outside_the_set(self) -> None:
        assert faults(request(SET, DOCUMENT)) == [("XDS-MEMBER", "")]

    def test_another_patient(self) -> None:
        other = SET.replace(PATIENT, PATIENT.replace("124018852493334", "224018852493334"))
        assert faults(request(other, DOCUMENT, MEMBERSHIP)) == [("XDS-PATIENT", "patientId")]

    @pytest.mark.parametrize(("kind", "source", "target", "expected"), [
        ("urn:ihe:iti:2007:AssociationType:RPLC", "Document01", "urn:uuid:f8dc7d4a-1d5c-4b4b-a1d8-0a6c1f3e5b77", None),
        ("urn:ihe:iti:2007:AssociationType:RPLC", "Document01", "1.2.3", "XDS-REFERENCE"),
        ("urn:ihe:iti:2007:AssociationType:APND", "Document02", "Document01", "XDS-REFERENCE"),
        ("RPLC", "Document01", "Document01", "XDS-ASSOCIATION"), (MEMBER, "", "Document01", "XDS-ASSOCIATION"),
    ])  # fmt: skip
    def test_an_association(self, kind: str, source: str, target: str, expected: str | None) -> None:
        tie = f'<rim:Association id="as2" associationType="{kind}" sourceObject="{source}" targetObject="{target}"/>'
        assert [rule for rule, _ in faults(request(SET, DOCUMENT, MEMBERSHIP, tie))] == ([expected] if expected else [])

    def test_a_folder_needs_its_codes(self) -> None:
        folder = (
            '<rim:RegistryPackage id="Folder01">'
            f"{external('75df8f67-9973-4fbe-a900-df66cefecc5a', '1.2.3', 'Folder01')}"
            '</rim:RegistryPackage><rim:Classification classifiedObject="Folder01" id="n2" '
            'classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/>'
        )
        held = MEMBERSHIP.replace("Document01", "Folder01").replace("as1", "as3")
        found = faults(request(SET, DOCUMENT, folder, MEMBERSHIP, held))
        assert found == [("XDS-MISSING", "codeList"), ("XDS-MISSING", "patientId")]


def test_a_finding_knows_its_place_and_quotes_no_value() -> None:
    [issue] = checked(in_document("PID-5|", "NOM|"))
    assert issue.location == "/SubmitObjectsRequest/RegistryObjectList[1]/ExtrinsicObject[1]/Slot[11]"
    assert issue.line is not None
    assert "MARTIN" not in render(issue) + render(issue, "en")


def test_nothing_at_all_is_no_submission() -> None:
    report = Report()
    check_metadata(Metadata(), report)
    assert report.rules() == {"XDS-SET-COUNT"}
