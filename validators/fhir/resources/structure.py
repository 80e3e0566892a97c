"""StructureDefinition: it fits what it derives from, and its elements exist and say only what their types allow.

Source: FHIR R4, https://hl7.org/fhir/R4/structuredefinition.html, elementdefinition.html and profiling.html.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.definitions import Definitions
from validators.fhir.resources.elements import element
from validators.fhir.resources.expressions import unreadable
from validators.fhir.resources.nodes import EXTENSION, child, children, extensions, is_absolute, objects, text
from validators.fhir.resources.obligations import obligations
from validators.fhir.resources.paths import position

_JSON_NAME: Final = frozenset({
    "http://hl7.org/fhir/tools/StructureDefinition/elementdefinition-json-name",
    "http://hl7.org/fhir/tools/StructureDefinition/json-name",
})  # fmt: skip
_VERSIONS: Final = EXTENSION + "version-specific-use"
_PATTERNS: Final = frozenset({"Definition", "Event", "FiveWs", "MetadataResource", "Request"})
"""Logical models that R4 itself defines; they are no types of data."""
_LATER: Final = _PATTERNS | {"CanonicalResource", "Base", "DataType", "BackboneType"}
"""Abstract types of R5, named as contexts by extensions that several versions share."""


def structure_definition(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-*: type and base, contexts, differential and snapshot."""
    _type(node, place, context)
    base = _base(node, context)
    if base is not None:
        _derivation(node, base, place, context)
    _contexts(node, place, context)
    _extension_url(node, place, context)
    _order(node, place, context)
    obligations(node, place, context)
    for view in ("differential", "snapshot"):
        keys: dict[str, str] = {}
        for each, where in children(child(node, view), "element", f"{place}.{view}"):
            element(node, each, where, context, snapshot=view == "snapshot")
            _invariants(node, each, where, keys, context, snapshot=view == "snapshot")


def _type(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-TYPE: a relative type is one of R4, constrained unless R4 itself defines it."""
    name, url, kind = text(node, "type"), text(node, "url"), text(node, "kind")
    if not name:
        return
    if is_absolute(name):
        if kind and kind != "logical":
            context.add(
                "FHIR-STRUCTUREDEFINITION-TYPE", f"{place}.type", found=shown(name), expected=f"FHIR R4 ({kind})"
            )
    elif name not in context.definitions.structures and name not in _PATTERNS:
        context.add("FHIR-STRUCTUREDEFINITION-TYPE", f"{place}.type", found=shown(name), expected="FHIR R4 | http://…")
    elif url != EXTENSION + name and text(node, "derivation") == "specialization":
        expected = "derivation = constraint"
        context.add("FHIR-STRUCTUREDEFINITION-TYPE", f"{place}.type", found=shown(name), expected=expected)


def _base(node: Json, context: Context) -> tuple[str, str, bool] | None:
    """Type, kind and abstractness of the base definition; None when it is not known."""
    url = text(node, "baseDefinition")
    loaded = context.lookup(url) if url else None
    if loaded is not None and loaded.get("resourceType") == "StructureDefinition":
        return text(loaded, "type"), text(loaded, "kind"), loaded.get("abstract") is True
    known = context.definitions.structures.get(url.removeprefix(EXTENSION)) if url.startswith(EXTENSION) else None
    return (known.name, known.kind, known.abstract) if known is not None else None


def _derivation(node: Json, base: tuple[str, str, bool], place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-BASE: a constraint keeps type and kind of its base, a specialization another type."""
    base_type, base_kind, abstract = base
    derivation, kind, type_ = text(node, "derivation"), text(node, "kind"), text(node, "type")
    constraint = derivation == "constraint"
    if not derivation:
        _base_finding("derivation", "—", "specialization | constraint", node, place, context)
    if kind and kind != base_kind and (constraint or not abstract):
        _base_finding("kind", kind, base_kind, node, place, context)
    if constraint and type_ != base_type:
        _base_finding("type", type_ or "—", base_type, node, place, context)
    elif derivation == "specialization" and type_ == base_type:
        _base_finding("type", type_, f"≠ {base_type}", node, place, context)


def _base_finding(name: str, found: str, expected: str, node: Json, place: str, context: Context) -> None:
    base = text(node, "baseDefinition")
    context.add("FHIR-STRUCTUREDEFINITION-BASE", place, element=name, found=shown(found), expected=expected, base=base)


def _contexts(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-CONTEXT: only an extension has contexts, and an element named as one exists."""
    is_extension = node.get("type") == "Extension"
    for each, where in children(node, "context", place):
        expression = text(each, "expression")
        if not is_extension:
            if not _has_json_name(node):
                found = shown(expression or "—")
                context.add("FHIR-STRUCTUREDEFINITION-CONTEXT", where, found=found, expected="type = Extension")
        elif each.get("type") == "element" and expression and not extensions(each, _VERSIONS):
            root = expression.partition(".")[0]
            plain = root.isalnum() and root not in _LATER
            if plain and position(context.definitions, expression) is None:
                found = shown(expression)
                context.add("FHIR-STRUCTUREDEFINITION-CONTEXT", where, found=found, expected="FHIR R4")


def _has_json_name(node: Json) -> bool:
    roots = (objects(child(node, view), "element")[:1] for view in ("snapshot", "differential"))
    return any(text(each, "url") in _JSON_NAME for root in roots for one in root for each in objects(one, "extension"))


def _extension_url(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-URL: an extension fixes Extension.url to its own canonical."""
    url = text(node, "url")
    if node.get("type") != "Extension" or node.get("baseDefinition") != EXTENSION + "Extension" or not url:
        return
    fixed = [text(each, "fixedUri") for each in objects(child(node, "differential"), "element")
             if each.get("path") == "Extension.url"]  # fmt: skip
    if not fixed or fixed[0] != url:
        found = shown(fixed[0] if fixed and fixed[0] else "—")
        context.add("FHIR-STRUCTUREDEFINITION-URL", place, found=found, expected=url)


# -- the differential --------------------------------------------------------------------------------------------------


def _order(node: Json, place: str, context: Context) -> None:
    """FHIR-STRUCTUREDEFINITION-ELEMENT, -ORDER: a constrained element exists, and stands in the order of its type."""
    if node.get("derivation") != "constraint" or text(node, "type") not in context.definitions.structures:
        return
    previous: tuple[int, ...] = ()
    for each in objects(child(node, "differential"), "element"):
        path = text(each, "path")
        if not path or path.partition(".")[0] != node["type"]:
            continue
        found = position(context.definitions, path)
        if found is None:
            context.add(
                "FHIR-STRUCTUREDEFINITION-ELEMENT", place, element=path, found=shown(path), expected=node["type"]
            )
        elif _before(found, previous):
            context.add("FHIR-STRUCTUREDEFINITION-ORDER", place, element=path, found=shown(path))
        else:
            previous = found


def _before(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether a path stands before another; one above it does not: a next slice begins again at the top."""
    for here, there in zip(one, other, strict=False):
        if here != there:
            return here < there
    return False


# -- constraints -------------------------------------------------------------------------------------------------------


def _invariants(node: Json, each: Json, place: str, keys: dict[str, str], context: Context, *, snapshot: bool) -> None:
    """FHIR-STRUCTUREDEFINITION-CONSTRAINT: one key, one expression; a differential adds constraints of its own only."""
    url, version = text(node, "url"), text(node, "version")
    own = url.removeprefix(EXTENSION) in context.definitions.structures
    for constraint, where in children(each, "constraint", place):
        key, expression, source = text(constraint, "key"), text(constraint, "expression"), text(constraint, "source")
        if not key or not expression:
            continue
        known = _expressions(context.definitions).get(key, frozenset())
        if not snapshot and source and url and source not in (url, f"{url}|{version}"):
            context.add("FHIR-STRUCTUREDEFINITION-CONSTRAINT-SOURCE", where, found=shown(source), expected=url, key=key)
            continue
        if snapshot and source in ("", url):
            _compiled(key, expression, where, context)
        reused = not snapshot and not own and known and expression not in known
        if key != "ele-1" and (reused or keys.setdefault(key, expression) != expression):
            context.add("FHIR-STRUCTUREDEFINITION-CONSTRAINT", where, found=shown(expression), key=key)


def _compiled(key: str, expression: str, place: str, context: Context) -> None:
    problem = unreadable(expression, context)
    if problem is not None:
        found = shown(expression)
        context.add("FHIR-STRUCTUREDEFINITION-CONSTRAINT-EXPRESSION", place, found=found, key=key, position=problem)


@cache
def _expressions(definitions: Definitions) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for invariant in definitions.invariants:
        found[invariant.key].add(invariant.expression)
    return {key: frozenset(expressions) for key, expressions in found.items()}
