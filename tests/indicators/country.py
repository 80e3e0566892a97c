"""Fact rows by hand, and small random countries of stays and documents; `oracle` has the ones that are counted."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from indicators.facts import TABLES, BigInt, Document, Stay, schema, yyyymm
from indicators.measures import Window

# Two legal entities; the second one's single site has no sibling.
SITES = {"010000024": "010000001", "010000032": "010000001", "2A0000048": "2A0000006"}
LEVELS = ("absent", "present_without_traits", "present", "qualified", "qualified", "qualified")
FIRST = date(2024, 1, 25)


@dataclass(frozen=True)
class Country:
    stays: list[Stay]
    documents: list[Document]

    def tables(self) -> dict[str, pa.Table]:
        return {"stays": arrow("stays", self.stays), "documents": arrow("documents", self.documents)}


def arrow(table: str, rows: list[Any]) -> pa.Table:
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(TABLES[table])}
    return pa.table(columns, schema=schema(table))


def stay(number: int, site: str = "010000024", out: date | None = date(2024, 2, 10), **changes: Any) -> Stay:
    month = None if out is None else yyyymm(out)
    return replace(Stay(BigInt(number), site, SITES[site], out, month, operated=False, excluded=False), **changes)


def letter(
    name: str, number: int | None, site: str = "010000024", on: date = date(2024, 2, 11), **changes: Any
) -> Document:
    made = Document(
        document=name,
        organization=site,
        legal_entity=SITES[site],
        kind="LDL",
        stay=None if number is None else BigInt(number),
        patient=None,
        produced=on - timedelta(days=40),  # so that no measure may take one date for the other
        deposited=on,
        deleted=None,
        month=yyyymm(on),
        dmp=True,
        mssante=False,
        ins_level="qualified",
        conformant=True,
        acknowledged=False,
        key_version=1,
    )
    return replace(made, **changes)


def random_country(seed: int) -> Country:
    """Stay numbers come from a small pool, so that legal entities share some and letters pile up on others."""
    draw = random.Random(seed)
    pairs = {(number, entity) for number in range(-4, 9) for entity in SITES.values() if draw.random() < 0.7}
    stays = [_stay(draw, number, entity) for number, entity in sorted(pairs)]
    return Country(stays, [_document(draw, index) for index in range(draw.randrange(60))])


def random_window(seed: int) -> Window:
    draw = random.Random(seed)
    start = FIRST + timedelta(draw.randrange(20))
    end = start + timedelta(draw.randrange(40))
    return Window(start, end, end + timedelta(draw.choice((0, 0, -3, 10))))


def _stay(draw: random.Random, number: int, entity: str) -> Stay:
    site = draw.choice([site for site, owner in SITES.items() if owner == entity])
    out = None if draw.random() < 0.15 else _day(draw)
    return stay(number, site, out, excluded=draw.random() < 0.15)


def _document(draw: random.Random, index: int) -> Document:
    site = draw.choice(sorted(SITES))
    on = _day(draw)
    number = None if draw.random() < 0.15 else draw.randrange(-4, 10)
    return letter(
        f"d{index:03d}",
        number,
        site,
        on,
        organization=None if draw.random() < 0.1 else site,
        kind=draw.choice(("LDL", "LDL", "LDL", "ORD")),
        deleted=on + timedelta(draw.randrange(20)) if draw.random() < 0.2 else None,
        dmp=draw.random() < 0.85,
        ins_level=draw.choice(LEVELS),
        conformant=draw.random() < 0.9,
        acknowledged=draw.random() < 0.5,
        link=draw.choice(("unknown", "ambiguous", "site_unknown", None)) if number is None else "linked",
    )


def _day(draw: random.Random) -> date:
    """Half of the days crowd around the leap day."""
    return (
        date(2024, 2, 29) + timedelta(draw.randrange(-2, 3))
        if draw.random() < 0.5
        else FIRST + timedelta(draw.randrange(60))
    )
