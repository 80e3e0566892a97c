"""Profiles laid over the walk: only the constrained paths of a resource are visited again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from validators.fhir.constraints import Constraint, Occurrence, occurrences
from validators.fhir.context import Context, Json, described, shown
from validators.fhir.guides import package_of
from validators.fhir.profiles import BASE, Profile, ProfileSet
from validators.fhir.shapes import CODED, PRIMITIVE, RESOURCE, Shape, Slot
from validators.fhir.slicing import Around, Slicing
from validators.fhir.values import ABSENT, Item, below, matches, same

_BINDABLE: Final = CODED | {"code", "string", "uri"}
"""The types that have codes (eld-11): of a choice, a binding says nothing of the others."""
_QUANTITY: Final = frozenset({"value", "unit", "comparator", "code"})


class _Memory:
    """What one check knows of objects and profiles by now.

    `open` are the (object, profile) pairs being judged: references may lead round in a ring, and `rings` counts how
    often one did. `answers` holds each object beside its answer, so that its address stays its own: whether it meets
    the profile, and whether there is nothing at all to say of it.
    """

    __slots__ = ("answers", "open", "rings")

    def __init__(self) -> None:
        self.open: set[tuple[int, str]] = set()
        self.rings = 0
        self.answers: dict[tuple[int, str], tuple[Json, bool, bool]] = {}


class Overlay:
    """Applies the profiles of one check."""

    __slots__ = ("_context", "_memory", "_profiles", "around")

    def __init__(self, context: Context, profiles: ProfileSet, memory: _Memory | None = None) -> None:
        self._context = context
        self._profiles = profiles
        self._memory = memory or _Memory()
        self.around = Around(context.resolve, self.conforms)

    def resource(self, node: Json, type_name: str, place: str, profiles: Sequence[str] = ()) -> None:
        """Apply the profiles asked for and those the resource declares in `meta.profile`.

        Source: FHIR R4, https://hl7.org/fhir/R4/resource.html#Meta.
        """
        for url in profiles:
            self._declared(url, node, type_name, place, place)
        meta = node.get("meta")
        declared = meta.get("profile") if isinstance(meta, dict) else None
        for index, url in enumerate(declared if isinstance(declared, list) else ()):
            if isinstance(url, str):
                self._declared(url, node, type_name, place, f"{place}.meta.profile[{index}]")

    def _declared(self, url: str, node: Json, type_name: str, place: str, where: str) -> None:
        profile = self._profiles.get(url)
        if profile is not None and profile.type == type_name:
            self.apply(profile, node, place)
        elif profile is not None:
            self._context.add(
                "FHIR-PROFILE-TYPE", where, element=url, profile=url, expected=profile.type, found=type_name
            )
        elif url.partition("|")[0] != BASE + type_name:
            carried = shown(package_of(url))
            self._context.add("FHIR-PROFILE-UNKNOWN", where, element=shown(url), found=shown(url), package=carried)

    def apply(self, profile: Profile, node: Json, place: str) -> None:
        """Check one object against a profile of its type, with all that this profile builds on."""
        memory, key = self._memory, (id(node), profile.url)
        if key in memory.open:
            memory.rings += 1
            return
        known = memory.answers.get(key)
        if known is not None and known[2]:
            return
        rings, found = memory.rings, self._context.found
        memory.open.add(key)
        if self._context.is_outside(node):
            with self._context.inside(node):
                self._judged(profile, node, place)
        else:
            self._judged(profile, node, place)
        memory.open.discard(key)
        # What leads round in a ring was answered under an assumption.
        if memory.rings == rings and self._context.found == found:
            memory.answers[key] = node, True, True

    def _judged(self, profile: Profile, node: Json, place: str) -> None:
        check = _Check(self, self._context, self._profiles, profile)
        if profile.root.rules:
            check.rules(profile.root, node, profile.shape, place)
        check.children(profile.root, node, place, profile.shape)

    def conforms(self, profile: Profile, value: object) -> bool:
        """Whether a value meets a profile; nothing is reported."""
        if not isinstance(value, dict):
            return False
        if "resourceType" in value and value["resourceType"] != profile.type:
            return False
        memory, key = self._memory, (id(value), profile.url)
        known = memory.answers.get(key)
        if known is not None:
            return known[1]
        aside, rings = self._context.aside(), memory.rings
        Overlay(aside, self._profiles, memory).apply(profile, value, profile.type)
        answer = aside.report.conformant
        if memory.rings == rings:
            memory.answers.setdefault(key, (value, answer, False))
        return answer


class _Check:
    """One profile over one object; `_profile` names it in the findings."""

    __slots__ = ("_context", "_overlay", "_profile", "_profiles")

    def __init__(self, overlay: Overlay, context: Context, profiles: ProfileSet, profile: Profile) -> None:
        self._overlay = overlay
        self._context = context
        self._profiles = profiles
        self._profile = profile

    def children(self, constraint: Constraint, node: Json, place: str, shape: Shape | None) -> None:
        """The elements below one; `shape` is the type of `node`, None where the profile goes beyond what R4 knows."""
        for child in constraint.asked:
            if not (child.counts_only and _right_count(child, node)) and not (child.optional and _absent(child, node)):
                self._element(child, node, place, shape)

    def rules(self, constraint: Constraint, value: object, shape: Shape | str | None, place: str) -> None:
        """The invariants a profile states on one element."""
        if constraint.rules and shape is not None:
            since = len(self._context.report.issues)
            self._context.judge(constraint.rules, value, shape, place, since, self._profile.url)

    def _element(self, constraint: Constraint, node: Json, place: str, shape: Shape | None) -> None:
        found = occurrences(node, constraint)
        count = len(found)
        if count < constraint.min:
            self._add("FHIR-MIN", place, element=_label(constraint), found=count, expected=constraint.min)
        if constraint.max >= 0 and count > constraint.max:
            # Said at the first occurrence too many, where there is something to remove.
            where = f"{place}.{found[constraint.max].step}"
            self._add("FHIR-MAX", where, element=_label(constraint), found=count, expected=constraint.max)
            return
        for one in found:
            self._value(constraint, one, f"{place}.{one.step}", shape)
        if constraint.slicing is not None and constraint.slicing.wanted:
            self._slices(constraint, constraint.slicing, found, place, shape)

    # -- one value -----------------------------------------------------------------------------------------------------

    def _value(self, constraint: Constraint, one: Occurrence, place: str, shape: Shape | None) -> None:
        if constraint.types and constraint.choice and not self._right_type(constraint, one.type, place):
            return
        value = one.value
        if constraint.limited:
            self._literal(constraint, value, place)
        if constraint.bound and (not constraint.choice or one.type in _BINDABLE):
            self._binding(constraint, value, place)
        slot = shape.slots.get(one.key) if shape is not None else None
        if slot is not None and constraint.rules:
            self.rules(constraint, value, slot.type if slot.kind == PRIMITIVE else _shape_of(slot, value), place)
        if not isinstance(value, dict):
            return
        if constraint.refers:
            self._reference(constraint, value, place)
        if constraint.datatypes:
            self._datatypes(constraint, value, place)
        if constraint.asked:
            self.children(constraint, value, place, self._below(slot, value))

    def _below(self, slot: Slot | None, value: Json) -> Shape | None:
        if slot is not None and slot.kind == RESOURCE:
            return self._context.definitions.resource(value.get("resourceType"))
        return _shape_of(slot, value) if slot is not None else None

    def _right_type(self, constraint: Constraint, found: str, place: str) -> bool:
        if found in constraint.codes:
            return True
        self._add("FHIR-TYPE", place, element=_label(constraint), found=found, expected=", ".join(constraint.codes))
        return False

    def _literal(self, constraint: Constraint, value: object, place: str) -> None:
        if constraint.fixed is not ABSENT and not same(value, constraint.fixed):
            self._fixed(constraint, value, constraint.fixed, place)
        elif constraint.pattern is not ABSENT and not matches(value, constraint.pattern):
            self._fixed(constraint, value, constraint.pattern, place)
        if constraint.low is not ABSENT and below(value, constraint.low):
            self._limit(constraint, value, f"≥ {_text(constraint.low)}", place)
        if constraint.high is not ABSENT and below(constraint.high, value):
            self._limit(constraint, value, f"≤ {_text(constraint.high)}", place)
        if constraint.length and isinstance(value, str) and len(value) > constraint.length:
            self._limit(constraint, len(value), f"≤ {constraint.length}", place)

    def _fixed(self, constraint: Constraint, value: object, expected: object, place: str) -> None:
        self._add("FHIR-FIXED", place, element=_label(constraint), found=shown(value), expected=_text(expected))

    def _limit(self, constraint: Constraint, value: object, expected: str, place: str) -> None:
        self._add("FHIR-LIMIT", place, element=_label(constraint), found=shown(value), expected=expected)

    def _binding(self, constraint: Constraint, value: object, place: str) -> None:
        codes = self._profiles.value_set(constraint.binding, self._profile) if constraint.binding else None
        # A value set of units says nothing of the other types a value may have.
        of_units = codes is not None and constraint.choice and codes.units_only and not _is_quantity(value)
        if constraint.strength in ("required", "extensible") and not of_units:
            answer = self._context.member(value, constraint.binding, codes)
            if answer is False:
                rule_id = "FHIR-BINDING" if constraint.strength == "required" else "FHIR-BINDING-EXTENSIBLE"
                expected = described(codes) if codes is not None else constraint.binding
                self._add(rule_id, place, found=shown(value), expected=expected)
        most = self._profiles.value_set(constraint.most, self._profile) if constraint.most else None
        if most is not None and most.judge(value) is False:
            self._add("FHIR-BINDING", place, found=shown(value), expected=described(most))

    def _datatypes(self, constraint: Constraint, value: Json, place: str) -> None:
        """The value meets the profile of its type; of several, one of them."""
        name = value.get("resourceType")
        fitting = [p for p in constraint.datatypes if name is None or p.type == name]
        if len(fitting) == 1:
            self._overlay.apply(fitting[0], value, place)
        elif len(fitting) > 1 and not any(self._overlay.conforms(profile, value) for profile in fitting):
            expected = ", ".join(profile.url for profile in fitting)
            self._add("FHIR-PROFILE-NONE", place, element=_label(constraint), expected=expected)

    def _reference(self, constraint: Constraint, value: Json, place: str) -> None:
        text = value.get("reference")
        expected = ", ".join(sorted(constraint.targets or ()))
        inside = isinstance(text, str) and text.startswith("#") and self._context.contained_type(text) is not None
        if constraint.contained and not inside:
            found = shown(text if text is not None else "—")
            self._add("FHIR-REFERENCE-CONTAINED", place, found=found, expected=f"#id → {expected}")
            return
        named = self._context.reference_type(value)
        if named is not None and constraint.targets and named not in constraint.targets:
            self._add("FHIR-REFERENCE-TYPE", place, found=named, expected=expected)
            return
        target = self._context.resolve(text) if constraint.target_profiles and isinstance(text, str) else None
        if target is not None and not any(self._overlay.conforms(p, target) for p in constraint.target_profiles):
            profiles = ", ".join(profile.url for profile in constraint.target_profiles)
            self._add("FHIR-REFERENCE-PROFILE", place, found=named or "—", expected=profiles)

    # -- slices --------------------------------------------------------------------------------------------------------

    def _slices(
        self,
        constraint: Constraint,
        slicing: Slicing,
        found: Sequence[Occurrence],
        place: str,
        shape: Shape | None,
    ) -> None:
        counts = dict.fromkeys(slicing.slices, 0)
        order = list(slicing.slices)
        last = 0
        for one in found:
            where = f"{place}.{one.step}"
            name = slicing.slice_of(Item(one.value, one.type), self._overlay.around)
            if name is None:
                if slicing.closed:
                    self._unmatched(constraint, slicing, one, where)
                continue
            counts[name] += 1
            if slicing.ordered and order.index(name) < last:
                self._add("FHIR-SLICE-ORDER", where, element=_label(constraint), slice=name, expected=", ".join(order))
            last = max(last, order.index(name))
            self._value(slicing.slices[name], one, where, shape)
            self._resliced(slicing.slices[name], one, place, shape)
        for name, count in counts.items():
            self._slice_count(constraint, slicing, name, count, place)

    def _resliced(self, part: Constraint, one: Occurrence, place: str, shape: Shape | None) -> None:
        """A slice that is sliced again."""
        if part.slicing is not None and part.slicing.wanted:
            self._slices(part, part.slicing, [one], place, shape)

    def _unmatched(self, constraint: Constraint, slicing: Slicing, one: Occurrence, where: str) -> None:
        item = Item(one.value, one.type)
        near, path = slicing.nearest(item, self._overlay.around)
        names = ", ".join(slicing.slices)
        self._add("FHIR-SLICE-CLOSED", where, element=_label(constraint), expected=names, near=near, discriminator=path)

    def _slice_count(self, constraint: Constraint, slicing: Slicing, name: str, count: int, place: str) -> None:
        part = slicing.slices[name]
        if count >= part.min and (part.max < 0 or count <= part.max):
            return
        rule_id, expected = ("FHIR-SLICE-MIN", part.min) if count < part.min else ("FHIR-SLICE-MAX", part.max)
        paths = ", ".join(path for _kind, path in slicing.discriminators)
        where = place if count < part.min else f"{place}.{constraint.name}"
        self._add(
            rule_id, where, element=_label(constraint), slice=name, discriminator=paths, found=count, expected=expected
        )

    def _add(self, rule_id: str, place: str, **params: Any) -> None:
        self._context.add(rule_id, place, profile=self._profile.url, **params)


def _is_quantity(value: object) -> bool:
    """Whether a value is a Quantity by its looks: it has a number, a unit, or a code beside no coding."""
    return isinstance(value, dict) and not value.keys().isdisjoint(_QUANTITY) and "coding" not in value


def _shape_of(slot: Slot, value: object) -> Shape | None:
    """The shape of a complex value; for a resource it cannot be told from the slot."""
    return slot.shape if slot.kind not in (PRIMITIVE, RESOURCE) and isinstance(value, dict) else None


def _absent(constraint: Constraint, node: Json) -> bool:
    return constraint.name not in node and f"_{constraint.name}" not in node


def _right_count(constraint: Constraint, node: Json) -> bool:
    """The short way: whether an element that is there, or need not be, is there often enough and not too often."""
    value = node.get(constraint.name)
    if value is None or constraint.choice:
        return constraint.min == 0 and not constraint.choice and f"_{constraint.name}" not in node
    count = len(value) if type(value) is list else 1
    return constraint.min <= count and (constraint.max < 0 or count <= constraint.max)


def _label(constraint: Constraint) -> str:
    return f"{constraint.name}[x]" if constraint.choice else constraint.name


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
