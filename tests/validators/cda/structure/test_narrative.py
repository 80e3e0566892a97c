"""The narrative block (StrucDoc.Text): what may be written in a section, and what may not."""

from __future__ import annotations

import pytest

from tests.validators.cda.structure.pieces import SECTION, check, only, with_section

TABLE = "<table><tbody><tr><td>1</td></tr></tbody></table>"

VALID = [
    "",
    "du texte, <content ID='a' styleCode='Bold Italics' revised='insert'>un <sup>peu</sup><br/> riche</content>",
    "<paragraph><caption>x <sub>y</sub></caption>z <linkHtml href='#a' title='t'>lien</linkHtml></paragraph>",
    "<list listType='ordered'><caption>x</caption><item>1</item><item><list><item/></list></item></list>",
    TABLE,
    "<table border='1' frame='box' rules='all' width='100%'><caption>x</caption><col align='left' span='2'/><thead><tr>"
    "<th scope='col'>x</th></tr></thead><tfoot><tr><td/></tr></tfoot><tbody ID='t'><tr valign='top'><td colspan='2'>"
    "<paragraph>1</paragraph><list><item/></list></td></tr></tbody><tbody><tr><td/></tr></tbody></table>",
    "<table><colgroup><col/></colgroup><tbody><tr><td/></tr></tbody></table>",
    "<footnote ID='f'>x <paragraph/></footnote><footnoteRef IDREF='f'/>",
    "<renderMultiMedia referencedObject='M1 M2'><caption>x</caption></renderMultiMedia>",
]


@pytest.mark.parametrize("xml", VALID)
def test_narrative(xml: str) -> None:
    assert list(check(with_section(f"<text>{xml}</text>"))) == []


INVALID = [
    ("<p>x</p>", "ORDER", "/p[1]", {"found": "p"}),
    ("<table/>", "ORDER", "/table[1]", {"found": "/table"}),
    ("<table><tr><td/></tr></table>", "ORDER", "/table[1]/tr[1]", {"found": "tr"}),
    ("<table>x<tbody><tr><td/></tr></tbody></table>", "TEXT", "/table[1]", {"element": "table"}),
    (
        f"<table><tbody><tr><td>{TABLE}</td></tr></tbody></table>",
        "ORDER",
        "/table[1]/tbody[1]/tr[1]/td[1]/table[1]",
        {},
    ),
    ("<table><tbody><tr/></tbody></table>", "ORDER", "/table[1]/tbody[1]/tr[1]", {"expected": "th, td"}),
    ("<list/>", "ORDER", "/list[1]", {"found": "/list", "expected": "caption, item"}),
    ("<list listType='bullet'><item/></list>", "VALUE", "/list[1]", {"expected": "ordered, unordered"}),
    ("<paragraph><list><item/></list></paragraph>", "ORDER", "/paragraph[1]/list[1]", {"found": "list"}),
    ("<br>x</br>", "TEXT", "/br[1]", {"element": "br"}),
    ("<content id='a'/>", "ATTRIBUTE", "/content[1]", {"attribute": "id", "card": "0..0"}),
    ("<content ID='1'/>", "TYPE", "/content[1]", {"attribute": "ID", "type": "ID"}),
    ("<content ID='a'/><content ID='a'/>", "TYPE", "/content[2]", {"attribute": "ID", "type": "ID"}),
    ("<footnoteRef/>", "ATTRIBUTE", "/footnoteRef[1]", {"attribute": "IDREF", "card": "1..1"}),
    ("<renderMultiMedia/>", "ATTRIBUTE", "/renderMultiMedia[1]", {"attribute": "referencedObject", "card": "1..1"}),
    ("<content xmlns='urn:x'/>", "ORDER", "/content[1]", {"found": "content"}),
]


@pytest.mark.parametrize(("xml", "rule", "place", "params"), INVALID)
def test_what_is_no_narrative(xml: str, rule: str, place: str, params: dict[str, str]) -> None:
    issue = only(with_section(f"<text>{xml}</text>"))
    assert (issue.rule, issue.location) == (f"CDA-SCHEMA-{rule}", f"{SECTION}/text[1]{place}")
    assert dict(issue.params) | params == issue.params


def test_the_media_type_is_fixed() -> None:
    assert list(check(with_section("<text mediaType='text/x-hl7-text+xml' ID='x'/>"))) == []
    issue = only(with_section("<text mediaType='text/plain'/>"))
    assert (issue.rule, issue.params["expected"]) == ("CDA-SCHEMA-VALUE", "text/x-hl7-text+xml")


def test_a_reference_to_nothing_is_not_of_the_schema() -> None:
    """XML Schema could tell (IDREF); libxml2 and the national kit do not."""
    assert list(check(with_section("<text><footnoteRef IDREF='nowhere'/></text>"))) == []
