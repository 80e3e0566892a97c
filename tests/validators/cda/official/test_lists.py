"""Paths to value sets written in a schematron: left alone, put right, made again, or named."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from validators.cda.official._files import Store
from validators.cda.official._lists import mend_lists
from validators.cda.official._source import Source

SVS = "urn:ihe:iti:svs:2008"
OID = "1.2.250.1.213.1.1.5.471"


class Mend:
    """A kit of one schematron, in a folder as deep as the real ones; what its `test` becomes, and the defects."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root.parent / "made")
        (root / "schematrons").mkdir(parents=True)
        (root / "jeuxDeValeurs").mkdir()
        self.list("JDV_Mode_CISIS.xml", "1.2.3")

    def list(self, name: str, oid: str, codes: str = "a") -> Path:
        concepts = "".join(f'<Concept code="{code}" codeSystem="s" displayName="D" dateValid="x"/>' for code in codes)
        path = self.root / "jeuxDeValeurs" / name
        path.write_text(
            f'<R xmlns="{SVS}"><ValueSet id="{oid}"><ConceptList>{concepts}</ConceptList></ValueSet></R>',
            encoding="utf-8",
        )
        return path

    def __call__(self, test: str, attribute: str = "test") -> tuple[str, list[str]]:
        path = self.root / "schematrons/main.sch"
        schema = etree.Element("{http://purl.oclc.org/dsdl/schematron}schema")
        etree.SubElement(schema, "{http://purl.oclc.org/dsdl/schematron}assert", {attribute: test})
        path.write_bytes(etree.tostring(schema))
        source = Source(self.root, path)
        mend_lists(source, self.root, self.store)
        return str(source.schema[0].get(attribute)), [defect.kind for defect in source.defects]


@pytest.fixture
def mend(tmp_path: Path) -> Mend:
    return Mend(tmp_path / "kit")


@pytest.mark.parametrize("attribute", ["test", "value", "select"])
@pytest.mark.parametrize(
    "test", ["'../jeuxDeValeurs/JDV_Mode_CISIS.xml'", 'x("../jeuxDeValeurs/JDV_Mode_CISIS.xml")/y']
)
def test_a_path_that_leads_somewhere_stays(mend: Mend, test: str, attribute: str) -> None:
    assert mend(test, attribute) == (test, [])


@pytest.mark.parametrize(
    "test",
    ["a/b/c", "@x = 'a/b'", "concat($path, '2.16.xml')", "'urn:x/y.txt'", "matches(., '^a/b$')", "'text with / in it'"],
)
def test_what_is_no_path_to_a_list_stays(mend: Mend, test: str) -> None:
    assert mend(test) == (test, [])


def test_a_path_in_another_case_is_written_as_the_file(mend: Mend) -> None:
    text, kinds = mend("document('../jeuxdevaleurs/JDV_mode_CISIS.xml')//x")
    assert text == f"document('{(mend.root / 'jeuxDeValeurs/JDV_Mode_CISIS.xml').as_uri()}')//x"
    assert kinds == ["value-set-case"]


def test_several_paths_of_one_test_are_each_looked_at(mend: Mend) -> None:
    one, two = "'../jeuxDeValeurs/JDV_Mode_CISIS.xml'", "'../jeuxDeValeurs/JDV_Autre_CISIS.xml'"
    text, kinds = mend(f"document({one})//a or document({two})//b or document({two})//c")
    assert (text.count(one), text.count(two), kinds) == (1, 2, ["value-set-missing"])


def test_a_path_out_of_the_kit_is_missing(mend: Mend) -> None:
    (mend.root.parent / "out.xml").write_text("<x/>", encoding="utf-8")
    assert mend("doc('../../out.xml')")[1] == ["value-set-missing"]


def test_an_empty_list_is_named(mend: Mend) -> None:
    mend.list("JDV_Vide_CISIS.xml", "1").write_bytes(b"")
    assert mend("document('../jeuxDeValeurs/JDV_Vide_CISIS.xml')")[1] == ["value-set-empty"]


def test_a_folder_that_is_not_there_is_named(mend: Mend) -> None:
    assert mend("'../terminologie/'") == ("'../terminologie/'", ["terminology-missing"])
    (mend.root / "terminologie").mkdir()
    assert mend("'../terminologie/'") == ("'../terminologie/'", [])


class TestAHeaderList:
    TEST = f"@code = doc('include/voc-{OID}-DYNAMIC.xml')/*/valueSet/conceptList/concept/@code"

    def test_is_made_again_from_the_value_set_of_its_oid(self, mend: Mend) -> None:
        mend.list("JDV_Autre.xml", f"{OID}.1", "z")
        mend.list("JDV_J07_XdsTypeCode_CISIS.xml", OID, "ab")
        text, kinds = mend(self.TEST)
        assert kinds == ["value-set-rebuilt"]
        made = etree.parse(text.partition("file://")[2].partition("'")[0])
        concepts = made.findall("valueSet/conceptList/concept")
        assert [dict(concept.attrib) for concept in concepts] == [
            {"code": code, "codeSystem": "s", "displayName": "D"} for code in "ab"
        ]

    @pytest.mark.parametrize("content", [None, b"", f"<!-- id={OID} -->".encode(), f"<a id='{OID}'/>".encode()])
    def test_without_a_value_set_that_can_be_read_is_missing(self, mend: Mend, content: bytes | None) -> None:
        if content is not None:
            mend.list("JDV_J07.xml", OID).write_bytes(content)
        assert mend(self.TEST) == (self.TEST, ["value-set-missing"])

    def test_without_a_place_to_write_it_is_missing(self, mend: Mend) -> None:
        mend.list("JDV_J07.xml", OID)
        mend.store = Store(None)
        assert mend(self.TEST) == (self.TEST, ["value-set-missing"])
