"""Rules of single resources and data types that the definitions do not express, each written by hand.

A rule takes the raw node, its place and the context, records what is wrong and never raises: the node may be malformed
anywhere. What the definitions do express (types, cardinality, bindings, invariants) is the walk's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from validators.fhir.context import Context, Json
from validators.fhir.resources.canonical import DEFINITIONAL, canonical_url
from validators.fhir.resources.measure import measure
from validators.fhir.resources.questionnaire import questionnaire
from validators.fhir.resources.report import measure_report
from validators.fhir.resources.response import questionnaire_response
from validators.fhir.resources.search import capability_statement, search_parameter
from validators.fhir.resources.structure import structure_definition
from validators.fhir.resources.terminology import code_system, concept_map
from validators.fhir.resources.types import attachment, coding, identifier, meta, quantity
from validators.fhir.resources.valueset import value_set
from validators.fhir.resources.vitals import implied_profiles

HandWritten = Callable[[Json, str, Context], None]

_OF_ONE_TYPE: dict[str, HandWritten] = {
    "CapabilityStatement": capability_statement,
    "CodeSystem": code_system,
    "ConceptMap": concept_map,
    "Measure": measure,
    "MeasureReport": measure_report,
    "Questionnaire": questionnaire,
    "QuestionnaireResponse": questionnaire_response,
    "SearchParameter": search_parameter,
    "StructureDefinition": structure_definition,
    "ValueSet": value_set,
}


def _both(one: HandWritten, other: HandWritten) -> HandWritten:
    def check(node: Json, place: str, context: Context) -> None:
        one(node, place, context)
        other(node, place, context)

    return check


RULES: Mapping[str, HandWritten] = MappingProxyType({
    **_OF_ONE_TYPE,
    **{
        name: _both(canonical_url, _OF_ONE_TYPE[name]) if name in _OF_ONE_TYPE else canonical_url
        for name in DEFINITIONAL
    },
})  # fmt: skip
"""By resource type: its rules, to be called once for each resource, contained ones too."""

TYPE_RULES: Mapping[str, HandWritten] = MappingProxyType({
    "Age": quantity,
    "Attachment": attachment,
    "Coding": coding,
    "Count": quantity,
    "Distance": quantity,
    "Duration": quantity,
    "Identifier": identifier,
    "Meta": meta,
    "Quantity": quantity,
})  # fmt: skip
"""By data type: its rules, to be called for every value of the type."""

__all__ = ["RULES", "TYPE_RULES", "HandWritten", "implied_profiles"]
