"""SearchParameter and CapabilityStatement: search parameters have the type of what they stand for.

Source: FHIR R4, https://hl7.org/fhir/R4/searchparameter.html and capabilitystatement.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from validators.fhir.artefact import SearchParameterDef
from validators.fhir.context import Context, Json, shown
from validators.fhir.definitions import Definitions
from validators.fhir.resources.expressions import unreadable
from validators.fhir.resources.nodes import children, objects, text, texts


def search_parameter(node: Json, place: str, context: Context) -> None:
    """FHIR-SEARCHPARAMETER-*: components of a composite, expression, base and type of the parameter it derives from."""
    if node.get("type") == "composite" and len(objects(node, "component")) < 2:
        context.add("FHIR-SEARCHPARAMETER-COMPONENT", place, found=len(objects(node, "component")))
    _expression(node, place, context)
    derived = text(node, "derivedFrom")
    known = _search_parameter(derived, context) if derived else None
    if known is None:
        return
    bases, kind = known
    for base in texts(node, "base"):
        if base not in bases and "Resource" not in bases:
            expected = ", ".join(sorted(bases))
            context.add("FHIR-SEARCHPARAMETER-BASE", place, found=shown(base), expected=expected, profile=derived)
    given = text(node, "type")
    if given and given != kind:
        context.add("FHIR-SEARCHPARAMETER-TYPE", place, found=shown(given), expected=kind, profile=derived)


def _expression(node: Json, place: str, context: Context) -> None:
    """FHIR-SEARCHPARAMETER-EXPRESSION: it is FHIRPath, on elements its only base has."""
    expression, bases = text(node, "expression"), texts(node, "base")
    if not expression:
        return
    base = bases[0] if len(bases) == 1 and bases[0] in context.definitions.resource_types else None
    problem = unreadable(expression, context, base)
    if problem is not None:
        context.add("FHIR-SEARCHPARAMETER-EXPRESSION", f"{place}.expression", found=shown(expression), position=problem)


def capability_statement(node: Json, place: str, context: Context) -> None:
    """FHIR-CAPABILITYSTATEMENT-SEARCH: a search parameter has the type of its definition (searchParam.type)."""
    for rest, in_rest in children(node, "rest", place):
        for resource, in_resource in children(rest, "resource", in_rest):
            for parameter, where in children(resource, "searchParam", in_resource):
                definition, given = text(parameter, "definition"), text(parameter, "type")
                known = _search_parameter(definition, context) if definition else None
                if known is not None and given and given != known[1]:
                    found, expected = shown(given), known[1]
                    context.add(
                        "FHIR-CAPABILITYSTATEMENT-SEARCH", where, found=found, expected=expected, profile=definition
                    )


def _search_parameter(url: str, context: Context) -> tuple[frozenset[str], str] | None:
    """The bases and the type of a search parameter, loaded or of R4."""
    loaded = context.lookup(url)
    if loaded is not None and loaded.get("resourceType") == "SearchParameter":
        return frozenset(texts(loaded, "base")), text(loaded, "type")
    known = _of_r4(context.definitions).get(url.partition("|")[0])
    return (frozenset(known.base), known.type) if known is not None else None


@cache
def _of_r4(definitions: Definitions) -> Mapping[str, SearchParameterDef]:
    return {each.url: each for each in definitions.search_parameters}
