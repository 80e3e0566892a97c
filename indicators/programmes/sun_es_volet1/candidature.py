"""A candidature to SUN-ES volet 1 and every reason to refuse it, in the fixed order (SUN1-R01 to R16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.sun_es_volet1.calendar import UsageWindow, usage_window
from indicators.programmes.sun_es_volet1.rules import DOMAINS
from indicators.programmes.territories import outside_sun_es

PREREQUISITES = ("SP1", "SP2", "SP3", "SP4", "SP5", "SP6")
"""SP1 identity, SP2 and SP3 security, SP4 feeding the DMP, SP5 MSSanté; the sixth is not named (X-02)."""

COMMON_REASONS = (
    "OUT_OF_TERRITORY",
    "NOT_HEALTH_ESTABLISHMENT",
    "OUTSIDE_CANDIDATURE_PERIOD",
    "DIRECTOR_VALIDATION_MISSING",
    "PREREQ_EVIDENCE_MISSING:n",
    "PREREQ_NOT_REACHED:n",
    "PREREQ_NOT_IN_OSIS",
    "COMMITMENT_MISSING",
    "EDITOR_NOT_IN_RELIMS",
    "GHT_SDSI_MISSING",
    "GHT_CONVERGENCE_INDICATORS_MISSING",
    "GHT_DSI_MISSING",
    "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING",
    "SOLUTION_OUTSIDE_CONVERGENCE",
)
DOMAIN_REASONS = ("NO_INTERNAL_LAB", "NO_INTERNAL_IMAGING", "DOMAIN_ALREADY_FUNDED")
REASONS = (*COMMON_REASONS, *DOMAIN_REASONS)
"""Every reason, in the order they are reported; `CREDITS_EXHAUSTED` (SUN1-R21) is kept apart."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """One Ségur prerequisite as filed. `reached` is None when nobody said anything of it."""

    evidence: bool
    reached: bool | None


@dataclass(frozen=True, slots=True)
class Ght:
    """What a member of a GHT has to justify; each is a statement of the support establishment, verified by the ARS."""

    sdsi: bool
    convergence_indicators: bool
    dsi: bool
    support_director_validation: bool
    solution_in_convergence_or_in_place: bool


@dataclass(frozen=True, slots=True)
class Candidature:
    """One establishment, one window, one or more domains (SUN1-R16). FINESS are legal ones; `deposited` is local."""

    territory: str
    health_establishment: bool
    deposited: date
    window: str | int | UsageWindow
    director_validation: bool
    prerequisites: Mapping[str, Prerequisite]
    prerequisites_in_osis: bool
    commitment: bool
    editors_in_relims: bool
    ght: Ght | None
    domains: tuple[str, ...]
    legal_entity: str
    laboratory_entity: str | None
    imaging_entity: str | None
    domains_paid: frozenset[str] = frozenset()


def in_territory(territory: str) -> bool:
    """SUN1-R01 (S2, mention Outre-mer): everywhere but French Polynesia, New Caledonia, Wallis-et-Futuna."""
    return not outside_sun_es(territory)


def is_health_establishment(status: str) -> bool:
    """SUN1-R02 (S2 §2.3, §3.1, §3.3): public, private, or private non-profit (EBNL)."""
    return status.casefold() in {"public", "privé", "prive", "ebnl"}


def deposited_in_time(deposited: date, window: str | int | UsageWindow) -> bool:
    """SUN1-R15 (S2 §6.1): inside the candidature period of its window, both days included. Raises `LookupError`."""
    found = window if isinstance(window, UsageWindow) else usage_window(window)
    return deposited in found.candidature


def prerequisite_reasons(filed: Mapping[str, Prerequisite]) -> tuple[str, ...]:
    """SUN1-R06 (S2 §5, §6.1): six reached and six evidenced; what was not filed at all lacks its evidence."""
    found = {name: filed.get(name, Prerequisite(evidence=False, reached=None)) for name in PREREQUISITES}
    missing = [f"PREREQ_EVIDENCE_MISSING:{name}" for name, one in found.items() if not one.evidence]
    judged = [name for name, one in found.items() if one.evidence or one.reached is not None]
    return (*missing, *(f"PREREQ_NOT_REACHED:{name}" for name in judged if not found[name].reached))


def ght_reasons(ght: Ght | None) -> tuple[str, ...]:
    """SUN1-R10, R11, R14 (S2 §4.2, §5, §6.1): what a GHT member lacks; nothing for who is in no GHT."""
    if ght is None:
        return ()
    checks = (
        (ght.sdsi, "GHT_SDSI_MISSING"),
        (ght.convergence_indicators, "GHT_CONVERGENCE_INDICATORS_MISSING"),
        (ght.dsi, "GHT_DSI_MISSING"),
        (ght.support_director_validation, "GHT_SUPPORT_DIRECTOR_VALIDATION_MISSING"),
        (ght.solution_in_convergence_or_in_place, "SOLUTION_OUTSIDE_CONVERGENCE"),
    )
    return tuple(reason for holds, reason in checks if not holds)


def solution_allowed(*, in_place_before: bool, in_convergence_plan: bool) -> bool:
    """SUN1-R14 (S2 §4.2): software already in place, or one of the GHT's convergence plan."""
    return in_place_before or in_convergence_plan


def common_reasons(file: Candidature) -> tuple[str, ...]:
    """SUN1-R01 to R15: reasons that hold for every domain of a candidature, all of them, in order."""
    before = (
        (in_territory(file.territory), "OUT_OF_TERRITORY"),
        (file.health_establishment, "NOT_HEALTH_ESTABLISHMENT"),
        (deposited_in_time(file.deposited, file.window), "OUTSIDE_CANDIDATURE_PERIOD"),
        (file.director_validation, "DIRECTOR_VALIDATION_MISSING"),
    )
    after = (
        (file.prerequisites_in_osis, "PREREQ_NOT_IN_OSIS"),
        (file.commitment, "COMMITMENT_MISSING"),
        (file.editors_in_relims, "EDITOR_NOT_IN_RELIMS"),
    )
    return (
        *(reason for holds, reason in before if not holds),
        *prerequisite_reasons(file.prerequisites),
        *(reason for holds, reason in after if not holds),
        *ght_reasons(file.ght),
    )


def internal_producer(legal_entity: str, producer_entity: str | None) -> bool:
    """SUN1-R05 (S2 §5): the laboratory or imaging platform has the establishment's own legal FINESS."""
    return producer_entity is not None and producer_entity == legal_entity


def already_funded(domain: str, paid: frozenset[str]) -> bool:
    """SUN1-R13 (S2 §5, end): usage is paid once per domain over the whole programme."""
    return domain in paid


def retry_reasons(domain: str, missed: frozenset[str], allowed: bool | None) -> tuple[str, ...]:
    """SUN1-R13 (X-20): whether a domain missed before may be tried again; nothing for one that was not.

    The text does not say (CFG-S1-09). Raises `ParameterMissing`.
    """
    if domain not in missed:
        return ()
    if allowed is None:
        raise ParameterMissing("retry_allowed")
    return () if allowed else ("RETRY_NOT_ALLOWED",)


_DOMAIN_CHECKS: dict[str, Callable[[Candidature], tuple[bool, str]]] = {
    "biologie": lambda f: (internal_producer(f.legal_entity, f.laboratory_entity), "NO_INTERNAL_LAB"),
    "imagerie": lambda f: (internal_producer(f.legal_entity, f.imaging_entity), "NO_INTERNAL_IMAGING"),
}


def domain_reasons(file: Candidature, domain: str) -> tuple[str, ...]:
    """SUN1-R05, R13: reasons of one domain; another domain of the same candidature is not touched by them.

    Raises `RuleError` `unknown_domain:<domain>`.
    """
    if domain not in DOMAINS:
        raise RuleError(f"unknown_domain:{domain}")
    check = _DOMAIN_CHECKS.get(domain)
    internal, reason = check(file) if check else (True, "")
    funded = ("DOMAIN_ALREADY_FUNDED",) if already_funded(domain, file.domains_paid) else ()
    return funded if internal else (reason, *funded)


def refusal_reasons(file: Candidature) -> dict[str, tuple[str, ...]]:
    """SUN1-R01 to R16: by domain, every reason to refuse it, common ones first; no reason is admissible."""
    common = common_reasons(file)
    return {domain: (*common, *domain_reasons(file, domain)) for domain in file.domains}
