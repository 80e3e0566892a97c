"""Bytes to a tree: whatever arrives, one located issue and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.validators.cda.samples import LETTER, NOW
from validators.cda import CdaDocument, Limits, check_cda, open_cda, xpath_of
from validators.messages import render
from validators.report import Mode, Report, Severity

BODY = LETTER.partition("?>")[2]
UTF8 = '<?xml version="1.0" encoding="UTF-8"?>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def opened(data: bytes, limits: Limits | None = None) -> tuple[CdaDocument | None, Report]:
    report = Report()
    return open_cda(data, report, limits=limits), report


def refusal(data: bytes, limits: Limits | None = None) -> str:
    document, report = opened(data, limits)
    assert document is None
    (issue,) = report
    assert issue.severity is Severity.FATAL
    assert not report.conformant
    assert all("{" not in render(issue, lang) for lang in ("fr", "en"))
    return issue.rule


@pytest.mark.parametrize(
    "data",
    [
        LETTER.encode(),
        b"\xef\xbb\xbf" + LETTER.encode(),
        LETTER.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
        LETTER.replace("UTF-8", "UTF-16").encode("utf-16"),
        LETTER.replace("<", "<c:")
        .replace("<c:/", "</c:")
        .replace("<c:?", "<?")
        .replace("xmlns=", "xmlns:c=")
        .replace('xsi:type="', 'xsi:type="c:')
        .encode(),
        (UTF8 + "<!-- <!DOCTYPE x> --><?note <!DOCTYPE?>" + BODY).encode(),
    ],
    ids=["plain", "bom", "latin-1", "utf-16", "prefixed", "commented"],
)
def test_legal_forms(data: bytes) -> None:
    document, report = opened(data)
    assert len(report) == 0
    assert document is not None
    assert not document.self_presenting
    assert check_cda(data, mode=Mode.PRODUCTION, now=NOW).report.valid


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "CDA-EMPTY"),
        (b" \r\n", "CDA-EMPTY"),
        (b"%PDF-1.7", "CDA-NOT-XML"),
        (b'{"resourceType": "Bundle"}', "CDA-NOT-XML"),
        (LETTER.encode()[:800], "CDA-XML"),
        (LETTER.replace("</title>", "", 1).encode(), "CDA-XML"),
        (b"<", "CDA-XML"),
        (b"<a x='1' x='2'/>", "CDA-XML"),
        (LETTER.encode("latin-1"), "CDA-ENCODING"),
        (LETTER.replace("UTF-8", "KLINGON").encode(), "CDA-ENCODING"),
        ((BOMB + BODY).encode(), "CDA-DTD"),
        ((UTF8 + "<!-- c --><?p?>\n<!DOCTYPE ClinicalDocument>" + BODY).encode(), "CDA-DTD"),
        (("<?xml version='1.0' encoding='UTF-16'?>" + BOMB + BODY).encode("utf-16"), "CDA-DTD"),
        ((UTF8 + '<!DOCTYPE c SYSTEM "file:///etc/passwd">' + BODY).encode(), "CDA-DTD"),
        (LETTER.replace("PARIS", "&xxe;").encode(), "CDA-DTD"),
        (LETTER.replace("urn:hl7-org:v3", "urn:other").encode(), "CDA-ROOT"),
        (LETTER.replace(' xmlns="urn:hl7-org:v3"', "").encode(), "CDA-ROOT"),
        (f"<wrap>{BODY}</wrap>".encode(), "CDA-ROOT"),
        (b"<a/>", "CDA-ROOT"),
        (b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform"/>', "CDA-ROOT"),
        (b"<a>" * 300 + b"</a>" * 300, "CDA-LIMIT"),
        (b"<a>" * 200 + b"</a>" * 200, "CDA-LIMIT"),
        (b"<a>" + b"x" * 10_500_000 + b"</a>", "CDA-LIMIT"),
        (b"<" + b"a" * 60_000 + b"/>", "CDA-LIMIT"),
        (LETTER.replace("<author>", "<author/>" * 5001 + "<author>").encode(), "CDA-LIMIT"),
    ],
)
def test_what_cannot_be_read_has_one_fatal_issue(data: bytes, rule: str) -> None:
    assert refusal(data) == rule


def test_a_size_limit() -> None:
    assert refusal(LETTER.encode(), Limits(max_bytes=100)) == "CDA-LIMIT"


def test_the_line_of_a_mistake_is_given() -> None:
    _, report = opened(LETTER.replace("</title>", "", 1).encode())
    (issue,) = report
    assert issue.line is not None
    assert issue.line > 10


def test_a_result_without_a_document() -> None:
    result = check_cda(b"", mode=Mode.SANDBOX)
    assert (result.document, result.header, result.ins, result.kind) == (None, None, None, None)
    assert not result.report.conformant
    assert result.report.countable is None


SELF_PRESENTING = f"""{UTF8}
<?xml-stylesheet type="text/xsl" href="#"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:data="urn:asip-sante:ci-sis">
  <xsl:template match="/"><xsl:message terminate="yes">never run</xsl:message></xsl:template>
  <data:Contenu>{BODY}</data:Contenu>
</xsl:stylesheet>"""


def test_a_self_presenting_document_is_extracted_and_never_run() -> None:
    document, report = opened(SELF_PRESENTING.encode())
    assert len(report) == 0
    assert document is not None
    assert document.self_presenting
    assert xpath_of(document.root) == "/ClinicalDocument"
    assert xpath_of(document.root[-1]) == "/ClinicalDocument/component[1]"
    assert check_cda(SELF_PRESENTING.encode(), mode=Mode.PRODUCTION, now=NOW).report.valid


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    check_cda(data, mode=Mode.SANDBOX, now=NOW)


@given(st.integers(0, len(LETTER)), st.integers(0, 60), st.text(alphabet="<>/&\"'!?[]ax \n", max_size=12))
def test_a_damaged_document_never_raises(start: int, length: int, patch: str) -> None:
    damaged = LETTER[:start] + patch + LETTER[start + length :]
    result = check_cda(damaged.encode(), mode=Mode.PRODUCTION, now=NOW)
    assert all("{" not in render(issue, "fr").replace("{element}", "") for issue in result.report)


def test_positions_count_siblings_of_the_same_name() -> None:
    root = etree.fromstring('<ClinicalDocument xmlns="urn:hl7-org:v3"><a/><b/><a><c/></a></ClinicalDocument>')
    assert xpath_of(root[2][0]) == "/ClinicalDocument/a[2]/c[1]"
