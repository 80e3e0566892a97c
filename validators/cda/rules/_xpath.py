"""The tables' XPath made runnable: prefixes added to the names of HL7 v3, `T(…)` and `TYPE(…)` expanded, compiled."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

NAMESPACES: Final = {
    "h": "urn:hl7-org:v3",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "pharm": "urn:ihe:pharm",
    "ps3-20": "urn:dicom-org:ps3-20",
}
_TEMPLATE: Final = re.compile(r"\bT\(([0-9.]+)\)")
_TYPE: Final = re.compile(r"TYPE\((\w+)\)")
_TOKEN: Final = re.compile(
    r"""'[^']*'|"[^"]*"            # literals
    | @[\w:.-]+ | \$\w+            # attributes, variables
    | [A-Za-z_][\w.-]*::           # axes
    | [A-Za-z_][\w.-]*\s*\(        # functions and node tests
    | [A-Za-z_][\w-]*:[A-Za-z_]\w* # names that have their prefix
    | [A-Za-z_][\w.-]*             # names without one, and operators
    """,
    re.VERBOSE,
)
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")
_DESCENDANTS: Final = re.compile(r"//(?=[\w*])")
_OPERATORS: Final = frozenset({"and", "or", "div", "mod"})


def translate(written: str) -> str:
    """The XPath 1.0 that a table's expression stands for.

    >>> translate("entry[T(1.2)] and count(code)=1")
    "h:entry[h:templateId[@root='1.2']] and count(h:code)=1"
    """
    text = _TYPE.sub(r"(@xsi:type='\1' or substring-after(@xsi:type,':')='\1')", written)
    text = _TEMPLATE.sub(r"templateId[@root='\1']", text)
    # libxml2 walks a descendant axis straight, but reads `//` as two steps over every node, texts included.
    return _DESCENDANTS.sub("/descendant::", _TOKEN.sub(_prefixed, text))


def _prefixed(token: re.Match[str]) -> str:
    text = token[0]
    return f"h:{text}" if _NAME.fullmatch(text) and text not in _OPERATORS else text


def compiled(expression: str) -> etree.XPath:
    """The compiled expression. It keeps no state between calls, but is used by one thread at a time (lxml locks)."""
    return etree.XPath(expression, namespaces=NAMESPACES, smart_strings=False)
