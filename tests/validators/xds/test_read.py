"""A request written by hand is read whole, with the place of everything; what cannot be read is named."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.validators.xds.samples import (
    DOCUMENT,
    MEMBERSHIP,
    NIR,
    OWN,
    PATIENT,
    SET,
    any_metadata,
    changed,
    checked,
    external,
    read,
    request,
    slot,
    without,
)
from validators.report import Report, Severity
from validators.xds import Code, Cx, Metadata, Slot, read_metadata, read_request, request_element, write_metadata


@pytest.fixture(scope="module")
def metadata() -> Metadata:
    return read(request())


class TestTheDocument:
    def test_has_its_slots(self, metadata: Metadata) -> None:
        [document] = metadata.documents
        assert (document.creation_time, document.size, document.uri) == ("20260302090500", "4711", "DOC0001.XML")
        assert (document.language, document.repository) == ("fr-FR", "1.2.250.1.999.7")
        assert (document.service_start, document.service_stop) == ("202602281000", "20260302")
        assert document.legal_authenticator is not None
        assert document.legal_authenticator.family == "DURANT"
        assert document.source_patient_id == Cx.make("4711", OWN, "PI")

    def test_has_the_patient_as_its_source_knows_it(self, metadata: Metadata) -> None:
        fields = {field.name: field.value for field in metadata.documents[0].source_patient}
        assert list(fields) == ["PID-3", "PID-5", "PID-7", "PID-8", "PID-11"]
        assert fields["PID-5"] == "MARTIN^Jean^Jean Marie^^^^L"

    def test_has_its_codes(self, metadata: Metadata) -> None:
        [document] = metadata.documents
        assert document.type_code == Code("11490-0", "2.16.840.1.113883.6.1", "Lettre de liaison")
        assert document.setting == Code("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", None)
        assert [code.code for code in document.confidentiality] == ["N", "INVISIBLE_PATIENT"]
        assert [code.code for code in document.events] == ["DEQP003"]

    def test_has_its_author(self, metadata: Metadata) -> None:
        [author] = metadata.documents[0].authors
        assert author.person is not None
        assert (author.person.id, author.person.given) == ("801234567890", "Romuald")
        assert [xon.name for xon in author.institutions] == ["CH TEST"]
        assert author.roles == ("Médecin traitant",)
        assert author.specialties == ("G15_10/SM26^Qualifié en médecine générale^1.2.250.1.213.1.1.4.5",)

    def test_has_its_identifiers_and_words(self, metadata: Metadata) -> None:
        [document] = metadata.documents
        assert document.patient_id == Cx.make("124018852493334", NIR, "NH")
        assert document.unique_id == "1.2.250.1.999.1.3^LDL1"
        assert (document.title, document.comments) == ("Lettre de liaison", "À relire")
        assert [cx.kind.rpartition(":")[2] for cx in document.reference_ids] == ["encounterId", "studyInstanceUID"]

    def test_keeps_a_slot_of_the_project(self, metadata: Metadata) -> None:
        assert metadata.documents[0].slots == (Slot("urn:projet:2026:couleur", ("bleu", "vert")),)

    def test_knows_where_everything_was(self, metadata: Metadata) -> None:
        tree = etree.fromstring(request())
        for name, place in metadata.documents[0].places.items():
            steps = place.location.split("/")[2:]
            path = "/".join(f"{{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}}{step}" for step in steps)
            found = tree.find(path)
            assert found is not None, name
            assert found.sourceline == place.line

    def test_shows_nobody_in_a_traceback(self, metadata: Metadata) -> None:
        assert "124018852493334" not in repr(metadata)
        assert "MARTIN" not in repr(metadata.documents)


class TestTheSet:
    def test_is_known_by_its_classification_beside_it(self, metadata: Metadata) -> None:
        found = metadata.submission_set
        assert found is not None
        assert (found.submission_time, found.source_id) == ("20260302091000", "1.2.250.1.999.1.9")
        assert found.unique_id == "1.2.250.1.999.1.9.1"
        assert found.content_type == Code("04", "1.2.250.1.213.2.2", "Hospitalisation")
        assert found.recipients == ("|801234567891^MARTIN",)
        assert metadata.members(found.id) == ["Document01"]

    def test_is_known_by_its_classification_inside(self) -> None:
        node = SET[SET.index('\n  <rim:Classification id="node"') :]
        inside = without(SET, r"\n  <rim:Classification id=\"node\".*?/>").replace(
            "</rim:RegistryPackage>", f"{node}</rim:RegistryPackage>"
        )
        assert read(request(inside, DOCUMENT, MEMBERSHIP)) == read(request())

    def test_is_found_inside_the_message_of_iti_41(self) -> None:
        body = request().partition(b"?>")[2].decode()
        wrapped = f'<x:ProvideAndRegisterDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007">{body}' + (
            '<x:Document id="Document01">AA==</x:Document></x:ProvideAndRegisterDocumentSetRequest>'
        )
        assert read(wrapped.encode()) == read(request())

    def test_identifiers_beside_their_object_are_its_own(self) -> None:
        scheme = "6b5aea1a-874d-4603-a4bc-96a0a7b38446"
        beside = changed(SET, external(scheme, PATIENT, "SubmissionSet01"), "") + external(
            scheme, PATIENT, "SubmissionSet01"
        )
        assert read(request(beside, DOCUMENT, MEMBERSHIP)) == read(request())


class TestWriting:
    @given(any_metadata())
    def test_what_is_written_is_read_again(self, metadata: Metadata) -> None:
        assert read_metadata(write_metadata(metadata), Report()) == metadata

    def test_what_was_read_is_written_the_same(self, metadata: Metadata) -> None:
        assert read(write_metadata(metadata)) == metadata
        assert write_metadata(metadata) == write_metadata(read(write_metadata(metadata)))

    def test_an_element_is_for_an_envelope(self, metadata: Metadata) -> None:
        report = Report()
        assert read_request(request_element(metadata), report) == metadata

    def test_what_xml_cannot_hold_is_marked(self) -> None:
        from dataclasses import replace

        metadata = read(request())
        document = replace(metadata.documents[0], title="a\x00b\ud800")
        again = read(write_metadata(replace(metadata, documents=(document,))))
        assert again.documents[0].title == "a\ufffdb\ufffd"


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(("data", "rule"), [
        (b"", "XDS-XML"), (b"PK", "XDS-XML"), (request()[:-30], "XDS-XML"), (b"<a/>", "XDS-ROOT"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "XDS-DTD"),
        (b"<a>" * 40 + b"</a>" * 40, "XDS-LIMIT"), (b"<a>" + b" " * 9_000_000 + b"</a>", "XDS-LIMIT"),
        (b'<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"/>', "XDS-ROOT"),
        (request("<rim:ExtrinsicObject/>" * 4_001), "XDS-LIMIT"),
    ], ids=str)  # fmt: skip
    def test_is_fatal_and_named(self, data: bytes, rule: str) -> None:
        report = Report()
        assert read_metadata(data, report) is None
        [issue] = report
        assert (issue.rule, issue.severity) == (rule, Severity.FATAL)

    @given(st.binary(max_size=200))
    def test_any_bytes_are_answered(self, data: bytes) -> None:
        assert read_metadata(data, Report()) is None

    @given(st.integers(0, len(request()) - 1), st.binary(min_size=1, max_size=3))
    def test_any_damage_is_answered(self, at: int, noise: bytes) -> None:
        whole = request()
        checked(whole[:at] + noise + whole[at + len(noise) :])

    @pytest.mark.parametrize("many", [
        slot("creationTime", "2026") * 40_000,
        '<rim:Classification classificationScheme="urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"/>' * 80_000,
        '<rim:Classification classificationScheme="urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"/>' * 80_000,
        external("2e82c1f6-a085-4c72-9da3-8640a32e42ab", "1") * 40_000,
    ], ids=("slots", "authors", "codes", "identifiers"))  # fmt: skip
    def test_a_crowd_is_read_in_time(self, many: str) -> None:
        data = request(SET, DOCUMENT.replace("</rim:ExtrinsicObject>", many + "</rim:ExtrinsicObject>"), MEMBERSHIP)
        started = time.monotonic()
        checked(data[: 8 * 1024 * 1024])
        assert time.monotonic() - started < 10
