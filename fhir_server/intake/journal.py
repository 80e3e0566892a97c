"""Operators' journals of MSSanté messages (CSV or NDJSON) as the Communications they stand for.

Pure: bytes in, rows and located errors out. From there a message of a journal goes the same way as a posted one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from validators import mssante
from validators.messages import rule
from validators.report import Issue, Report

COLUMNS: Final = (
    "legal_entity", "message_id", "direction", "sent", "received", "delivery", "sender", "recipients", "bounced",
    "destinations", "patient_system", "patient", "attachments",
)  # fmt: skip
"""The columns of a CSV journal and the names of an NDJSON one."""

ABOUT: Final[Mapping[str, tuple[str, str]]] = {
    "legal_entity": ("FINESS juridique", "FINESS of the legal entity whose mailbox it is"),
    "message_id": ("Message-ID, obligatoire", "Message-ID, required"),
    "direction": ("sent ou received, obligatoire", "sent or received, required"),
    "sent": ("date, heure et fuseau d'envoi (ISO 8601)", "moment of sending with its zone (ISO 8601)"),
    "received": ("date, heure et fuseau de réception", "moment of receipt with its zone"),
    "delivery": ("delivered ou bounced, obligatoire", "delivered or bounced, required"),
    "sender": ("adresse de l'émetteur, obligatoire", "address of the sender, required"),
    "recipients": ("adresses des destinataires, séparées par des espaces", "addresses of the recipients, by blanks"),
    "bounced": ("parmi elles, celles non remises", "those of them that were not reached"),
    "destinations": ("DESTMSSANTEPS, DESTMSSANTEPAT, séparées par des espaces", "declared destinations, by blanks"),
    "patient_system": ("OID ou URI de l'identifiant du patient", "OID or URI of the patient's identifier"),
    "patient": ("identifiant du patient, quand il est connu", "identifier of the patient, when known"),
    "attachments": ("TYPE:SHA256, TYPE ou :SHA256, séparés par des espaces", "KIND:SHA256, KIND or :SHA256, by blanks"),
}  # fmt: skip
"""What each column holds, in French and English."""

_FINESS: Final = re.compile(r"[0-9][0-9AB][0-9]{7}")
_ELEMENTS: Final = {
    "identifier": "message_id", "category": "direction", "status": "delivery", "sender": "sender",
    "recipient": "recipients", "extension": "destinations", "subject": "patient", "payload": "attachments",
    "sent": "sent", "received": "received",
}  # fmt: skip
_LISTS: Final = ("recipients", "bounced", "destinations", "attachments")


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One message: the number of its line (from 1, the header included), whose it is, and its Communication."""

    number: int
    legal_entity: str
    communication: dict[str, Any]


def column_of(location: str) -> str:
    """The column that an element of the Communication was read from; empty when it is the row as a whole."""
    match = re.search(r"(?:^Communication|\.resource)\.(\w+)", location)
    return _ELEMENTS.get(match.group(1), "") if match else ""


def read_journal(data: bytes, report: Report) -> list[JournalRow]:
    """The messages of a journal; NDJSON when it begins with `{`, else CSV with semicolons, UTF-8.

    What cannot be read is said with its line: `MSS-JOURNAL-COLUMNS`, `MSS-JOURNAL-ROW`.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.add(rule("MSS-JOURNAL-ROW"), line=data[: error.start].count(b"\n") + 1, expected="UTF-8")
        return []
    rows = _ndjson(text, report) if text.lstrip()[:1] == "{" else _csv(text, report)
    return [row for number, values in rows if (row := _row(number, values, report)) is not None]


def _csv(text: str, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            report.add(rule("MSS-JOURNAL-COLUMNS"), line=1, found="; ".join(header[:20]), expected=";".join(COLUMNS))
            return
        for values in reader:
            if len(values) != len(COLUMNS):
                report.add(rule("MSS-JOURNAL-ROW"), line=reader.line_num, expected=f"{len(COLUMNS)} colonnes")
                continue
            found: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
            yield reader.line_num, found | {name: found[name].split() for name in _LISTS}
    except csv.Error:
        report.add(rule("MSS-JOURNAL-ROW"), line=reader.line_num, expected="CSV, RFC 4180")


def _ndjson(text: str, report: Report) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or not set(found) <= set(COLUMNS) or not _typed(found):
            report.add(rule("MSS-JOURNAL-ROW"), line=number, expected=", ".join(COLUMNS))
            continue
        yield number, found


def _typed(found: Mapping[str, Any]) -> bool:
    """Lists of texts where several may stand, text everywhere else."""
    lists = (found.get(name, []) for name in _LISTS)
    texts = (value for name, value in found.items() if name not in _LISTS)
    return all(isinstance(value, list) and all(isinstance(v, str) for v in value) for value in lists) and all(
        value is None or isinstance(value, str) for value in texts
    )


def _row(number: int, values: Mapping[str, Any], report: Report) -> JournalRow | None:
    legal_entity = (values.get("legal_entity") or "").strip()
    if not _FINESS.fullmatch(legal_entity):
        report.add(rule("MSS-JOURNAL-ROW"), "legal_entity", line=number, expected=ABOUT["legal_entity"][0])
        return None
    return JournalRow(number, legal_entity, communication_of(values))


def communication_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The Communication of a row (names: `COLUMNS`); what is empty is left out, for the rules of messages to name."""
    bounced = {mssante.normalised(a) for a in values.get("bounced") or []}
    resource: dict[str, Any] = {
        "resourceType": "Communication",
        "identifier": [{"system": mssante.MESSAGE_ID, "value": values.get("message_id")}],
        "status": {"delivered": "completed", "bounced": "not-done"}.get(values.get("delivery") or "", "unknown"),
        "category": [{"coding": [{"system": mssante.DIRECTION_SYSTEM, "code": values.get("direction")}]}],
        "sender": _reference(values.get("sender") or ""),
        "recipient": [_recipient(a, bounced) for a in values.get("recipients") or []],
        "payload": [_attachment(text) for text in values.get("attachments") or []],
        "extension": [{"url": mssante.DESTINATION, "valueCode": code} for code in values.get("destinations") or []],
    }
    resource |= {name: values[name].strip() for name in ("sent", "received") if values.get(name)}
    if values.get("patient"):
        system = (values.get("patient_system") or "").strip()
        system = f"urn:oid:{system}" if system[:1].isdigit() else system
        resource["subject"] = {"identifier": {"system": system, "value": values["patient"].strip()}}
    return {name: value for name, value in resource.items() if value != []}


def _reference(address: str) -> dict[str, Any]:
    return {"identifier": {"system": mssante.ADDRESS, "value": address}}


def _recipient(address: str, bounced: set[str]) -> dict[str, Any]:
    reference = _reference(address)
    if mssante.normalised(address) in bounced:
        reference["extension"] = [{"url": mssante.DELIVERY, "valueCode": "bounced"}]
    return reference


def _attachment(text: str) -> dict[str, Any]:
    kind, _, digest = text.partition(":")
    extensions = [{"url": mssante.ATTACHMENT_KIND, "valueCode": kind}] if kind else []
    extensions += [{"url": mssante.ATTACHMENT_SHA256, "valueString": digest}] if digest else []
    return {"contentAttachment": {"extension": extensions}}


_EXAMPLE: Final = {
    "legal_entity": "970490348", "message_id": "<1@ch-demo.mssante.fr>", "direction": "sent",
    "sent": "2026-03-31T10:00:00+02:00", "delivery": "delivered", "sender": "accueil@ch-demo.mssante.fr",
    "recipients": "confrere@exemple.mssante.fr", "destinations": "DESTMSSANTEPS", "attachments": "LDL",
}  # fmt: skip


def journal_template() -> bytes:
    """A journal to fill in: the header and one example."""
    lines = (COLUMNS, [_EXAMPLE.get(name, "") for name in COLUMNS])
    return "".join(";".join(line) + "\r\n" for line in lines).encode("utf-8-sig")


def at_row(issue: Issue, number: int) -> Issue:
    """The issue as the reader of the journal sees it: the line and the column."""
    return Issue(issue.rule, issue.severity, issue.scope, issue.code, column_of(issue.location), issue.params, number)
