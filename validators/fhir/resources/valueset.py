"""ValueSet: what it includes can be expanded.

Source: FHIR R4, https://hl7.org/fhir/R4/valueset.html#compositions and valueset-filter-operator.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.patterns import compiled
from validators.fhir.primitives import is_datetime
from validators.fhir.resources import ecl
from validators.fhir.resources.nodes import (
    EXTENSION,
    child,
    children,
    extension,
    has_code,
    is_absolute,
    number,
    objects,
    text,
    texts,
)

_PARAMETER: Final = "http://hl7.org/fhir/tools/StructureDefinition/valueset-parameter"
_EXPRESSION: Final = EXTENSION + "cqf-expression"
_SNOMED: Final = "http://snomed.info/sct"
_LOINC: Final = "http://loinc.org"
_LOINC_NAMES: Final = frozenset(
    {"CLASS", "CLASSTYPE", "COMPONENT", "METHOD_TYP", "ORDER_OBS", "PROPERTY", "SCALE_TYP", "STATUS", "SYSTEM"}
    | {"TIME_ASPCT", "ancestor", "answer-list", "category", "child", "parent"}
)
_LOINC_PARTS: Final = frozenset({"=", "exists", "regex", "in", "not-in"})
_LOINC_ROOTS: Final = frozenset({"=", "is-a", "is-not-a"})
"""What LOINC's own properties may be filtered with (https://terminology.hl7.org/LOINC.html)."""
_CONSTANT: Final = re.compile(r"%(?:`([^`]+)`|([A-Za-z_][A-Za-z0-9_\-]*))")
_PREFIX: Final = re.compile(r"^(?:eq|ne|gt|lt|ge|le|sa|eb|ap)")
_STANDARD: Final = frozenset({"context", "resource", "rootResource", "ucum", "sct", "loinc"})
_OF_CODE: Final = frozenset({"=", "in", "is-a", "descendent-of", "is-not-a", "generalizes", "not-in"})
_EVERYWHERE: Final = {
    "inactive": "boolean",
    "notSelectable": "boolean",
    "effectiveDate": "dateTime",
    "deprecationDate": "dateTime",
    "retirementDate": "dateTime",
    "itemWeight": "decimal",
}
"""Properties of every code system, with their types."""


@dataclass(frozen=True, slots=True)
class _Include:
    """The code system of an include: its loaded definition when there is one, and the parameters in force."""

    system: str
    definition: Json
    parameters: frozenset[str]


def value_set(node: Json, place: str, context: Context) -> None:
    """FHIR-VALUESET-*: systems, codes and filters of compose.include and compose.exclude."""
    compose = child(node, "compose")
    parameters = frozenset(
        str(extension(each, "name")) for each in objects(node, "extension") if each.get("url") == _PARAMETER
    )
    for key in ("include", "exclude"):
        for include, where in children(compose, key, f"{place}.compose"):
            _include(include, parameters, where, context)


def _include(node: Json, parameters: frozenset[str], place: str, context: Context) -> None:
    system = text(node, "system")
    if not system:
        return
    url, bar, version = system.partition("|")
    if bar and version:
        context.add(
            "FHIR-VALUESET-VERSION", place, found=shown(system), expected=f"system = {url}, version = {version}"
        )
    if not is_absolute(url):
        context.add("FHIR-VALUESET-SYSTEM", place, found=shown(url))
        return
    loaded = context.lookup(url)
    kind = loaded.get("resourceType") if loaded is not None else None
    if kind == "ValueSet" or (
        loaded is None and "/ValueSet/" in url and context.definitions.value_set(url) is not None
    ):
        context.add("FHIR-VALUESET-NOT-SYSTEM", place, found=shown(url))
        return
    _concepts(node, url, place, context)
    include = _Include(url, loaded if loaded is not None and kind == "CodeSystem" else {}, parameters)
    for filter_, where in children(node, "filter", place):
        _filter(filter_, include, where, context)


def _concepts(node: Json, system: str, place: str, context: Context) -> None:
    if "concept" not in node or "version" in node:
        return
    for concept, where in children(node, "concept", place):
        code = text(concept, "code")
        if code and has_code(context, system, code) is False:
            context.add("FHIR-VALUESET-CODE", where, found=shown(code), expected=system)


# -- filters -----------------------------------------------------------------------------------------------------------


def _filter(node: Json, include: _Include, place: str, context: Context) -> None:
    name, operator, value = text(node, "property"), text(node, "op"), text(node, "value")
    expression = extension(child(node, "_value"), _EXPRESSION)
    operators = _operators(name, include)
    if operators and operator and operator not in operators:
        expected = ", ".join(sorted(operators))
        context.add("FHIR-VALUESET-FILTER-OP", place, element=shown(name), found=shown(operator), expected=expected)
    if expression is not None and not value:
        _expression(expression, include.parameters, f"{place}.value.extension[0].value.ofType(Expression)", context)
    elif value:
        _filter_value(name, operator, value, include, place, context)


def _operators(name: str, include: _Include) -> frozenset[str]:
    """The operators a property allows; nothing when all may be meant."""
    filters = [each for each in objects(include.definition, "filter") if each.get("code") == name]
    listed = {operator for each in filters for operator in texts(each, "operator")}
    if listed:
        return frozenset(listed)
    if include.system == _LOINC:
        return _LOINC_ROOTS if name in ("concept", "code") else _LOINC_PARTS if name in _LOINC_NAMES else frozenset()
    return _OF_CODE | ({"regex"} if name == "code" else set()) if name in ("concept", "code") else frozenset()


def _filter_value(name: str, operator: str, value: str, include: _Include, place: str, context: Context) -> None:
    if include.system == _SNOMED and name in ("constraint", "expression") and operator == "=":
        rest = ecl.unreadable(value) if name == "constraint" else ""
        if rest:
            context.add("FHIR-VALUESET-ECL", place, found=shown(value), rest=shown(rest))
        return
    if operator == "regex":
        _regex(name, value, place, context)
        return
    kind = "boolean" if operator == "exists" else _property_type(name, include)
    for each in value.split(",") if operator in ("in", "not-in") else [value]:
        expected = _unfit(each, kind, context)
        if expected:
            context.add("FHIR-VALUESET-FILTER-VALUE", place, element=shown(name), found=shown(each), expected=expected)


def _regex(name: str, value: str, place: str, context: Context) -> None:
    try:
        compiled(value)
    except FhirPathError:
        expected = "regex (XML Schema)"
        context.add("FHIR-VALUESET-FILTER-VALUE", place, element=shown(name), found=shown(value), expected=expected)


def _property_type(name: str, include: _Include) -> str:
    for each in objects(include.definition, "property"):
        if each.get("code") == name:
            return text(each, "type")
    return _EVERYWHERE.get(name, "")


def _unfit(value: str, kind: str, context: Context) -> str:
    """What a filter value of this type should look like, when it does not."""
    bare = _PREFIX.sub("", value)
    if kind == "boolean" and value not in ("true", "false"):
        return "true | false"
    if kind in ("integer", "decimal") and (number(bare) is None or (kind == "integer" and "." in bare)):
        return kind
    if kind == "dateTime" and not is_datetime(bare):
        return "YYYY-MM-DDThh:mm:ss+zz:zz"
    if kind == "Coding":
        system, hash_, code = value.partition("#")
        return "system#code" if not hash_ or has_code(context, system, code) is False else ""
    return ""


def _expression(value: object, parameters: frozenset[str], place: str, context: Context) -> None:
    """An expression in place of a value: FHIRPath whose constants are parameters of the value set."""
    language, expression = text(value, "language"), text(value, "expression")
    if language != "text/fhirpath":
        context.add("FHIR-VALUESET-FILTER-EXPRESSION", place, found=shown(language or "—"), expected="text/fhirpath")
        return
    for match in _CONSTANT.finditer(expression):
        name = match[1] or match[2]
        if name not in parameters and name not in _STANDARD:
            expected = ", ".join(f"%{each}" for each in sorted(parameters)) or "—"
            context.add("FHIR-VALUESET-FILTER-EXPRESSION", place, found=f"%{name}", expected=expected)
