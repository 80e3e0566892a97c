"""Messages and notices into the tables: one claim a Message-ID, and what is learnt of it, whichever comes first."""

from __future__ import annotations

from typing import Any

from fhir_server.store import delivery, messages
from fhir_server.store.conflict import Conflict
from fhir_server.store.driver import Session
from fhir_server.store.plan import Finding, MessageRow, NoticeRow, WritePlan
from fhir_server.store.resources import Resources


def file_message(
    db: Session, resources: Resources, plan: WritePlan, row: MessageRow, findings: list[Finding]
) -> tuple[str, int]:
    """Where a message is: where it was filed first, or here; nowhere when its Message-ID is another's."""
    first = messages.claimed(db, plan.owner, row)
    if first is not None and first.fingerprint == row.fingerprint:
        return first.reference, 1
    if first is not None and delivery.same_message(first, row):
        return _told(db, resources, plan, first, [(address, state) for address, _, state in row.recipients])[0]
    if first is not None:
        conflict = Finding("MSS-CONFLICT", row.location)
        if plan.atomic:
            raise Conflict(409, conflict)
        findings.append(conflict)
        return "", 0
    messages.claim(db, plan.owner, row, plan.id, plan.month)
    version = resources.put(plan, row.resource)
    resources.index(plan.owner, plan.month, row.index)
    if row.counted:
        findings.extend(messages.count(db, plan.owner, row, plan.key_version))
    waited = delivery.waited(db, plan.owner, row)
    if waited:
        _told(db, resources, plan, messages.claimed(db, plan.owner, row), waited)
    return row.resource.id, version


def file_notice(
    db: Session, resources: Resources, plan: WritePlan, row: NoticeRow, findings: list[Finding]
) -> tuple[str, int]:
    """Where the message is that a notice is about, at its version after it; nowhere while it is not known."""
    first = delivery.claimed(db, plan.owner, row)
    if first is not None:
        place, matched = _told(db, resources, plan, first, row.recipients)
        findings.extend([] if matched else [Finding("MAIL-NOTICE-RECIPIENT", row.location)])
        return place
    delivery.wait(db, plan, row)
    findings.append(Finding("MAIL-NOTICE-PENDING", row.location))
    return "", 0


def _told(
    db: Session, resources: Resources, plan: WritePlan, first: Any, told: delivery.Told
) -> tuple[tuple[str, int], bool]:
    """What is learnt of the delivery of a filed message makes a new version of it, when it is news.

    Its place, and whether every recipient was one of its own.
    """
    recipients, matched = delivery.learn(db, plan.owner, first, told)
    current = resources.current(plan.owner, "Communication", first.reference)
    version = int(current.version)
    if recipients is not None:
        version = resources.replace(plan, current, delivery.shown(resources.body(current), recipients))
    return (first.reference, version), matched
