"""Decisions as records: who, when, with which rules and parameters, with what result; replayed, the same bytes.

A record is a value and its canonical JSON. Documents are named by keys that belong to one decision (a hash over the
decision's own secret), so that two records cannot be joined on a person's documents, and no pseudonym leaves.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from indicators.programmes.casefile import answer
from indicators.programmes.errors import RuleError
from indicators.programmes.model import Programme


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of a decision, in cents."""

    name: str
    cents: int


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision, whole: it replays without anything else but the rules.

    `rules` maps each rule to the effect date it was applied with; `parameter_set` is `id@version` and fingerprint;
    `counted` are decision-scoped keys, sorted.
    """

    id: str
    programme: str
    decided_by: str
    role: str
    decided_at: str
    as_of: str
    op: str
    inputs: Mapping[str, Any]
    outcome: Any
    rules: Mapping[str, str]
    parameter_set: str
    counted: tuple[str, ...] = ()
    instalments: tuple[Instalment, ...] = ()

    @property
    def total(self) -> int:
        """Cents of all instalments."""
        return sum(one.cents for one in self.instalments)

    def to_bytes(self) -> bytes:
        """Canonical JSON: keys in order, no spaces, UTF-8; one record, one sequence of bytes."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the record."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def counted_keys(secret: bytes, documents: Iterable[str]) -> tuple[str, ...]:
    """Keys of counted documents that mean something inside one decision only: HMAC-SHA-256 under its own secret."""
    return tuple(sorted({hmac.new(secret, name.encode(), hashlib.sha256).hexdigest() for name in documents}))


def decide(
    decision_id: str,
    programme: Programme,
    op: str,
    inputs: Mapping[str, Any],
    *,
    decided_by: str,
    role: str,
    decided_at: datetime,
    as_of: date,
    parameter_set: str,
    counted: Iterable[str] = (),
    instalments: Iterable[Instalment] = (),
) -> DecisionRecord:
    """Run an operation and record it with the rules in force on its date (C-09, C-11).

    Raises `RuleError`: `unknown_op:<name>`, `indicative_pays:<name>` and `unknown_pays:<name>` when instalments rest on
    a result that is not firm.
    """
    outcome = _run(programme, op, inputs)
    paid = tuple(instalments)
    _check_firm(op, outcome, paid)
    return DecisionRecord(
        id=decision_id,
        programme=programme.id,
        decided_by=decided_by,
        role=role,
        decided_at=decided_at.isoformat(),
        as_of=as_of.isoformat(),
        op=op,
        inputs=json.loads(json.dumps(inputs)),
        outcome=outcome,
        rules={rule.id: rule.effective_from.isoformat() for rule in programme.rules_on(as_of)},
        parameter_set=parameter_set,
        counted=tuple(sorted(counted)),
        instalments=paid,
    )


def _run(programme: Programme, op: str, inputs: Mapping[str, Any]) -> Any:
    found = next((one for one in programme.ops if one.name == op), None)
    if found is None:
        raise RuleError(f"unknown_op:{op}")
    return json.loads(json.dumps(answer(found.run, inputs)))


def _check_firm(op: str, outcome: Any, instalments: tuple[Instalment, ...]) -> None:
    if not instalments or not isinstance(outcome, dict):
        return
    if "error" in outcome:
        raise RuleError(f"unknown_pays:{op}")
    if outcome.get("indicative"):
        raise RuleError(f"indicative_pays:{op}")


def replay(record: DecisionRecord, programme: Programme) -> DecisionRecord:
    """The record computed again from its own inputs and the rules in force on its date; equal bytes when nothing moved.

    Raises `RuleError` `unknown_op:<name>` when the programme no longer has the operation.
    """
    return DecisionRecord(
        **{
            **{name: getattr(record, name) for name in DecisionRecord.__slots__},
            "outcome": _run(programme, record.op, record.inputs),
            "rules": {
                rule.id: rule.effective_from.isoformat()
                for rule in programme.rules_on(date.fromisoformat(record.as_of))
            },
        }
    )


def read_record(data: bytes) -> DecisionRecord:
    """A record from its bytes. Raises `ValueError` on anything else."""
    try:
        content = json.loads(data)
        instalments = tuple(Instalment(**row) for row in content.pop("instalments"))
        return DecisionRecord(**{**content, "counted": tuple(content["counted"]), "instalments": instalments})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a decision record: {error}") from error
