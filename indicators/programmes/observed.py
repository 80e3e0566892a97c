"""Lists of stays, documents and messages, as a case or an importer holds them, counted by the product's own measures.

The lists become fact tables in memory and the registered measures run on them, so that a checked case exercises the
code that counts an establishment's documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from indicators.facts import TABLES, BigInt, Declared, Document, Message, Stay, schema, yyyymm
from indicators.measures import Figure, Window, compute
from indicators.programmes.dates import Period, read_day
from indicators.programmes.errors import RuleError
from indicators.ratio import Ratio

if TYPE_CHECKING:
    from indicators.engine import ArrowFacts

Row = Mapping[str, Any]
KINDS = {"CR_OP": "CRO", "CR_BIO": "BIO", "CR_IMG": "IMG"}
"""Names of kinds in the lists, where they are not those of the facts."""
_LEVELS = ("absent", "present_without_traits", "present", "qualified")
_LOST = frozenset({"bounced", "failed", "rejected", "undelivered"})
_OPERATED = frozenset({"OPERE", "OPERATED", "BLOC"})


def stays_with_document(
    kind: str, site: str, window: Window, exclusions: Iterable[str], stays: Sequence[Row], documents: Iterable[Row]
) -> Ratio:
    """I-SUN1-LDL, -ORD, -CRO over lists: stays of a site with a counted document of a kind.

    A stay with one of the flags of `exclusions` is left out. Where no stay says whether it was operated, a list given
    for operative reports is the list of operated stays. Raises `RuleError` `unknown_kind:<kind>`.
    """
    measure = _measure(kind, ("LDL", "ORD", "CRO"))
    numbers: dict[str, BigInt] = {}
    for row in (*stays, *documents):
        if row.get("stay_id") is not None:
            numbers.setdefault(str(row["stay_id"]), BigInt(len(numbers) + 1))
    told = any("operated" in row or _OPERATED & set(row.get("flags") or ()) for row in stays)
    once = {(str(row["stay_id"]), str(row["finess_geo"])): row for row in reversed(stays)}
    facts = _facts(
        stays=[_stay(row, numbers, frozenset(exclusions), told) for row in once.values()],
        documents=[_document(row, str(row["finess_geo"]), numbers) for row in documents],
    )
    return _ratio(_figures(facts, measure, window), site)


def reports(kind: str, legal_entity: str, window: Window, produced: int | None, documents: Iterable[Row]) -> Ratio:
    """I-SUN1-BIO, -IMG over lists: distinct reports of the internal producer over those it declares.

    The versions of a report are one logical document. Raises `RuleError` `unknown_kind:<kind>`.
    """
    measure = _measure(kind, ("BIO", "IMG"))
    wanted = KINDS.get(kind, kind)
    mine = [
        row
        for row in documents
        if str(row.get("finess_ej")) == legal_entity and KINDS.get(str(row.get("kind")), row.get("kind")) == wanted
    ]
    declared = Declared(
        organization=legal_entity,
        legal_entity=legal_entity,
        indicator=measure,
        period_start=window.period_start,
        period_end=window.period_end,
        numerator=None,
        denominator=None if produced is None else BigInt(produced),
        source="declared",
        received=window.period_end,
    )
    period = Period(window.period_start, window.period_end)
    together = _versions_together(mine, "report_id", within=("produced_at", period))
    logical = [_document(row, legal_entity, {}) for row in together]
    found = _figures(_facts(documents=logical, declared=[declared]), measure, window)
    ratio = _ratio(found, legal_entity)
    return Ratio(ratio.numerator, produced)


def identified(documents: Sequence[Row]) -> Ratio:
    """I-SUN1-INS over a list: distinct accepted documents with a qualified INS over all of them, whenever deposited."""
    rows = _versions_together(documents, "doc_id", any_channel=True)
    logical = [_document(row, str(row.get("finess_geo", "")), {}) for row in rows]
    if not logical:
        return Ratio(0, 0)
    days = [one.deposited for one in logical]
    figures = _figures(_facts(documents=logical), "I-SUN1-INS", Window(min(days), max(days)))
    return Ratio(sum(f.numerator for f in figures), sum(f.denominator or 0 for f in figures))


def deposits(period: Period, site: str, documents: Iterable[Row]) -> int:
    """I-ESMS-E5 over a list: distinct documents of a structure accepted in the DMP in a period."""
    mine = [row for row in documents if str(row["finess_geo"]) == site]
    together = _versions_together(mine, "unique_id", within=("deposited_at", period))
    logical = [_document(row, site, {}) for row in together]
    return _count(_facts(documents=logical), "I-ESMS-E5", period)


def messages_sent(period: Period, addresses: Iterable[str], messages: Iterable[Row]) -> int:
    """I-ESMS-E4 over a list: distinct messages sent from the structure's mailboxes and not bounced, in a period."""
    mailboxes = {_address(address) for address in addresses}
    rows = [_message(row) for row in messages if _address(str(row["from"])) in mailboxes]
    return _count(_facts(messages=rows), "I-ESMS-E4", period)


def _measure(kind: str, allowed: Sequence[str]) -> str:
    found = KINDS.get(kind, kind)
    if found not in allowed:
        raise RuleError(f"unknown_kind:{kind}")
    return f"I-SUN1-{found}"


def _address(text: str) -> str:
    return (parseaddr(text)[1] or text).strip().casefold()


# -- rows to facts -------------------------------------------------------------------------------------------------


def _stay(row: Row, numbers: Mapping[str, BigInt], exclusions: frozenset[str], told: bool) -> Stay:
    flags = set(row.get("flags") or ())
    out = None if row.get("discharged_at") is None else read_day(row["discharged_at"])
    site = str(row["finess_geo"])
    return Stay(
        stay=numbers[str(row["stay_id"])],
        organization=site,
        legal_entity=site,
        discharged=out,
        month=None if out is None else yyyymm(out),
        operated=not told or bool(row.get("operated") or _OPERATED & flags),
        excluded=bool(exclusions & flags),
    )


def _document(row: Row, site: str, numbers: Mapping[str, BigInt]) -> Document:
    deposited = _day(row, "deposited_at", "produced_at")
    deleted = row.get("deleted_at")
    return Document(
        document=str(row.get("doc_id") or row.get("unique_id")),
        organization=site,
        # Each site stands for its own legal entity: a list says which site a stay and a document are of, nothing more.
        legal_entity=site,
        kind=KINDS.get(str(row.get("kind")), str(row.get("kind"))),
        stay=None if row.get("stay_id") is None else numbers.get(str(row["stay_id"])),
        patient=None,
        produced=_day(row, "produced_at", "deposited_at"),
        deposited=deposited,
        deleted=None if deleted is None else read_day(deleted),
        month=yyyymm(deposited),
        dmp=row.get("dest") == "DMP",
        mssante=row.get("dest") == "MSSANTE",
        ins_level=_level(row),
        conformant=_accepted(row),
        acknowledged=False,
        key_version=1,
    )


def _accepted(row: Row) -> bool:
    """A replaced version was accepted: it does not remove the count of its logical document."""
    return row.get("status") in ("accepted", "replaced", "superseded")


def _level(row: Row) -> str:
    """A status that is neither qualified nor absent is an INS without qualification."""
    found = row.get("ins_status", "absent")
    return found if found in _LEVELS else "present"


def _day(row: Row, *names: str) -> date:
    found = next((row[name] for name in names if row.get(name) is not None), None)
    if found is None:
        raise ValueError(f"a document needs {' or '.join(names)}")
    return read_day(found)


def _versions_together(
    rows: Iterable[Row], key: str, *, within: tuple[str, Period] | None = None, any_channel: bool = False
) -> list[Row]:
    """One row a logical document: the accepted version that is in the DMP, best identified, deposited first.

    `within` puts a version whose date lies in the period before another: a list says nothing of which came first.
    With `any_channel` the DMP goes before nothing: what is asked about is the identity, wherever it was sent.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row[key]), []).append(row)

    def place(row: Row) -> tuple[bool, bool, bool, int, date]:
        return (
            not _accepted(row),
            not any_channel and row.get("dest") != "DMP",
            within is not None and _day(row, within[0], "deposited_at") not in within[1],
            -_LEVELS.index(_level(row)),
            _day(row, "deposited_at", "produced_at"),
        )

    return [min(versions, key=place) for versions in groups.values()]


def _message(row: Row) -> Message:
    sent = read_day(row["sent_at"])
    return Message(
        message=str(row["message_id"]).strip(),
        organization="structure",
        legal_entity="structure",
        direction="sent",
        audience="professional",
        sent=sent,
        month=yyyymm(sent),
        delivered=str(row.get("state", "")).casefold() not in _LOST,
        sdm_mr=False,
        patient=None,
    )


# -- facts to figures ----------------------------------------------------------------------------------------------


def _facts(**tables: Sequence[Any]) -> ArrowFacts:
    import pyarrow as pa

    from indicators.engine import ArrowFacts

    def table(name: str, rows: Sequence[Any]) -> pa.Table:
        columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields(TABLES[name])}
        return pa.table(columns, schema=schema(name))

    return ArrowFacts({name: table(name, rows) for name, rows in tables.items()})


def _figures(facts: ArrowFacts, measure: str, window: Window) -> list[Figure]:
    from indicators.engine import duckdb_engine

    engine = duckdb_engine(facts, threads=1)
    try:
        return compute(engine, window, measures=[measure])
    finally:
        engine.close()


def _ratio(figures: Iterable[Figure], organization: str) -> Ratio:
    mine = [figure for figure in figures if figure.organization == organization]
    return Ratio(sum(f.numerator for f in mine), sum(f.denominator or 0 for f in mine))


def _count(facts: ArrowFacts, measure: str, period: Period) -> int:
    return sum(figure.numerator for figure in _figures(facts, measure, Window(period.start, period.end)))
