"""Journals: rows to Communications, and what cannot be read with its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.intake.journal import (
    ABOUT,
    COLUMNS,
    at_row,
    column_of,
    journal_template,
    read_journal,
)  # fmt: skip
from validators import mssante
from validators.messages import rule
from validators.mssante import check_message
from validators.report import Report

HEADER = ";".join(COLUMNS)
ROW: dict[str, str] = {
    "legal_entity": "970490348", "message_id": "<1@x.mssante.fr>", "direction": "sent",
    "sent": "2026-11-02T10:00:00+01:00", "received": "", "delivery": "delivered", "sender": "a@x.mssante.fr",
    "recipients": "b@y.mssante.fr c@y.mssante.fr", "bounced": "C@y.mssante.fr", "destinations": "DESTMSSANTEPS",
    "patient_system": "1.2.250.1.999.1", "patient": "IPP1", "attachments": f"LDL:{'00' * 32} SDM-MR :{'11' * 32}",
}  # fmt: skip
LISTS = ("recipients", "bounced", "destinations", "attachments")


def csv(*rows: dict[str, str], header: str = HEADER) -> bytes:
    return "\n".join([header, *(";".join(row.values()) for row in rows)]).encode()


def ndjson(**more: Any) -> bytes:
    found = {name: value.split() if name in LISTS else value for name, value in ROW.items()}
    return json.dumps(found | more).encode()


def read(data: bytes) -> tuple[list[Any], list[tuple[str, int | None]]]:
    report = Report()
    rows = read_journal(data, report)
    return rows, [(issue.rule, issue.line) for issue in report]


@pytest.mark.parametrize("data", [csv(ROW), b"\xef\xbb\xbf" + csv(ROW), csv(ROW).replace(b"\n", b"\r\n"), ndjson()])
def test_a_row_is_a_communication(data: bytes) -> None:
    (row,), said = read(data)

    assert said == []
    assert row.legal_entity == "970490348"
    report = Report()
    from datetime import UTC, datetime

    found = check_message(row.communication, report, now=datetime.now(UTC))
    assert [issue.rule for issue in report] == []
    assert found is not None
    assert [(p.address, p.delivered) for p in found.recipients] == [("b@y.mssante.fr", True), ("c@y.mssante.fr", False)]
    assert found.patient == ("1.2.250.1.999.1", "IPP1")
    assert [(a.kind, a.sha256) for a in found.attachments] == [
        ("LDL", b"\0" * 32), ("SDM-MR", None), (None, b"\x11" * 32),
    ]  # fmt: skip


def test_csv_and_ndjson_are_the_same() -> None:
    assert read(csv(ROW))[0][0].communication == read(ndjson())[0][0].communication


def test_lines_are_those_of_the_file() -> None:
    quoted = ROW | {"message_id": '"<2@x.mssante.fr>\n"'}

    rows, _ = read(csv(ROW, quoted, ROW))
    assert [row.number for row in rows] == [2, 4, 5]
    rows, said = read(ndjson() + b"\n\n" + ndjson() + b"\n{}\n")
    assert [row.number for row in rows] == [1, 3]
    assert said == [("MSS-JOURNAL-ROW", 4)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", [("MSS-JOURNAL-COLUMNS", 1)]),
        (b"a;b;c\n", [("MSS-JOURNAL-COLUMNS", 1)]),
        (csv(ROW, header=HEADER.replace(";", ",")), [("MSS-JOURNAL-COLUMNS", 1)]),
        (csv(ROW, header=";".join(reversed(COLUMNS))), [("MSS-JOURNAL-COLUMNS", 1)]),
        (csv(ROW) + b"\nshort;row", [("MSS-JOURNAL-ROW", 3)]),
        (csv(ROW) + b"\n\xff", [("MSS-JOURNAL-ROW", 3)]),
        (csv(ROW | {"legal_entity": "12"}), [("MSS-JOURNAL-ROW", 2)]),
        (csv(ROW) + b'\n"never closed', [("MSS-JOURNAL-ROW", 3)]),
        (b"{not json}", [("MSS-JOURNAL-ROW", 1)]),
        (ndjson(extra="x"), [("MSS-JOURNAL-ROW", 1)]),
        (ndjson(recipients="a@b"), [("MSS-JOURNAL-ROW", 1)]),
        (ndjson(recipients=[1]), [("MSS-JOURNAL-ROW", 1)]),
        (ndjson(sent=20261102), [("MSS-JOURNAL-ROW", 1)]),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(data: bytes, said: list[tuple[str, int]]) -> None:
    assert read(data)[1] == said


def test_what_is_empty_is_left_to_the_rules_of_messages() -> None:
    empty = dict.fromkeys(ROW, "") | {"legal_entity": "970490348"}
    (row,), said = read(csv(empty))
    report = Report()
    from datetime import UTC, datetime

    assert said == []
    assert check_message(row.communication, report, now=datetime.now(UTC)) is None
    assert {"MSS-ID", "MSS-DIRECTION", "MSS-DELIVERY", "MSS-ADDRESS"} <= report.rules()


@pytest.mark.parametrize(
    ("location", "column"),
    [
        ("Bundle.entry[3].resource.recipient[0].identifier.value", "recipients"),
        ("Communication.status", "delivery"), ("Bundle.entry[0].resource", ""), ("Bundle.type", ""),
        ("Bundle.entry[0].resource.payload[1].contentAttachment", "attachments"),
        ("Bundle.entry[0].resource.identifier", "message_id"),
    ],
)  # fmt: skip
def test_the_place_is_a_column(location: str, column: str) -> None:
    report = Report()
    issue = report.add(rule("MSS-ID"), location)

    assert column_of(location) == column
    assert (at_row(issue, 7).line, at_row(issue, 7).location) == (7, column)


def test_the_template_is_read_by_the_reader() -> None:
    (row,), said = read(journal_template())

    assert said == []
    assert row.communication["identifier"][0]["system"] == mssante.MESSAGE_ID
    assert set(ABOUT) == set(COLUMNS)
