"""Rules of the area `fhir`."""

from __future__ import annotations

from validators.report import Rule

RULES: tuple[Rule, ...] = ()
