"""Transactions and batches: each entry's request and resource agree (FHIR R4, http.html#transaction)."""

from __future__ import annotations

from typing import Final

from validators.fhir.bundle.index import BundleIndex, Entry, quoted, text
from validators.fhir.context import Context, Json

_WRITES: Final = frozenset({"POST", "PUT"})
_READS: Final = frozenset({"GET", "HEAD", "DELETE"})
_CONDITIONS: Final = {
    "ifNoneExist": frozenset({"POST"}),
    "ifMatch": frozenset({"PUT", "PATCH", "DELETE"}),
    "ifNoneMatch": frozenset({"GET", "HEAD"}),
    "ifModifiedSince": frozenset({"GET", "HEAD"}),
}


def check_requests(index: BundleIndex, place: str, context: Context) -> None:
    """Judge the requests of a transaction or batch; an absent request, method or URL is bdl-3's and the walk's."""
    types = context.definitions.resource_types
    for entry in index.entries:
        request = entry.raw.get("request")
        if isinstance(request, dict):
            where = f"{place}.entry[{entry.number}]"
            method, url = text(request.get("method")) or "", text(request.get("url"))
            _check_conditions(request, method, f"{where}.request", context)
            steps = [step for step in (url or "").partition("?")[0].split("/") if step]
            if not any(step[0] in "$_" for step in steps):  # operations and searches take and give what they like
                _check_resource(entry, method, where, context)
                if url is not None:
                    _check_url(entry, method, url, steps, types, f"{where}.request.url", context)


def _check_conditions(request: Json, method: str, where: str, context: Context) -> None:
    for element, methods in _CONDITIONS.items():
        if method and element in request and method not in methods:
            expected = ", ".join(sorted(methods))
            context.add(
                "FHIR-BUNDLE-REQUEST-CONDITION", f"{where}.{element}", element=element, found=method, expected=expected
            )


def _check_resource(entry: Entry, method: str, where: str, context: Context) -> None:
    if method in _WRITES and "resource" not in entry.raw:
        context.add("FHIR-BUNDLE-REQUEST-RESOURCE", where, found=method)
    elif method in _READS and "resource" in entry.raw:
        context.add("FHIR-BUNDLE-REQUEST-NO-RESOURCE", where, found=method)


def _check_url(
    entry: Entry, method: str, url: str, steps: list[str], types: frozenset[str], where: str, context: Context
) -> None:
    """POST to the resource's type, PUT to its type and id, or to its type with a search."""
    if method not in _WRITES or entry.resource is None or entry.type not in types or not steps:
        return
    named = next((step for step in reversed(steps) if step in types), None)
    if named is None:
        return
    after = steps[len(steps) - steps[::-1].index(named) :]
    wrong_id = method == "PUT" and len(after) == 1 and entry.id is not None and after[0] != entry.id
    if named != entry.type or wrong_id:
        expected = entry.type if method == "POST" else f"{entry.type}/{entry.id or '…'}"
        context.add("FHIR-BUNDLE-REQUEST-URL", where, found=quoted(url), method=method, expected=expected)
