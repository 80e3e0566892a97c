"""Files and what belongs to them as JSON values: the same for HTTP and for a command."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fhir_server.programmes.refused import reason_said
from indicators.programmes.describe import described
from indicators.programmes.life import Entry, Life, NextMove, next_moves
from indicators.programmes.model import Programme

if TYPE_CHECKING:
    from fhir_server.programmes.actors import Hand
    from fhir_server.programmes.contestations import Contestation
    from fhir_server.programmes.parameters import Posted
    from fhir_server.programmes.records import Entered, File, Moved
    from fhir_server.programmes.views import Looked


def shown_programme(programme: Programme) -> dict[str, Any]:
    """A programme with its rules, parameters, machines and the files that can be opened in it."""
    return described(programme) | {"files": [_life(one) for one in programme.lives]}


def _life(life: Life) -> dict[str, Any]:
    return {
        "machine": life.machine.id,
        "key": {name: list(values) for name, values in life.key.items()},
        "envelope": life.envelope,
        "entries": [_entry(one, life.machine.initial) for one in life.entries],
    }


def _entry(entry: Entry, initial: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": entry.name, "kind": entry.kind, "label_fr": entry.label_fr, "label_en": entry.label_en,
        "choices": list(entry.choices), "parts": [_entry(one, "") for one in entry.parts],
    }  # fmt: skip
    return found if not initial else found | {"by": list(entry.by), "in_states": list(entry.in_states or (initial,))}


def shown_set(posted: Posted) -> dict[str, Any]:
    """One version of a parameter set, without its values."""
    found = posted.found
    return {
        "key": found.key, "id": found.id, "version": found.version, "programme": found.programme,
        "region": posted.region, "fingerprint": found.fingerprint, "signed_by": found.signed_off.by,
        "signed_role": found.signed_off.role, "signed_on": found.signed_off.signed_on.isoformat(),
        "posted_by": posted.who, "posted_at": _at(posted.at),
    }  # fmt: skip


def shown_row(file: File) -> dict[str, Any]:
    """One file in a list."""
    return {
        "id": file.id, "programme": file.programme.id, "machine": file.life.machine.id,
        "organization": file.organization, "legal_entity": file.owner, "region": file.region, "key": dict(file.key),
        "state": file.state, "version": file.version, "created": _at(file.created), "updated": _at(file.updated),
        "deposited": None if file.deposited is None else _at(file.deposited),
    }  # fmt: skip


def shown_file(looked: Looked, hand: Hand) -> dict[str, Any]:
    """One file with its entries, history, amounts and the moves that may come next."""
    file = looked.file
    return shown_row(file) | {
        "parameter_set": None if looked.posted is None else looked.posted.found.key,
        "paid_cents": file.paid,
        "committed_cents": file.committed,
        "values": file.values(),
        "entries": [_entered(one) for one in file.entries],
        "history": [shown_move(one, file.programme) for one in file.moves],
        "next": [_next(one, hand, file.programme) for one in next_moves(file.life, looked.view)],
        "decisions": [one.decision for one in file.moves if one.decision],
    }


def shown_move(moved: Moved, programme: Programme) -> dict[str, Any]:
    """One move that was made."""
    return {
        "source": moved.source, "target": moved.target, "actor": moved.actor, "who": moved.who, "at": _at(moved.at),
        "reasons": _reasons(moved.reasons, programme),
        "notices": [{"to": one.to, "fr": one.content_fr, "en": one.content_en} for one in moved.notices],
        "letter": moved.letter, "decision": moved.decision, "paid_cents": moved.paid,
        "committed_cents": moved.committed,
    }  # fmt: skip


def shown_contestation(one: Contestation, *, owner: bool) -> dict[str, Any]:
    """One contested document; its unique id is for its owner alone."""
    answer = one.answer
    said = None if answer is None else {"outcome": answer.outcome, "statement": answer.statement, "who": answer.who,
                                        "at": _at(answer.at)}  # fmt: skip
    named = {"unique_id": one.unique_id} if owner else {}
    return named | {
        "id": one.id, "measure": one.measure, "document": one.document, "reason": one.reason,
        "statement": one.statement, "who": one.who, "at": _at(one.at), "answer": said,
    }  # fmt: skip


def _entered(one: Entered) -> dict[str, Any]:
    return {"name": one.name, "value": one.value, "role": one.role, "who": one.who, "at": _at(one.at)}


def _next(one: NextMove, hand: Hand, programme: Programme) -> dict[str, Any]:
    return {
        "to": one.target, "actor": one.actor, "yours": hand.may((one.actor,)), "made": one.made, "pays": one.pays,
        "rule": one.rule, "when": one.when, "reasons": _reasons(one.reasons, programme),
    }  # fmt: skip


def _reasons(codes: Iterable[str], programme: Programme) -> list[dict[str, Any]]:
    return [reason_said(code, programme).as_dict() for code in codes]


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
