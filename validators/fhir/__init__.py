"""FHIR R4: definitions compiled to a plan, and the walk of a resource over it."""
