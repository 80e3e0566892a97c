"""Moves of a file: which are possible and why not, and the one that is made, with its decision, in a single act."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool

from fhir_server.fhir.http import Refusal
from fhir_server.ids import micros, month_of, new_id, paris_date
from fhir_server.programmes.actors import Hand
from fhir_server.programmes.deciding import Written, decided
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import File, Moved
from fhir_server.programmes.refused import move_refused
from fhir_server.programmes.views import Looked, look
from fhir_server.store.acts import Act, Expect, Put, act_now
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Ruling
from indicators.programmes.machine import Move, Transition
from indicators.programmes.parameters import ParameterMissing


def trial(looked: Looked, row: Transition, hand: Hand) -> Move:
    """What a move would come to; nothing is written. A rule that cannot answer is a reason."""
    view, life = looked.view, looked.file.life
    try:
        facts = life.facts(view, row.target)
        return life.machine.move(row.source, row.target, hand.actor(row), facts)
    except (RuleError, ParameterMissing) as stopped:
        return Move(row.source, (str(stopped),))


async def make_move(office: Office, file: File, hand: Hand, target: str, at: datetime) -> Moved:
    """Make a move and everything that goes with it, or nothing.

    Raises:
        Refused: 422 with every reason in order.
        Refusal: 409 when the file or its envelope changed meanwhile; 503 when nothing can be written.
    """
    prepared = await run_in_threadpool(_prepared, office, file, hand, target, at)
    await office.file(prepared.act)
    return prepared.moved


@dataclass(frozen=True, slots=True)
class _Prepared:
    act: Act
    moved: Moved


def _prepared(office: Office, file: File, hand: Hand, target: str, at: datetime) -> _Prepared:
    looked = look(office, file, at)
    file = looked.file
    try:
        row = file.life.machine.transition(file.state, target)
    except RuleError as none:
        raise move_refused([str(none)], file.programme) from None
    move = trial(looked, row, hand)
    if not move.made:
        raise move_refused(move.reasons, file.programme)
    try:
        ruling = file.life.ruling(looked.view, target)
        written = None if ruling is None else decided(office, looked, ruling, hand, row.actor)
    except (RuleError, ParameterMissing) as stopped:
        raise move_refused([str(stopped)], file.programme) from None
    moved = _moved(file, row, move, hand, at, ruling, written)
    return _Prepared(_act(looked, moved, written, hand, at), moved)


def _moved(
    file: File, row: Transition, move: Move, hand: Hand, at: datetime, ruling: Ruling | None, written: Written | None
) -> Moved:
    return Moved(
        file.state, row.target, row.actor, hand.role, hand.who, at,
        ruling.reasons if ruling else (), move.notices, ruling.letter if ruling else None,
        written.id if written else None, written.paid if written else 0, ruling.committed if ruling else 0,
    )  # fmt: skip


def _act(looked: Looked, moved: Moved, written: Written | None, hand: Hand, at: datetime) -> Act:
    file, month = looked.file, month_of(paris_date(at))
    expects, puts = [unchanged(file)], [file_put(file, at, state=moved.target), _move_put(file, moved, month)]
    if written is not None:
        puts += written.puts(file, month)
    if moved.committed and file.envelope is not None:
        expects.append(_credit_expect(looked, file.envelope))
        puts.append(_credit_put(looked, file.envelope, moved.committed))
    return act_now(
        file.owner, hand.role, new_id(), at, "programme-move", file.id, expects=tuple(expects), puts=tuple(puts)
    )


def unchanged(file: File) -> Expect:
    """What every act on a file expects: that nobody entered or moved anything since it was read."""
    return Expect(
        "programme_file", {"owner": file.owner, "id": file.id, "version": file.version}, True, "PROGRAMME-CHANGED"
    )


def check_version(file: File, expected: int | None) -> None:
    """The version somebody says they saw.

    Raises:
        Refusal: 409 when the file has moved on.
    """
    if expected is not None and expected != file.version:
        raise Refusal(409, "PROGRAMME-CHANGED")


def file_put(file: File, at: datetime, *, state: str | None = None) -> Put:
    """The file one version further, in a state; leaving its first state is its deposit."""
    leaves = state is not None and file.state == file.life.machine.initial
    deposited = at if leaves else file.deposited
    row = {
        "owner": file.owner, "id": file.id, "month": file.month, "programme": file.programme.id,
        "machine": file.life.machine.id, "organization": file.organization, "region": file.region,
        "key": key_text(file.key), "state": state or file.state, "version": file.version + 1,
        "created": micros(file.created), "updated": micros(at),
        "deposited": None if deposited is None else micros(deposited),
    }  # fmt: skip
    return Put("programme_file", (row,), replace=True)


def key_text(key: Any) -> str:
    """What a file is about, always written the same way."""
    return json.dumps(dict(key), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _move_put(file: File, moved: Moved, month: int) -> Put:
    row = {
        "owner": file.owner, "file": file.id, "seq": file.version + 1, "month": month, "from_state": moved.source,
        "to_state": moved.target, "actor": moved.actor, "role": moved.role, "who": moved.who, "at": micros(moved.at),
        "reasons": json.dumps(moved.reasons, ensure_ascii=False),
        "notices": json.dumps([astuple(one) for one in moved.notices], ensure_ascii=False),
        "letter": moved.letter, "decision": moved.decision, "paid": moved.paid, "committed": moved.committed,
        "envelope": file.envelope,
    }  # fmt: skip
    return Put("programme_move", (row,))


def _credit_expect(looked: Looked, envelope: str) -> Expect:
    """That the envelope holds what the guards saw: two files may not both take the last of it."""
    where: dict[str, Any] = _line(looked, envelope)
    present = looked.credit is not None
    seen = {"committed": looked.credit} if present else {}
    return Expect("programme_credit", where | seen, present, "PROGRAMME-CHANGED")


def _credit_put(looked: Looked, envelope: str, cents: int) -> Put:
    row = _line(looked, envelope) | {"committed": (looked.credit or 0) + cents}
    return Put("programme_credit", (row,), replace=True)


def _line(looked: Looked, envelope: str) -> dict[str, Any]:
    return {"programme": looked.file.programme.id, "envelope": envelope}
