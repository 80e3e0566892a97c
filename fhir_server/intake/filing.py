"""A checked submission becomes a `WritePlan`: ids given, references rewritten, rows and facts written down.

Nothing received is altered: the envelope is kept with each document cut out of it by place, length and hash, and the
document's bytes are kept once. What is served is made here, from the same resources, with our ids.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fhir_server.fhir.indexing import index_rows
from fhir_server.fhir.interactions.bodies import encoded
from fhir_server.fhir.patients import patient_id
from fhir_server.ids import Pseudonyms, micros, month_of, new_id, paris_date
from fhir_server.intake.facts import document_row, known_identity, local_patient_keys
from fhir_server.intake.mailboxes import learnt
from fhir_server.intake.record import DocumentRecord, EntryRecord, Record, stored
from fhir_server.intake.submission import Submission
from fhir_server.store.envelope import Cut, cut, packed
from fhir_server.store.plan import Content, DocumentRow, IndexRow, ResourceRow, Supersede, WritePlan
from validators.mhd import Entry, Provided, ProvidedBundle
from validators.mhd.bundle import BINARY, PATIENT, UPDATE
from validators.mhd.subject import searched_identifier
from validators.report import Issue

_LEVEL = 1
"""zlib level: 75 µs for a 97 kB CDA, against 217 µs at level 6 for little more."""


@dataclass(frozen=True, slots=True)
class Site:
    """The establishment a submission comes from: as named, and as our table knows it (None: unknown)."""

    named: str | None
    organization: str | None
    counted: bool = True


@dataclass(slots=True)
class _Draft:
    """What a plan is gathered in."""

    ids: dict[int, str] = field(default_factory=dict)
    resources: list[ResourceRow] = field(default_factory=list)
    index: list[IndexRow] = field(default_factory=list)
    contents: dict[bytes, Content] = field(default_factory=dict)


def plan_refusal(
    submission: Submission, issues: list[Issue], status: int, *, keep: bool, keys: Pseudonyms
) -> WritePlan:
    """A refused submission: its report and hash, and its bytes while the retention lasts."""
    record = Record(stored(issues), (), ())
    envelope = zlib.compress(submission.received.body, _LEVEL) if keep else None
    return _plan(submission, "refused", status, record, envelope, (), keys, _Draft(), (), ())


def plan_acceptance(submission: Submission, issues: list[Issue], sites: list[Site], keys: Pseudonyms) -> WritePlan:
    """Everything an accepted submission writes."""
    bundle = submission.bundle
    assert bundle is not None
    draft = _Draft()
    _give_ids(bundle, draft, submission, keys)
    for entry in bundle.entries.all:
        _resource(entry, bundle, draft, submission)
    pairs = list(zip(bundle.documents, sites, strict=True))
    rows = tuple(_document(document, site, draft, submission, keys) for document, site in pairs)
    supersedes = tuple(_supersede(bundle, draft, rows, submission, keys))
    record = Record(
        stored(issues),
        tuple(
            EntryRecord(e.resource.get("resourceType", ""), draft.ids[e.index], e.slice != UPDATE)
            for e in bundle.entries.all
        ),
        tuple(_document_record(d, row) for d, row in zip(bundle.documents, rows, strict=True)),
    )
    held = [(d.data, d.encoded) for d in bundle.documents if d.data is not None]
    envelope, cuts = cut(submission.received.body, held)
    plan = _plan(
        submission, "accepted", 200, record, zlib.compress(envelope, _LEVEL), cuts, keys, draft, rows, supersedes
    )
    boxes = learnt((document.reference, site.organization) for document, site in pairs)
    known = (known_identity(document, plan.owner, keys) for document in bundle.documents)
    persons = tuple(dict.fromkeys(one for one in known if one is not None and one.locals))
    return msgspec.structs.replace(plan, mailboxes=boxes, identities=persons)


def _plan(
    submission: Submission,
    decision: str,
    status: int,
    record: Record,
    envelope: bytes | None,
    cuts: tuple[Cut, ...],
    keys: Pseudonyms,
    draft: _Draft,
    rows: tuple[DocumentRow, ...],
    supersedes: tuple[Supersede, ...],
) -> WritePlan:
    received = submission.received
    scope = received.caller.scope
    assert scope is not None
    day = paris_date(received.at)
    return WritePlan(
        scope.owner, received.caller.role.value, received.id, month_of(day), day, received.door, micros(received.at),
        decision, status, hashlib.sha256(received.body).digest(), len(received.body), envelope,
        packed(cuts), msgspec.msgpack.encode(record), keys.version,
        tuple(_target(e) for e in record.entries), tuple(draft.resources), tuple(draft.index),
        tuple(draft.contents.values()), supersedes, rows, submission.lenient_replacement,
    )  # fmt: skip


def _target(entry: EntryRecord) -> tuple[str, str]:
    return ("DocumentReference" if entry.type == "Parameters" else entry.type), entry.id


# -- ids and references --------------------------------------------------------------------------------------------


def _give_ids(bundle: ProvidedBundle, draft: _Draft, submission: Submission, keys: Pseudonyms) -> None:
    """A new id for every created resource; a Patient's follows from (owner, identity), so that it is the same again."""
    targets = {update.entry.index: update.target for update in bundle.updates}
    for entry in bundle.entries.all:
        if entry.slice == UPDATE:
            draft.ids[entry.index] = targets[entry.index].removeprefix("DocumentReference/")
        elif entry.index in submission.folders:
            draft.ids[entry.index] = submission.folders[entry.index]
        else:
            draft.ids[entry.index] = _patient_id(entry, submission, keys) if entry.slice == PATIENT else new_id()


def _patient_id(entry: Entry, submission: Submission, keys: Pseudonyms) -> str:
    scope = submission.received.caller.scope
    assert scope is not None
    return patient_id(entry.resource, entry.at, scope.owner, keys) or new_id()


Resolve = Callable[[str], str]
"""A reference into the bundle to `Type/id` of ours, or to what its entry only reads; any other as it is."""


def _resolver(bundle: ProvidedBundle, draft: _Draft) -> Resolve:
    def resolve(reference: str) -> str:
        target = bundle.entries.target(reference)
        if target is not None and target.method == "GET":
            return target.url
        kind = target.resource.get("resourceType") if target is not None else None
        return f"{kind}/{draft.ids[target.index]}" if target is not None and kind else reference

    return resolve


def rewritten(node: Any, resolve: Resolve) -> Any:
    """A copy of a resource with references into the bundle led to our ids, and conditional ones made logical."""
    if isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str):
            return _reference(node, reference, resolve)
        return {k: resolve(v) if k == "url" and isinstance(v, str) else rewritten(v, resolve) for k, v in node.items()}
    return [rewritten(item, resolve) for item in node] if isinstance(node, list) else node


def _reference(node: Mapping[str, Any], reference: str, resolve: Resolve) -> dict[str, Any]:
    """`Type?identifier=…` is a logical reference, never a failed match (policy, Identity)."""
    found = resolve(reference)
    identifier = searched_identifier(found)
    if identifier is None:
        return {**node, "reference": found}
    kind = found.partition("?")[0].rpartition("/")[2]
    named = {"system": identifier[0], "value": identifier[1]}
    return {"identifier": named, **{k: v for k, v in node.items() if k != "reference"}, "type": kind}


# -- rows ----------------------------------------------------------------------------------------------------------


def _resource(entry: Entry, bundle: ProvidedBundle, draft: _Draft, submission: Submission) -> None:
    if entry.slice == UPDATE or not entry.resource or entry.method == "GET":
        return
    kind = str(entry.resource["resourceType"])
    served = _served(entry, bundle, draft)
    received = submission.received
    meta = {
        **(served.pop("meta", None) or {}),
        "versionId": "1",
        "lastUpdated": received.at.isoformat(timespec="milliseconds"),
    }
    served.pop("resourceType"), served.pop("id", None)
    whole = {"resourceType": kind, "id": draft.ids[entry.index], "meta": meta, **served}
    body = encoded(whole)
    draft.resources.append(ResourceRow(kind, draft.ids[entry.index], body, upsert=_is_put(entry, submission)))
    patient = bundle.entries.first(PATIENT)
    person = patient.resource if patient is not None else None
    draft.index.extend(index_rows(whole, kind, draft.ids[entry.index], micros(received.at), person))


def _is_put(entry: Entry, submission: Submission) -> bool:
    """Whether a resource may be there already, under the id it has."""
    return entry.slice == PATIENT or entry.index in submission.folders


def _served(entry: Entry, bundle: ProvidedBundle, draft: _Draft) -> dict[str, Any]:
    """The resource as it will be read: a Binary keeps the hash of its bytes where its data were."""
    if entry.slice != BINARY:
        return dict(rewritten(dict(entry.resource), _resolver(bundle, draft)))
    document = next((d for d in bundle.documents if d.binary is entry), None)
    digest = hashlib.sha256(document.data).hexdigest() if document is not None and document.data is not None else ""
    return {**entry.resource, "data": f"sha256:{digest}"}


def _document(document: Provided, site: Site, draft: _Draft, submission: Submission, keys: Pseudonyms) -> DocumentRow:
    assert document.data is not None
    digest = hashlib.sha256(document.data).digest()
    if digest not in draft.contents:
        draft.contents[digest] = Content(digest, len(document.data), zlib.compress(document.data, _LEVEL))
    return document_row(document, digest, draft.ids[document.entry.index], site.named, site.organization, site.counted,
                        submission, keys)  # fmt: skip


def _document_record(document: Provided, row: DocumentRow) -> DocumentRecord:
    return DocumentRecord(
        row.unique_id, row.reference, row.kind, row.ins_level, row.sha256.hex(), len(document.data or b""),
        document.entry.index, document.binary.index if document.binary else document.entry.index,
    )  # fmt: skip


def _supersede(
    bundle: ProvidedBundle, draft: _Draft, rows: tuple[DocumentRow, ...], submission: Submission, keys: Pseudonyms
) -> list[Supersede]:
    scope = submission.received.caller.scope
    assert scope is not None
    by_reference = {row.reference: row for row in rows}
    found = []
    for update in bundle.updates:
        row = by_reference.get(draft.ids[update.replaced_by.entry.index]) if update.replaced_by else None
        found.append(
            Supersede(update.target, update.entry.asked, update.entry.index,
                      row.patient if row else None, row.unique_id if row else None,
                      local_patient_keys(update.replaced_by, scope.owner, keys) if update.replaced_by else ())
        )  # fmt: skip
    return found
