"""Snapshots made from differentials: what a profile says of every element of its type, over the snapshot of its base.

Source: FHIR R4, https://hl7.org/fhir/R4/profiling.html and https://hl7.org/fhir/R4/elementdefinition.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from validators.fhir.constraints import Step, located, type_of_suffix
from validators.fhir.snapshots.merge import merged
from validators.fhir.snapshots.tree import Node, add_slice, cut, grow

Json = dict[str, Any]
_Find = Callable[[str], Json | None]
BASE: Final = "http://hl7.org/fhir/StructureDefinition/"
_BY_URL: Final = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}
_BY_TYPE: Final = {"discriminator": [{"type": "type", "path": "$this"}], "ordered": False, "rules": "open"}
_EXTENSIONS: Final = ("extension", "modifierExtension")
_NOT_OF_SLICES: Final = frozenset({"slicing", "mustSupport"})
_NOTHING: Final[Json] = {
    "url": BASE + "Base",
    "snapshot": {"element": [{"id": "Base", "path": "Base", "min": 0, "max": "*"}]},
}
"""What logical models build on; R4 names it nowhere, R5 defines it without an element."""


class SnapshotError(ValueError):
    """No snapshot can be made; the message names the definition, the element and why."""


def snapshot(definition: Json, find: _Find) -> Json:
    """The same StructureDefinition with a `snapshot` made from its `differential`.

    Args:
        definition: a StructureDefinition; a snapshot it has already is not looked at.
        find: a StructureDefinition by canonical without version, None when there is none. Those without a snapshot
            get theirs made.

    Raises:
        SnapshotError: a base or a type that is not found, a ring of bases, an element that the base does not have, a
            cardinality wider than that of the base.
    """
    return Snapshots(find).of(definition)


class Snapshots:
    """Snapshots over one set of definitions; what several are made over is read once."""

    def __init__(self, find: _Find) -> None:
        self._find = find
        self._trees: dict[str, Node] = {}
        self._open: list[str] = []

    def of(self, definition: Json) -> Json:
        """`definition` with its snapshot; see `snapshot`."""
        return {**definition, "snapshot": {"element": list(cut(self._made(definition)))}}

    def tree(self, canonical: str) -> Node:
        """The elements of a definition by canonical; they belong to everybody: copy them before you narrow them.

        Raises:
            SnapshotError: nothing found, or a ring.
        """
        url = canonical.partition("|")[0]
        if url not in self._trees:
            definition = self._find(url) or (_NOTHING if url == _NOTHING["url"] else None)
            if definition is None:
                raise SnapshotError(f"{url} is not known: load the package that carries it")
            with _located(url):
                told = definition.get("snapshot", {}).get("element")
                self._trees[url] = grow(told) if told else self._made(definition)
        return self._trees[url]

    def _made(self, definition: Json) -> Node:
        url = str(definition.get("url", ""))
        if url in self._open:
            raise SnapshotError(f"{' -> '.join([*self._open, url])}: a ring of definitions that build on one another")
        self._open.append(url)
        try:
            with _located(url):
                return _Builder(self, definition).built()
        finally:
            self._open.pop()


class _Builder:
    """One definition being laid over its base."""

    def __init__(self, snapshots: Snapshots, definition: Json) -> None:
        self._snapshots = snapshots
        self._definition = definition
        self._url = str(definition.get("url", ""))
        self._type = str(definition.get("type", ""))
        self._defines = definition.get("derivation") == "specialization"
        self._root = self._start()

    def _start(self) -> Node:
        base = str(self._definition.get("baseDefinition", ""))
        if not base:
            raise ValueError("no baseDefinition")
        root = self._snapshots.tree(base).copy()
        root.name = self._type.rpartition("/")[2] if self._defines else root.name
        if self._defines:
            root.element = {**self._anything(), **root.element, "base": {"path": root.name, "min": 0, "max": "*"}}
        return root

    def _anything(self) -> Json:
        """What every element is held to (ele-1)."""
        return {"constraint": self._snapshots.tree(BASE + "Element").element.get("constraint", [])}

    def built(self) -> Node:
        """The tree with everything the differential says."""
        for element, steps in located(self._definition.get("differential", {}).get("element", ())):
            with _located(str(element.get("id") or element["path"])):
                if str(element["path"]).partition(".")[0] != self._root.name:
                    raise ValueError(f"not an element of {self._root.name}")
                self._lay(element, steps)
        return self._root

    def _lay(self, element: Json, steps: list[Step]) -> None:
        node = self._root
        for step in steps[:-1]:
            node = self._below(node, step)
        if steps:
            node = self._new(node, element, steps[-1]) or self._below(node, steps[-1])
        node.element = merged(node.element, element, self._url)

    # -- finding the element -------------------------------------------------------------------------------------------

    def _below(self, node: Node, step: Step) -> Node:
        name, part = step
        self._unfold(node)
        child = node.children.get(name)
        if child is None:
            child, part = _choice(node, name), name
        if child is None:
            raise ValueError(f"{name}: no such element in {node.name}")
        return (child.slice(part) or self._new_slice(child, part)) if part else child

    def _new(self, node: Node, element: Json, step: Step) -> Node | None:
        """An element that a specialization adds; None when there is one already, or nothing may be added."""
        name, part = step
        self._unfold(node)
        if not self._defines or part or name in node.children or _choice(node, name) is not None:
            return None
        if not {"min", "max"} <= element.keys():
            raise ValueError("a new element needs min and max")
        base = {"path": str(element["path"]), "min": element["min"], "max": element["max"]}
        node.children[name] = Node(name, {"base": base, **self._anything()})
        return node.children[name]

    def _new_slice(self, child: Node, part: str) -> Node:
        above = child.slice(part.rpartition("/")[0]) or child if "/" in part else child
        if child.element.get("slicing") is None and above is child:
            child.element = {**child.element, "slicing": _slicing(child)}
        told = {key: value for key, value in above.element.items() if key not in _NOT_OF_SLICES}
        node = Node(child.name, {**told, "sliceName": part, "min": 0}, part)
        if child.name.endswith("[x]"):
            stem = child.name.removesuffix("[x]")
            named = [t for t in told.get("type", ()) if t["code"] == type_of_suffix(part.removeprefix(stem) or "?")]
            node.element["type"] = named or told.get("type", [])
        add_slice(child, node)
        return node

    # -- going below ---------------------------------------------------------------------------------------------------

    def _unfold(self, node: Node) -> None:
        """Give an element its children: those of what it slices, of what it refers to, or of its type."""
        if node.children or not node.element.keys() & {"type", "contentReference"}:
            return
        reference = str(node.element.get("contentReference", ""))
        profiles = [url for one in node.element.get("type", ()) for url in one.get("profile", ())]
        owner = node.owner
        if owner is not None and owner.children and node.element.get("type") == owner.element.get("type"):
            node.children = owner.copied_children()
        elif reference:
            self._unfold_reference(node, reference)
        elif len(profiles) == 1:
            node.children = self._snapshots.tree(profiles[0]).copied_children()
        else:
            node.children = self._of_type(node)

    def _unfold_reference(self, node: Node, reference: str) -> None:
        where, _, target = reference.rpartition("#")
        name, *rest = target.split(".")
        defining = self._root if self._defines and not where else self._snapshots.tree(where or BASE + name)
        found = defining.find([(step, "") for step in rest])
        if found is None:
            raise ValueError(f"contentReference {reference}: no such element")
        node.children = found.copied_children()
        node.element = {key: value for key, value in node.element.items() if key != "contentReference"}
        node.element["type"] = found.element.get("type", [])

    def _of_type(self, node: Node) -> dict[str, Node]:
        """The children of the type; of several types, those every element has."""
        codes = {str(one["code"]) for one in node.element.get("type", ())}
        code = codes.pop() if len(codes) == 1 else "Element"
        if code.startswith("http://hl7.org/fhirpath/"):
            return {}
        return self._snapshots.tree(code if ":" in code else BASE + code).copied_children()


def _choice(node: Node, name: str) -> Node | None:
    """The choice that `valueQuantity` is one type of."""
    for child in node.children.values():
        stem = child.name.removesuffix("[x]")
        if stem != child.name and name.startswith(stem) and len(name) > len(stem):
            code = type_of_suffix(name[len(stem) :])
            if any(one["code"] == code for one in child.element.get("type", ())):
                return child
    return None


def _slicing(node: Node) -> Json:
    """The slicing that goes without saying: extensions by url, choices by type."""
    if node.name in _EXTENSIONS:
        return _BY_URL
    if node.name.endswith("[x]"):
        return _BY_TYPE
    raise ValueError("a slice of an element that is not sliced")


@contextmanager
def _located(place: str) -> Iterator[None]:
    """Errors below name this place first."""
    try:
        yield
    except (AttributeError, KeyError, TypeError) as problem:
        raise SnapshotError(f"{place}: malformed ({problem!r})") from problem
    except ValueError as problem:
        raise SnapshotError(f"{place}: {problem}") from problem
