"""The values of a FHIRPath Patch: `value[x]`, a resource, or parts that make an element without a type of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir_server.fhir.interactions.errors import PatchError
from validators.fhir.fhirpath.model import Model, TypeInfo
from validators.fhir.shapes import PRIMITIVE, RESOURCE, Shape, Slot

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A value before its place is known: JSON with its `_` sibling and the type after `value`, or nested parts."""

    location: str
    suffix: str = ""
    plain: Any = None
    sibling: Json | None = None
    parts: tuple[tuple[str, Value], ...] | None = None


def copied(node: Any) -> Any:
    """A deep copy of plain JSON; numbers as they were written."""
    if isinstance(node, dict):
        return {key: copied(value) for key, value in node.items()}
    return [copied(item) for item in node] if isinstance(node, list) else node


def read_value(part: Mapping[str, Any], location: str) -> Value:
    """The value of one part.

    Raises:
        PatchError: the part has none, or several.
    """
    names = {key.removeprefix("_") for key in part if key.startswith(("value", "_value"))}
    found = [*sorted(names), *(key for key in ("part", "resource") if key in part)]
    if len(found) != 1:
        raise form(location, f"{len(found)} × value[x] | resource | part", "1")
    if found[0] == "resource":
        return Value(location, plain=part["resource"])
    if found[0] == "part":
        return Value(location, parts=tuple(_named_parts(part["part"], f"{location}.part")))
    sibling = part.get(f"_{found[0]}")
    return Value(location, found[0][5:], part.get(found[0]), sibling if isinstance(sibling, dict) else None)


def _named_parts(parts: Any, location: str) -> list[tuple[str, Value]]:
    return [(name, read_value(part, place)) for name, part, place in rows(parts, location)]


def rows(parts: Any, location: str) -> list[tuple[str, Mapping[str, Any], str]]:
    """The name, content and place of each part.

    Raises:
        PatchError: no list of objects with a name.
    """
    found: list[tuple[str, Mapping[str, Any], str]] = []
    for index, part in enumerate(parts if isinstance(parts, list) else [None]):
        if not isinstance(part, dict) or not isinstance(part.get("name"), str):
            raise form(f"{location}[{index}]", type(part).__name__, "{ name, … }")
        found.append((part["name"], part, f"{location}[{index}]"))
    return found


def form(location: str, found: object, expected: str) -> PatchError:
    """400: this is no patch."""
    return PatchError("PATCH-FORM", location, 400, found=found, expected=expected)


def slot_of(type_: TypeInfo, name: str, value: Value) -> Slot:
    """The property that a value is to stand in; of a choice, the one of the value's type.

    Raises:
        PatchError: the type has no such element, or not with a value of this type.
    """
    slots = type_.stems.get(name.removesuffix("[x]"))
    if slots is None and type_.shape is not None and name in type_.shape.slots:
        slots = [type_.shape.slots[name]]
    if not slots:
        raise PatchError(
            "PATCH-PATH", value.location, path=name, found=type_.public_name, expected=", ".join(type_.stems)
        )
    if not slots[0].choice:
        return slots[0]
    wanted = f"{slots[0].choice}{value.suffix}"
    found = next((slot for slot in slots if slot.name == wanted), None)
    if found is None:
        raise _unfit(name, value, " | ".join(slot.type for slot in slots))
    return found


def json_of(value: Value, slot: Slot, model: Model) -> tuple[Any, Json | None]:
    """What goes into the property, and beside it under `_`.

    Raises:
        PatchError: an object where a primitive belongs, or the other way round.
    """
    if value.parts is not None and slot.kind not in (PRIMITIVE, RESOURCE):
        return _object(value, model.of_slot(slot), model), None
    empty = value.plain is None and (slot.kind != PRIMITIVE or value.sibling is None)
    if value.parts is not None or empty or not _part_formed(slot.name, value.plain, slot, model):
        raise _unfit(slot.path or slot.name, value, slot.type)
    if value.sibling is not None and (
        slot.kind != PRIMITIVE or not _part_formed(f"_{slot.name}", value.sibling, slot, model)
    ):
        raise _unfit(slot.path or slot.name, value, slot.type)
    return copied(value.plain), copied(value.sibling)


def _formed(node: Json, shape: Shape, model: Model) -> bool:
    """Whether lists, objects and primitives stand where the type has them: later operations walk through them."""
    for key, found in node.items():
        slot = shape.slots.get(key.removeprefix("_"))
        if slot is None:
            continue
        if slot.many is not isinstance(found, list):
            return False
        if not all(_part_formed(key, item, slot, model) for item in (found if slot.many else [found])):
            return False
    return True


def _part_formed(key: str, item: Any, slot: Slot, model: Model) -> bool:
    if key[0] == "_":
        return item is None or (isinstance(item, dict) and _formed(item, slot.shape, model))
    if slot.kind == PRIMITIVE:
        return not isinstance(item, (dict, list))
    if not isinstance(item, dict):
        return False
    shape = model.definitions.resource(item.get("resourceType")) if slot.kind == RESOURCE else slot.shape
    return shape is not None and _formed(item, shape, model)


def _object(value: Value, type_: TypeInfo, model: Model) -> Json:
    made: Json = {}
    for name, part in value.parts or ():
        slot = slot_of(type_, name, part)
        if not slot.many and (slot.name in made or f"_{slot.name}" in made):
            raise _unfit(name, part, "0..1")
        put(made, slot, *json_of(part, slot, model))
    return made


def _unfit(path: str, value: Value, expected: str) -> PatchError:
    found = value.suffix or ("part" if value.parts is not None else "resource")
    return PatchError("PATCH-VALUE", value.location, path=path, found=found, expected=expected)


# -- lists with their siblings -------------------------------------------------------------------------------------


def put(holder: Json, slot: Slot, plain: Any, sibling: Json | None, at: int | None = None) -> None:
    """Set a property, or insert into its list (at the end without `at`), with what stands beside it."""
    if slot.many:
        values = holder.setdefault(slot.name, [])
        _insert(holder, slot.name, len(values) if at is None else at, plain, sibling)
        return
    if plain is not None:
        holder[slot.name] = plain
    if sibling is not None:
        holder[f"_{slot.name}"] = sibling


def _insert(holder: Json, key: str, at: int, plain: Any, sibling: Json | None) -> None:
    values, beside = holder[key], holder.get(f"_{key}")
    if isinstance(beside, list):
        beside += [None] * (len(values) - len(beside))
        values += [None] * (len(beside) - len(values))
    elif sibling is not None:
        beside = holder[f"_{key}"] = [None] * len(values)
    values.insert(at, plain)
    if isinstance(beside, list):
        beside.insert(at, sibling)


def take(holder: Json, key: str, at: int | None) -> tuple[Any, Json | None]:
    """Take a property, or one item of its list, out of an object; a list that is empty then goes too."""
    if at is None:
        return holder.pop(key, None), holder.pop(f"_{key}", None)
    values, beside = holder.get(key), holder.get(f"_{key}")
    plain = values.pop(at) if isinstance(values, list) and at < len(values) else None
    sibling = beside.pop(at) if isinstance(beside, list) and at < len(beside) else None
    for name, rest in ((key, values), (f"_{key}", beside)):
        if isinstance(rest, list) and (not rest or (name[0] == "_" and not any(rest))):
            del holder[name]
    return plain, sibling
