"""By which guide a resource is judged, and what the head of PDSm changes.

More is asked by rules of its own, what it relaxes is relaxed in our profiles.
Source: PDSm, head of June 2026, against 3.1.1: pdsm-comprehensive-document-reference and pdsm-simplified-publish.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any, Final

from validators.fhir import ProfileSet, Walker, default_profiles, default_walker, load_definitions
from validators.messages import rule
from validators.mhd.bundle import PDSM, dicts, strings
from validators.mhd.codes import MISTYPED_MASKING
from validators.pdsm import Pdsm
from validators.report import Report

_OURS: Final = "https://segur-fhir.example/fhir/StructureDefinition/"
COMPREHENSIVE: Final = f"{_OURS}document-reference-comprehensive"
SIMPLIFIED: Final = f"{_OURS}document-reference-simplified"
_PRACTITIONER: Final = "http://hl7.org/fhir/StructureDefinition/Practitioner"
_PEOPLE: Final = frozenset({"DocumentReference.author", "DocumentReference.authenticator"})


@cache
def pdsm_profiles(version: Pdsm) -> ProfileSet:
    """Our profiles as a version of PDSm has them."""
    released = default_profiles()
    if version is Pdsm.RELEASED:
        return released
    found = (released.resource(url) for url in (COMPREHENSIVE, SIMPLIFIED))
    return released.extended(_relaxed(definition) for definition in found if definition is not None)


@cache
def pdsm_walker(version: Pdsm) -> Walker:
    """The walker over R4 and our profiles as a version of PDSm has them, loaded once a process."""
    if version is Pdsm.RELEASED:
        return default_walker()
    return Walker(load_definitions(), pdsm_profiles(version))


def _relaxed(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody need answer for a document by name, and who does, or wrote it, may be a person without a role."""
    made: dict[str, Any] = deepcopy(dict(definition))
    for element in made["differential"]["element"]:
        if element["id"] == "DocumentReference.authenticator":
            element["min"] = 0
        if element["id"] in _PEOPLE:
            for kind in element.get("type", ()):
                kind["targetProfile"] = [*kind.get("targetProfile", ()), _PRACTITIONER]
    return made


def is_of_another_guide(bundle: Mapping[str, Any], walker: Walker) -> bool:
    """Whether a Bundle declares a profile that was brought along, and none of PDSm: it asks for that guide alone."""
    profiles = walker.profiles
    named = strings(bundle.get("meta"), "profile")
    found = [known for url in named if profiles is not None and (known := profiles.get(url)) is not None]
    return bool(found) and not any(known.url.startswith((_OURS, PDSM)) for known in found)


def check_head(reference: Mapping[str, Any], location: str, report: Report) -> None:
    """What the head asks of one DocumentReference. Rules `MHD-HEAD-CUSTODIAN`, `MHD-HEAD-DATE`, `MHD-HEAD-LABEL`."""
    if "custodian" not in reference:
        report.add(rule("MHD-HEAD-CUSTODIAN"), location)
    if "date" not in reference and "_date" not in reference:
        report.add(rule("MHD-HEAD-DATE"), location)
    for index, label in enumerate(dicts(reference.get("securityLabel"))):
        for number, coding in enumerate(dicts(label.get("coding"))):
            if coding.get("system") == MISTYPED_MASKING:
                report.add(rule("MHD-HEAD-LABEL"), f"{location}.securityLabel[{index}].coding[{number}].system")
