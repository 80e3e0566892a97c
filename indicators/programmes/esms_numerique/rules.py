"""ESMS numérique, kick-off phase: who is eligible and for how much (ESMS-R02 to R15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.territories import overseas_or_corsica

KINDS = ("acquisition", "conformite")
"""ESMS-R05, R09: a project buys a user record (DUI) or brings one to conformity, never both."""

ADMISSIBILITY_ITEMS = (
    "description",
    "attestation_cahier_des_charges",
    "nombre_utilisateurs",
    "typologie_projet",
    "public",
    "structures",
    "equipe",
    "duree",
    "planning",
    "disponibilite",
    "confidentialite",
)
"""ESMS-R14 (S3 annexe 2 §I)."""

PRIORITY_ITEMS = (
    "motivation",
    "perimetre_fonctionnel",
    "solution_mutualisee",
    "interoperabilite",
    "plateforme_regionale",
)
"""ESMS-R15 (S3 annexe 2 §II): a checklist without weights."""


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


def project_kind(kind: str) -> str:
    """ESMS-R05, R09 (S3 §I.B): the kind of a project. Raises `RuleError` `unknown_kind:<kind>`; both is no kind."""
    if kind not in KINDS:
        raise RuleError(f"unknown_kind:{kind}")
    return kind


def has_priority(public: str, *, funded_by_health_insurance: bool) -> bool:
    """ESMS-R02 (S3 §I.A): ESMS for elderly (PA) or disabled (PH) people, at least partly paid by health insurance.

    A priority, not an exclusion: the whole perimeter of a project is looked at, whoever funds it.
    """
    return public in ("PA", "PH") and funded_by_health_insurance


@dataclass(frozen=True, slots=True)
class Aid:
    """Cents: the aid for the user record over the ESMS it is counted for, and the equipment of the small ones."""

    financed_esms: int
    dui: int
    equipment: int

    @property
    def total(self) -> int:
        """One single funding (S3 §I.B), in cents."""
        return self.dui + self.equipment


def financed_esms(n_esms: int) -> int:
    """ESMS-R06, R07, R11 (S3 §I.B): ESMS an aid is counted for, at most 30 a project."""
    return min(n_esms, int(source_parameters().get("esms_limit")))


def dui_aid(kind: str, n_esms: int) -> int:
    """ESMS-R06, R07 (S3 §I.B): cents, 25 000 € an ESMS for an acquisition, 10 000 € for a conformity; 30 at most."""
    return financed_esms(n_esms) * source_parameters().cents(f"rate:{project_kind(kind)}")


def equipment_aid(n_small: int, *, capped_at_30: bool | None, with_dui: bool = True) -> int:
    """ESMS-R08 (S3 §I.B): cents, 20 000 € a small ESMS, beside a DUI project only.

    Whether the limit of 30 holds here is CFG-ES-02: asked for only where it changes the amount. Raises
    `ParameterMissing`.
    """
    if not with_dui:
        return 0
    limit = int(source_parameters().get("esms_limit"))
    if n_small > limit and capped_at_30 is None:
        raise ParameterMissing("equipment_capped_at_30")
    return (min(n_small, limit) if capped_at_30 else n_small) * source_parameters().cents("equipment_rate")


def aid(kind: str, n_esms: int, n_small: int, *, capped_at_30: bool | None) -> Aid:
    """ESMS-R06 to R08: the single funding of a project, in cents; 20 acquisitions and 12 small ones: 740 000 €."""
    equipment = equipment_aid(n_small, capped_at_30=capped_at_30, with_dui=n_esms > 0)
    return Aid(financed_esms(n_esms), dui_aid(kind, n_esms), equipment)


def small_esms(esms_of_operator: int, threshold: int | None) -> bool:
    """ESMS-R08: whether an ESMS is small; undefined here, so the threshold is CFG-ES-01. Raises `ParameterMissing`."""
    if threshold is None:
        raise ParameterMissing("small_esms")
    return esms_of_operator < threshold


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a cluster (grappe) needs where it is, and whether it has it; `reason` says why when it has not."""

    min_operators: int
    min_esms: int
    eligible: bool
    reason: str | None = None


def cluster(territories: Iterable[str], n_operators: int, n_esms: int) -> Cluster:
    """ESMS-R10 (S3 §I.B.1): at least 3 managing bodies and 15 ESMS; overseas and in Corsica 2 and 8.

    A cluster over both kinds of territory has no rule (CFG-ES-11): refused, with that reason.
    """
    light = {overseas_or_corsica(territory) for territory in territories}
    kind = "overseas_and_corsica" if light == {True} else "mainland"
    least: dict[str, int] = source_parameters().get(f"cluster:{kind}")
    enough = n_operators >= least["operators"] and n_esms >= least["esms"]
    spans = len(light) > 1
    reason = "parameter_missing:cluster_over_both_territories" if spans else None if enough else "CLUSTER_TOO_SMALL"
    return Cluster(least["operators"], least["esms"], enough and not spans, reason)


def acquisition_by_size(esms_of_operator: int, medium_from: int | None) -> bool:
    """ESMS-R11 (S3 §I.B.1): whether an operator acquires without a cluster; sizes are CFG-ES-10. Raises."""
    if medium_from is None:
        raise ParameterMissing("medium_operator_from")
    return esms_of_operator >= medium_from


@dataclass(frozen=True, slots=True)
class Interoperability:
    """What is required of a project, None for nothing, and whether it is met."""

    requirement: str | None
    met: bool


def interoperability(kind: str, medicalised: bool | None, connected: Iterable[str]) -> Interoperability:
    """ESMS-R12 (S3 §I.B.2): a conformity project of a medicalised ESMS connects at least two core services.

    Of other ESMS it is only allowed. Raises `ParameterMissing` while nobody says which are medicalised (CFG-ES-07).
    """
    if project_kind(kind) != "conformite":
        return Interoperability(None, met=True)
    if medicalised is None:
        raise ParameterMissing("medicalised")
    if not medicalised:
        return Interoperability(None, met=True)
    core = source_parameters().texts("core_services")
    needed = int(source_parameters().get("core_services_needed"))
    return Interoperability(
        f"at_least_{needed}_of_{'_'.join(core)}", met=len(set(connected).intersection(core)) >= needed
    )


def market_basis(kind: str, in_national_market: bool | None, *, deployed_in_whole_field: bool) -> str | None:
    """ESMS-R13 (S3 §I.C): on what a purchase stands: the national market, the derogation, or nothing.

    The derogation is for the upgrade of an unlisted solution deployed in all ESMS of a field (PA or PH) of a region.
    Raises `ParameterMissing` while the list of the market is not given (CFG-ES-08).
    """
    if in_national_market is None:
        raise ParameterMissing("national_market")
    if in_national_market:
        return "national_market"
    return "derogation" if project_kind(kind) == "conformite" and deployed_in_whole_field else None


def items_missing(given: Iterable[str]) -> tuple[str, ...]:
    """ESMS-R14 (S3 annexe 2 §I): admissibility items a file lacks, in the order of the text."""
    there = set(given)
    return tuple(item for item in ADMISSIBILITY_ITEMS if item not in there)


def priorities(given: Iterable[str]) -> tuple[str, ...]:
    """ESMS-R15 (S3 annexe 2 §II): priority items a file has, in the order of the text; nothing is weighed."""
    there = set(given)
    return tuple(item for item in PRIORITY_ITEMS if item in there)
