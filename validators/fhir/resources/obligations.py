"""Obligation profiles: a StructureDefinition that only says who must do what with elements, and those taking it in.

Source: HL7 FHIR extensions pack, https://hl7.org/fhir/extensions/StructureDefinition-obligation-profile.html.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import EXTENSION, child, children, choice, extension, text

_FLAG: Final = EXTENSION + "obligation-profile"
_INHERITED: Final = EXTENSION + "inherit-obligations"
_OBLIGATION: Final = frozenset({
    EXTENSION + "obligation", "http://hl7.org/fhir/tools/StructureDefinition/obligation",
})  # fmt: skip
_ALLOWED: Final = frozenset({"id", "path", "extension", "mustSupport", "min", "max", "binding"})


def obligations(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-OBLIGATION: what an obligation profile may say, and what may be inherited from."""
    if extension(node, _FLAG) is True:
        for element, where in children(child(node, "differential"), "element", f"{place}.differential"):
            _element(element, where, context)
    for each, where in children(node, "extension", place):
        url = choice(each, "value")[1]
        target = context.lookup(url) if each.get("url") == _INHERITED and type(url) is str else None
        if target is not None:
            if extension(target, _FLAG) is not True:
                _finding(str(url), _FLAG, where, context)
            elif text(target, "baseDefinition") != text(node, "baseDefinition"):
                _finding(text(target, "baseDefinition"), text(node, "baseDefinition"), where, context)


def _element(element: Json, place: str, context: Context) -> None:
    for key in element:
        if key.removeprefix("_") not in _ALLOWED:
            _finding(key, ", ".join(sorted(_ALLOWED)), f"{place}.{key}", context)
    for each, where in children(element, "extension", place):
        if text(each, "url") not in _OBLIGATION:
            _finding(text(each, "url"), ", ".join(sorted(_OBLIGATION)), where, context)


def _finding(found: str, expected: str, place: str, context: Context) -> None:
    context.add("FHIR-STRUCTUREDEFINITION-OBLIGATION", place, found=shown(found or "—"), expected=shown(expected))
