"""The evidence pack of a stored decision: its figures counted again, with the keys of that decision and no other.

The facts of a window that is over do not move but for late documents; when they did, no pack is made: it would not
prove the decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.programmes import contestations, parameters
from fhir_server.programmes.deciding import counted_names
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import Decision, File
from fhir_server.programmes.views import Looked, evidence, look
from fhir_server.store.programme_tables import programme_secret
from indicators.measures import Evidence as Row
from indicators.programmes.decisions import counted_keys, read_record
from indicators.programmes.evidence_pack import CountedFigure, Evidence, build


def pack_of(office: Office, file: File, decision: Decision) -> bytes:
    """The pack of a decision.

    Raises:
        RuleError: `pack:<code>:<member>:<detail>`, the first thing that would make the pack fail its own check.
        ValueError: the record is none.
    """
    record = read_record(decision.record)
    looked = look(office, _as_decided(file, decision.id), datetime.fromisoformat(record.decided_at))
    with office.reading() as connection:
        secret = _secret(connection, decision.id)
        contested = contestations.of_file(connection, file)
        text = _set_text(connection, record.parameter_set)
    figures = tuple(_figures(office, looked, secret))
    counted = {key for one in figures for key in one.counted or ()}
    shown = figures if counted or record.counted else ()
    declared = tuple(_declared(looked, shown))
    rows = tuple(_contested(one, secret) for one in contested)
    return build(Evidence(record, text, shown, declared, rows), file.programme)


def _as_decided(file: File, decision: str) -> File:
    """The file in the state the decision found it in: what it needs depends on it."""
    move = next((one for one in file.moves if one.decision == decision), None)
    return file if move is None else replace(file, state=move.source)


def _secret(connection: sa.Connection, decision: str) -> bytes:
    table = programme_secret
    return bytes(connection.scalar(sa.select(table.c.secret).where(table.c.decision == decision)) or b"")


def _set_text(connection: sa.Connection, named: str) -> str | None:
    """The text of the set a record names, `id@version`; None where the texts' own values decided."""
    key = named.split(" ")[0]
    set_id, _, version = key.partition("@")
    found = (one for one in parameters.versions(connection, set_id) if str(one.found.version) == version)
    return next((one.text for one in found), None)


def _figures(office: Office, looked: Looked, secret: bytes) -> Iterator[CountedFigure]:
    """Each figure with the keys it counts; a declared sum has none."""
    window = looked.window
    if window is None:
        return
    for measure in looked.measures:
        rows = evidence(office, looked, measure)
        for figure in looked.view.figures:
            if figure.measure == measure:
                mine = [row for row in rows if row.organization == figure.organization]
                yield CountedFigure(
                    measure, figure.organization, figure.numerator, figure.denominator,
                    window.period_start.isoformat(), window.period_end.isoformat(),
                    _keys(office, looked.file.owner, mine, secret),
                )  # fmt: skip


def _keys(office: Office, owner: str, rows: Sequence[Row], secret: bytes) -> tuple[str, ...] | None:
    if any(row.declared is not None and row.document is None and row.stay is None for row in rows):
        return None
    return counted_keys(secret, counted_names(office, owner, rows))


def _declared(looked: Looked, figures: Sequence[CountedFigure]) -> Iterator[dict[str, Any]]:
    """Declared figures of the window beside the computed ones (C-10)."""
    computed = {(one.measure, one.organization): one for one in figures}
    for said in looked.view.declared:
        beside = computed.get((said.measure, said.organization))
        yield {
            "indicator": said.measure, "organization": said.organization,
            "declared": {"numerator": said.numerator, "denominator": said.denominator},
            "computed": None if beside is None else
            {"numerator": beside.numerator, "denominator": beside.denominator},
        }  # fmt: skip


def _contested(one: contestations.Contestation, secret: bytes) -> dict[str, Any]:
    """A contestation with its document by the key of this decision, and without who wrote."""
    said = one.answer
    return {
        "id": one.id, "measure": one.measure, "document": counted_keys(secret, [one.unique_id])[0],
        "reason": one.reason, "statement": one.statement, "at": one.at.isoformat(),
        "answer": None if said is None else
        {"outcome": said.outcome, "statement": said.statement, "at": said.at.isoformat()},
    }  # fmt: skip
