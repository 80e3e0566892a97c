"""References of an ITI-65 transaction that lead nowhere; what stands inside each resource is the walk's matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validators.messages import rule
from validators.mhd.bundle import BINARY, UPDATE, Entries
from validators.report import Report

_ELSEWHERE: Final = frozenset({"relatesTo", "entry"})
"""Elements whose references have rules of their own: replacement, and the items of a List."""


def check_references(entries: Entries, report: Report) -> None:
    """Every `urn:` reference leads to an entry of the bundle."""
    for entry in entries.all:
        if entry.slice in (BINARY, UPDATE):
            continue
        if any(entries.target(link) is None for link in _links(entry.resource)):
            for place, reference in _urns(entry.resource, entry.at):
                if entries.target(reference) is None:
                    report.add(rule("MHD-REFERENCE"), place, reference=reference)


def _links(resource: Mapping[str, Any]) -> set[str]:
    """Every `urn:…` of a Reference."""
    links: set[str] = set()
    waiting: list[Any] = [resource]
    while waiting:
        node = waiting.pop()
        for key, value in node.items() if type(node) is dict else enumerate(node):
            if type(value) is str:
                if key == "reference" and value[:4] == "urn:":
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
