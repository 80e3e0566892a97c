"""Replacement in one bundle: `relatesTo` on the new document, and the PATCH that supersedes the old one (A7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from validators.messages import rule
from validators.mhd.bundle import UPDATE, Entries, Entry, dicts
from validators.mhd.content import Provided, replaced_target, unique_id
from validators.mhd.subject import searched_identifier
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
        check_relations(document, report)
        replacing |= dict.fromkeys(_names(document.reference), document)
    updates = [_update(entry, replacing, report) for entry in entries.of(UPDATE)]
    patched = {id(update.replaced_by) for update in updates if update.replaced_by is not None}
    for document in documents:
        target = target_of(document.reference)
        if target is not None and id(document) not in patched:
            report.add(rule("MHD-REPLACE-PATCH"), f"{document.entry.at}.relatesTo", reference=target)
    return updates


def target_of(reference: Mapping[str, Any]) -> str | None:
    """What a DocumentReference replaces: `DocumentReference/id`, or the unique id of a logical reference."""
    return next(iter(_names(reference)), None)


def _names(reference: Mapping[str, Any]) -> list[str]:
    """The names of what a DocumentReference replaces: of its literal reference first, then of its identifier."""
    target = replaced_target(reference) or {}
    literal, identifier = target.get("reference"), target.get("identifier")
    names = [_canonical(literal)] if isinstance(literal, str) and literal else []
    unique = unique_id(identifier) if isinstance(identifier, dict) else None
    return [*names, unique] if unique is not None else names


def _canonical(url: str) -> str:
    """`DocumentReference/id` from a literal reference, the unique id from a conditional one."""
    searched = searched_identifier(url)
    if searched is not None:
        return unique_id({"system": searched[0], "value": searched[1]}) or searched[1]
    return "/".join(url.split("/_history")[0].split("/")[-2:])


def check_relations(document: Provided, report: Report) -> None:
    """What one document says of others: it replaces one at most, and not itself."""
    relations = dicts(document.reference.get("relatesTo"))
    replaces = [r for r in relations if r.get("code") == "replaces"]
    if len(replaces) > 1 or (replaces and target_of(document.reference) is None):
        report.add(rule("MHD-REPLACE-CODE"), f"{document.entry.at}.relatesTo")
    if document.unique_id in _names(document.reference):
        report.add(rule("MHD-REPLACE-SELF"), f"{document.entry.at}.relatesTo")
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
    operations = [p for p in dicts(parameters.get("parameter")) if p.get("name") == "operation"]
    if len(operations) != 1:
        return {}
    found: dict[str, Any] = {}
    for part in dicts(operations[0].get("part")):
        if isinstance(part.get("name"), str):
            found[part["name"]] = next((v for k, v in part.items() if k.startswith("value")), None)
    return found
