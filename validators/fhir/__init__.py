"""FHIR R4: definitions compiled to a plan, and the walk of a resource over it.

The way through: `parse_json` bytes, `Walker(load_definitions(), default_profiles()).check(resource, report)`, then
`with_lines` when there is something to report.
"""

from __future__ import annotations

from validators.fhir.definitions import Definitions, DefinitionsError
from validators.fhir.definitions import load as load_definitions
from validators.fhir.locate import locate, with_lines
from validators.fhir.parse import parse_json
from validators.fhir.profiles import Profile, ProfileError, ProfileSet, default_profiles
from validators.fhir.walk import Walker, default_walker

__all__ = [
    "Definitions",
    "DefinitionsError",
    "Profile",
    "ProfileError",
    "ProfileSet",
    "Walker",
    "default_profiles",
    "default_walker",
    "load_definitions",
    "locate",
    "parse_json",
    "with_lines",
]
