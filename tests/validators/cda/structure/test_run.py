"""Running the schema: places, folding with the rules of the header, bounds, and what is never said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import pytest
from lxml import etree

from tests.validators.cda.samples import Edit, add, document, put, remove, repeat
from tests.validators.cda.structure.pieces import LETTER, SECTION, check, observation, only, parse, with_section
from validators.cda import check_cda, open_cda
from validators.cda.structure import check_content_model
from validators.cda.structure._run import LARGE, MOST_FINDINGS, element_at
from validators.messages import rule
from validators.report import Mode, Report, Severity

WRONG = '<br a=""/>'


def whole(data: bytes) -> Report:
    """Every rule of ours on a document."""
    return check_cda(data, mode=Mode.SANDBOX).report


FOLDED: list[tuple[str, Edit]] = [
    ("CDA-TYPEID", remove("typeId")),
    ("CDA-TYPEID", repeat("typeId")),
    ("CDA-TYPEID", put("typeId", root="1.2.3")),
    ("CDA-HEADER-MISSING", remove("effectiveTime")),
    ("CDA-HEADER-MISSING", remove("recordTarget")),
    ("CDA-HEADER-MISSING", remove("component")),
    ("CDA-HEADER-MISSING", remove("componentOf/encompassingEncounter/effectiveTime")),
    ("CDA-HEADER-MISSING", remove("custodian/assignedCustodian/representedCustodianOrganization/id")),
    ("CDA-HEADER-MANY", repeat("legalAuthenticator")),
    ("CDA-HEADER-MANY", repeat("setId")),
    ("CDA-BODY", remove("component/structuredBody")),
    ("CDA-ID-FORM", put("id", root="1.02")),
    ("CDA-ID-FORM", put("setId", extension="")),
    ("CDA-TIME", put("effectiveTime", value="2026-02-01")),
    ("CDA-VERSION", put("versionNumber", value="v1")),
    ("CDA-HEADER-VALUE", put("participant", typeCode="ZZZ")),
    ("INS-BIRTH-DATE", put("recordTarget/patientRole/patient/birthTime", value="28/03/1979")),
]


@pytest.mark.parametrize(("said", "edit"), FOLDED)
def test_what_a_rule_says_already_is_not_repeated(said: str, edit: Edit) -> None:
    rules = whole(document(edit)).rules()
    assert said in rules
    assert [found for found in rules if found.startswith("CDA-SCHEMA-")] == []


@pytest.mark.parametrize(
    ("said", "edit"),
    [
        ("CDA-SCHEMA-ORDER", add("", "<inconnu/>")),
        ("CDA-SCHEMA-ATTRIBUTE", put("title", inconnu="x")),
        ("CDA-SCHEMA-VALUE", put("recordTarget", typeCode="AUT")),
        ("CDA-SCHEMA-TYPE", put("code", codeSystemName="")),
    ],
)
def test_what_no_rule_says_is_said(said: str, edit: Edit) -> None:
    assert said in whole(document(edit)).rules()


def test_only_an_error_of_ours_makes_the_schema_silent() -> None:
    """A warning refuses nothing: without the schema's own error the document would pass."""
    root = parse(LETTER.replace('<versionNumber value="1"/>', '<versionNumber value="x"/>'))
    report = Report()
    place = "/ClinicalDocument/versionNumber[1]"
    report.add(rule("CDA-VERSION"), place, severity=Severity.WARNING)
    check_content_model(root, report)
    assert report.rules() == {"CDA-VERSION", "CDA-SCHEMA-TYPE"}


def test_another_fault_of_the_same_element_is_said() -> None:
    root = parse(LETTER.replace('<setId root="1.2.3.4"/>', '<setId root="1.02" inconnu="x"/>'))
    report = Report()
    report.add(rule("CDA-ID-FORM"), "/ClinicalDocument/setId[1]")
    check_content_model(root, report)
    assert [issue.params.get("attribute") for issue in report] == [None, "inconnu"]


def test_the_place_and_the_line() -> None:
    issue = only(parse(LETTER.replace("<patient>", "<patient>\n<prenom>secret</prenom>")))
    assert issue.location == "/ClinicalDocument/recordTarget[1]/patientRole[1]/patient[1]/prenom[1]"
    assert issue.line == LETTER[: LETTER.index("<patient>")].count("\n") + 2


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/*", "a"),
        ("/a", "a"),
        ("/*/*[2]", "c"),
        ("/*/x:c", "d"),
        ("/*/x:c[2]", "e"),
        ("/*/f/*[1]", "g"),
        ("/*/f/missing[3]", "f"),
        ("/*/*[99]", "a"),
    ],
)
def test_an_element_is_found_again(path: str, place: str) -> None:
    root = etree.fromstring(
        "<a xmlns:x='urn:x' n='a'><b n='b'/><c n='c'/><x:c n='d'/><!-- --><x:c n='e'/>"
        "<f n='f'><!-- --><g n='g'/></f></a>"
    )
    assert element_at(root, path).get("n") == place


@pytest.mark.parametrize("old", [("<", "</"), ("<c:", "</c:")], ids=["default", "prefix"])
def test_places_do_not_depend_on_prefixes(old: tuple[str, str]) -> None:
    text = LETTER.split("?>", 1)[1].replace("<section/>", "<section><text><table/></text></section>")
    text = text.replace("</", "\0").replace("<", old[0]).replace("\0", old[1])
    if "c:" in old[0]:
        text = text.replace("xmlns=", "xmlns:c=")
    assert only(parse(text)).location == f"{SECTION}/text[1]/table[1]"


def test_a_self_presenting_document_is_read_from_the_clinical_document() -> None:
    broken = LETTER.split("?>", 1)[1].replace("<section/>", "<section><text><table/></text></section>")
    data = (
        '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0" '
        f'xmlns:data="urn:asip-sante:ci-sis"><data:Contenu>{broken}</data:Contenu></xsl:stylesheet>'
    ).encode()
    opened = open_cda(data, Report())
    assert opened is not None
    assert only(opened.root).location == f"{SECTION}/text[1]/table[1]"
    assert opened.root.getparent() is not None


def test_findings_are_bounded() -> None:
    report = check(with_section(f"<text>{WRONG * 200}</text>"))
    assert len(report) == MOST_FINDINGS


def test_one_finding_an_attribute() -> None:
    """libxml2 refuses a list twice: the code that is not in it, then the whole."""
    assert len(check(observation('<value xsi:type="TEL" use="HOME OFFICE HP"/>'))) == 1


def large(piece: str) -> etree._Element:
    return with_section(f"<text>{piece * (LARGE + 1)}</text>")


def test_a_large_document_that_is_right() -> None:
    assert list(check(large("<br/>"))) == []


def test_a_large_document_that_is_wrong_is_refused_without_places() -> None:
    started = perf_counter()
    issue = only(large(WRONG))
    assert (issue.rule, issue.location) == ("CDA-SCHEMA-ATTRIBUTE", "/ClinicalDocument")
    assert perf_counter() - started < 2


def test_a_large_document_that_is_wrong_at_its_end() -> None:
    root = large("<br/>")
    etree.SubElement(root, "{urn:hl7-org:v3}inconnu")
    assert only(root).params["found"] == "inconnu"
    del root[-1], root[-1]
    assert only(root).params["found"] == "/ClinicalDocument"


def test_threads_do_not_mix_their_findings() -> None:
    right, wrong = document(), document(put("title", inconnu="x"))

    def found(data: bytes) -> int:
        report = Report()
        check_content_model(etree.fromstring(data), report)
        return len(report)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(found, [right, wrong] * 50)) == [0, 1] * 50


def test_the_tree_is_left_as_it_was() -> None:
    root = parse(LETTER)
    before = etree.tostring(root)
    check_content_model(root, Report())
    check_content_model(root, Report())
    assert etree.tostring(root) == before
