"""Around a candidature: the forfait of its activity, the dates it is decided by, and the lists an ARS hands over.

SUN1-R03, R04, R08, R09, R11, R18 to R20, R28, R30.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from indicators.money import plain_euros
from indicators.programmes.errors import RuleError
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.sun_es_volet1.calendar import UsageWindow
from indicators.programmes.sun_es_volet1.rules import DOMAINS

LIST_COLUMNS = (
    "finess_geographique",
    "finess_juridique",
    "ght",
    "domaine",
    "fenetre",
    "echeance",
    "statut",
    "montant",
    "motifs",
)
"""SUN1-R19: the columns of the list an ARS presents, and no other."""


def kinds_of(domain: str) -> tuple[str, ...]:
    """SUN1-R04 (S2 §3.1, §3.2): document kinds a domain sends to the DMP. Raises `RuleError`."""
    if domain not in DOMAINS:
        raise RuleError(f"unknown_domain:{domain}")
    return DOMAINS[domain]


def tranche(activity: int, bounds: Sequence[int] | None) -> int:
    """SUN1-R03 (S2 §4.3, §5): the rank, from 0, of an establishment's own 2019 combined activity among the bounds.

    A bound opens its tranche: 1 000 between 1 000 and 5 000 is tranche 1. Raises `ParameterMissing` (CFG-S1-05),
    `RuleError` on bounds that do not rise.
    """
    if bounds is None:
        raise ParameterMissing("tranche_bounds")
    if any(after <= before for before, after in pairwise(bounds)):
        raise RuleError("tranche_bounds_not_rising")
    return bisect_right(bounds, activity)


def forfait(activity: int, bounds: Sequence[int] | None, amounts: Sequence[int] | None) -> int:
    """SUN1-R03, R23: cents of the standard forfait of an activity, one amount a tranche. Raises as `tranche`."""
    rank = tranche(activity, bounds)
    if amounts is None:
        raise ParameterMissing("forfait")
    if rank >= len(amounts):
        raise RuleError(f"no_amount_for_tranche:{rank}")
    return amounts[rank]


def entry_in_time(entered: date, window: UsageWindow, deadline: date | None) -> bool:
    """SUN1-R08 (S2 §5): usage entered in oSIS after the measure and by the last day. Raises `ParameterMissing`."""
    if deadline is None:
        raise ParameterMissing("entry_deadline")
    return window.measure.end < entered <= deadline


def editors_outside_relims(editors: Iterable[str], relims: Iterable[str]) -> tuple[str, ...]:
    """SUN1-R09 (S2 §5): editors of the project's applications that RELIMS does not list, in order."""
    listed = {name.strip().casefold() for name in relims}
    return tuple(name for name in editors if name.strip().casefold() not in listed)


def validations_needed(*, in_ght: bool) -> tuple[str, ...]:
    """SUN1-R11 (S2 §6.1): who signs a candidature; two directors for a public establishment of a GHT."""
    return ("directeur", "directeur_support") if in_ght else ("directeur",)


def decided_in_time(decided: date, window: UsageWindow) -> bool:
    """SUN1-R18, R20 (S2 §6.1): decided and notified by the last day of the instruction, that day included."""
    return decided <= window.instruction.end


def document_counts(ins_level: str, required: str) -> bool:
    """SUN1-R28 (S2 §3.1, §3.2): whether a document carries the identity the target asks for (CFG-S1-13).

    Raises `RuleError` `unknown_ins_level:<level>` on another requirement than present or qualified.
    """
    wanted = {"qualified": {"qualified"}, "present": {"qualified", "present"}}
    if required not in wanted:
        raise RuleError(f"unknown_ins_level:{required}")
    return ins_level in wanted[required]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an ARS decided of one domain of one candidature; `amount` is in cents, reasons are those of a refusal."""

    site: str
    legal_entity: str
    ght: str | None
    domain: str
    window: UsageWindow
    amount: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """No reason to refuse it."""
        return not self.reasons


def list_row(decision: Decision) -> dict[str, str]:
    """SUN1-R19, R20 (S2 §6.1): one row of the list to DNS and DGOS; the amount when validated, the reasons when not.

    Raises `RuleError` `amount_missing` on a validated row without an amount.
    """
    if decision.accepted and decision.amount is None:
        raise RuleError("amount_missing")
    amount = plain_euros(decision.amount) if decision.accepted and decision.amount is not None else ""
    values = (
        decision.site,
        decision.legal_entity,
        decision.ght or "",
        decision.domain,
        decision.window.id,
        decision.window.measure.end.isoformat(),
        "validée" if decision.accepted else "non validée",
        amount,
        " ".join(decision.reasons),
    )
    return dict(zip(LIST_COLUMNS, values, strict=True))


def candidature_list(decisions: Iterable[Decision]) -> list[dict[str, str]]:
    """SUN1-R19: every row of a window, sorted by geographic then legal FINESS and domain."""
    return [list_row(one) for one in sorted(decisions, key=lambda d: (d.site, d.legal_entity, d.domain))]


def follow_up(decisions: Iterable[Decision], states: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """SUN1-R30 (S2 §7.1, §7.2): files by domain and state, and cents committed; `states` by geographic FINESS."""
    found: dict[str, Counter[str]] = {domain: Counter() for domain in DOMAINS}
    for one in decisions:
        cell = found[one.domain]
        cell[states.get(one.site, "ACCEPTED" if one.accepted else "REFUSED")] += 1
        cell["committed_cents"] += one.amount or 0 if one.accepted else 0
    return {domain: dict(sorted(cell.items())) for domain, cell in found.items()}
