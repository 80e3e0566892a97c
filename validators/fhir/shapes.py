"""Shapes: the definitions as the walk wants them, one dict of JSON properties a type, built when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from validators.fhir.artefact import ElementDef, StructureDef, TypeRef
from validators.fhir.codes import CodeSet
from validators.fhir.invariants import BY_WALK, Invariant
from validators.fhir.primitives import TESTS, Test

PRIMITIVE: Final = 0
COMPLEX: Final = 1
SPECIAL: Final = 2
"""A complex value with a rule of its own after its content: a Reference, a coded type, or a type with rules by hand."""
RESOURCE: Final = 3

CODED: Final = frozenset({"CodeableConcept", "Coding", "Quantity"})
_WITH_RULES: Final = CODED | {"Reference", "Narrative", "Attachment"}
_NESTED: Final = frozenset({"BackboneElement", "Element"})


class Slot:
    """One JSON property of a type. `label` is its FHIRPath step (`value.ofType(Quantity)` for a choice).

    `path` is the element in the definitions (`Patient.contact.name`), `codes` the value set of a required binding,
    `soft` that of an extensible one, `most` the maximum value set, `rules` the constraints on this element alone,
    `standing` every name the element goes by in the context of an extension (found when first needed).
    """

    __slots__ = (
        "choice", "codes", "kind", "label", "many", "modifier", "most", "name", "path", "rules", "shape", "soft",
        "standing", "targets", "test", "type",
    )  # fmt: skip

    def __init__(self, name: str, label: str, type_name: str, *, many: bool, choice: str = "") -> None:
        self.name = name
        self.label = label
        self.type = type_name
        self.many = many
        self.choice = choice
        self.kind = PRIMITIVE
        self.test: Test = _never
        self.path = ""
        self.codes: CodeSet | None = None
        self.soft: CodeSet | None = None
        self.most: CodeSet | None = None
        self.rules: tuple[Invariant, ...] = ()
        self.modifier = False
        self.standing: frozenset[str] | None = None
        self.targets: frozenset[str] | None = None
        self.shape: Shape

    @property
    def limit(self) -> CodeSet | None:
        """The value set that a code must come from, whatever the strength of the binding."""
        return self.codes or self.most


class Shape:
    """One type, or one nested element: its properties, and the names that must be there.

    `rules` are the constraints of the type or nested element, `ruled` the slots that have constraints of their own,
    `type` the type's name for a nested element too (`BackboneElement`), `standing` as in `Slot`.
    """

    __slots__ = ("is_resource", "name", "required", "required_choices", "ruled", "rules", "slots", "standing", "type")

    def __init__(self, name: str, type_name: str, *, is_resource: bool) -> None:
        self.name = name
        self.type = type_name
        self.rules: tuple[Invariant, ...] = ()
        self.ruled: tuple[Slot, ...] = ()
        self.standing: frozenset[str] | None = None
        self.is_resource = is_resource
        self.slots: dict[str, Slot] = {}
        self.required: frozenset[str] = frozenset()
        self.required_choices: dict[str, frozenset[str]] = {}


class ShapeBuilder:
    """Builds shapes on demand from compiled structures; a type is built once and shared."""

    def __init__(
        self,
        structures: Mapping[str, StructureDef],
        value_set: Callable[[str], CodeSet | None],
        invariants: Sequence[Invariant],
    ) -> None:
        self._structures = structures
        self._value_set = value_set
        self._invariants = invariants
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
            structure.name if not path else f"{structure.name}.{path}",
            structure.name if not path else "BackboneElement",
            is_resource=structure.kind == "resource" and not path,
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
        shape.rules = self._rules(structure, path)
        shape.ruled = tuple(slot for slot in shape.slots.values() if slot.rules)
        return shape

    def _rules(self, structure: StructureDef, path: str) -> tuple[Invariant, ...]:
        if not path:
            return self._chosen(structure.constraints)
        return self._chosen(next(e.constraints for e in structure.elements if e.path == path))

    def _chosen(self, places: Iterable[int]) -> tuple[Invariant, ...]:
        return tuple(i for i in (self._invariants[place] for place in places) if i.key not in BY_WALK)

    def _slots(self, structure: StructureDef, element: ElementDef, name: str) -> Iterable[Slot]:
        """One slot, or one for each type of a choice; none for an element that R4 itself forbids."""
        many = element.max != 1
        if element.max == 0:
            return
        if element.same_as:
            slot = Slot(name, name, "", many=many)
            slot.path = f"{structure.name}.{element.path}"
            slot.kind, slot.shape = COMPLEX, self._nested(structure, element.same_as)
            slot.rules = self._chosen(element.constraints)
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
        code = type_ref.code
        slot.path = f"{structure.name}.{element.path}"
        slot.modifier = element.modifier
        self._bind(slot, element)
        if code not in _NESTED:
            # The constraints of a nested element belong to its shape.
            slot.rules = self._chosen(element.constraints)
        if code in TESTS:
            # Resource.id is typed string in the 4.0.1 snapshots, but the type `id` rules it.
            is_resource_id = element.path == "id" and structure.kind == "resource"
            slot.codes = slot.codes or slot.most
            slot.type = "id" if is_resource_id else code
            slot.test = _member_test(slot.limit, TESTS[slot.type]) if slot.limit else TESTS[slot.type]
            slot.shape = self._nested(self._structures["Element"], "")
        elif self._structures[code].kind == "resource":
            slot.kind = RESOURCE
        else:
            slot.shape = self._nested(structure, element.path) if code in _NESTED else self.shape(code)
            slot.kind = SPECIAL if code in _WITH_RULES else COMPLEX
            slot.targets = frozenset(type_ref.targets) or None

    def _bind(self, slot: Slot, element: ElementDef) -> None:
        binding = element.binding
        if binding is not None and (slot.type in CODED or slot.type in TESTS):
            codes = self._value_set(binding.value_set)
            absent = CodeSet(binding.value_set, {}, open_=True)
            slot.codes = codes or absent if binding.strength == "required" else None
            slot.soft = codes if binding.strength == "extensible" else None
            slot.most = self._value_set(binding.most) if binding.most else None


def _never(_value: object) -> bool:
    return False


def _member_test(codes: CodeSet, form: Test) -> Test:
    """One lookup answers both questions when the set is known whole: a member is a well-formed code."""
    members, judge = codes.codes, codes.of_code
    if codes.complete:
        return lambda value: type(value) is str and value in members
    return lambda value: form(value) and judge(str(value)) is not False
