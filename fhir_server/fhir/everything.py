"""`$everything`: a Patient or an Encounter with all that belongs to it (FHIR R4, operation-patient-everything).

What refers to it, the Binaries of its documents without their bytes, its stays by their number, and what all these
refer to in their turn; of the caller's own rows. A page goes on after the last resource of the page before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.indexing import parameters_of
from fhir_server.fhir.search.answer import Asker, absolute
from fhir_server.fhir.search.criteria import references
from fhir_server.fhir.search.paging import PAGE, Cursor, seal, unseal
from fhir_server.fhir.search.query import COUNT, MOST
from fhir_server.ids import PARIS, micros
from fhir_server.store import compartment
from fhir_server.store.compartment import Key
from validators.fhir import load_definitions

_DEFINED: Final = "http://hl7.org/fhir/OperationDefinition/"
_BULK: Final = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
EXPORT: Final = {"name": "export", "definition": f"{_BULK}export"}
OPERATIONS: Final = {
    "Patient": (
        {"name": "everything", "definition": f"{_DEFINED}Patient-everything"},
        {"name": "export", "definition": f"{_BULK}patient-export"},
    ),
    "Encounter": ({"name": "everything", "definition": f"{_DEFINED}Encounter-everything"},),
}
"""What gathers, of the whole server and by type, as a CapabilityStatement names it."""
_KNOWN: Final = ("_since", "_type", "_count")
_NUMBER: Final = "encounter:identifier"
"""How a document names its stay where it does not refer to it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of it: changed since a moment (microseconds), of some types, so many a page."""

    since: int | None = None
    types: frozenset[str] = frozenset()
    count: int = COUNT


def parse_asked(items: Iterable[tuple[str, str]]) -> Asked:
    """The parameters of the operation.

    Raises:
        Refusal: 400, one is unknown or malformed.
    """
    since, types, count = None, frozenset[str](), COUNT
    for name, value in items:
        if name == "_since":
            since = moment(name, value)
        elif name == "_type":
            types |= kinds(name, value)
        elif name == "_count" and value.isdigit() and int(value) > 0:
            count = min(int(value), MOST)
        elif name not in ("_format", "_pretty"):
            raise refused(name, "—" if name not in _KNOWN else value, ", ".join(_KNOWN))
    return Asked(since, types, count)


def moment(name: str, value: str) -> int:
    """An instant, or a date in Paris, as microseconds.

    Raises:
        Refusal: 400, it is none.
    """
    try:
        found = datetime.fromisoformat(value.replace(" ", "+"))  # a plus that nobody escaped
    except ValueError:
        raise refused(name, value, "2026-11-22T10:00:00+01:00") from None
    return micros(found if found.tzinfo is not None else found.replace(tzinfo=PARIS))


def kinds(name: str, value: str) -> frozenset[str]:
    """Resource types in a list.

    Raises:
        Refusal: 400, one is not of R4.
    """
    found = frozenset(value.split(","))
    if unknown := sorted(found - load_definitions().resource_types):
        raise refused(name, unknown[0], "Patient,DocumentReference…")
    return found


def refused(name: str, found: str, expected: str) -> Refusal:
    """A parameter that cannot be used."""
    return Refusal(400, "INTERACTION-PARAMETER", name=name[:40], found=found[:40], expected=expected)


def everything(
    connection: sa.Connection, key: Key, items: list[tuple[str, str]], asker: Asker
) -> bytes:  # fmt: skip
    """A page of the searchset.

    Raises:
        Refusal: 400, as `parse_asked`, or a page that is not one of ours.
    """
    sealed = f"{key[0]}/{key[1]}/$everything"
    token = dict(items).get(PAGE)
    cursor = Cursor(tuple(items)) if token is None else unseal(asker.keys, asker.owner, sealed, token)
    asked = parse_asked(cursor.items)
    found = compartment.present(connection, asker.owner, _belonging(connection, asker.owner, key), asked.since)
    keys = sorted((one for one in found if not asked.types or one[0] in asked.types), key=lambda one: (one != key, one))
    start = 0 if cursor.after is None else _after(keys, key, cursor.after)
    page = keys[start : start + asked.count]
    links = []
    if page and start + asked.count < len(keys):
        following = seal(asker.keys, asker.owner, sealed, Cursor(cursor.items, page[-1]))
        links.append({"relation": "next", "url": f"{asker.base}/{sealed}?{PAGE}={following}"})
    return _bundle([found[one] for one in page], len(keys), links, asker.base)


def _after(keys: list[Key], first: Key, after: tuple[Any, ...]) -> int:
    last = (after != first, after)
    return sum((one != first, one) <= last for one in keys)


# -- what belongs to it ------------------------------------------------------------------------------------------------


def _belonging(connection: sa.Connection, owner: str, key: Key) -> set[Key]:
    """The resource, what points at it, what these point at; of a Patient, no other Patient."""
    params = {kind: references(kind) for kind in compartment.types_of(connection, owner)}
    near = {key} | compartment.pointing(connection, owner, params, f"{key[0]}/{key[1]}")
    near |= _by_number(connection, owner, key, near)
    found = set(near)
    for kind, ids in _grouped(near).items():
        names = [*params.get(kind, ()), *(["location"] if "location" in parameters_of(kind) else ())]
        for value in compartment.values(connection, owner, kind, ids, names):
            target, _, target_id = value.partition("/")
            if target in params and (target != "Patient" or key[0] != "Patient"):
                found.add((target, target_id))
    return found


def _by_number(connection: sa.Connection, owner: str, key: Key, near: Collection[Key]) -> set[Key]:
    """Documents and stays that know each other by the number of the stay."""
    if key[0] == "Encounter":
        numbers = compartment.values(connection, owner, "Encounter", [key[1]], ["identifier"])
        return compartment.known_by(connection, owner, "DocumentReference", _NUMBER, numbers)
    documents = [one for kind, one in near if kind == "DocumentReference"]
    numbers = compartment.values(connection, owner, "DocumentReference", documents, [_NUMBER])
    return compartment.known_by(connection, owner, "Encounter", "identifier", numbers)


def _grouped(keys: Iterable[Key]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for kind, one in keys:
        grouped.setdefault(kind, []).append(one)
    return grouped


# -- the answer --------------------------------------------------------------------------------------------------------


def _bundle(rows: Iterable[Any], total: int, links: list[dict[str, str]], base: str) -> bytes:
    entries = [
        b'{"fullUrl":%s,"resource":%s,"search":{"mode":"match"}}'
        % (orjson.dumps(f"{base}/{row.type}/{row.id}"), _body(row, base))
        for row in rows
    ]
    head = b'{"resourceType":"Bundle","type":"searchset","total":%d,"link":%s' % (total, orjson.dumps(links))
    return head + (b',"entry":[%s]}' % b",".join(entries) if entries else b"}")


def _body(row: Any, base: str) -> bytes:
    """As it is read; a Binary without its bytes, which are read by themselves."""
    if row.type != "Binary":
        return absolute(row.body, base)
    return orjson.dumps({name: value for name, value in orjson.loads(row.body).items() if name != "data"})
