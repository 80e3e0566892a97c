"""Draws the stays of the last four months and what the demonstration sends for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from testdata._names import SURGEON
from testdata.model import PARIS, Establishment, Patient, PlannedDocument, Stay

MONTHS = 4
ONGOING_SHARE = 0.06

# Out of 100 letters of a discharged stay. The rest (none) is what an indicator is there to show.
LETTERS = (
    ("normal", 66),
    ("late", 8),
    ("without_ins", 7),
    ("completed", 3),
    ("replaced", 6),
    ("refused", 3),
    ("none", 7),
)


def window(today: date) -> tuple[date, date]:
    """First and last day of discharge: four calendar months, this one up to yesterday (nothing from the future)."""
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1), today - timedelta(days=1)


def stays(
    establishments: Sequence[Establishment], patients: Sequence[Patient], seed: int, today: date, count: int
) -> tuple[Stay, ...]:
    """`count` stays for each health establishment, in order of admission."""
    known = _by_site(patients)
    drawn = [
        stay
        for rank, place in enumerate(establishments)
        if place.sector == "health"
        for stay in _site_stays(place, rank, known[place.finess], Random(f"{seed}/stays/{place.finess}"), today, count)
    ]
    return tuple(sorted(drawn, key=lambda stay: (stay.admitted, stay.id)))


def _by_site(patients: Sequence[Patient]) -> Mapping[str, list[Patient]]:
    known: dict[str, list[Patient]] = {}
    for patient in patients:
        for finess in patient.ipps:
            known.setdefault(finess, []).append(patient)
    return known


def _site_stays(
    place: Establishment, rank: int, patients: Sequence[Patient], draw: Random, today: date, count: int
) -> list[Stay]:
    made = []
    for number in range(1, count + 1):
        admitted, discharged = _dates(number, today, draw)
        stay_id = f"{admitted:%y}{rank + 1:02d}{number:06d}"
        made.append(_stay(stay_id, place, draw.choice(patients), (admitted, discharged), today, draw))
    return made


def _dates(number: int, today: date, draw: Random) -> tuple[datetime, datetime | None]:
    """Admission and discharge. The first stay leaves at 23:40 on a month's last day, when it is already the next month
    in La Réunion: only the Paris date puts it in the right month. The others leave by day.
    """
    first, last = window(today)
    if number == 1:
        leaving = datetime.combine(_month_end(first), time(23, 40), PARIS)
    else:
        day = first + timedelta(days=draw.randint(0, max(0, (last - first).days)))
        leaving = datetime.combine(day, time(draw.randint(9, 18), draw.randint(0, 59)), PARIS)
    nights = timedelta(days=draw.choice((1, 1, 2, 2, 3, 4, 5, 7, 9, 14)), minutes=draw.randint(0, 300))
    if number > 1 and draw.random() < ONGOING_SHARE:
        return datetime.combine(today, time(7), PARIS) - nights, None
    return leaving - nights, leaving


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _stay(
    stay_id: str,
    place: Establishment,
    patient: Patient,
    dates: tuple[datetime, datetime | None],
    today: date,
    draw: Random,
) -> Stay:
    operated = draw.random() < 0.3
    excluded = draw.random() < 0.04
    physician = place.professionals[SURGEON] if operated else draw.choice(place.professionals)
    plan = () if dates[1] is None or excluded else _plan(dates[1], operated, today, draw)
    return Stay(stay_id, place, patient, physician, *dates, operated, excluded, plan)


def _plan(discharged: datetime, operated: bool, today: date, draw: Random) -> tuple[PlannedDocument, ...]:
    """What is sent for this stay; what would be sent today or later is left out, so this month is partly empty."""
    planned = _letter(discharged, draw)
    if draw.random() < 0.55:
        planned.append(_document("ORD", discharged, draw))
    if operated and draw.random() < 0.8:
        planned.append(_document("CRO", discharged, draw))
    planned += [_document(kind, discharged, draw) for kind in ("BIO", "IMG") if draw.random() < 0.25]
    start = datetime.combine(today, time(), PARIS)
    return tuple(sorted((each for each in planned if each.when < start), key=lambda each: (each.when, each.kind)))


def _letter(discharged: datetime, draw: Random) -> list[PlannedDocument]:
    variant = draw.choices([name for name, _ in LETTERS], [share for _, share in LETTERS])[0]
    sent = discharged + timedelta(minutes=draw.randint(5, 600))
    again = sent + timedelta(hours=draw.randint(2, 72))
    match variant:
        case "none":
            return []
        case "late":
            return [PlannedDocument("LDL", discharged + timedelta(days=draw.randint(35, 60)), "late")]
        case "completed":
            # Sent before the identity was qualified, then sent again with the INS: only the second one counts.
            return [PlannedDocument("LDL", sent, "without_ins"), PlannedDocument("LDL", again, "replacing", 2)]
        case "replaced":
            return [PlannedDocument("LDL", sent, "replaced"), PlannedDocument("LDL", again, "replacing", 2)]
        case _:
            return [PlannedDocument("LDL", sent, variant)]


def _document(kind: str, discharged: datetime, draw: Random) -> PlannedDocument:
    variant = "without_ins" if draw.random() < 0.1 else "normal"
    return PlannedDocument(kind, discharged + timedelta(minutes=draw.randint(1, 300)), variant)
