"""The functions of FHIRPath and of FHIR, one module a chapter; importing them fills the registry."""

from validators.fhir.fhirpath.functions import (
    boundaries,
    collections,
    conversion,
    existence,
    fhir,
    iteration,
    maths,
    strings,
    tree,
    types,
    utility,
)

__all__ = [
    "boundaries",
    "collections",
    "conversion",
    "existence",
    "fhir",
    "iteration",
    "maths",
    "strings",
    "tree",
    "types",
    "utility",
]
