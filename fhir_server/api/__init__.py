"""The JSON API beside FHIR: submissions, evidence, programme situations."""
