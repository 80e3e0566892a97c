"""FHIRPath N1 for FHIR R4: expressions compiled to closures over plain JSON trees.

Knows the definitions; neither files nor network, which the host brings in by `Environment`.
"""

from validators.fhir.fhirpath.environment import Environment
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.expression import Expression, compile_expression

__all__ = ["Environment", "Expression", "FhirPathError", "compile_expression"]
