"""Submission set and folders: what they list, and their identifiers and codes (PDSm A4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from validators.messages import rule
from validators.mhd.bundle import DOCUMENT, FOLDER, SUBMISSION_SET, Entries, Entry, dicts
from validators.mhd.prose import check_designation
from validators.report import Report, Severity

OID: Final = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+")
UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
LIST_TYPES: Final = (
    "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes",
    "http://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes",
)
"""The code system of List.code; PDSm's own examples also write it with http."""
_SOURCE_ID: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId"
_CODES: Final = {SUBMISSION_SET: "submissionset", FOLDER: "folder"}
_LISTED: Final = {SUBMISSION_SET: (DOCUMENT, FOLDER), FOLDER: (DOCUMENT,)}


def check_set(entries: Entries, report: Report) -> None:
    """The set lists every document (and should list every folder); identifiers, codes and source are as PDSm says."""
    listed: set[int] = set()
    for container in entries.all:
        if container.slice in _CODES:
            found = _check_items(container, entries, report)
            listed |= found if container.slice == SUBMISSION_SET else set()
            _check_code(container, report)
        if container.slice in (SUBMISSION_SET, FOLDER, DOCUMENT):
            _check_entry_uuid(container, report)
    submission_set = entries.first(SUBMISSION_SET)
    if submission_set is None:
        return
    for entry in entries.all:
        if entry.slice in (DOCUMENT, FOLDER) and entry.index not in listed:
            severity = Severity.WARNING if entry.slice == FOLDER else None
            where = f"{submission_set.at}.entry"
            report.add(rule("MHD-SET-ITEM"), where, severity=severity, reference=entry.full_url or entry.location)
    _check_set_id(submission_set, report)
    _check_source_id(submission_set, report)
    check_designation(submission_set.resource, submission_set.at, report)


def _check_items(container: Entry, entries: Entries, report: Report) -> set[int]:
    """The indexes of the entries a List cites; what it cites is in the bundle, and of a kind it may hold."""
    listed: set[int] = set()
    for index, item in enumerate(dicts(container.resource.get("entry"))):
        link = item.get("item")
        reference = link.get("reference") if isinstance(link, dict) else None
        target, where = entries.target(reference), f"{container.at}.entry[{index}].item"
        if target is None:
            if not isinstance(reference, str) or reference.startswith("urn:"):
                report.add(rule("MHD-REFERENCE"), where, reference=reference or "-")
        elif target.slice in _LISTED[container.slice]:
            listed.add(target.index)
        else:
            expected = "DocumentReference" if container.slice == FOLDER else "DocumentReference, List (folder)"
            report.add(rule("MHD-ITEM-TYPE"), where, found=target.slice or "-", expected=expected)
    return listed


def _check_code(container: Entry, report: Report) -> None:
    """The list type is a code of MHD; that it is the right one is the profile's affair."""
    concept = container.resource.get("code")
    codings = dicts(concept.get("coding")) if isinstance(concept, dict) else []
    named = [(i, c) for i, c in enumerate(codings) if c.get("code") == _CODES[container.slice]]
    if named and not any(coding.get("system") in LIST_TYPES for _, coding in named):
        index, coding = named[0]
        report.add(
            rule("MHD-CODE-SYSTEM"), f"{container.at}.code.coding[{index}]",
            element="code", found=coding.get("system") or "-", expected="MHDlistTypes",
        )  # fmt: skip


def _check_entry_uuid(entry: Entry, report: Report) -> None:
    for index, identifier in enumerate(dicts(entry.resource.get("identifier"))):
        if identifier.get("use") == "official" and not _is(UUID, identifier.get("value")):
            report.add(rule("MHD-ENTRY-UUID"), f"{entry.at}.identifier[{index}].value")


def _check_set_id(submission_set: Entry, report: Report) -> None:
    for index, identifier in enumerate(dicts(submission_set.resource.get("identifier"))):
        if identifier.get("use") == "usual" and not _is(OID, identifier.get("value")):
            report.add(rule("MHD-SET-ID"), f"{submission_set.at}.identifier[{index}].value")


def _check_source_id(submission_set: Entry, report: Report) -> None:
    """The sending system has an identifier; in XDS it is an OID."""
    for index, extension in enumerate(dicts(submission_set.resource.get("extension"))):
        if extension.get("url") != _SOURCE_ID:
            continue
        identifier = extension.get("valueIdentifier")
        identifier = identifier if isinstance(identifier, dict) else {}
        if not _is(OID, identifier.get("value")):
            severity = Severity.WARNING if _names_a_system(identifier) else None
            where = f"{submission_set.at}.extension[{index}].valueIdentifier"
            report.add(rule("MHD-SOURCE-ID"), where, severity=severity)


def _names_a_system(identifier: Mapping[str, Any]) -> bool:
    """A value under a system of its own, or another URI than an OID: unusual, yet it names the sender."""
    value = identifier.get("value")
    return isinstance(value, str) and (identifier.get("system") != "urn:ietf:rfc:3986" or _is(_URI, value))


def _is(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
