"""Every row of the tables, kept and broken: the complete documents are silent, and for each row a change breaks it.

The change is looked for around the place of the row (removed, repeated, emptied, another attribute, something added);
the first that breaks the row must make the whole check say so. A row that never answers, or that refuses what is
complete, is seen at once.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from lxml import etree

from tests.validators.cda.rules.bodies import AGENT, ORGANIZER, RANK, SUBSTITUTION, problem
from tests.validators.cda.rules.documents import FAMILIES, judged, sets, source, tree
from tests.validators.cda.rules.pieces import ENT, LAB, PCC, PHARM, SEC, comment, link, simple, t
from validators.cda import read_header
from validators.cda._tree import HeaderIndex
from validators.cda.rules._body import _models
from validators.cda.rules._catalogue import GROUPS, rows, rules_of
from validators.cda.rules._engine import Context, Find, index_templates
from validators.cda.rules._engine import Test as RowTest
from validators.cda.rules._row import Row
from validators.cda.rules._xpath import compiled, translate
from validators.messages import catalogue, render

V3 = "{urn:hl7-org:v3}"
ADDED = (
    "author", "methodCode", "targetSiteCode", "interpretationCode", "repeatNumber", "confidentialityCode",
    "uncertaintyCode", "reference", "referenceRange", "sequenceNumber", "routeCode", "lotNumberText", "high", "low",
    "substanceAdministration", "birthTime", "time", "originalText", "entry", "component", "prefix", "suffix", "supply",
    "organizer", "functionCode", "templateId", "center", "width", "value", "name", "addr", "telecom", "statusCode",
    "given", "family", "performer", "participant", "id", "city", "text", "dischargeDispositionCode", "effectiveTime",
    "responsibleParty", "code", "standardIndustryClassCode", "maxDoseQuantity", "versionNumber", "assignedPerson",
    "assignedAuthoringDevice", "informationRecipient", "receivedOrganization", "representedOrganization",
    "guardianPerson", "guardianOrganization", "associatedEntity", "scopingOrganization", "doseQuantity", "rateQuantity", "consumable",  # noqa: E501
    "subject", "observation", "section", "act", "translation", "typeCode", "qualifier", "entryRelationship",
)  # fmt: skip
OTHER_NAMES = (
    "{urn:hl7-org:sdtc}deceasedInd", "{urn:hl7-org:sdtc}deceasedTime", "{urn:hl7-org:sdtc}multipleBirthInd",
    "{urn:hl7-org:sdtc}multipleBirthOrderNumber", "{urn:ihe:pharm}formCode", "{urn:ihe:pharm}expirationTime",
    "{urn:ihe:pharm}asContent", "{urn:dicom-org:ps3-20}accessionNumber", "{urn:oid:1.3.6.1.4.1.19376.1.3.2}statusCode",
)  # fmt: skip
_SUPPLY = '<entryRelationship typeCode="REFR"><supply><templateId root="{}"/></supply></entryRelationship>'
_MORE = '<entryRelationship><observation><templateId root="{}"/></observation></entryRelationship>'
_SECTION = '<component><section><templateId root="{0}"/></section></component>' * 2
_BODY = "<structuredBody>"
_STATUS = f"<entryRelationship>{t(f'{PCC}.4.1.1')}</entryRelationship>"

EXPLICIT = {
    "ENT-ALLERGY-SEVERITY": ("SHARED", AGENT, AGENT + _MORE.format(f"{PCC}.4.1") * 2),
    "ENT-ALLERGY-CERTAINTY": ("SHARED", AGENT, AGENT + _MORE.format(f"{ENT}.171") * 2),
    "ENT-IMMUNIZATION-LINKS": ("SHARED", RANK + link(comment(), "SUBJ", "true"), "<entryRelationship/>"),
    "ENT-IMMUNIZATION-SUPPLY": ("SHARED", RANK, RANK + _SUPPLY.format(f"{PCC}.4.7.3") * 2),
    "ENT-PRESCRIBED-SUPPLY": ("PRESC", SUBSTITUTION, SUBSTITUTION + _SUPPLY.format(f"{PHARM}.3.15") * 2),
    "ENT-PROBLEM-CLINICAL-STATUS-LINK": ("SDM", _BODY, _BODY + problem(_STATUS)),
    "IMG-SECTION-COMMENT": ("IMG", _BODY, _BODY + _SECTION.format(f"{SEC}.73")),
    "IMG-SECTION-DEVICES": ("IMG", _BODY, _BODY + _SECTION.format(f"{SEC}.1")),
    "IMG-SECTION-DOCUMENTS": ("IMG", _BODY, _BODY + _SECTION.format(f"{SEC}.37")),
    "IMG-SECTION-PRIOR": ("IMG", _BODY, _BODY + _SECTION.format(f"{SEC}.150")),
    "LAB-PERFORMER-ACT": ("BIO", _BODY, _BODY + t(f"{LAB}.3.1.7")),
    "SDM-RECORD-LOST": ("SDM", "<entry>", f"<entry>{simple('PAT-061', '')}</entry>" * 2 + "<entry>"),
    "SEC-DEVICES-FR-ORGANIZER-ALONE": ("SHARED", ORGANIZER, f"{ORGANIZER}<entry><supply/></entry>"),
}
"""Rows that need more than a change of what is there: a family, what is replaced, and by what."""

Undo = Callable[[], object]
Change = Callable[[etree._Element], Undo]
TRIES = 4000
"""What one row may cost on one context; a try is some microseconds."""


def _drop(element: etree._Element) -> Undo:
    parent = element.getparent()
    assert parent is not None
    place = parent.index(element)
    parent.remove(element)
    return lambda: parent.insert(place, element)


def _twice(element: etree._Element) -> Undo:
    double, parent = copy.deepcopy(element), element.getparent()
    assert parent is not None
    element.addnext(double)
    return lambda: parent.remove(double)


def _unset(name: str) -> Change:
    def change(element: etree._Element) -> Undo:
        value = element.attrib.pop(name)
        return lambda: element.set(name, value)

    return change


def _set(name: str, value: str) -> Change:
    def change(element: etree._Element) -> Undo:
        before = element.get(name)
        element.set(name, value)
        return lambda: element.attrib.pop(name) if before is None else element.set(name, before)

    return change


def _with(name: str, times: int) -> Change:
    def change(element: etree._Element) -> Undo:
        attributes = {"root": "9.9.9", "classCode": "CONT", "code": "9", "value": "1"}
        added = [etree.SubElement(element, name, attributes) for _ in range(times)]
        return lambda: [element.remove(child) for child in added]

    return change


def _emptied(element: etree._Element) -> Undo:
    children, text = list(element), element.text
    for child in children:
        element.remove(child)
    element.text = None

    def undo() -> None:
        element.text = text
        element.extend(children)

    return undo


def _text(element: etree._Element) -> Undo:
    text = element.text
    element.text = "autre"
    return lambda: setattr(element, "text", text)


def _changes(element: etree._Element) -> Iterator[Change]:
    yield from (_drop, _twice, _emptied, _text)
    for name in element.attrib:
        yield _unset(str(name))
        yield from (_set(str(name), value) for value in ("9.9.9", "INT", "ARQ", "NINF", "aborted", "02276797"))
    yield from (_set(name, value) for name, value in (("nullFlavor", "UNK"), ("nullFlavor", "PINF"), ("code", "9"),
                                                      ("unit", "x"), ("negationInd", "x"), ("value", "x")))  # fmt: skip


def _additions(element: etree._Element) -> Iterator[Change]:
    yield from (_with(V3 + name, times) for name in ADDED for times in (1, 2))
    yield from (_with(name, 2) for name in OTHER_NAMES)


def _nodes(expression: str, context: etree._Element) -> list[etree._Element]:
    """The elements of an expression, when it is a path and nothing else."""
    with contextlib.suppress(etree.XPathSyntaxError):
        found = compiled(translate(expression))(context)
        return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
    return []


def _places(test: RowTest, context: etree._Element) -> list[etree._Element]:
    """What the row looks at: its place, and for a row about each of several parts, those parts."""
    places = [test.place(context)]
    for cut in (found.start() for found in re.finditer(r"\[not\(", test.row.at)):
        places += _nodes(test.row.at[:cut].removeprefix("(").removesuffix(")"), context)
    return places + _nodes(test.row.holds, context)


def _around(test: RowTest, context: etree._Element) -> Iterator[tuple[etree._Element, Change]]:
    """The changes to try, the likeliest first: on what the row looks at, the context, its parts, then additions."""
    near = [part for place in _places(test, context)[:6] for part in list(place.iter(f"{V3}*"))[:40]]
    parts = [context, *context.iterdescendants(f"{V3}*")][:120]
    parent = context.getparent()
    for element in (*near, *parts, *((parent,) if parent is not None else ())):
        if element.getparent() is not None:
            yield from ((element, change) for change in _changes(element))
    for element in (*near, context, *context[:40], *(part for child in context[:20] for part in child)):
        yield from ((element, change) for change in _additions(element))


def _together(test: RowTest, context: etree._Element) -> Iterator[Change]:
    """Changes of several elements at once: all that the row looks at, all the templateIds but one."""
    yield _each([node for node in _nodes(test.row.holds, context) if context not in node.iter()], _drop)
    yield _each(_nodes(test.row.holds, context), _set("typeCode", "9.9.9"))
    own = _templates()[test.row.id]
    yield _each([item for item in context.findall(f"{V3}templateId") if item.get("root") != own], _drop)


def _each(elements: list[etree._Element], change: Change) -> Change:
    def changes(_: etree._Element) -> Undo:
        undos = [change(element) for element in elements]
        return lambda: [undo() for undo in reversed(undos)]

    return changes


def _broken(test: RowTest, context: etree._Element) -> bool:
    """A change that breaks the row exists, and the whole check says so."""
    root = context.getroottree().getroot()
    for change in _together(test, context):
        undo = change(context)
        broken = not test.holds(context) and test.row.id in judged(root, sets()).rules()
        undo()
        if broken:
            return True
    for element, change in itertools.islice(_around(test, context), TRIES):
        undo = change(element)
        broken = not test.holds(context) and test.row.id in judged(root, sets()).rules()
        undo()
        if broken:
            return True
    return False


def _member_broken(row: Row, element: etree._Element) -> bool:
    _set("displayName" if row.words_only else "code", "9.9.9")(element)
    return row.id in judged(element.getroottree().getroot(), sets()).rules()


def _contexts(family: str) -> Iterator[tuple[Context, list[etree._Element]]]:
    """Every context of a document with the elements it looks at."""
    root = tree(family)
    known = rules_of(_models(read_header(HeaderIndex(root))))
    for template, elements in index_templates(root).items():
        for context in known[template].contexts if template in known else ():
            yield context, compiled(f"$n{context.path}")(root, n=elements)


def broken_rows(family: str, wanted: set[str]) -> set[str]:
    """Which of the wanted rows a change breaks in a document."""
    done: set[str] = set()
    for context, elements in _contexts(family):
        for test in context.tests:
            if test.row.id in wanted - done and any(_broken(test, element) for element in elements[:12]):
                done.add(test.row.id)
        for row, find in context.codes:
            if row.id in wanted - done and any(_member_broken(row, element) for element in _coded(family, row, find)):
                done.add(row.id)
    return done


def _coded(family: str, row: Row, find: Find) -> list[etree._Element]:
    root = tree(family)
    return find(root, index_templates(root).get(_templates()[row.id], []))[:3]


@cache
def owned() -> dict[str, str]:
    """For each row, the first family whose document has its context."""
    found: dict[str, str] = {}
    for family in FAMILIES:
        for context, elements in _contexts(family):
            for row in (*(test.row for test in context.tests), *context.sets):
                if elements:
                    found.setdefault(row.id, family)
    return found


@cache
def _templates() -> dict[str, str]:
    return {row.id: group.template for group in GROUPS for row in group.rows}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_complete_document_is_silent(family: str) -> None:
    report = judged(tree(family), sets())
    assert {issue.rule for issue in report} <= {"CDA-DISPLAY"}


def test_every_row_has_a_document() -> None:
    assert {row.id for row in rows()} - owned().keys() == set()


def test_rows_are_well_worded() -> None:
    for row in rows():
        rule = catalogue()[row.id]
        assert rule.fr.endswith((".", "…")), row.id
        assert rule.en.endswith("."), row.id
        assert rule.source
        assert len(row.id) <= 50


def test_words_are_complete() -> None:
    root = tree("LDL-SES")
    for element in list(root.iter(f"{V3}statusCode", f"{V3}title")):
        _drop(element)
    report = judged(root)
    assert len(report) > 10
    for issue in report:
        for lang in ("fr", "en"):
            assert "{" not in render(issue, lang)
        assert issue.line is not None
        assert issue.location.startswith("/ClinicalDocument")


@pytest.mark.parametrize("row", EXPLICIT)
def test_rows_broken_by_more(row: str) -> None:
    family, old, new = EXPLICIT[row]
    text = source(family).decode()
    assert old in text
    root = etree.fromstring(text.replace(old, new, 1).encode(), etree.XMLParser(remove_comments=True))
    assert row in judged(root, sets()).rules()


@pytest.mark.parametrize("row", [row.id for row in rows() if row.id.endswith("-PLACE")])
def test_a_mandatory_section_inside_another(row: str) -> None:
    root = tree(owned()[row])
    sections = [item for item in index_templates(root)[_templates()[row]] if item.tag == f"{V3}section"]
    other = next(item for item in root.iter(f"{V3}section") if item not in sections)
    for section in sections:
        component = section.getparent()
        assert component is not None
        other.append(component)
    rules = judged(root, sets()).rules()
    assert row in rules
    assert row.removesuffix("-PLACE") not in rules
