"""The extensions of the national documents: sdtc, lab, pharm and ps3-20, where they may stand and what they hold."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.validators.cda.structure.pieces import check, observation, only, with_entry, with_piece

EVENT = '<code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>'
BORN = '<birthTime value="19790328"/>'


def patient(xml: str) -> etree._Element:
    return with_piece(BORN, f"{BORN}{xml}")


def material(xml: str) -> etree._Element:
    return with_entry(
        '<substanceAdministration classCode="SBADM" moodCode="EVN"><consumable><manufacturedProduct>'
        f"<manufacturedMaterial>{xml}</manufacturedMaterial></manufacturedProduct></consumable>"
        "</substanceAdministration>"
    )


def reference_range(xml: str) -> etree._Element:
    return observation(f"<referenceRange><observationRange>{xml}</observationRange></referenceRange>")


def order(xml: str) -> etree._Element:
    old = "<documentationOf>"
    return with_piece(old, f'<inFulfillmentOf><order><id root="1.2"/>{xml}</order></inFulfillmentOf>{old}')


VALID = [
    patient('<sdtc:deceasedInd value="true"/><sdtc:deceasedTime value="20240101"/>'),
    patient('<sdtc:multipleBirthInd value="true"/><sdtc:multipleBirthOrderNumber value="2"/>'),
    with_piece("</ClinicalDocument>", '<sdtc:statusCode code="active"/></ClinicalDocument>'),
    with_piece(EVENT, f'{EVENT}<lab:statusCode code="completed"/>'),
    order('<ps3-20:accessionNumber root="1.2" extension="A"/><ps3-20:accessionNumber root="1.2" extension="B"/>'),
    reference_range(
        '<lab:precondition typeCode="PRCN"><lab:criterion classCode="COND" moodCode="EVN"><lab:code code="SEX"/>'
        '<lab:value value="F"/></lab:criterion></lab:precondition>'
    ),
    reference_range(
        '<sdtc:precondition1 typeCode="PRCN"><templateId root="1.2"/><sdtc:conjunctionCode code="AND"/>'
        "<sdtc:criterion1/></sdtc:precondition1>"
    ),
    observation("<performer><sdtc:functionCode/><assignedEntity><id root='1.2'/></assignedEntity></performer>"),
    with_entry('<encounter classCode="ENC" moodCode="EVN"><sdtc:dischargeDispositionCode code="A"/></encounter>'),
    with_entry(
        '<organizer classCode="CLUSTER" moodCode="EVN"><sdtc:text>x</sdtc:text><statusCode/><component>'
        '<sdtc:priorityNumber value="1"/><act classCode="ACT" moodCode="EVN"><code/><sdtc:inFulfillmentOf1 '
        'typeCode="FLFS"><sdtc:actReference classCode="ACT" moodCode="EVN"><sdtc:id root="1.2"/></sdtc:actReference>'
        "</sdtc:inFulfillmentOf1></act></component></organizer>"
    ),
    material(
        "<name>X</name><pharm:desc>x</pharm:desc><pharm:formCode code='A'><pharm:originalText>x</pharm:originalText>"
        "</pharm:formCode><lotNumberText>L</lotNumberText><pharm:expirationTime><pharm:high value='2025'/>"
        "</pharm:expirationTime>"
    ),
    material(
        '<pharm:asContent classCode="CONT"><pharm:containerPackagedMedicine classCode="CONT" determinerCode="INSTANCE">'
        '<pharm:code code="1"/><pharm:name>x</pharm:name><pharm:capacityQuantity value="30" unit="1"/>'
        "</pharm:containerPackagedMedicine></pharm:asContent>"
        '<pharm:asSpecializedKind classCode="GRIC"><pharm:generalizedMedicineClass classCode="MMAT">'
        '<pharm:code code="A"/></pharm:generalizedMedicineClass></pharm:asSpecializedKind>'
    ),
    material(
        '<pharm:ingredient classCode="ACTI"><pharm:quantity><numerator xsi:type="PQ" value="1"/><denominator '
        'xsi:type="PQ" value="1"/></pharm:quantity><pharm:ingredient classCode="MMAT" determinerCode="KIND">'
        '<pharm:code code="1"/></pharm:ingredient></pharm:ingredient>'
    ),
]


@pytest.mark.parametrize("root", VALID, ids=range(len(VALID)))
def test_an_extension_in_its_place(root: etree._Element) -> None:
    assert list(check(root)) == []


INVALID = [
    (patient('<sdtc:deceasedTime value="2024"/><sdtc:deceasedInd value="true"/>'), "ORDER",
     {"found": "sdtc:deceasedInd"}),
    (patient('<sdtc:multipleBirthOrderNumber value="0"/>'), "TYPE", {"type": "int_pos"}),
    (patient('<sdtc:deceasedInd value="oui"/>'), "TYPE", {"type": "bl"}),
    (patient("<sdtc:inconnu/>"), "ORDER", {"found": "sdtc:inconnu"}),
    (with_piece(EVENT, f'<lab:statusCode code="completed"/>{EVENT}'), "ORDER", {"found": "code"}),
    (with_piece(EVENT, f'{EVENT}<lab:statusCode code="aborted"/>'), "VALUE", {"expected": "active, completed"}),
    (with_piece(EVENT, f'{EVENT}<statusCode code="completed"/>'), "ORDER", {"found": "statusCode"}),
    (order('<accessionNumber root="1.2"/>'), "ORDER", {"found": "accessionNumber"}),
    (order('<ps3-20:accessionNumber root="x y"/>'), "TYPE", {"type": "uid"}),
    (reference_range("<lab:precondition/>"), "ORDER", {"found": "/lab:precondition", "expected": "lab:criterion"}),
    (reference_range('<lab:precondition><lab:criterion><lab:value value="X"/></lab:criterion></lab:precondition>'),
     "VALUE", {"expected": "M, F, I"}),
    (material("<pharm:formCode/><name>x</name>"), "ORDER", {"found": "name"}),
    (material("<pharm:expirationTime><high value='2025'/></pharm:expirationTime>"), "ORDER", {"found": "high"}),
    (material('<pharm:asContent classCode="CONT"/>'), "ORDER",
     {"expected": "pharm:quantity, pharm:containerPackagedMedicine"}),
]  # fmt: skip


@pytest.mark.parametrize(("root", "rule", "params"), INVALID, ids=range(len(INVALID)))
def test_an_extension_that_is_wrong(root: etree._Element, rule: str, params: dict[str, str]) -> None:
    issue = only(root)
    assert issue.rule == f"CDA-SCHEMA-{rule}"
    assert dict(issue.params) | params == issue.params
