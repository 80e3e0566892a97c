"""Apply a `WritePlan` inside a savepoint: check its preconditions where nobody else can write, then write everything.

Runs in the writer process (SQLite) or wherever a connection in a write transaction is at hand. A plan is applied whole
or not at all; what the checks of a worker could not know (duplicates, replaced targets, the stay link) is decided here.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import month_of
from fhir_server.store import linking, tables
from fhir_server.store.plan import DocumentRow, Finding, IndexRow, Outcome, ResourceRow, Stored, Supersede, WritePlan

_identity = tables.document_identity
_resource = tables.resource
_index = tables.search_index
_facts = tables.documents
# Numbers stay as they were written: 1.50 must not come back as 1.5.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Conflict(Exception):
    """A precondition of the plan does not hold; nothing of it may stay."""

    def __init__(self, status: int, *findings: Finding) -> None:
        super().__init__(", ".join(finding.rule for finding in findings))
        self.status = status
        self.findings = findings


class Filer:
    """Applies plans on one connection; owns one audit chain.

    The caller opens the transaction, gives each plan a savepoint (see `file`), and commits many plans at once.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._chain = uuid.uuid4().hex
        self._seq = 0
        self._previous = b""

    def file(self, plan: WritePlan) -> Outcome:
        """Apply one plan in a savepoint; a conflict is filed as a refused submission with its reason."""
        duplicate = self._duplicate(plan) if plan.decision == "accepted" else None
        if duplicate is not None:
            return duplicate
        try:
            with self._connection.begin_nested():
                return self._apply(plan)
        except Conflict as conflict:
            with self._connection.begin_nested():
                return self._refuse(plan, conflict)

    # -- preconditions ---------------------------------------------------------------------------------------------

    def _duplicate(self, plan: WritePlan) -> Outcome | None:
        """The first answer, when every document of the plan was filed before with the same bytes (policy)."""
        found = [self._identity_of(plan.owner, document.unique_id) for document in plan.documents]
        if not found or any(
            row is None or row.sha256 != d.sha256 for row, d in zip(found, plan.documents, strict=True)
        ):
            return None
        first = found[0]
        assert first is not None
        if any(row is not None and row.submission != first.submission for row in found):
            return None
        row = self._connection.execute(
            sa.select(tables.submission).where(
                tables.submission.c.owner == plan.owner, tables.submission.c.id == first.submission
            )
        ).one()
        stored = msgspec.msgpack.decode(row.record, type=Stored)
        self._audit(plan, "duplicate", first.submission)
        return Outcome(
            "duplicate", row.id, row.status, row.received, row.decision, stored.placed, stored.findings,
            stored.record, row.month,
        )  # fmt: skip

    def _identity_of(self, owner: str, unique_id: str) -> Any:
        return self._connection.execute(
            sa.select(_identity).where(_identity.c.owner == owner, _identity.c.unique_id == unique_id)
        ).one_or_none()

    # -- writing ---------------------------------------------------------------------------------------------------

    def _apply(self, plan: WritePlan) -> Outcome:
        findings: list[Finding] = []
        self._contents(plan)
        placed: dict[tuple[str, str], tuple[str, int]] = {}
        for resource in plan.resources:
            placed[resource.type, resource.id] = (resource.id, self._put(plan, resource))
        for supersede in plan.supersedes:
            key = ("DocumentReference", supersede.target.removeprefix("DocumentReference/"))
            placed[key] = self._supersede(plan, supersede, findings)
        self._insert_index(plan.owner, plan.month, plan.index)
        for document in plan.documents:
            findings.extend(self._document(plan, document))
        ordered = tuple(placed.get(entry, (entry[1], 0)) for entry in plan.entries)
        self._submission(plan, plan.decision, plan.status, ordered, tuple(findings))
        self._audit(plan, plan.decision, plan.id)
        return Outcome(
            "filed", plan.id, plan.status, plan.received, plan.decision, ordered, tuple(findings), month=plan.month
        )

    def _refuse(self, plan: WritePlan, conflict: Conflict) -> Outcome:
        """File the submission as refused: the sender can always read why."""
        self._submission(plan, "refused", conflict.status, (), conflict.findings)
        self._audit(plan, "refused", plan.id)
        return Outcome(
            "conflict", plan.id, conflict.status, plan.received, "refused", (), conflict.findings, month=plan.month
        )

    def _submission(
        self,
        plan: WritePlan,
        decision: str,
        status: int,
        placed: tuple[tuple[str, int], ...],
        findings: tuple[Finding, ...],
    ) -> None:
        record = msgspec.msgpack.encode(Stored(plan.record, placed, findings))
        self._connection.execute(
            tables.submission.insert(),
            {
                "owner": plan.owner, "id": plan.id, "month": plan.month, "door": plan.door, "received": plan.received,
                "decision": decision, "status": status, "sha256": plan.sha256, "size": plan.size,
                "envelope": plan.envelope, "cuts": plan.cuts, "record": record,
            },
        )  # fmt: skip

    def _contents(self, plan: WritePlan) -> None:
        if plan.contents:
            rows = [
                {"owner": plan.owner, "month": plan.month, "sha256": c.sha256, "size": c.size, "zlib": c.zlib}
                for c in plan.contents
            ]
            self._connection.execute(tables.document_content.insert().prefix_with("or ignore", dialect="sqlite"), rows)

    def _put(self, plan: WritePlan, row: ResourceRow) -> int:
        """Insert a resource, or add a version to it when its id is derived and it is already there."""
        if row.upsert:
            current = self._current(plan.owner, row.type, row.id)
            if current is not None:
                old, new = _DECODER.decode(current.body), _DECODER.decode(row.body)
                same = {**old, "meta": None} == {**new, "meta": None}
                return int(current.version) if same else self._replace(plan, current, new)
        self._connection.execute(
            _resource.insert(),
            {
                "owner": plan.owner, "type": row.type, "id": row.id, "month": plan.month, "version": 1,
                "updated": plan.received, "submission": plan.id, "body": row.body,
            },
        )  # fmt: skip
        return 1

    def _current(self, owner: str, kind: str, resource_id: str) -> Any:
        return self._connection.execute(
            sa.select(_resource).where(
                _resource.c.owner == owner, _resource.c.type == kind, _resource.c.id == resource_id
            )
        ).one_or_none()

    def _replace(self, plan: WritePlan, current: Any, body: dict[str, Any]) -> int:
        """Move the current version to the history and put the new one in its place."""
        self._connection.execute(tables.resource_history.insert(), dict(current._mapping))
        version: int = current.version + 1
        moment = datetime.fromtimestamp(plan.received / 1_000_000, UTC).isoformat(timespec="milliseconds")
        body["meta"] = {**(body.get("meta") or {}), "versionId": str(version), "lastUpdated": moment}
        self._connection.execute(
            _resource.update().where(
                _resource.c.owner == current.owner, _resource.c.type == current.type, _resource.c.id == current.id,
                _resource.c.month == current.month,
            ),
            {"version": version, "updated": plan.received, "submission": plan.id, "body": _ENCODER.encode(body)},
        )  # fmt: skip
        return version

    def _insert_index(self, owner: str, month: int, rows: tuple[IndexRow, ...]) -> None:
        if rows:
            self._connection.execute(
                _index.insert().prefix_with("or ignore", dialect="sqlite"),
                [{"owner": owner, "month": month, **msgspec.structs.asdict(row)} for row in rows],
            )

    def _supersede(self, plan: WritePlan, change: Supersede, findings: list[Finding]) -> tuple[str, int]:
        """The PATCH of ITI-65: the target must exist, be current and be about the same patient (fhir-france A7.5)."""
        target = self._target(plan.owner, change.target)
        current = None if target is None else self._current(plan.owner, "DocumentReference", target.reference)
        if target is None or current is None:
            if plan.lenient_replacement:
                findings.append(Finding("MHD-REPLACED-UNKNOWN", change.location))
                return "", 0
            raise Conflict(404, Finding("MHD-REPLACE-TARGET", change.location))
        if change.replaced_by is not None and target.patient != change.patient:
            raise Conflict(422, Finding("MHD-REPLACE-PATIENT", change.location))
        body = _DECODER.decode(current.body)
        if body.get("status") != "current":
            raise Conflict(412, Finding("MHD-REPLACE-STATUS", change.location))
        body["status"] = "superseded"
        version = self._replace(plan, current, body)
        self._move_status(plan.owner, target.reference)
        if change.replaced_by is None:
            self._delete(plan, target.document)
        return target.reference, version

    def _target(self, owner: str, target: str) -> Any:
        """The identity row of a document named by `DocumentReference/id` or by its unique id."""
        named = target.removeprefix("DocumentReference/")
        column = _identity.c.unique_id if named == target else _identity.c.reference
        return self._connection.execute(
            sa.select(_identity).where(_identity.c.owner == owner, column == named)
        ).one_or_none()

    def _move_status(self, owner: str, reference: str) -> None:
        self._connection.execute(
            _index.update().where(
                _index.c.owner == owner, _index.c.type == "DocumentReference", _index.c.param == "status",
                _index.c.value == "current", _index.c.id == reference,
            ),
            {"value": "superseded"},
        )  # fmt: skip

    def _delete(self, plan: WritePlan, document: str) -> None:
        """Superseded with nothing replacing it is a deletion (policy, Who and when)."""
        self._connection.execute(
            _facts.update().where(_facts.c.legal_entity == plan.owner, _facts.c.document == document),
            {"deleted": plan.day},
        )

    # -- documents and facts ---------------------------------------------------------------------------------------

    def _document(self, plan: WritePlan, row: DocumentRow) -> list[Finding]:
        """Claim the unique id, then count the document once under its logical key."""
        if self._identity_of(plan.owner, row.unique_id) is not None:
            raise Conflict(409, Finding("SUBMISSION-CONFLICT", row.location, {"unique_id": row.unique_id}))
        key = self._logical_key(plan, row)
        self._connection.execute(
            _identity.insert(),
            {
                "owner": plan.owner, "unique_id": row.unique_id, "sha256": row.sha256, "document": key,
                "reference": row.reference, "patient": row.patient, "submission": plan.id, "month": plan.month,
            },
        )  # fmt: skip
        link, stay = linking.link(self._connection, plan.owner, row)
        if row.counted_site:
            self._count(plan, row, key, link, stay)
        return linking.findings(row, link)

    def _logical_key(self, plan: WritePlan, row: DocumentRow) -> str:
        """The chain of replacements, else the CDA set, says which logical document this is a version of."""
        if row.replaces is not None:
            target = self._target(plan.owner, row.replaces)
            if target is not None:
                return str(target.document)
            if not plan.lenient_replacement:
                raise Conflict(404, Finding("MHD-REPLACE-TARGET", row.location))
        return row.document

    def _count(self, plan: WritePlan, row: DocumentRow, key: str, link: str, stay: int | None) -> None:
        where = (_facts.c.legal_entity == plan.owner, _facts.c.document == key)
        before = self._connection.execute(sa.select(_facts).where(*where)).one_or_none()
        values = _fact(plan, row, link, stay, before)
        if before is None:
            self._connection.execute(_facts.insert(), {"legal_entity": plan.owner, "document": key, **values})
        else:
            self._connection.execute(_facts.update().where(*where), values)
        if row.encounters:
            self._connection.execute(
                tables.document_encounter.insert().prefix_with("or ignore", dialect="sqlite"),
                [{"legal_entity": plan.owner, "encounter": e, "document": key} for e in row.encounters],
            )

    # -- audit -----------------------------------------------------------------------------------------------------

    def _audit(self, plan: WritePlan, outcome: str, entity: str) -> None:
        self._seq += 1
        fields = (self._chain, self._seq, plan.received, plan.owner, plan.role, plan.door, entity, outcome)
        self._previous = hashlib.sha256(self._previous + msgspec.json.encode(fields)).digest()
        names = ("chain", "seq", "at", "owner", "role", "action", "entity", "outcome")
        values: dict[str, Any] = dict(zip(names, fields, strict=True))
        self._connection.execute(tables.audit.insert(), values | {"hash": self._previous})


def _fact(plan: WritePlan, row: DocumentRow, link: str, stay: int | None, before: Any) -> dict[str, Any]:
    """The fact row after this version: a new version keeps the deposit date unless it changes the identity level."""
    same_level = before is not None and before.ins_level == row.ins_level
    deposited: date = before.deposited if same_level else row.deposited
    if stay is None and before is not None and before.stay is not None and link == "unknown":
        link, stay = before.link, before.stay
    return {
        "month": month_of(deposited), "organization": row.organization, "kind": row.kind, "stay": stay,
        "patient": row.patient, "produced": before.produced if before is not None else row.produced,
        "deposited": deposited, "deleted": None,
        "dmp": row.dmp or (before is not None and before.dmp),
        "mssante": row.mssante or (before is not None and before.mssante),
        "ins_level": row.ins_level, "conformant": True, "acknowledged": before is not None and before.acknowledged,
        "key_version": plan.key_version, "link": link, "site": row.site, "encounter_end": row.encounter_end,
        "reference": row.reference, "submission": plan.id,
    }  # fmt: skip
