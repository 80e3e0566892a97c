"""Apply a `WritePlan` inside a savepoint: check its preconditions where nobody else can write, then write everything.

Runs in the writer process (SQLite) or wherever a connection in a write transaction is at hand. A plan is applied whole
or not at all; what the checks of a worker could not know (duplicates, replaced targets, the stay link) is decided here.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import month_of
from fhir_server.store import acts, admissions, identity, linking, messages, stays, tables
from fhir_server.store.acts import Act
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.conflict import Conflict
from fhir_server.store.driver import Prepared, Session, as_date, insert
from fhir_server.store.envelope import mended, packed, unpacked
from fhir_server.store.message_filing import file_message, file_notice
from fhir_server.store.plan import (
    DocumentRow,
    Finding,
    IndexRow,
    Outcome,
    Stored,
    Supersede,
    WritePlan,
)  # fmt: skip
from fhir_server.store.resources import Resources
from fhir_server.store.search import matching
from fhir_server.store.standing import deletion

_identity = tables.document_identity
_resource = tables.resource
_index = tables.search_index
_facts = tables.documents
_submission = tables.submission
_P = sa.bindparam
_IDENTITY = Prepared(
    sa.select(_identity).where(_identity.c.owner == _P("owner"), _identity.c.unique_id == _P("unique_id"))
)
_REFERENCED = Prepared(
    sa.select(_identity).where(_identity.c.owner == _P("owner"), _identity.c.reference == _P("reference"))
)
_FIRST = Prepared(sa.select(_submission).where(_submission.c.owner == _P("owner"), _submission.c.id == _P("id")))
_FACT = Prepared(
    sa.select(_facts).where(_facts.c.legal_entity == _P("legal_entity"), _facts.c.document == _P("document"))
)
_KEY_VERSION = Prepared(sa.select(sa.func.max(tables.pseudonym_key.c.version).label("version")))
_SUPERSEDED = Prepared(
    _index.update()
    .where(
        _index.c.owner == _P("b_owner"), _index.c.type == "DocumentReference", _index.c.param == "status",
        _index.c.value == "current", _index.c.id == _P("b_id"),
    )
    .values(value="superseded")
)  # fmt: skip
_NO_FACT = Prepared(
    _facts.delete().where(_facts.c.legal_entity == _P("legal_entity"), _facts.c.document == _P("document"))
)


class Filer:
    """Applies plans on one connection; owns one audit chain.

    The caller opens the transaction, gives each plan a savepoint (see `file`), and commits many plans at once.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._db = Session(connection)
        self._resources = Resources(self._db)
        self._chain = uuid.uuid4().hex
        self._link = (0, b"")

    @property
    def position(self) -> tuple[int, bytes]:
        """Where the audit chain stands: to be put back when the transaction is lost."""
        return self._link

    @position.setter
    def position(self, link: tuple[int, bytes]) -> None:
        self._link = link

    def file(self, plan: WritePlan | Act | ResourcePlan) -> Outcome:
        """Apply one plan in a savepoint; a conflict is filed as a refused submission with its reason.

        A plan made under another key than today's, or before another event of its stay, is `stale`: nothing is written,
        its sender has to make it again.
        A conflict of a plan of rows writes nothing but the audit.
        """
        if isinstance(plan, Act):
            return self._act(plan)
        if isinstance(plan, ResourcePlan):
            return self._resources_changed(plan)
        return self._with_those_after(plan) if plan.then else self._submitted(plan)

    def _with_those_after(self, plan: WritePlan) -> Outcome:
        """The plan, then those it brings when it is accepted: something that goes wrong in between undoes them all."""
        link = self._link
        try:
            with self._db.savepoint():
                outcome = self._submitted(plan)
                accepted = outcome.decision == "accepted"
                then = tuple(self.file(one) for one in plan.then) if accepted else ()
        except BaseException:
            self._link = link
            raise
        return msgspec.structs.replace(outcome, then=then)

    def _submitted(self, plan: WritePlan) -> Outcome:
        if self._db.one(_KEY_VERSION).version != plan.key_version or admissions.overtaken(self._db, plan):
            return Outcome("stale", plan.id, 503, plan.received, "refused", (), ())
        link = self._link
        try:
            with self._db.savepoint():
                return self._duplicate(plan) or self._apply(plan)
        except Conflict as conflict:
            self._link = link
            with self._db.savepoint():
                return self._refuse(plan, conflict)
        except BaseException:
            self._link = link
            raise

    # -- preconditions ---------------------------------------------------------------------------------------------

    def _duplicate(self, plan: WritePlan) -> Outcome | None:
        """The first answer, when every document (or message) of the plan was filed before with the same bytes (policy).

        Raises:
            Conflict: 409, a unique id that is filed with other bytes, or in another submission than the rest.
        """
        found = [self._db.one(_IDENTITY, owner=plan.owner, unique_id=d.unique_id) for d in plan.documents]
        if not any(found):
            return self._same_admission(plan) or self._same_messages(plan)
        first = next(row for row in found if row is not None)
        for row, document in zip(found, plan.documents, strict=True):
            if row is None or row.sha256 != document.sha256 or row.submission != first.submission:
                taken = document if row is not None else plan.documents[found.index(first)]
                raise Conflict(409, Finding("SUBMISSION-CONFLICT", taken.location, {"unique_id": taken.unique_id}))
        for filed, document in zip(found, plan.documents, strict=True):
            messages.channels(self._db, plan.owner, filed.document, document)
        row = self._db.one(_FIRST, owner=plan.owner, id=first.submission)
        return self._again(plan, row, msgspec.msgpack.decode(row.record, type=Stored))

    def _again(self, plan: WritePlan, row: Any, stored: Stored) -> Outcome:
        self._audit(plan, "duplicate", row.id)
        return Outcome(
            "duplicate", row.id, row.status, row.received, row.decision, stored.placed, stored.findings,
            stored.record, row.month,
        )  # fmt: skip

    def _same_admission(self, plan: WritePlan) -> Outcome | None:
        """The first answer, when the very same message of admissions was acted upon before."""
        claim = admissions.claimed(self._db, plan.owner, plan.admission) if plan.admission is not None else None
        if claim is None:
            return None
        row = self._db.one(_FIRST, owner=plan.owner, id=claim.submission)
        return self._again(plan, row, msgspec.msgpack.decode(row.record, type=Stored))

    def _same_messages(self, plan: WritePlan) -> Outcome | None:
        """The first answer, when one earlier submission was these very messages in this order."""
        if not plan.messages or len(plan.messages) != len(plan.entries):
            return None
        found = [messages.claimed(self._db, plan.owner, row) for row in plan.messages]
        if any(c is None or c.fingerprint != r.fingerprint for c, r in zip(found, plan.messages, strict=True)):
            return None
        row = self._db.one(_FIRST, owner=plan.owner, id=found[0].submission)
        stored = msgspec.msgpack.decode(row.record, type=Stored)
        if row.door != plan.door or [place[0] for place in stored.placed] != [c.reference for c in found]:
            return None
        return self._again(plan, row, stored)

    # -- writing ---------------------------------------------------------------------------------------------------

    def _apply(self, plan: WritePlan) -> Outcome:
        findings: list[Finding] = []
        self._contents(plan)
        admissions.file(self._db, plan)  # first: what comes with it is of the persons as they are known now
        placed: dict[tuple[str, str], tuple[str, int]] = {}
        found_by: dict[tuple[str, str], list[IndexRow]] = {}
        for row in plan.index:
            found_by.setdefault((row.type, row.id), []).append(row)
        for resource in plan.resources:
            key = (resource.type, resource.id)
            placed[key] = (resource.id, self._resources.put(plan, resource, found_by.get(key, ())))
        for supersede in plan.supersedes:
            key = ("DocumentReference", supersede.target.removeprefix("DocumentReference/"))
            placed[key] = self._supersede(plan, supersede, findings)
        for document in plan.documents:
            findings.extend(self._document(plan, document))
        for message in plan.messages:
            key = (message.resource.type, message.resource.id)
            placed[key] = file_message(self._db, self._resources, plan, message, findings)
        for notice in plan.notices:
            placed["Communication", ""] = file_notice(self._db, self._resources, plan, notice, findings)
        if plan.stays:
            stays.file(self._db, plan.owner, plan.stays)
        if plan.mailboxes:
            messages.learn(self._db, plan.owner, plan.mailboxes)
        acts.apply(self._db, puts=plan.puts)
        ordered = tuple(placed.get(entry, (entry[1], 0)) for entry in plan.entries)
        self._submission(plan, plan.decision, plan.status, ordered, tuple(findings))
        self._audit(plan, plan.decision, plan.id)
        return Outcome(
            "filed", plan.id, plan.status, plan.received, plan.decision, ordered, tuple(findings), month=plan.month
        )

    def _act(self, plan: Act) -> Outcome:
        link = self._link
        try:
            with self._db.savepoint():
                unmet = acts.first_unmet(self._db, plan)
                if unmet is None:
                    acts.apply(self._db, drops=plan.drops, puts=plan.puts, changes=plan.changes)
                self._audit(plan, plan.outcome if unmet is None else "refused", plan.entity)
        except BaseException:
            self._link = link
            raise
        if unmet is None:
            return Outcome("filed", plan.id, 200, plan.received, "accepted", (), (), month=plan.month)
        finding = Finding(unmet.rule, unmet.location, unmet.params)
        return Outcome("conflict", plan.id, unmet.status, plan.received, "refused", (), (finding,), month=plan.month)

    def _resources_changed(self, plan: ResourcePlan) -> Outcome:
        """All of it, if what it was planned upon still stands; else stale, and nothing."""
        if not self._stands(plan):
            return Outcome("stale", plan.id, 503, plan.received, "refused", (), ())
        link = self._link
        try:
            with self._db.savepoint():
                placed = tuple((one.id, self._resources.version(plan, one)) for one in plan.versions)
                acts.apply(self._db, puts=plan.puts, changes=plan.changes)
                self._audit(plan, "done", plan.entity)
        except BaseException:
            self._link = link
            raise
        return Outcome("filed", plan.id, 200, plan.received, "accepted", placed, (), month=plan.month)

    def _stands(self, plan: ResourcePlan) -> bool:
        for one in plan.seen:
            row = self._resources.current(plan.owner, one.type, one.id)
            if (0 if row is None else row.version) != one.version:
                return False
        return all(
            matching(self._connection, plan.owner, one.type, one.criteria, one.limit) == tuple(sorted(one.found))
            for one in plan.relied
        )

    def _refuse(self, plan: WritePlan, conflict: Conflict) -> Outcome:
        """File the submission as refused: the sender can always read why."""
        self._submission(whole(plan), "refused", conflict.status, (), conflict.findings)
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
        self._db.run(
            insert(_submission), owner=plan.owner, id=plan.id, month=plan.month, door=plan.door,
            received=plan.received, decision=decision, status=status, sha256=plan.sha256, size=plan.size,
            envelope=plan.envelope, cuts=plan.cuts, record=record,
        )  # fmt: skip
        if decision == "refused":  # no resource tells of it: who follows along reads it here
            self._resources.changed(plan, "Submission", plan.id, 1, "refused")

    def _contents(self, plan: WritePlan) -> None:
        if plan.contents:
            rows = [
                {"owner": plan.owner, "month": plan.month, "sha256": c.sha256, "size": c.size, "zlib": c.zlib}
                for c in plan.contents
            ]
            self._db.many(insert(tables.document_content, ignore=True), rows)

    def _supersede(self, plan: WritePlan, change: Supersede, findings: list[Finding]) -> tuple[str, int]:
        """The PATCH of ITI-65: the target must exist, be current and be about the same patient (fhir-france A7.5)."""
        target = self._target(plan.owner, change.target)
        current = None if target is None else self._resources.current(plan.owner, "DocumentReference", target.reference)
        if target is None or current is None:
            if plan.lenient_replacement:
                findings.append(Finding("MHD-REPLACED-UNKNOWN", change.location))
                return "", 0
            raise Conflict(404, Finding("MHD-REPLACE-TARGET", change.location))
        about = (change.patient, *change.others)
        if change.replaced_by is not None and not (
            target.patient in about or identity.same_person(self._db, plan.owner, target.patient, about)
        ):
            raise Conflict(422, Finding("MHD-REPLACE-PATIENT", change.location))
        body = self._resources.body(current)
        if body.get("status") != "current":
            raise Conflict(412, Finding("MHD-REPLACE-STATUS", change.location))
        body["status"] = "superseded"
        version = self._resources.replace(plan, current, body)
        self._db.run(_SUPERSEDED, b_owner=plan.owner, b_id=target.reference)
        if change.replaced_by is None:  # superseded with nothing replacing it is a deletion (policy, Who and when)
            acts.apply(self._db, changes=(deletion(plan.owner, target.document, target.reference, plan.day),))
        return target.reference, version

    def _target(self, owner: str, target: str) -> Any:
        """The identity row of a document named by `DocumentReference/id` or by its unique id."""
        named = target.removeprefix("DocumentReference/")
        if named == target:
            return self._db.one(_IDENTITY, owner=owner, unique_id=target)
        return self._db.one(_REFERENCED, owner=owner, reference=named)

    # -- messages --------------------------------------------------------------------------------------------------

    # -- documents and facts ---------------------------------------------------------------------------------------

    def _document(self, plan: WritePlan, row: DocumentRow) -> list[Finding]:
        """Claim the unique id, then count the document once under its logical key."""
        key = self._logical_key(plan, row)
        self._db.run(
            insert(_identity), owner=plan.owner, unique_id=row.unique_id, sha256=row.sha256, document=key,
            reference=row.reference, patient=row.patient, submission=plan.id, month=plan.month,
        )  # fmt: skip
        link, stay = linking.link(self._db, plan.owner, row)
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
        named = {"legal_entity": plan.owner, "document": key}
        before = self._db.one(_FACT, **named)
        if before is not None:
            self._db.run(_NO_FACT, **named)
        fact = _fact(plan, row, link, stay, before)
        fact["mssante"] = messages.carried(self._db, plan.owner, row.sha256, row.kind) or fact["mssante"]
        self._db.run(insert(_facts), **named, **fact)
        if row.encounters:
            rows = (
                {"legal_entity": plan.owner, "encounter": e, "document": key, "month": plan.month}
                for e in row.encounters
            )
            self._db.many(insert(tables.document_encounter, ignore=True), rows)

    # -- audit -----------------------------------------------------------------------------------------------------

    def _audit(self, plan: WritePlan | Act | ResourcePlan, outcome: str, entity: str) -> None:
        seq, previous = self._link[0] + 1, self._link[1]
        fields = (self._chain, seq, plan.received, plan.owner, plan.role, plan.door, entity, outcome)
        digest = hashlib.sha256(previous + msgspec.json.encode(fields)).digest()
        names = ("chain", "seq", "at", "owner", "role", "action", "entity", "outcome")
        self._db.run(insert(tables.audit), **dict(zip(names, fields, strict=True)), month=plan.month, hash=digest)
        self._link = (seq, digest)


def whole(plan: WritePlan) -> WritePlan:
    """The plan with its documents back in the envelope: what is refused is kept, and forgotten, in one piece."""
    if plan.envelope is None:
        return plan
    documents = {content.sha256: zlib.decompress(content.zlib) for content in plan.contents}
    envelope = mended(zlib.decompress(plan.envelope), unpacked(plan.cuts), documents)
    return msgspec.structs.replace(plan, envelope=zlib.compress(envelope, 1), cuts=packed(()))


def _fact(plan: WritePlan, row: DocumentRow, link: str, stay: int | None, before: Any) -> dict[str, Any]:
    """The fact row after this version: a new version keeps the deposit date unless it changes the identity level."""
    same_level = before is not None and before.ins_level == row.ins_level
    deposited = (as_date(before.deposited) if same_level else None) or row.deposited
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
