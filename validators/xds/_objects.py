"""ebRIM registry objects as they stand in the XML, with the place of each part: slots, classifications, identifiers.

Sources: OASIS ebRIM 3.0; IHE ITI TF-3, 4.2.1. A classification or external identifier that stands beside its object
in the list belongs to it all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from lxml import etree

from validators.ins import Place
from validators.messages import rule
from validators.report import Report, Severity
from validators.xds._schemes import LCM, RIM
from validators.xmlopen import Cause, Refusal, open_xml

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_OBJECTS: Final = 4_000
MAX_ELEMENTS: Final = 200_000

_RIM: Final = f"{{{RIM}}}"
_REQUEST: Final = f"{{{LCM}}}SubmitObjectsRequest"
_WRAPPERS: Final = ("{urn:ihe:iti:xds-b:2007}ProvideAndRegisterDocumentSetRequest",)
_LIST: Final = f"{_RIM}RegistryObjectList"
_CAUSES: Final = {Cause.DTD: "XDS-DTD", Cause.ENTITY: "XDS-DTD", Cause.SIZE: "XDS-LIMIT", Cause.DEPTH: "XDS-LIMIT"}


@dataclass(frozen=True, slots=True)
class Classified:
    """A Classification: of a scheme (a code or an author), or of a node (what the object is)."""

    scheme: str | None
    node: str | None
    code: str
    name: str | None
    slots: dict[str, list[str]]
    place: Place


@dataclass(slots=True)
class RegistryObject:
    """An ExtrinsicObject, RegistryPackage or Association."""

    tag: str
    attributes: dict[str, str]
    place: Place
    name: str | None = None
    description: str | None = None
    version: str | None = None
    slots: list[tuple[str, list[str], Place]] = field(default_factory=list)
    classifications: list[Classified] = field(default_factory=list)
    identifiers: list[tuple[str, str, Place]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id; empty when it has none."""
        return self.attributes.get("id", "")


def open_request(data: bytes, report: Report) -> etree._Element | None:
    """The SubmitObjectsRequest in bytes; None with a fatal issue. Rules `XDS-XML`, `XDS-DTD`, `XDS-LIMIT`."""
    opened = open_xml(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    if not isinstance(opened, Refusal):
        return request_in(opened.getroot(), report)
    error = opened.error or opened.cause.value
    rule_id = _CAUSES.get(opened.cause, "XDS-XML")
    report.add(rule(rule_id), "/", line=opened.line, severity=Severity.FATAL, error=error)
    return None


def request_in(root: etree._Element, report: Report) -> etree._Element | None:
    """The request itself, or inside the message of ITI-41. Rules `XDS-ROOT`, `XDS-LIMIT`."""
    found = root.find(_REQUEST) if root.tag in _WRAPPERS else root
    if found is None or found.tag != _REQUEST or found.find(_LIST) is None:
        name = root.tag.rpartition("}")[2]
        report.add(rule("XDS-ROOT"), f"/{name[:40]}", line=_line(root), severity=Severity.FATAL)
        return None
    objects = found.find(_LIST)
    if objects is None or len(objects) > MAX_OBJECTS or sum(1 for _ in found.iter()) > MAX_ELEMENTS:
        report.add(rule("XDS-LIMIT"), "/SubmitObjectsRequest", severity=Severity.FATAL, error="objects")
        return None
    return found


def objects_of(request: etree._Element) -> list[RegistryObject]:
    """The registry objects of a request, with all that is said of each."""
    found: list[RegistryObject] = []
    later: list[tuple[str, etree._Element, Place]] = []
    above = f"/SubmitObjectsRequest/{_name(_list(request))}[1]"
    for element, place in _children(_list(request), above):
        tag = _name(element)
        if tag in ("ExtrinsicObject", "RegistryPackage", "Association"):
            found.append(_object(tag, element, place))
        elif tag in ("Classification", "ExternalIdentifier"):
            owner = element.get("classifiedObject") or element.get("registryObject") or ""
            later.append((owner, element, place))
    by_id = {item.id: item for item in reversed(found)}
    for owner, element, place in later:
        if owner in by_id:
            _add(by_id[owner], element, place)
    return found


def _list(request: etree._Element) -> etree._Element:
    found = request.find(_LIST)
    return request if found is None else found


def _line(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(parent: etree._Element, above: str) -> Iterator[tuple[etree._Element, Place]]:
    """The elements of ebRIM, each with its XPath: positions are counted on the way, so that a long list stays cheap."""
    seen: dict[str, int] = defaultdict(int)
    for element in parent.iterchildren(f"{_RIM}*"):
        name = _name(element)
        seen[name] += 1
        yield element, Place(f"{above}/{name}[{seen[name]}]", _line(element))


def _object(tag: str, element: etree._Element, place: Place) -> RegistryObject:
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    made = RegistryObject(tag, attributes, place)
    for child, where in _children(element, place.location):
        _add(made, child, where)
    return made


def _add(owner: RegistryObject, element: etree._Element, place: Place) -> None:
    tag = _name(element)
    if tag == "Slot":
        owner.slots.append((element.get("name", ""), _values(element), place))
    elif tag == "Name":
        owner.name = _text(element)
    elif tag == "Description":
        owner.description = _text(element)
    elif tag == "VersionInfo":
        owner.version = element.get("versionName")
    elif tag == "Classification":
        owner.classifications.append(_classified(element, place))
    elif tag == "ExternalIdentifier":
        owner.identifiers.append((element.get("identificationScheme", ""), element.get("value", "").strip(), place))


def _classified(element: etree._Element, place: Place) -> Classified:
    slots: dict[str, list[str]] = defaultdict(list)
    name = None
    for child in element.iterchildren(f"{_RIM}Slot", f"{_RIM}Name"):
        if child.tag == f"{_RIM}Slot":
            slots[child.get("name", "")] += _values(child)
        else:
            name = _text(child)
    code = element.get("nodeRepresentation", "").strip()
    return Classified(
        element.get("classificationScheme"), element.get("classificationNode"), code, name, dict(slots), place
    )


def _values(slot: etree._Element) -> list[str]:
    """The values of a slot without the white space around them; an empty one is none."""
    found = ("".join(map(str, value.itertext())).strip() for value in slot.iterfind(f"{_RIM}ValueList/{_RIM}Value"))
    return [text for text in found if text]


def _text(element: etree._Element) -> str | None:
    """The text of a Name or Description: the first of its languages."""
    for string in element.iterchildren(f"{_RIM}LocalizedString"):
        return string.get("value") or None
    return None
