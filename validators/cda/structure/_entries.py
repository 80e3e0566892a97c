"""What libxml2 says, in our words: an entry of its log becomes a rule and parameters that never quote the document.

libxml2's sentences do quote it, so only their fixed parts are read: the names of elements and attributes, and what
comes after the value (the list, the pattern, the type), which is of our own schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from lxml.etree import ErrorTypes

from validators.cda.structure._datatypes import SIMPLE_TYPES
from validators.cda.structure._extensions import EXTENSIONS

_HEAD: Final = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: ", re.DOTALL)
_EXPECTED: Final = re.compile(r" Expected is (?:one of )?\( (.*) \)\.?\s*\Z", re.DOTALL)
_REQUIRED: Final = re.compile(r"The attribute '([^']*)' is required but missing\.\s*\Z")
_FIXED: Final = re.compile(r" does not match the fixed value constraint '([^']*)'\.\s*\Z")
_PATTERN: Final = re.compile(r" is not accepted by the pattern '([^']*)'\.\s*\Z")
_OF_TYPE: Final = re.compile(r" type (?:definition )?'(?:\{[^}]*\}|xs:)?([^']*)'\.\s*\Z")
_QUOTED: Final = re.compile(r"'([^']*)'")
NOTHING: Final = "-"
"""What is expected where nothing may come any more: the parent should end."""

_LONGEST: Final = 60
_MOST_CODES: Final = 12
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XSI_TYPE: Final = "xsi:type"
_ANY_TYPE: Final = "CD, PQ, ST, TS, IVL_TS, …"
_DERIVED: Final = "CE < CD, IVL_TS < SXCM_TS < TS, IVL_PQ < PQ"
_PREFIXES: Final = {_XSI: "xsi:"} | {extension.uri: f"{extension.prefix}:" for extension in EXTENSIONS}
_PATTERNS: Final = {row.pattern: row.name for row in SIMPLE_TYPES if row.pattern}
_EXAMPLES: Final = {
    "ts": "20240229103000+0100", "uid": "1.2.250.1.213", "oid": "1.2.250.1.213", "cs": "ABC", "st": "Abc",
    "bl": "true", "bn": "true", "int": "1", "int_pos": "1", "real": "3.5", "probability": "0.5", "bin": "QUJD",
    "url": "tel:+33100000000",
    "ID": "S1", "IDREF": "S1", "IDREFS": "S1 S2", "NMTOKEN": "fr-FR", "NMTOKENS": "Bold Italics",
}  # fmt: skip


class Entry(Protocol):
    """What is read of an entry of lxml's error log."""

    @property
    def type(self) -> int:
        """The number of the error (`ErrorTypes`)."""

    @property
    def message(self) -> str:
        """The sentence, in English, with pieces of the document."""

    @property
    def path(self) -> str | None:
        """The element's place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of structure: the rule, the element's place for libxml2 (None when it was not kept), parameters."""

    rule: str
    path: str | None
    params: dict[str, str]

    @property
    def about(self) -> tuple[str | None, str]:
        """What two entries of libxml2 on the same fault have in common: the element, the attribute."""
        return self.path, self.params.get("attribute", "")


def finding_of(entry: Entry) -> Finding:
    """The finding of one entry: `CDA-SCHEMA-ORDER`, `-TEXT`, `-ATTRIBUTE`, `-VALUE`, or `-TYPE` for any other."""
    head = _HEAD.match(entry.message)
    element, attribute = (_local(name or "") for name in head.groups()) if head else ("", "")
    read = _READERS.get(entry.type, _type)
    rule, params = read(entry.message, element, _XSI_TYPE if entry.type in _OF_XSI_TYPE else attribute)
    return Finding(rule, entry.path, {"element": element, **params})


Reading = tuple[str, dict[str, str]]
"""A rule and its parameters, beside the element."""


def _order(said: str, element: str, _: str) -> Reading:
    """A missing child is reported on its parent: what stands in the child's place is the closing tag."""
    ends = said.startswith("Missing child element(s)", said.find("': ") + 3)
    match = _EXPECTED.search(said)
    names = _useful([_local(name) for name in match.group(1).split(", ")]) if match else [NOTHING]
    return "CDA-SCHEMA-ORDER", {"found": f"/{element}" if ends else element, "expected": ", ".join(names)}


def _useful(names: list[str]) -> list[str]:
    """Without the elements that any class may begin with, when something else could have stood there."""
    hidden = {"realmCode", "templateId"} | ({"typeId"} if names[-1] != "typeId" else set())
    return [name for name in names if name not in hidden] or names


def _text(_said: str, _element: str, _: str) -> Reading:
    return "CDA-SCHEMA-TEXT", {}


def _unknown(_said: str, _element: str, attribute: str) -> Reading:
    return "CDA-SCHEMA-ATTRIBUTE", {"attribute": attribute or "xsi:nil", "card": "0..0"}


def _missing(said: str, _element: str, attribute: str) -> Reading:
    match = _REQUIRED.search(said)
    return "CDA-SCHEMA-ATTRIBUTE", {"attribute": match.group(1) if match else attribute, "card": "1..1"}


def _listed(said: str, _element: str, attribute: str) -> Reading:
    """The codes of the list are read after the value that was sent."""
    _, found, listed = said.rpartition(" is not an element of the set {")
    codes = _QUOTED.findall(listed) if found else ["-"]
    expected = ", ".join(codes[:_MOST_CODES]) + (", …" if len(codes) > _MOST_CODES else "")
    return "CDA-SCHEMA-VALUE", {"attribute": attribute, "expected": expected}


def _fixed(said: str, _element: str, attribute: str) -> Reading:
    match = _FIXED.search(said)
    return "CDA-SCHEMA-VALUE", {"attribute": attribute, "expected": match.group(1) if match else "-"}


def _empty(_said: str, _element: str, attribute: str) -> Reading:
    return _typed(attribute, "st", _EXAMPLES["st"])


def _too_small(_said: str, _element: str, attribute: str) -> Reading:
    return _typed(attribute, "int_pos", _EXAMPLES["int_pos"])


def _pattern(said: str, _element: str, attribute: str) -> Reading:
    match = _PATTERN.search(said)
    name = _PATTERNS.get(match.group(1), "-") if match else "-"
    return _typed(attribute, name, _EXAMPLES.get(name, "-"))


def _not_derived(_said: str, _element: str, attribute: str) -> Reading:
    """libxml2 does not say which type the element declares; the one of `xsi:type` has to come from it."""
    return _typed(attribute, "HL7 v3", _DERIVED)


def _type(said: str, _element: str, attribute: str) -> Reading:
    match = _OF_TYPE.search(said)
    name = match.group(1) if match else "-"
    if attribute == _XSI_TYPE:
        return _typed(attribute, "HL7 v3", _ANY_TYPE)
    return _typed(attribute, name, _EXAMPLES.get(name, "-"))


def _typed(attribute: str, name: str, example: str) -> Reading:
    return "CDA-SCHEMA-TYPE", {"attribute": attribute or "text()", "type": name[:_LONGEST], "example": example}


def _local(name: str) -> str:
    """`{uri}name` as one would write it: no prefix but for extensions and `xsi`; short, whatever was sent."""
    space, _, local = name.rpartition("}")
    return (_PREFIXES.get(space[1:], "") + local)[:_LONGEST]


_OF_XSI_TYPE: Final = frozenset({
    ErrorTypes.SCHEMAV_CVC_TYPE_2, ErrorTypes.SCHEMAV_CVC_ELT_4_1, ErrorTypes.SCHEMAV_CVC_ELT_4_2,
    ErrorTypes.SCHEMAV_CVC_ELT_4_3,
})  # fmt: skip
_READERS: Final[dict[int, Callable[[str, str, str], Reading]]] = {
    ErrorTypes.SCHEMAV_ELEMENT_CONTENT: _order,
    ErrorTypes.SCHEMAV_CVC_TYPE_3_1_2: _text,
    ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_2_1: _text,
    ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_2_3: _text,
    ErrorTypes.SCHEMAV_CVC_ELT_3_1: _unknown,
    ErrorTypes.SCHEMAV_CVC_ELT_3_2_1: _unknown,
    ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_3_2_1: _unknown,
    ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_3_2_2: _unknown,
    ErrorTypes.SCHEMAV_CVC_TYPE_3_1_1: _unknown,
    ErrorTypes.SCHEMAV_CVC_COMPLEX_TYPE_4: _missing,
    ErrorTypes.SCHEMAV_CVC_TYPE_2: _missing,
    ErrorTypes.SCHEMAV_CVC_ENUMERATION_VALID: _listed,
    ErrorTypes.SCHEMAV_CVC_AU: _fixed,
    ErrorTypes.SCHEMAV_CVC_MINLENGTH_VALID: _empty,
    ErrorTypes.SCHEMAV_CVC_MININCLUSIVE_VALID: _too_small,
    ErrorTypes.SCHEMAV_CVC_PATTERN_VALID: _pattern,
    ErrorTypes.SCHEMAV_CVC_ELT_4_3: _not_derived,
}
"""How each error of libxml2 is read; the others are of a lexical form or a data type."""
