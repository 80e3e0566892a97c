"""Shapes: the definitions as the walk wants them, one dict of JSON properties a type, built when first asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from validators.fhir.artefact import ElementDef, StructureDef, TypeRef
from validators.fhir.primitives import TESTS, Test

PRIMITIVE: Final = 0
COMPLEX: Final = 1
SPECIAL: Final = 2
"""A complex value with a rule of its own after its content: a Reference, or a coded type with a required binding."""
RESOURCE: Final = 3

CODED: Final = frozenset({"CodeableConcept", "Coding", "Quantity"})
_NESTED: Final = frozenset({"BackboneElement", "Element"})


class CodeSet:
    """An expanded value set: is this code, or this system and code, a member?"""

    __slots__ = ("codes", "systems", "url")

    def __init__(self, url: str, systems: Mapping[str, Iterable[str]]) -> None:
        self.url = url
        self.systems = {system: frozenset(codes) for system, codes in systems.items()}
        self.codes = frozenset(code for codes in self.systems.values() for code in codes)

    def has_coding(self, coding: object) -> bool:
        """Whether a Coding (or Quantity) names a member by system and code."""
        if type(coding) is not dict:
            return False
        code = coding.get("code")
        return type(code) is str and code in self.systems.get(str(coding.get("system", "")), ())

    def has(self, value: object) -> bool:
        """Whether a code, a Coding, or at least one coding of a CodeableConcept is a member."""
        if type(value) is str:
            return value in self.codes
        if type(value) is not dict:
            return False
        codings = value.get("coding")
        if codings is None and "code" in value:
            return self.has_coding(value)
        return type(codings) is list and any(map(self.has_coding, codings))


class Slot:
    """One JSON property of a type. `label` is its FHIRPath step (`value.ofType(Quantity)` for a choice)."""

    __slots__ = ("choice", "codes", "kind", "label", "many", "name", "shape", "targets", "test", "type")

    def __init__(self, name: str, label: str, type_name: str, *, many: bool, choice: str = "") -> None:
        self.name = name
        self.label = label
        self.type = type_name
        self.many = many
        self.choice = choice
        self.kind = PRIMITIVE
        self.test: Test = _never
        self.codes: CodeSet | None = None
        self.targets: frozenset[str] | None = None
        self.shape: Shape


class Shape:
    """One type, or one nested element: its properties, and the names that must be there."""

    __slots__ = ("is_resource", "name", "required", "required_choices", "slots")

    def __init__(self, name: str, *, is_resource: bool) -> None:
        self.name = name
        self.is_resource = is_resource
        self.slots: dict[str, Slot] = {}
        self.required: frozenset[str] = frozenset()
        self.required_choices: dict[str, frozenset[str]] = {}


class ShapeBuilder:
    """Builds shapes on demand from compiled structures; a type is built once and shared."""

    def __init__(self, structures: Mapping[str, StructureDef], value_sets: Mapping[str, CodeSet]) -> None:
        self._structures = structures
        self._value_sets = value_sets
        self._shapes: dict[tuple[str, str], Shape] = {}

    def shape(self, type_name: str) -> Shape:
        """The shape of a resource or complex type."""
        return self._nested(self._structures[type_name], "")

    def _nested(self, structure: StructureDef, path: str) -> Shape:
        """The shape of a type (empty path) or of one of its nested elements; placed before it is filled, for cycles."""
        key = structure.name, path
        if (known := self._shapes.get(key)) is not None:
            return known
        shape = Shape(
            structure.name if not path else key[0] + "." + path, is_resource=structure.kind == "resource" and not path
        )
        self._shapes[key] = shape
        prefix = path + "." if path else ""
        required = set()
        for element in structure.elements:
            name = element.path[len(prefix) :]
            if element.path.startswith(prefix) and "." not in name:
                slots = list(self._slots(structure, element, name))
                shape.slots.update({slot.name: slot for slot in slots})
                if element.min and len(slots) == 1:
                    required.add(slots[0].name)
                elif element.min:
                    shape.required_choices[name.removesuffix("[x]")] = frozenset(slot.name for slot in slots)
        shape.required = frozenset(required)
        return shape

    def _slots(self, structure: StructureDef, element: ElementDef, name: str) -> Iterable[Slot]:
        """One slot, or one for each type of a choice; none for an element that R4 itself forbids."""
        many = element.max != 1
        if element.max == 0:
            return
        if element.same_as:
            slot = Slot(name, name, "", many=many)
            slot.kind, slot.shape = COMPLEX, self._nested(structure, element.same_as)
            yield slot
            return
        stem = name.removesuffix("[x]")
        for type_ref in element.types:
            if stem == name:
                slot = Slot(name, name, type_ref.code, many=many)
            else:
                key, label = stem + type_ref.code[0].upper() + type_ref.code[1:], f"{stem}.ofType({type_ref.code})"
                slot = Slot(key, label, type_ref.code, many=many, choice=stem)
            self._fill(slot, structure, element, type_ref)
            yield slot

    def _fill(self, slot: Slot, structure: StructureDef, element: ElementDef, type_ref: TypeRef) -> None:
        slot.codes = self._value_sets.get(element.binding)
        code = type_ref.code
        if code in TESTS:
            # Resource.id is typed string in the 4.0.1 snapshots, but the type `id` rules it.
            is_resource_id = element.path == "id" and structure.kind == "resource"
            slot.type = "id" if is_resource_id else code
            slot.test = _member_test(slot.codes) if slot.codes else TESTS[slot.type]
            slot.shape = self._nested(self._structures["Element"], "")
        elif self._structures[code].kind == "resource":
            slot.kind = RESOURCE
        else:
            slot.shape = self._nested(structure, element.path) if code in _NESTED else self.shape(code)
            slot.kind = SPECIAL if code == "Reference" or (slot.codes and code in CODED) else COMPLEX
            slot.targets = frozenset(type_ref.targets) or None


def _never(_value: object) -> bool:
    return False


def _member_test(codes: CodeSet) -> Test:
    """One lookup answers both questions: a member of a code system is a well-formed code."""
    members = codes.codes
    return lambda value: type(value) is str and value in members
