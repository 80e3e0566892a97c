"""Small builders of CDA fragments, without the namespace declarations: the document that holds them has them."""

from __future__ import annotations

LOINC, SNOMED, TA = "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.96", "1.2.250.1.213.1.1.4.322"
DICOM, ACT = "1.2.840.10008.2.16.4", "2.16.840.1.113883.5.4"
PCC, LAB, PHARM = "1.3.6.1.4.1.19376.1.5.3.1", "1.3.6.1.4.1.19376.1.3", "1.3.6.1.4.1.19376.1.9.1"
CCD, SEC, ENT = "2.16.840.1.113883.10.20.1", "1.2.250.1.213.1.1.2", "1.2.250.1.213.1.1.3"
SIMPLE, FAMILY = f"{PCC}.4.13", f"{ENT}.48"
REF = '<text><reference value="#t"/></text>'
DATE = '<effectiveTime value="20260101"/>'
SPAN = "<effectiveTime><low value='20260101'/></effectiveTime>"
DONE = '<statusCode code="completed"/>'
PLACE = "<addr><city>PARIS</city></addr><telecom value='tel:0102030405'/>"
NAME = "<assignedPerson><name><family>MEDECIN</family></name></assignedPerson>"
SETTING = (
    '<standardIndustryClassCode code="ETABLISSEMENT" codeSystem="1.2.250.1.213.1.1.4.9" '
    'displayName="Etablissement de santé"/>'
)
ORGANISATION = (
    '<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1750803447"/><name>H</name>'
    f"<telecom value='tel:0102030405'/><addr><city>PARIS</city></addr>{SETTING}</representedOrganization>"
)
DOCTOR = '<id root="1.2.250.1.71.4.2.1" extension="801234567897"/>'


def t(*roots: str) -> str:
    """templateIds."""
    return "".join(f'<templateId root="{root}"/>' for root in roots)


def ident(number: int = 1) -> str:
    return f'<id root="1.2.3.{number}"/>'


def code(value: str, system: str, element: str = "code") -> str:
    return f'<{element} code="{value}" codeSystem="{system}" displayName="x"/>'


def value(text: str, system: str = "", kind: str = "CD") -> str:
    """A value: coded when a system is given."""
    if system:
        return f'<value xsi:type="{kind}" code="{text}" codeSystem="{system}"/>'
    return f'<value xsi:type="{kind}" value="{text}"/>'


def observation(templates: str, inner: str, mood: str = "EVN", kind: str = "OBS") -> str:
    return f'<observation classCode="{kind}" moodCode="{mood}">{templates}{inner}</observation>'


def simple(observed: str, what: str, *own: str, system: str = TA, more: str = "") -> str:
    """A complete simple observation."""
    parts = f"{ident()}{code(observed, system)}{REF}{DONE}{DATE}{what}{more}"
    return observation(t(SIMPLE, FAMILY, *own), parts)


def entry(inner: str, kind: str = "") -> str:
    return f'<entry typeCode="{kind}">{inner}</entry>' if kind else f"<entry>{inner}</entry>"


def link(inner: str, kind: str, inverted: str = "") -> str:
    inversion = f' inversionInd="{inverted}"' if inverted else ""
    return f'<entryRelationship typeCode="{kind}"{inversion}>{inner}</entryRelationship>'


def section(templates: str, observed: str, *entries: str, system: str = LOINC, parts: str = "") -> str:
    """A complete section, in its component."""
    head = f"{templates}{ident()}{code(observed, system)}<title>Titre</title><text>Texte</text>"
    return f"<component><section>{head}{''.join(entries)}{parts}</section></component>"


def product(*more: str) -> str:
    """A consumable."""
    return (
        f'<consumable typeCode="CSM"><manufacturedProduct classCode="MANU">{t(f"{CCD}.53", f"{PCC}.4.7.2")}'
        '<manufacturedMaterial classCode="MMAT" determinerCode="KIND">'
        f'{"".join(more)}<code code="1" codeSystem="1.2"><originalText><reference value="#t"/></originalText></code>'
        "<name>P</name></manufacturedMaterial></manufacturedProduct></consumable>"
    )


def comment() -> str:
    """A complete comment, with its author."""
    who = (
        f"<author><time value='20260101'/><assignedAuthor>{DOCTOR}{PLACE}{NAME}"
        "<representedOrganization><name>H</name></representedOrganization></assignedAuthor></author>"
    )
    templates = t(f"{CCD}.40", f"{PCC}.4.2", f"{ENT}.32")
    return f'<act classCode="ACT" moodCode="EVN">{templates}{code("48767-8", LOINC)}{REF}{DONE}{who}</act>'


def medication(mode: str = f"{PCC}.4.7.1", more: str = "") -> str:
    """A treatment of the discharge letter."""
    templates = t(f"{ENT}.42", f"{CCD}.24", f"{PCC}.4.7", mode)
    bounds = "<low value='1'/><high value='2'/>"
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="EVN">{templates}{ident()}{REF}{DONE}'
        f'<effectiveTime xsi:type="IVL_TS"><low value="20260101"/><high value="20260102"/></effectiveTime>'
        '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="1" unit="d"/></effectiveTime>'
        f"{code('20053000', '0.4.0.127.0.16.1.1.2.1', 'routeCode')}"
        f"<doseQuantity>{bounds}</doseQuantity><rateQuantity>{bounds}</rateQuantity>{product()}{more}"
        "</substanceAdministration>"
    )


def anchored(*sections: str) -> str:
    """The sections of a body, the first with the anchor that the references of every piece point to."""
    return "".join(sections).replace("<text>Texte", "<text ID='t'>Texte", 1)
