"""Plain values to FHIR XML: in the order of the definitions, attributes where XML has them, siblings put together."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any, Final

from validators.fhir.definitions import Definitions
from validators.fhir.shapes import PRIMITIVE, RESOURCE, Shape, Slot
from validators.xmlopen import Refusal, open_xml

_NAMESPACE: Final = "http://hl7.org/fhir"
_SPECIAL: Final = re.compile(r'[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_UNWRITABLE: Final = "\ufffd"
_MAX_NARRATIVE: Final = 8 * 1024 * 1024
_MAX_DEPTH: Final = 200

Json = dict[str, Any]


class XmlWriteError(ValueError):
    """The resource has no XML form: its type is unknown, or a narrative is not well-formed."""


def to_xml(resource: Json, definitions: Definitions) -> bytes:
    """The XML form of a resource that was found right, in UTF-8.

    Elements that R4 does not know are left out. Characters that XML 1.0 cannot carry become U+FFFD. Source: FHIR R4,
    XML format (https://hl7.org/fhir/R4/xml.html).

    Raises:
        XmlWriteError: no such resource type, or a narrative that is not well-formed XML.
    """
    writer = _Writer(definitions)
    writer.resource(resource, f' xmlns="{_NAMESPACE}"')
    return ('<?xml version="1.0" encoding="UTF-8"?>' + "".join(writer.parts)).encode()


class _Writer:
    """Pieces of text in the order of the document."""

    __slots__ = ("_definitions", "parts")

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self.parts: list[str] = []

    def resource(self, node: Json, namespace: str = "") -> None:
        name = node.get("resourceType")
        shape = self._definitions.resource(name)
        if shape is None:
            raise XmlWriteError(f"{name}: not an R4 resource type")
        self.parts.append(f"<{name}{namespace}>")
        self._members(node, shape)
        self.parts.append(f"</{name}>")

    def _members(self, node: Json, shape: Shape) -> None:
        for slot in shape.slots.values():
            value, beside = node.get(slot.name), node.get(f"_{slot.name}")
            if (value is None and beside is None) or _is_attribute(slot, shape):
                continue
            for item, extra in zip_longest(_listed(value), _listed(beside)):
                self._element(slot, item, extra)

    def _element(self, slot: Slot, value: Any, beside: Any) -> None:
        if slot.kind == RESOURCE:
            self.parts.append(f"<{slot.name}>")
            self.resource(value)
            self.parts.append(f"</{slot.name}>")
        elif slot.kind != PRIMITIVE:
            self._enclosed(slot, "", value, slot.shape)
        elif slot.type == "xhtml":
            self.parts.append(_narrative(str(value)))
        else:
            text = "" if value is None else f' value="{_escaped(_text(value))}"'
            self._enclosed(slot, text, beside if isinstance(beside, dict) else {}, slot.shape)

    def _enclosed(self, slot: Slot, attributes: str, node: Json, shape: Shape) -> None:
        if "id" in node:
            attributes = f' id="{_escaped(str(node["id"]))}"{attributes}'
        if "url" in node and shape.name == "Extension":
            attributes += f' url="{_escaped(str(node["url"]))}"'
        start = len(self.parts)
        self.parts.append(f"<{slot.name}{attributes}>")
        self._members(node, shape)
        if len(self.parts) == start + 1:
            self.parts[start] = f"<{slot.name}{attributes}/>"
        else:
            self.parts.append(f"</{slot.name}>")


def _is_attribute(slot: Slot, shape: Shape) -> bool:
    return not shape.is_resource and (slot.name == "id" or (slot.name == "url" and shape.name == "Extension"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _narrative(div: str) -> str:
    opened = open_xml(div.encode("utf-8", "replace"), max_bytes=_MAX_NARRATIVE, max_depth=_MAX_DEPTH)
    if isinstance(opened, Refusal):
        raise XmlWriteError(f"narrative: {opened.error or opened.cause.value} at {opened.line}:{opened.column}")
    return div.strip()


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], _UNWRITABLE), text) if _SPECIAL.search(text) else text
