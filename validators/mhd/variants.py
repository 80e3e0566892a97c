"""The variants of ITI-65 that IHE MHD has beside PDSm: minimal, comprehensive, comprehensive without containment.

A Bundle that declares one of them, and none of PDSm, is judged by R4, by what its profiles make mandatory or leave no
place for, and by every rule on the documents; the terminologies of PDSm are not asked of it. Source: IHE MHD 4.2.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from validators.messages import rule
from validators.mhd.bundle import DOCUMENT, FOLDER, PDSM, SUBMISSION_SET, Entries, Entry, dicts, strings
from validators.report import Report

MHD: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/"


class Variant(StrEnum):
    """The profile of a Bundle, by its name in MHD."""

    MINIMAL = "IHE.MHD.Minimal.ProvideBundle"
    COMPREHENSIVE = "IHE.MHD.Comprehensive.ProvideBundle"
    UNCONTAINED = "IHE.MHD.UnContained.Comprehensive.ProvideBundle"


_MINIMAL: Final = {
    DOCUMENT: ("masterIdentifier.value", "status", "content.attachment.contentType", "content.attachment.url"),
    SUBMISSION_SET: ("status", "mode", "code", "date", "extension:ihe-sourceId"),
    FOLDER: ("status", "mode", "code"),
}
_COMPREHENSIVE: Final = {
    DOCUMENT: (
        *_MINIMAL[DOCUMENT], "type", "category", "subject", "securityLabel", "content.attachment.language",
        "content.attachment.creation", "content.format", "context.facilityType", "context.practiceSetting",
        "context.sourcePatientInfo",
    ),
    SUBMISSION_SET: (*_MINIMAL[SUBMISSION_SET], "subject", "extension:ihe-designationType"),
    FOLDER: (*_MINIMAL[FOLDER], "title", "subject", "extension:ihe-designationType"),
}  # fmt: skip
_LIST: Final = ("encounter", "orderedBy", "emptyReason", "entry.flag", "entry.deleted", "entry.date")
_NO_PLACE: Final = {
    DOCUMENT: ("docStatus", "modifierExtension", "content.attachment.data"),
    SUBMISSION_SET: _LIST, FOLDER: (*_LIST, "source"),
}  # fmt: skip
_FIXED: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    DOCUMENT: {"status": ("current", "superseded")},
    SUBMISSION_SET: {"status": ("current",), "mode": ("working",)},
    FOLDER: {"mode": ("working",)},
}
_CONTAINED: Final = {DOCUMENT: ("author", "authenticator", "context.sourcePatientInfo"), SUBMISSION_SET: ("source",)}


def variant_of(bundle: Mapping[str, Any]) -> Variant | None:
    """The variant of MHD that a Bundle asks to be judged by; None is PDSm, whatever else it declares."""
    declared = {url.partition("|")[0] for url in strings(bundle.get("meta"), "profile")}
    if any(url.startswith(PDSM) for url in declared):
        return None
    return next((one for one in Variant if f"{MHD}{one.value}" in declared), None)


def check_variant(entries: Entries, variant: Variant, report: Report) -> None:
    """What the profiles of a variant ask of each resource. Rules `MHD-VARIANT…`."""
    report.add(rule("MHD-VARIANT"), "Bundle.meta.profile", profile=variant.value)
    wanted = _MINIMAL if variant is Variant.MINIMAL else _COMPREHENSIVE
    for entry in entries.all:
        kind = entry.slice
        asks = _Asks(variant.value, wanted.get(kind, ()), _NO_PLACE.get(kind, ()), _FIXED.get(kind, {}))
        _check(entry.resource, entry.at, asks, report)
        if variant is Variant.COMPREHENSIVE:
            _check_contained(entry, report)


def is_simplified(reference: Mapping[str, Any]) -> bool:
    """Whether a DocumentReference sent alone asks to be judged by MHD and not by PDSm."""
    declared = {url.partition("|")[0] for url in strings(reference.get("meta"), "profile")}
    return MHD + _SIMPLIFIED.profile in declared and not any(url.startswith(PDSM) for url in declared)


def check_simplified(reference: Mapping[str, Any], location: str, report: Report) -> None:
    """What the simplified publication of MHD asks: neither author nor title, as PDSm does. Rules `MHD-VARIANT…`."""
    report.add(rule("MHD-VARIANT"), f"{location}.meta.profile", profile=_SIMPLIFIED.profile)
    _check(reference, location, _SIMPLIFIED, report)


class _Asks(NamedTuple):
    """What a profile makes mandatory, leaves no place for, and which values it admits."""

    profile: str
    required: Sequence[str]
    no_place: Sequence[str]
    fixed: Mapping[str, Sequence[str]]


_SIMPLIFIED: Final = _Asks(
    "IHE.MHD.SimplifiedPublish.DocumentReference",
    ("masterIdentifier.value", "subject", "content.attachment.contentType", "content.attachment.data"),
    ("identifier", "docStatus", "modifierExtension", "content.attachment.url"), {"status": ("current",)},
)  # fmt: skip


def _check(resource: Mapping[str, Any], location: str, asks: _Asks, report: Report) -> None:
    for element in asks.required:
        if not any(_at(resource, element)):
            report.add(rule("MHD-VARIANT-REQUIRED"), location, element=element, profile=asks.profile)
    for element in asks.no_place:
        if any(value is not None for value in _at(resource, element)):
            report.add(rule("MHD-VARIANT-PLACE"), f"{location}.{element}", element=element, profile=asks.profile)
    for element, values in asks.fixed.items():
        found = resource.get(element)
        if found is not None and found not in values:
            report.add(rule("MHD-VARIANT-VALUE"), f"{location}.{element}", found=found, expected=", ".join(values))


def _check_contained(entry: Entry, report: Report) -> None:
    for element in _CONTAINED.get(entry.slice, ()):
        for link in _at(entry.resource, element):
            reference = link.get("reference") if isinstance(link, dict) else None
            if isinstance(reference, str) and not reference.startswith("#"):
                report.add(rule("MHD-VARIANT-CONTAINED"), f"{entry.at}.{element}", element=element)


def _at(node: Any, path: str) -> Iterator[Any]:
    """The values at a path of elements, through lists; `extension:NAME` is the extension of MHD with that name."""
    name, _, rest = path.partition(".")
    if name.startswith("extension:"):
        url = MHD + name.partition(":")[2]
        yield from (one for one in dicts(node.get("extension")) if one.get("url") == url)
        return
    value = node.get(name)
    for item in value if isinstance(value, list) else [value]:
        if not rest:
            yield item
        elif isinstance(item, dict):
            yield from _at(item, rest)
