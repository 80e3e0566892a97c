"""What right means: data only (a FHIR package of our own, and the document kinds)."""
