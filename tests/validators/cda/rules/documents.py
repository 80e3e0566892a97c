"""One complete document a family: a full header and the smallest complete body."""

from __future__ import annotations

from functools import cache

from lxml import etree

from tests.validators.cda.rules import bodies
from tests.validators.cda.rules.pieces import DICOM, DOCTOR, LAB, LOINC, ORGANISATION, PLACE, code, t
from tests.validators.cda.samples import FULL
from validators.cda import read_header
from validators.cda._tree import HeaderIndex
from validators.cda.rules import check_body
from validators.cda.rules._catalogue import GROUPS
from validators.cda.rules._xpath import compiled, translate
from validators.report import Report
from validators.terminology import CodeList, ValueSets

_SPECIALTY = code("G15_10", "1.2.250.1.213.1.1.4.5")
_PERSON = "<assignedPerson><name><family>X</family><given>Y</given></name></assignedPerson>"
_RESPONSIBLE = (
    f"<responsibleParty><assignedEntity>{DOCTOR}{_SPECIALTY}{_PERSON}{ORGANISATION}</assignedEntity>"
    '</responsibleParty><encounterParticipant typeCode="ATND"><time value="2026"/><assignedEntity>'
    f"{DOCTOR}{_PERSON}</assignedEntity></encounterParticipant>"
)
_EVENT_CODE = (
    f'<code code="18719-5" codeSystem="{LOINC}" displayName="x"><translation code="CT" codeSystem="{DICOM}">'
    f'<qualifier><name code="121139" codeSystem="{DICOM}"/></qualifier></translation></code>'
)
_PERFORMER = (
    f'<performer typeCode="PRF">{t(f"{LAB}.3.1.7")}<functionCode code="PCP" codeSystem="1.2"/><time value="2026"/>'
    f"<assignedEntity>{DOCTOR}{_SPECIALTY}{PLACE}{_PERSON}{ORGANISATION}</assignedEntity></performer>"
)
_INFORMANT = (
    f'<informant><assignedEntity><id root="1.2" extension="x"/>{_PERSON}{ORGANISATION}</assignedEntity></informant>'
)
_RELATION = code("MTH", "2.16.840.1.113883.5.111")
_RECIPIENT = (
    f"<informationRecipient><intendedRecipient>{DOCTOR}<informationRecipient><name><family>X</family></name>"
    f"</informationRecipient>{ORGANISATION.replace('represented', 'received')}</intendedRecipient>"
    "</informationRecipient>"
)
_DISCHARGE = '<dischargeDispositionCode code="1" codeSystem="1.2.250.1.213.2.14" displayName="x"/>'
_AUTHENTICATOR_ORGANISATION = f"{PLACE}{_PERSON}{ORGANISATION}</assignedEntity></authenticator>"


def _header() -> str:
    text = FULL.replace(
        "<ClinicalDocument ",
        '<ClinicalDocument xmlns:sdtc="urn:hl7-org:sdtc" xmlns:lab="urn:oid:1.3.6.1.4.1.19376.1.3.2" '
        'xmlns:ps3-20="urn:dicom-org:ps3-20" ',
        1,
    )
    text = text.replace("<patientRole>", '<patientRole classCode="PAT">')
    text = text.replace('<templateId root="1.2.250.1.213.1.1.1.29" extension="2022.01"/>', "MODEL")
    head, _, rest = text.partition("<documentationOf>")
    event, _, tail = rest.partition("</documentationOf>")
    period = event[event.index("<effectiveTime>") : event.index("</effectiveTime>")] + "</effectiveTime>"
    other = '<code code="11429006" codeSystem="2.16.840.1.113883.6.96"/><lab:statusCode code="completed"/>'
    text = (
        f"{head}<documentationOf><serviceEvent>{_EVENT_CODE}{period}{_PERFORMER}</serviceEvent></documentationOf>"
        f"<documentationOf><serviceEvent>{other}</serviceEvent></documentationOf>"
        '<documentationOf><serviceEvent><code code="IMP" codeSystem="1.2"/></serviceEvent></documentationOf>'
        f"{tail}"
    )
    swaps = (
        ("</order>", '<ps3-20:accessionNumber root="1.2"/></order>'),
        ("<location><healthCareFacility>", f"{_DISCHARGE}{_RESPONSIBLE}<location><healthCareFacility>"),
        ("<informationRecipient><intendedRecipient/></informationRecipient>", _RECIPIENT),
        ("<informant><relatedEntity", f"{_INFORMANT}<informant><relatedEntity"),
        ('classCode="ECON">', f'classCode="ECON">{_RELATION}'),
        ("<authenticator>", f"<authenticator>{t(f'{LAB}.3.1.5')}"),
        (f"{_SIGNED}</assignedEntity></authenticator>", _AUTHENTICATOR_ORGANISATION),
        ('<time nullFlavor="NA"/>', '<time><low value="2026"/><high value="2027"/></time>'),
        ('<associatedEntity classCode="PROV">', f'<associatedEntity classCode="PROV">{DOCTOR}{_SPECIALTY}'),
        ('<assignedEntity>\n      <id root="1.2.250.1.71.4.2.1" extension="801234567897"/>\n      <assignedPerson>',
         f"<assignedEntity>{DOCTOR}{_SPECIALTY}{ORGANISATION}<assignedPerson>"),
        ('<code code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="x"/>',
         '<code code="SA01" codeSystem="1.2.250.1.71.4.2.4" displayName="x"><translation code="1" codeSystem="1.2" '
         'displayName="x"/></code>'),
        ('<parentDocument><id root="1.2.3.4.0"/>', '<parentDocument><id root="1.2.3.4.0"/><versionNumber value="1"/>'),
        ('<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="1750803447"/></representedOrganization>',
         ORGANISATION),
        ("<assignedAuthoringDevice>", f"{_SPECIALTY}<assignedAuthoringDevice>"),
        ('<birthplace><place>', '<birthplace><place><name>N</name>'),
    )  # fmt: skip
    sender = '<participant typeCode="REFB"><time nullFlavor="NA"/><associatedEntity classCode="PROV"/></participant>'
    text = text.replace("<documentationOf>", f"{sender}<documentationOf>", 1)
    for old, new in swaps:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


_SIGNED = "<assignedPerson><name><family>X</family><prefix>MME</prefix><suffix>PR</suffix></name></assignedPerson>"
_MODELS = {
    "LDL-SES": ("29", "2022.01", "", bodies.LETTER),
    "SHARED": ("29", "2022.01", "", bodies.LETTER + bodies.SHARED),
    "LDL-EES": ("21", "2022.01", "", bodies.SHARED + bodies.LETTER),
    "BIO": ("55", "2024.01", t("1.3.6.1.4.1.19376.1.3.3"), bodies.LAB_REPORT),
    "BIO-2023": ("55", "2023.01", t("1.3.6.1.4.1.19376.1.3.3"), bodies.LAB_REPORT),
    "BIO-2021": ("55", "", t("1.3.6.1.4.1.19376.1.3.3"), bodies.LAB_REPORT),
    "IMG": ("45", "2024.01", t("1.2.840.10008.9.1", "1.2.840.10008.9.20", "1.2.840.10008.9.21"), bodies.IMAGING),
    "SDM": ("30", "2024.01", "", bodies.RARE),
    "SDM-2022": ("30", "2022.01", "", bodies.RARE),
    "PRESC": ("39", "2024.01", t("1.3.6.1.4.1.19376.1.9.1.1.1", "1.3.6.1.4.1.19376.1.5.3.1.1.1"), bodies.PRESCRIPTION),
    "PRESC-2022": (
        "39", "2022.01", t("1.3.6.1.4.1.19376.1.9.1.1.1", "1.3.6.1.4.1.19376.1.5.3.1.1.1"), bodies.EARLIER_PRESCRIPTION,
    ),
}  # fmt: skip
FAMILIES = tuple(_MODELS)


@cache
def source(family: str) -> bytes:
    """The document of a family."""
    arc, version, others, body = _MODELS[family]
    extension = f' extension="{version}"' if version else ""
    model = f'<templateId root="1.2.250.1.213.1.1.1.{arc}"{extension}/>{others}'
    text = _header().replace("MODEL", model)
    text = text.replace("<title>Lettre de liaison à la sortie</title>",
                        "<title>Compte rendu d'examens biologiques</title>")  # fmt: skip
    head, _, rest = text.partition("<structuredBody>")
    return f"{head}<structuredBody>{body}</structuredBody>{rest.partition('</structuredBody>')[2]}".encode()


def tree(family: str) -> etree._Element:
    return etree.fromstring(source(family), etree.XMLParser(remove_comments=True))


def judged(root: etree._Element, value_sets: ValueSets | None = None) -> Report:
    """What the tables say of a document."""
    report = Report()
    check_body(root, read_header(HeaderIndex(root)), report, value_sets)
    return report


@cache
def sets() -> ValueSets:
    """Our lists, and for each other list the codes that the valid documents use."""
    known = ValueSets.ours()
    lists: dict[str, dict[str, dict[str, str]]] = {}
    for family in FAMILIES:
        root = tree(family)
        for group in GROUPS:
            start = f"//*[h:templateId/@root='{group.template}']"
            for row in group.rows:
                if row.set_name and row.set_name not in known:
                    path = f"/{translate(group.path)}" if group.path else ""
                    for found in compiled(f"{start}{path}/{translate(row.at)}")(root):
                        for name in row.set_name.split("|"):
                            codes = lists.setdefault(name, {}).setdefault(found.get("codeSystem") or "-", {})
                            codes[found.get("code") or "-"] = found.get("displayName") or ""
    return ValueSets([*_ours(), *(CodeList(name, (name,), codes) for name, codes in lists.items())])


def _ours() -> list[CodeList]:
    return list({id(item): item for item in ValueSets.ours()._by_name.values()}.values())
