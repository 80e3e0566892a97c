"""The documents of one request, judged by the rules of ITI-65, with the findings led back to the metadata.

What carries the request (an archive, a message) knows where each thing stands: it gives its `Whereabouts`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from validators.fhir import Walker
from validators.ins import Place
from validators.mhd import CheckCda, ProvidedBundle, check_provide_bundle, sniff
from validators.report import Issue, Mode
from validators.xds._bundle import Provision, to_bundle
from validators.xds._model import DocumentEntry, Metadata
from validators.xds._places import Tracer
from validators.xds._schemes import REPLACING

_IN_OUR_WORDS: Final = frozenset({"XCHECK-SIZE", "XCHECK-HASH", "XCHECK-MEDIA-TYPE", "MHD-SET-ITEM"})
"""Rules of ITI-65 that XDS has in words of its own."""
_XML: Final = ("application/xml", "text/xml", "text/plain")

Difference = tuple[str, dict[str, Any]]
"""An attribute of a document entry that the bytes contradict, and the words to say so."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request is judged by: the same as a provide-bundle."""

    walker: Walker
    mode: Mode
    now: datetime
    check: CheckCda
    max_entries: int = 1_000


class Whereabouts(Protocol):
    """Where the parts of a request stand in what carried it."""

    def content(self, document: DocumentEntry) -> str:
        """The name of a document's bytes."""
        ...

    def attribute(self, location: str) -> str:
        """A place in the metadata; an empty one is the request as a whole."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """The transaction a request stands for, as it was checked, and the findings where the sender can find them."""

    provision: Provision
    bundle: ProvidedBundle
    issues: list[Issue]


def judge_documents(
    metadata: Metadata,
    contents: Mapping[str, bytes],
    terms: Terms,
    where: Whereabouts,
    said: Collection[str],
    names: Mapping[str, str] | None = None,
) -> Judged | None:
    """Check what the metadata and the bytes (by document id) stand for; None without a submission set.

    Args:
        metadata: the request.
        contents: the bytes of its documents.
        terms: what it is judged by.
        where: leads findings back to what carried the request.
        said: places in the metadata of which a rule of XDS has spoken: no other rule says more of them.
        names: unique ids of documents outside, by their entryUUID.
    """
    check = functools.cache(terms.check)  # a document that replaces another is looked at twice
    provision = to_bundle(metadata, contents, {**_replaced(metadata, contents, check), **(names or {})})
    if provision is None:
        return None
    bundle = check_provide_bundle(
        provision.bundle, terms.walker, mode=terms.mode, now=terms.now, max_entries=terms.max_entries,
        check=check,
    )  # fmt: skip
    tracer = Tracer(provision)
    issues = [
        _moved(issue, provision, tracer, where)
        for issue in bundle.report
        if issue.rule not in _IN_OUR_WORDS and not _is_said(issue, tracer, said)
    ]
    return Judged(provision, bundle, issues)


def _replaced(metadata: Metadata, contents: Mapping[str, bytes], check: CheckCda) -> dict[str, str]:
    """The unique id of a replaced document: the CDA that replaces it says it, the entryUUID is the registry's."""
    found: dict[str, str] = {}
    for association in metadata.associations:
        data = contents.get(association.source)
        if association.kind in REPLACING and data is not None:
            header = check(data).header if sniff(data) == "application/xml" else None
            related = header.related if header is not None else ()
            for parent in (p for r in related if r.type_code == "RPLC" for p in r.parents[:1]):
                found.setdefault(association.target, parent.text)
    return found


def _is_said(issue: Issue, tracer: Tracer, said: Collection[str]) -> bool:
    """A rule of the derived form adds nothing where a rule of XDS has spoken of the same attribute."""
    if not issue.rule.startswith(("FHIR-", "MHD-")):
        return False
    if issue.rule.startswith("FHIR-") and said:
        return True
    place = tracer.place(issue.location)
    return place is not None and place.location in said


def _moved(issue: Issue, provision: Provision, tracer: Tracer, where: Whereabouts) -> Issue:
    index = tracer.document(issue.location)
    if index is not None:
        described = provision.origins[index - 1]  # the bytes follow the entry that describes them
        assert isinstance(described, DocumentEntry)
        _, inside, rest = issue.location.partition("!/")
        return replace(issue, location=f"{where.content(described)}!/{rest}" if inside else where.content(described))
    place = tracer.place(issue.location) or Place("")
    return replace(issue, location=where.attribute(place.location), line=place.line, column=None, pointer=None)


# -- metadata against bytes ------------------------------------------------------------------------------------------


def differences(document: DocumentEntry, data: bytes) -> Iterator[Difference]:
    """Size, SHA-1 and media type of the bytes against their entry, by the model's name of the attribute."""
    if document.size is not None and document.size.isdigit() and (document.size.lstrip("0") or "0") != str(len(data)):
        yield "size", {"found": document.size[:20], "expected": len(data)}
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    if document.hash is not None and document.hash.lower() != digest:
        yield "hash", {"expected": digest}
    shown, plain = sniff(data), (document.mime_type or "").partition(";")[0].strip().lower()
    if plain and not _agrees(plain, shown):
        yield "mime_type", {"found": plain[:40], "expected": shown}


def _agrees(announced: str, shown: str) -> bool:
    """Whether an announced type can be what the bytes show; bytes without a signature are contradicted by XML only."""
    is_xml = announced in _XML or announced.endswith("+xml")
    if shown == "application/octet-stream":
        return not is_xml or announced == "text/plain"
    return is_xml if shown == "application/xml" else announced == shown
