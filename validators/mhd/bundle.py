"""The closed slices of an ITI-65 transaction (PDSm A2): which entry is what, and how the entries hang together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from validators.messages import rule
from validators.report import Report, Severity

PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
SUBMISSION_SET, FOLDER = "SubmissionSet", "Folders"
DOCUMENT, UPDATE, BINARY = "DocumentRefs", "UpdateDocumentRefs", "Documents"
FHIR_DOCUMENT, PATIENT = "FhirDocuments", "Patient"

_METHODS = {
    SUBMISSION_SET: ("POST",), FOLDER: ("POST", "PUT"), DOCUMENT: ("POST",), UPDATE: ("PATCH",),
    BINARY: ("POST", "PUT"), FHIR_DOCUMENT: ("POST",), PATIENT: ("GET", "POST", "PUT"),
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


class Entries:
    """The entries by slice and by fullUrl."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.all = list(entries)
        self.by_url = {entry.full_url: entry for entry in self.all if entry.full_url}

    def of(self, slice_name: str) -> list[Entry]:
        """The entries of one slice, in order."""
        return [entry for entry in self.all if entry.slice == slice_name]

    def first(self, slice_name: str) -> Entry | None:
        """The first entry of one slice."""
        return next(iter(self.of(slice_name)), None)

    def target(self, reference: object) -> Entry | None:
        """The entry a reference leads to: by fullUrl, or `Type/id` as a fullUrl's end."""
        if not isinstance(reference, str):
            return None
        found = self.by_url.get(reference)
        if found is None and reference.count("/") == 1 and not reference.startswith("urn:"):
            found = next((e for url, e in self.by_url.items() if url.endswith("/" + reference)), None)
        return found


def is_submission(bundle: Mapping[str, Any]) -> bool:
    """Whether a Bundle means to be ITI-65: it says so by profile, or provides documents in a transaction."""
    if any("provide" in p.lower() for p in _strings(bundle.get("meta"), "profile")):
        return True
    kinds = {
        e["resource"].get("resourceType") for e in _dicts(bundle.get("entry")) if isinstance(e.get("resource"), dict)
    }
    return bundle.get("type") == "transaction" and bool(kinds & {"DocumentReference", "List"})


def sort_entries(bundle: Mapping[str, Any], report: Report) -> Entries:
    """Give each entry its slice; an entry without a slice is an error, because the slicing is closed."""
    if bundle.get("type") != "transaction":
        report.add(rule("MHD-BUNDLE-TYPE"), "Bundle.type", found=bundle.get("type") or "-")
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
    seen: set[str] = set()
    for index, raw in enumerate(_list(bundle.get("entry"))):
        if not isinstance(raw, dict):
            continue
        entry = _entry(index, raw, report)
        if entry is not None:
            _check_full_url(entry, seen, report)
            yield entry


def _entry(index: int, raw: Mapping[str, Any], report: Report) -> Entry | None:
    location = f"Bundle.entry[{index}]"
    resource, request = raw.get("resource"), raw.get("request")
    request = request if isinstance(request, dict) else {}
    method, url = request.get("method"), request.get("url")
    if not isinstance(method, str) or not isinstance(url, str):
        report.add(rule("MHD-REQUEST"), f"{location}.request")
        method, url = method if isinstance(method, str) else "POST", url if isinstance(url, str) else ""
    resource = resource if isinstance(resource, dict) else {}
    name = _slice(resource, method, url)
    if name is None or method not in _METHODS[name]:
        report.add(
            rule("MHD-SLICE"), location, method=method, type=resource.get("resourceType") or url, expected=_EXPECTED
        )
    full_url = raw.get("fullUrl")
    return Entry(index, name or "", resource, method, url, full_url if isinstance(full_url, str) else None)


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


def _list_slice(resource: Mapping[str, Any]) -> str | None:
    """By the declared profile first, so that a wrong code is judged as the set's code and not as a missing set."""
    profiles = " ".join(_strings(resource.get("meta"), "profile")).lower()
    if "submissionset" in profiles:
        return SUBMISSION_SET
    if "folder" in profiles:
        return FOLDER
    codes = {coding.get("code") for coding in _dicts((resource.get("code") or {}).get("coding"))} if isinstance(
        resource.get("code"), dict) else set()  # fmt: skip
    return SUBMISSION_SET if "submissionset" in codes else FOLDER if "folder" in codes else None


def _check_full_url(entry: Entry, seen: set[str], report: Report) -> None:
    if entry.method in ("POST", "PUT") and (entry.full_url is None or entry.full_url in seen):
        report.add(rule("MHD-FULL-URL"), f"{entry.location}.fullUrl")
    if entry.full_url:
        seen.add(entry.full_url)


def check_set(entries: Entries, report: Report) -> None:
    """The set lists every document (and should list every folder); its unique id is an OID (A4)."""
    submission_set = entries.first(SUBMISSION_SET)
    if submission_set is None:
        return
    listed = _check_items(submission_set, entries, report)
    for entry in (*entries.of(DOCUMENT), *entries.of(FOLDER)):
        if id(entry) not in listed:
            severity = Severity.WARNING if entry.slice == FOLDER else None
            where = f"{submission_set.at}.entry"
            report.add(rule("MHD-SET-ITEM"), where, severity=severity, reference=entry.full_url or entry.location)
    for folder in entries.of(FOLDER):
        _check_items(folder, entries, report)
    _check_set_id(submission_set, report)


def _check_items(container: Entry, entries: Entries, report: Report) -> set[int]:
    listed: set[int] = set()
    for index, item in enumerate(_dicts(container.resource.get("entry"))):
        reference = (item.get("item") or {}).get("reference") if isinstance(item.get("item"), dict) else None
        target = entries.target(reference)
        if target is not None:
            listed.add(id(target))
        elif not isinstance(reference, str) or reference.startswith("urn:"):
            report.add(rule("MHD-REFERENCE"), f"{container.at}.entry[{index}].item", reference=reference or "-")
    return listed


def _check_set_id(submission_set: Entry, report: Report) -> None:
    for index, identifier in enumerate(_dicts(submission_set.resource.get("identifier"))):
        value = identifier.get("value")
        if identifier.get("use") == "usual" and not (isinstance(value, str) and value.startswith("urn:oid:")):
            report.add(rule("MHD-SET-ID"), f"{submission_set.at}.identifier[{index}].value")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _strings(node: Any, key: str) -> list[str]:
    return [text for text in _list(node.get(key)) if isinstance(text, str)] if isinstance(node, dict) else []
