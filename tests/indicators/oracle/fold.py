"""From events to the fact rows that a server keeps: one row a logical document, a stay, a message and audience."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa

from indicators.facts import BigInt, Declared, Document, Message, Stay, yyyymm
from tests.indicators.country import arrow
from tests.indicators.oracle.events import PARIS, Declaration, DocumentEvent, Land, MessageEvent, StayEvent


def tables(land: Land) -> dict[str, pa.Table]:
    """The four fact tables of a country."""
    return {
        "stays": arrow("stays", [_stay(one) for one in land.stays]),
        "documents": arrow("documents", [_document(one) for one in land.documents]),
        "messages": arrow("messages", [row for one in land.messages for row in _message(one)]),
        "declared": arrow("declared", [_declared(one) for one in land.declarations]),
    }


def _day(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()


def _stay(one: StayEvent) -> Stay:
    out = _day(one.out) if one.out else None
    month = yyyymm(out) if out else None
    return Stay(BigInt(one.number), one.site, one.entity, out, month, one.operated, one.excluded, one.field)


def _document(one: DocumentEvent) -> Document:
    """The deposit date is that of the first version with the level that the last version has."""
    level = one.deposits[-1].level
    deposited = next(_day(deposit.at) for deposit in one.deposits if deposit.level == level)
    return Document(
        document=one.name, organization=one.site, legal_entity=one.entity, kind=one.kind,
        stay=None if one.stay is None else BigInt(one.stay),
        patient=None if one.patient is None else BigInt(one.patient),
        produced=_day(one.produced), deposited=deposited, deleted=_day(one.deleted) if one.deleted else None,
        month=yyyymm(deposited),
        dmp=any(deposit.channel == "dmp" for deposit in one.deposits),
        mssante=any(deposit.channel == "mssante" for deposit in one.deposits),
        ins_level=level, conformant=one.conformant, acknowledged=one.acknowledged, key_version=1,
        link=None if one.stay is None else "linked",
    )  # fmt: skip


def _message(one: MessageEvent) -> list[Message]:
    day = _day(one.at)
    return [
        Message(
            one.name, one.site, one.entity, one.direction, audience, day, yyyymm(day),
            any(done for to, done in one.recipients if to == audience), one.sdm_mr,
            None if one.patient is None else BigInt(one.patient),
        )
        for audience in sorted({to for to, _ in one.recipients})
    ]  # fmt: skip


def _declared(one: Declaration) -> Declared:
    counts = (None if n is None else BigInt(n) for n in (one.numerator, one.denominator))
    return Declared(one.site, one.entity, one.indicator, one.start, one.end, *counts, one.source, one.received)
