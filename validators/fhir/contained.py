"""Contained resources: every one is referenced, none says what only a resource of its own may (dom-3 to dom-5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from validators.fhir.context import Context, Json

_LINK: Final = re.compile(r"""(?:src|href)\s*=\s*["'](#[^"']+)""").findall


def check_contained(resource: Json, place: str, context: Context) -> None:
    """Check the contained resources of one resource (FHIR R4, https://hl7.org/fhir/R4/domainresource.html).

    Any text that starts with `#` counts as a reference: canonicals, uris and attachments may point inside too.
    `context.mentioned` are the references that the walk met.
    """
    contained = resource.get("contained")
    resources = [r for r in contained if type(r) is dict] if type(contained) is list else []
    unmentioned = [item for item in resources if f"#{item.get('id')}" not in context.mentioned]
    if unmentioned and not _found_elsewhere(resource, unmentioned):
        context.invariant("dom-3", place)
    seen: set[str] = set()
    for item in resources:
        name = str(item.get("id", ""))
        if name in seen:
            context.add("FHIR-ELEMENT-ID", f"{place}.contained", found=name, expected="1", element=name)
        elif name:
            seen.add(name)
        meta = item.get("meta")
        if type(meta) is dict:
            if "versionId" in meta or "lastUpdated" in meta:
                context.invariant("dom-4", place)
            if "security" in meta:
                context.invariant("dom-5", place)


def _found_elsewhere(resource: Json, items: Iterable[Json]) -> bool:
    """Whether what no Reference names is named by another text, or points to its container itself."""
    mentioned = {found for text in _texts(resource) for found in _pointers(text)}
    return all(f"#{item.get('id')}" in mentioned or "#" in _texts(item) for item in items)


def _pointers(text: str) -> Iterable[str]:
    """The `#id` a text is, or those that the links and images of a narrative point to."""
    if text[:1] == "#":
        return (text,)
    return _LINK(text) if text[:1] == "<" else ()


def _texts(value: Any) -> Iterator[str]:
    """Every text below a value, in no order; without recursion, since the input may be deep."""
    rest = [value]
    while rest:
        node = rest.pop()
        if type(node) is str:
            yield node
        elif type(node) is dict:
            rest.extend(node.values())
        elif type(node) is list:
            rest.extend(node)
