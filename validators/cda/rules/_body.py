"""The body of a document looked at: its model's rows, the shared templates, references, and what is not covered."""

from __future__ import annotations

from typing import Final, cast

from lxml import etree

from validators.cda._header import Header
from validators.cda._time import parse_timestamp
from validators.cda._tree import V3, say
from validators.cda.rules._catalogue import COVERED, header_rules, rules_of
from validators.cda.rules._engine import Elements, Visit, index_templates
from validators.cda.rules._xpath import compiled
from validators.documents import registry
from validators.report import Report
from validators.terminology import ValueSets

_UNVERSIONED: Final = {"1.2.250.1.213.1.1.1.55": "2021.01"}
"""BIO-CR-BIO writes no version in its first edition."""


def check_body(root: etree._Element, header: Header, report: Report, value_sets: ValueSets | None = None) -> None:
    """Run the rows that the document's templates call for; without a structured body, those of the header."""
    visit = Visit(root, report, ValueSets.ours() if value_sets is None else value_sets)
    if header.level != 3:
        visit.check(header_rules(), index_templates(root))
        visit.say_missing()
        return
    visit.check(rules_of(_models(header)), index_templates(root))
    _references(visit)
    _intervals(visit)
    visit.say_missing()
    for model in _uncovered(header):
        say(report, "CDA-VOLET-NOT-COVERED", root, model=model)


def _models(header: Header) -> frozenset[tuple[str, str]]:
    """The models whose rules are here, with a version they know: an unknown one is judged as the latest."""
    return frozenset((oid, _version(oid, extension)) for oid, extension in header.templates if oid in COVERED)


def _version(oid: str, extension: str | None) -> str:
    model = registry().model(oid)
    versions = model.versions if model else ()
    if not extension and oid in _UNVERSIONED:
        return _UNVERSIONED[oid]
    return extension if extension in versions else max(versions, default="")


def _uncovered(header: Header) -> list[str]:
    known = registry()
    return [model.name for oid, _ in header.templates if oid not in COVERED and (model := known.model(oid))]


_IDS: Final = compiled("descendant::*/@ID")
_REFERENCES: Final = compiled(
    "h:component/descendant::h:reference[parent::h:text or parent::h:originalText][starts-with(@value,'#')]"
)


def _references(visit: Visit) -> None:
    """`CDA-REFERENCE`: a `#…` that no ID of the document answers (warning)."""
    references = cast("Elements", _REFERENCES(visit.root))
    known = set(cast("list[str]", _IDS(visit.root))) if references else set()
    for element in references:
        if (element.get("value") or "")[1:] not in known:
            visit.say("CDA-REFERENCE", element)


_BOUNDS: Final = compiled(
    "h:component/descendant::h:high[@value][parent::h:effectiveTime or parent::h:time][preceding-sibling::h:low/@value]"
)


def _intervals(visit: Visit) -> None:
    """`CDA-BODY-INTERVAL`: an interval of the body ends before it starts."""
    for high in cast("Elements", _BOUNDS(visit.root)):
        low = next(high.itersiblings(f"{V3}low", preceding=True))
        start, end = parse_timestamp(low.get("value")), parse_timestamp(high.get("value"))
        if start is not None and end is not None and end.end <= start.start:
            visit.say("CDA-BODY-INTERVAL", high)
