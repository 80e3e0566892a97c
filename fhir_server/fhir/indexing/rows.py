"""The rows a resource is found by, made when it is filed: every value of every parameter of its type.

`sort_date` goes into every row, so that a search by any value is already in date order. Contained resources are not
indexed by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fhir_server.fhir.indexing.encoders import ENCODERS, Emit, Row
from fhir_server.fhir.indexing.parameters import CHAINS
from fhir_server.fhir.indexing.plans import plan_of
from fhir_server.fhir.indexing.values import span
from fhir_server.store.plan import IndexRow

PUT_AGAIN: Final = frozenset({"Patient", "Encounter"})
"""What is put again and again: without a date of its own, its rows stay the same ones."""

_PATIENT: Final = "patient.identifier"


def index_rows(
    resource: Mapping[str, Any], kind: str, resource_id: str, received: int, patient: Mapping[str, Any] | None
) -> list[IndexRow]:
    """The rows of one resource, none twice.

    Args:
        resource: as it is served, its `meta` included.
        kind: its type.
        resource_id: its id.
        received: microseconds since the epoch, for what has no date.
        patient: the Patient it was sent with, or refers to: a document is found by its identifiers.
    """
    found = plan_of(kind).rows(resource)
    if kind in CHAINS:
        _chains(resource, kind, patient, found)
    date = 0 if kind in PUT_AGAIN else sort_date(resource, received)
    return [IndexRow(kind, resource_id, name, system, value, date) for name, value, system in dict.fromkeys(found)]


def sort_date(resource: Mapping[str, Any], received: int) -> int:
    """The resource's own date in microseconds, or when it was sent, else when it was received."""
    found = span(resource.get("date") or resource.get("sent"))
    return received if found is None else found[0]


# -- chains that are kept as values ------------------------------------------------------------------------------------


def _chains(resource: Mapping[str, Any], kind: str, patient: Mapping[str, Any] | None, out: list[Row]) -> None:
    """Who a document is about, by every identifier there is, and the names of the persons it contains as authors."""
    subject = resource.get("subject")
    for holder in (subject, patient):
        for identifier in _objects(holder.get("identifier")) if isinstance(holder, Mapping) else ():
            value, system = identifier.get("value"), identifier.get("system")
            if value and isinstance(value, str):
                out.append((_PATIENT, value, system if isinstance(system, str) else ""))
    contained = {f"#{one.get('id')}": one for one in _objects(resource.get("contained"))}
    if contained:
        member, emits = _SIGNED[kind]
        for reference in _objects(resource.get(member)):
            for name in _names(contained, reference):
                for part, emit in emits:
                    found = name.get(part)
                    for text in found if isinstance(found, list) else (found,):
                        emit(text, out)


def _names(contained: Mapping[str, Mapping[str, Any]], reference: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The names of a contained person, or of the person behind a contained role."""
    found = contained.get(str(reference.get("reference")))
    if found is None:
        return
    yield from _objects(found.get("name"))
    for practitioner in _objects(found.get("practitioner")):
        yield from _objects(contained.get(str(practitioner.get("reference")), {}).get("name"))


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (value if isinstance(value, list) else (value,)) if isinstance(one, dict)]


_STRING: Final[Callable[[str], Emit]] = ENCODERS["string"]["string"]
_SIGNED: Final = {
    kind: (member, tuple((part, _STRING(f"{member}.{part}")) for part in ("family", "given")))
    for kind, member in (("DocumentReference", "author"), ("List", "source"))
}
