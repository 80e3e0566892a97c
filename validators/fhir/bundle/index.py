"""The index of a Bundle: its entries by fullUrl, by version and by `Type/id`, built once in one pass.

Source: FHIR R4, https://hl7.org/fhir/R4/bundle.html#references.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from validators.fhir.context import Json, shown

_ABSOLUTE: Final = re.compile(r"[a-z][a-z0-9+.\-]*:\S+")
_RESTFUL: Final = re.compile(
    r"(?P<base>(?:https?://(?:[^\s/?#]+/)+)?)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
_HISTORY: Final = "/_history/"
_NONE: Final[Sequence[int]] = ()


class Entry(NamedTuple):
    """One entry, read leniently: what is absent or of another JSON type is None (or `""` for the resource's type)."""

    number: int
    raw: Json
    resource: Json | None
    type: str
    id: str | None
    version: str | None
    full_url: str | None


class BundleIndex:
    """The entries of one Bundle and what references lead to.

    Every question costs a few dict lookups, so that a Bundle of 10,000 entries is judged in linear time. A reference
    is resolved by fullUrl: as it is when absolute, appended to the root of the entry's own fullUrl when relative, which
    asks for a RESTful fullUrl: in an entry named by a `urn:uuid:`, a relative reference leads nowhere in the Bundle.
    """

    def __init__(self, bundle: Json) -> None:
        raw = bundle.get("entry")
        self.type: str = text(bundle.get("type")) or ""
        self.entries = [_entry(number, item) for number, item in enumerate(raw if isinstance(raw, list) else [])]
        self._by_url: dict[str, list[int]] = {}
        self._by_version: dict[tuple[str, str], list[int]] = {}
        self._by_name: dict[str, list[int]] = {}
        for entry in self.entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        if entry.resource is None:
            return
        if entry.full_url:
            url = same_url(entry.full_url)
            self._by_url.setdefault(url, []).append(entry.number)
            if entry.version:
                self._by_version.setdefault((url, entry.version), []).append(entry.number)
        if entry.id:
            self._by_name.setdefault(f"{entry.type}/{entry.id}", []).append(entry.number)

    def resolve(self, reference: str, base: str | None) -> Json | None:
        """The resource a reference leads to inside the Bundle; None when it leads nowhere or to several.

        `base` is the fullUrl of the entry that holds the reference.
        """
        found = self.find(reference, base)
        return self.entries[found[0]].resource if len(found) == 1 else None

    def find(self, reference: str, base: str | None) -> Sequence[int]:
        """The numbers of the entries a reference leads to: none, one, or several when it is ambiguous."""
        target = reference.partition("#")[0]
        if not target:
            return _NONE
        if not is_absolute(target):
            root = root_of(base)
            if root is None:
                return _NONE
            target = root + target
        url, _, version = target.partition(_HISTORY)
        if version:
            return self._by_version.get((same_url(url), version), _NONE)
        return self._by_url.get(same_url(url), _NONE)

    def named(self, reference: str) -> Sequence[int]:
        """The numbers of the entries whose resource has the type and id of a relative reference, whatever their URL."""
        name = reference.partition("#")[0].partition(_HISTORY)[0]
        return self._by_name.get(name, _NONE)


def is_absolute(url: str) -> bool:
    """Whether a URL has a scheme (`http:`, `urn:uuid:`…) and something after it."""
    return _ABSOLUTE.fullmatch(url) is not None


def restful(url: str) -> tuple[str, str, str] | None:
    """Root, type and id of a URL `[root]Type/id`, with or without a version; None when it has another form."""
    match = _RESTFUL.fullmatch(url)
    return (match["base"], match["type"], match["id"]) if match else None


def root_of(full_url: str | None) -> str | None:
    """What a relative reference is appended to, in an entry of that fullUrl; None when the fullUrl is not RESTful."""
    parts = restful(full_url) if full_url else None
    return parts[0] if parts else None


def same_url(url: str) -> str:
    """A URL as it is compared: a UUID is the same in upper and lower case (RFC 4122, 3)."""
    return url.lower() if url[:9].lower() == "urn:uuid:" else url


def quoted(url: str) -> str:
    """A URL as it may appear in a sentence: its query is never repeated, it may hold a patient's identifier."""
    path, mark, _ = url.partition("?")
    return shown(f"{path}?…" if mark else url)


def text(value: object) -> str | None:
    """The value when it is a string that is not empty."""
    return value if isinstance(value, str) and value else None


def objects(node: Mapping[str, Any], key: str) -> list[tuple[int, Json]]:
    """The objects of the list at `key`, with their position; nothing when there is no list."""
    items = node.get(key)
    return [(n, item) for n, item in enumerate(items) if isinstance(item, dict)] if isinstance(items, list) else []


def _entry(number: int, raw: object) -> Entry:
    node = raw if isinstance(raw, dict) else {}
    resource = node.get("resource")
    full_url = text(node.get("fullUrl"))
    if not isinstance(resource, dict):
        return Entry(number, node, None, "", None, None, full_url)
    meta = resource.get("meta")
    version = text(meta.get("versionId")) if isinstance(meta, dict) else None
    kind = text(resource.get("resourceType")) or ""
    return Entry(number, node, resource, kind, text(resource.get("id")), version, full_url)
