"""`Bundle.link` (relations, stylesheets) and the links of narratives to data (FHIR R4, bundle.html, search.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from validators.fhir.bundle.index import BundleIndex, is_absolute, objects, quoted, text
from validators.fhir.context import Context, Json

_PAGING: Final = frozenset({"first", "previous", "next", "last"})
_PAGED: Final = frozenset({"searchset", "history"})
_FHIR_STYLESHEET: Final = "https://hl7.org/fhir/fhir.css"
_NARRATIVE_LINK: Final = "http://hl7.org/fhir/StructureDefinition/narrativeLink"
_HTML_ID: Final = re.compile(r"""\sid\s*=\s*["']([^"']+)["']""")


def check_bundle_links(bundle: Json, index: BundleIndex, place: str, context: Context) -> None:
    """Each relation once where only one makes sense, pages in searches and histories only, stylesheets there."""
    paged = index.type in _PAGED
    seen: set[str] = set()
    for number, link in objects(bundle, "link"):
        relation, where = text(link.get("relation")) or "", f"{place}.link[{number}]"
        if not paged and relation in _PAGING:
            context.add("FHIR-BUNDLE-LINK-PAGING", f"{where}.relation", found=relation, expected=index.type or "—")
        elif relation in seen and (relation == "self" or (paged and relation in _PAGING)):
            context.add("FHIR-BUNDLE-LINK-DUPLICATE", where, found=relation)
        elif relation == "stylesheet" and index.type == "document":
            _check_stylesheet(text(link.get("url")), index, f"{where}.url", context)
        seen.add(relation)


def _check_stylesheet(url: str | None, index: BundleIndex, where: str, context: Context) -> None:
    if url is None or url == _FHIR_STYLESHEET:
        return
    if is_absolute(url):
        context.add("FHIR-BUNDLE-STYLESHEET-OUTSIDE", where, found=quoted(url))
    elif not index.named(url):
        context.add("FHIR-BUNDLE-STYLESHEET", where, found=quoted(url))


def stylesheets(bundle: Json, index: BundleIndex) -> Iterator[int]:
    """The numbers of the entries that the document's stylesheet links name."""
    for _, link in objects(bundle, "link"):
        if link.get("relation") == "stylesheet":
            yield from index.named(text(link.get("url")) or "")[:1]


def check_narrative_links(index: BundleIndex, place: str, context: Context) -> None:
    """A narrativeLink to a fragment of an entry names the id of an element or of a part of the narrative there.

    Source: https://hl7.org/fhir/R4/extension-narrativelink.html.
    """
    ids: dict[int, frozenset[str]] = {}
    for entry in index.entries:
        for url in _narrative_links(entry.raw):
            target, _, fragment = url.partition("#")
            found = index.find(target, entry.full_url) if fragment and is_absolute(target) else ()
            if len(found) == 1:
                number = found[0]
                if number not in ids:
                    ids[number] = frozenset(_ids(index.entries[number].raw))
                if fragment not in ids[number]:
                    context.add("FHIR-REFERENCE-FRAGMENT", f"{place}.entry[{entry.number}]", found=quoted(url))


def _narrative_links(node: Json) -> Iterator[str]:
    for part in _objects_below(node):
        if part.get("url") == _NARRATIVE_LINK:
            url = text(part.get("valueUrl")) or text(part.get("valueUri"))
            if url is not None:
                yield url


def _ids(node: Json) -> Iterator[str]:
    for part in _objects_below(node):
        if (found := text(part.get("id"))) is not None:
            yield found
        if (div := text(part.get("div"))) is not None:
            yield from _HTML_ID.findall(div)


def _objects_below(node: Json) -> Iterator[Json]:
    stack: list[object] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack.extend(value for value in part.values() if isinstance(value, dict | list))
        elif isinstance(part, list):
            stack.extend(part)
