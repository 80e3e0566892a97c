"""What the document tests share: namespaces, short XPath, and the order the schema wants."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import cast

from lxml import etree

NS = {"c": "urn:hl7-org:v3", "xsi": "http://www.w3.org/2001/XMLSchema-instance"}
CI = "1.2.250.1.213.1.1"
PCC = "1.3.6.1.4.1.19376.1.5.3.1"
CCD = "2.16.840.1.113883.10.20.1"
WHEN = datetime(2026, 10, 25, 12, 30, tzinfo=UTC)


def _words(text: str) -> list[str]:
    return text.split()


HEADER = _words(
    "realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId versionNumber "
    "recordTarget author informant custodian informationRecipient legalAuthenticator participant documentationOf "
    "componentOf component"
)

# Order of the CDA R2 schema, restricted to what a statement may hold here.
STATEMENTS = {
    "observation": _words("templateId id code text statusCode effectiveTime priorityCode value author"),
    "substanceAdministration": _words("templateId id code text statusCode effectiveTime doseQuantity consumable"),
    "procedure": _words("templateId id code text statusCode effectiveTime priorityCode"),
    "encounter": _words("templateId id code text effectiveTime priorityCode"),
    "act": _words("templateId id code statusCode effectiveTime entryRelationship"),
    "section": _words("templateId id code title text entry"),
}


def find(node: etree._Element, path: str) -> list[etree._Element]:
    return cast("list[etree._Element]", node.xpath(path, namespaces=NS))


def values(node: etree._Element, path: str) -> list[str]:
    return [str(each) for each in find(node, path)]


def names(node: etree._Element) -> list[str]:
    return [name for name, _ in groupby(etree.QName(child).localname for child in node)]
