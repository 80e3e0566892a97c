"""What the kit says of a document: where, how bad, and in the kit's own words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from lxml import etree

from validators.cda._tree import line_of, name_of
from validators.report import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """An error of the schema or an assertion that failed.

    The kit gives its assertions no id: `assertion` is made of the pattern, the rank of the rule in it and the rank of
    the assertion in the rule (`Entete_LDL-SES/1.2`). `source` is the schematron's file, or the schema's.
    """

    source: str
    assertion: str
    severity: Severity
    location: str
    line: int | None
    message: str


def element_of(root: etree._Element, location: str) -> etree._Element | None:
    """The element of a prefix-free path with positions; an attribute step gives its element, a wrong path None."""
    steps = [step for step in location.split("/") if step and not step.startswith("@")]
    element: etree._Element | None = root
    for step in steps[1:]:
        if element is None:
            return None
        name, _, position = step.rstrip("]").partition("[")
        element = _child(element, name, int(position or 1))
    return element


def _child(parent: etree._Element, name: str, position: int) -> etree._Element | None:
    """Positions count the children of one qualified name; two namespaces may share the local one."""
    children = [child for child in parent.iterchildren("*") if name_of(child) == name]
    for tag in dict.fromkeys(child.tag for child in children):
        found = next(islice((child for child in children if child.tag == tag), position - 1, None), None)
        if found is not None:
            return found
    return None


def line_at(root: etree._Element, location: str) -> int | None:
    """The line of a location in the document as received."""
    element = element_of(root, location)
    return None if element is None else line_of(element)
