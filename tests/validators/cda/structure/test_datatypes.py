"""Every data type: a value that has its form, and the smallest one that does not (HL7 v3 data types, release 1)."""

from __future__ import annotations

import pytest

from tests.validators.cda.structure.pieces import ENTRY, LETTER, XSI, check, observation, only, parse, value, with_piece
from validators.cda.structure._entries import _DERIVED

VALUE = f"{ENTRY}/observation[1]/value[1]"

VALID = [
    '<value xsi:type="BL" value="true"/>',
    '<value xsi:type="BL" nullFlavor="UNK"/>',
    '<value xsi:type="BN" value="false"/>',
    '<value xsi:type="ST">texte</value>',
    '<value xsi:type="ST" language="fr-FR"/>',
    '<value xsi:type="SC" code="A" codeSystem="1.2">texte</value>',
    '<value xsi:type="ED"><reference value="#x"/></value>',
    '<value xsi:type="ED" mediaType="application/pdf" representation="B64" integrityCheck="QUJD">QUJD</value>',
    '<value xsi:type="ED" compression="GZ" integrityCheckAlgorithm="SHA-256"><thumbnail>x</thumbnail></value>',
    '<value xsi:type="ED" mediaType="text/html"><h:p xmlns:h="urn:x">x</h:p></value>',
    '<value xsi:type="CD" code="A" codeSystem="1.2.250" displayName="x"><originalText>y</originalText></value>',
    '<value xsi:type="CD"><qualifier inverted="true"><name code="A"/><value code="B"/></qualifier>'
    '<translation code="C"/></value>',
    '<value xsi:type="CD" code="A" sdtc:valueSet="1.2.3" sdtc:valueSetVersion="1"/>',
    '<value xsi:type="CE" code="A"><translation code="B"/></value>',
    '<value xsi:type="CV" code="A"><originalText/></value>',
    '<value xsi:type="CS" code="A"/>',
    '<value xsi:type="CO" code="A" codeSystem="HL7-reserved"/>',
    '<value xsi:type="II" root="a3bb189e-8bf9-3888-9912-ace4e6543002" extension="x" displayable="false"/>',
    '<value xsi:type="TS" value="20240229103000.123+0100"/>',
    '<value xsi:type="TS" value="2024"/>',
    '<value xsi:type="INT" value="-3"/>',
    '<value xsi:type="REAL" value="1.5E3"/>',
    '<value xsi:type="PQ" value="3.5" unit="mmol/L"><translation value="1" code="g/L" codeSystem="1.2"/></value>',
    '<value xsi:type="PQR" value="1" code="g/L"/>',
    '<value xsi:type="MO" value="12.5" currency="EUR"/>',
    '<value xsi:type="IVL_TS"><low value="2024"/><high value="2025" inclusive="true"/></value>',
    '<value xsi:type="IVL_TS"><low value="2024"/><width value="1" unit="d"/></value>',
    '<value xsi:type="IVL_TS"><high nullFlavor="PINF"/></value>',
    '<value xsi:type="IVL_TS"><width value="1"/><high value="2025"/></value>',
    '<value xsi:type="IVL_TS"><center value="2024"/><width value="1"/></value>',
    '<value xsi:type="IVL_TS" value="2024" operator="A"/>',
    '<value xsi:type="IVL_PQ"><low value="1" unit="g"/><high value="2" unit="g"/></value>',
    '<value xsi:type="IVL_INT"><low value="1"/></value>',
    '<value xsi:type="IVL_REAL"><high value="1.5"/></value>',
    '<value xsi:type="IVL_MO"><high value="1.5" currency="EUR"/></value>',
    '<value xsi:type="RTO"><numerator xsi:type="INT" value="1"/><denominator xsi:type="INT" value="128"/></value>',
    '<value xsi:type="RTO_QTY_QTY"><numerator xsi:type="PQ" value="1"/><denominator xsi:type="PQ" value="2"/></value>',
    '<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="1" unit="d"/></value>',
    '<value xsi:type="RTO_MO_PQ"><numerator value="1" currency="EUR"/><denominator value="1"/></value>',
    '<value xsi:type="PIVL_TS" institutionSpecified="true" alignment="DW"><phase><low value="2024"/></phase>'
    '<period value="8" unit="h"/></value>',
    '<value xsi:type="EIVL_TS"><event code="ACM"/><offset><low value="1" unit="h"/></offset></value>',
    '<value xsi:type="SXCM_TS" value="2024"/>',
    '<value xsi:type="SXPR_TS"><comp xsi:type="IVL_TS"><low value="2024"/></comp>'
    '<comp xsi:type="PIVL_TS" operator="A"><period value="1" unit="d"/></comp></value>',
    '<value xsi:type="UVP_TS" value="2024" probability="0.5"/>',
    '<value xsi:type="PPD_TS" value="2024" distributionType="N"><standardDeviation value="1"/></value>',
    '<value xsi:type="PPD_PQ" value="1"><standardDeviation value="1"/></value>',
    '<value xsi:type="IVL_PPD_PQ"><low value="1"/></value>',
    '<value xsi:type="PIVL_PPD_TS"><period value="1"/></value>',
    '<value xsi:type="EIVL_PPD_TS"><event code="HS"/></value>',
    '<value xsi:type="TEL" value="tel:+33100000000" use="HP WP"/>',
    '<value xsi:type="AD" use="H"><city>X</city><postalCode>75001</postalCode></value>',
    '<value xsi:type="AD">1 rue X</value>',
    '<value xsi:type="ADXP" partType="CTY">X</value>',
    '<value xsi:type="EN" use="L">X</value>',
    '<value xsi:type="PN"><given qualifier="BR">X</given><family qualifier="CL">Y</family></value>',
    '<value xsi:type="ON"><prefix>X</prefix>Y<validTime value="2024"/></value>',
    '<value xsi:type="TN">X</value>',
    '<value xsi:type="HXIT_CE" code="A"><validTime value="2024"/></value>',
    '<value xsi:type="BXIT_CD" code="A" qty="2"/>',
    '<value xsi:type="SLIST_PQ"><origin value="0"/><scale value="1" unit="mV"/><digits>1 2 -3</digits></value>',
    '<value xsi:type="GLIST_TS" period="3"><head value="2024"/><increment value="1" unit="s"/></value>',
    '<v:value xmlns:v="urn:hl7-org:v3" xsi:type="v:PQ" value="1"/>',
]


@pytest.mark.parametrize("xml", VALID)
def test_a_value_of_each_type_is_accepted(xml: str) -> None:
    assert list(check(value(xml))) == []


def typed(attribute: str, name: str) -> dict[str, str]:
    return {"attribute": attribute, "type": name}


INVALID = [
    ('<value xsi:type="BL" value="1"/>', "TYPE", typed("value", "bl")),
    ('<value xsi:type="BL" value="oui"/>', "TYPE", typed("value", "bl")),
    ('<value xsi:type="BN" nullFlavor="UNK"/>', "ATTRIBUTE", {"attribute": "nullFlavor", "card": "0..0"}),
    ('<value xsi:type="ST" mediaType="text/html">x</value>', "VALUE", {"expected": "text/plain"}),
    ('<value xsi:type="ST" representation="B64">x</value>', "VALUE", {"expected": "TXT"}),
    ('<value xsi:type="ST"><reference value="x"/></value>', "ORDER", {"found": "reference", "expected": "/value"}),
    ('<value xsi:type="ED" representation="HEX">x</value>', "VALUE", {"expected": "B64, TXT"}),
    ('<value xsi:type="ED" integrityCheck="Q">x</value>', "TYPE", typed("integrityCheck", "bin")),
    ('<value xsi:type="ED"><thumbnail/><reference value="x"/></value>', "ORDER", {"found": "reference"}),
    ('<value xsi:type="CD" code="A B"/>', "TYPE", typed("code", "cs")),
    ('<value xsi:type="CD" code=""/>', "TYPE", typed("code", "cs")),
    ('<value xsi:type="CD" codeSystem="1.02"/>', "TYPE", typed("codeSystem", "uid")),
    ('<value xsi:type="CD" displayName=""/>', "TYPE", typed("displayName", "st")),
    ('<value xsi:type="CD" sdtc:valueSet="1.02"/>', "TYPE", typed("sdtc:valueSet", "oid")),
    ('<value xsi:type="CD">texte</value>', "TEXT", {"element": "value"}),
    ('<value xsi:type="CE"><qualifier/></value>', "ORDER", {"found": "qualifier"}),
    ('<value xsi:type="CV"><translation/></value>', "ORDER", {"found": "translation"}),
    ('<value xsi:type="CS" codeSystem="1.2"/>', "ATTRIBUTE", {"attribute": "codeSystem", "card": "0..0"}),
    ('<value xsi:type="CS"><originalText/></value>', "TEXT", {"element": "value"}),
    ('<value xsi:type="II" root="1..2"/>', "TYPE", typed("root", "uid")),
    ('<value xsi:type="II" root="1.2" extension=""/>', "TYPE", typed("extension", "st")),
    ('<value xsi:type="TS" value="2024-02-29"/>', "TYPE", typed("value", "ts")),
    ('<value xsi:type="TS" value="20240229103000Z"/>', "TYPE", typed("value", "ts")),
    ('<value xsi:type="INT" value="1.5"/>', "TYPE", typed("value", "int")),
    ('<value xsi:type="INT" value="&lt;5"/>', "TYPE", typed("value", "int")),
    ('<value xsi:type="REAL" value="1,5"/>', "TYPE", typed("value", "real")),
    ('<value xsi:type="PQ" value="1" unit="mg par L"/>', "TYPE", typed("unit", "cs")),
    ('<value xsi:type="PQ" currency="EUR"/>', "ATTRIBUTE", {"attribute": "currency", "card": "0..0"}),
    ('<value xsi:type="IVL_TS"><high value="2025"/><low value="2024"/></value>', "ORDER", {"found": "low"}),
    ('<value xsi:type="IVL_TS"><low value="hier"/></value>', "TYPE", typed("value", "ts")),
    ('<value xsi:type="IVL_TS" operator="X" value="2024"/>', "VALUE", {"expected": "A, E, H, I, P"}),
    ('<value xsi:type="RTO_PQ_PQ"><numerator value="1"/></value>', "ORDER", {"expected": "denominator"}),
    ('<value xsi:type="SXPR_TS"><comp value="2024"/></value>', "ORDER", {"found": "/value", "expected": "comp"}),
    ('<value xsi:type="EIVL_TS"><event code="XX"/></value>', "VALUE", {"attribute": "code"}),
    ('<value xsi:type="UVP_TS" probability="2"/>', "TYPE", {"attribute": "probability"}),
    ('<value xsi:type="TEL" use="HOME"/>', "VALUE", {"expected": "H, HP, HV, WP, DIR, PUB, BAD, TMP, AS, EC, MC, PG"}),
    ('<value xsi:type="AD"><ville>X</ville></value>', "ORDER", {"found": "ville"}),
    ('<value xsi:type="AD"><city partType="ZIP">X</city></value>', "VALUE", {"expected": "CTY"}),
    ('<value xsi:type="AD"><city><b>X</b></city></value>', "ORDER", {"found": "b"}),
    ('<value xsi:type="ON"><family>X</family></value>', "ORDER", {"found": "family"}),
    ('<value xsi:type="TN"><given>X</given></value>', "ORDER", {"found": "given", "expected": "validTime"}),
    ('<value xsi:type="PN"><given qualifier="ZZ">X</given></value>', "VALUE", {"attribute": "qualifier"}),
    ('<value xsi:type="SLIST_PQ"><origin/><scale/><digits>1 x</digits></value>', "TYPE", {"attribute": "text()"}),
    ('<value xsi:type="SLIST_PQ"><origin/><scale/><digits a="1">1</digits></value>', "ATTRIBUTE", {"attribute": "a"}),
    ('<value xsi:type="SLIST_PQ"><origin/><scale/><digits><b/></digits></value>', "TEXT", {"element": "digits"}),
    ('<value xsi:type="XX" code="A"/>', "TYPE", {"attribute": "xsi:type", "type": "HL7 v3"}),
    ('<value xsi:type="w:CD" code="A"/>', "TYPE", {"attribute": "xsi:type", "type": "HL7 v3"}),
    ('<value xsi:type="sdtc:CD" code="A"/>', "TYPE", {"attribute": "xsi:type", "type": "HL7 v3"}),
    ('<value xsi:type="" code="A"/>', "TYPE", {"attribute": "xsi:type", "type": "HL7 v3"}),
    ("<value/>", "ATTRIBUTE", {"attribute": "xsi:type", "card": "1..1"}),
    ('<value xsi:type="QTY"/>', "ATTRIBUTE", {"attribute": "xsi:type", "card": "1..1"}),
    ('<value xsi:type="CD" xsi:nil="true"/>', "ATTRIBUTE", {"attribute": "xsi:nil", "card": "0..0"}),
    ('<methodCode xsi:type="PQ"/>', "TYPE", {"attribute": "xsi:type", "type": "HL7 v3", "example": _DERIVED}),
]


@pytest.mark.parametrize(("xml", "rule", "params"), INVALID, ids=[xml for xml, _, _ in INVALID])
def test_a_value_that_is_not_of_its_type_is_refused(xml: str, rule: str, params: dict[str, str]) -> None:
    issue = only(value(xml))
    assert issue.rule == f"CDA-SCHEMA-{rule}"
    assert dict(issue.params) | params == issue.params
    assert issue.location.startswith(f"{ENTRY}/observation[1]/")


def test_several_values_are_located_one_by_one() -> None:
    report = check(
        observation('<value xsi:type="BL"/><value xsi:type="BL" value="1"/><value xsi:type="INT" value="x"/>')
    )
    assert [issue.location for issue in report] == [VALUE.replace("value[1]", f"value[{n}]") for n in (2, 3)]


def test_a_type_is_a_qualified_name_whatever_the_prefix() -> None:
    """The official schematrons read the prefix as text; for XML Schema only the namespace counts."""
    text = LETTER.replace(
        "<section/>",
        f'<section><entry><observation classCode="OBS" moodCode="EVN" xmlns:x="{XSI}"><code code="A"/>'
        '<value x:type="CD" code="B"/></observation></entry></section>',
    )
    assert list(check(parse(text))) == []
    prefixed = text.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?").replace("xmlns=", "xmlns:c=")
    assert list(check(parse(prefixed.replace('x:type="CD"', 'x:type="c:CD"')))) == []
    assert only(parse(prefixed)).params["attribute"] == "xsi:type"


@pytest.mark.parametrize("null", ["NI", "OTH", "NINF", "PINF", "UNK", "ASKU", "NAV", "NASK", "TRC", "MSK", "NA", "NP"])
def test_null_flavors(null: str) -> None:
    assert list(check(value(f'<value xsi:type="CD" nullFlavor="{null}"/>'))) == []


def test_a_null_flavor_outside_the_list() -> None:
    issue = only(with_piece('<time nullFlavor="NA"/>', '<time nullFlavor="secret"/>'))
    assert (issue.rule, issue.params["attribute"]) == ("CDA-SCHEMA-VALUE", "nullFlavor")
    assert issue.params["expected"].startswith("NI, NA, MSK, UNK")
