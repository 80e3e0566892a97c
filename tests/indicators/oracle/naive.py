"""A naive count of events: loops and sets, one `if` a rule; no engine, no fact table, no code of the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from indicators.measures import Window
from tests.indicators.oracle.events import Declaration, DocumentEvent, Land, MessageEvent

Key = tuple[str, int | None, str | None]
"""Establishment, month of attribution (null over the period), part."""
Counts = dict[Key, list[int | None]]
_HOUR = timedelta(hours=1)


def paris(instant: datetime) -> date:
    """The local date of 2024: one hour ahead of UTC, two from 31 March 01:00 UTC on."""
    summer = instant >= datetime(2024, 3, 31, 1, tzinfo=UTC)
    return (instant + (2 if summer else 1) * _HOUR).date()


def within(day: date, window: Window) -> bool:
    return window.period_start <= day <= window.period_end


class Counter:
    """Counts one country over one window, over the period or by month."""

    def __init__(self, land: Land, window: Window, by_month: bool) -> None:
        self.land, self.window, self.by_month = land, window, by_month

    def month(self, day: date) -> int | None:
        return day.year * 100 + day.month if self.by_month else None

    # -- documents ---------------------------------------------------------------------------------------------

    def deposited(self, one: DocumentEvent) -> date:
        last = one.deposits[-1].level
        return min(paris(deposit.at) for deposit in one.deposits if deposit.level == last)

    def alive(self, one: DocumentEvent) -> bool:
        """Known site, in time, still there at the cut-off."""
        if one.site is None or self.deposited(one) > self.window.cutoff:
            return False
        return one.deleted is None or paris(one.deleted) > self.window.cutoff

    def qualified(self, one: DocumentEvent) -> bool:
        return one.deposits[-1].level == "qualified"

    def by(self, one: DocumentEvent, channel: str) -> bool:
        return channel in {deposit.channel for deposit in one.deposits}

    def good(self, one: DocumentEvent) -> bool:
        """Counts as deposited in the DMP with a qualified INS."""
        return self.alive(one) and one.conformant and self.by(one, "dmp") and self.qualified(one)

    # -- stays -------------------------------------------------------------------------------------------------

    def stays(self, kind: str, *, operated: bool = False, fields: tuple[str, ...] = ()) -> Counts:
        found: Counts = defaultdict(lambda: [0, 0, 0])
        for stay in self.land.stays:
            if stay.excluded or stay.out is None or not within(paris(stay.out), self.window):
                continue
            if operated and not stay.operated:
                continue
            if fields and stay.field is not None and stay.field not in fields:
                continue
            letters = [
                one
                for one in self.land.documents
                if one.stay == stay.number and one.entity == stay.entity and one.kind == kind and self.good(one)
            ]
            cell = found[stay.site, self.month(paris(stay.out)), stay.field if fields else None]
            _add(cell, bool(letters), True, any(one.acknowledged for one in letters))
        return found

    # -- documents over documents ------------------------------------------------------------------------------

    def filed(self) -> Iterator[tuple[DocumentEvent, Key]]:
        for one in self.land.documents:
            day = self.deposited(one)
            if one.site is not None and self.alive(one) and within(day, self.window):
                yield one, (one.site, self.month(day), None)

    def identities(self) -> Counts:
        found: Counts = defaultdict(lambda: [0, 0, None])
        for one, key in self.filed():
            if one.conformant:
                _add(found[key], self.qualified(one), True)
        return found

    def deposits(self) -> Counts:
        found: Counts = defaultdict(lambda: [0, None, 0])
        for one, key in self.filed():
            if one.conformant and self.by(one, "dmp"):
                _add(found[key], True, None, one.acknowledged)
        return found

    def rare_conformant(self) -> Counts:
        found: Counts = defaultdict(lambda: [0, 0, None])
        for one, key in self.filed():
            if one.kind == "SDM-MR":
                _add(found[key], one.conformant, True)
        return found

    # -- documents over a declaration --------------------------------------------------------------------------

    def reports(self, indicator: str, kind: str) -> Counts:
        found: Counts = defaultdict(lambda: [0, None, 0])
        for one in self.land.documents:
            day = paris(one.produced)
            if one.site is not None and one.kind == kind and self.good(one) and within(day, self.window):
                _add(found[one.site, self.month(day), None], True, None, one.acknowledged)
        for key, said in self.declared(indicator).items():
            found[key][1] = said[1]
        return found

    def rare_patients(self) -> Counts:
        people: dict[Key, set[int]] = defaultdict(set)
        for one, key in self.filed():
            if one.kind == "SDM-MR" and one.conformant and self.by(one, "mssante") and one.patient is not None:
                people[key].add(one.patient)
        found: Counts = defaultdict(lambda: [0, None, None], {k: [len(v), None, None] for k, v in people.items()})
        for key, said in self.declared("I-MR-2", stock=True).items():
            found[key][1] = said[1]
        return found

    # -- declarations ------------------------------------------------------------------------------------------

    def declared(self, indicator: str, *, stock: bool = False) -> dict[Key, tuple[int | None, int | None]]:
        """What is declared for the period, or for each month of it: null where the days are not covered once each."""
        by_site: dict[str, list[Declaration]] = defaultdict(list)
        for one in self.land.declarations:
            inside = self.window.period_start <= one.start and one.end <= self.window.period_end
            if one.indicator == indicator and inside:
                by_site[one.site].append(one)
        found = {}
        for site, said in by_site.items():
            for span in self.spans():
                rows = [one for one in said if span[0] <= one.start and one.end <= span[1]]
                if stock:
                    rows = [one for one in rows if (one.start, one.end) == span]
                if rows:
                    found[site, self.month(span[0]), None] = _tiled(rows, span)
        return found

    def spans(self) -> list[tuple[date, date]]:
        if not self.by_month:
            return [(self.window.period_start, self.window.period_end)]
        days: dict[int, list[date]] = defaultdict(list)
        for day in _days(self.window.period_start, self.window.period_end):
            days[day.year * 100 + day.month].append(day)
        return [(month[0], month[-1]) for month in days.values()]

    def told(self, indicator: str, *, stock: bool = False, count: bool = False) -> Counts:
        return {
            key: [said[0], None if count else said[1], None]
            for key, said in self.declared(indicator, stock=stock).items()
            if said[0] is not None
        }

    # -- messages ----------------------------------------------------------------------------------------------

    def messages(
        self, direction: str, to: tuple[str, ...] = (), *, sdm_mr: bool = False, people: bool = False
    ) -> Counts:
        seen: dict[Key, set[str | int]] = defaultdict(set)
        for one, key in self.posted():
            wanted = [done for audience, done in one.recipients if not to or audience in to]
            if one.direction != direction or not any(wanted) or (sdm_mr and not one.sdm_mr):
                continue
            if not people:
                seen[key].add(one.name)
            elif one.patient is not None:
                seen[key].add(one.patient)
        return {key: [len(names), None, None] for key, names in seen.items()}

    def posted(self) -> Iterator[tuple[MessageEvent, Key]]:
        for one in self.land.messages:
            day = paris(one.at)
            if one.site is not None and within(day, self.window):
                yield one, (one.site, self.month(day), None)

    # -- services ----------------------------------------------------------------------------------------------

    def services(self) -> Counts:
        found: Counts = defaultdict(lambda: [0, None, None])
        for one, (site, month, _) in self.filed():
            used = {"DMP": self.by(one, "dmp"), "DCC": one.kind == "FRCP", "TELEMEDECINE": one.kind == "TLM-CR"}
            for service, proof in used.items():
                if one.conformant and proof:
                    found[site, month, service][0] = 1
        for message, (site, month, _) in self.posted():
            if any(done for _, done in message.recipients):
                found[site, month, "MSSANTE"][0] = 1
        for service in ("DMP", "DCC", "PACS", "ROR"):
            for (site, month, _), (used_, scope) in self.declared(f"I-CC-2:{service}", stock=True).items():
                cell = found[site, month, service]
                cell[1] = None if scope is None else min(scope, 1)
                if service in ("PACS", "ROR"):
                    cell[0] = 1 if used_ else 0
        return found

    # -- declared against computed -----------------------------------------------------------------------------

    def gaps(self) -> Counts:
        found: Counts = {}
        for indicator in ("I-SUN1-BIO", "I-SUN1-CRO", "I-SUN1-IMG", "I-SUN1-INS", "I-SUN1-LDL", "I-SUN1-ORD"):
            computed = NAIVE[indicator](self)
            for key, (numerator, denominator) in self.declared(indicator).items():
                if numerator is None or not denominator:
                    continue
                seen = computed.get(key, [0, None, None])
                same = bool(seen[1]) and (seen[0] or 0) / (seen[1] or 1) == numerator / denominator
                found[key[0], key[1], indicator] = [int(not same), 1, None]
        return found


def _add(cell: list[int | None], counted: bool, inside: bool | None, acknowledged: bool | None = None) -> None:
    for place, step in enumerate((counted, inside, acknowledged)):
        if step is not None and cell[place] is not None:
            cell[place] = (cell[place] or 0) + step


def _tiled(rows: list[Declaration], span: tuple[date, date]) -> tuple[int | None, int | None]:
    latest: dict[tuple[date, date], Declaration] = {}
    for one in sorted(rows, key=lambda row: row.source, reverse=True):
        known = latest.get((one.start, one.end))
        if known is None or one.received >= known.received:
            latest[one.start, one.end] = one
    kept = [
        one
        for one in latest.values()
        if not any(other is not one and other.start <= one.start and one.end <= other.end for other in latest.values())
    ]
    days = sorted(day for one in kept for day in _days(one.start, one.end))
    if days != _days(*span):
        return None, None
    numerators, denominators = [one.numerator for one in kept], [one.denominator for one in kept]
    return _sum(numerators), _sum(denominators)


def _sum(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(day) for day in range((end - start).days + 1)]


NAIVE: dict[str, Callable[[Counter], Counts]] = {
    "I-AAP-TR": lambda c: c.told("I-AAP-TR", stock=True),
    "I-CC-1": lambda c: c.told("I-CC-1", stock=True),
    "I-CC-2": lambda c: c.services(),
    "I-CC-3": lambda c: c.told("I-CC-3"),
    "I-ESMS-E1": lambda c: c.told("I-ESMS-E1", stock=True),
    "I-ESMS-E2": lambda c: c.told("I-ESMS-E2", stock=True),
    "I-ESMS-E3": lambda c: c.told("I-ESMS-E3", stock=True),
    "I-ESMS-E4": lambda c: c.messages("sent"),
    "I-ESMS-E5": lambda c: c.deposits(),
    "I-ESMS-E6": lambda c: c.told("I-ESMS-E6", count=True),
    "I-ESMS-E7": lambda c: c.told("I-ESMS-E7", count=True),
    "I-IFAQ-LDL": lambda c: c.stays("LDL", fields=("MCO", "DIALYSE", "SMR", "HAD")),
    "I-MR-1": lambda c: c.messages("sent", sdm_mr=True),
    "I-MR-2": lambda c: c.rare_patients(),
    "I-MR-3": lambda c: c.rare_conformant(),
    "I-SUN1-BIO": lambda c: c.reports("I-SUN1-BIO", "BIO"),
    "I-SUN1-CRO": lambda c: c.stays("CRO", operated=True),
    "I-SUN1-GAP": lambda c: c.gaps(),
    "I-SUN1-IMG": lambda c: c.reports("I-SUN1-IMG", "IMG"),
    "I-SUN1-INS": lambda c: c.identities(),
    "I-SUN1-LDL": lambda c: c.stays("LDL"),
    "I-SUN1-ORD": lambda c: c.stays("ORD"),
    "I-SUN2-CIT-IN": lambda c: c.messages("received", ("citizen",)),
    "I-SUN2-CIT-OUT": lambda c: c.messages("sent", ("citizen",)),
    "I-SUN2-INS": lambda c: c.messages("sent", ("citizen",), people=True),
    "I-SUN2-PRO": lambda c: c.messages("sent", ("professional", "organization")),
}


def naive(land: Land, window: Window, measure: str, *, by_month: bool) -> Counts:
    """The figures of one measure; an establishment without any population has none."""
    found = NAIVE[measure](Counter(land, window, by_month))
    return {key: cell for key, cell in found.items() if cell[0] or cell[1]}
