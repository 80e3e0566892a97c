"""The programme situation of an establishment: figures of the window from the database, rules from `indicators`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fhir_server.figures import figures
from fhir_server.ids import PARIS
from indicators.measures import Figure
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1 import Situation, UsageWindow, situation, usage_window
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS
from indicators.programmes.sun_es_volet1.situation import READS
from indicators.programmes.sun_es_volet1.whatif import Missing, WhatIf, missing_to_target, what_if


def current_window() -> str:
    """The window measured today, else the last one that ended."""
    today = datetime.now(PARIS).date()
    started = [name for name in WINDOW_IDS if usage_window(name).measure.start <= today]
    return started[-1] if started else WINDOW_IDS[0]


def situation_of(
    database: str,
    organization: str,
    legal_entity: str,
    window_id: str | None,
    parameters: Path | None,
    *,
    domain: str = "documents_sortie",
) -> Situation:
    """Where an establishment stands in SUN-ES volet 1.

    Args:
        database: where the facts are.
        organization: geographic FINESS.
        legal_entity: its legal FINESS.
        window_id: F1 to F4; default: the one measured now.
        parameters: a parameter set (YAML); without one, what it would decide says `parameter_missing:…`.
        domain: which of the three domains.

    Raises:
        LookupError: an unknown window or domain.
    """
    window, given, counted = _counted(database, organization, legal_entity, window_id, parameters)
    return situation(organization, window.id, counted, [], given, domain=domain)


def what_if_of(
    database: str,
    organization: str,
    legal_entity: str,
    window_id: str | None,
    parameters: Path | None,
    *,
    measure: str,
    more: int,
    domain: str = "documents_sortie",
) -> tuple[tuple[Missing, ...], WhatIf]:
    """What is missing to the targets, and the situation with more units of one measure (default: those missing).

    Args and errors as `situation_of`; also `RuleError` when the measure has no figure or no room for them.
    """
    window, given, counted = _counted(database, organization, legal_entity, window_id, parameters)
    missing = missing_to_target(situation(organization, window.id, counted, [], given, domain=domain))
    added = more or next((one.missing for one in missing if one.measure == measure), 0)
    wanted = {measure: added} if added else {}
    return missing, what_if(organization, window.id, counted, [], given, wanted, domain=domain)


def _counted(
    database: str, organization: str, legal_entity: str, window_id: str | None, parameters: Path | None
) -> tuple[UsageWindow, ParameterSet, Sequence[Figure]]:
    given = ParameterSet.read(parameters) if parameters else ParameterSet("none")
    window = usage_window(window_id or current_window(), given)
    found = figures(database, window.measured(), measures=READS, organization=organization, legal_entity=legal_entity)
    return window, given, found
