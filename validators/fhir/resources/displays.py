"""The display of a coding is one that its code system gives the code.

Source: FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Coding (display) and codesystem.html (designation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import HL7, concept_of, objects, text
from validators.report import Severity

_THO: Final = "http://terminology.hl7.org/"
_ENGLISH: Final = "en"

Known = list[tuple[str, str]]
"""The displays of a code, each with its language; none where the code system does not say it."""


def check_display(node: Json, system: str, place: str, context: Context) -> None:
    """FHIR-CODING-DISPLAY, FHIR-CODING-DISPLAY-LANGUAGE: letter case and spaces do not count.

    A code system of terminology.hl7.org goes on after R4: what R4's edition calls a code is worth an information.
    Example: `{"system": "http://hl7.org/fhir/administrative-gender", "code": "female", "display": "Male"}`.
    """
    display, code = node.get("display"), node.get("code")
    if type(display) is not str or type(code) is not str:
        return
    known, edition = _known(system, code, context)
    if not known or _folded(display) in [_folded(each) for _, each in known]:
        return
    spoken = _language(context)
    languages = {language for language, _ in known}
    there = not spoken or "" in languages or spoken in languages
    rule_id = "FHIR-CODING-DISPLAY" if there else "FHIR-CODING-DISPLAY-LANGUAGE"
    severity = Severity.INFORMATION if edition and there else None
    context.add(
        rule_id, f"{place}.display", severity, found=shown(display), code=shown(code), expected=_listed(known, spoken)
    )


def _known(system: str, code: str, context: Context) -> tuple[Known, bool]:
    """The displays of a code, and whether they are those of an edition that may have been changed since."""
    loaded = context.code_systems.get(system)
    if loaded is not None:
        return list(_displays(loaded, code)), False
    if not system.startswith((HL7, _THO)):
        return [], False
    displays = context.definitions.code_system(system)
    display = displays.get(code, "") if displays is not None else ""
    return ([(_ENGLISH, display)] if display else []), system.startswith(_THO)


def _displays(code_system: Json, code: str) -> Iterator[tuple[str, str]]:
    """Display and designations of a code of a code system whose list is complete."""
    concept = concept_of(code_system, code) if code_system.get("content") == "complete" else None
    if concept is None:
        return
    if text(concept, "display"):
        yield _primary(text(code_system, "language")), text(concept, "display")
    for designation in objects(concept, "designation"):
        if text(designation, "value"):
            yield _primary(text(designation, "language")), text(designation, "value")


def _language(context: Context) -> str:
    """The language of the resource; empty when it does not say it."""
    return _primary(text(context.resource, "language"))


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _folded(display: str) -> str:
    return " ".join(display.split()).casefold()


def _listed(known: Known, spoken: str) -> str:
    """What may be written, the language of the resource first: `Femme (fr), Female (en)`."""
    ordered = sorted(known, key=lambda one: one[0] != spoken)
    return ", ".join(f"{shown(display)} ({language})" if language else shown(display) for language, display in ordered)
