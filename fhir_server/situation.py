"""The programme situation of an establishment: figures of the window from the database, rules from `indicators`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from fhir_server.figures import figures
from fhir_server.ids import PARIS
from fhir_server.programmes.parameters import given_by, in_force
from fhir_server.programmes.views import declared_in
from fhir_server.store import organizations, references
from fhir_server.store.database import open_engine
from indicators.facts import Declared
from indicators.measures import Figure
from indicators.programmes.parameters import ParameterSet
from indicators.programmes.sun_es_volet1 import Situation, UsageWindow, situation, usage_window
from indicators.programmes.sun_es_volet1.calendar import WINDOW_IDS
from indicators.programmes.sun_es_volet1.grid import ACTIVITY_YEAR, with_forfaits
from indicators.programmes.sun_es_volet1.situation import READS
from indicators.programmes.sun_es_volet1.whatif import Missing, WhatIf, missing_to_target, what_if

PROGRAMME = "sun_es_v1"
"""The programme this page is about."""


def current_window() -> str:
    """The window measured today, else the last one that ended."""
    today = datetime.now(PARIS).date()
    started = [name for name in WINDOW_IDS if usage_window(name).measure.start <= today]
    return started[-1] if started else WINDOW_IDS[0]


def cutoff_of(window: UsageWindow, given: ParameterSet) -> date:
    """The last day a deposit counts for a window: the agency's (CFG-S1-10), else the end of the measure."""
    said = given.find(f"cutoff:{window.id}", window.measure.end)
    found: date = window.measure.end if said is None else said.value
    return found


def situation_of(
    database: str,
    organization: str,
    window_id: str | None,
    parameters: Path | None,
    *,
    domain: str = "documents_sortie",
) -> Situation:
    """Where an establishment stands in SUN-ES volet 1.

    Args:
        database: where the facts are.
        organization: geographic FINESS, one of the database.
        window_id: F1 to F4, or one of the set; default: the one measured now.
        parameters: a parameter set (YAML); without one, the set its region has posted; without that either, what it
            would decide says `parameter_missing:…`.
        domain: which of the three domains.

    Raises:
        LookupError: an unknown window or domain.
        RuleError: a grid of forfaits that does not fit its bounds.
    """
    return _counted(database, organization, window_id, parameters).situation(domain)


def what_if_of(
    database: str,
    organization: str,
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
    found = _counted(database, organization, window_id, parameters)
    missing = missing_to_target(found.situation(domain))
    added = more or next((one.missing for one in missing if one.measure == measure), 0)
    return missing, found.what_if({measure: added} if added else {}, domain)


@dataclass(frozen=True, slots=True)
class _Counted:
    """An establishment's figures and declarations over one window, with the parameters that judge them."""

    organization: str
    window: UsageWindow
    figures: Sequence[Figure]
    declared: Sequence[Declared]
    given: ParameterSet

    def situation(self, domain: str) -> Situation:
        """As it is."""
        cutoff = cutoff_of(self.window, self.given)
        return situation(
            self.organization, self.window.id, self.figures, self.declared, self.given, domain=domain, cutoff=cutoff
        )

    def what_if(self, more: Mapping[str, int], domain: str) -> WhatIf:
        """As it would be with more units counted."""
        cutoff = cutoff_of(self.window, self.given)
        return what_if(
            self.organization, self.window.id, self.figures, self.declared, self.given, more,
            domain=domain, cutoff=cutoff,
        )  # fmt: skip


def _counted(database: str, organization: str, window_id: str | None, parameters: Path | None) -> _Counted:
    engine = open_engine(database, read_only=True)
    try:
        with engine.connect() as connection:
            row = organizations.get(connection, organization)
            given = ParameterSet.read(parameters) if parameters else _stored(connection, row.region)
            given = with_forfaits(given, organization, references.activity(connection, organization, ACTIVITY_YEAR))
            window = usage_window(window_id or current_window(), given)
            span = window.measured(cutoff_of(window, given))
            said = declared_in(connection, row.legal_entity, READS, span)
    finally:
        engine.dispose()
    found = figures(database, span, measures=READS, organization=organization, legal_entity=row.legal_entity)
    return _Counted(organization, window, found, said, given)


def _stored(connection: sa.Connection, region: str) -> ParameterSet:
    return given_by(in_force(connection, region, PROGRAMME))
