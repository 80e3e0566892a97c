"""ISO Schematron made runnable: each element of the language on the smallest document that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from validators.cda.official._compile import stylesheet
from validators.cda.official._saxon import Saxon, SaxonError
from validators.cda.official._source import Source

DOCUMENT = '<a xmlns:b="urn:b"><c n="1" m="x"/><c n="2"/><b:d>text</b:d></a>'
SCH = 'xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2"'


@pytest.fixture(scope="module")
def saxon() -> Saxon:
    return Saxon()


class Run:
    """Writes a schematron and its includes, runs it, gives `assertion location message` of what failed."""

    def __init__(self, folder: Path, saxon: Saxon) -> None:
        self.folder, self._saxon = folder, saxon
        self.defects: list[str] = []

    def __call__(self, body: str, attributes: str = "", **files: str) -> list[str]:
        for name, text in files.items():
            (self.folder / f"{name}.sch").write_text(text, encoding="utf-8")
        path = self.folder / "main.sch"
        path.write_text(f"<schema {SCH} {attributes}>{body}</schema>", encoding="utf-8")
        source = Source(self.folder, path)
        self.defects = [defect.kind for defect in source.defects]
        document = self._saxon.document(etree.fromstring(DOCUMENT))
        written = self._saxon.run(self._saxon.compile(stylesheet(source)), document)
        return [f"{item.tag} {item.get('assertion')} {item.get('location')} {said(item)}" for item in written]


def said(item: etree._Element) -> str:
    return " ".join("".join(str(part) for part in item.itertext()).split())


@pytest.fixture
def run(tmp_path: Path, saxon: Saxon) -> Run:
    return Run(tmp_path, saxon)


def rule(context: str, *tests: str) -> str:
    asserts = "".join(f'<assert test="{test}">{rank}</assert>' for rank, test in enumerate(tests))
    return f'<rule context="{context}">{asserts}</rule>'


class TestRules:
    def test_assert_and_report(self, run: Run) -> None:
        body = '<pattern id="p"><rule context="a"><assert test="c">no</assert><assert test="e">yes</assert>'
        body += '<report test="c">seen</report><report test="e">unseen</report></rule></pattern>'
        assert run(body) == ["failed p/1.2 /a yes", "failed p/1.3 /a seen"]

    def test_places_have_positions_and_no_prefix(self, run: Run) -> None:
        body = f'<ns prefix="b" uri="urn:b"/><pattern id="p">{rule("c[2]", "0")}{rule("b:d", "0")}</pattern>'
        assert run(body) == ["failed p/1.1 /a/c[2] 0", "failed p/2.1 /a/d[1] 0"]

    def test_the_first_rule_of_a_pattern_takes_the_node(self, run: Run) -> None:
        body = (
            f'<pattern id="p">{rule("c[@m]", "0")}{rule("c", "0")}</pattern><pattern id="q">{rule("c", "0")}</pattern>'
        )
        assert [line[7:12] for line in run(body)] == ["p/1.1", "p/2.1", "q/1.1", "q/1.1"]

    def test_attributes_text_and_the_document_are_contexts_too(self, run: Run) -> None:
        body = f'<pattern id="p">{rule("/", "0")}{rule("c/@m", "0")}{rule("text()", "0")}</pattern>'
        assert run(body) == ["failed p/1.1  0", "failed p/2.1 /a/c[1]/@m 0", "failed p/3.1 /a/d[1] 0"]

    def test_roles_and_messages(self, run: Run) -> None:
        body = '<pattern id="p"><rule context="c[1]"><assert role="{x}" test="0"> a <emph>b</emph> <name/> '
        body += '<value-of select="@n"/>{y} <name path=".."/><!-- - --> z</assert></rule></pattern>'
        assert run(body) == ["failed p/1.1 /a/c[1] a b c 1{y} a z"]

    def test_a_pattern_without_id_is_known_by_its_rank(self, run: Run) -> None:
        assert run(f"<pattern>{rule('a', '0')}</pattern>") == ["failed p1/1.1 /a 0"]


class TestVariables:
    def test_of_the_schema_the_pattern_and_the_rule(self, run: Run) -> None:
        body = '<let name="one" value="1"/><pattern id="p"><let name="two" value="$one + 1"/><rule context="c">'
        body += '<let name="n" value="number(@n)"/><assert test="$n = $one"><value-of select="$two"/></assert>'
        body += '<let name="n" value="7"/><assert test="$n = 7">shadowed</assert></rule></pattern>'
        assert run(body) == ["failed p/1.1 /a/c[2] 2"]

    def test_a_name_said_twice_counts_once(self, run: Run) -> None:
        body = '<pattern id="p"><let name="v" value="1"/></pattern>'
        body += f'<pattern id="q"><let name="v" value="2"/>{rule("a", "$v = 1")}</pattern>'
        assert run(body) == []

    def test_that_opens_an_absent_file_costs_the_rules_that_use_it(self, run: Run) -> None:
        body = '<let name="list" value="doc(\'absent.xml\')"/>'
        body += f'<pattern id="p">{rule("a", "$list//x", "0")}{rule("c[1]", "0")}</pattern>'
        broken, failed = run(body)
        assert broken.startswith("broken p/1 /a ")
        assert failed == "failed p/2.1 /a/c[1] 0"

    def test_that_is_made_of_one_that_opens_a_file_goes_where_it_goes(self, run: Run) -> None:
        (run.folder / "list.xml").write_text("<l><x>1</x></l>", encoding="utf-8")
        body = '<let name="list" value="doc(\'list.xml\')"/><let name="codes" value="$list//x"/>'
        body += '<let name="codes-2" value="2"/>'
        assert run(f'{body}<pattern id="p">{rule("c", "@n = $codes or @n = $codes-2")}</pattern>') == []
        assert run(f'{body}<pattern id="p">{rule("c", "@n = $codes")}</pattern>') == ["failed p/1.1 /a/c[2] 0"]

    def test_that_opens_a_file_may_be_in_a_context(self, run: Run) -> None:
        (run.folder / "list.xml").write_text("<l><x>1</x></l>", encoding="utf-8")
        body = '<let name="list" value="doc(\'list.xml\')"/>'
        assert run(f'{body}<pattern id="p">{rule("c[@n = $list//x]", "0")}</pattern>') == ["failed p/1.1 /a/c[1] 0"]

    def test_that_opens_a_file_is_read_where_the_schematron_is(self, run: Run) -> None:
        (run.folder / "list.xml").write_text("<l><x>1</x></l>", encoding="utf-8")
        body = '<pattern id="p"><let name="list" value="document(\'list.xml\')"/>'
        assert run(body + rule("c", "@n = $list//x") + "</pattern>") == ["failed p/1.1 /a/c[2] 0"]


class TestPhases:
    BODY = f'<phase id="f"><active pattern="p"/></phase><pattern id="p">{rule("a", "0")}</pattern>'

    def test_the_default_phase_decides(self, run: Run) -> None:
        other = f'<pattern id="q">{rule("a", "0")}</pattern>'
        assert run(self.BODY + other, 'defaultPhase="f"') == ["failed p/1.1 /a 0"]
        assert len(run(self.BODY + other)) == len(run(self.BODY + other, 'defaultPhase="#ALL"')) == 2


class TestAbstract:
    def test_patterns_take_parameters(self, run: Run) -> None:
        body = '<pattern abstract="true" id="abs"><rule context="$where">'
        body += '<assert test="@n = $value and $value_long"><value-of select="$value"/></assert></rule></pattern>'
        body += '<let name="value_long" value="true()"/><pattern id="p" is-a="abs"><param name="where" value="c"/>'
        assert run(body + '<param name="value" value="2"/></pattern>') == ["failed p/1.1 /a/c[1] 2"]

    def test_a_pattern_of_an_absent_one_is_left_out_and_named(self, run: Run) -> None:
        assert run(f'<pattern id="p" is-a="gone"/><pattern id="q">{rule("a", "0")}</pattern>') == ["failed q/1.1 /a 0"]
        assert run.defects == ["pattern-missing"]

    def test_rules_extend_rules(self, run: Run) -> None:
        one = rule("x", "@n &lt; 2").replace('context="x"', 'abstract="true" id="one"')
        two = '<rule abstract="true" id="two"><extends rule="one"/><assert test="@m">m</assert></rule>'
        body = f'<pattern>{one}{two}</pattern><pattern id="p"><rule context="c"><extends rule="two"/></rule></pattern>'
        assert run(body) == ["failed p/1.1 /a/c[2] 0", "failed p/1.2 /a/c[2] m"]

    @pytest.mark.parametrize("extended", ["gone", "self"])
    def test_a_rule_of_an_absent_or_circular_one_goes_on_and_names_it(self, run: Run, extended: str) -> None:
        body = '<pattern><rule abstract="true" id="self"><extends rule="self"/></rule></pattern>'
        body += f'<pattern id="p"><rule context="a"><extends rule="{extended}"/><assert test="0">x</assert></rule>'
        body += "</pattern>"
        assert run(body) == ["failed p/1.1 /a x"]
        assert run.defects == ["rule-missing"]


class TestIncludes:
    INNER = f'<pattern xmlns="http://purl.oclc.org/dsdl/schematron" id="p">{rule("a", "0")}</pattern>'

    def test_are_pasted_where_they_stand(self, run: Run) -> None:
        assert run('<include href="one.sch"/>', one=self.INNER) == ["failed p/1.1 /a 0"]

    def test_of_one_part_of_a_file(self, run: Run) -> None:
        whole = f'<schema {SCH}><pattern id="o"/>{self.INNER}</schema>'
        assert run('<include href="one.sch#p"/>', one=whole) == ["failed p/1.1 /a 0"]
        assert run('<include href="one.sch#none"/>', one=whole) == []
        assert run.defects == ["include-missing"]

    def test_that_include_themselves_end(self, run: Run) -> None:
        loop = '<pattern xmlns="http://purl.oclc.org/dsdl/schematron"><include href="one.sch"/></pattern>'
        assert run('<include href="one.sch"/>', one=loop) == []
        assert run.defects == ["include-missing"]

    def test_bring_their_prefixes(self, run: Run) -> None:
        inner = self.INNER.replace("<pattern ", '<pattern xmlns:b="urn:b" ').replace('"a"', '"b:d"')
        assert run('<include href="one.sch"/>', one=inner) == ["failed p/1.1 /a/d[1] 0"]

    def test_that_are_no_xml_are_named(self, run: Run) -> None:
        assert run('<include href="one.sch"/>', one="<pattern") == []
        assert run.defects == ["include-unreadable"]


class TestErrors:
    def test_of_an_assertion_are_said_and_the_others_go_on(self, run: Run) -> None:
        broken, failed = run(f'<pattern id="p">{rule("a", "number(doc(&quot;gone.xml&quot;)) = 1", "0")}</pattern>')
        assert broken.startswith("broken p/1.1 /a ")
        assert failed == "failed p/1.2 /a 1"

    def test_of_the_language_name_themselves(self, run: Run) -> None:
        with pytest.raises(SaxonError, match="XP"):
            run(f'<pattern id="p">{rule("a", "count(")}</pattern>')

    def test_functions_of_the_schema_are_kept(self, run: Run) -> None:
        function = '<xsl:function xmlns:xsl="http://www.w3.org/1999/XSL/Transform" name="f:no"><xsl:param name="x"/>'
        function += '<xsl:sequence select="false()"/></xsl:function>'
        body = f'<ns prefix="f" uri="urn:f"/>{function}<pattern id="p">{rule("a", "f:no(.)")}</pattern>'
        assert run(body) == ["failed p/1.1 /a 0"]
