"""The closed slices of an ITI-65 transaction (PDSm A2): which entry is what, and how the entries hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from validators.messages import rule
from validators.report import Report

PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
IS_ARCHIVED = f"{PDSM}pdsm-ext-is-archived"
SUBMISSION_SET, FOLDER = "SubmissionSet", "Folders"
DOCUMENT, UPDATE, BINARY = "DocumentRefs", "UpdateDocumentRefs", "Documents"
FHIR_DOCUMENT, PATIENT = "FhirDocuments", "Patient"

_METHODS = {
    SUBMISSION_SET: ("POST",), FOLDER: ("POST", "PUT"), DOCUMENT: ("POST",), UPDATE: ("PATCH",),
    BINARY: ("POST", "PUT"), FHIR_DOCUMENT: ("POST",), PATIENT: ("GET", "POST", "PUT"),
}  # fmt: skip
_TYPES = {
    SUBMISSION_SET: "List", FOLDER: "List", DOCUMENT: "DocumentReference", UPDATE: "DocumentReference",
    BINARY: "Binary", FHIR_DOCUMENT: "Bundle", PATIENT: "Patient",
}  # fmt: skip
_CARDINALITY = {SUBMISSION_SET: (1, 1), DOCUMENT: (1, None), PATIENT: (0, 1)}
_EXPECTED = "List, DocumentReference, Binary, Patient, Parameters (PATCH)"


@dataclass(slots=True)
class Entry:
    """One entry of the bundle: its slice, resource, request and place (`Bundle.entry[2]`)."""

    index: int
    slice: str
    resource: Mapping[str, Any]
    method: str
    url: str
    full_url: str | None
    location: str = field(init=False)

    def __post_init__(self) -> None:
        self.location = f"Bundle.entry[{self.index}]"

    @property
    def at(self) -> str:
        """Where the resource is."""
        return f"{self.location}.resource"

    @property
    def asked(self) -> str:
        """Where its request names what it is about."""
        return f"{self.location}.request.url"


@dataclass(slots=True)
class Part(Entry):
    """An entry made of what came alone; `place` is where its content stands in what was sent."""

    place: str = ""

    def __post_init__(self) -> None:
        self.location = self.place

    @property
    def at(self) -> str:
        """Where the content is."""
        return self.place

    @property
    def asked(self) -> str:
        """Where it says what it is about."""
        return self.place


class Entries:
    """The entries by slice and by fullUrl."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.all = list(entries)
        self.by_url = {same_url(entry.full_url): entry for entry in self.all if entry.full_url}
        self._tails = {
            "/".join(url.split("/")[-2:]): entry for url, entry in self.by_url.items() if not url.startswith("urn:")
        }

    def of(self, slice_name: str) -> list[Entry]:
        """The entries of one slice, in order."""
        return [entry for entry in self.all if entry.slice == slice_name]

    def first(self, slice_name: str) -> Entry | None:
        """The first entry of one slice."""
        return next((entry for entry in self.all if entry.slice == slice_name), None)

    def target(self, reference: object) -> Entry | None:
        """The entry a reference leads to: by fullUrl, or `Type/id` as a fullUrl's end."""
        if not isinstance(reference, str) or not reference:
            return None
        found = self.by_url.get(same_url(reference))
        return self._tails.get(reference) if found is None else found


def same_url(url: str) -> str:
    """A fullUrl as it is compared: a UUID is the same in upper and lower case (RFC 4122, 3)."""
    return url.lower() if url[:9].lower() == "urn:uuid:" else url


def is_submission(bundle: Mapping[str, Any]) -> bool:
    """Whether a Bundle means to be ITI-65: it says so by profile, or provides documents in a transaction."""
    if any("provide" in p.lower() and "response" not in p.lower() for p in strings(bundle.get("meta"), "profile")):
        return True
    kinds = [
        e["resource"].get("resourceType") for e in dicts(bundle.get("entry")) if isinstance(e.get("resource"), dict)
    ]
    return bundle.get("type") == "transaction" and any(kind in ("DocumentReference", "List") for kind in kinds)


def sort_entries(bundle: Mapping[str, Any], report: Report) -> Entries:
    """Give each entry its slice; an entry without a slice is an error, because the slicing is closed."""
    if bundle.get("type") != "transaction":
        report.add(rule("MHD-BUNDLE-TYPE"), "Bundle.type", found=bundle.get("type") or "-")
    if isinstance(bundle.get("meta"), dict) and not strings(bundle["meta"], "profile"):
        report.add(rule("MHD-PROFILE"), "Bundle.meta")
    entries = Entries(_entries(bundle, report))
    for name, (least, most) in _CARDINALITY.items():
        count = len(entries.of(name))
        if count < least or (most is not None and count > most):
            expected = str(least) if least == most else f"{least}..{'*' if most is None else most}"
            report.add(rule("MHD-SLICE-COUNT"), "Bundle.entry", count=count, slice=name, expected=expected)
    for entry in entries.of(FHIR_DOCUMENT):
        report.add(rule("MHD-FHIR-DOCUMENT"), entry.at)
    return entries


def _entries(bundle: Mapping[str, Any], report: Report) -> Iterator[Entry]:
    raw_entries = bundle.get("entry")
    for index, raw in enumerate(raw_entries if isinstance(raw_entries, list) else []):
        if not isinstance(raw, dict):
            continue
        yield _entry(index, raw, report)


def _entry(index: int, raw: Mapping[str, Any], report: Report) -> Entry:
    location = f"Bundle.entry[{index}]"
    resource, request = raw.get("resource"), raw.get("request")
    request = request if isinstance(request, dict) else {}
    method, url = request.get("method"), request.get("url")
    complete = isinstance(method, str) and isinstance(url, str)
    if not complete:
        report.add(rule("MHD-REQUEST"), f"{location}.request")
    method, url = method if isinstance(method, str) else "POST", url if isinstance(url, str) else ""
    resource = resource if isinstance(resource, dict) else {}
    name = _slice(resource, method, url)
    path = url.partition("?")[0]  # a query may hold a matricule: it is never repeated
    if name is None or method not in _METHODS[name]:
        report.add(
            rule("MHD-SLICE"), location, method=method, type=resource.get("resourceType") or path, expected=_EXPECTED
        )
    elif complete and not _right_url(method, url, _TYPES[name], "id" in resource):
        report.add(rule("MHD-REQUEST-URL"), f"{location}.request.url", found=path, method=method, type=_TYPES[name])
    full_url = raw.get("fullUrl")
    return Entry(index, name or "", resource, method, url, full_url if isinstance(full_url, str) else None)


def _right_url(method: str, url: str, type_name: str, named: bool) -> bool:
    """POST to the type; PUT, PATCH and GET to one resource, by id or by search (FHIR R4, http, transaction).

    A PUT whose resource has its id may leave it out of the URL, as in the examples of IHE MHD.
    """
    path, _, query = url.partition("?")
    steps = [step for step in path.split("/") if step]
    if method == "POST":
        return steps[-1:] == [type_name]
    complete = bool(query) or (method == "PUT" and named)
    return steps[-2:-1] == [type_name] or (steps[-1:] == [type_name] and complete)


def _slice(resource: Mapping[str, Any], method: str, url: str) -> str | None:
    kind = resource.get("resourceType")
    if kind == "List":
        return _list_slice(resource)
    if kind == "Bundle":
        return FHIR_DOCUMENT if resource.get("type") == "document" else None
    if kind is None and method == "GET" and url.startswith("Patient"):
        return PATIENT
    named = {"DocumentReference": DOCUMENT, "Parameters": UPDATE, "Binary": BINARY, "Patient": PATIENT}
    return named.get(kind) if isinstance(kind, str) else None


def is_folder(resource: Mapping[str, Any]) -> bool:
    """Whether a List is a folder."""
    return _list_slice(resource) == FOLDER


def _list_slice(resource: Mapping[str, Any]) -> str | None:
    """By the declared profile first, so that a wrong code is judged as the set's code and not as a missing set."""
    profiles = " ".join(strings(resource.get("meta"), "profile")).lower()
    if "submissionset" in profiles:
        return SUBMISSION_SET
    if "folder" in profiles:
        return FOLDER
    concept = resource.get("code")
    codings = dicts(concept.get("coding")) if isinstance(concept, dict) else []
    codes = [coding.get("code") for coding in codings]
    return SUBMISSION_SET if "submissionset" in codes else FOLDER if "folder" in codes else None


def dicts(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; nothing when it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def strings(node: Any, key: str) -> list[str]:
    """The texts of the list at `key`; nothing when there is none."""
    return [text for text in node[key] if isinstance(text, str)] if (
        isinstance(node, dict) and isinstance(node.get(key), list)) else []  # fmt: skip
