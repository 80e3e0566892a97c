"""What every definitional resource keeps: its canonical is absolute.

Source: FHIR R4, https://hl7.org/fhir/R4/references.html#canonical and metadataresource.html.
"""

from __future__ import annotations

from typing import Final

from validators.fhir.context import Context, Json, shown
from validators.fhir.resources.nodes import is_absolute

DEFINITIONAL: Final = frozenset({
    "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition",
    "ConceptMap", "EffectEvidenceSynthesis", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
    "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition", "NamingSystem",
    "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition", "ResearchElementDefinition",
    "RiskEvidenceSynthesis", "SearchParameter", "StructureDefinition", "StructureMap", "TerminologyCapabilities",
    "TestScript", "ValueSet",
})  # fmt: skip
"""Resources of R4 that others name by canonical."""


def canonical_url(node: Json, place: str, context: Context) -> None:
    """FHIR-CANONICAL-URL: `url` has a scheme, so that the resource can be named from anywhere."""
    url = node.get("url")
    if type(url) is str and not is_absolute(url):
        context.add("FHIR-CANONICAL-URL", f"{place}.url", found=shown(url))
