"""The programme situation of an establishment: figures of the window from the database, rules from `indicators`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from fhir_server.figures import figures
from fhir_server.ids import PARIS
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1 import Situation, situation, usage_window
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS


def current_window() -> str:
    """The window measured today, else the last one that ended."""
    today = datetime.now(PARIS).date()
    started = [name for name in WINDOW_IDS if usage_window(name).measure.start <= today]
    return started[-1] if started else WINDOW_IDS[0]


def situation_of(
    database: str, organization: str, legal_entity: str, window_id: str | None, parameters: Path | None
) -> Situation:
    """Where an establishment stands in SUN-ES volet 1.

    Args:
        database: where the facts are.
        organization: geographic FINESS.
        legal_entity: its legal FINESS.
        window_id: F1 to F4; default: the one measured now.
        parameters: a parameter set (YAML); without one, what it would decide says `parameter_missing:…`.

    Raises:
        LookupError: an unknown window.
    """
    given = ParameterSet.read(parameters) if parameters else ParameterSet("none")
    window = usage_window(window_id or current_window(), given)
    counted = figures(database, window.measured(), organization=organization, legal_entity=legal_entity)
    return situation(organization, window.id, counted, [], given)
