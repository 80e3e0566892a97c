"""Order, cardinality and attributes of the classes, from the document to the clinical statements (POCD_MT000040)."""

from __future__ import annotations

import pytest

from tests.validators.cda.samples import FULL, LETTER, LEVEL_1
from tests.validators.cda.structure.pieces import (
    ENTRY,
    SECTION,
    check,
    observation,
    only,
    parse,
    with_entry,
    with_piece,
)
from validators.cda.structure._body import BODY
from validators.cda.structure._header import HEADER

ROOT = "/ClinicalDocument"


@pytest.mark.parametrize("source", [LETTER, LEVEL_1, FULL], ids=["letter", "level 1", "everything"])
def test_the_smallest_documents_are_of_the_model(source: str) -> None:
    assert list(check(parse(source))) == []


HEADER_FAULTS = [
    # What is replaced, by what; then the place and the parameters.
    ('<setId root="1.2.3.4"/>\n  <versionNumber value="1"/>', '<versionNumber value="1"/><setId root="1.2.3.4"/>',
     "ORDER", f"{ROOT}/setId[1]", {"found": "setId", "expected": "copyTime, recordTarget"}),
    ('<id root="1.2.3.4.1"/>', "", "ORDER", f"{ROOT}/code[1]", {"found": "code", "expected": "id"}),
    ('<effectiveTime value="20260201103000+0100"/>', "", "ORDER", f"{ROOT}/confidentialityCode[1]",
     {"expected": "effectiveTime"}),
    ('<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>', "", "ORDER", f"{ROOT}/templateId[1]",
     {"expected": "typeId"}),
    ('root="2.16.840.1.113883.1.3"', 'root="2.16.840.1.113883.1.4"', "VALUE", f"{ROOT}/typeId[1]",
     {"expected": "2.16.840.1.113883.1.3"}),
    (' extension="POCD_HD000040"', "", "ATTRIBUTE", f"{ROOT}/typeId[1]", {"attribute": "extension", "card": "1..1"}),
    ("<title>", '<title inconnu="secret">', "ATTRIBUTE", f"{ROOT}/title[1]", {"attribute": "inconnu", "card": "0..0"}),
    ("<recordTarget>", "<recordTarget>secret", "TEXT", f"{ROOT}/recordTarget[1]", {"element": "recordTarget"}),
    ("<recordTarget>", '<recordTarget contextControlCode="ON">', "VALUE", f"{ROOT}/recordTarget[1]",
     {"attribute": "contextControlCode", "expected": "OP"}),
    ('<participant typeCode="INF">', "<participant>", "ATTRIBUTE", f"{ROOT}/participant[1]",
     {"attribute": "typeCode", "card": "1..1"}),
    ('<participant typeCode="INF">', '<participant typeCode="ZZZ">', "VALUE", f"{ROOT}/participant[1]",
     {"attribute": "typeCode"}),
    ('<performer typeCode="PRF">', '<performer typeCode="AUT">', "VALUE",
     f"{ROOT}/documentationOf[1]/serviceEvent[1]/performer[1]", {"expected": "PRF, PPRF, SPRF"}),
    ('<relatedDocument typeCode="RPLC">', '<relatedDocument typeCode="XXX">', "VALUE", f"{ROOT}/relatedDocument[1]",
     {"expected": "RPLC, APND, XFRM"}),
    ("<patient>", "<patient><prenom/>", "ORDER", f"{ROOT}/recordTarget[1]/patientRole[1]/patient[1]/prenom[1]",
     {"found": "prenom"}),
    ("<birthplace><place>", "<birthplace><place/><place>", "ORDER",
     f"{ROOT}/recordTarget[1]/patientRole[1]/patient[1]/birthplace[1]/place[2]", {"found": "place"}),
    ("</patientRole>", "</patientRole><patientRole/>", "ORDER", f"{ROOT}/recordTarget[1]/patientRole[2]",
     {"found": "patientRole", "expected": "/recordTarget"}),
    ("<structuredBody><component><section/></component></structuredBody>", "", "ORDER", f"{ROOT}/component[1]",
     {"found": "/component", "expected": "nonXMLBody, structuredBody"}),
    ("</ClinicalDocument>", "<component/></ClinicalDocument>", "ORDER", f"{ROOT}/component[2]",
     {"found": "component", "expected": "sdtc:statusCode"}),
    ("<custodian>", "<cda:custodian xmlns:cda='urn:other'/><custodian>", "ORDER", f"{ROOT}/custodian[1]",
     {"found": "custodian"}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "rule", "place", "params"), HEADER_FAULTS)
def test_a_fault_of_the_header(old: str, new: str, rule: str, place: str, params: dict[str, str]) -> None:
    issue = check(with_piece(old, new)).issues[0]
    assert (issue.rule, issue.location) == (f"CDA-SCHEMA-{rule}", place)
    assert dict(issue.params) | params == issue.params


STATEMENTS = [
    '<act classCode="ACT" moodCode="INT" negationInd="false"><code code="A"/><priorityCode code="R"/></act>',
    '<encounter classCode="ENC" moodCode="APT"><effectiveTime value="2024"/></encounter>',
    '<observationMedia classCode="OBS" moodCode="EVN" ID="M"><value mediaType="image/png">x</value></observationMedia>',
    '<organizer classCode="BATTERY" moodCode="EVN"><statusCode code="completed"/><component><sequenceNumber value="1"/>'
    '<observation classCode="OBS" moodCode="EVN"><code code="A"/></observation></component></organizer>',
    '<procedure classCode="PROC" moodCode="EVN"><code code="A"/><targetSiteCode code="B"/></procedure>',
    '<regionOfInterest classCode="ROIOVL" moodCode="EVN"><id root="1.2"/><code code="ELLIPSE"/><value value="3"/>'
    "</regionOfInterest>",
    '<substanceAdministration classCode="SBADM" moodCode="RQO"><effectiveTime xsi:type="IVL_TS"><low value="2024"/>'
    '</effectiveTime><effectiveTime xsi:type="PIVL_TS" operator="A"><period value="8" unit="h"/></effectiveTime>'
    '<doseQuantity value="1"/><consumable><manufacturedProduct><manufacturedMaterial/></manufacturedProduct>'
    "</consumable></substanceAdministration>",
    '<supply classCode="SPLY" moodCode="EVN"><independentInd value="false"/><quantity value="3"/><product>'
    "<manufacturedProduct><manufacturedLabeledDrug><name>X</name></manufacturedLabeledDrug></manufacturedProduct>"
    "</product></supply>",
]


@pytest.mark.parametrize("xml", STATEMENTS)
def test_each_clinical_statement(xml: str) -> None:
    assert list(check(with_entry(xml))) == []


INSIDE = [
    '<subject><relatedSubject classCode="PRS"><code code="X"/><subject><birthTime value="2000"/></subject>'
    "</relatedSubject></subject>",
    '<specimen><specimenRole><specimenPlayingEntity classCode="MIC"><code code="X"/></specimenPlayingEntity>'
    "</specimenRole></specimen>",
    '<performer typeCode="PRF"><time value="2024"/><assignedEntity><id root="1.2"/></assignedEntity></performer>',
    '<author><time value="2024"/><assignedAuthor><id root="1.2"/><assignedAuthoringDevice><softwareName>x'
    "</softwareName></assignedAuthoringDevice></assignedAuthor></author>",
    '<informant><relatedEntity classCode="CAREGIVER"/></informant>',
    '<participant typeCode="DEV"><participantRole classCode="whatever"><playingDevice classCode="MODDV"/>'
    "</participantRole></participant>",
    '<entryRelationship typeCode="REFR" inversionInd="true"><act classCode="ACT" moodCode="EVN"><code code="A"/></act>'
    "</entryRelationship>",
    '<reference typeCode="REFR"><externalDocument classCode="DOC"><id root="1.2"/></externalDocument></reference>',
    '<precondition><criterion><value xsi:type="BL" value="true"/></criterion></precondition>',
    '<referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="1"/></value></observationRange>'
    "</referenceRange>",
]


@pytest.mark.parametrize("xml", [*INSIDE, "".join(INSIDE)])
def test_what_a_statement_links_to(xml: str) -> None:
    assert list(check(observation(xml))) == []


OBSERVATION = f"{ENTRY}/observation[1]"
BODY_FAULTS = [
    ("<observation/>", "ATTRIBUTE", OBSERVATION, {"attribute": "classCode", "card": "1..1"}),
    ('<observation classCode="ACT" moodCode="EVN"><code code="A"/></observation>', "VALUE", OBSERVATION,
     {"attribute": "classCode"}),
    ('<observation classCode="OBS" moodCode="APT"><code code="A"/></observation>', "VALUE", OBSERVATION,
     {"expected": "INT, DEF, EVN, GOL, PRMS, PRP, RQO"}),
    ('<observation classCode="OBS" moodCode="EVN"/>', "ORDER", OBSERVATION,
     {"found": "/observation", "expected": "id, code"}),
    ('<observation classCode="OBS" moodCode="EVN"><statusCode/><code/></observation>', "ORDER",
     f"{OBSERVATION}/statusCode[1]", {"expected": "id, code"}),
    ('<observation classCode="OBS" moodCode="EVN" negationInd="1"><code/></observation>', "TYPE", OBSERVATION,
     {"type": "bl"}),
    ('<substanceAdministration classCode="SBADM" moodCode="EVN"/>', "ORDER", f"{ENTRY}/substanceAdministration[1]",
     {"found": "/substanceAdministration"}),
    ('<organizer classCode="CLUSTER" moodCode="EVN"/>', "ORDER", f"{ENTRY}/organizer[1]", {"found": "/organizer"}),
    ('<supply classCode="SPLY" moodCode="DEF"/>', "VALUE", f"{ENTRY}/supply[1]", {"attribute": "moodCode"}),
    ("", "ORDER", ENTRY, {"found": "/entry"}),
    ('<observation classCode="OBS" moodCode="EVN"><code/></observation><act/>', "ORDER", f"{ENTRY}/act[1]",
     {"found": "act"}),
]  # fmt: skip


@pytest.mark.parametrize(("xml", "rule", "place", "params"), BODY_FAULTS)
def test_a_fault_of_the_body(xml: str, rule: str, place: str, params: dict[str, str]) -> None:
    issue = check(with_entry(xml)).issues[0]
    assert (issue.rule, issue.location) == (f"CDA-SCHEMA-{rule}", place)
    assert dict(issue.params) | params == issue.params


def test_an_entry_relationship_needs_its_type() -> None:
    issue = only(
        observation('<entryRelationship><act classCode="ACT" moodCode="EVN"><code/></act></entryRelationship>')
    )
    assert (issue.rule, issue.params["attribute"]) == ("CDA-SCHEMA-ATTRIBUTE", "typeCode")


def test_a_section_nested_in_a_section() -> None:
    nested = with_piece("<section/>", "<section><component><section><title/><text/></section></component></section>")
    assert list(check(nested)) == []
    issue = only(with_piece("<section/>", "<section><section/></section>"))
    assert (issue.rule, issue.location) == ("CDA-SCHEMA-ORDER", f"{SECTION}/section[1]")


def test_the_model_is_whole() -> None:
    """Every class of POCD_MT000040 (2005) has its row."""
    assert len(HEADER) + len(BODY) == 88
