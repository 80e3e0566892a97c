"""A journal goes into the database: checked by the rules of posted messages, all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec
import orjson
import sqlalchemy as sa

from fhir_server.intake.checks import checks_of
from fhir_server.intake.exchange import plan_exchange
from fhir_server.intake.journal import JournalRow, at_row, read_journal
from fhir_server.intake.record import Record, issue_of, issues_of
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import Settings
from fhir_server.store import organizations
from fhir_server.store.database import open_engine
from fhir_server.store.filing import Filer
from fhir_server.store.plan import WritePlan
from fhir_server.store.reading import pseudonyms
from validators.messages import render, rule
from validators.report import Issue, Report

CHUNK = 500
"""Messages a submission: what is kept of them stays readable."""

_ENTRY = re.compile(r"^Bundle\.entry\[(\d+)\]")


@dataclass(slots=True)
class JournalResult:
    """What became of a journal: rows read, messages new and already there, findings by line.

    `conformant` says whether it was (or, in a dry run, would have been) taken; it is taken whole or not at all.
    """

    rows: int = 0
    new: int = 0
    already: int = 0
    issues: list[Issue] = field(default_factory=list)

    @property
    def conformant(self) -> bool:
        """No finding refuses."""
        return Report(self.issues).conformant

    def as_dict(self, lang: str) -> dict[str, Any]:
        """For machines."""
        findings = [
            {"line": i.line, "column": i.location or None, "rule": i.rule, "severity": i.severity.value,
             "scope": i.scope.value, "message": render(i, lang)}
            for i in self.issues
        ]  # fmt: skip
        return {"rows": self.rows, "new": self.new, "already": self.already, "issues": findings}

    def lines(self, name: str, lang: str, *, dry_run: bool) -> Iterator[str]:
        """For people: what became of the journal, then every finding with its line."""
        fr = lang != "en"
        if not self.conformant:
            yield f"{name} : " + ("rien n'est importé" if fr else "nothing is imported")
        else:
            tail = (" (essai)" if fr else " (dry run)") if dry_run else ""
            new, already = ("nouveaux", "déjà classés") if fr else ("new", "already filed")
            yield f"{name} : {self.new} {new}, {self.already} {already}{tail}"
        for issue in self.issues:
            place = f"{'ligne' if fr else 'line'} {issue.line}" + (f", {issue.location}" if issue.location else "")
            yield f"  {place} : {issue.rule} : {render(issue, lang)}"


class _Undo(Exception):
    """Ends the transaction without a trace."""


def import_journal(settings: Settings, data: bytes, *, dry_run: bool = False) -> JournalResult:
    """Check and file a journal; with `dry_run` everything is done and taken back.

    The same journal again changes nothing: a Message-ID counts once.
    """
    report = Report()
    rows = read_journal(data, report)
    result = JournalResult(len(rows), issues=list(report))
    engine, reader = open_engine(settings.database), open_engine(settings.database, read_only=True)
    try:
        with reader.connect() as connection:
            result.issues += _entities(rows, connection)
            plans = list(_plans(settings, rows, connection, result))
        if result.conformant and plans:
            _write(engine, plans, result, dry_run=dry_run)
    finally:
        engine.dispose()
        reader.dispose()
    result.issues.sort(key=lambda issue: issue.line or 0)
    return result


def _entities(rows: Sequence[JournalRow], connection: sa.Connection) -> list[Issue]:
    report = Report()
    known: dict[str, bool] = {}
    for row in rows:
        if row.legal_entity not in known:
            found = organizations.get(connection, row.legal_entity)
            known[row.legal_entity] = found is not None and found.kind == "legal"
        if not known[row.legal_entity]:
            report.add(rule("MSS-JOURNAL-ENTITY"), "legal_entity", line=row.number, found=row.legal_entity)
    return report.issues


_Planned = tuple[WritePlan, Sequence[JournalRow]]


def _plans(
    settings: Settings, rows: Sequence[JournalRow], connection: sa.Connection, result: JournalResult
) -> Iterator[_Planned]:
    """One transaction Bundle for some hundred messages of a legal entity, planned as if it had been posted."""
    checks = checks_of(settings)
    keys = pseudonyms(connection)
    for legal_entity, group in groupby(sorted(rows, key=lambda r: r.legal_entity), key=lambda r: r.legal_entity):
        caller = Caller(Role.ESTABLISHMENT, legal_entity)
        found = list(group)
        for start in range(0, len(found), CHUNK):
            chunk = found[start : start + CHUNK]
            arrived = received("journal", _bundle(chunk), caller, datetime.now(UTC))
            plan, _ = plan_exchange(arrived, None, connection, keys, checks)
            record = msgspec.msgpack.decode(plan.record, type=Record)
            result.issues += [_placed(issue, chunk) for issue in issues_of(record, ())]
            yield plan, chunk


def _bundle(chunk: Sequence[JournalRow]) -> bytes:
    request = {"method": "POST", "url": "Communication"}
    entries = [{"resource": row.communication, "request": request} for row in chunk]
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _placed(issue: Issue, chunk: Sequence[JournalRow]) -> Issue:
    match = _ENTRY.match(issue.location)
    return at_row(issue, chunk[int(match.group(1)) if match else 0].number)


def _write(engine: sa.Engine, plans: Sequence[_Planned], result: JournalResult, *, dry_run: bool) -> None:
    """All plans in one transaction; a conflict, or a dry run, takes all of them back."""
    with engine.connect() as connection:
        filer = Filer(connection)
        try:
            with connection.begin():
                for plan, chunk in plans:
                    outcome = filer.file(plan)
                    if outcome.kind != "duplicate":  # what the first one was told is in its own answer
                        result.issues += [_placed(issue_of(finding), chunk) for finding in outcome.findings]
                    new = sum(own == at for (_, own), (at, _) in zip(plan.entries, outcome.placed, strict=False))
                    result.new += new
                    result.already += len(chunk) - new
                if dry_run or not result.conformant:
                    raise _Undo
        except _Undo:
            return
