"""Every entry's fullUrl: there, absolute, and in agreement with the resource (FHIR R4, bundle.html#bundle-unique)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from validators.fhir.bundle.index import BundleIndex, Entry, is_absolute, quoted, restful, text
from validators.fhir.bundle.references import Link
from validators.fhir.context import Context

_OPTIONAL: Final = frozenset({"transaction", "transaction-response", "batch", "batch-response"})
_RESPONSES: Final = frozenset({"transaction-response", "batch-response"})
# Code systems and value sets of HL7 v2 and v3 whose canonical was their address before terminology.hl7.org.
_OLD_TERMINOLOGY: Final = ("http://hl7.org/fhir/v2/", "http://hl7.org/fhir/v3/")


def check_full_urls(index: BundleIndex, place: str, context: Context, links: Sequence[Link]) -> None:
    """Judge the fullUrl of every entry."""
    referring = frozenset(link.entry for link in links if link.reference[:1] != "#" and not is_absolute(link.reference))
    types = context.definitions.resource_types
    for entry in index.entries:
        where = f"{place}.entry[{entry.number}]"
        if "fullUrl" not in entry.raw:
            if entry.raw and _needed(index.type, entry.number in referring):
                context.add("FHIR-BUNDLE-FULLURL-MISSING", where)
        elif entry.full_url is None:
            continue  # empty or of another JSON type: the walk has said so
        elif not is_absolute(entry.full_url):
            context.add("FHIR-BUNDLE-FULLURL", where, found=quoted(entry.full_url))
        else:
            # What a transaction creates has no id of its own yet.
            unnamed = index.type in _OPTIONAL and not entry.id
            _check_agreement(entry, entry.full_url, where, frozenset() if unnamed else types, context)


def _needed(bundle_type: str, refers: bool) -> bool:
    """A transaction may leave it out, but nothing tells what a relative reference in such an entry starts from."""
    return bundle_type not in _OPTIONAL or (refers and bundle_type not in _RESPONSES)


def _check_agreement(entry: Entry, full_url: str, where: str, types: frozenset[str], context: Context) -> None:
    if entry.resource is None:
        return
    parts = restful(full_url)
    rest = parts is not None and parts[1] in types
    if rest and not (entry.id and full_url.endswith(f"/{entry.type}/{entry.id}")):
        context.add(
            "FHIR-BUNDLE-FULLURL-ID", where, found=quoted(full_url), expected=f"{entry.type}/{entry.id or '(id)'}"
        )
    elif not rest and text(entry.resource.get("url")) == full_url and not full_url.startswith(_OLD_TERMINOLOGY):
        context.add(
            "FHIR-BUNDLE-FULLURL-CANONICAL", where, found=quoted(full_url), expected=f"{entry.type}/{entry.id or '…'}"
        )
