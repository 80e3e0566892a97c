"""DocumentReferences of PDSm outside a submission: what PDSm says in words holds of them too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from validators.mhd.bundle import PDSM, dicts, strings
from validators.mhd.codes import CLASS, FORMAT, SETS, TYPE, check_codes
from validators.mhd.prose import check_context
from validators.mhd.versions import COMPREHENSIVE, SIMPLIFIED, check_head
from validators.pdsm import Pdsm
from validators.report import Report

_SETS: Final = {
    COMPREHENSIVE: SETS,
    f"{PDSM}pdsm-comprehensive-document-reference": SETS,
    SIMPLIFIED: (TYPE, CLASS, FORMAT),
    f"{PDSM}pdsm-simplified-publish": (TYPE, CLASS, FORMAT),
}
"""The terminologies each profile wants; the simplified one only recommends those of facility and setting."""


def check_declared(resource: Mapping[str, Any], version: Pdsm, profiles: Sequence[str], report: Report) -> None:
    """Judge a resource that is no submission: itself a DocumentReference, or a Bundle with some.

    Args:
        resource: a FHIR resource.
        version: the version of PDSm.
        profiles: canonicals the resource is to meet besides those it declares.
        report: takes the findings on references that declare, or are asked for, a profile of PDSm.
    """
    for reference, location, asked in _references(resource, profiles):
        named = (url.partition("|")[0] for url in (*asked, *strings(reference.get("meta"), "profile")))
        sets = next((_SETS[url] for url in named if url in _SETS), None)
        if sets is None:
            continue
        check_codes(reference, location, report, sets)
        check_context(reference, location, report)
        if version is Pdsm.HEAD:
            check_head(reference, location, report)


def _references(
    resource: Mapping[str, Any], profiles: Sequence[str]
) -> Iterator[tuple[Mapping[str, Any], str, Sequence[str]]]:
    if resource.get("resourceType") == "DocumentReference":
        yield resource, "DocumentReference", profiles
    for index, entry in enumerate(dicts(resource.get("entry"))):
        held = entry.get("resource")
        if isinstance(held, dict) and held.get("resourceType") == "DocumentReference":
            yield held, f"Bundle.entry[{index}].resource", ()
