"""A SubmitObjectsRequest becomes `Metadata`: every attribute under its name, with its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from lxml import etree

from validators.ins import Place
from validators.messages import rule
from validators.report import Report
from validators.xds._datatypes import Composite, Cx, Xcn, Xon
from validators.xds._model import (
    Association,
    Author,
    Code,
    DocumentEntry,
    Folder,
    Metadata,
    PatientField,
    Slot,
    SubmissionSet,
)
from validators.xds._objects import Classified, RegistryObject, objects_of, open_request
from validators.xds._schemes import (
    APPROVED,
    DOCUMENT_AUTHOR,
    DOCUMENT_CODES,
    DOCUMENT_IDS,
    DOCUMENT_SLOTS,
    DOCUMENTATION,
    FOLDER_CODES,
    FOLDER_IDS,
    FOLDER_NODE,
    FOLDER_SLOTS,
    REPEATED,
    SET_AUTHOR,
    SET_CODES,
    SET_IDS,
    SET_NODE,
    SET_SLOTS,
    STABLE,
    xds_name,
)

_C = TypeVar("_C", bound=Composite)
Reads = Callable[[list[str]], Any]


def read_metadata(data: bytes, report: Report) -> Metadata | None:
    """Read a METADATA.XML or the body of ITI-41; None, with a fatal issue, when it cannot be opened. Never raises."""
    request = open_request(data, report)
    return None if request is None else read_request(request, report)


def read_request(request: etree._Element, report: Report) -> Metadata:
    """Read an opened SubmitObjectsRequest. Rules `XDS-MULTIPLE`, `XDS-OBJECT`, `XDS-ID-TWICE`."""
    sets, documents, folders, associations = [], [], [], []
    seen: set[str] = set()
    for item in objects_of(request):
        if item.tag != "Association" and (not item.id or item.id in seen):
            report.add(rule("XDS-ID-TWICE"), item.place.location, line=item.place.line)
        seen.add(item.id)
        if item.tag == "ExtrinsicObject":
            documents.append(_document(item, report))
        elif item.tag == "Association":
            associations.append(_association(item))
        elif _is(item, SET_NODE):
            sets.append(_submission_set(item, report))
        elif _is(item, FOLDER_NODE):
            folders.append(_folder(item, report))
        else:
            report.add(rule("XDS-OBJECT"), item.place.location, line=item.place.line)
    return Metadata(tuple(sets), tuple(documents), tuple(folders), tuple(associations))


def _is(item: RegistryObject, node: str) -> bool:
    return any(c.node == node or (c.scheme is None and c.code == node) for c in item.classifications)


# -- slots ---------------------------------------------------------------------------------------------------------


def _first(values: list[str]) -> str | None:
    return values[0] if values else None


def _one(kind: type[_C]) -> Reads:
    return lambda values: kind.parse(values[0]) if values else None


def _fields(values: list[str]) -> tuple[PatientField, ...]:
    """sourcePatientInfo: `PID-n|value`; what has no bar keeps an empty name, for the check to say."""
    split = (value.partition("|") for value in values)
    return tuple(PatientField(name, rest) if bar else PatientField("", name) for name, bar, rest in split)


_READS: Final[Mapping[str, Reads]] = {
    "legal_authenticator": _one(Xcn), "source_patient_id": _one(Cx), "source_patient": _fields,
    "reference_ids": lambda values: tuple(map(Cx.parse, values)), "recipients": tuple,
}  # fmt: skip
_MANY: Final = frozenset({"source_patient", "reference_ids", "recipients"})


def _slots(
    item: RegistryObject, names: Mapping[str, str], found: dict[str, Any], places: dict[str, Place], report: Report
) -> None:
    """The slots with a name of ours, and the others as they are."""
    by_slot = {slot: name for name, slot in names.items()}
    others = []
    for slot, values, place in item.slots:
        name = by_slot.get(slot)
        if name is None:
            others.append(Slot(slot, tuple(values)))
            continue
        if name in places or (len(values) > 1 and name not in _MANY):
            report.add(rule("XDS-MULTIPLE"), place.location, line=place.line, element=xds_name(name))
        if name not in places:
            places[name] = place
            found[name] = _READS.get(name, _first)(values)
    found["slots"] = tuple(others)


# -- classifications and identifiers -------------------------------------------------------------------------------


def _code(item: Classified) -> Code:
    return Code(item.code, _first(item.slots.get("codingScheme", [])) or "", item.name)


def _author(item: Classified) -> Author:
    def of(slot: str) -> list[str]:
        return item.slots.get(slot, [])

    person = _first(of("authorPerson"))
    return Author(
        Xcn.parse(person) if person else None,
        tuple(map(Xon.parse, of("authorInstitution"))),
        tuple(of("authorRole")),
        tuple(of("authorSpecialty")),
        tuple(of("authorTelecommunication")),
    )


def _classifications(
    item: RegistryObject,
    codes: Mapping[str, str],
    author: str | None,
    found: dict[str, Any],
    places: dict[str, Place],
    report: Report,
) -> None:
    by_scheme = {scheme: name for name, scheme in codes.items()}
    many: dict[str, list[Any]] = defaultdict(list)
    for one in item.classifications:
        name = by_scheme.get(one.scheme or "")
        if author is not None and one.scheme == author:
            many["authors"].append(_author(one))
            places.setdefault("authors", one.place)
        elif name in REPEATED:
            many[name].append(_code(one))
            places.setdefault(name, one.place)
        elif name is not None and name in places:
            report.add(rule("XDS-MULTIPLE"), one.place.location, line=one.place.line, element=xds_name(name))
        elif name is not None:
            found[name], places[name] = _code(one), one.place
        elif one.scheme is not None and one.scheme != DOCUMENTATION:
            report.add(rule("XDS-SCHEME"), one.place.location, line=one.place.line)
    found |= {name: tuple(values) for name, values in many.items()}


def _identifiers(
    item: RegistryObject, schemes: Mapping[str, str], found: dict[str, Any], places: dict[str, Place], report: Report
) -> None:
    by_scheme = {scheme: name for name, scheme in schemes.items()}
    for scheme, value, place in item.identifiers:
        name = by_scheme.get(scheme)
        if name is None:
            report.add(rule("XDS-SCHEME"), place.location, line=place.line)
        elif name in places:
            report.add(rule("XDS-MULTIPLE"), place.location, line=place.line, element=xds_name(name))
        else:
            places[name] = place
            found[name] = (Cx.parse(value) if name == "patient_id" else value) if value else None


def _common(item: RegistryObject) -> tuple[dict[str, Any], dict[str, Place]]:
    found: dict[str, Any] = {
        "id": item.id, "logical_id": item.attributes.get("lid"), "home": item.attributes.get("home"),
        "status": item.attributes.get("status") or APPROVED, "version": item.version,
        "title": item.name, "comments": item.description,
    }  # fmt: skip
    return found, {"": item.place}


def _document(item: RegistryObject, report: Report) -> DocumentEntry:
    found, places = _common(item)
    _slots(item, DOCUMENT_SLOTS, found, places, report)
    _classifications(item, DOCUMENT_CODES, DOCUMENT_AUTHOR, found, places, report)
    _identifiers(item, DOCUMENT_IDS, found, places, report)
    kind, mime = item.attributes.get("objectType") or STABLE, item.attributes.get("mimeType")
    return DocumentEntry(**found, object_type=kind, mime_type=mime, places=places)


def _submission_set(item: RegistryObject, report: Report) -> SubmissionSet:
    found, places = _common(item)
    _slots(item, SET_SLOTS, found, places, report)
    _classifications(item, SET_CODES, SET_AUTHOR, found, places, report)
    _identifiers(item, SET_IDS, found, places, report)
    return SubmissionSet(**found, places=places)


def _folder(item: RegistryObject, report: Report) -> Folder:
    found, places = _common(item)
    _slots(item, FOLDER_SLOTS, found, places, report)
    _classifications(item, FOLDER_CODES, None, found, places, report)
    _identifiers(item, FOLDER_IDS, found, places, report)
    return Folder(**found, places=places)


def _association(item: RegistryObject) -> Association:
    attribute = item.attributes.get
    documentation = next((_code(c) for c in item.classifications if c.scheme == DOCUMENTATION), None)
    slots = tuple(Slot(name, tuple(values)) for name, values, _ in item.slots)
    return Association(
        kind=attribute("associationType", ""), source=attribute("sourceObject", ""),
        target=attribute("targetObject", ""), documentation=documentation, slots=slots, place=item.place,
    )  # fmt: skip
