"""Replacement in one bundle: `relatesTo` on the new document, and the PATCH that supersedes the old one (A7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from validators.messages import rule
from validators.mhd.bundle import UPDATE, Entries, Entry
from validators.mhd.content import Provided, replaced_target, unique_id
from validators.report import Report

_IHE = {"transforms": "PartialTransformContentNotProcessed", "appends": "PartialAppendContentNotProcessed"}


@dataclass(frozen=True, slots=True)
class Update:
    """A PATCH to superseded: its entry, the target as `DocumentReference/id` or a unique id, and what replaces it."""

    entry: Entry
    target: str
    replaced_by: Provided | None


def check_replacements(entries: Entries, documents: list[Provided], report: Report) -> list[Update]:
    """Each replacing document names one target and comes with its PATCH; each PATCH does that one thing."""
    replacing: dict[str, Provided] = {}
    for document in documents:
        _check_relations(document, report)
        target = target_of(document.reference)
        if target is not None:
            replacing[target] = document
    updates = [_update(entry, replacing, report) for entry in entries.of(UPDATE)]
    patched = {update.target for update in updates}
    for target, document in replacing.items():
        if target not in patched:
            report.add(rule("MHD-REPLACE-PATCH"), f"{document.entry.at}.relatesTo", reference=target)
    return updates


def target_of(reference: Mapping[str, Any]) -> str | None:
    """What a DocumentReference replaces: `DocumentReference/id`, or the unique id of a logical reference."""
    target = replaced_target(reference)
    if target is None:
        return None
    identifier = target.get("identifier")
    if isinstance(target.get("reference"), str):
        return _canonical(target["reference"])
    return unique_id(identifier) if isinstance(identifier, dict) else None


def _canonical(url: str) -> str:
    """`DocumentReference/id` from a literal reference, the unique id from a conditional one."""
    if "?identifier=" in url:
        system, _, value = url.split("?identifier=", 1)[1].partition("|")
        return unique_id({"system": system, "value": value}) or value
    parts = url.split("/_history")[0].split("/")
    return "/".join(parts[-2:])


def _check_relations(document: Provided, report: Report) -> None:
    relations = document.reference.get("relatesTo")
    relations = [r for r in relations if isinstance(r, dict)] if isinstance(relations, list) else []
    replaces = [r for r in relations if r.get("code") == "replaces"]
    if len(replaces) > 1 or (replaces and target_of(document.reference) is None):
        report.add(rule("MHD-REPLACE-CODE"), f"{document.entry.at}.relatesTo")
    for index, relation in enumerate(relations):
        code = relation.get("code")
        if code in ("transforms", "appends", "signs"):
            report.add(
                rule("MHD-RELATES-TO"), f"{document.entry.at}.relatesTo[{index}]", found=code, ihe=_IHE.get(code, "-")
            )


def _update(entry: Entry, replacing: Mapping[str, Provided], report: Report) -> Update:
    target = _canonical(entry.url)
    if _operation(entry.resource) != {"type": "replace", "path": "DocumentReference.status", "value": "superseded"}:
        report.add(rule("MHD-PATCH"), entry.at)
    replaced_by = replacing.get(target)
    if replaced_by is None:
        report.add(rule("MHD-PATCH-ALONE"), entry.at)
    return Update(entry, target, replaced_by)


def _operation(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the only FHIRPath Patch operation; empty when there is not exactly one."""
    operations = [p for p in parameters.get("parameter") or [] if isinstance(p, dict) and p.get("name") == "operation"]
    if len(operations) != 1:
        return {}
    found: dict[str, Any] = {}
    for part in operations[0].get("part") or []:
        if isinstance(part, dict) and isinstance(part.get("name"), str):
            found[part["name"]] = next((v for k, v in part.items() if k.startswith("value")), None)
    return found
