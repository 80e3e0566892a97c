"""What is asked of a Bundle as a whole: its invariants, then the rules of its type (FHIR R4, bundle.html)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from validators.fhir.bundle.entries import check_full_urls
from validators.fhir.bundle.index import BundleIndex, text
from validators.fhir.bundle.linked import check_first, check_reach
from validators.fhir.bundle.links import check_bundle_links, check_narrative_links
from validators.fhir.bundle.references import LINKED, Link, check_links
from validators.fhir.bundle.requests import check_requests
from validators.fhir.bundle.search import check_search
from validators.fhir.context import Context, Json

_REQUESTED: Final = frozenset({"batch", "transaction", "history"})
_ANSWERED: Final = frozenset({"batch-response", "transaction-response", "history"})
_CONTENT: Final = ("resource", "request", "response")


def check_bundle(bundle: Json, place: str, context: Context, links: Sequence[Link], index: BundleIndex) -> None:
    """Record what is wrong with a Bundle as a Bundle, once its entries were walked.

    `links` are the References met in the resources of its entries (not in those of a Bundle inside it), `index` is the
    Bundle's own. Never raises on content; linear in the size of the Bundle.
    """
    _check_invariants(bundle, index, place, context)
    check_full_urls(index, place, context, links)
    edges = check_links(index, place, context, links)
    check_bundle_links(bundle, index, place, context)
    if index.type in LINKED:
        check_first(index, place, context)
        check_reach(bundle, index, place, context, edges)
        check_narrative_links(index, place, context)
    elif index.type == "searchset" and index.entries:
        check_search(bundle, index, place, context)
    elif index.type in ("transaction", "batch"):
        check_requests(index, place, context)


def _check_invariants(bundle: Json, index: BundleIndex, place: str, context: Context) -> None:
    """bdl-1 to bdl-12; those about the type say nothing of a Bundle that has none."""
    for key, kept in _of_type(bundle, index) if index.type else ():
        if not kept:
            context.invariant(key, place)
    if index.type != "history" and not _distinct(index):
        context.invariant("bdl-7", place)
    for entry in index.entries:
        if entry.raw and not any(entry.raw.get(name) is not None for name in _CONTENT):
            context.invariant("bdl-5", f"{place}.entry[{entry.number}]")
        if entry.full_url and "/_history/" in entry.full_url:
            context.invariant("bdl-8", f"{place}.entry[{entry.number}]")


def _of_type(bundle: Json, index: BundleIndex) -> Sequence[tuple[str, bool]]:
    kind, raws = index.type, [entry.raw for entry in index.entries]
    first = index.entries[0].type if index.entries else ""
    return (
        ("bdl-1", "total" not in bundle or kind in ("searchset", "history")),
        ("bdl-2", kind == "searchset" or not any("search" in raw for raw in raws)),
        ("bdl-3", all(("request" in raw) == (kind in _REQUESTED) for raw in raws)),
        ("bdl-4", all(("response" in raw) == (kind in _ANSWERED) for raw in raws)),
        ("bdl-9", kind != "document" or _identified(bundle.get("identifier"))),
        ("bdl-10", kind != "document" or text(bundle.get("timestamp")) is not None),
        ("bdl-11", kind != "document" or first == "Composition"),
        ("bdl-12", kind != "message" or first == "MessageHeader"),
    )


def _identified(identifier: object) -> bool:
    return isinstance(identifier, dict) and "system" in identifier and "value" in identifier


def _distinct(index: BundleIndex) -> bool:
    named = [(entry.full_url, entry.version) for entry in index.entries if entry.full_url]
    return len(named) == len(set(named))
