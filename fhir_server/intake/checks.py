"""What every door checks by: the mode, the limits and the value sets of this server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from fhir_server.settings import Settings
from validators.cda import CdaResult, check_cda
from validators.mhd import CheckCda
from validators.report import Mode
from validators.terminology import ValueSets


@dataclass(frozen=True, slots=True)
class Checks:
    """The same for every submission of a process; `value_sets` None: only the few lists of ours."""

    mode: Mode = Mode.SANDBOX
    max_entries: int = 1000
    value_sets: ValueSets | None = None

    def cda(self, data: bytes, now: datetime) -> CdaResult:
        """Check a CDA document."""
        return check_cda(data, mode=self.mode, now=now, value_sets=self.value_sets)

    def bound(self, now: datetime) -> CheckCda:
        """The check of a CDA at a given moment."""
        return partial(self.cda, now=now)


def checks_of(settings: Settings) -> Checks:
    """The checks a server's settings ask for; the value sets are read once, before the fork."""
    lists = ValueSets.load(settings.value_sets) if settings.value_sets is not None else None
    return Checks(settings.mode, settings.max_entries, lists)
