"""Messages and stays on their way in, one, a batch or a transaction of them: read, check, decide, file, answer.

Beside `pipeline.py`, which takes documents: these resources have no document, and what is kept of them holds no
identity (`secrets.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from fhir_server.ids import Pseudonyms, micros, month_of, new_id, paris_date
from fhir_server.intake.checks import Checks
from fhir_server.intake.encounters import StayDesk
from fhir_server.intake.exchange_answer import ExchangeAnswer, answer, refuses, status_of
from fhir_server.intake.messages import MessageDesk
from fhir_server.intake.pipeline import PlanWriter, Reading
from fhir_server.intake.record import EntryRecord, Record, record_of, stored
from fhir_server.intake.secrets import Kept, Redactor
from fhir_server.intake.submission import Received
from fhir_server.settings import Settings
from fhir_server.store.envelope import packed
from fhir_server.store.plan import IndexRow, MessageRow, ResourceRow, StayRow, WritePlan
from fhir_server.store.reading import pseudonyms
from validators import mssante, stays
from validators.fhir import default_walker, parse_json
from validators.messages import rule
from validators.report import Issue, Report

KINDS = {"Communication": mssante.PROFILE, "Encounter": stays.PROFILE}
"""What these doors take, and the profile each is judged by, whatever its meta says."""

CONTENT_TYPES = ("application/fhir+json", "application/json")


@dataclass(slots=True)
class Item:
    """One resource on its way: as received, without its body, without a matricule, and what became of it.

    `place` is its entry, or itself when it came alone; `kind` is empty for what these doors do not take.
    """

    kind: str
    place: str
    resource: dict[str, Any]
    shown: dict[str, Any]
    id: str = field(default_factory=new_id)
    message: MessageRow | None = None
    stay: StayRow | None = None
    extra: tuple[ResourceRow, tuple[IndexRow, ...]] | None = None

    @property
    def location(self) -> str:
        """Where the resource stands."""
        return f"{self.place}.resource" if self.place.startswith("Bundle.") else self.place

    def has(self, issue: Issue) -> bool:
        """Whether the issue is about this entry."""
        return issue.location == self.place or issue.location.startswith((f"{self.place}.", f"{self.place}["))


@dataclass(slots=True)
class Draft:
    """A submission being checked. `form` is `single`, `batch` or `transaction`."""

    received: Received
    form: str
    report: Report
    parsed: object | None = None
    items: list[Item] = field(default_factory=list)
    malformed: bool = False

    @property
    def refused(self) -> bool:
        """Nothing of it is filed: it cannot be read, or it is all or nothing and something is wrong."""
        if self.malformed or (self.form != "batch" and not self.report.conformant):
            return True
        return any(refuses(issue) and not any(item.has(issue) for item in self.items) for issue in self.report)

    def fails(self, item: Item) -> bool:
        """Whether something refuses this item."""
        return any(refuses(issue) and item.has(issue) for issue in self.report)


def is_exchange(body: bytes) -> bool:
    """Whether the bytes posted to the base are messages or stays rather than documents.

    Looked for in the bytes first: a submission of documents must not be read twice.
    """
    if b'"Communication"' not in body and (b'"Encounter"' not in body or b'"DocumentReference"' in body):
        return False
    found = parse_json(body, Report())
    entries = found.get("entry") if isinstance(found, dict) and found.get("resourceType") == "Bundle" else None
    kinds = [_kind(entry) for entry in entries] if isinstance(entries, list) else []
    return bool(kinds) and kinds[0] in KINDS


def _kind(entry: Any) -> Any:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return resource.get("resourceType") if isinstance(resource, dict) else None


def opened(received: Received, kind: str | None, redactor: Redactor, limit: int) -> Draft:
    """Read one resource of a kind, or (None) a Bundle of them; FHIR structure is checked without any identity."""
    draft = Draft(received, "single", Report())
    draft.parsed = parse_json(received.body, draft.report)
    if not isinstance(draft.parsed, dict) or not draft.report.conformant:
        draft.parsed, draft.malformed = None, True
        return draft
    if kind is None:
        _open_bundle(draft, draft.parsed, redactor, limit)
    elif draft.parsed.get("resourceType") != kind:
        draft.report.add(rule("EXCHANGE-TYPE"), "resourceType", expected=kind)
        draft.malformed = True
    else:
        item = _item(draft, kind, kind, draft.parsed, redactor)
        default_walker().check(item.shown, draft.report, item.location, [KINDS[kind]])
    return draft


def _open_bundle(draft: Draft, bundle: dict[str, Any], redactor: Redactor, limit: int) -> None:
    if bundle.get("type") not in ("batch", "transaction"):
        draft.report.add(rule("EXCHANGE-TYPE"), "Bundle.type", expected="batch, transaction")
        draft.malformed = True
        return
    draft.form = str(bundle["type"])
    entries = bundle["entry"]
    if len(entries) > limit:
        draft.report.add(rule("EXCHANGE-LIMIT"), "Bundle.entry", count=len(entries), limit=limit)
        draft.malformed = True
        return
    shown = []
    for number, entry in enumerate(entries):
        place, kind = f"Bundle.entry[{number}]", _kind(entry)
        request = entry.get("request") if isinstance(entry, dict) else None
        posted = isinstance(request, dict) and (request.get("method"), request.get("url")) == ("POST", kind)
        known = kind in KINDS
        item = _item(draft, kind if known else "", place, entry["resource"] if known else {}, redactor)
        if not known or not posted:
            draft.report.add(rule("EXCHANGE-ENTRY"), f"{place}.request")
        rest = redactor.json({k: v for k, v in entry.items() if k != "resource"}) if isinstance(entry, dict) else {}
        shown.append({**rest, "resource": item.shown} if known else rest)
    default_walker().check(redactor.json({**bundle, "entry": []}) | {"entry": shown}, draft.report)
    for item in draft.items:
        if item.kind:
            default_walker().apply(item.shown, draft.report, item.location, KINDS[item.kind])


def _item(draft: Draft, kind: str, place: str, resource: dict[str, Any], redactor: Redactor) -> Item:
    item = Item(kind, place, resource, {})
    if kind == "Communication":
        item.resource = mssante.without_body(resource, draft.report, item.location)
    item.shown = redactor.json(item.resource)
    draft.items.append(item)
    return item


class Exchange:
    """Takes messages and stays to a durable decision and its answer; arguments as for `Pipeline`."""

    def __init__(
        self, settings: Settings, writer: PlanWriter, reading: Reading, keys: Pseudonyms, checks: Checks
    ) -> None:
        self._keep = settings.refused_days > 0
        self._writer, self._reading, self._keys, self._checks = writer, reading, keys, checks

    async def receive(self, received: Received, kind: str | None, lang: str = "fr") -> ExchangeAnswer:
        """The whole way of one submission: `kind` is the type of a single resource, None for a Bundle.

        Raises:
            WriterGone: nothing can be written at the moment.
        """
        plan, form = self._planned(received, kind)
        outcome = await self._writer.file(plan)
        if outcome.kind == "stale":
            with self._reading() as connection:
                self._keys.take(pseudonyms(connection))
            plan, form = self._planned(received, kind)
            outcome = await self._writer.file(plan)
        return answer(outcome, record_of(outcome, plan.record), form, lang)

    def _planned(self, received: Received, kind: str | None) -> tuple[WritePlan, str]:
        with self._reading() as connection:  # given back before the wait for the writer
            return plan_exchange(received, kind, connection, self._keys, self._checks, keep=self._keep)


def plan_exchange(
    received: Received,
    kind: str | None,
    connection: sa.Connection,
    keys: Pseudonyms,
    checks: Checks,
    *,
    keep: bool = True,
) -> tuple[WritePlan, str]:
    """Read, check, decide: what will be written, and the form of the answer (`single`, `batch`, `transaction`).

    `keep`: the bytes of what is refused may be kept.
    """
    redactor = Redactor(keys)
    draft = opened(received, kind, redactor, checks.max_entries)
    if not draft.malformed:
        _check(draft, connection, keys, checks)
    may = "MSS-BODY" not in draft.report.rules() and (keep or not draft.refused)
    return _plan(draft, keys, redactor.kept(received.body, draft.parsed, keep=may)), draft.form


def plan_communications(
    received: Received,
    resources: Sequence[dict[str, Any]],
    connection: sa.Connection,
    keys: Pseudonyms,
    checks: Checks,
    kept: Kept,
) -> WritePlan:
    """The plan of Communications that were made here out of what was received, all of them or none.

    They pass the checks of those that are posted; `kept` is what is kept of the bytes.
    """
    redactor = Redactor(keys)
    draft = Draft(received, "transaction", Report())
    for number, resource in enumerate(resources):
        item = _item(draft, "Communication", f"Bundle.entry[{number}]", resource, redactor)
        default_walker().check(item.shown, draft.report, item.location, [KINDS[item.kind]])
    _check(draft, connection, keys, checks)
    return _plan(draft, keys, kept)


def _check(draft: Draft, connection: sa.Connection, keys: Pseudonyms, checks: Checks) -> None:
    received = draft.received
    messages = MessageDesk(connection, received.caller, keys, checks.mode)
    encounters = StayDesk(connection, received.caller, keys, checks.mode)
    for item in draft.items:
        at = (draft.report, item.location, received.at)
        if item.kind == "Communication":
            item.message = messages.row(item.resource, item.shown, *at, item.id)
        elif item.kind == "Encounter":
            found = encounters.row(item.resource, item.shown, *at)
            if found is not None:
                item.extra, item.stay, item.id = found[:2], found[2], found[0].id


def _plan(draft: Draft, keys: Pseudonyms, kept: Kept) -> WritePlan:
    """What is filed: all that is right of a batch, else everything or nothing."""
    received, refused = draft.received, draft.refused
    scope = received.caller.scope
    assert scope is not None
    good = [] if refused else [item for item in draft.items if not draft.fails(item)]
    entries = () if refused else tuple(EntryRecord(i.kind, i.id if i in good else "", i in good) for i in draft.items)
    record = Record(stored(draft.report), entries, ())
    day = paris_date(received.at)
    return WritePlan(
        scope.owner, received.caller.role.value, received.id, month_of(day), day, received.door, micros(received.at),
        "refused" if refused else "accepted", _status(draft), kept.sha256, kept.size, kept.envelope, packed(()),
        msgspec.msgpack.encode(record), keys.version, tuple((e.type, e.id) for e in entries),
        tuple(item.extra[0] for item in good if item.extra is not None),
        tuple(row for item in good if item.extra is not None for row in item.extra[1]),
        messages=tuple(item.message for item in good if item.message is not None),
        stays=tuple(item.stay for item in good if item.stay is not None),
        atomic=draft.form != "batch",
    )  # fmt: skip


def _status(draft: Draft) -> int:
    if not draft.refused:
        return 201 if draft.form == "single" else 200
    if draft.malformed:
        return 400
    return status_of(draft.report)
