"""Search results: a self link, and each entry's resource in keeping with its search mode (FHIR R4, search.html)."""

from __future__ import annotations

from validators.fhir.bundle.index import BundleIndex, Entry, objects, text
from validators.fhir.context import Context, Json


def check_search(bundle: Json, index: BundleIndex, place: str, context: Context) -> None:
    """Judge a searchset that has entries."""
    link = next((link for _, link in objects(bundle, "link") if link.get("relation") == "self"), None)
    if link is None:
        context.add("FHIR-BUNDLE-SEARCH-SELF", place)
    wanted = _types(text(link.get("url")) or "", context.definitions.resource_types) if link else frozenset()
    modes = [_mode(entry) for entry in index.entries]
    if not all(modes):
        context.add("FHIR-BUNDLE-SEARCH-MODE", place, found=sum(mode is None for mode in modes))
    for entry, mode in zip(index.entries, modes, strict=True):
        where = f"{place}.entry[{entry.number}]"
        if entry.resource is None:
            context.add("FHIR-BUNDLE-SEARCH-RESOURCE", where)
        else:
            _check_mode(entry, mode, wanted, f"{where}.resource", context)


def _check_mode(entry: Entry, mode: str | None, wanted: frozenset[str], where: str, context: Context) -> None:
    """Without a mode nothing tells a match from an outcome: the id is then only recommended."""
    outcome = entry.type == "OperationOutcome"
    if mode == "outcome":
        if not outcome:
            context.add("FHIR-BUNDLE-SEARCH-OUTCOME", where, found=entry.type or "—")
    elif mode in ("match", "include"):
        if entry.id is None:
            context.add("FHIR-BUNDLE-SEARCH-ID", where)
        if mode == "match" and wanted and entry.type not in wanted:
            expected = ", ".join(sorted(wanted))
            context.add("FHIR-BUNDLE-SEARCH-TYPE", where, found=entry.type or "—", expected=expected)


def _mode(entry: Entry) -> str | None:
    search = entry.raw.get("search")
    return text(search.get("mode")) if isinstance(search, dict) else None


def _types(url: str, known: frozenset[str]) -> frozenset[str]:
    """The types a search is about: the last step of its address, or else its `_type`; none when it does not say."""
    path, _, query = url.partition("?")
    last = path.rpartition("/")[2]
    if last in known:
        return frozenset({last})
    return frozenset(
        name
        for parameter in query.split("&")
        if parameter.startswith("_type=")
        for name in parameter.removeprefix("_type=").split(",")
        if name
    )
