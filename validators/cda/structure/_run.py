"""A document against the compiled schema: each fault becomes one located issue, unless a header rule says it already.

Rules `CDA-SCHEMA-*` (HL7 CDA R2 2005, POCD_MT000040). libxml2 validates in place, in one pass; what costs is saying
where a fault lies, so a document that is too large to be told everything is only told what.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Final, cast

from lxml import etree

from validators.cda._tree import name_of, say, xpath_of
from validators.cda.structure._entries import NOTHING, Entry, Finding, finding_of
from validators.cda.structure._schema import schema
from validators.report import REFUSING, Issue, Report, Scope

MOST_FINDINGS: Final = 50
LARGE: Final = 20_000
"""Elements beyond which faults are not located: libxml2 counts siblings for each, which is quadratic."""

_CHUNK: Final = 1 << 16
_STEP: Final = re.compile(r"/(\*|[^/\[]+)(?:\[([0-9]+)\])?")
_COUNT: Final = etree.XPath("count(descendant::*)")
# The error log belongs to the schema: one validation at a time, whatever the threads (a millisecond each).
_ONE_AT_A_TIME: Final = threading.Lock()
_SAME_ATTRIBUTES: Final = {
    "CDA-ID-FORM": ("root", "extension"),
    "CDA-TYPEID": ("root", "extension"),
    "CDA-TELECOM": ("value",),
    "CDA-TIME": ("value",),
    "CDA-VERSION": ("value",),
    "INS-BIRTH-DATE": ("value",),
}
"""Rules of the header and of the identity that judge the lexical form of these attributes of their element."""

_CHILDREN: Final = {"CDA-TYPEID": "typeId", "CDA-BODY": "structuredBody", "CDA-N1-EMPTY": "text"}
"""Rules that count one child; `CDA-HEADER-MISSING` and `CDA-HEADER-MANY` name theirs."""


def check_content_model(root: etree._Element, report: Report) -> None:
    """Check a `ClinicalDocument` against the content model of CDA R2. Never raises.

    Called last: a fault that a rule already reported as an error, about the same child or attribute of the same
    element, is not repeated.
    """
    said = _Said(report)
    for finding in _findings(root):
        element = root if finding.path is None else element_at(root, finding.path)
        if not said.already(finding, xpath_of(element)):
            say(report, finding.rule, element, **_complete(finding, element))


def _complete(finding: Finding, element: etree._Element) -> dict[str, str]:
    """Where nothing more may come, the parent's closing tag is expected: libxml2 does not name the parent."""
    parent = element.getparent()
    if finding.params.get("expected") != NOTHING or finding.path is None or parent is None:
        return finding.params
    return finding.params | {"expected": f"/{name_of(parent)}"}


def _findings(root: etree._Element) -> list[Finding]:
    large = cast("float", _COUNT(root)) > LARGE
    with _ONE_AT_A_TIME:
        return list(islice(_distinct(_unlocated(root) if large else _located(root)), MOST_FINDINGS))


def _located(root: etree._Element) -> Iterable[Entry]:
    compiled = schema()
    return () if compiled.validate(root) else cast("Iterable[Entry]", compiled.error_log)


def _unlocated(root: etree._Element) -> Iterable[Entry]:
    """The first faults of a large document, parsed again piece by piece and left as soon as there are enough."""
    text = etree.tostring(root, encoding="UTF-8", with_tail=False)
    parser = etree.XMLParser(schema=schema(), resolve_entities=False, no_network=True)
    with suppress(etree.XMLSyntaxError):  # an invalid document ends so; its log says why
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            if len(parser.feed_error_log) >= MOST_FINDINGS:
                break
        else:
            parser.close()
    return cast("Iterable[Entry]", parser.feed_error_log)


def _distinct(entries: Iterable[Entry]) -> Iterator[Finding]:
    """One finding an element and attribute: libxml2 says a wrong value twice, once for the facet, once for the type."""
    seen: set[object] = set()
    for entry in entries:
        finding = finding_of(entry)
        key = finding.about if finding.path else (finding.rule, tuple(finding.params.items()))
        if key not in seen:
            seen.add(key)
            yield finding


def element_at(root: etree._Element, path: str) -> etree._Element:
    """The element of a libxml2 path (`/*/*[3]/c:name[2]`), or the nearest ancestor that is there.

    `*` counts every sibling, a prefixed name those written with the same prefix.
    """
    element = root
    for name, position in _STEP.findall(path)[1:]:
        prefix, _, local = name.rpartition(":")
        children = (
            child
            for child in element.iterchildren("*")
            if name == "*" or ((child.prefix or "") == prefix and etree.QName(child).localname == local)
        )
        found = next(islice(children, int(position or 1) - 1, None), None)
        if found is None:
            break
        element = found
    return element


class _Said:
    """The errors of the report by place, as they were before the schema spoke."""

    def __init__(self, report: Report) -> None:
        self._issues: dict[str, list[Issue]] = {}
        for issue in report:
            if issue.severity in REFUSING and issue.scope is Scope.CONFORMITY:
                self._issues.setdefault(issue.location, []).append(issue)

    def already(self, finding: Finding, location: str) -> bool:
        """Did a rule say the same of the same child or attribute?"""
        if finding.rule == "CDA-SCHEMA-ORDER":
            return self._order(finding, location)
        attribute = finding.params.get("attribute")
        return any(
            attribute == issue.params.get("attribute") or attribute in _SAME_ATTRIBUTES.get(issue.rule, ())
            for issue in self._issues.get(location, ())
            if attribute
        )

    def _order(self, finding: Finding, location: str) -> bool:
        """A missing child is said on its parent, or where it should have stood; a child too many on itself."""
        found, expected = finding.params["found"], finding.params["expected"].split(", ")
        parent = location if found.startswith("/") else location.rpartition("/")[0]
        about = (*self._issues.get(parent, ()), *self._issues.get(f"{parent}/{found}[1]", ()))
        if any(_child_missing(issue) in expected for issue in about):
            return True
        many = (*about, *self._issues.get(location, ()))
        return any(_child_too_many(issue) == found for issue in many)


def _child_missing(issue: Issue) -> str | None:
    return issue.params.get("element") if issue.rule == "CDA-HEADER-MISSING" else _CHILDREN.get(issue.rule)


def _child_too_many(issue: Issue) -> str | None:
    return issue.params.get("element") if issue.rule == "CDA-HEADER-MANY" else _CHILDREN.get(issue.rule)
