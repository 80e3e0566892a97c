"""Rare-disease call: two payments, and since September 2019 everything back on a missed target (MR-R01 to R09)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from indicators.money import share
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Version, version_on
from indicators.programmes.parameters import ParameterMissing, ParameterSet
from indicators.programmes.standing import Standing, settle
from indicators.programmes.verdicts import Judged, judge
from indicators.ratio import Ratio

INITIAL, UPDATED = "initial", "updated"
VERSIONS = (Version(INITIAL, date(2017, 11, 23)), Version(UPDATED, date(2019, 9, 6)))
"""Instruction 2017/326 and the note that updates its parts 4 and 6, effective at once."""


@cache
def source_parameters() -> ParameterSet:
    """The values the sources state, read once."""
    return ParameterSet.read(Path(__file__).with_name("parameters.yaml"))


@dataclass(frozen=True, slots=True)
class Account:
    """Cents: what the text grants in two parts, what is to be returned, and what the establishment keeps."""

    amorcage: int
    usage: int
    restitution: int
    net: int


def application_in_time(received: date) -> bool:
    """MR-R02 (S0 §2): applications close on 12 January 2018, that day included."""
    return received <= date.fromisoformat(str(source_parameters().get("closing_day")))


def version_in_force(decided: date) -> str:
    """MR-R09 (S0, immediate application; C-11): `initial` before 6 September 2019, `updated` from that day on."""
    return version_on(VERSIONS, decided).id


def target_day(version: str, parameters: ParameterSet | None = None) -> Standing[date]:
    """MR-R05, MR-R06 (S0 §2): the day by which the targets are reached; indicative until CFG-MR-05 is given.

    The text names a month; its last day is our reading. Raises `RuleError` `unknown_version:<version>`.
    """
    if version not in (INITIAL, UPDATED):
        raise RuleError(f"unknown_version:{version}")
    known = source_parameters() if parameters is None else parameters.over(source_parameters())
    name = f"target_day:{version}"
    found = known.find(name)
    if found is None:
        raise ParameterMissing(name)
    day = date.fromisoformat(str(found.value))
    return settle(day, (name,) if found.mark == "CONV" else ())


def grant() -> int:
    """MR-R03 (S0 §1): cents granted to each selected establishment, 150 000 €."""
    return source_parameters().cents("grant")


def amorcage() -> int:
    """MR-R04 (S0 §1): 60 % of the grant in cents, paid in 2018: 90 000 €."""
    return share(grant(), source_parameters().fraction("amorcage_share"))


def reached_in_time(reached: date | None, limit: date) -> bool:
    """MR-R05, MR-R06: reached by the day, that day included; never reached is not."""
    return reached is not None and reached <= limit


def usage_initial(reached: date | None, limit: date) -> int:
    """MR-R05 (S0 §1.1): the other 40 % in cents, only when the targets are reached in time."""
    return grant() - amorcage() if reached_in_time(reached, limit) else 0


def usage_updated() -> int:
    """MR-R06 (S0 §1.2): the other 40 % in cents, without condition, in the last circular of 2019."""
    return grant() - amorcage()


def restitution(perceived: int, reached: date | None, limit: date, as_of: date) -> int:
    """MR-R07 (S0 §1.2): everything perceived, in cents, once the day is over with the targets missed; else nothing."""
    return perceived if as_of > limit and not reached_in_time(reached, limit) else 0


def account(version: str, *, selected: bool, reached: date | None, as_of: date, perceived: int, limit: date) -> Account:
    """MR-R03 to R07: where the money of one establishment stands on a day, in cents.

    Reached on 2020-10-01 under the updated text: 90 000 + 60 000, all returned, net 0. Raises `RuleError`.
    """
    if version not in (INITIAL, UPDATED):
        raise RuleError(f"unknown_version:{version}")
    if not selected:
        return Account(0, 0, 0, 0)
    if version == INITIAL:
        usage = usage_initial(reached, limit)
        return Account(amorcage(), usage, 0, amorcage() + usage)
    back = restitution(perceived, reached, limit, as_of)
    return Account(amorcage(), usage_updated(), back, perceived - back)


def carries_sdm_mr(type_code: str, format_code: str | None, templates: Iterable[str]) -> bool:
    """MR-R01 (S0 body): an SDM-MR by its template or its format code; the generic type code alone proves nothing."""
    known = source_parameters()
    template, code, form = (str(known.get(f"sdm_mr_{name}")) for name in ("template", "type_code", "format_code"))
    return type_code == code and (template in set(templates) or format_code == form)


def transmitted(message: Mapping[str, Any]) -> bool:
    """MR-R01, I-MR-2: a conformant SDM-MR delivered by MSSanté; another channel, another kind or a bounce is none."""
    kind, channel = message.get("doc_type"), message.get("channel")
    return kind == "SDM-MR" and channel == "MSSANTE" and bool(message.get("conformant") and message.get("delivered"))


def patients_transmitted(
    eligible: Iterable[str] | int | None, messages: Iterable[Mapping[str, Any]], target_percent: Fraction | None
) -> Judged:
    """MR-R08, I-MR-2: eligible patients with a transmitted SDM-MR, each once, against the target of annexe 3.

    Without an eligible population the rate is not measurable (CFG-MR-02); a count instead of a list bounds nobody.
    """
    sent = {str(message["patient"]) for message in messages if transmitted(message)}
    if eligible is None or isinstance(eligible, int):
        return judge(Ratio(len(sent), eligible), target_percent)
    listed = {str(patient) for patient in eligible}
    return judge(Ratio(len(sent & listed), len(listed)), target_percent)
