"""The ITI-65 envelope (Provide Document Bundle) as PDSm restricts it: entries, patient, documents, replacement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from validators.cda import check_cda
from validators.fhir import Walker
from validators.messages import rule
from validators.mhd.alone import check_alone
from validators.mhd.bundle import (
    DOCUMENT,
    FOLDER,
    SUBMISSION_SET,
    Entries,
    Entry,
    Part,
    is_folder,
    is_submission,
    sort_entries,
)  # fmt: skip
from validators.mhd.content import Asked, CheckCda, Provided, provided_documents, unique_id
from validators.mhd.declared import check_declared
from validators.mhd.links import check_references
from validators.mhd.provided import ProvidedBundle
from validators.mhd.replacement import Update, check_replacements, target_of
from validators.mhd.sets import UUID, check_set
from validators.mhd.subject import check_subjects, logical_identifier
from validators.mhd.variants import check_variant, variant_of
from validators.mhd.versions import check_head, is_of_another_guide, pdsm_profiles, pdsm_walker
from validators.pdsm import Pdsm
from validators.report import Mode, Report
from validators.sniffing import sniff

__all__ = [
    "CheckCda",
    "Entries",
    "Entry",
    "Part",
    "Provided",
    "ProvidedBundle",
    "Update",
    "check_alone",
    "check_declared",
    "check_provide_bundle",
    "is_folder",
    "is_of_another_guide",
    "is_submission",
    "logical_identifier",
    "pdsm_profiles",
    "pdsm_walker",
    "sniff",
    "target_of",
    "unique_id",
]  # fmt: skip

_OURS = "https://segur-fhir.example/fhir/StructureDefinition/"
PROFILES = {
    SUBMISSION_SET: f"{_OURS}submission-set-comprehensive",
    FOLDER: f"{_OURS}folder-comprehensive",
    DOCUMENT: f"{_OURS}document-reference-comprehensive",
}
"""The profile each slice is judged by, whatever its meta says."""

MAX_ENTRIES = 1_000


def check_provide_bundle(
    bundle: Mapping[str, Any],
    walker: Walker | None,
    *,
    mode: Mode,
    now: datetime,
    max_entries: int = MAX_ENTRIES,
    check: CheckCda | None = None,
    pdsm: Pdsm = Pdsm.RELEASED,
) -> ProvidedBundle:
    """Check an ITI-65 transaction whole: FHIR structure first, then the envelope, then each document (A7.1).

    One that declares a variant of MHD, and not PDSm, is judged by that variant.

    `check` is how its CDA documents are checked; by default `check_cda` in the same mode, without value sets. `pdsm`
    is the version; a walker of the same goes with it (`pdsm_walker`). Without a walker the form of the metadata is not
    judged: for those that were derived here.
    """
    report = Report()
    if _too_many(bundle, max_entries, report):
        return ProvidedBundle(Entries(()), [], [], report)
    entries, variant = sort_entries(bundle, report), variant_of(bundle)
    if walker is not None:
        _check_structure(bundle, entries, walker, report)
    if walker is not None and variant is None:
        _check_profiles(entries, walker, report)
    elif variant is not None:
        check_variant(entries, variant, report)
    check_references(entries, report)
    check_set(entries, report)
    check_subjects(entries, report)
    documents = provided_documents(
        entries, mode=mode, now=now, report=report, check=check or partial(check_cda, mode=mode, now=now),
        asked=Asked() if variant is None else Asked((), hex_hash=True),
    )  # fmt: skip
    if pdsm is Pdsm.HEAD and variant is None:
        for entry in entries.of(DOCUMENT):
            check_head(entry.resource, entry.at, report)
    updates = check_replacements(entries, documents, report)
    return ProvidedBundle(entries, documents, updates, report)


def _too_many(bundle: Mapping[str, Any], limit: int, report: Report) -> bool:
    count = len(bundle["entry"]) if isinstance(bundle.get("entry"), list) else 0
    if count > limit:
        report.add(rule("MHD-ENTRY-LIMIT"), "Bundle.entry", count=count, limit=limit)
    return count > limit


def _check_structure(bundle: Mapping[str, Any], entries: Entries, walker: Walker, report: Report) -> None:
    """Every element by the definitions."""
    structure = Report()
    walker.check(dict(bundle), structure)
    upper = {
        f"{entry.location}.fullUrl"
        for entry in entries.all
        if entry.full_url and entry.full_url != entry.full_url.lower() and UUID.fullmatch(entry.full_url)
    }
    for issue in structure:
        if issue.rule == "FHIR-PRIMITIVE" and issue.location in upper:
            report.add(rule("MHD-UUID-CASE"), issue.location)
        else:
            report.issues.append(issue)


def _check_profiles(entries: Entries, walker: Walker, report: Report) -> None:
    """Each resource by the profile of its slice, declared or not."""
    for entry in entries.all:
        profile = PROFILES.get(entry.slice)
        if profile is not None:
            walker.apply(dict(entry.resource), report, entry.at, profile)
