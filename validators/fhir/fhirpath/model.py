"""Types at run time: what members a FHIR type has, how each is read from plain JSON, and what a type inherits from.

A member is a *reader*: a closure that takes the JSON object and appends the items found. Readers are made when a name
is first asked of a type, so that a step of a path costs one lookup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from validators.fhir.definitions import Definitions
from validators.fhir.primitives import TESTS
from validators.fhir.shapes import RESOURCE, Shape, Slot

Json: TypeAlias = dict[str, Any]
Item: TypeAlias = Any
"""A System value (str, bool, int, Decimal, Temporal, Quantity, TypeName), or a node of a resource.

A node is a plain tuple (value, type, fields): `fields` is the JSON object that holds its children, the value itself for
a complex type, the `_name` sibling for a primitive (None when absent). Tuples because they cost a fifth of an instance.
"""
Node: TypeAlias = "tuple[Any, TypeInfo, Json | None]"
Reader: TypeAlias = Callable[[Json, list[Item]], None]
Presence: TypeAlias = Callable[[Json], bool]

SYSTEM_TYPES: Final = frozenset({"Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"})


_OPEN: Final = frozenset({"Resource", "DomainResource"})


class TypeName:
    """What `type()` gives: a namespace and a name (N1, Reflection)."""

    __slots__ = ("name", "namespace")

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace = namespace
        self.name = name


class TypeInfo:
    """A FHIR type, or a nested element such as `Patient.contact`.

    `lineage` holds its name and those of all it inherits from; `open` says that any resource may stand behind it;
    `readers` and `presences` answer by member name, None for a name that the type does not have.
    """

    __slots__ = ("lineage", "name", "open", "presences", "primitive", "public_name", "readers", "shape", "stems")

    def __init__(self, model: Model, name: str, public_name: str, lineage: frozenset[str], shape: Shape | None) -> None:
        self.name = name
        self.public_name = public_name
        self.lineage = lineage
        self.primitive = name in TESTS
        self.open = name in _OPEN
        self.shape = shape
        self.stems: dict[str, list[Slot]] = {}
        for slot in shape.slots.values() if shape is not None else ():
            self.stems.setdefault(slot.choice or slot.name, []).append(slot)
        self.readers = _Readers(model, self)
        self.presences = _Presences(self)

    def types_of(self, model: Model, name: str) -> list[TypeInfo | None]:
        """The types a member may have, None among them when any resource may stand there; empty: no such member."""
        return [None if slot.kind == RESOURCE else model.of_slot(slot) for slot in self.stems.get(name, ())]


class _Readers(dict[str, Reader | None]):
    """Reader by member name, made when first asked for. Names come from expressions, not from data."""

    __slots__ = ("_model", "_type")

    def __init__(self, model: Model, type_: TypeInfo) -> None:
        self._model = model
        self._type = type_

    def __missing__(self, name: str) -> Reader | None:
        slots = self._type.stems.get(name)
        reader = None
        if slots is not None:
            readers = {slot.name: _reader(self._model, slot) for slot in slots}
            reader = _choice(readers) if slots[0].choice else readers[slots[0].name]
        self[name] = reader
        return reader


class _Presences(dict[str, Presence | None]):
    """Whether a member has something in it, without building items."""

    __slots__ = ("_type",)

    def __init__(self, type_: TypeInfo) -> None:
        self._type = type_

    def __missing__(self, name: str) -> Presence | None:
        slots = self._type.stems.get(name)
        found = None
        if slots is not None:
            keys = [key for slot in slots for key in (slot.name, f"_{slot.name}")]
            found = _any_present(frozenset(keys)) if slots[0].choice else _present(*keys)
        self[name] = found
        return found


class Model:
    """The types of one set of definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._by_name: dict[str, TypeInfo] = {}
        self._by_shape: dict[int, tuple[Shape, TypeInfo]] = {}

    def known(self, name: str) -> bool:
        """Whether FHIR has a type of this name."""
        return name in self.definitions.structures

    def named(self, name: str) -> TypeInfo:
        """A type by its name; KeyError when FHIR has none."""
        found = self._by_name.get(name)
        if found is None:
            is_primitive = name in TESTS
            shape = self.definitions.shape("Element" if is_primitive else name)
            found = self._by_name[name] = TypeInfo(self, name, name, self._lineage(name), shape)
        return found

    def of_shape(self, shape: Shape) -> TypeInfo:
        """The type that a shape stands for."""
        entry = self._by_shape.get(id(shape))
        if entry is None:
            entry = self._by_shape[id(shape)] = shape, self._from_shape(shape)  # holds the shape: its id stays taken
        return entry[1]

    def _from_shape(self, shape: Shape) -> TypeInfo:
        if "." not in shape.name and shape.name in self.definitions.structures:
            return self.named(shape.name)
        base = "BackboneElement" if "modifierExtension" in shape.slots else "Element"
        found = self._by_name.get(shape.name)
        if found is None:
            lineage = self._lineage(base) | {shape.name}
            found = self._by_name[shape.name] = TypeInfo(self, shape.name, base, lineage, shape)
        return found

    def of_slot(self, slot: Slot) -> TypeInfo:
        """The type of what stands in a slot that holds no resource."""
        return self.named(slot.type) if slot.type in TESTS else self.of_shape(slot.shape)

    def of_resource(self, value: Json) -> TypeInfo | None:
        """The type a resource says it has; None when FHIR has no such resource."""
        name = value.get("resourceType")
        structure = self.definitions.structures.get(name) if type(name) is str else None
        return self.named(structure.name) if structure is not None and structure.kind == "resource" else None

    def by_path(self, path: str) -> TypeInfo | None:
        """A type by name, or a nested element by path (`Patient.contact`); None when there is none."""
        name, *steps = path.split(".")
        if not self.known(name):
            return None
        found: TypeInfo | None = self.named(name)
        for step in steps:
            types = found.types_of(self, step.removesuffix("[x]")) if found is not None else []
            found = types[0] if len(types) == 1 else None
        return found

    def _lineage(self, name: str) -> frozenset[str]:
        names = []
        while name and name not in names:
            names.append(name)
            structure = self.definitions.structures.get(name)
            name = structure.base if structure is not None else ""
        return frozenset(names)


_models: WeakKeyDictionary[Definitions, Model] = WeakKeyDictionary()


def model_of(definitions: Definitions) -> Model:
    """The model of a set of definitions, made once."""
    model = _models.get(definitions)
    if model is None:
        model = _models[definitions] = Model(definitions)
    return model


# -- readers -----------------------------------------------------------------------------------------------------------


def _reader(model: Model, slot: Slot) -> Reader:
    """How the items of one JSON property are read. What has the wrong JSON type is passed over: others report it."""
    if slot.kind == RESOURCE:
        return _resources(model, slot.name)
    type_ = model.of_slot(slot)
    if type_.primitive:
        return (_primitives if slot.many else _primitive)(slot.name, f"_{slot.name}", type_)
    return (_objects if slot.many else _object)(slot.name, type_)


def _object(key: str, type_: TypeInfo) -> Reader:
    def read(fields: Json, out: list[Item]) -> None:
        value = fields.get(key)
        if type(value) is dict:
            out.append((value, type_, value))

    return read


def _objects(key: str, type_: TypeInfo) -> Reader:
    def read(fields: Json, out: list[Item]) -> None:
        values = fields.get(key)
        if type(values) is list:
            out += [(value, type_, value) for value in values if type(value) is dict]

    return read


def _primitive(key: str, beside: str, type_: TypeInfo) -> Reader:
    def read(fields: Json, out: list[Item]) -> None:
        value = fields.get(key)
        sibling = fields.get(beside)
        if type(sibling) is not dict:
            sibling = None
        if value is not None and type(value) is not dict and type(value) is not list:
            out.append((value, type_, sibling))
        elif sibling is not None:
            out.append((None, type_, sibling))

    return read


def _primitives(key: str, beside: str, type_: TypeInfo) -> Reader:
    def read(fields: Json, out: list[Item]) -> None:
        values = fields.get(key)
        siblings = fields.get(beside)
        if type(siblings) is not list:
            if type(values) is list:
                out += [(v, type_, None) for v in values if v is not None and type(v) is not dict]
            return
        plain = values if type(values) is list else []
        for index in range(max(len(plain), len(siblings))):
            value = plain[index] if index < len(plain) else None
            sibling = siblings[index] if index < len(siblings) else None
            if value is not None or type(sibling) is dict:
                out.append((value, type_, sibling if type(sibling) is dict else None))

    return read


def _resources(model: Model, key: str) -> Reader:
    def read(fields: Json, out: list[Item]) -> None:
        values = fields.get(key)
        for value in values if type(values) is list else (values,):
            if type(value) is dict:
                type_ = model.of_resource(value)
                if type_ is not None:
                    out.append((value, type_, value))

    return read


def _choice(readers: dict[str, Reader]) -> Reader:
    """`value[x]`: the objects are small, so their keys are looked at, not the fifty that could be there."""
    by_key = readers | {f"_{key}": reader for key, reader in readers.items()}

    def read(fields: Json, out: list[Item]) -> None:
        for key in fields:
            reader = by_key.get(key)
            if reader is not None and (key[0] != "_" or key[1:] not in fields):
                reader(fields, out)

    return read


def _present(key: str, beside: str) -> Presence:
    def present(fields: Json) -> bool:
        value = fields.get(key)
        return (value is not None and value != _EMPTY) or (beside in fields and bool(fields[beside]))

    return present


def _any_present(keys: Iterable[str]) -> Presence:
    wanted = frozenset(keys)

    def present(fields: Json) -> bool:
        for key in fields:  # noqa: SIM110  (a generator costs more than the few keys there are)
            if key in wanted and fields[key] not in _NOTHING:
                return True
        return False

    return present


_EMPTY: Final[list[Any]] = []
_NOTHING: Final[tuple[object, ...]] = (None, _EMPTY)
