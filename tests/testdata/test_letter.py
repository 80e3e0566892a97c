"""The letter against the rules of CI-SIS that can be told without the official kit (cda.md A1 to A5, B1, appendix)."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from testdata import Country, Stay, discharge_letter
from tests.testdata.helpers import CCD, CI, HEADER, PCC, STATEMENTS, WHEN, find, names, values

SECTIONS = {
    "33557-0": {f"{CI}.2.35", f"{CI}.2.35.1"},
    "42349-1": {f"{PCC}.3.1", f"{CI}.2.127"},
    "42545-4": {f"{PCC}.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{CI}.2.163", f"{CI}.2.163.1"},
    "18610-6": {f"{PCC}.3.21", f"{CI}.2.145"},
    "10183-2": {f"{PCC}.3.22", f"{CI}.2.146"},
    "30954-2": {f"{PCC}.3.27", f"{CI}.2.150"},
    "18776-5": {f"{CCD}.10", f"{PCC}.3.36", f"{CI}.2.158"},
    "46264-8": {"2.16.840.1.11383.10.20.1.7", f"{PCC}.1.5.3.5", f"{CI}.2.1"},
    "48765-2": {f"{CCD}.2", f"{PCC}.3.13", f"{CI}.2.137"},
}

ENTRIES = {
    "ORG-070": ("6", "CE"),
    "ORG-074": ("7", "CE"),
    "MED-142": ("9", "ST"),
    "MED-143": ("3", "ST"),
    "MED-309": ("8", "BL"),
    "MED-144": ("5", "ST"),
    "MED-145": ("10", "BL"),
    "MED-146": ("1", "ST"),
    "MED-147": ("2", "BL"),
    "MED-148": ("4", "ST"),
}


@pytest.fixture(scope="module")
def tree(letter: bytes) -> etree._Element:
    return etree.fromstring(letter)


class TestHeader:
    def test_elements_are_in_the_order_of_the_schema(self, tree: etree._Element) -> None:
        assert names(tree) == HEADER

    def test_templates(self, tree: etree._Element) -> None:
        assert values(tree, "c:templateId/@root") == ["2.16.840.1.113883.2.8.2.1", f"{CI}.1.1", f"{CI}.1.29"]
        assert values(tree, "c:templateId/@extension") == ["2022.01"]

    def test_type_id_switches_the_header_rules_on(self, tree: etree._Element) -> None:
        assert values(tree, "c:typeId/@extension") == ["POCD_HD000040"]

    def test_identity_is_qualified(self, tree: etree._Element, stay: Stay) -> None:
        patient = stay.patient
        (role,) = find(tree, "c:recordTarget/c:patientRole")
        assert values(role, "c:id/@extension") == [patient.matricule, patient.ipp(stay.establishment)]
        assert values(role, "c:id/@root") == [patient.oid, stay.establishment.ipp_root]
        assert values(role, "c:patient/c:name/c:family[@qualifier='BR']/text()") == [patient.birth_family]
        assert values(role, "c:patient/c:name/c:given[not(@qualifier)]/text()") == [" ".join(patient.birth_givens)]
        assert values(role, "c:patient/c:name/c:given[@qualifier='BR']/text()") == [patient.birth_givens[0]]
        assert values(role, "c:patient/c:administrativeGenderCode/@code") == [patient.sex]
        assert values(role, "c:patient/c:birthTime/@value") == [f"{patient.birth_date:%Y%m%d}"]
        assert values(role, "c:patient/c:birthplace/c:place/c:addr/c:county/text()") == [patient.birth_place]

    def test_organisation_and_people(self, tree: etree._Element, stay: Stay) -> None:
        author = "c:author/c:assignedAuthor"
        assert values(tree, f"{author}/c:id/@extension") == [stay.physician.idnps]
        assert values(tree, f"{author}/c:representedOrganization/c:id/@extension") == ["1" + stay.establishment.finess]
        assert values(tree, "c:custodian//c:id/@extension") == ["1" + stay.establishment.finess]
        assert values(tree, "c:legalAuthenticator/c:signatureCode/@code") == ["S"]
        assert values(tree, "c:participant[@typeCode='INF']/c:functionCode/@code") == ["PCP"]

    def test_stay_is_named_under_the_establishments_own_root(self, tree: etree._Element, stay: Stay) -> None:
        (encounter,) = find(tree, "c:componentOf/c:encompassingEncounter")
        assert values(encounter, "c:id/@root") == [stay.establishment.stay_root]
        assert values(encounter, "c:id/@extension") == [stay.id]
        assert names(encounter) == ["id", "code", "effectiveTime", "responsibleParty", "location"]

    def test_main_act_has_one_performer_and_its_dates(self, tree: etree._Element, stay: Stay) -> None:
        (event,) = find(tree, "c:documentationOf/c:serviceEvent")
        assert names(event) == ["code", "effectiveTime", "performer"]
        assert stay.discharged is not None
        assert values(event, "c:effectiveTime/c:low/@value") == [f"{stay.admitted:%Y%m%d%H%M%S%z}"]
        assert values(event, "c:effectiveTime/c:high/@value") == [f"{stay.discharged:%Y%m%d%H%M%S%z}"]
        setting = "c:performer/c:assignedEntity/c:representedOrganization/c:standardIndustryClassCode/@code"
        assert values(event, setting) == ["ETABLISSEMENT"]

    def test_instants_have_seconds_and_a_zone(self, letter: bytes) -> None:
        instants = re.findall(rb'value="(20\d{8,}[^"]*)"', letter)
        assert instants
        assert all(re.fullmatch(rb"\d{14}\+0[12]00", instant) for instant in instants)


class TestBody:
    def test_sections_in_order_with_their_templates(self, tree: etree._Element) -> None:
        sections = find(tree, "c:component/c:structuredBody/c:component/c:section")
        found = {values(each, "c:code/@code")[0]: set(values(each, "c:templateId/@root")) for each in sections}
        assert found == SECTIONS
        assert list(found) == list(SECTIONS)

    def test_every_section_has_a_title_and_a_text(self, tree: etree._Element) -> None:
        for section in find(tree, "//c:section"):
            assert find(section, "c:title/text()")
            assert "".join(values(section, "c:text//text()")).strip()

    @pytest.mark.parametrize("code", ENTRIES)
    def test_stay_entries(self, tree: etree._Element, code: str) -> None:
        arc, kind = ENTRIES[code]
        (entry,) = find(tree, f"//c:observation[c:code/@code='{code}']")
        assert set(values(entry, "c:templateId/@root")) == {f"{PCC}.4.13", f"{CI}.3.48", f"{CI}.3.48.{arc}"}
        assert values(entry, "c:value/@xsi:type") == [kind]
        assert values(entry, "c:statusCode/@code") == ["completed"]

    def test_document_status(self, tree: etree._Element) -> None:
        (entry,) = find(tree, "//c:observation[c:code/@code='GEN-065']")
        assert {f"{CI}.3.48.16", f"{CI}.3.48.16.1"} < set(values(entry, "c:templateId/@root"))
        assert values(entry, "c:value/@code") == ["398166005"]

    def test_modalities_are_in_their_lists(self, land: Country) -> None:
        for each in land.stays[:60]:
            tree = etree.fromstring(discharge_letter(each, when=WHEN))
            arrival = values(tree, "//c:observation[c:code/@code='ORG-070']/c:value/@code")[0]
            departure = values(tree, "//c:observation[c:code/@code='ORG-074']/c:value/@code")[0]
            assert arrival in {"183452005", "8715000", "107724000"}
            assert departure in {"160849004", "127", "GEN-092.06.01"}

    def test_treatments_hold_what_their_templates_ask(self, tree: etree._Element) -> None:
        treatments = find(tree, "//c:substanceAdministration")
        assert len(treatments) >= 2
        for each in treatments:
            templates = set(values(each, "c:templateId/@root"))
            assert templates == {f"{CI}.3.42", f"{CCD}.24", f"{PCC}.4.7", f"{PCC}.4.7.1"}
            assert values(each, "c:effectiveTime/@xsi:type") == ["IVL_TS", "PIVL_TS"]
            assert find(each, "c:effectiveTime[1][c:low][c:high]")
            assert find(each, "c:consumable/c:manufacturedProduct//c:code/c:originalText/c:reference")

    def test_statements_keep_the_order_of_the_schema(self, tree: etree._Element) -> None:
        for name, order in STATEMENTS.items():
            for node in find(tree, f"//c:{name}"):
                found = names(node)
                assert found == [each for each in order if each in found], name

    def test_references_point_to_words_of_their_own_section(self, tree: etree._Element) -> None:
        for section in find(tree, "//c:section"):
            anchors = set(values(section, "c:text//@ID"))
            assert {each.removeprefix("#") for each in values(section, "c:entry//c:reference/@value")} <= anchors

    def test_anchors_and_identifiers_are_unique(self, tree: etree._Element) -> None:
        for path in ("//@ID", "//c:structuredBody//c:id/@root"):
            found = values(tree, path)
            assert len(set(found)) == len(found)

    def test_identifiers_are_upper_case_uuids(self, tree: etree._Element) -> None:
        shape = r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"
        assert all(re.fullmatch(shape, each) for each in values(tree, "//c:structuredBody//c:id/@root"))
