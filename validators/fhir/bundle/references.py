"""Every reference: its form anywhere, and inside a Bundle where it leads (FHIR R4, bundle.html#references)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from validators.fhir.bundle.index import BundleIndex, Entry, is_absolute, quoted, restful, text
from validators.fhir.context import Context, Json, shown

LINKED: Final = frozenset({"document", "message"})
_TRANSACTIONS: Final = frozenset({"transaction", "batch"})
_LISTED: Final = 5
_BLANK: Final = re.compile(r"\s")
_PARAMETER: Final = r"[_a-zA-Z][\w.:\-]*=[^=&]*"
_QUERY: Final = re.compile(rf"{_PARAMETER}(?:&{_PARAMETER})*")
# What a document's Composition and a message's header point to has to be in the Bundle (documents.html#content).
_CONTENT: Final = {
    "Composition": re.compile(
        r"(?:subject|author|encounter|custodian|attester\.party|event\.detail|(?:section\.)+(?:author|focus|entry))"
    ),
    "MessageHeader": re.compile(r"focus"),
}
_INDEX: Final = re.compile(r"\[\d+\]|/\*.*?\*/")
# Definitions may be named by their address without being in the document.
_CANONICAL: Final = frozenset({
    "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition",
    "ConceptMap", "EffectEvidenceSynthesis", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
    "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition", "NamingSystem",
    "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition", "ResearchElementDefinition",
    "RiskEvidenceSynthesis", "SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities",
    "TestScript", "ValueSet",
})  # fmt: skip


class Link(NamedTuple):
    """One Reference met inside entry number `entry`: its place (FHIRPath) and its text."""

    entry: int
    place: str
    reference: str


def check_reference(reference: Json, place: str, context: Context) -> None:
    """Judge the form of a Reference, in a Bundle or not: no blank, a well-formed search, a `type` that tells the truth.

    Source: FHIR R4, https://hl7.org/fhir/R4/references.html#Reference, http.html#trules (conditional references).
    """
    found = reference.get("reference")
    if not isinstance(found, str) or not found:
        return
    if _BLANK.search(found):
        context.add("FHIR-REFERENCE-FORMAT", place, found=quoted(found))
        return
    if "?" not in found and "type" not in reference:
        return
    kind, mark, query = found.partition("?")
    if mark and kind in context.definitions.resource_types and _QUERY.fullmatch(query) is None:
        context.add("FHIR-REFERENCE-QUERY", place, found=kind)
    declared = text(reference.get("type"))
    actual = context.reference_type({"reference": found}) if declared else None
    if declared and actual and declared.rpartition("/")[2] != actual:
        context.add("FHIR-REFERENCE-DECLARED", place, found=shown(declared), expected=actual)


def check_links(index: BundleIndex, place: str, context: Context, links: Sequence[Link]) -> list[tuple[int, int]]:
    """Judge where the references of the entries lead; returns the pairs of entries they link."""
    judge = _Judge(index, place, context)
    edges: list[tuple[int, int]] = []
    count = len(index.entries)
    for link in links:
        if 0 <= link.entry < count and link.reference and link.reference[0] != "#":
            target = judge.link(index.entries[link.entry], link)
            if target is not None:
                edges.append((link.entry, target))
    return edges


class _Judge:
    """Judges the references of one Bundle."""

    def __init__(self, index: BundleIndex, place: str, context: Context) -> None:
        self._index = index
        self._place = place
        self._context = context
        self._linked = index.type in LINKED

    def link(self, entry: Entry, link: Link) -> int | None:
        """Judge one reference; returns the number of the entry it leads to."""
        if _BLANK.search(link.reference):
            return None  # its form is the matter
        relative = not is_absolute(link.reference)
        if relative and (entry.full_url is None or not self._well_formed(link)):
            return None
        found = self._index.find(link.reference, entry.full_url)
        if len(found) == 1:
            return found[0]
        if found:
            self._ambiguous(link, found)
        elif relative:
            self._relative_elsewhere(entry, link)
        else:
            self._absolute_elsewhere(entry, link)
        return None

    def _well_formed(self, link: Link) -> bool:
        """Relative: `Type/id`, with or without a version; a search where a transaction will resolve it."""
        if link.reference.partition("#")[0].count("/") in (1, 3):
            return True
        searched, mark, _ = link.reference.partition("?")
        known = bool(mark) and searched in self._context.definitions.resource_types
        if not (known and self._index.type in _TRANSACTIONS):
            self._context.add("FHIR-REFERENCE-RELATIVE", link.place, found=quoted(link.reference))
        return False

    def _ambiguous(self, link: Link, found: Sequence[int]) -> None:
        if self._index.type != "history":  # where each version of a resource is an entry of its own
            self._context.add(
                "FHIR-REFERENCE-AMBIGUOUS", link.place, found=quoted(link.reference), expected=self._places(found)
            )

    def _relative_elsewhere(self, entry: Entry, link: Link) -> None:
        named = self._index.named(link.reference)
        if named:
            urls = [self._index.entries[number].full_url or "—" for number in named[:_LISTED]]
            self._context.add(
                "FHIR-REFERENCE-APPARENT" if self._linked else "FHIR-REFERENCE-APPARENT-ELSEWHERE",
                link.place,
                found=quoted(link.reference),
                expected=", ".join(map(quoted, urls)),
                base=quoted(entry.full_url or "—"),
            )
        elif self._wanted(entry, link):
            self._context.add("FHIR-BUNDLE-REFERENCE", link.place, found=quoted(link.reference))

    def _absolute_elsewhere(self, entry: Entry, link: Link) -> None:
        parts = restful(link.reference.partition("#")[0])
        if self._wanted(entry, link) and not (parts and parts[1] in _CANONICAL):
            self._context.add("FHIR-BUNDLE-REFERENCE", link.place, found=quoted(link.reference))
        elif link.reference.startswith("urn:"):
            self._context.add("FHIR-REFERENCE-LOCAL", link.place, found=quoted(link.reference))

    def _wanted(self, entry: Entry, link: Link) -> bool:
        """Whether this reference is one that a document or message has to bring along."""
        if entry.number or not self._linked:
            return False
        content = _CONTENT.get(entry.type)
        inside = link.place.removeprefix(f"{self._place}.entry[0].resource")
        return content is not None and content.fullmatch(_INDEX.sub("", inside).lstrip(".")) is not None

    def _places(self, numbers: Sequence[int]) -> str:
        listed = ", ".join(f"{self._place}.entry[{number}]" for number in numbers[:_LISTED])
        return listed if len(numbers) <= _LISTED else f"{listed}…"
