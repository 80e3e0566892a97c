"""The walk: one pass over a resource as plain dicts, against the shapes of its types, profiles laid over.

The way of a right value is short: one dict lookup, one test. Words, places of primitives and second thoughts are found
only when something is wrong. Locations are FHIRPath (`Bundle.entry[1].resource.subject`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from validators.fhir.asking import Terminology
from validators.fhir.bindings import check_bindings
from validators.fhir.bundle import BundleIndex, Link, check_bundle, check_reference
from validators.fhir.contained import check_contained
from validators.fhir.context import Context, Json, described, shown
from validators.fhir.definitions import Definitions, load
from validators.fhir.extensions import Extensions
from validators.fhir.narrative import check_narrative, narrative_targets
from validators.fhir.overlay import Overlay
from validators.fhir.parse import MAX_DEPTH
from validators.fhir.primitives import FORMS, TESTS, expected_kind, json_kind
from validators.fhir.profiles import ProfileSet, default_profiles
from validators.fhir.resources import RULES as RESOURCE_RULES
from validators.fhir.resources import TYPE_RULES, implied_profiles
from validators.fhir.shapes import CODED, COMPLEX, PRIMITIVE, RESOURCE, Shape, Slot
from validators.fhir.xmltext import XmlText
from validators.report import Report


class Walker:
    """Checks resources against R4 and, when given, profiles. Holds no state between checks.

    `terminology` is asked about codes that cannot be judged here; without it they are left undecided.
    """

    def __init__(
        self, definitions: Definitions, profiles: ProfileSet | None = None, terminology: Terminology | None = None
    ) -> None:
        self.definitions = definitions
        self.profiles = profiles
        self.terminology = terminology

    def preload(self) -> None:
        """Read now what checks would read one by one, for a process about to fork: the profiles, their value sets."""
        if self.profiles is not None:
            self.profiles.preload()

    def check(self, resource: Json, report: Report, location: str | None = None, profiles: Sequence[str] = ()) -> None:
        """Add to `report` what is wrong with `resource`; `profiles` are canonicals to apply besides its `meta.profile`.

        `location` is where the resource stands (default: its type). Source: FHIR R4, https://hl7.org/fhir/R4/json.html,
        elementdefinition.html, profiling.html. Never raises on content.
        """
        place = location or shown(resource.get("resourceType", ""))
        try:
            context = Context(self.definitions, report, self.profiles, self.terminology)
            _Walk(context).resource(resource, place, profiles)
        except RecursionError:
            Context(self.definitions, report).add("FHIR-DEPTH", place, found="…", expected=MAX_DEPTH)

    def apply(self, resource: Json, report: Report, location: str, profile: str) -> None:
        """Check a resource that was walked before against one more profile, unless it declares that profile itself."""
        wanted = self.profiles.get(profile) if self.profiles is not None else None
        if wanted is None or self.profiles is None:
            return
        meta = resource.get("meta")
        declared = meta.get("profile") if isinstance(meta, dict) else None
        urls = declared if isinstance(declared, list) else []
        if not any(isinstance(url, str) and self.profiles.get(url) is wanted for url in urls):
            context = Context(self.definitions, report, self.profiles, self.terminology)
            context.enter(resource)
            Overlay(context, self.profiles).apply(wanted, resource, location)


@cache
def default_walker() -> Walker:
    """The walker over R4 and our own profiles, loaded once a process and shared by its forks."""
    return Walker(load(), default_profiles())


class _Walk:
    """One check in progress.

    `_links` are the references met inside the Bundle being walked, `_bundle` that Bundle, `_entries` how the places of
    its entries begin, `_entry` the number of the one being walked; a Bundle inside a Bundle has its own.
    """

    __slots__ = ("_bundle", "_context", "_entries", "_entry", "_extensions", "_issues", "_links", "_overlay")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._issues = context.report.issues
        self._overlay: Overlay | None = None
        self._extensions: Extensions | None = None
        if context.profiles is not None:
            self._overlay = Overlay(context, context.profiles)
            self._extensions = Extensions(context, context.profiles, self._overlay)
        self._links: list[Link] | None = None
        self._bundle: Json = {}
        self._entries = ""
        self._entry = -1

    # -- resources -----------------------------------------------------------------------------------------------------

    def resource(self, node: object, place: str, profiles: Sequence[str] = (), *, contained: bool = False) -> None:
        """A resource: the root, one inside a Bundle or Parameters, or a contained one."""
        if type(node) is not dict:
            self._not_object("resource", node, place)
            return
        shape = self._context.definitions.resource(node.get("resourceType"))
        if shape is None:
            found = shown(node.get("resourceType", "—"))
            self._context.add("FHIR-RESOURCE-TYPE", place, found=found, expected="FHIR R4 (4.0.1)")
        elif contained:
            self._contained(node, shape, place, profiles)
        else:
            self._root(node, shape, place, profiles)

    def _root(self, node: Json, shape: Shape, place: str, profiles: Sequence[str]) -> None:
        """A resource that answers `#id` itself: the outermost, or one of a Bundle or of Parameters."""
        context = self._context
        previous = context.enter(node)
        if self._links is not None:
            self._enter_entry(place)
        if shape.name == "Bundle":
            self._in_bundle(node, shape, place, profiles)
        else:
            self._checked(node, shape, place, profiles)
        if "contained" in node:
            check_contained(node, place, context)
        context.enter(previous)

    def _contained(self, node: Json, shape: Shape, place: str, profiles: Sequence[str]) -> None:
        if "contained" in node:
            self._context.add("FHIR-CONTAINED", f"{place}.contained", found=shape.name)
        previous = self._context.focus(node)
        self._checked(node, shape, place, profiles)
        self._context.focus(previous)

    def _checked(self, node: Json, shape: Shape, place: str, profiles: Sequence[str]) -> None:
        self._object(node, shape, place, None)
        by_hand = RESOURCE_RULES.get(shape.name)
        if by_hand is not None:
            by_hand(node, place, self._context)
        if self._overlay is not None:
            self._overlay.resource(node, shape.name, place, (*profiles, *implied_profiles(node)))

    # -- bundles -------------------------------------------------------------------------------------------------------

    def _in_bundle(self, node: Json, shape: Shape, place: str, profiles: Sequence[str]) -> None:
        context = self._context
        before = self._links, self._bundle, self._entries, self._entry, context.index, context.base
        links: list[Link] = []
        self._links, self._bundle, self._entries, context.index = links, node, f"{place}.entry[", BundleIndex(node)
        self._checked(node, shape, place, profiles)
        context.base = None
        check_bundle(node, place, context, links, context.index)
        self._links, self._bundle, self._entries, self._entry, context.index, context.base = before

    def _enter_entry(self, place: str) -> None:
        """Which entry a resource stands in, read from its place (`Bundle.entry[3].resource`)."""
        number = place.removeprefix(self._entries).removesuffix("].resource")
        if number.isdigit():
            self._entry = int(number)
            url = self._bundle["entry"][self._entry].get("fullUrl")
            self._context.base = url if type(url) is str else None

    # -- objects -------------------------------------------------------------------------------------------------------

    def _object(self, node: Json, shape: Shape, place: str, at: Slot | None) -> None:
        """One object of a type; `at` is the slot it stands in, None for a resource."""
        slots = shape.slots
        since = len(self._issues)
        chosen: set[str] | None = None
        for key, value in node.items():
            slot = slots.get(key)
            if slot is None:
                self._stranger(node, shape, key, value, place)
                continue
            if slot.choice:
                if chosen is None:
                    chosen = {slot.choice}
                elif slot.choice in chosen:
                    self._two_choices(node, shape, slot, place)
                else:
                    chosen.add(slot.choice)
            if slot.many:
                self._array(node, slot, value, place)
            elif slot.kind == PRIMITIVE:
                if not slot.test(value):
                    self._wrong(slot, value, f"{place}.{slot.label}")
            else:
                self._complex(slot, value, f"{place}.{slot.label}")
        if not node:
            self._context.add("FHIR-EMPTY", place, element=place.rpartition(".")[2], found="{}")
        elif not shape.required <= node.keys():
            self._missing(node, shape, place)
        if shape.required_choices:
            self._missing_choices(node, shape, place)
        if "id" in node and at is not None and at.type != "ElementDefinition":
            self._element_id(node["id"], place)
        if ("extension" in node or "modifierExtension" in node) and self._extensions is not None:
            self._extensions.check(node, shape, at, place)
        if shape.rules:
            self._context.judge(shape.rules, node, shape, place, since)
        if shape.ruled:
            self._ruled(node, shape, place, since)

    def _element_id(self, value: object, place: str) -> None:
        """The id of an element is its own within the resource (FHIR R4, element.html#id).

        Those of ElementDefinitions are paths, the same in the snapshot and in the differential.
        """
        if type(value) is str:
            if value in self._context.element_ids:
                self._context.add("FHIR-ELEMENT-ID", place, found=shown(value), expected="1")
            self._context.element_ids.add(value)

    def _array(self, node: Json, slot: Slot, value: object, place: str) -> None:
        if type(value) is not list or not value:
            self._not_array(slot, value, f"{place}.{slot.label}")
        elif slot.kind == PRIMITIVE:
            test = slot.test
            for index, item in enumerate(value):
                if not test(item) and not (item is None and _sibling_at(node, slot, index)):
                    self._wrong(slot, item, f"{place}.{slot.label}[{index}]")
        else:
            for index, item in enumerate(value):
                self._complex(slot, item, f"{place}.{slot.label}[{index}]")

    def _complex(self, slot: Slot, value: object, place: str) -> None:
        if slot.kind == RESOURCE:
            self.resource(value, place, contained=slot.name == "contained")
        elif type(value) is not dict:
            self._not_object(slot.name, value, place)
        else:
            self._object(value, slot.shape, place, slot)
            if slot.kind != COMPLEX:
                self._special(slot, value, place)

    # -- properties that have no slot ----------------------------------------------------------------------------------

    def _stranger(self, node: Json, shape: Shape, key: str, value: object, place: str) -> None:
        """resourceType, the `_element` beside a primitive, or an element R4 does not know."""
        if key == "resourceType" and shape.is_resource:
            return
        slot = shape.slots.get(key[1:]) if key[:1] == "_" else None
        if slot is None or slot.kind != PRIMITIVE:
            name = shown(key)
            self._context.add("FHIR-UNKNOWN-ELEMENT", f"{place}.{name}", found=name, expected=shape.name)
            return
        if slot.choice:
            self._two_choices(node, shape, slot, place)
        where = f"{place}.{slot.label}"
        if not slot.many:
            self._sibling(slot, value, where)
        elif type(value) is list and value:
            self._siblings(node, slot, value, where)
        else:
            self._not_array(slot, value, where)

    def _siblings(self, node: Json, slot: Slot, values: list[object], where: str) -> None:
        beside = node.get(slot.name)
        if type(beside) is list and len(beside) != len(values):
            self._context.add("FHIR-SIBLING", where, element=slot.name, found=len(values), expected=len(beside))
        if all(value is None for value in values):
            self._context.add("FHIR-EMPTY", where, element=f"_{slot.name}", found="[null]")
        for index, value in enumerate(values):
            if value is not None:
                self._sibling(slot, value, f"{where}[{index}]")

    def _sibling(self, slot: Slot, value: object, where: str) -> None:
        if type(value) is dict:
            self._object(value, slot.shape, where, slot)
        else:
            self._not_object(f"_{slot.name}", value, where)

    # -- constraints ---------------------------------------------------------------------------------------------------

    def _ruled(self, node: Json, shape: Shape, place: str, since: int) -> None:
        """The constraints of single elements (`Organization.telecom`, org-3)."""
        for slot in shape.ruled:
            value = node.get(slot.name)
            if value is None:
                continue
            where, kind = f"{place}.{slot.label}", slot.shape if slot.kind != PRIMITIVE else slot.type
            if type(value) is not list:
                self._context.judge(slot.rules, value, kind, where, since)
            else:
                for index, item in enumerate(value):
                    self._context.judge(slot.rules, item, kind, f"{where}[{index}]", since)

    # -- what a type asks beyond its elements --------------------------------------------------------------------------

    def _special(self, slot: Slot, value: Json, place: str) -> None:
        if slot.type == "Reference":
            self._reference(slot, value, place)
            return
        if slot.type == "Narrative":
            self._narrative(value, place)
        elif slot.type in CODED and (slot.codes is not None or slot.soft is not None or slot.most is not None):
            check_bindings(slot, value, place, self._context)
        by_hand = TYPE_RULES.get(slot.type)
        if by_hand is not None:
            by_hand(value, place, self._context)

    def _narrative(self, value: Json, place: str) -> None:
        div = value.get("div")
        if type(div) is str:
            context = self._context
            language = context.resource.get("language")
            check_narrative(
                div, f"{place}.div", context.add, language=language if type(language) is str else None,
                targets=lambda: narrative_targets(context.container),
            )  # fmt: skip

    def _reference(self, slot: Slot, value: Json, place: str) -> None:
        text = value.get("reference")
        check_reference(value, place, self._context)
        if type(text) is str and text[:1] == "#" and self._context.contained_type(text) is None:
            self._context.add(
                "FHIR-REFERENCE-CONTAINED", place, found=shown(text), expected="contained", profile="FHIR R4"
            )
            return
        if type(text) is str and text[:1] == "#":
            self._context.mentioned.add(text)
        elif self._links is not None and type(text) is str:
            self._links.append(Link(self._entry, place, text))
        if slot.targets is not None:
            named = self._context.reference_type(value)
            if named is not None and named not in slot.targets:
                expected = ", ".join(sorted(slot.targets))
                self._context.add("FHIR-REFERENCE-TYPE", place, found=named, expected=expected, profile="FHIR R4")

    # -- words for what is wrong ---------------------------------------------------------------------------------------

    def _wrong(self, slot: Slot, value: object, place: str) -> None:
        """Say why a primitive failed its test: nothing there, other JSON type, not a member, or not well formed."""
        found, expected = json_kind(value), expected_kind(slot.type)
        if value is None or value == "":
            self._context.add("FHIR-EMPTY", place, element=slot.name, found="null" if value is None else '""')
        elif found != expected and type(value) is not XmlText:
            self._context.add("FHIR-TYPE", place, element=slot.name, found=found, expected=f"{expected} ({slot.type})")
        elif slot.limit and TESTS[slot.type](value):
            self._context.add("FHIR-BINDING", place, found=shown(value), expected=described(slot.limit))
        else:
            self._context.add("FHIR-PRIMITIVE", place, found=shown(value), type=slot.type, expected=FORMS[slot.type])

    def _not_object(self, name: str, value: object, place: str) -> None:
        if value is None:
            self._context.add("FHIR-EMPTY", place, element=name, found="null")
        else:
            self._context.add("FHIR-TYPE", place, element=name, found=json_kind(value), expected="object")

    def _not_array(self, slot: Slot, value: object, place: str) -> None:
        if value is None or value == []:
            self._context.add("FHIR-EMPTY", place, element=slot.name, found="null" if value is None else "[]")
        else:
            self._context.add("FHIR-TYPE", place, element=slot.name, found=json_kind(value), expected="array")

    def _missing(self, node: Json, shape: Shape, place: str) -> None:
        for name in sorted(shape.required - node.keys()):
            if f"_{name}" not in node:
                self._context.add("FHIR-MIN", place, element=name, found=0, expected=1, profile=f"FHIR R4 {shape.name}")

    def _missing_choices(self, node: Json, shape: Shape, place: str) -> None:
        for stem, names in shape.required_choices.items():
            if not any(name in node or f"_{name}" in node for name in names):
                element = f"{stem}[x]"
                self._context.add(
                    "FHIR-MIN", place, element=element, found=0, expected=1, profile=f"FHIR R4 {shape.name}"
                )

    def _two_choices(self, node: Json, shape: Shape, slot: Slot, place: str) -> None:
        """Said once an element; `valueString` with its own `_valueString` is one variant."""
        names = [s.name for s in shape.slots.values() if s.choice == slot.choice]
        given = [name for name in names if name in node or f"_{name}" in node]
        if len(given) > 1:
            where = f"{place}.{slot.choice}"
            self._context.add("FHIR-CHOICE", where, element=slot.choice, found=", ".join(given))


def _sibling_at(node: Json, slot: Slot, index: int) -> bool:
    """Whether the null at `index` of a primitive array has its content in `_element`."""
    beside = node.get(f"_{slot.name}")
    return type(beside) is list and index < len(beside) and type(beside[index]) is dict
