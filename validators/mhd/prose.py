"""Constraints that PDSm states in words alone, besides those on terminologies (`codes`) and on replacement.

Source: PDSm 3.1.1, constr-bind-context-event, constr-bind-ProducteurDoc, constr-bind-designationtype.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validators.messages import rule
from validators.mhd.bundle import dicts
from validators.mhd.codes import DESIGNATION, FACILITY, NOT_PROFESSIONALS, codings_of
from validators.report import Report

_DESIGNATION_TYPE: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-designationType"
_PROFESSIONAL: Final = frozenset({"Practitioner", "PractitionerRole"})


def check_context(reference: Mapping[str, Any], location: str, report: Report) -> None:
    """Events and facility of one DocumentReference. Rules `MHD-EVENT`, `MHD-FACILITY-AUTHOR`."""
    context = reference.get("context")
    context = context if isinstance(context, dict) else {}
    for index, event in enumerate(dicts(context.get("event"))):
        if not any(coding.get("system") and coding.get("code") for coding, _ in codings_of(event, "")):
            report.add(rule("MHD-EVENT"), f"{location}.context.event[{index}]")
    authors = set(_authors(reference))
    if authors <= _PROFESSIONAL or authors == {"Patient"}:
        _check_facility(context, location, authors, report)


def _check_facility(context: Mapping[str, Any], location: str, authors: set[str], report: Report) -> None:
    """A patient's document is told from a professional's by the terminology; of a device nobody knows whose it is."""
    place = f"{location}.context.facilityType"
    codings = [(coding, at) for coding, at in codings_of(context.get("facilityType"), place) if FACILITY.has(coding)]
    by_patient = authors == {"Patient"}
    wrong = [at for coding, at in codings if (coding["system"] in NOT_PROFESSIONALS) is not by_patient]
    if authors and wrong and len(wrong) == len(codings):
        expected, found = ("TRE_A00", "TRE_R02") if by_patient else ("TRE_R02", "TRE_A00")
        report.add(rule("MHD-FACILITY-AUTHOR"), wrong[0], found=found, expected=expected)


def _authors(reference: Mapping[str, Any]) -> Iterator[str]:
    """The types of the authors; an empty text for one that does not tell."""
    contained = {f"#{one.get('id')}": one.get("resourceType") for one in dicts(reference.get("contained"))}
    for author in dicts(reference.get("author")):
        link = author.get("reference")
        yield str(contained.get(link) or "") if isinstance(link, str) else ""


def check_designation(submission_set: Mapping[str, Any], location: str, report: Report) -> None:
    """The content type of a submission set is of the terminologies named. Rule `MHD-DESIGNATION`."""
    for index, extension in enumerate(dicts(submission_set.get("extension"))):
        if extension.get("url") != _DESIGNATION_TYPE:
            continue
        place = f"{location}.extension[{index}].valueCodeableConcept"
        codings = codings_of(extension.get("valueCodeableConcept"), place)
        if codings and not any(DESIGNATION.has(coding) for coding, _ in codings):
            found, where = codings[0]
            shown = DESIGNATION.shown
            report.add(rule("MHD-DESIGNATION"), where, found=found.get("system") or "-", expected=shown)
