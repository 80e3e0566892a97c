"""The smallest document of the samples, with a piece put where a test wants it, against the content model alone."""

from __future__ import annotations

import re

from lxml import etree

from tests.validators.cda import samples
from validators.cda.structure import check_content_model
from validators.messages import render
from validators.report import Issue, Report

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SECRETS = ("PAT-TROIS", "DOMINIQUE", "279035121518989", "IPP-1", "secret")
SECTION = "/ClinicalDocument/component[1]/structuredBody[1]/component[1]/section[1]"
ENTRY = f"{SECTION}/entry[1]"
_BODY = "<section/>"
LETTER = re.sub(
    "(<structuredBody>).*(</structuredBody>)",
    rf"\1<component>{_BODY}</component>\2",
    samples.LETTER.replace(f' xmlns:xsi="{XSI}"', ""),
    flags=re.DOTALL,
)
"""The letter of the samples with an empty section, which is enough for the content model."""

_PREFIXES = {
    "": "urn:hl7-org:v3",
    "xsi": XSI,
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "pharm": "urn:ihe:pharm:medication",
    "ps3-20": "urn:dicom-org:ps3-20",
}
_NAMES = " ".join(f'xmlns:{prefix}="{uri}"'.replace(":=", "=") for prefix, uri in _PREFIXES.items())


def parse(text: str) -> etree._Element:
    """A document as the opened ones are: no comment, no instruction."""
    return etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))


def with_piece(old: str, new: str) -> etree._Element:
    """The letter with one piece replaced by another, every prefix of the extensions declared."""
    text = LETTER.replace('xmlns="urn:hl7-org:v3"', _NAMES, 1)
    assert old in text, old
    return parse(text.replace(old, new, 1))


def with_section(xml: str) -> etree._Element:
    """The letter whose only section holds `xml`."""
    return with_piece(_BODY, f"<section>{xml}</section>")


def with_entry(xml: str) -> etree._Element:
    """The letter whose only section has one entry."""
    return with_section(f"<entry>{xml}</entry>")


def observation(inside: str, attributes: str = 'classCode="OBS" moodCode="EVN"') -> etree._Element:
    """The letter with one observation: its code, then `inside`."""
    return with_entry(f'<observation {attributes}><code code="X"/>{inside}</observation>')


def value(xml: str) -> etree._Element:
    """The letter with one observed value, written whole."""
    return observation(xml)


def check(root: etree._Element) -> Report:
    """The findings of the content model alone; each can be said in both languages and says nothing of the patient."""
    report = Report()
    check_content_model(root, report)
    for issue in report:
        assert issue.line
        for lang in ("fr", "en"):
            sentence = render(issue, lang)
            assert "{" not in sentence, sentence
            assert not any(secret in sentence for secret in SECRETS), sentence
    return report


def only(root: etree._Element) -> Issue:
    """The one issue of a document."""
    (issue,) = check(root)
    return issue
