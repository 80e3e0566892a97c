"""The same answers worked out naively: loops, decimals and one `if` a condition, sharing no code with the product."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]


def day(text: str) -> date:
    """The local day of an ISO date or of an instant in UTC."""
    if "T" not in text:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(ZoneInfo("Europe/Paris")).date()


def cents(amount: Decimal) -> str:
    """Two decimals, half up."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def rate(numerator: int, denominator: int) -> str | None:
    """A percentage with two decimals, half up, by whole numbers."""
    if not denominator:
        return None
    hundredths = (numerator * 10_000 * 2 + denominator) // (2 * denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def reached(numerator: int, denominator: int, target: Decimal) -> bool:
    """At least the target, by cross multiplication."""
    return Decimal(numerator) * 100 >= target * denominator


def good(document: Row) -> bool:
    """Accepted in the DMP with a qualified identity."""
    return document["status"] == "accepted" and document["dest"] == "DMP" and document["ins_status"] == "qualified"


def stay_rate(
    site: str, start: date, end: date, cutoff: date, stays: list[Row], documents: list[Row]
) -> tuple[int, int]:
    """Stays discharged in the period with a letter, over those stays."""
    population = set()
    for stay in stays:
        if stay["finess_geo"] == site and start <= day(stay["discharged_at"]) <= end and "DECES" not in stay["flags"]:
            population.add(stay["stay_id"])
    with_letter = set()
    for document in documents:
        if document["kind"] != "LDL" or document["finess_geo"] != site or not good(document):
            continue
        if document["stay_id"] in population and day(document["deposited_at"]) <= cutoff:
            with_letter.add(document["stay_id"])
    return len(with_letter), len(population)


def report_rate(entity: str, start: date, end: date, cutoff: date, documents: list[Row]) -> int:
    """Distinct reports of one legal entity."""
    found = set()
    for document in documents:
        if document["kind"] != "CR_BIO" or document["finess_ej"] != entity or not good(document):
            continue
        if start <= day(document["produced_at"]) <= end and day(document["deposited_at"]) <= cutoff:
            found.add(document["report_id"])
    return len(found)


def ins_rate(documents: list[Row]) -> tuple[int, int]:
    """Distinct accepted documents with a qualified identity, over distinct accepted documents."""
    accepted, qualified = set(), set()
    for document in documents:
        if document["status"] == "accepted":
            accepted.add(document["doc_id"])
            if document["ins_status"] == "qualified":
                qualified.add(document["doc_id"])
    return len(qualified), len(accepted)


def messages_sent(start: date, end: date, addresses: list[str], messages: list[Row]) -> int:
    """Distinct messages from the addresses, not bounced, in the period."""
    mine = {address.lower() for address in addresses}
    found = set()
    for message in messages:
        if (
            message["from"].lower() in mine
            and message["state"] != "bounced"
            and start <= day(message["sent_at"]) <= end
        ):
            found.add(message["message_id"])
    return len(found)


def payments(
    amount: Decimal, claimed: bool, timing: str, accepted: bool, on_target: bool, cro: bool
) -> tuple[str, str, str]:
    """Advance, usage payment, total."""
    if not accepted:
        return "0.00", "0.00", "0.00"
    advanced = Decimal(cents(amount * Decimal("1.1")))
    base = advanced if claimed and timing == "prorata" else amount
    advance = Decimal(cents(base * Decimal("0.3")))
    usage = Decimal(0)
    if on_target:
        usage = (advanced if claimed and cro else amount) - advance
    return cents(advance), cents(usage), cents(advance + usage)


def largest_remainder(units: int, weights: dict[str, int]) -> dict[str, int]:
    """One unit at a time to whoever is furthest below its due, ties to the smaller key."""
    whole = sum(weights.values())
    given = {key: units * weight // whole for key, weight in weights.items()}
    left = units - sum(given.values())
    order = sorted(weights, key=lambda key: (-((units * weights[key]) % whole), key))
    for key in order[:left]:
        given[key] += 1
    return given


def regional_split(total: int, floor: int, esms: dict[str, int]) -> dict[str, int]:
    """Lift whoever is below the floor, share the rest again, until nobody is."""
    fixed: dict[str, int] = {}
    while True:
        free = {key: n for key, n in esms.items() if key not in fixed}
        rest = total - floor * len(fixed)
        below = [key for key, n in free.items() if rest * n < floor * sum(free.values())]
        if not below:
            return {**fixed, **(largest_remainder(rest, free) if free else {})}
        fixed |= dict.fromkeys(below, floor)


def usage_payment(part: Decimal, rows: list[Row], blocked: list[str]) -> str:
    """Equal shares in proportion, summed, rounded once."""
    kept = [row for row in rows if row["id"] not in blocked]
    total = Decimal(0)
    for row in kept:
        ratio = min(Decimal(1), Decimal(row["result"]) / Decimal(row["target"]))
        total += part * ratio / len(kept)
    return cents(total.quantize(Decimal("0.0000000001")))


def semester_list(first: str, last: str, received: list[str]) -> list[str]:
    """Half-years from one to another that were not received."""
    found, current = [], date(int(first[:4]), 1 if first.endswith("1") else 7, 1)
    while True:
        name = f"{current.year}-S{1 if current.month == 1 else 2}"
        if name > last:
            return found
        if name not in received:
            found.append(name)
        current = (current + timedelta(days=200)).replace(day=1, month=7 if current.month == 1 else 1)


def three_months_before(evaluated: date) -> tuple[date, date]:
    """The three full calendar months before the month of a day."""
    last = evaluated.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    for _ in range(2):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, last
