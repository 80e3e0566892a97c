"""FHIR XML to the plain values that the JSON form of the same resource gives, so that one walk checks both alike.

What only XML can get wrong (namespaces, attributes, text, order, an element given twice) is said here; all the rest is
left in the values for the walk to find.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

from jiter import LosslessFloat
from lxml import etree

from validators.fhir.definitions import Definitions
from validators.fhir.parse import MAX_DEPTH
from validators.fhir.shapes import PRIMITIVE, RESOURCE, Shape, Slot
from validators.fhir.xmltext import XmlText, restored, tamed
from validators.messages import rule
from validators.report import Report, Severity
from validators.xmlopen import Cause, Refusal, open_xml

FHIR: Final = "{http://hl7.org/fhir}"
XHTML: Final = "{http://www.w3.org/1999/xhtml}"
MAX_BYTES: Final = 64 * 1024 * 1024

_SCHEMA_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_NAMESPACE: Final = FHIR[1:-1]
_RULES: Final = {Cause.ENCODING: "FHIR-ENCODING", Cause.DTD: "FHIR-XML-DTD", Cause.DEPTH: "FHIR-DEPTH",
                 Cause.SIZE: "FHIR-XML-LIMIT"}  # fmt: skip
_INTEGERS: Final = frozenset({"integer", "positiveInt", "unsignedInt"})
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})").fullmatch
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<more>\.[0-9]+)?(?P<power>[eE][+-]?[0-9]+)?").fullmatch
_LONGEST_INT: Final = 4000
"""Digits that `int` reads without being told to; a longer whole number stays text."""
_SHOWN: Final = 60

Json = dict[str, Any]


class _Member(NamedTuple):
    """A child element that a type knows; `rank` is its place in the order of the definition."""

    slot: Slot
    rank: int


class _Plan(NamedTuple):
    """A shape as XML sees it: child elements by tag, attributes by name."""

    members: dict[str, _Member]
    attributes: frozenset[str]


def parse_xml(data: bytes, report: Report, definitions: Definitions) -> Json | None:
    """The resource in `data` as plain values; None, with an issue in the report, when there is none.

    Rules `FHIR-XML…`, `FHIR-ENCODING`, `FHIR-DEPTH`, `FHIR-MAX`. A value that has not the form of its type stays as it
    is written, as an `XmlText` where JSON would have a number or a boolean. Source: FHIR R4, XML format
    (https://hl7.org/fhir/R4/xml.html). Never raises.
    """
    text = tamed(data)
    opened = open_xml(text or data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, keep_comments=True)
    if isinstance(opened, Refusal):
        _refused(opened, report)
        return None
    try:
        found = _Reader(definitions, report).document(opened)
    except RecursionError:  # less room on the stack than MAX_DEPTH asks for
        _refused(Refusal(Cause.DEPTH), report)
        return None
    return restored(found) if text is not None and found is not None else found


def _refused(refusal: Refusal, report: Report) -> None:
    report.add(
        rule(_RULES.get(refusal.cause, "FHIR-XML")), line=refusal.line, severity=Severity.FATAL,
        position=f"{refusal.line}:{refusal.column}", column=refusal.column, found=refusal.error or refusal.cause.value,
        expected=MAX_DEPTH if refusal.cause is Cause.DEPTH else MAX_BYTES,
    )  # fmt: skip


class _Reader:
    """One document in progress: elements in, plain values out, issues in the report."""

    __slots__ = ("_definitions", "_report")

    def __init__(self, definitions: Definitions, report: Report) -> None:
        self._definitions = definitions
        self._report = report

    def document(self, tree: etree._ElementTree) -> Json | None:
        root = tree.getroot()
        name = _local(root)
        encoding = tree.docinfo.encoding or "UTF-8"
        if encoding.upper() not in ("UTF-8", "UTF8", "US-ASCII"):
            self._add("FHIR-ENCODING", name, root, found=encoding, position="1:1")
        if not root.tag.startswith(FHIR):
            self._namespace(root, name)
            return None
        for node in (*root.itersiblings(preceding=True), *root.itersiblings()):
            if isinstance(node, etree._ProcessingInstruction):
                self._add("FHIR-XML-INSTRUCTION", name, node, found=_shown(node.target))
        return self._resource(root, name)

    # -- resources and objects -----------------------------------------------------------------------------------------

    def _resource(self, element: etree._Element, place: str) -> Json:
        name = _local(element)
        node: Json = {"resourceType": name}
        shape = self._definitions.resource(name)
        if shape is not None:
            self._fill(element, shape, node, place)
        return node

    def _fill(self, element: etree._Element, shape: Shape, node: Json, place: str) -> None:
        """The children and attributes of `element` into `node`."""
        plan = _plan(shape)
        self._attributes(element, plan, node, place)
        self._no_text(element, element.text, place)
        members, rank, twice, sparse = plan.members, -1, set[str](), False
        last = ""
        for child in element:
            if child.tail and not child.tail.isspace():
                self._no_text(child, child.tail, place)
            member = members.get(child.tag)
            if member is None:
                member = self._stranger(child, plan, node, place)
                if member is None:
                    continue
            slot = member.slot
            if member.rank < rank:
                self._order(child, slot, node, last, place)
            else:
                rank, last = member.rank, slot.name
            if slot.many:
                sparse |= self._item(child, slot, node, place)
            elif slot.name in node or f"_{slot.name}" in node:
                if slot.name not in twice:
                    twice.add(slot.name)
                    self._twice(child, slot, shape, place)
            else:
                self._single(child, slot, node, place)
        if sparse:
            _align(node)

    def _single(self, child: etree._Element, slot: Slot, node: Json, place: str) -> None:
        if slot.kind == PRIMITIVE:
            value, beside = self._primitive(child, slot, f"{place}.{slot.label}")
            if value is not None:
                node[slot.name] = value
            if beside is not None:
                node[f"_{slot.name}"] = beside
        elif (value := self._complex(child, slot, f"{place}.{slot.label}")) is not None:
            node[slot.name] = value

    def _item(self, child: etree._Element, slot: Slot, node: Json, place: str) -> bool:
        """One of several; whether it needs its `_element` siblings set straight at the end."""
        items = node.setdefault(slot.name, [])
        where = f"{place}.{slot.label}[{len(items)}]"
        if slot.kind != PRIMITIVE:
            value = self._complex(child, slot, where)
            if value is not None:
                items.append(value)
            return False
        value, beside = self._primitive(child, slot, where)
        items.append(value)
        if beside is None:
            return False
        siblings = node.setdefault(f"_{slot.name}", [])
        siblings.extend([None] * (len(items) - 1 - len(siblings)))
        siblings.append(beside)
        return True

    def _complex(self, child: etree._Element, slot: Slot, place: str) -> Json | None:
        if slot.kind == RESOURCE:
            return self._wrapped(child, place)
        value: Json = {}
        self._fill(child, slot.shape, value, place)
        return value

    def _wrapped(self, element: etree._Element, place: str) -> Json | None:
        """The resource inside `contained` or `resource`: exactly one, and nothing beside it."""
        self._attributes(element, _BARE, {}, place)
        self._no_text(element, element.text, place)
        found = [child for child in element if isinstance(child.tag, str)]
        for child in element:
            self._no_text(child, child.tail, place)
        if len(found) != 1:
            self._add("FHIR-XML-RESOURCE", place, element, element=_local(element), found=len(found), expected=1)
        if not found:
            return None
        if not found[0].tag.startswith(FHIR):
            self._namespace(found[0], place)
        return self._resource(found[0], place)

    # -- primitives ----------------------------------------------------------------------------------------------------

    def _primitive(self, element: etree._Element, slot: Slot, place: str) -> tuple[Any, Json | None]:
        """The value of a primitive and what stands beside it (id, extensions); each None when absent."""
        if slot.type == "xhtml":
            return _narrative(element), None
        items = element.items()
        if len(items) == 1 and items[0][0] == "value" and not len(element) and not element.text:
            return _value(str(items[0][1]), slot.type), None
        beside: Json = {}
        self._fill(element, slot.shape, beside, place)
        text = element.get("value")
        if text is None:
            # An element with nothing at all is as empty as "" in JSON, and said to be so by the walk.
            return (None, beside) if beside else ("", None)
        return _value(str(text), slot.type), beside or None

    # -- what only XML can get wrong -----------------------------------------------------------------------------------

    def _attributes(self, element: etree._Element, plan: _Plan, node: Json, place: str) -> None:
        for key, value in element.items():
            name = str(key)
            if name in plan.attributes:
                if name != "value":
                    node[name] = str(value)
            elif name != _SCHEMA_LOCATION:
                found = _attribute_name(element, name)
                self._add("FHIR-XML-ATTRIBUTE", place, element, found=found, element=_local(element),
                          expected=", ".join(sorted(plan.attributes)) or "—")  # fmt: skip

    def _stranger(self, child: etree._Element, plan: _Plan, node: Json, place: str) -> _Member | None:
        """A child that the type does not know under its tag: a comment, another namespace, another name."""
        if not isinstance(child.tag, str):
            if isinstance(child, etree._ProcessingInstruction):
                self._add("FHIR-XML-INSTRUCTION", place, child, found=_shown(child.target))
            return None
        name = _local(child)
        if not child.tag.startswith(FHIR):
            member = plan.members.get(FHIR + name) or plan.members.get(XHTML + name)
            # The namespace of a narrative is the narrative's own matter.
            if member is None or member.slot.type != "xhtml":
                self._namespace(child, f"{place}.{member.slot.label if member else _shown(name)}")
            return member
        if name in plan.attributes and name != "value":
            self._add("FHIR-XML-FORM", f"{place}.{name}", child, found=name, element=place.rpartition(".")[2])
            node.setdefault(name, str(child.get("value", "")))
        elif name == "resourceType" or name.startswith("_"):
            # JSON gives these names a meaning that they do not have here.
            self._add("FHIR-UNKNOWN-ELEMENT", f"{place}.{_shown(name)}", child, found=_shown(name), expected="XML")
        elif (member := plan.members.get(XHTML + name)) is not None:
            return member
        else:
            node[name] = {}
        return None

    def _no_text(self, element: etree._Element, text: object, place: str) -> None:
        if text and not str(text).isspace():
            self._add("FHIR-XML-TEXT", place, element, found=_shown(str(text)))

    def _order(self, child: etree._Element, slot: Slot, node: Json, after: str, place: str) -> None:
        index = f"[{len(node.get(slot.name, ()))}]" if slot.many else ""
        self._add("FHIR-XML-ORDER", f"{place}.{slot.label}{index}", child, found=slot.name, after=after)

    def _twice(self, child: etree._Element, slot: Slot, shape: Shape, place: str) -> None:
        parent = child.getparent()
        count = sum(1 for _ in parent.iterchildren(child.tag)) if parent is not None else 2
        self._add("FHIR-MAX", f"{place}.{slot.label}", child, element=slot.name, found=count, expected=1,
                  profile=f"FHIR R4 {shape.name}")  # fmt: skip

    def _namespace(self, element: etree._Element, place: str) -> None:
        found = element.tag[1:].partition("}")[0] if element.tag.startswith("{") else "—"
        self._add("FHIR-XML-NAMESPACE", place, element, element=_local(element), found=_shown(found),
                  expected=_NAMESPACE)  # fmt: skip

    def _add(self, rule_id: str, place: str, at: etree._Element, /, **params: Any) -> None:
        self._report.add(rule(rule_id), place, line=cast("int | None", at.sourceline), **params)


_BARE: Final = _Plan({}, frozenset())


@lru_cache(maxsize=4096)
def _plan(shape: Shape) -> _Plan:
    members: dict[str, _Member] = {}
    attributes = set()
    ranks: dict[str, int] = {}
    for slot in shape.slots.values():
        if not shape.is_resource and (slot.name == "id" or (shape.name == "Extension" and slot.name == "url")):
            attributes.add(slot.name)
            continue
        rank = ranks.setdefault(slot.choice or slot.name, len(ranks))
        tag = (XHTML if slot.type == "xhtml" else FHIR) + slot.name
        members[tag] = _Member(slot, rank)
    if shape.name == "Element":
        attributes.add("value")
    return _Plan(members, frozenset(attributes))


def _align(node: Json) -> None:
    """Give arrays and their `_element` siblings one length; an array of nothing but nulls is left out, as in JSON."""
    for key in [key for key, value in node.items() if key[0] == "_" and isinstance(value, list)]:
        siblings, items = node[key], node[key[1:]]
        siblings.extend([None] * (len(items) - len(siblings)))
        if all(item is None for item in items):
            del node[key[1:]]


def _value(text: str, type_name: str) -> Any:
    """The JSON value of a `value` attribute."""
    if type_name == "boolean":
        return text == "true" if text in ("true", "false") else XmlText(text)
    if type_name in _INTEGERS:
        return int(text) if _INTEGER(text) and text != "-0" else XmlText(text)
    if type_name != "decimal":
        return text
    match = _DECIMAL(text)
    if match is None:
        return XmlText(text)
    whole = not match["more"] and not match["power"] and len(text) <= _LONGEST_INT
    return int(text) if whole else LosslessFloat(text.encode())


def _narrative(div: etree._Element) -> str:
    """The XHTML text of a narrative, as the JSON form carries it: default namespace, no declaration it does not use."""
    if any(node.prefix for node in div.iter(f"{XHTML}*")):
        div = _unprefixed(div)
    elif len(div.nsmap) > 1:
        div = deepcopy(div)
        etree.cleanup_namespaces(div)
    return etree.tostring(div, encoding="unicode", with_tail=False)


def _unprefixed(div: etree._Element) -> etree._Element:
    """The same narrative with its namespace as the default one: moved under it, elements lose their prefixes."""
    uri = div.tag.rpartition("}")[0][1:]
    copy = etree.Element(div.tag, nsmap=cast("dict[str, str]", {None: uri}))  # the stubs know no default name space
    copy.attrib.update(div.attrib)
    copy.text = div.text
    copy.extend(deepcopy(child) for child in div)
    etree.cleanup_namespaces(copy)
    return copy


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attribute_name(element: etree._Element, name: str) -> str:
    uri, _, local = name.rpartition("}")
    if not uri:
        return _shown(local)
    prefix = next((key for key, value in element.nsmap.items() if value == uri[1:]), None)
    known = "xml" if uri == "{http://www.w3.org/XML/1998/namespace" else prefix
    return _shown(f"{known}:{local}")


def _shown(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
