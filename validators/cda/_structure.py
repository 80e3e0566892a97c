"""The tables applied to a header: cardinalities, attributes, closed lists, identifiers and contacts.

Rules `CDA-HEADER-*`, `CDA-ID-*`, `CDA-TELECOM`, `CDA-ADDR`; sources beside each table row.
"""

from __future__ import annotations

import re
from typing import Final, cast

from lxml import etree

from validators.cda._header import CUSTODIAN_ID, ORGANISATION_ID, PROFESSIONAL_ROOT, STRUCTURE_ROOT
from validators.cda._table import CARDINALITIES, CLOSED_LISTS, MANY, SYSTEMS, Closed, Row
from validators.cda._tree import HeaderIndex, say, text_of
from validators.report import Report

_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))*")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TELECOM: Final = re.compile(r"(?:tel|fax|mailto|http|https|ftp|mllp):\s*\S.*", re.DOTALL)
_NO_TELECOM: Final = frozenset({"UNK", "NASK", "ASKU", "NAV", "MSK"})

# Struct_IdNat and PS_IdNat: a type digit, then the national number (annex on identifiers of the CI-SIS).
_STRUCTURE: Final = re.compile(r"1[0-9][0-9AB][0-9]{7}|2[0-9]{9}|3[0-9]{14}|[04].{4,}", re.DOTALL)
_PROFESSIONAL: Final = re.compile(r"8[0-9]{11}|0[0-9A-Z]{9}|[1-7][0-9A-Z]+/.+", re.DOTALL)
_FORMS: Final = {STRUCTURE_ROOT: _STRUCTURE, PROFESSIONAL_ROOT: _PROFESSIONAL}
_LUHN: Final = {
    STRUCTURE_ROOT: re.compile(r"1([0-9]{9})|2([0-9]{9})|3([0-9]{14})"),
    PROFESSIONAL_ROOT: re.compile(r"8([0-9]{11})()()"),
}
# Each digit twice, the digits of the result added.
_DOUBLED: Final = str.maketrans("0123456789", "0246813579")

_PARENTS: Final = {row.path: row.path.rpartition("/")[0] for row in CARDINALITIES}
_MIXED: Final = etree.XPath(
    "*[not(self::h:component)]/descendant::h:addr[*][text()[normalize-space()]]", namespaces={"h": "urn:hl7-org:v3"}
)


def check_structure(index: HeaderIndex, report: Report) -> None:
    """Apply every table to the header."""
    for row in CARDINALITIES:
        _cardinality(row, index, report)
    for closed in CLOSED_LISTS:
        _closed_list(closed, index, report)
    _systems(index, report)
    _identifiers(index, report)
    _contacts(index, report)


def _cardinality(row: Row, index: HeaderIndex, report: Report) -> None:
    """`CDA-HEADER-MISSING`, `CDA-HEADER-MANY`, `CDA-HEADER-ATTRIBUTE` for one row."""
    elements = index.at(row.path)
    if not elements and not row.low:
        return
    parents = index.at(_PARENTS[row.path])
    if not parents:
        return
    present = elements if row.null else [item for item in elements if item.get("nullFlavor") is None]
    # One parent and a count within bounds is nearly always the case.
    if len(parents) != 1 or not row.low <= len(present) or len(elements) > row.high:
        _count(row, parents, set(present), elements, report)
    for attribute in row.attributes:
        for item in present:
            if not item.get(attribute) and item.get("nullFlavor") is None:
                say(report, "CDA-HEADER-ATTRIBUTE", item, attribute=attribute)


def _count(
    row: Row,
    parents: list[etree._Element],
    present: set[etree._Element],
    elements: list[etree._Element],
    report: Report,
) -> None:
    card = f"{row.low}..{'*' if row.high == MANY else row.high}"
    name = row.path.rpartition("/")[2].removesuffix("[1]")
    children: dict[etree._Element | None, list[etree._Element]] = {parent: [] for parent in parents}
    for item in elements:
        children[item.getparent()].append(item)
    for parent, found in children.items():
        counted = [item for item in found if item in present]
        if len(counted) < row.low and parent is not None:
            say(report, "CDA-HEADER-MISSING", found[0] if found else parent, element=name, card=card)
        elif len(found) > row.high:
            say(report, "CDA-HEADER-MANY", found[row.high], element=name, card=card, found=len(found))


def _closed_list(closed: Closed, index: HeaderIndex, report: Report) -> None:
    """`CDA-HEADER-VALUE`; a text is never quoted, it may hold a name."""
    for item in index.at(closed.path):
        value = item.get(closed.attribute) if closed.attribute else text_of(item)
        if value and value not in closed.values:
            what = closed.attribute or "text()"
            expected = ", ".join(sorted(closed.values)[:12])
            say(report, "CDA-HEADER-VALUE", item, attribute=what, found=_quoted(closed, value), expected=expected)


def _quoted(closed: Closed, value: str) -> str:
    return value[:40] if closed.attribute else "…"


def _systems(index: HeaderIndex, report: Report) -> None:
    """`CDA-SYSTEM`: the code system of the practice setting and of the facility (warning)."""
    for path, systems in SYSTEMS.items():
        for item in index.at(path):
            found = item.get("codeSystem")
            if found and found not in systems:
                say(report, "CDA-SYSTEM", item, found=found, expected=", ".join(sorted(systems)))


def _identifiers(index: HeaderIndex, report: Report) -> None:
    """`CDA-ID-FORM`, `CDA-ID-DUPLICATE`, `CDA-CUSTODIAN`, `CDA-NATIONAL-ID`."""
    for item in index.tagged("id", "setId"):
        _id_form(item, report)
        _national_id(item, report)
    seen: set[tuple[str | None, str | None]] = set()
    for item in index.at("recordTarget/patientRole/id"):
        key = (item.get("root"), item.get("extension"))
        if key in seen and key[0] is not None:
            say(report, "CDA-ID-DUPLICATE", item)
        seen.add(key)
    for item in index.at(CUSTODIAN_ID):
        if item.get("root") == STRUCTURE_ROOT and not item.get("extension"):
            say(report, "CDA-CUSTODIAN", item)
    for item in index.at(ORGANISATION_ID):
        if item.get("root") not in (None, STRUCTURE_ROOT):
            say(report, "CDA-NATIONAL-ID", item)


def _id_form(item: etree._Element, report: Report) -> None:
    """A root is an OID or a UUID, an extension is not empty, and a nullFlavor excludes the root."""
    root, extension = item.get("root"), item.get("extension")
    wrong_root = root is not None and not (_OID.fullmatch(root) or _UUID.fullmatch(root))
    contradictory = root is not None and item.get("nullFlavor") is not None
    if wrong_root or contradictory or extension == "":
        say(report, "CDA-ID-FORM", item)


def _national_id(item: etree._Element, report: Report) -> None:
    """FINESS, SIREN, SIRET and RPPS: form and Luhn key (warnings: the published examples break both)."""
    root, extension = item.get("root"), item.get("extension")
    form = _FORMS.get(root or "")
    if form is None or not extension:
        return
    keyed = _LUHN[root or ""].fullmatch(extension)
    if not form.fullmatch(extension):
        say(report, "CDA-NATIONAL-ID", item)
    elif keyed and not _luhn(next(filter(None, keyed.groups()))):
        say(report, "CDA-NATIONAL-KEY", item)


def _luhn(digits: str) -> bool:
    return (sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2].translate(_DOUBLED)))) % 10 == 0


def _contacts(index: HeaderIndex, report: Report) -> None:
    """`CDA-TELECOM`: a URI with its scheme or a nullFlavor, not both; `CDA-ADDR`: no text beside the parts."""
    for item in index.tagged("telecom"):
        value, null = item.get("value"), item.get("nullFlavor")
        written = value is not None and null is None and _TELECOM.fullmatch(value) is not None
        if not written and (value is not None or null not in _NO_TELECOM):
            say(report, "CDA-TELECOM", item)
    for item in cast("list[etree._Element]", _MIXED(index.root)):
        say(report, "CDA-ADDR", item)
