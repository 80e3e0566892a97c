"""Letters of the decisions that are stored: the facts of a file as the database has them, and who signs them.

The sender is told by `agency.json` in the folder of templates: by actor of the decision (`DGOS`) or by region code, the
`sender`, `signatory` and `place` of the letters. Without it a letter names the agency of the region, and no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.programmes import contestations
from fhir_server.programmes.records import Decision, File
from fhir_server.store import organizations
from indicators.money import plain_euros
from indicators.programmes.decisions import DecisionRecord, read_record
from indicators.programmes.letters import Letter, letter_of
from indicators.regions import REGIONS

AGENCY: Final = "agency.json"
_SIGNED: Final = ("place", "sender", "signatory")
_BODIES: Final[Mapping[str, str]] = {
    "DGOS": "Direction générale de l'offre de soins",
    "CNSA, DNS": "Caisse nationale de solidarité pour l'autonomie, Délégation au numérique en santé",
    "committee": "Comité de pilotage national (DNS, CNSA)",
}
"""Who decides where it is not the agency, by actor."""


def stored_letter(
    connection: sa.Connection,
    file: File,
    decision: Decision,
    folder: Path | None,
    kind: str | None = None,
    contestation: str | None = None,
) -> Letter:
    """The letter a stored decision owes, or the answer to a contestation of its file by id.

    Raises:
        Refusal: 404, the file has no such contestation, or it has no answer yet.
        RuleError: as `letter_of`.
        ValueError: a faulty `agency.json`.
    """
    record = read_record(decision.record)
    facts = facts_of(connection, file, record, folder)
    if contestation is None:
        return letter_of(record, file.programme, facts, kind=kind)
    answered = _answered(connection, file, contestation)
    return letter_of(record, file.programme, facts | {"contestation": answered}, kind="contestation")


def _answered(connection: sa.Connection, file: File, contestation: str) -> dict[str, str]:
    """A contestation with its answer; both parties know its number, and it names no document to anybody else."""
    found = next((one for one in contestations.of_file(connection, file) if one.id == contestation), None)
    if found is None or found.answer is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return {
        "document": f"({found.measure}, contestation {found.id})", "received": found.at.isoformat(),
        "ground": found.statement, "answer": found.answer.outcome, "explanation": found.answer.statement,
    }  # fmt: skip


def facts_of(connection: sa.Connection, file: File, record: DecisionRecord, folder: Path | None) -> dict[str, Any]:
    """The facts of a file for the letter of one of its decisions."""
    agency = _agency(folder)
    signed = agency.get(record.role) or agency.get(file.region) or {}
    move = next((one for one in file.moves if one.decision == record.id), None)
    made: dict[str, Any] = {
        "sender": {"name": _BODIES.get(record.role) or _agency_name(file.region)},
        "addressee": {"name": _addressee(connection, file)},
        "key": {"finess": file.organization, **file.key} if file.organization != file.region else dict(file.key),
        "reference": file.id,
    } | {name: signed[name] for name in _SIGNED if name in signed}
    if file.deposited is not None:
        made["deposited"] = file.deposited.isoformat()
    if move is not None:
        made |= {"reasons": list(move.reasons), "kind": move.letter or ""}
        made |= {"stage": "eligibility"} if move.target == "INELIGIBLE" else {}
        # An award that several agencies share: the part this file binds is one of its amounts.
        share = plain_euros(move.committed)
        made |= {"granted": share} if move.letter == "acceptance" and share in _amounts(record) else {}
    return made


def _amounts(record: DecisionRecord) -> list[Any]:
    return list(record.outcome.values()) if isinstance(record.outcome, dict) else []


def _agency(folder: Path | None) -> Mapping[str, Mapping[str, Any]]:
    path = None if folder is None else folder / AGENCY
    if path is None or not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ValueError(f"{path.name}: an object by region or actor is needed")
    return found


def _agency_name(region: str) -> str:
    return f"Agence régionale de santé {REGIONS.get(region, region)}"


def _addressee(connection: sa.Connection, file: File) -> str:
    row = organizations.get(connection, file.organization)
    return str(row.name) if row is not None else _agency_name(file.region)
