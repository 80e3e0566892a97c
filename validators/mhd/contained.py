"""Inside each resource: what FHIR asks of `contained` (R4, dom-3 to dom-5), and references that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validators.messages import rule
from validators.mhd.bundle import BINARY, UPDATE, Entries, Entry
from validators.report import Report

_ELSEWHERE: Final = frozenset({"relatesTo", "entry"})
"""Elements whose references have rules of their own: replacement, and the items of a List."""


def check_references(entries: Entries, report: Report) -> None:
    """Every contained resource is used and plain; every `urn:` reference leads to an entry of the bundle."""
    for entry in entries.all:
        if entry.slice in (BINARY, UPDATE):
            continue
        _check_contained(entry, report)
        for place, reference in _urns(entry.resource, entry.at):
            if entries.target(reference) is None:
                report.add(rule("MHD-REFERENCE"), place, reference=reference)


def _urns(node: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each Reference of a resource that names a `urn:`, with its place."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            if isinstance(item, dict):
                yield from _urns(item, f"{place}[{index}]")
        return
    reference = node.get("reference")
    if isinstance(reference, str) and reference.startswith("urn:"):
        yield place, reference
    for key, value in node.items():
        if isinstance(value, dict | list) and key not in _ELSEWHERE:
            yield from _urns(value, f"{place}.{key}")


def _check_contained(entry: Entry, report: Report) -> None:
    contained = entry.resource.get("contained")
    if not isinstance(contained, list) or not contained:
        return
    used = set(_fragments(entry.resource))
    seen: set[object] = set()
    for index, resource in enumerate(contained):
        if isinstance(resource, dict):
            _check_one(resource, f"{entry.at}.contained[{index}]", used, seen, report)


def _check_one(
    resource: Mapping[str, Any], place: str, used: set[str], seen: set[object], report: Report
) -> None:  # fmt: skip
    name = resource.get("id")
    if not isinstance(name, str) or name in seen:
        report.add(rule("MHD-CONTAINED-ID"), f"{place}.id", found=name if isinstance(name, str) else "-")
    elif f"#{name}" not in used and "#" not in _fragments(resource):
        report.add(rule("MHD-CONTAINED-UNUSED"), place, found=name)
    if isinstance(name, str):
        seen.add(name)
    meta = resource.get("meta")
    for element in ("versionId", "lastUpdated", "security"):
        if isinstance(meta, dict) and element in meta:
            report.add(rule("MHD-CONTAINED-META"), f"{place}.meta.{element}", element=element)


def _fragments(node: Any) -> Iterator[str]:
    """Every text that can lead to a contained resource: `#id`, or `#` for the container."""
    values = node.values() if isinstance(node, dict) else node
    for value in values:
        if isinstance(value, str):
            if value.startswith("#"):
                yield value
        elif isinstance(value, dict | list):
            yield from _fragments(value)
