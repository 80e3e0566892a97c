"""A decision put on record with the rules of its day, its parameter set and its counted ids; and replayed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fhir_server.ids import PARIS, micros, new_id
from fhir_server.programmes.actors import Hand
from fhir_server.programmes.office import Office
from fhir_server.programmes.records import Decision, File
from fhir_server.programmes.registry import known
from fhir_server.programmes.views import Looked, evidence
from fhir_server.security.caller import Scope
from fhir_server.store import reading
from fhir_server.store.acts import Put
from indicators.measures import Evidence
from indicators.programmes.decisions import DecisionRecord, counted_keys, decide, read_record, replay
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Ruling

PARTS = ("outcome", "rules")
"""What a replay computes again; everything else of a record is its own input."""


@dataclass(frozen=True, slots=True)
class Written:
    """A record and the secret of its counted ids, which is kept apart."""

    record: DecisionRecord
    secret: bytes

    @property
    def id(self) -> str:
        """The id of the decision."""
        return self.record.id

    @property
    def paid(self) -> int:
        """Cents of its instalments."""
        return self.record.total

    def puts(self, file: File, month: int) -> list[Put]:
        """The rows to write."""
        at = micros(datetime.fromisoformat(self.record.decided_at))
        row = {"owner": file.owner, "id": self.id, "month": month, "file": file.id, "at": at,
               "record": self.record.to_bytes(), "digest": self.record.digest}  # fmt: skip
        return [
            Put("programme_decision", (row,)),
            Put("programme_secret", ({"decision": self.id, "secret": self.secret},)),
        ]


def decided(office: Office, looked: Looked, ruling: Ruling, hand: Hand, actor: str) -> Written:
    """The record of a ruling.

    Raises:
        RuleError: an operation the programme does not have, or instalments that rest on a result that is not firm.
    """
    secret, view = secrets.token_bytes(32), looked.view
    record = decide(
        new_id(),
        looked.file.programme,
        ruling.op,
        ruling.inputs,
        decided_by=hand.who,
        role=actor,
        decided_at=view.at.astimezone(PARIS),
        as_of=view.day,
        parameter_set=_named(looked),
        counted=counted_keys(secret, _counted(office, looked)),
        instalments=ruling.instalments,
    )
    return Written(record, secret)


def _named(looked: Looked) -> str:
    """`id@version` and the fingerprint of the region's set; the texts' own values when it has posted none."""
    if looked.posted is None:
        return looked.file.programme.parameters.id
    found = looked.posted.found
    return f"{found.key} sha256:{found.fingerprint}"


def _counted(office: Office, looked: Looked) -> set[str]:
    """What the figures of the decision counted, by names its owner has."""
    rows = [row for measure in looked.measures for row in evidence(office, looked, measure)]
    return set(counted_names(office, looked.file.owner, rows))


def counted_names(office: Office, owner: str, rows: Sequence[Evidence]) -> list[str]:
    """What the counted rows count, by names the owner has: unique ids, stay numbers."""
    rows = [row for row in rows if row.counted]
    with office.reading() as connection:
        names = reading.unique_ids(connection, Scope(owner), {row.document for row in rows if row.document})
        numbers = reading.stay_numbers(connection, Scope(owner), {row.stay for row in rows if row.stay is not None})
    return list(filter(None, (_name(row, names, numbers) for row in rows)))


def _name(row: Evidence, names: dict[str, str], numbers: dict[int, str]) -> str | None:
    if row.document is not None:
        return names.get(row.document, row.document)
    if row.stay is not None:
        return numbers.get(row.stay, str(row.stay))
    return row.message or row.declared


def different(found: Decision) -> tuple[str, ...]:
    """Parts of a record that come out otherwise when it is computed again; nothing when its bytes are the same.

    `digest`: the bytes are not those that were written; `programme`, `op`: what computed it is no longer installed.
    """
    try:
        record = read_record(found.record)
        programme = known().get(record.programme)
        if programme is None:
            return ("programme",)
        again = replay(record, programme)
    except RuleError:
        return ("op",)
    except ValueError:
        return ("record",)
    parts = [name for name in PARTS if getattr(record, name) != getattr(again, name)]
    if hashlib.sha256(found.record).hexdigest() != found.digest:
        parts.append("digest")
    if again.to_bytes() != found.record and not parts:
        parts.append("record")
    return tuple(parts)
