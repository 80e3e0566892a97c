"""One ElementDefinition of a StructureDefinition: what it says fits the types it allows.

Source: FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html#interpretation.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import EXTENSION, choice, extension, fhir_type, objects, text
from validators.fhir.resources.paths import element_at

_FHIR_TYPE: Final = EXTENSION + "structuredefinition-fhir-type"
_BOUND: Final = frozenset({
    "string", "uri", "code", "oid", "url", "uuid", "Age", "CodeableConcept", "Coding", "Distance", "Duration",
    "Quantity", "Range", "Extension", "MoneyQuantity", "SimpleQuantity",
})  # fmt: skip
_LENGTH: Final = frozenset({
    "integer", "decimal", "instant", "string", "uri", "date", "dateTime", "time", "canonical", "code", "id",
    "markdown", "oid", "positiveInt", "unsignedInt", "url", "uuid",
})  # fmt: skip
_RANGE: Final = frozenset({
    "integer", "decimal", "instant", "date", "dateTime", "time", "positiveInt", "unsignedInt", "Age", "Count",
    "Distance", "Duration", "Money", "Quantity", "MoneyQuantity", "SimpleQuantity",
})  # fmt: skip
_TARGET: Final = frozenset({"Reference", "canonical", "CodeableReference"})
_NEEDS: Final = (("binding", _BOUND), ("maxLength", _LENGTH), ("minValue", _RANGE), ("maxValue", _RANGE))
_AT_ROOT: Final = ("sliceName", "slicing", "requirements")
_ROOT_CHOICES: Final = ("defaultValue", "fixed", "pattern", "minValue", "maxValue")


def element(definition: Json, node: Json, place: str, context: Context, *, snapshot: bool) -> None:
    """FHIR-STRUCTUREDEFINITION-PATH, -SLICING, -FACET, -VALUE and -ROOT for one element."""
    path = text(node, "path")
    if not path:
        return
    name = text(definition, "type").rpartition("/")[2]
    if name and path != name and not path.startswith(name + "."):
        context.add("FHIR-STRUCTUREDEFINITION-PATH", place, found=shown(path), expected=f"{name}.…")
    _slicing(node, path, place, context, snapshot=snapshot)
    types = type_codes(node) if "." in path else [path]
    known = [each for each in types if each in context.definitions.structures]
    _facets(node, types, known, place, context)
    constrained = not snapshot and definition.get("derivation") == "constraint"
    if constrained and "meaningWhenMissing" in node and path.rpartition(".")[2] not in ("Extension", "extension"):
        _root(path, "meaningWhenMissing", place, context)
    if snapshot and "." in path and "id" in node:
        _values(node, path, types, place, context)
    elif snapshot and "." not in path:
        for key in _AT_ROOT:
            if key in node:
                _root(path, key, place, context)
        for stem in _ROOT_CHOICES:
            if choice(node, stem)[0]:
                _root(path, f"{stem}[x]", place, context)


def type_codes(node: Json) -> list[str]:
    """The FHIR type codes an element allows; a FHIRPath system type gives way to the type its extension names."""
    codes = [extension(each, _FHIR_TYPE) or text(each, "code") for each in objects(node, "type")]
    return [code for code in codes if type(code) is str and code]


def _root(path: str, key: str, place: str, context: Context) -> None:
    context.add("FHIR-STRUCTUREDEFINITION-ROOT", place, element=key, found=key, path=path)


def _slicing(node: Json, path: str, place: str, context: Context, *, snapshot: bool) -> None:
    if "slicing" not in node:
        return
    if "." not in path:
        if not snapshot:
            _root(path, "slicing", place, context)
        return
    sliced = element_at(context.definitions, path)
    if sliced is not None and sliced.max == 1 and not path.endswith("[x]"):
        context.add("FHIR-STRUCTUREDEFINITION-SLICING", f"{place}.slicing", found=shown(path), expected="max > 1 | [x]")


def _facets(node: Json, types: list[str], known: list[str], place: str, context: Context) -> None:
    """What only some types may have: a binding, a length, a range, targets."""
    if known:
        for key, allowed in _NEEDS:
            present = key in node or (key.endswith("Value") and choice(node, key)[0])
            if present and not allowed.intersection(types):
                _facet(key, types, place, context)
    for each in objects(node, "type"):
        code = text(each, "code")
        if "targetProfile" in each and code in context.definitions.structures and code not in _TARGET:
            _facet("targetProfile", [code], place, context)


def _facet(key: str, types: list[str], place: str, context: Context) -> None:
    context.add("FHIR-STRUCTUREDEFINITION-FACET", place, element=key, found=", ".join(types))


def _values(node: Json, path: str, types: list[str], place: str, context: Context) -> None:
    """In a snapshot: fixed, pattern and default values are of a type the element allows; there is a type at all."""
    if not types:
        if "contentReference" not in node and "type" not in node:
            context.add("FHIR-STRUCTUREDEFINITION-VALUE", place, element="type", found="—", expected=path)
        return
    for stem in ("defaultValue", "fixed", "pattern"):
        key = choice(node, stem)[0]
        found = fhir_type(key)
        if key and found not in types:
            expected = ", ".join(types)
            context.add("FHIR-STRUCTUREDEFINITION-VALUE", place, element=f"{stem}[x]", found=found, expected=expected)
