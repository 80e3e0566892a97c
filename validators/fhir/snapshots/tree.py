"""Elements of a StructureDefinition as a tree: children below an element, slices beside it, in the order of a snapshot.

Nodes own their place; the ElementDefinitions in them are shared between trees and are replaced, never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from validators.fhir.constraints import Step, located

Json = dict[str, Any]


class Node:
    """One element: `part` is its sliceName, `owner` what it is a slice of; a re-slice (`a/b`) is one of slice `a`."""

    __slots__ = ("children", "element", "name", "owner", "part", "slices")

    def __init__(self, name: str, element: Json, part: str = "", owner: Node | None = None) -> None:
        self.name = name
        self.element = element
        self.part = part
        self.owner = owner
        self.children: dict[str, Node] = {}
        self.slices: dict[str, Node] = {}

    def copy(self, owner: Node | None = None) -> Node:
        """The same tree, to be narrowed."""
        twin = Node(self.name, self.element, self.part, owner)
        twin.children = self.copied_children()
        twin.slices = {part: node.copy(twin) for part, node in self.slices.items()}
        return twin

    def copied_children(self) -> dict[str, Node]:
        """The children, each to be narrowed on its own."""
        return {name: child.copy() for name, child in self.children.items()}

    def slice(self, part: str) -> Node | None:
        """The slice of this name, at any depth of re-slicing; None when there is none."""
        if part in self.slices:
            return self.slices[part]
        above = self.slices.get(part.partition("/")[0]) if "/" in part else None
        return next((found for one in _chain(above, part) if (found := one.slices.get(part)) is not None), None)

    def find(self, steps: Iterable[Step]) -> Node | None:
        """The element at the end of these steps; None when there is none."""
        node: Node | None = self
        for name, part in steps:
            node = node.children.get(name) if node is not None else None
            if part and node is not None:
                node = node.slice(part)
        return node


def _chain(node: Node | None, part: str) -> Iterator[Node]:
    """A slice and the re-slices on the way to `a/b/c`."""
    while node is not None:
        yield node
        node = next((one for name, one in node.slices.items() if part.startswith(name + "/")), None)


def grow(elements: Iterable[Json]) -> Node:
    """The tree of a snapshot's elements, the root first.

    Raises:
        ValueError: no elements, or one whose parent is not before it.
    """
    first, *rest = elements
    root = Node(str(first["path"]), first)
    for element, steps in located(rest):
        (name, part), above = steps[-1], root.find(steps[:-1])
        owner = above.children.get(name) if above is not None else None
        if above is None or (part and owner is None):
            raise ValueError(f"{element.get('id', element['path'])}: what it stands in is not before it")
        if owner is None or not part:
            above.children[name] = Node(name, element)
        else:
            add_slice(owner, Node(name, element, part))
    return root


def add_slice(owner: Node, node: Node) -> None:
    """Put a slice beside the others: below the slice it re-slices when that is there."""
    above = owner.slice(node.part.rpartition("/")[0]) or owner
    above.slices[node.part] = node
    node.owner = above


def cut(root: Node) -> Iterator[Json]:
    """The elements of a tree in the order of a snapshot, each with its id and path."""
    yield from _cut(root, root.name, root.name)


def _cut(node: Node, path: str, element_id: str) -> Iterator[Json]:
    told = {key: value for key, value in node.element.items() if key not in ("id", "path")}
    yield {"id": element_id, "path": path, **told}
    for child in node.children.values():
        yield from _cut(child, f"{path}.{child.name}", f"{element_id}.{child.name}")
    for part, each in node.slices.items():
        yield from _cut(each, path, f"{_unsliced(element_id)}:{part}")


def _unsliced(element_id: str) -> str:
    """An id without the slice its last step names."""
    above, dot, last = element_id.rpartition(".")
    return f"{above}{dot}{last.partition(':')[0]}"
