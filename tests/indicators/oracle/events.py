"""What happens in a small random country: stays, deposits, messages and declarations, with instants in UTC.

Each country has its own range of FINESS numbers, so that many of them are one fact set. Instants crowd around midnight
in Paris, on both sides of the leap day and of the change of hour.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from indicators.measures import Window

PARIS = ZoneInfo("Europe/Paris")
KINDS = ("LDL", "LDL", "LDL", "ORD", "CRO", "BIO", "BIO", "IMG", "SDM-MR", "FRCP", "TLM-CR", "DUI")
LEVELS = ("absent", "present_without_traits", "present", "qualified", "qualified", "qualified")
AUDIENCES = ("professional", "organization", "application", "citizen")
INDICATORS = (
    "I-SUN1-LDL", "I-SUN1-ORD", "I-SUN1-CRO", "I-SUN1-BIO", "I-SUN1-IMG", "I-SUN1-INS", "I-MR-2", "I-AAP-TR",
    "I-ESMS-E1", "I-ESMS-E2", "I-ESMS-E3", "I-ESMS-E6", "I-ESMS-E7", "I-CC-1", "I-CC-3", "I-CC-2:DMP", "I-CC-2:DCC",
    "I-CC-2:PACS", "I-CC-2:ROR", "I-OTHER",
)  # fmt: skip
_MIDNIGHTS = (date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31), date(2024, 2, 1), date(2024, 4, 1))


@dataclass(frozen=True)
class StayEvent:
    number: int
    site: str
    entity: str
    out: datetime | None
    operated: bool
    excluded: bool
    field: str | None


@dataclass(frozen=True)
class Deposit:
    """One version of a document by one channel."""

    at: datetime
    channel: str
    level: str


@dataclass(frozen=True)
class DocumentEvent:
    name: str
    site: str | None
    entity: str
    kind: str
    stay: int | None
    patient: int | None
    produced: datetime
    deposits: tuple[Deposit, ...]
    deleted: datetime | None
    conformant: bool
    acknowledged: bool


@dataclass(frozen=True)
class MessageEvent:
    """One message; a recipient is an audience and whether it was delivered to."""

    name: str
    site: str | None
    entity: str
    direction: str
    at: datetime
    recipients: tuple[tuple[str, bool], ...]
    sdm_mr: bool
    patient: int | None


@dataclass(frozen=True)
class Declaration:
    site: str
    entity: str
    indicator: str
    start: date
    end: date
    numerator: int | None
    denominator: int | None
    source: str
    received: date


@dataclass
class Land:
    stays: list[StayEvent] = field(default_factory=list)
    documents: list[DocumentEvent] = field(default_factory=list)
    messages: list[MessageEvent] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)

    def __add__(self, other: Land) -> Land:
        return Land(
            self.stays + other.stays,
            self.documents + other.documents,
            self.messages + other.messages,
            self.declarations + other.declarations,
        )


def lands(first: int, count: int, window: Window) -> Land:
    """Some countries as one fact set; their declarations are about the window and its months."""
    whole = Land()
    for index in range(first, first + count):
        whole = whole + land(index, window)
    return whole


def land(index: int, window: Window) -> Land:
    """Three sites of two legal entities; one site in three gets most of what happens."""
    draw = random.Random(index)
    sites = {f"{index:04d}00024": f"{index:04d}00001", f"{index:04d}00032": f"{index:04d}00001"}
    sites[f"{index:04d}00048"] = f"{index:04d}00006"
    return _Teller(draw, index, sites, window).tell()


class _Teller:
    def __init__(self, draw: random.Random, index: int, sites: dict[str, str], window: Window) -> None:
        self.draw, self.index, self.sites, self.window = draw, index, sites, window
        self.told = 0

    def tell(self) -> Land:
        entities = sorted(set(self.sites.values()))
        numbers = [(n, e) for n in range(-3, 7) for e in entities if self.draw.random() < 0.7]
        return Land(
            [self.stay(number, entity) for number, entity in numbers],
            [self.document(place) for place in range(self.draw.randrange(45))],
            [self.message(place) for place in range(self.draw.randrange(25))],
            [told for _ in range(self.draw.randrange(12)) for told in self.declarations()],
        )

    def site(self) -> str:
        names = sorted(self.sites)
        return names[0] if self.draw.random() < 0.6 else self.draw.choice(names)

    def instant(self) -> datetime:
        """Half of the time within an hour of a midnight in Paris."""
        if self.draw.random() < 0.5:
            midnight = datetime.combine(self.draw.choice(_MIDNIGHTS), datetime.min.time(), PARIS)
            return midnight.astimezone(UTC) + timedelta(minutes=self.draw.randrange(-60, 61))
        return datetime(2024, 1, 20, tzinfo=UTC) + timedelta(minutes=self.draw.randrange(80 * 1440))

    def chance(self, odds: float) -> bool:
        return self.draw.random() < odds

    def stay(self, number: int, entity: str) -> StayEvent:
        site = self.draw.choice([one for one, owner in sorted(self.sites.items()) if owner == entity])
        out = self.instant() if self.chance(0.85) else None
        field_ = self.draw.choice(("MCO", "MCO", "SMR", "HAD", "DIALYSE", "PSY", None))
        return StayEvent(number, site, entity, out, self.chance(0.4), self.chance(0.15), field_)

    def document(self, place: int) -> DocumentEvent:
        site = self.site()
        first = self.instant()
        deposits = [self.deposit(first)]
        while self.chance(0.3):
            deposits.append(self.deposit(deposits[-1].at + timedelta(minutes=self.draw.randrange(1, 20 * 1440))))
        gone = deposits[-1].at + timedelta(minutes=self.draw.randrange(1, 20 * 1440))
        return DocumentEvent(
            name=f"{self.index}-{place:03d}",
            site=site if self.chance(0.93) else None,
            entity=self.sites[site],
            kind=self.draw.choice(KINDS),
            stay=self.draw.randrange(-3, 8) if self.chance(0.85) else None,
            patient=self.draw.randrange(1, 6) if self.chance(0.8) else None,
            produced=first - timedelta(minutes=self.draw.randrange(0, 10 * 1440)),
            deposits=tuple(deposits),
            deleted=gone if self.chance(0.15) else None,
            conformant=self.chance(0.9),
            acknowledged=self.chance(0.5),
        )

    def deposit(self, at: datetime) -> Deposit:
        return Deposit(at, "dmp" if self.chance(0.75) else "mssante", self.draw.choice(LEVELS))

    def message(self, place: int) -> MessageEvent:
        site = self.site()
        recipients = [(self.draw.choice(AUDIENCES), self.chance(0.8)) for _ in range(self.draw.randrange(1, 5))]
        return MessageEvent(
            name=f"<{self.index}-{place}@mssante.fr>",
            site=site if self.chance(0.93) else None,
            entity=self.sites[site],
            direction="sent" if self.chance(0.75) else "received",
            at=self.instant(),
            recipients=tuple(recipients),
            sdm_mr=self.chance(0.3),
            patient=self.draw.randrange(1, 5) if self.chance(0.7) else None,
        )

    def declarations(self) -> list[Declaration]:
        """One indicator of one site: the whole period, its months, or a mixture with gaps, overlaps and repeats."""
        site, indicator = self.draw.choice(sorted(self.sites)), self.draw.choice(INDICATORS)
        whole = (self.window.period_start, self.window.period_end)
        months = _months(*whole)
        shapes = [[whole], months, [*months, whole], months[:-1], months[1:]]
        shapes += [[(whole[0], whole[0] + timedelta(9)), (whole[0] + timedelta(8), whole[1])]]
        shapes += [[(whole[0], whole[0] + timedelta(9)), (whole[0] + timedelta(11), whole[1])]]
        shapes += [[(whole[0] - timedelta(1), whole[1])], [(whole[0], whole[1] + timedelta(1))]]
        shapes += [[(whole[0], whole[0] + timedelta(9)), (whole[0] + timedelta(10), whole[1])]]
        found = [self.declaration(site, indicator, *span) for span in self.draw.choice(shapes)]
        found = [one for one in found if one.start <= one.end]
        if found and self.chance(0.3):
            again = self.draw.choice(found)
            found.append(self.declaration(site, indicator, again.start, again.end))
        return found

    def declaration(self, site: str, indicator: str, start: date, end: date) -> Declaration:
        denominator = None if self.chance(0.1) else self.draw.randrange(0, 12)
        numerator = None if self.chance(0.15) else self.draw.randrange(0, 8)
        if indicator.startswith("I-CC-2:"):
            denominator, numerator = denominator and 1, numerator and 1
        self.told += 1  # one source declares a period once
        source = f"{self.draw.choice(('osis', 'pmsi'))}-{self.told}"
        received = date(2024, 5, 1) + timedelta(self.draw.randrange(4))
        return Declaration(site, self.sites[site], indicator, start, end, numerator, denominator, source, received)


def _months(start: date, end: date) -> list[tuple[date, date]]:
    """The months of a period, the first and the last clipped to it."""
    found = []
    while start <= end:
        following = (start.replace(day=1) + timedelta(32)).replace(day=1)
        found.append((start, min(end, following - timedelta(1))))
        start = following
    return found
