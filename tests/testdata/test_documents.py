"""What the callers of the document writers may ask, level 1 documents, and the plan of the demonstration."""

from __future__ import annotations

import base64
import re
import time

import pytest
from lxml import etree

from testdata import (
    PARIS,
    Country,
    PlannedDocument,
    Stay,
    discharge_letter,
    document,
    document_id,
    document_set,
    level1,
)
from testdata._pdf import pdf
from tests.testdata.helpers import CI, HEADER, WHEN, find, names, values

CODES = {"LDL": "11490-0", "ORD": "57833-6", "CRO": "34874-8", "BIO": "11502-2", "IMG": "18748-4"}


@pytest.fixture(scope="module")
def sent(land: Country) -> list[tuple[Stay, PlannedDocument, bytes]]:
    return [(stay, planned, document(stay, planned)) for stay in land.stays[::2] for planned in stay.plan]


class TestOptions:
    def test_same_arguments_same_bytes(self, stay: Stay, letter: bytes) -> None:
        assert stay.discharged is not None
        assert discharge_letter(stay, when=stay.discharged) == letter

    def test_time_is_written_in_paris(self, stay: Stay) -> None:
        tree = etree.fromstring(discharge_letter(stay, when=WHEN))
        assert values(tree, "c:effectiveTime/@value") == ["20261025133000+0100"]

    def test_a_naive_time_is_refused(self, stay: Stay) -> None:
        with pytest.raises(ValueError, match="zone"):
            discharge_letter(stay, when=WHEN.replace(tzinfo=None))

    def test_without_ins_keeps_the_local_number_and_the_traits(self, stay: Stay) -> None:
        data = discharge_letter(stay, when=WHEN, without_ins=True)
        assert stay.patient.matricule.encode() not in data
        role = "c:recordTarget/c:patientRole/c:id/@extension"
        assert values(etree.fromstring(data), role) == [stay.patient.ipp(stay.establishment)]

    def test_replacement(self, stay: Stay) -> None:
        first = document_id(stay)
        tree = etree.fromstring(discharge_letter(stay, when=WHEN, version=2, replaces=first))
        assert values(tree, "c:id/@root") == [document_id(stay, version=2)]
        assert values(tree, "c:setId/@root") == [document_set(stay, "LDL")]
        assert values(tree, "c:versionNumber/@value") == ["2"]
        assert values(tree, "c:relatedDocument[@typeCode='RPLC']/c:parentDocument/c:id/@root") == [first]
        assert names(tree)[-4:] == ["documentationOf", "relatedDocument", "componentOf", "component"]

    def test_series_given_by_the_caller(self, stay: Stay) -> None:
        tree = etree.fromstring(discharge_letter(stay, when=WHEN, set_id="1.2.250.1.999.7"))
        assert values(tree, "c:setId/@root") == ["1.2.250.1.999.7"]

    def test_unique_makes_another_document(self, stay: Stay) -> None:
        identifiers = {document_id(stay, unique=unique) for unique in (None, "a", "b")}
        assert len(identifiers) == 3
        assert all(re.fullmatch(r"[0-2](\.(0|[1-9]\d*))+", each) and len(each) <= 64 for each in identifiers)

    def test_a_stay_still_going_has_no_end(self, land: Country) -> None:
        ongoing = next(each for each in land.stays if each.discharged is None)
        tree = etree.fromstring(discharge_letter(ongoing, when=WHEN))
        assert not find(tree, "c:componentOf//c:high | c:documentationOf//c:high")

    @pytest.mark.parametrize("size", [30_000, 50_000, 400_000, 1_000_000])
    def test_size(self, land: Country, size: int) -> None:
        for each in land.stays[:5]:
            assert len(discharge_letter(each, when=WHEN, size=size)) == pytest.approx(size, rel=0.02)

    def test_a_small_size_changes_nothing(self, stay: Stay) -> None:
        assert discharge_letter(stay, when=WHEN, size=1) == discharge_letter(stay, when=WHEN)

    def test_letters_come_by_hundreds_a_second(self, land: Country) -> None:
        start = time.process_time()
        for each in land.stays[:100]:
            discharge_letter(each, when=WHEN, size=50_000)
        assert 100 / (time.process_time() - start) > 150  # 500 on a free machine; this one may be busy


class TestLevel1:
    @pytest.mark.parametrize("kind", CODES)
    def test_header(self, stay: Stay, kind: str) -> None:
        tree = etree.fromstring(level1(stay, kind, when=WHEN))
        assert names(tree) == HEADER
        assert values(tree, "c:code/@code") == [CODES[kind]]
        templates = ["2.16.840.1.113883.2.8.2.1", f"{CI}.1.1", "1.3.6.1.4.1.19376.1.2.20"]
        assert values(tree, "c:templateId/@root") == templates
        assert not find(tree, "c:templateId/@extension")
        assert values(tree, "c:id/@root") == [document_id(stay, kind)]

    def test_payload_is_a_pdf_whose_table_of_objects_is_right(self, report: bytes) -> None:
        (text,) = find(etree.fromstring(report), "c:component/c:nonXMLBody/c:text")
        assert values(text, "@mediaType") == ["application/pdf"]
        assert values(text, "@representation") == ["B64"]
        payload = base64.b64decode(text.text or "", validate=True)
        assert payload.startswith(b"%PDF-1.4")
        assert payload.endswith(b"%%EOF\n")
        start = int(payload.rsplit(b"startxref\n", 1)[1].split()[0])
        offsets = re.findall(rb"(\d{10}) 00000 n", payload[start:])
        for number, offset in enumerate(offsets, 1):
            assert payload[int(offset) :].startswith(b"%d 0 obj" % number)

    def test_text_of_the_pdf_is_escaped(self) -> None:
        assert rb"(a \(b\) \\ \xe9) Tj".replace(rb"\xe9", b"\xe9") in pdf(["a (b) \\ é"])

    @pytest.mark.parametrize("size", [50_000, 200_000])
    def test_size(self, stay: Stay, size: int) -> None:
        assert len(level1(stay, "IMG", when=WHEN, size=size)) == pytest.approx(size, rel=0.06)

    def test_without_ins_and_replacement(self, stay: Stay) -> None:
        data = level1(stay, "ORD", when=WHEN, without_ins=True, version=2, replaces=document_id(stay, "ORD"))
        assert stay.patient.matricule.encode() not in data
        assert b"RPLC" in data


class TestPlanned:
    def test_every_planned_document_is_well_formed_and_unique(
        self, sent: list[tuple[Stay, PlannedDocument, bytes]]
    ) -> None:
        identifiers = []
        for _, planned, data in sent:
            tree = etree.fromstring(data)
            identifiers += values(tree, "c:id/@root")
            assert values(tree, "c:effectiveTime/@value") == [f"{planned.when:%Y%m%d%H%M%S%z}"]
        assert len(set(identifiers)) == len(sent)

    def test_a_replacing_letter_names_the_first_one(self, land: Country) -> None:
        stay = next(each for each in land.stays if any(p.variant == "replacing" for p in each.plan))
        first, second = (document(stay, each) for each in stay.plan if each.kind == "LDL")
        parent = values(etree.fromstring(second), "c:relatedDocument/c:parentDocument/c:id/@root")
        assert parent == values(etree.fromstring(first), "c:id/@root")

    def test_a_document_without_ins_holds_none(self, sent: list[tuple[Stay, PlannedDocument, bytes]]) -> None:
        for stay, planned, data in sent:
            assert (stay.patient.matricule.encode() in data) == (planned.variant != "without_ins")

    def test_a_refused_letter_contradicts_itself(self, land: Country) -> None:
        stay, planned = next((s, p) for s in land.stays for p in s.plan if p.variant == "refused")
        sexes = values(etree.fromstring(document(stay, planned)), "//c:administrativeGenderCode/@code")
        assert sexes != [stay.patient.sex]

    def test_planned_times_are_paris_times(self, land: Country) -> None:
        assert all(p.when.tzinfo is PARIS for s in land.stays for p in s.plan)
