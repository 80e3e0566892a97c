"""CDA R2 as CI-SIS restricts it: safe parsing, header, level 1 payload, kind."""
