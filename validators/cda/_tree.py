"""Steps in a CDA tree: names by namespace URI, places as XPath, and an index of the header read in one walk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from lxml import etree

from validators.messages import rule
from validators.report import Report, Severity

V3: Final = "{urn:hl7-org:v3}"
SDTC: Final = "{urn:hl7-org:sdtc}"
ROOT: Final = f"{V3}ClinicalDocument"
BODY: Final = f"{V3}component"
_V3_LENGTH: Final = len(V3)


def line_of(element: etree._Element) -> int | None:
    """The line of the start tag."""
    return cast("int | None", element.sourceline)


def text_of(element: etree._Element) -> str:
    """The text, spaces collapsed."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def name_of(element: etree._Element) -> str:
    """The local name, whatever the prefix."""
    return element.tag.rpartition("}")[2]


def xpath_of(element: etree._Element) -> str:
    """`/ClinicalDocument/recordTarget[1]/patientRole[1]`: no prefix, a position on every step after the root.

    Positions count the siblings of the same name. In a self-presenting document the path starts at ClinicalDocument.
    """
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None and node.tag != ROOT:
        position = 1 + sum(1 for _ in node.itersiblings(node.tag, preceding=True))
        steps.append(f"{name_of(node)}[{position}]")
        node = node.getparent()
    return "/" + "/".join(["ClinicalDocument", *reversed(steps)])


def say(
    report: Report, rule_id: str, element: etree._Element, severity: Severity | None = None, /, **params: object
) -> None:  # fmt: skip
    """Record an issue on an element: its XPath and its line are only computed here."""
    report.add(rule(rule_id), xpath_of(element), line=line_of(element), severity=severity, **params)


class HeaderIndex:
    """The header's elements by tag and by path; the body (`component`) is left out of the tags.

    A path is written without prefixes (`recordTarget/patientRole/id`); `name[1]` keeps the first of each parent.
    """

    __slots__ = ("_paths", "_tags", "root", "size")

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._tags: dict[str, list[etree._Element]] = {}
        self._paths: dict[str, list[etree._Element]] = {"": [root]}
        self.size = 0
        for child in root:
            if child.tag != BODY:
                self._add(child, "")

    def _add(self, element: etree._Element, parent: str) -> None:
        """The element and all below it; `parent` is the path above, ending with a slash."""
        tag = element.tag
        self._tags.setdefault(tag, []).append(element)
        self.size += 1
        path = parent + (tag[_V3_LENGTH:] if tag.startswith(V3) else tag)
        self._paths.setdefault(path, []).append(element)
        path += "/"
        for child in element:
            self._add(child, path)

    def tagged(self, *names: str) -> Iterable[etree._Element]:
        """Every header element of one of the names (HL7 v3 unless `{uri}name`), in order, name by name."""
        return (element for name in names for element in self._tags.get(name if name[0] == "{" else V3 + name, ()))

    def at(self, path: str) -> list[etree._Element]:
        """The elements of a path from the root."""
        known = self._paths.get(path)
        if known is None:
            known = self._paths[path] = self._looked_up(path)
        return known

    def _looked_up(self, path: str) -> list[etree._Element]:
        """What the walk did not meet: the body, the first of each parent, and what is not there."""
        if "[1]" not in path and not path.startswith("component"):
            return []
        parent, _, step = path.rpartition("/")
        return _children(self.at(parent), step)

    def first(self, path: str) -> etree._Element | None:
        """The first element of a path."""
        found = self.at(path)
        return found[0] if found else None

    def attribute(self, path: str, name: str) -> str | None:
        """An attribute of the first element of a path."""
        element = self.first(path)
        return None if element is None else element.get(name)


def _children(parents: list[etree._Element], step: str) -> list[etree._Element]:
    """The children of one step: all of a name, or the first of each parent (`name[1]`)."""
    if not step.endswith("[1]"):
        return [child for parent in parents for child in parent.iterchildren(V3 + step)]
    firsts = (next(parent.iterchildren(V3 + step[:-3]), None) for parent in parents)
    return [child for child in firsts if child is not None]
