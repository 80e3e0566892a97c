"""The visit itself: what it looks at, what it refuses to look at, how much it says."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from tests.validators.cda.rules.documents import judged, sets, source, tree
from tests.validators.cda.rules.pieces import SNOMED, t
from tests.validators.cda.samples import LETTER, LEVEL_1, NOW, V3
from validators.cda import check_cda, read_header
from validators.cda._tree import HeaderIndex
from validators.cda.rules._body import _models
from validators.cda.rules._engine import index_templates
from validators.cda.rules._xpath import translate
from validators.report import Mode, Report, Severity
from validators.terminology import CodeList, ValueSets

SES = '<templateId root="1.2.250.1.213.1.1.1.29" extension="2022.01"/>'


def read(text: str) -> Report:
    return judged(etree.fromstring(text.encode()))


def check(text: str, value_sets: ValueSets | None = None) -> Report:
    return check_cda(text.encode(), mode=Mode.PRODUCTION, now=NOW, value_sets=value_sets).report


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("T(1.2)", "h:templateId[@root='1.2']"),
        ("entry[@typeCode='COMP']/act", "h:entry[@typeCode='COMP']/h:act"),
        ("count(id)=1 and not(code)", "count(h:id)=1 and not(h:code)"),
        ("self::act or parent::entry", "self::h:act or parent::h:entry"),
        (".//T(1)", "./descendant::h:templateId[@root='1']"),
        ("pharm:formCode|ps3-20:accessionNumber", "pharm:formCode|ps3-20:accessionNumber"),
        ("$n/code/@code", "$n/h:code/@code"),
        ("text/text()", "h:text/text()"),
        ('title="a and b"', 'h:title="a and b"'),
        ("TYPE(CD)", "(@xsi:type='CD' or substring-after(@xsi:type,':')='CD')"),
    ],
)
def test_translation(written: str, meant: str) -> None:
    assert translate(written) == meant


def test_prefixes_change_nothing() -> None:
    for family in ("LDL-SES", "SHARED", "BIO", "IMG", "SDM", "PRESC"):
        text = source(family).decode().replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")
        for prefix in ("sdtc", "lab", "ps3-20"):
            text = text.replace(f"c:{prefix}:", f"{prefix}:")
        text = text.replace("xmlns=", "xmlns:c=", 1).replace('xsi:type="', 'xsi:type="c:').replace(
            "xsi:type='", "xsi:type='c:"
        )  # fmt: skip
        root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True))
        assert judged(root, sets()).rules() <= {"CDA-DISPLAY"}, family


def test_legal_variants_are_accepted() -> None:
    assert read(LETTER.replace(SES, SES + t("9.9.9"))).conformant
    biology = source("BIO").decode().replace("Compte rendu d'examens biologiques", "Bilan sanguin")
    assert judged(etree.fromstring(biology.encode()), sets()).rules() == {"BIO-TITLE-USUAL"}
    root = tree("IMG")
    (series,) = index_templates(root)["1.2.840.10008.9.17"]
    link = series.getparent()
    assert link is not None
    link.addnext(etree.fromstring(etree.tostring(link)))
    assert judged(root, sets()).conformant


def test_a_level_1_document_gets_the_header_only() -> None:
    assert check(LEVEL_1).rules() == set()
    assert read(LEVEL_1.replace('qualifier="BR">DOM', 'qualifier="BR" nullFlavor="UNK" code="x">DOM')).rules()


def test_other_models_are_said_not_to_be_covered() -> None:
    text = LETTER.replace(SES, '<templateId root="1.2.250.1.213.1.1.1.16" extension="2022.01"/>')
    (issue,) = read(text.replace('moodCode="EVN"', 'moodCode="EVN" '))
    assert (issue.rule, issue.severity, issue.params["model"]) == (
        "CDA-VOLET-NOT-COVERED", Severity.INFORMATION, "AVC-EUNV",
    )  # fmt: skip
    broken = read(text.replace('<statusCode code="completed"/>', "", 1))
    assert "ENT-SIMPLE-OBSERVATION-STATUS" in broken.rules()


@pytest.mark.parametrize(
    ("extension", "version"),
    [(' extension="2023.01"', "2023.01"), ("", "2021.01"), (' extension="1999.01"', "2024.01")],
)
def test_the_version_chooses_the_rows(extension: str, version: str) -> None:
    model = f'<templateId root="1.2.250.1.213.1.1.1.55"{extension}/>'
    header = read_header(HeaderIndex(etree.fromstring(LETTER.replace(SES, model).encode())))
    assert _models(header) == {("1.2.250.1.213.1.1.1.55", version)}


def test_the_two_modes_of_a_stay() -> None:
    for wrong, rule in (("8715000", "LDL-SES-ADMISSION-SET"), ("160849004", "LDL-SES-DISCHARGE-SET")):
        (issue,) = read(LETTER.replace(f'code="{wrong}"', 'code="73211009"'))
        assert (issue.rule, issue.severity, issue.params["found"]) == (rule, Severity.ERROR, "73211009")
    null = LETTER.replace(f'code="8715000" codeSystem="{SNOMED}"', 'nullFlavor="UNK"')
    assert read(null).rules() == {"LDL-SES-ADMISSION-SET"}
    half = LETTER.replace(f'code="8715000" codeSystem="{SNOMED}"', 'code="8715000"')
    assert read(half).rules() == {"LDL-SES-ADMISSION-SET"}


def test_a_value_of_another_type_is_not_looked_for() -> None:
    text = LETTER.replace('xsi:type="CE" code="8715000"', 'xsi:type="ST" code="x"')
    assert read(text).rules() == set()


def test_the_missing_sets_are_said_once() -> None:
    root = tree("BIO")
    issues = [issue for issue in judged(root) if issue.rule == "CDA-VALUE-SET-MISSING"]
    assert len(issues) == 1
    names = issues[0].params["names"].split(", ")
    assert "JDV_HL7_ObservationInterpretation" in names
    assert len(names) == len(set(names))
    assert {issue.severity for issue in issues} == {Severity.INFORMATION}
    assert judged(root).conformant


def test_other_words_than_the_set_are_a_warning() -> None:
    named = LETTER.replace('code="8715000"', 'code="8715000" displayName="sortie"')
    (issue,) = read(named)
    assert (issue.rule, issue.severity) == ("CDA-DISPLAY", Severity.WARNING)
    facility = ValueSets([CodeList("1.2", ("JDV_J02_X_CISIS",), {"1.2.250.1.71.4.2.4": {"SA01": "Hôpital"}})])
    words = LETTER.replace('code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="x"',
                           'code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="Cabinet"')  # fmt: skip
    assert "HDR-ENCOUNTER-FACILITY-WORDS" in check(words, facility).rules()


def test_references_without_an_anchor() -> None:
    report = read(LETTER.replace('<text><reference value="#t"/>', '<text><reference value="#u"/>', 1))
    (issue,) = report
    assert (issue.rule, issue.severity) == ("CDA-REFERENCE", Severity.WARNING)
    assert issue.location.endswith("/text[1]/reference[1]")
    assert read(LETTER.replace('value="#t"', 'value="http://x"', 1)).rules() == set()


def test_an_interval_of_the_body_upside_down() -> None:
    text = LETTER.replace(
        '<low value="20260101"/><high value="20260102"/>', '<low value="20260103"/><high value="2025"/>'
    )
    (issue,) = read(text)
    assert (issue.rule, issue.severity) == ("CDA-BODY-INTERVAL", Severity.ERROR)
    unread = LETTER.replace('<low value="20260101"/><high value="20260102"/>', '<low value="x"/><high value="2025"/>')
    assert read(unread).rules() == set()


def test_a_mandatory_section_without_text_or_title() -> None:
    title = "<title>Titre</title><text ID='t'>Texte</text>"
    assert read(LETTER.replace(title, "<text ID='t'>Texte</text>")).rules() == {
        "LDL-SES-SECTION-STATUS-TITLE", "SEC-DOCUMENT-STATUS-TITLE",
    }  # fmt: skip
    empty = LETTER.replace(title, "<title>Titre</title><text ID='t'> </text>")
    assert read(empty).rules() == {"LDL-SES-SECTION-STATUS-TEXT"}


def test_the_same_observation_twice() -> None:
    start = LETTER.index("<entry>", LETTER.index("42545-4"))
    end = LETTER.index("</entry>", start) + len("</entry>")
    assert read(LETTER[:end] + LETTER[start:]).rules() == {"LDL-SES-SUMMARY-ADMISSION"}


def test_how_much_is_said_is_bounded() -> None:
    entry = f"<entry><observation>{t('1.3.6.1.4.1.19376.1.5.3.1.4.13')}</observation></entry>"
    text = LETTER.replace("</section>", entry * 5000 + "</section>", 1)
    started = time.process_time()
    report = read(text)
    assert time.process_time() - started < 5
    places = [issue for issue in report if issue.rule == "ENT-SIMPLE-OBSERVATION-STATUS"]
    assert len(places) == 25
    assert sum(issue.rule == "CDA-BODY-MORE" for issue in report) == 1
    assert len(report) <= 202


def test_nested_templates_take_bounded_time() -> None:
    opening = f"<component><section>{t('1.3.6.1.4.1.19376.1.5.3.1.3.1', '1.3.6.1.4.1.19376.1.5.3.1.3.6')}" * 40
    nested = opening + "</section></component>" * 40
    root = etree.fromstring(LETTER.replace("<structuredBody>", f"<structuredBody>{nested * 30}").encode())
    started = time.process_time()
    judged(root)
    assert time.process_time() - started < 5


def test_a_templateid_out_of_place_is_no_surprise() -> None:
    root = etree.fromstring(f'<x xmlns="{V3}"><templateId root="1"/><templateId/></x>'.encode())
    assert index_templates(root).keys() == {"1"}
    orphan = etree.fromstring(f'<templateId xmlns="{V3}" root="1"/>'.encode())
    assert index_templates(orphan) == {}


def test_no_issue_quotes_an_identity_or_a_text() -> None:
    root = tree("SHARED")
    for element in list(root.iter(f"{{{V3}}}statusCode", f"{{{V3}}}value", f"{{{V3}}}text", f"{{{V3}}}id")):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    for issue in judged(root, sets()):
        for value in issue.params.values():
            assert not any(secret in value for secret in ("MEDECIN", "PAT-TROIS", "801234567897", "Texte", "IPP"))
