"""FHIR clients that others wrote, against the real server: what they expect of any server holds for this one."""
