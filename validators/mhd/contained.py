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
        links = _links(entry.resource)
        _check_contained(entry, links, report)
        if any(link.startswith("urn:") and entries.target(link) is None for link in links):
            for place, reference in _urns(entry.resource, entry.at):
                if entries.target(reference) is None:
                    report.add(rule("MHD-REFERENCE"), place, reference=reference)


def _links(resource: Mapping[str, Any]) -> set[str]:
    """Every text that can lead somewhere: `#id`, `#` for the container, `urn:…` in a Reference."""
    links: set[str] = set()
    waiting: list[Any] = [resource]
    while waiting:
        node = waiting.pop()
        for key, value in node.items() if type(node) is dict else enumerate(node):
            if type(value) is str:
                if value[:1] == "#" or (key == "reference" and value[:4] == "urn:"):
                    links.add(value)
            elif type(value) is dict or type(value) is list:
                waiting.append(value)
    return links


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


def _check_contained(entry: Entry, links: set[str], report: Report) -> None:
    contained = entry.resource.get("contained")
    seen: set[str] = set()
    for index, resource in enumerate(contained if isinstance(contained, list) else []):
        if isinstance(resource, dict):
            _check_one(resource, f"{entry.at}.contained[{index}]", links, seen, report)


def _check_one(
    resource: Mapping[str, Any], place: str, links: set[str], seen: set[str], report: Report
) -> None:  # fmt: skip
    name = resource.get("id")
    if not isinstance(name, str) or name in seen:
        report.add(rule("MHD-CONTAINED-ID"), f"{place}.id", found=name if isinstance(name, str) else "-")
    elif f"#{name}" not in links and "#" not in _links(resource):
        report.add(rule("MHD-CONTAINED-UNUSED"), place, found=name)
    if isinstance(name, str):
        seen.add(name)
    meta = resource.get("meta")
    for element in ("versionId", "lastUpdated", "security"):
        if isinstance(meta, dict) and element in meta:
            report.add(rule("MHD-CONTAINED-META"), f"{place}.meta.{element}", element=element)
