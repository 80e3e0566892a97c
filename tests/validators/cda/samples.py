"""The smallest documents that the rules accept, and the means to break them one element at a time."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

from lxml import etree

from tests.validators.cda.rules import bodies
from validators.cda import CdaResult, check_cda
from validators.messages import cda_body
from validators.report import Mode, Report

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
V3 = "urn:hl7-org:v3"
PDF = base64.b64encode(b"%PDF-1.7\n1 0 obj").decode()
Edit = Callable[[etree._Element], None]

LETTER = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <templateId root="1.2.250.1.213.1.1.1.29" extension="2022.01"/>
  <id root="1.2.3.4.1"/>
  <code code="11490-0" codeSystem="2.16.840.1.113883.6.1"
        displayName="Lettre de liaison à la sortie d'un établissement de soins"/>
  <title>Lettre de liaison à la sortie</title>
  <effectiveTime value="20260201103000+0100"/>
  <confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
  <languageCode code="fr-FR"/>
  <setId root="1.2.3.4"/>
  <versionNumber value="1"/>
  <recordTarget><patientRole>
    <id root="1.2.250.1.213.1.4.8" extension="279035121518989"/>
    <id root="1.2.3.4.5" extension="IPP-1"/>
    <addr><city>PARIS</city></addr>
    <telecom value="tel:0102030405"/>
    <patient>
      <name>
        <family qualifier="BR">PAT-TROIS</family>
        <given>DOMINIQUE MARIE-LOUISE</given>
        <given qualifier="BR">DOMINIQUE</given>
      </name>
      <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
      <birthTime value="19790328"/>
      <birthplace><place><addr><county>51215</county></addr></place></birthplace>
    </patient>
  </patientRole></recordTarget>
  <author>
    <time value="20260201103000+0100"/>
    <assignedAuthor>
      <id root="1.2.250.1.71.4.2.1" extension="801234567897"/>
      <assignedPerson><name>
        <family>MEDECIN</family><given>Charles</given><prefix>M</prefix><suffix>DR</suffix>
      </name></assignedPerson>
      <representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1750803447"/></representedOrganization>
    </assignedAuthor>
  </author>
  <custodian><assignedCustodian><representedCustodianOrganization>
    <id root="1.2.250.1.71.4.2.2" extension="1750803447"/>
  </representedCustodianOrganization></assignedCustodian></custodian>
  <legalAuthenticator>
    <time value="20260201103000+0100"/>
    <signatureCode code="S"/>
    <assignedEntity>
      <id root="1.2.250.1.71.4.2.1" extension="801234567897"/>
      <assignedPerson><name><family>MEDECIN</family></name></assignedPerson>
    </assignedEntity>
  </legalAuthenticator>
  <participant typeCode="INF">
    <functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88"/>
    <time nullFlavor="NA"/>
    <associatedEntity classCode="PROV"/>
  </participant>
  <documentationOf><serviceEvent>
    <code code="IMP" codeSystem="2.16.840.1.113883.5.4"/>
    <effectiveTime><low value="20260120080000+0100"/><high value="20260131160000+0100"/></effectiveTime>
    <performer typeCode="PRF"><assignedEntity>
      <id root="1.2.250.1.71.4.2.1" extension="801234567897"/>
      <representedOrganization>
        <standardIndustryClassCode code="ETABLISSEMENT" codeSystem="1.2.250.1.213.1.1.4.9" displayName="x"/>
      </representedOrganization>
    </assignedEntity></performer>
  </serviceEvent></documentationOf>
  <relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4.0"/></parentDocument></relatedDocument>
  <componentOf><encompassingEncounter>
    <id root="1.2.3.4.6" extension="STAY-1"/>
    <effectiveTime><low value="20260120"/><high value="20260131"/></effectiveTime>
    <location><healthCareFacility>
      <code code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="x"/>
    </healthCareFacility></location>
  </encompassingEncounter></componentOf>
  <component><structuredBody>BODY</structuredBody></component>
</ClinicalDocument>""".replace("BODY", bodies.LETTER)

LEVEL_1 = LETTER.replace(
    '<templateId root="1.2.250.1.213.1.1.1.29" extension="2022.01"/>', '<templateId root="1.3.6.1.4.1.19376.1.2.20"/>'
).replace(
    f"<structuredBody>{bodies.LETTER}</structuredBody>",
    f'<nonXMLBody><text mediaType="application/pdf" representation="B64">{PDF}</text></nonXMLBody>',
)

_NAME = "<name><family>X</family><prefix>MME</prefix><suffix>PR</suffix></name>"
_PERSON = f"<assignedPerson>{_NAME}</assignedPerson>"
_DEVICE = """<author><time value="20260201103000+0100"/><assignedAuthor><id root="1.2.3.4.7" extension="d"/>
  <assignedAuthoringDevice><manufacturerModelName>m</manufacturerModelName><softwareName>s</softwareName>
  </assignedAuthoringDevice></assignedAuthor></author>"""
_OTHERS = f"""<dataEnterer><assignedEntity><id root="1.2" extension="x"/></assignedEntity></dataEnterer>
  <informant><relatedEntity classCode="ECON"><relatedPerson>{_NAME}</relatedPerson></relatedEntity></informant>"""
_SIGNATORY = f"""<authenticator><time value="20260201103000+0100"/><signatureCode code="S"/><assignedEntity>
  <id root="1.2.250.1.71.4.2.1" extension="801234567897"/>{_PERSON}</assignedEntity></authenticator>"""
_ORDER = """<inFulfillmentOf><order><id root="1.2.3" extension="o"/></order></inFulfillmentOf>"""

FULL = LETTER
"""Every element that a table row names, where the smallest document leaves it out."""
for _old, _new in (
    ("<author>", f"{_DEVICE}<author>"),
    (
        '<time value="20260201103000+0100"/>\n    <assignedAuthor>',
        '<functionCode code="PCP" codeSystem="2.16.840.1.113883.5.88"/><time value="2026"/><assignedAuthor>',
    ),
    ("<custodian>", f"{_OTHERS}<custodian>"),
    ("<legalAuthenticator>", "<informationRecipient><intendedRecipient/></informationRecipient><legalAuthenticator>"),
    ("<assignedPerson><name><family>MEDECIN</family></name></assignedPerson>", _PERSON),
    ("<participant ", f"{_SIGNATORY}<participant "),
    (
        '<associatedEntity classCode="PROV"/>',
        f'<associatedEntity classCode="PROV"><associatedPerson>{_NAME}</associatedPerson></associatedEntity>',
    ),
    ("<documentationOf>", f"{_ORDER}<documentationOf>"),
    ("      <representedOrganization>\n", f"{_PERSON}<representedOrganization>\n"),
    (
        "<componentOf>",
        '<authorization><consent><code nullFlavor="NA"/><statusCode code="completed"/></consent></authorization>'
        "<componentOf>",
    ),
    (
        '<id root="1.2.3.4.6" extension="STAY-1"/>',
        '<id root="1.2.3.4.6" extension="STAY-1"/>'
        '<code code="IMP" codeSystem="2.16.840.1.113883.5.4" displayName="Hospitalisation"/>',
    ),
    ("<birthplace>", f"<guardian><guardianPerson>{_NAME}</guardianPerson></guardian><birthplace>"),
):
    assert _old in FULL, _old
    FULL = FULL.replace(_old, _new, 1)


BODY_RULES = {row.id for row in cda_body.RULES}


def header_only(report: Report) -> Report:
    """The report without what the tables of the body say: tests of the header change the model of a letter."""
    return Report((issue for issue in report if issue.rule not in BODY_RULES), looked_at=report.looked_at)


def document(*edits: Edit, source: str = LETTER) -> bytes:
    """A document after edits of its tree."""
    root = etree.fromstring(source.encode())
    for edit in edits:
        edit(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def check(*edits: Edit, source: str = LETTER, mode: Mode = Mode.PRODUCTION) -> CdaResult:
    return check_cda(document(*edits, source=source), mode=mode, now=NOW)


def at(root: etree._Element, path: str) -> etree._Element:
    """The element of a prefix-free path, positions allowed."""
    steps = "/".join(f"v3:{step}" for step in path.split("/"))
    found = root.xpath(steps, namespaces={"v3": V3})
    assert isinstance(found, list), path
    assert found, path
    element = found[0]
    assert isinstance(element, etree._Element)
    return element


def remove(path: str) -> Edit:
    def edit(root: etree._Element) -> None:
        element = at(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return edit


def remove_all(path: str) -> Edit:
    """Remove every element of a path."""

    def edit(root: etree._Element) -> None:
        name = f"{{{V3}}}{path.rpartition('/')[2]}"
        first = at(root, path)
        parents = {element.getparent() for element in root.iter(first.tag) if plain(element) == path}
        for parent in parents:
            assert parent is not None
            for child in list(parent.iterchildren(name)):
                parent.remove(child)

    return edit


def plain(element: etree._Element) -> str:
    """The path of an element, without positions."""
    steps = [etree.QName(element).localname]
    for ancestor in element.iterancestors():
        steps.append(etree.QName(ancestor).localname)
    return "/".join(reversed(steps[:-1]))


def repeat(path: str) -> Edit:
    def edit(root: etree._Element) -> None:
        element = at(root, path)
        element.addnext(etree.fromstring(etree.tostring(element, with_tail=False)))

    return edit


def put(path: str, **attributes: str | None) -> Edit:
    """Set attributes; None removes one."""

    def edit(root: etree._Element) -> None:
        element = at(root, path) if path else root
        for name, value in attributes.items():
            if value is None and name in element.attrib:
                del element.attrib[name]
            elif value is not None:
                element.set(name, value)

    return edit


def null(path: str, flavor: str = "UNK") -> Edit:
    def edit(root: etree._Element) -> None:
        element = at(root, path)
        element.clear()
        element.set("nullFlavor", flavor)

    return edit


def write(path: str, text: str) -> Edit:
    def edit(root: etree._Element) -> None:
        at(root, path).text = text

    return edit


def add(path: str, xml: str) -> Edit:
    """Add an element written without its namespace: after the last of its name, where the schema wants it, or last."""

    def edit(root: etree._Element) -> None:
        parent = at(root, path) if path else root
        element = etree.fromstring(f'<x xmlns="{V3}">{xml}</x>')[0]
        same = parent.findall(element.tag)
        parent.insert(parent.index(same[-1]) + 1 if same else len(parent), element)

    return edit
