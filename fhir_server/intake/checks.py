"""What every door checks by: the mode, the limits and the value sets of this server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from fhir_server.guides import Guides
from fhir_server.settings import Settings
from fhir_server.soap.trust import load_trust
from fhir_server.soap.vihf import VihfTerms
from validators.cda import CdaResult, check_cda
from validators.fhir import Walker
from validators.mhd import CheckCda, pdsm_walker
from validators.pdsm import Pdsm
from validators.report import Mode
from validators.terminology import ValueSets


@dataclass(frozen=True, slots=True)
class Checks:
    """The same for every submission of a process.

    `value_sets` None: only the few lists of ours. `guides` None: R4 and our own profiles alone.
    """

    mode: Mode = Mode.SANDBOX
    max_entries: int = 1000
    value_sets: ValueSets | None = None
    vihf: VihfTerms = field(default_factory=VihfTerms)
    pdsm: Pdsm = Pdsm.RELEASED
    guides: Guides | None = None

    @property
    def walker(self) -> Walker:
        """What checks the FHIR resources that are received: over the guides when there are some."""
        return self.guides.walker if self.guides is not None else pdsm_walker(self.pdsm)

    def cda(self, data: bytes, now: datetime) -> CdaResult:
        """Check a CDA document."""
        return check_cda(data, mode=self.mode, now=now, value_sets=self.value_sets)

    def bound(self, now: datetime) -> CheckCda:
        """The check of a CDA at a given moment."""
        return partial(self.cda, now=now)


def checks_of(settings: Settings) -> Checks:
    """The checks a server's settings ask for; value sets and certificates are read once, before the fork.

    Raises:
        TrustError: `vihf_trust` names no readable certificate.
    """
    lists = ValueSets.load(settings.value_sets) if settings.value_sets is not None else None
    trust = load_trust(settings.vihf_trust) if settings.vihf_trust is not None else None
    return Checks(settings.mode, settings.max_entries, lists, VihfTerms(trust, settings.vihf_audience), settings.pdsm)
