"""FHIRPath Patch (FHIR R4, https://hl7.org/fhir/R4/fhirpatch.html): operations in a Parameters resource.

Each operation is applied to what those before it left; one that fails undoes all. Which JSON property a path leads to
is found by evaluating it on a copy in which every element, primitives too, has an object of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fhir_server.fhir.interactions.errors import PatchError
from fhir_server.fhir.interactions.fhirpath_places import Places, Spot
from fhir_server.fhir.interactions.fhirpath_values import (
    Value,
    copied,
    form,
    json_of,
    put,
    read_value,
    rows,
    slot_of,
    take,
)  # fmt: skip
from validators.fhir import load_definitions
from validators.fhir.fhirpath.model import model_of

Json = dict[str, Any]

_PARTS: Final = {
    "add": ("path", "name", "value"),
    "insert": ("path", "value", "index"),
    "delete": ("path",),
    "replace": ("path", "value"),
    "move": ("path", "source", "destination"),
}
_ALL: Final = frozenset({"type", *(name for names in _PARTS.values() for name in names)})


def apply(resource: Json, parameters: Json) -> Json:
    """The resource after every operation of the patch; what was given stays as it is.

    Raises:
        PatchError: 400 the Parameters are no patch, 422 an operation does not fit the resource.
    """
    if parameters.get("resourceType") != "Parameters":
        raise form("Parameters", parameters.get("resourceType"), "Parameters")
    patched: Json = copied(resource)
    for name, row, location in rows(parameters.get("parameter"), "Parameters.parameter"):
        if name != "operation":
            raise form(location, name, "operation")
        operation = _read(row, location)
        _DO[operation.kind](patched, operation)
    return patched


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation: its parts by name, all of them there and of the right JSON type."""

    kind: str
    location: str
    path: str
    name: str
    value: Value
    numbers: Mapping[str, int]


def _read(row: Mapping[str, Any], location: str) -> _Operation:
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    value: Value | None = None
    for name, part, place in rows(row.get("part"), f"{location}.part"):
        if name not in _ALL or name in texts or name in numbers or (name == "value" and value is not None):
            raise form(place, name, ", ".join(sorted(_ALL)))
        if name == "value":
            value = read_value(part, place)
        elif name in ("index", "source", "destination"):
            numbers[name] = _number(part, place)
        else:
            texts[name] = _text(part, place)
    kind = texts.get("type", "-")
    wanted = _PARTS.get(kind)
    if wanted is None:
        raise form(location, kind, ", ".join(_PARTS))
    given = {*texts, *numbers, *(["value"] if value is not None else [])}
    if missing := [name for name in wanted if name not in given]:
        raise form(location, kind, ", ".join(missing))
    nothing = Value(location)
    return _Operation(kind, location, texts["path"], texts.get("name", ""), value or nothing, numbers)


def _text(part: Mapping[str, Any], place: str) -> str:
    found = part.get("valueString", part.get("valueCode"))
    if not isinstance(found, str):
        raise form(place, "—", "valueString | valueCode")
    return found


def _number(part: Mapping[str, Any], place: str) -> int:
    found = next((part[k] for k in ("valueInteger", "valueUnsignedInt", "valuePositiveInt") if k in part), None)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise form(place, "—" if found is None else found, "valueInteger ≥ 0")
    return found


# -- the five operations -------------------------------------------------------------------------------------------


def _add(resource: Json, operation: _Operation) -> None:
    target = Places(resource).one(operation.path, operation.location)
    slot = slot_of(target.type, operation.name, operation.value)
    siblings = target.type.stems.get(slot.choice or slot.name, [slot])
    holder = target.content()
    if not slot.many and any(s.name in holder or f"_{s.name}" in holder for s in siblings):
        path = f"{operation.path}.{operation.name}"
        raise PatchError("PATCH-PATH", operation.location, path=path, found="0..1", expected="replace")
    put(holder, slot, *json_of(operation.value, slot, model_of(load_definitions())))


def _insert(resource: Json, operation: _Operation) -> None:
    holder, slot = Places(resource).listed(operation.path, operation.location)
    at, size = operation.numbers["index"], _size(holder, slot.name)
    if at > size:
        raise _outside(operation, at, size)
    put(holder, slot, *json_of(operation.value, slot, model_of(load_definitions())), at)


def _delete(resource: Json, operation: _Operation) -> None:
    spot = Places(resource).any(operation.path, operation.location)
    if spot is not None:
        _inside(spot, operation)
        take(spot.holder, spot.key, spot.index)


def _replace(resource: Json, operation: _Operation) -> None:
    spot = Places(resource).one(operation.path, operation.location)
    _inside(spot, operation)
    assert spot.slot is not None
    slot = slot_of(spot.around, spot.slot.choice, operation.value) if spot.slot.choice else spot.slot
    made = json_of(operation.value, slot, model_of(load_definitions()))
    take(spot.holder, spot.key, spot.index)
    put(spot.holder, slot, *made, spot.index)


def _move(resource: Json, operation: _Operation) -> None:
    holder, slot = Places(resource).listed(operation.path, operation.location)
    source, destination = operation.numbers["source"], operation.numbers["destination"]
    size = _size(holder, slot.name)
    for at in (source, destination):
        if at >= size:
            raise _outside(operation, at, size - 1)
    moved = take(holder, slot.name, source)
    put(holder, slot, *moved, destination)


_DO: Final[dict[str, Callable[[Json, _Operation], None]]] = {
    "add": _add, "insert": _insert, "delete": _delete, "replace": _replace, "move": _move,
}  # fmt: skip


def _size(holder: Json, key: str) -> int:
    return max(len(found) if isinstance(found := holder.get(name), list) else 0 for name in (key, f"_{key}"))


def _outside(operation: _Operation, at: int, most: int) -> PatchError:
    expected = f"0..{most}" if most >= 0 else "—"
    return PatchError("PATCH-PATH", operation.location, path=operation.path, found=at, expected=expected)


def _inside(spot: Spot, operation: _Operation) -> None:
    """A resource as a whole is neither deleted nor replaced by a patch."""
    if spot.slot is None:
        raise PatchError(
            "PATCH-PATH", operation.location, path=operation.path, found=spot.type.public_name, expected="element"
        )
