"""What a worker hands to the writer: preconditions, rows and bytes of one submission, and what comes back.

Plain msgspec structs: they cross a pipe, so they hold bytes, numbers and text only.
"""

from __future__ import annotations

from datetime import date

import msgspec

from fhir_server.store.acts import Put


class ResourceRow(msgspec.Struct, array_like=True, frozen=True):
    """A new resource, version 1. `upsert`: the id is derived from (owner, identity), so it may already be there."""

    type: str
    id: str
    body: bytes
    upsert: bool = False


class IndexRow(msgspec.Struct, array_like=True, frozen=True):
    """One search value of a resource."""

    type: str
    id: str
    param: str
    system: str
    value: str
    sort_date: int


class Content(msgspec.Struct, array_like=True, frozen=True):
    """The bytes of a document as received, compressed; `sha256` is over the received bytes."""

    sha256: bytes
    size: int
    zlib: bytes


class Supersede(msgspec.Struct, array_like=True, frozen=True):
    """Mark an existing DocumentReference superseded (ITI-65 UpdateDocumentRefs).

    Precondition: the target (`DocumentReference/id`, or a unique id) exists, belongs to the owner, is current, and is
    about `patient` or one of `others`: a person sent by local id yesterday and by INS today is the same person.
    `replaced_by` is the unique id of the replacing document, None when nothing replaces it (deletion).
    """

    target: str
    location: str
    entry: int
    patient: int | None
    replaced_by: str | None
    others: tuple[int, ...] = ()


class DocumentRow(msgspec.Struct, array_like=True, frozen=True):
    """One document: its claim on a unique id, and what it changes in the facts."""

    unique_id: str
    sha256: bytes
    reference: str
    document: str
    kind: str
    site: str | None
    organization: str | None
    patient: int | None
    produced: date
    deposited: date
    dmp: bool
    mssante: bool
    ins_level: str
    encounters: tuple[int, ...]
    encounter_end: date | None
    needs_stay: bool
    replaces: str | None
    location: str
    counted_site: bool = True


class MessageRow(msgspec.Struct, array_like=True, frozen=True):
    """One message: its claim on a Message-ID and direction, its Communication, and what it changes in the facts.

    `message` and `fingerprint` are pseudonyms of the Message-ID and of the content. `audiences` are (audience,
    delivered, patient), `attachments` (SHA-256, empty when not given; declared kind). `mailbox` holds the
    establishment's own addresses. Without `counted` (an editor's sandbox) nothing is written to the facts.

    `content` is a pseudonym of what the metadata say apart from the delivery; `recipients` are (address without a
    matricule, audience, state of delivery) of a message that was sent, in the order of its Communication.
    """

    message: str
    fingerprint: str
    direction: str
    resource: ResourceRow
    index: tuple[IndexRow, ...]
    day: date
    organization: str | None
    mailbox: str
    audiences: tuple[tuple[str, bool, int | None], ...]
    attachments: tuple[tuple[bytes, str | None], ...]
    location: str
    counted: bool = True
    content: str = ""
    recipients: tuple[tuple[str, str, int], ...] = ()


class NoticeRow(msgspec.Struct, array_like=True, frozen=True):
    """What a mail tells of a message that was sent: (address without a matricule, state of delivery) by recipient.

    `message` is the pseudonym of its Message-ID. Until that message is known, the notice waits.
    """

    message: str
    recipients: tuple[tuple[str, int], ...]
    location: str


class StayRow(msgspec.Struct, array_like=True, frozen=True):
    """One stay as an Encounter told it: inserted, or put in the place of what was known of the same number."""

    stay: int
    number: str
    organization: str
    discharged: date | None
    operated: bool
    excluded: bool
    field: str | None
    patient: int | None


class AdmissionRow(msgspec.Struct, array_like=True, frozen=True):
    """One ADT message: the keyed digest it is known again by, and the event of a stay, in microseconds.

    `seen` is the last event of the stay when the plan was made. Without a stay the message changes none.
    """

    digest: str
    recorded: int
    stay: int | None = None
    seen: int | None = None


class KnownIdentity(msgspec.Struct, array_like=True, frozen=True):
    """An INS (`waiting`: a NIA) that was sent together with local identifiers, all of them pseudonyms."""

    patient: int
    waiting: bool
    locals: tuple[int, ...]


class LinkRow(msgspec.Struct, array_like=True, frozen=True):
    """Two pseudonyms of one person: the first is followed to the second. `kind` is merge or nia."""

    patient: int
    target: int
    kind: str


class UnlinkRow(msgspec.Struct, array_like=True, frozen=True):
    """The pseudonyms of two persons who were taken for one."""

    one: tuple[int, ...]
    other: tuple[int, ...]


class MailboxRow(msgspec.Struct, array_like=True, frozen=True):
    """A mailbox learnt from an Organization of the sender's; what was imported, or learnt before, stays."""

    address: str
    organization: str
    kind: str | None


class WritePlan(msgspec.Struct, array_like=True, frozen=True, tag="submission"):
    """Everything one submission writes, or nothing of it."""

    owner: str
    role: str
    id: str
    month: int
    day: date
    door: str
    received: int
    decision: str
    status: int
    sha256: bytes
    size: int
    envelope: bytes | None
    cuts: bytes
    record: bytes
    key_version: int
    entries: tuple[tuple[str, str], ...]
    resources: tuple[ResourceRow, ...] = ()
    index: tuple[IndexRow, ...] = ()
    contents: tuple[Content, ...] = ()
    supersedes: tuple[Supersede, ...] = ()
    documents: tuple[DocumentRow, ...] = ()
    lenient_replacement: bool = False
    messages: tuple[MessageRow, ...] = ()
    stays: tuple[StayRow, ...] = ()
    mailboxes: tuple[MailboxRow, ...] = ()
    atomic: bool = True
    """With False (a batch), what one message finds does not touch the others."""
    notices: tuple[NoticeRow, ...] = ()
    admission: AdmissionRow | None = None
    identities: tuple[KnownIdentity, ...] = ()
    links: tuple[LinkRow, ...] = ()
    unlinks: tuple[UnlinkRow, ...] = ()
    puts: tuple[Put, ...] = ()
    """What else the same write brings: the relay's line."""
    then: tuple[WritePlan, ...] = ()
    """Filed in the same breath, each as a submission of its own, when this one is accepted: the archives of a mail."""


class Finding(msgspec.Struct, array_like=True, frozen=True):
    """An issue that only the write could find: rule id, place, parameters."""

    rule: str
    location: str
    params: dict[str, str] = {}


class Outcome(msgspec.Struct, array_like=True, frozen=True):
    """What became of a plan.

    `kind`: filed, duplicate (the first submission's `record`, `placed` and `findings` come back), conflict, stale
    (made under another pseudonym key than today's), failed.
    `placed` gives id and version of each of the plan's entries, in order; `record` is the stored one for a
    duplicate, else empty.
    """

    kind: str
    submission: str
    status: int
    received: int
    decision: str
    placed: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    record: bytes = b""
    month: int = 0
    then: tuple[Outcome, ...] = ()
    """What became of each plan of `WritePlan.then`; nothing when this one was not accepted."""


class Stored(msgspec.Struct, array_like=True, frozen=True):
    """The `record` column: the worker's part as it sent it, and what the write added."""

    record: bytes
    placed: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
