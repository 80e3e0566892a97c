"""ESMS numérique, kick-off phase: credits, shares between ARS, instalments, usage part (ESMS-R04, R16 to R23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from indicators.money import largest_remainder, share
from indicators.programmes.errors import RuleError
from indicators.programmes.esms_numerique.rules import source_parameters
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.standing import Standing, settle
from indicators.ratio import half_up

METIER, SOCLE = "metier", "socle"


def ars_shares(amount: int, esms_by_ars: Mapping[str, int]) -> dict[str, int]:
    """ESMS-R04 (S3 §I, C-08): cents each ARS pays, pro rata of all the project's ESMS of its region.

    100 000 € over three equal regions: 33 333.34 to the smallest key. Raises `RuleError` `no_esms`.
    """
    if not sum(esms_by_ars.values()):
        raise RuleError("no_esms")
    return largest_remainder(amount, esms_by_ars)


def regional_split(total: int, floor: int, esms_by_region: Mapping[str, int]) -> dict[str, int]:
    """ESMS-R16 (S3 §III.A.1, C-08): credits in whole units pro rata of ESMS, each region at least at the floor.

    Regions below the floor are lifted to it and the rest is shared again, until none is below. Raises `RuleError`
    `total_below_floors`, `no_esms`.
    """
    if total < floor * len(esms_by_region):
        raise RuleError("total_below_floors")
    lifted: set[str] = set()
    while True:
        rest, left = total - floor * len(lifted), {k: n for k, n in esms_by_region.items() if k not in lifted}
        weight = sum(left.values())
        if not weight:
            return _all_lifted(total, floor, esms_by_region)
        below = {region for region, n in left.items() if Fraction(rest * n, weight) < floor}
        if not below:
            return dict(sorted({**dict.fromkeys(lifted, floor), **largest_remainder(rest, left)}.items()))
        lifted |= below


def _all_lifted(total: int, floor: int, regions: Mapping[str, int]) -> dict[str, int]:
    """Every region on its floor: fine when that is the total, else there is nobody to give the rest to."""
    if total != floor * len(regions):
        raise RuleError("no_esms")
    return dict.fromkeys(sorted(regions), floor)


@dataclass(frozen=True, slots=True)
class CreditTable:
    """Cents of the regional table: support to projects, steering, and the two deliveries of the first."""

    regions: int
    project_support: int
    steering: int
    first_delivery: int

    @property
    def total(self) -> int:
        """Everything delegated."""
        return self.project_support + self.steering

    @property
    def second_delivery(self) -> int:
        """The rest of the project support (C-05)."""
        return self.project_support - self.first_delivery


def credit_table(project_support: Mapping[str, int], ars: int, grades: int) -> CreditTable:
    """ESMS-R17 (S3 §II.A, §III.A.2, annexe 1): totals in cents; 40 % in February, the rest in December."""
    support = sum(project_support.values())
    first = share(support, source_parameters().fraction("first_delivery_share"))
    return CreditTable(len(project_support), support, len(project_support) * (ars + grades), first)


def published_table() -> CreditTable:
    """ESMS-R01, R17 (S3 annexe 1): the table as published, 24 240 000 € + 5 760 000 € = 30 000 000 €."""
    known = source_parameters()
    support = {region: int(euros) * 100 for region, euros in known.get("project_support").items()}
    return credit_table(support, known.cents("steering:ars"), known.cents("steering:grades"))


def commitment_limit(*, redeployed: bool, parameters: ParameterSet | None = None) -> Standing[date]:
    """ESMS-R18, R19 (S3 §III.B): last day to commit; 30 June 2021 included by convention, 30 September redeployed."""
    name = "commitment_limit_redeployed" if redeployed else "commitment_limit"
    known = source_parameters() if parameters is None else parameters.over(source_parameters())
    found = known.find(name)
    if found is None:
        raise ParameterMissing(name)
    return settle(date.fromisoformat(str(found.value)), ("ESMS-R18:day",) if found.mark == "CONV" else ())


@dataclass(frozen=True, slots=True)
class Schedule:
    """Cents of the three payments; the last one is the most that usage can bring."""

    signature: int
    configuration: int
    usage_max: int


def schedule(total: int) -> Schedule:
    """ESMS-R20 (S3 §III.C, C-05): 40 % at signature, 40 % at the end of configuration, the rest for usage, in cents."""
    first = share(total, source_parameters().fraction("share:signature"))
    second = share(total, source_parameters().fraction("share:configuration"))
    return Schedule(first, second, total - first - second)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One usage criterion: `family` is metier or socle; the expected value is of the agreement, None when not given."""

    id: str
    family: str
    target: Fraction | None
    result: Fraction | None


@dataclass(frozen=True, slots=True)
class UsagePayment:
    """The usage part: exact cents a criterion, by criterion, and the payment rounded once."""

    per_criterion: Fraction
    detail: Mapping[str, Fraction]

    @property
    def payment(self) -> int:
        """Cents paid: the exact sum, rounded half up once."""
        return half_up(sum(self.detail.values(), Fraction(0)))


def usage_payment(usage_part: int, criteria: Sequence[Criterion], blocked: Iterable[str] = ()) -> UsagePayment:
    """ESMS-R21 to R23 (S3 annexe 2): the usage part in cents, equal shares, each paid in proportion to its result.

    A core criterion blocked for a cause outside the project leaves its share to the others; a result above its target
    earns no more than its share. Raises `RuleError` on another set of criteria, `ParameterMissing` on a target nobody
    gave (CFG-ES-03).
    """
    stopped = frozenset(blocked)
    _check_criteria(criteria, stopped)
    paid = [criterion for criterion in criteria if criterion.id not in stopped]
    part = Fraction(usage_part, len(paid))
    return UsagePayment(part, {criterion.id: part * fulfilment(criterion) for criterion in paid})


def _check_criteria(criteria: Sequence[Criterion], blocked: frozenset[str]) -> None:
    """ESMS-R21, R23: three business criteria and two core ones (X-09); only core ones can be blocked."""
    if not blocked <= {criterion.id for criterion in criteria if criterion.family == SOCLE}:
        raise RuleError("only_socle_criteria_can_be_blocked")
    families = Counter(criterion.family for criterion in criteria)
    metier, socle = (int(source_parameters().get(f"criteria:{family}")) for family in (METIER, SOCLE))
    if families != {METIER: metier, SOCLE: socle}:
        raise RuleError(f"need_{metier}_metier_and_{socle}_socle")
    if len({criterion.id for criterion in criteria}) < len(criteria):
        raise RuleError("criterion_twice")


def fulfilment(criterion: Criterion) -> Fraction:
    """ESMS-R22: result over target, at most 1 (CONV); a rate without a population cannot be decided (C-03).

    Raises `ParameterMissing` `target:<id>`, `RuleError` `not_measurable:<id>`.
    """
    if criterion.target is None:
        raise ParameterMissing(f"target:{criterion.id}")
    if criterion.result is None or criterion.target <= 0:
        raise RuleError(f"not_measurable:{criterion.id}")
    return min(Fraction(1), max(Fraction(0), criterion.result / criterion.target))


def payment_credits_left(notified: int, advances: Iterable[int]) -> int:
    """ESMS-R26 (S3 §III.A.2): cents of payment credits an ARS may still ask in advance, within its envelope."""
    return notified - sum(advances)
