"""Where in the JSON of a resource a FHIRPath leads: the object, the property and the index behind each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fhir_server.fhir.interactions.errors import PatchError
from validators.fhir import load_definitions
from validators.fhir.fhirpath import Environment, Expression, FhirPathError
from validators.fhir.fhirpath.compiler import Compiler
from validators.fhir.fhirpath.model import Item, TypeInfo, model_of
from validators.fhir.fhirpath.parser import parse
from validators.fhir.fhirpath.static import check
from validators.fhir.fhirpath.syntax import Expr, Member
from validators.fhir.shapes import RESOURCE, Slot

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """One element: the object that holds it, under which property and index, and its type.

    `around` is the type of the holder; `slot` is None for the resource itself, whose `holder` it is.
    """

    holder: Json
    key: str
    index: int | None
    slot: Slot | None
    type: TypeInfo
    around: TypeInfo
    primitive: bool = False

    def content(self) -> Json:
        """The object that holds the element's own children; of a primitive the one beside it, made where it is not."""
        if self.slot is None:
            return self.holder
        if not self.primitive:
            found = self.holder[self.key]
            inside: Json = found if self.index is None else found[self.index]
            return inside
        return self._beside()

    def _beside(self) -> Json:
        key = f"_{self.key}"
        if self.index is None:
            alone: Json = self.holder.setdefault(key, {})
            return alone
        siblings: list[Any] = self.holder.setdefault(key, [])
        siblings += [None] * (len(self.holder.get(self.key, ())) - len(siblings))
        if siblings[self.index] is None:
            siblings[self.index] = {}
        beside: Json = siblings[self.index]
        return beside


class Places:
    """The elements of one resource, as it is now; made anew after every change."""

    def __init__(self, resource: Json) -> None:
        self._model = model_of(load_definitions())
        self._type = self._model.of_resource(resource)
        self._spots: dict[int, Spot] = {}
        self._copy = self._complex(resource, self._type)
        if self._type is not None:
            self._spots[id(self._copy)] = Spot(resource, "", None, None, self._type, self._type)

    def any(self, path: str, location: str) -> Spot | None:
        """The only element of a path; None when there is none.

        Raises:
            PatchError: the path is wrong, or leads to several elements.
        """
        return self._single(self._parsed(path, location), path, location)

    def one(self, path: str, location: str) -> Spot:
        """The only element of a path.

        Raises:
            PatchError: the path is wrong, or leads to no element, or to several.
        """
        found = self.any(path, location)
        if found is None:
            raise PatchError("PATCH-PATH", location, path=path, found=0, expected=1)
        return found

    def listed(self, path: str, location: str) -> tuple[Json, Slot]:
        """The object and property that hold the list of a path, empty as it may be.

        Raises:
            PatchError: the path does not end with the name of a repeating element of one element.
        """
        tree = self._parsed(path, location)
        parent = self._single(tree.source, path, location) if isinstance(tree, Member) else None
        slots = parent.type.stems.get(tree.name, []) if parent is not None and isinstance(tree, Member) else []
        if parent is None or not slots or not slots[0].many:
            raise PatchError("PATCH-PATH", location, path=path, found="0..1", expected="0..*")
        return parent.content(), slots[0]

    def _parsed(self, path: str, location: str) -> Expr:
        try:
            tree = parse(path)
            if self._type is not None:
                check(tree, self._model, self._type.name, ordered=False)
            return tree
        except FhirPathError as error:
            raise PatchError("PATCH-PATH", location, path=path, found=error, expected="FHIRPath") from None

    def _single(self, tree: Expr, path: str, location: str) -> Spot | None:
        try:
            expression = Expression(path, Compiler(self._model).code(tree), self._model)
            items = expression.items(self._copy, None, Environment(self._copy))
        except FhirPathError as error:
            raise PatchError("PATCH-PATH", location, path=path, found=error, expected="FHIRPath") from None
        if len(items) > 1:
            raise PatchError("PATCH-PATH", location, path=path, found=len(items), expected=1)
        return self._spot(items[0], path, location) if items else None

    def _spot(self, item: Item, path: str, location: str) -> Spot:
        spot = self._spots.get(id(item[2])) if type(item) is tuple else None
        if spot is None:
            raise PatchError("PATCH-PATH", location, path=path, found="value", expected="element")
        return spot

    # -- the copy: every element with an object of its own, which the spots are found by -------------------------------

    def _complex(self, node: Json, type_: TypeInfo | None) -> Json:
        made: Json = {}
        for key, value in node.items():
            slot = type_.shape.slots.get(key.removeprefix("_")) if type_ is not None and type_.shape else None
            if slot is None or type_ is None:
                made[key] = value
            elif isinstance(value, dict) and key[0] != "_":
                made[key] = self._element(node, slot, value, None, type_)
            elif isinstance(value, list) and any(isinstance(item, dict) for item in value) and key[0] != "_":
                made[key] = [self._element(node, slot, item, at, type_) for at, item in enumerate(value)]
            elif key[0] != "_" or slot.name not in node:
                self._primitive(made, node, slot, type_)
        return made

    def _element(self, holder: Json, slot: Slot, value: Any, index: int | None, around: TypeInfo) -> Any:
        type_ = self._model.of_resource(value) if slot.kind == RESOURCE else self._model.of_slot(slot)
        made = self._complex(value, type_)
        if type_ is not None:
            self._spots[id(made)] = Spot(holder, slot.name, index, slot, type_, around)
        return made

    def _primitive(self, made: Json, node: Json, slot: Slot, around: TypeInfo) -> None:
        value, beside = node.get(slot.name), node.get(f"_{slot.name}")
        if not slot.many:
            made[slot.name] = value
            made[f"_{slot.name}"] = self._marked(node, slot, beside, None, around)
            return
        values = value if isinstance(value, list) else []
        siblings = beside if isinstance(beside, list) else []
        size = max(len(values), len(siblings))
        values = [*values, *[None] * (size - len(values))]
        siblings = [*siblings, *[None] * (size - len(siblings))]
        made[slot.name] = values
        made[f"_{slot.name}"] = [
            None if one is None and other is None else self._marked(node, slot, other, at, around)
            for at, (one, other) in enumerate(zip(values, siblings, strict=True))
        ]

    def _marked(self, holder: Json, slot: Slot, sibling: Any, index: int | None, around: TypeInfo) -> Json:
        type_ = self._model.of_slot(slot)
        made = self._complex(sibling, type_) if isinstance(sibling, dict) else {}
        self._spots[id(made)] = Spot(holder, slot.name, index, slot, type_, around, primitive=True)
        return made
