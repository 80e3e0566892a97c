"""Profiles laid over the walk: only the constrained paths of a resource are visited again."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from validators.fhir.constraints import (
    ABSENT,
    Constraint,
    Slicing,
    choice_type,
    matches,
    occurrences,
    same,
)
from validators.fhir.context import Context, Json, described, shown
from validators.fhir.profiles import BASE, Profile, ProfileSet


class Overlay:
    """Applies the profiles of one check."""

    __slots__ = ("_context", "_profiles")

    def __init__(self, context: Context, profiles: ProfileSet) -> None:
        self._context = context
        self._profiles = profiles

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
            self._context.add("FHIR-PROFILE-UNKNOWN", where, element=shown(url), found=shown(url))

    def apply(self, profile: Profile, node: Json, place: str) -> None:
        """Check one object against a profile of its type, and against the profiles that one builds on."""
        for part in profile.levels:
            _Check(self, self._context, self._profiles, part).children(part.root, node, place)


class _Check:
    """One profile over one object; `_profile` names it in the findings."""

    __slots__ = ("_context", "_overlay", "_profile", "_profiles")

    def __init__(self, overlay: Overlay, context: Context, profiles: ProfileSet, profile: Profile) -> None:
        self._overlay = overlay
        self._context = context
        self._profiles = profiles
        self._profile = profile

    def children(self, constraint: Constraint, node: Json, place: str) -> None:
        for child in constraint.children.values():
            self._element(child, node, place)

    def _element(self, constraint: Constraint, node: Json, place: str) -> None:
        if constraint.counts_only and _right_count(constraint, node):
            return
        found = list(occurrences(node, constraint))
        count = len(found)
        if count < constraint.min:
            self._add("FHIR-MIN", place, element=_label(constraint), found=count, expected=constraint.min)
        if constraint.max >= 0 and count > constraint.max:
            # Said at the first occurrence too many, where there is something to remove.
            where = f"{place}.{found[constraint.max][1]}"
            self._add("FHIR-MAX", where, element=_label(constraint), found=count, expected=constraint.max)
            return
        for key, step, value in found:
            self._value(constraint, key, value, f"{place}.{step}")
        if constraint.slicing is not None and constraint.slicing.wanted:
            self._slices(constraint, constraint.slicing, found, place)

    def _value(self, constraint: Constraint, key: str, value: object, place: str) -> None:
        if constraint.types and constraint.choice and not self._right_type(constraint, key, place):
            return
        self._literal(constraint, value, place)
        if constraint.strength in ("required", "extensible"):
            self._binding(constraint, value, place)
        if not isinstance(value, dict):
            return
        if constraint.contained or constraint.targets:
            self._reference(constraint, value, place)
        for profile in constraint.datatypes:
            self._overlay.apply(profile, value, place)
        self.children(constraint, value, place)

    def _right_type(self, constraint: Constraint, key: str, place: str) -> bool:
        found = choice_type(constraint, key)
        if found in constraint.types:
            return True
        self._add("FHIR-TYPE", place, element=_label(constraint), found=found, expected=", ".join(constraint.types))
        return False

    def _literal(self, constraint: Constraint, value: object, place: str) -> None:
        if constraint.fixed is not ABSENT and not same(value, constraint.fixed):
            self._fixed(constraint, value, constraint.fixed, place)
        elif constraint.pattern is not ABSENT and not matches(value, constraint.pattern):
            self._fixed(constraint, value, constraint.pattern, place)

    def _fixed(self, constraint: Constraint, value: object, expected: object, place: str) -> None:
        self._add("FHIR-FIXED", place, element=_label(constraint), found=shown(value), expected=_text(expected))

    def _binding(self, constraint: Constraint, value: object, place: str) -> None:
        codes = self._profiles.value_set(self._profile, constraint.binding)
        codes = codes or self._context.definitions.value_set(constraint.binding)
        if codes is not None and not codes.has(value):
            rule_id = "FHIR-BINDING" if constraint.strength == "required" else "FHIR-BINDING-EXTENSIBLE"
            self._add(rule_id, place, found=shown(value), expected=described(codes))

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

    def _slices(
        self, constraint: Constraint, slicing: Slicing, found: Sequence[tuple[str, str, object]], place: str
    ) -> None:
        counts = dict.fromkeys(slicing.slices, 0)
        for key, step, value in found:
            name = slicing.slice_of(value)
            if name is not None:
                counts[name] += 1
                self._value(slicing.slices[name], key, value, f"{place}.{step}")
            elif slicing.closed:
                names = ", ".join(slicing.slices)
                self._add("FHIR-SLICE-CLOSED", f"{place}.{step}", element=_label(constraint), expected=names)
        for name, count in counts.items():
            self._slice_count(constraint, slicing, name, count, place)

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

    def _add(self, rule_id: str, place: str, **params: object) -> None:
        self._context.add(rule_id, place, profile=self._profile.url, **params)


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
    return value if isinstance(value, str) else orjson.dumps(value).decode()
