"""FHIR XML gives what JSON gives; what only XML can get wrong is said with its place and line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jiter import LosslessFloat

from tests.validators.fhir.trees import comparable
from validators.fhir import Walker, load_definitions, parse_json
from validators.fhir.xml import parse_xml
from validators.fhir.xmltext import XmlText
from validators.messages import render
from validators.report import Issue, Report, Severity
from validators.sniffing import is_fhir_xml

NS = 'xmlns="http://hl7.org/fhir"'
XHTML = "http://www.w3.org/1999/xhtml"


def read(text: str | bytes) -> tuple[Any, list[Issue]]:
    report = Report()
    found = parse_xml(text if isinstance(text, bytes) else text.encode(), report, load_definitions())
    assert all("{" not in render(issue, lang) for issue in report for lang in ("fr", "en"))
    return found, list(report)


def patient(content: str, attributes: str = "") -> str:
    return f"<Patient {NS}{attributes}>{content}</Patient>"


def right(text: str) -> Any:
    found, issues = read(text)
    assert issues == []
    return found


def said(text: str | bytes) -> list[tuple[str, str]]:
    return [(issue.rule, issue.location) for issue in read(text)[1]]


class TestSameAsJson:
    @pytest.mark.parametrize(
        ("xml", "json"),
        [
            ('<id value="a"/><active value="true"/>', b'{"id": "a", "active": true}'),
            ('<birthDate value="1970-03-30"/>', b'{"birthDate": "1970-03-30"}'),
            ('<multipleBirthInteger value="2"/>', b'{"multipleBirthInteger": 2}'),
            ('<deceasedBoolean value="false"/>', b'{"deceasedBoolean": false}'),
            (
                '<name><given value="A"/><given value="B"/></name><name><family value="C"/></name>',
                b'{"name": [{"given": ["A", "B"]}, {"family": "C"}]}',
            ),
            (
                '<birthDate id="x" value="1970"><extension url="u"><valueCode value="c"/></extension></birthDate>',
                b'{"birthDate": "1970", "_birthDate": {"id": "x", "extension": [{"url": "u", "valueCode": "c"}]}}',
            ),
            (
                '<birthDate><extension url="u"><valueCode value="c"/></extension></birthDate>',
                b'{"_birthDate": {"extension": [{"url": "u", "valueCode": "c"}]}}',
            ),
            (
                '<name id="n"><given value="A"/><given id="g"/><given value="B" id="h"/><given value="C"/></name>',
                b'{"name": [{"id": "n", "given": ["A", null, "B", "C"],'
                b' "_given": [null, {"id": "g"}, {"id": "h"}, null]}]}',
            ),
            (
                '<name><given id="g"/><given id="h"/></name>',
                b'{"name": [{"_given": [{"id": "g"}, {"id": "h"}]}]}',
            ),
            (
                '<contained><Organization><id value="o"/></Organization></contained>'
                '<contained><Device><id value="d"/></Device></contained>'
                '<managingOrganization><reference value="#o"/></managingOrganization>',
                b'{"contained": [{"resourceType": "Organization", "id": "o"}, {"resourceType": "Device", "id": "d"}],'
                b' "managingOrganization": {"reference": "#o"}}',
            ),
            (
                '<extension url="u"><valueDecimal value="1.50"/></extension>'
                '<extension url="v"><valueDecimal value="-2"/></extension>'
                '<extension url="w"><valueDecimal value="1E-22"/></extension>',
                b'{"extension": [{"url": "u", "valueDecimal": 1.50}, {"url": "v", "valueDecimal": -2},'
                b' {"url": "w", "valueDecimal": 1E-22}]}',
            ),
            (
                '<name><family value="&lt;&#233;&#10;&amp;&quot;"/></name>',
                b'{"name": [{"family": "<\\u00e9\\n&\\""}]}',
            ),
            (
                "<!-- a --><name><!-- b --><family value='x'><!-- c --></family></name>",
                b'{"name": [{"family": "x"}]}',
            ),
        ],
    )
    def test_values(self, xml: str, json: bytes) -> None:
        expected = parse_json(json.replace(b"{", b'{"resourceType": "Patient", ', 1), Report())
        assert comparable(right(patient(xml))) == comparable(expected)

    def test_an_exact_decimal_keeps_its_digits(self) -> None:
        found = right(patient('<extension url="u"><valueDecimal value="0.10"/></extension>'))
        value = found["extension"][0]["valueDecimal"]
        assert isinstance(value, LosslessFloat)
        assert str(value) == "0.10"

    def test_a_whole_number_too_long_for_int_stays_exact(self) -> None:
        digits = "9" * 5000
        found = right(patient(f'<extension url="u"><valueDecimal value="{digits}"/></extension>'))
        assert str(found["extension"][0]["valueDecimal"]) == digits

    def test_a_resource_inside_an_entry(self) -> None:
        bundle = f'<Bundle {NS}><entry><resource><Patient><active value="true"/></Patient></resource></entry></Bundle>'
        assert right(bundle)["entry"] == [{"resource": {"resourceType": "Patient", "active": True}}]

    def test_prefixes_and_a_schema_location_change_nothing(self) -> None:
        text = (
            '<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="http://hl7.org/fhir patient.xsd"><f:active value="true"/></f:Patient>'
        )
        assert right(text) == {"resourceType": "Patient", "active": True}

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_a_byte_order_mark_is_passed_over(self, mark: bytes) -> None:
        assert read(mark + patient("<active value='true'/>").encode())[1] == []


class TestNarrative:
    def test_is_the_text_that_json_carries(self) -> None:
        div = f'<div xmlns="{XHTML}"><!-- c --><p class="a">x &lt; é<br/></p></div>'
        found = right(patient(f'<text><status value="generated"/>{div}</text>'))
        assert found["text"] == {"status": "generated", "div": div}

    def test_loses_declarations_it_does_not_use(self) -> None:
        div = f'<div xmlns="{XHTML}"><p>x</p></div>'
        found = right(patient(f"<text>{div}</text>", ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'))
        assert found["text"]["div"] == div

    def test_loses_its_prefix(self) -> None:
        div = f'<h:div xmlns:h="{XHTML}" class="c">a<h:p>x</h:p>b</h:div>'
        found = right(patient(f"<text>{div}</text>"))
        assert found["text"]["div"] == f'<div xmlns="{XHTML}" class="c">a<p>x</p>b</div>'

    def test_loses_prefixes_inside(self) -> None:
        div = f'<div xmlns="{XHTML}"><k:p xmlns:k="{XHTML}">y<k:b>z</k:b></k:p></div>'
        found = right(patient(f"<text>{div}</text>"))
        assert found["text"]["div"] == f'<div xmlns="{XHTML}"><p>y<b>z</b></p></div>'

    def test_does_not_gain_the_namespace_of_what_is_inside(self) -> None:
        found = right(patient(f'<text><div><k:p xmlns:k="{XHTML}">y</k:p></div></text>'))
        assert found["text"]["div"].startswith('<div xmlns="http://hl7.org/fhir">')

    @pytest.mark.parametrize("namespace", ["", ' xmlns="http://www.w3.org/1999/xhtmlx"'])
    def test_keeps_a_wrong_namespace_for_the_narrative_check(self, namespace: str) -> None:
        found = right(patient(f"<text><div{namespace}><p>x</p></div></text>"))
        assert found["text"]["div"].startswith("<div xmlns=")
        assert XHTML + '"' not in found["text"]["div"]


class TestWrongValues:
    @pytest.mark.parametrize("text", ["TRUE", "1", "yes", " true", ""])
    def test_a_boolean_that_is_none(self, text: str) -> None:
        value = right(patient(f'<active value="{text}"/>'))["active"]
        assert (type(value), value) == (XmlText, text)

    @pytest.mark.parametrize("text", ["1e4", "01", "$0", "1.0", "-0", "٣", "9" * 5000])
    def test_an_integer_that_is_none(self, text: str) -> None:
        value = right(patient(f'<multipleBirthInteger value="{text}"/>'))["multipleBirthInteger"]
        assert (type(value), value) == (XmlText, text)

    @pytest.mark.parametrize("text", ["00.1", "+1", ".5", "1.", "NaN", "1,5", "0x1"])
    def test_a_decimal_that_is_none(self, text: str) -> None:
        found = right(patient(f'<extension url="u"><valueDecimal value="{text}"/></extension>'))
        assert type(found["extension"][0]["valueDecimal"]) is XmlText

    def test_an_integer_may_have_a_plus_sign(self) -> None:
        assert right(patient('<multipleBirthInteger value="+2"/>'))["multipleBirthInteger"] == 2

    @pytest.mark.parametrize("xml", ["<gender/>", '<gender value=""/>', "<name/>", "<name><given/></name>"])
    def test_an_empty_element_is_left_to_the_walk(self, xml: str) -> None:
        report = Report()
        Walker(load_definitions()).check(right(patient(xml)), report)
        assert "FHIR-EMPTY" in report.rules()


class TestOnlyInXml:
    @pytest.mark.parametrize(
        ("xml", "expected"),
        [
            # unknown attributes
            ('<name foo="x"><family value="a"/></name>', [("FHIR-XML-ATTRIBUTE", "Patient.name[0]")]),
            ('<name value="x"/>', [("FHIR-XML-ATTRIBUTE", "Patient.name[0]")]),
            ('<gender value="male" foo="x"/>', [("FHIR-XML-ATTRIBUTE", "Patient.gender")]),
            ('<gender value="male" xml:lang="fr"/>', [("FHIR-XML-ATTRIBUTE", "Patient.gender")]),
            ('<contained id="c"><Device/></contained>', [("FHIR-XML-ATTRIBUTE", "Patient.contained[0]")]),
            # an attribute written as an element
            ('<name><id value="x"/></name>', [("FHIR-XML-FORM", "Patient.name[0].id")]),
            ('<extension><url value="u"/></extension>', [("FHIR-XML-FORM", "Patient.extension[0].url")]),
            # text
            ("x<active value='true'/>", [("FHIR-XML-TEXT", "Patient")]),
            ("<active value='true'/>x", [("FHIR-XML-TEXT", "Patient")]),
            ("<active value='true'>x</active>", [("FHIR-XML-TEXT", "Patient.active")]),
            ("<!-- a -->x", [("FHIR-XML-TEXT", "Patient")]),
            ("<contained>x<Device/></contained>", [("FHIR-XML-TEXT", "Patient.contained[0]")]),
            ("<name><![CDATA[x]]></name>", [("FHIR-XML-TEXT", "Patient.name[0]")]),
            # order
            ('<gender value="male"/><active value="true"/>', [("FHIR-XML-ORDER", "Patient.active")]),
            (
                '<name><family value="a"/></name><gender value="male"/><name><family value="b"/></name>',
                [("FHIR-XML-ORDER", "Patient.name[1]")],
            ),
            # given twice
            ('<gender value="male"/><gender value="female"/>', [("FHIR-MAX", "Patient.gender")]),
            ('<gender value="male"/>' * 3, [("FHIR-MAX", "Patient.gender")]),
            ('<gender id="a"/><gender value="male"/>', [("FHIR-MAX", "Patient.gender")]),
            ("<deceasedBoolean value='true'/>" * 2, [("FHIR-MAX", "Patient.deceased.ofType(boolean)")]),
            # resources inside
            ("<contained/>", [("FHIR-XML-RESOURCE", "Patient.contained[0]")]),
            ("<contained><Device/><Device/></contained>", [("FHIR-XML-RESOURCE", "Patient.contained[0]")]),
            ('<contained><Device xmlns="urn:x"/></contained>', [("FHIR-XML-NAMESPACE", "Patient.contained[0]")]),
            # namespaces
            ('<active xmlns="urn:x" value="true"/>', [("FHIR-XML-NAMESPACE", "Patient.active")]),
            ('<foo xmlns="urn:x" value="true"/>', [("FHIR-XML-NAMESPACE", "Patient.foo")]),
            # instructions
            ("<?php echo?>", [("FHIR-XML-INSTRUCTION", "Patient")]),
            # names that mean something in JSON only
            ('<resourceType value="Patient"/>', [("FHIR-UNKNOWN-ELEMENT", "Patient.resourceType")]),
            ('<_gender id="x"/>', [("FHIR-UNKNOWN-ELEMENT", "Patient._gender")]),
        ],
    )
    def test_is_said_where_it_stands(self, xml: str, expected: list[tuple[str, str]]) -> None:
        assert said(patient(xml)) == expected

    def test_attributes_of_a_resource(self) -> None:
        assert said(patient("", ' id="a"')) == [("FHIR-XML-ATTRIBUTE", "Patient")]

    def test_an_unknown_element_is_left_to_the_walk(self) -> None:
        found = right(patient('<foo value="x"/><bar><baz/></bar><foo value="y"/>'))
        report = Report()
        Walker(load_definitions()).check(found, report)
        assert [issue.location for issue in report] == ["Patient.foo", "Patient.bar"]
        assert report.rules() == {"FHIR-UNKNOWN-ELEMENT"}

    def test_two_variants_of_a_choice_are_left_to_the_walk(self) -> None:
        found = right(patient('<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>'))
        report = Report()
        Walker(load_definitions()).check(found, report)
        assert report.rules() == {"FHIR-CHOICE"}

    def test_issues_have_lines(self) -> None:
        _, issues = read(patient('\n<active value="true" x="1"/>\n<name>\n<family y="2" value="a"/></name>'))
        assert [issue.line for issue in issues] == [2, 4]

    def test_words_name_what_was_found(self) -> None:
        _, [attribute] = read(patient('<gender value="male" xml:lang="fr"/>'))
        assert "xml:lang" in render(attribute, "en")
        prefixed = '<gender value="male" l:href="x" xmlns:l="http://www.w3.org/1999/xlink"/>'
        _, [attribute] = read(patient(prefixed))
        assert "l:href" in render(attribute, "en")
        _, [order] = read(patient('<gender value="male"/><active value="true"/>'))
        assert "“active” comes after “gender”" in render(order, "en")

    def test_instructions_around_the_root(self) -> None:
        text = '<?xml-stylesheet href="a.css"?>' + patient("") + "<?end?>"
        assert said(text) == [("FHIR-XML-INSTRUCTION", "Patient")] * 2

    def test_repeats_are_counted(self) -> None:
        _, [issue] = read(patient('<gender value="male"/>' * 3))
        assert issue.params["found"] == "3"


class TestUnreadable:
    @pytest.mark.parametrize(
        ("data", "rule", "line"),
        [
            (b"", "FHIR-XML", 1),
            (b"<Patient xmlns='http://hl7.org/fhir'>\n<name>", "FHIR-XML", 2),
            (b"<Patient xmlns='http://hl7.org/fhir'>\n&nbsp;</Patient>", "FHIR-XML", 2),
            (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><Patient>&x;</Patient>", "FHIR-XML-DTD", 1),
            (patient("\n\n<name/>é").encode("latin-1"), "FHIR-ENCODING", 3),
            ((f"<Patient {NS}>" + "<contact>" * 230 + "</contact>" * 230 + "</Patient>").encode(), "FHIR-DEPTH", 1),
        ],
    )
    def test_gives_one_fatal_issue(self, data: bytes, rule: str, line: int) -> None:
        found, [issue] = read(data)
        assert found is None
        assert (issue.rule, issue.line, issue.severity) == (rule, line, Severity.FATAL)

    def test_depth_is_bounded_by_the_stack_too(self) -> None:
        text = patient("<extension url='u'>" * 190 + "</extension>" * 190)
        assert read(text)[0] is not None

        def deeper(levels: int) -> list[tuple[str, str]]:
            return deeper(levels - 1) if levels else said(text)

        assert deeper(600) == [("FHIR-DEPTH", "")]

    def test_a_file_too_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("validators.fhir.xml.MAX_BYTES", 100)
        assert said(patient(" " * 200)) == [("FHIR-XML-LIMIT", "")]

    @pytest.mark.parametrize("namespace", ["", 'xmlns="http://hl7.org/fhir1"'])
    def test_another_namespace_is_not_read_further(self, namespace: str) -> None:
        found, [issue] = read(f'<Patient {namespace}><foo bar="x"/></Patient>')
        assert found is None
        assert (issue.rule, issue.location) == ("FHIR-XML-NAMESPACE", "Patient")

    def test_an_unknown_resource_type_is_left_to_the_walk(self) -> None:
        assert right(f"<Unicorn {NS}><horn/></Unicorn>") == {"resourceType": "Unicorn"}

    @pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
    def test_another_encoding_is_read_and_refused(self, encoding: str) -> None:
        text = f'<?xml version="1.0" encoding="{encoding}"?>' + patient("<name><family value='é'/></name>")
        found, [issue] = read(text.encode(encoding))
        assert found["name"] == [{"family": "é"}]
        assert (issue.rule, issue.params["found"].upper()[:3]) == ("FHIR-ENCODING", encoding[:3])


class TestXml11:
    HEAD = '<?xml version="1.1" encoding="UTF-8"?>\n'

    def test_control_characters_are_kept(self) -> None:
        name = '<name><family value="a&#x001D;b&#9;c&#29;"/><given value="&#x1;"/></name>'
        found = right(self.HEAD + patient('<active value="true"/>' + name + '<multipleBirthInteger value="2"/>'))
        assert found["name"] == [{"family": "a\x1db\tc\x1d", "given": ["\x01"]}]
        assert (found["active"], found["multipleBirthInteger"]) == (True, 2)

    def test_nul_stays_refused(self) -> None:
        assert said(self.HEAD + patient('<name><family value="&#0;"/></name>')) == [("FHIR-XML", "")]

    def test_xml_10_has_no_control_characters(self) -> None:
        assert said(patient('<name><family value="&#x1D;"/></name>')) == [("FHIR-XML", "")]

    def test_a_document_nobody_can_read_stays_unread(self) -> None:
        assert read(self.HEAD + "<Patient")[0] is None


class TestSniffing:
    @pytest.mark.parametrize(
        "text",
        [
            patient(""),
            f"<?xml version='1.0'?>\n<!-- <a> --><?x?>\n<Patient {NS}/>",
            "<f:Patient xmlns:f='http://hl7.org/fhir'/>",
            "<Patient/>",
            "<Patient xmlns='http://hl7.org/fhir1'>",
            "<!DOCTYPE foo [ <!ENTITY x SYSTEM 'c:\\x'>]> \n<List xmlns='http://hl7.org/fhir'/>",
            "<<List xmlns='http://hl7.org/fhir'/>",
        ],
    )
    def test_fhir(self, text: str) -> None:
        assert is_fhir_xml(text.encode())
        assert is_fhir_xml(b"\xef\xbb\xbf" + text.encode())
        assert is_fhir_xml(text.encode("utf-16"))

    @pytest.mark.parametrize(
        "text",
        ["<ClinicalDocument xmlns='urn:hl7-org:v3'/>", "<Patient xmlns='urn:hl7-org:v3'/>", "<html/>", "<", "", "{}",
         "<!-- http -->"],
    )  # fmt: skip
    def test_not_fhir(self, text: str) -> None:
        assert not is_fhir_xml(text.encode())

    def test_hostile_prologs_take_no_time(self) -> None:
        assert not is_fhir_xml(b"<!--" * 20_000)
        assert not is_fhir_xml(b"<!DOCTYPE" * 20_000)
        assert not is_fhir_xml(b"<?" * 30_000 + b" " * 30_000)


PIECES = st.sampled_from(
    ["<name>", "</name>", "<given value='a'/>", "<given/>", "<extension url='u'>", "</extension>", "<contained>",
     "</contained>", "<Patient>", "</Patient>", "<valueBoolean value='x'/>", "<id value='a'/>", " id='b'", "x",
     "<!---->", "<?a?>", "<text>", f"<div xmlns='{XHTML}'>", "</div>", "</text>", "<birthDate value='1'/>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14))
def test_any_mixture_is_read_or_refused(pieces: list[str]) -> None:
    found, issues = read(patient("".join(pieces)))
    assert found is not None or issues
    if found is not None:
        Walker(load_definitions()).check(found, Report())
