"""The two engines on their own: what libxml2 and Saxon say becomes findings, and what they cannot do is named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from tests.support.server import environment
from tests.validators.cda.official import small_kit
from tests.validators.cda.official.conftest import Check
from validators.cda.official import Kit, Official
from validators.cda.official._files import Store
from validators.cda.official._saxon import Saxon, SaxonError
from validators.cda.official._schema import Schema
from validators.cda.official._schematron import Schematron
from validators.report import Severity

IDENTITY = """<xsl:stylesheet version="3.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><o n="{count(//*)}"/></xsl:template></xsl:stylesheet>"""


class TestSaxon:
    def test_runs_a_style_sheet_on_a_part_of_a_document(self) -> None:
        saxon = Saxon()
        root = etree.fromstring("<a><b><c/></b>tail</a>")
        assert saxon.run(saxon.compile(IDENTITY), saxon.document(root[0])).get("n") == "2"

    def test_says_on_one_line_what_is_wrong_with_a_style_sheet(self) -> None:
        with pytest.raises(SaxonError) as caught:
            Saxon().compile(IDENTITY.replace("count(//*)", "count(("))
        assert "XPST0003" in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_says_what_stopped_it_and_goes_on_with_the_next(self) -> None:
        saxon = Saxon()
        document = saxon.document(etree.fromstring("<a/>"))
        with pytest.raises(SaxonError, match="boom"):
            saxon.run(saxon.compile(IDENTITY.replace("count(//*)", "error((), 'boom')")), document)
        assert saxon.run(saxon.compile(IDENTITY), document).get("n") == "1"

    def test_is_loaded_by_nobody_who_does_not_ask_for_it(self) -> None:
        code = "import sys, validators.cda.official, fhir_server.cli.official, fhir_server.cli.validate;"
        code += "sys.exit('saxonche' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], env=environment(), check=False).returncode == 0


class TestTheSchema:
    def test_that_does_not_compile_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "a.xsd"
        path.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include/></xs:schema>', "utf-8")
        with pytest.raises(etree.XMLSchemaParseError):
            Schema(path)

    def test_names_the_place_of_each_error_without_namespaces(self, kit: Path) -> None:
        root = etree.fromstring(
            '<ClinicalDocument xmlns="urn:hl7-org:v3"><a/><versionNumber value="x"/><versionNumber value="-1"/>'
            '<b xmlns="urn:other"/></ClinicalDocument>'
        )
        errors = Schema(kit / small_kit.SCHEMA).errors(root)
        places = list(dict.fromkeys(error.location for error in errors))
        assert places == [f"/ClinicalDocument/{step}" for step in ("versionNumber[1]", "versionNumber[2]", "b[1]")]
        assert all(error.severity is Severity.ERROR and "{" not in error.message for error in errors)
        assert all(error.assertion.startswith("SCHEMAV_") and error.line == 1 for error in errors)

    def test_says_a_hundred_errors_at_most(self, kit: Path) -> None:
        root = etree.fromstring(
            '<ClinicalDocument xmlns="urn:hl7-org:v3">' + "<versionNumber value='x'/>" * 500 + "</ClinicalDocument>"
        )
        assert len(Schema(kit / small_kit.SCHEMA).errors(root)) == 100


class TestASchematron:
    @pytest.mark.parametrize(
        ("role", "severity"),
        [
            ("error", Severity.ERROR), ("Warning", Severity.WARNING), ("info", Severity.INFORMATION),
            ("", Severity.ERROR), ("fatal", Severity.ERROR), ("hint", Severity.ERROR),
        ],
    )  # fmt: skip
    def test_gives_a_role_its_severity(
        self, check: Check, kit: Path, letter: bytes, role: str, severity: Severity
    ) -> None:
        small_kit.change(kit, small_kit.ANS, "<assert ", f'<assert role="{role}" ')
        result = check(letter.replace(b'realmCode code="FR"', b'realmCode code="BE"'))
        assert result.failed[-1].severity is severity
        assert result.valid is (severity is not Severity.ERROR)

    def test_that_stops_on_a_document_is_named_with_the_reason(self, kit: Path) -> None:
        saxon = Saxon()
        schematron = Schematron(Kit(kit), kit / small_kit.ANS, saxon, Store(None))
        schematron._executable = saxon.compile(IDENTITY.replace("count(//*)", "error((), 'boom')"))
        root = etree.fromstring("<a/>")
        failed, [defect] = schematron.run(saxon.document(root), root)
        assert (failed, defect.kind, defect.file) == ([], "schematron-stopped", small_kit.ANS)
        assert "boom" in defect.detail

    def test_keeps_its_style_sheet_and_its_defects(self, kit: Path, tmp_path: Path) -> None:
        small_kit.break_case(kit)
        store = Store(tmp_path / "made")
        first = Schematron(Kit(kit), kit / small_kit.IHE, Saxon(), store)
        [kept] = (tmp_path / "made").iterdir()
        assert set(json.loads(kept.read_bytes())) == {"stylesheet", "defects"}
        second = Schematron(Kit(kit), kit / small_kit.IHE, Saxon(), store)
        assert [d.kind for d in first.defects] == [d.kind for d in second.defects] == ["include-case"]


def test_many_documents_share_what_was_compiled(kit: Path, letter: bytes) -> None:
    official = Official(Kit(kit))
    results = [official.check(letter.replace(b'versionNumber value="1"', b'versionNumber value="%d"' % n))
               for n in range(95, 105)]  # fmt: skip
    assert [result.valid for result in results] == [True] * 5 + [False] * 5
