"""A DocumentReference sent alone, its document inside (ITI-105; PDSm, publication simplifiée; fhir-france A5).

It is brought to the form of a transaction of two entries, so that the same checks and the same filing see it. Places
are those of what was sent.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from validators.cda import check_cda
from validators.fhir import Walker
from validators.mhd.bundle import BINARY, DOCUMENT, PDSM, UPDATE, Entries, Entry, Part, dicts, strings
from validators.mhd.codes import CLASS, FORMAT, TYPE
from validators.mhd.content import Asked, CheckCda, decoded, provided_documents
from validators.mhd.links import check_references
from validators.mhd.provided import ProvidedBundle
from validators.mhd.replacement import Update, check_relations, target_of
from validators.mhd.subject import check_subjects
from validators.mhd.variants import check_simplified, is_simplified
from validators.mhd.versions import SIMPLIFIED, check_head
from validators.pdsm import Pdsm
from validators.report import Mode, Report

PROFILES: Final = frozenset({
    SIMPLIFIED, f"{PDSM}pdsm-simplified-publish",
    "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.SimplifiedPublish.DocumentReference",
})  # fmt: skip
"""What it may declare; served with `url` in the place of `data`, it no longer meets any of them."""
AT: Final = "DocumentReference"
_ATTACHMENT: Final = f"{AT}.content[0].attachment"
URL, _BINARY_URL = "urn:uuid:1d1f5a40-5c3f-5b8e-8f0e-0e6a4f2d7c01", "urn:uuid:1d1f5a40-5c3f-5b8e-8f0e-0e6a4f2d7c02"
"""Addresses inside what is made here: of the DocumentReference, and of its document."""


def check_alone(
    reference: Mapping[str, Any],
    walker: Walker,
    *,
    mode: Mode,
    now: datetime,
    check: CheckCda | None = None,
    pdsm: Pdsm = Pdsm.RELEASED,
) -> ProvidedBundle:
    """Check a simplified publication whole: FHIR structure, the profile, then the document as in ITI-65.

    The profile is PDSm's, unless the one of IHE MHD is declared alone.

    Args:
        reference: the parsed DocumentReference.
        walker: of the FHIR structure, for the same version of PDSm.
        mode: what the sandbox forgives, production refuses.
        now: an aware datetime.
        check: how a CDA is checked; by default `check_cda` in the same mode, without value sets.
        pdsm: the version; its head asks for custodian and date.
    """
    report = Report()
    walker.check(dict(reference), report)
    by_mhd = is_simplified(reference)
    if by_mhd:
        check_simplified(reference, AT, report)
    elif not {SIMPLIFIED, f"{PDSM}pdsm-simplified-publish"} & set(strings(reference.get("meta"), "profile")):
        walker.apply(dict(reference), report, AT, SIMPLIFIED)
    if pdsm is Pdsm.HEAD and not by_mhd:
        check_head(reference, AT, report)
    entries = Entries(_entries(reference))
    check_references(entries, report)
    check_subjects(entries, report)
    documents = provided_documents(
        entries, mode=mode, now=now, report=report, check=check or partial(check_cda, mode=mode, now=now),
        asked=Asked((), hex_hash=True) if by_mhd else Asked((TYPE, CLASS, FORMAT)),
    )  # fmt: skip
    for document in documents:
        check_relations(document, report)
    updates = [Update(entry, entry.url, documents[0]) for entry in entries.of(UPDATE)]
    return ProvidedBundle(entries, documents, updates, report)


def _entries(reference: Mapping[str, Any]) -> list[Entry]:
    """The reference, its document, and the change of the one it replaces."""
    contents = dicts(reference.get("content"))
    attachment = contents[0].get("attachment") if contents else None
    attachment = attachment if isinstance(attachment, dict) else {}
    held = {name: attachment[name] for name in ("contentType", "data") if name in attachment}
    binary = {"resourceType": "Binary", **held}
    made: list[Entry] = [
        Part(0, DOCUMENT, _opened(reference, attachment), "POST", "DocumentReference", URL, AT),
        Part(1, BINARY, binary, "POST", "Binary", _BINARY_URL, _ATTACHMENT),
    ]
    target = target_of(reference)
    if target is not None:
        made.append(Part(2, UPDATE, {"resourceType": "Parameters"}, "PATCH", target, None, f"{AT}.relatesTo"))
    return made


def _opened(reference: Mapping[str, Any], attachment: Mapping[str, Any]) -> dict[str, Any]:
    """The reference as it will be read: the document by its address, with the size and hash of its bytes."""
    made = {name: value for name, value in reference.items() if name != "id"}
    if isinstance(reference.get("meta"), dict):
        made["meta"] = _meta(reference["meta"])
    contents = reference.get("content")
    if isinstance(contents, list) and contents and isinstance(contents[0], dict):
        rest = {name: value for name, value in attachment.items() if name != "data"}
        made["content"] = [
            {**contents[0], "attachment": _measured(attachment) | rest | {"url": _BINARY_URL}}, *contents[1:]
        ]  # fmt: skip
    if isinstance(reference.get("subject"), dict):
        made["subject"] = _named(reference["subject"], reference)
    return made


def _meta(meta: Mapping[str, Any]) -> dict[str, Any]:
    profiles = [url for url in strings(meta, "profile") if url.partition("|")[0] not in PROFILES]
    return {name: value for name, value in meta.items() if name != "profile"} | (
        {"profile": profiles} if profiles else {}
    )


def _measured(attachment: Mapping[str, Any]) -> dict[str, Any]:
    encoded = attachment.get("data")
    data = decoded(encoded) if isinstance(encoded, str) else None
    if not data:
        return {}
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return {"size": len(data), "hash": base64.b64encode(digest).decode()}


def _named(subject: Mapping[str, Any], reference: Mapping[str, Any]) -> dict[str, Any]:
    """A patient inside is also named by its first identifier, an official one before others: it is found by that."""
    link = subject.get("reference")
    for contained in dicts(reference.get("contained")):
        if contained.get("resourceType") == "Patient" and link == f"#{contained.get('id')}":
            known = sorted(dicts(contained.get("identifier")), key=lambda one: one.get("use") != "official")
            named = [{n: one[n] for n in ("system", "value") if n in one} for one in known if one.get("value")]
            return {"identifier": named[0], **subject} if named else dict(subject)
    return dict(subject)
