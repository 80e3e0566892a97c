"""Measure: criteria in CQL come from a library that is known and has them.

Source: FHIR R4, https://hl7.org/fhir/R4/measure.html; translated libraries: https://cql.hl7.org/04-logicalspecification.html.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.primitives import is_base64
from validators.fhir.resources.nodes import child, children, objects, text, texts

_CQL: Final = frozenset({"text/cql", "text/cql.identifier", "text/cql-identifier"})
_ELM: Final = "application/elm+xml"
_DEFINED: Final = re.compile(rb'<def\b[^>]*\sname="([^"]*)"')


def measure(node: Json, place: str, context: Context) -> None:
    """FHIR-MEASURE-LIBRARY: criteria of stratifiers in CQL need their library (Measure.group.stratifier.criteria).

    Example: `"criteria": {"language": "text/cql", "expression": "Lib.Age"}` with no Library named Lib.
    """
    for group, in_group in children(node, "group", place):
        for stratifier, where in children(group, "stratifier", in_group):
            _criteria(node, child(stratifier, "criteria"), f"{where}.criteria", context)
            for component, spot in children(stratifier, "component", where):
                _criteria(node, child(component, "criteria"), f"{spot}.criteria", context)


def _criteria(measure_: Json, criteria: Json, place: str, context: Context) -> None:
    if text(criteria, "language") not in _CQL:
        return
    named = texts(measure_, "library")
    found = [library for url in named if (library := context.lookup(url)) is not None]
    libraries = {text(library, "name"): library for library in found}
    name, dot, expression = text(criteria, "expression").partition(".")
    if not found or (dot and name not in libraries):
        _finding(name if dot else "—", ", ".join(libraries or named) or "Measure.library", place, context)
    elif not dot and len(found) != 1:
        _finding(str(len(found)), "1", place, context)
    else:
        defined = _defined(libraries[name] if dot else found[0])
        if (expression if dot else name) not in defined:
            _finding(text(criteria, "expression"), ", ".join(sorted(defined)) or _ELM, place, context)


def _finding(found: str, expected: str, place: str, context: Context) -> None:
    context.add("FHIR-MEASURE-LIBRARY", place, found=shown(found), expected=shown(expected))


def _defined(library: Json) -> set[str]:
    """The names a library defines, read from its translation to ELM; nothing when it has none."""
    names: set[str] = set()
    for content in objects(library, "content"):
        data = content.get("data")
        if text(content, "contentType").startswith(_ELM) and is_base64(data):
            elm = binascii.a2b_base64(str(data))
            names.update(name.decode("utf-8", "replace") for name in _DEFINED.findall(elm))
    return names
