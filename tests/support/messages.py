"""MSSanté messages and stays as a sender writes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from fhir_server.security.caller import Role
from fhir_server.store.database import open_engine
from fhir_server.store.messages import store_mailboxes
from testdata import PARIS, Establishment, Stay
from validators import mssante, stays

__all__ = ["Role", "address", "attachment", "batch", "citizen", "encounter", "know", "message", "recipient"]

Json = dict[str, Any]
_numbers = count(1)
FINESS = "https://finess.esante.gouv.fr"


def address(site: Establishment, name: str = "accueil") -> str:
    """A mailbox of the site."""
    return f"{name}@{site.finess}.mssante.fr".lower()


def citizen(matricule: str) -> str:
    """The mailbox of a citizen: an INS."""
    return f"{matricule}@patient.mssante.fr"


def recipient(to: str, *, kind: str | None = None, delivery: str | None = None) -> Json:
    """A recipient by address."""
    made: Json = {"identifier": {"system": mssante.ADDRESS, "value": to}}
    codes = {mssante.MAILBOX_TYPE: kind, mssante.DELIVERY: delivery}
    extensions = [{"url": url, "valueCode": code} for url, code in codes.items() if code is not None]
    return made | ({"extension": extensions} if extensions else {})


def attachment(sha256: bytes | None = None, kind: str | None = None) -> Json:
    """A payload that says what is attached."""
    extensions = [{"url": mssante.ATTACHMENT_KIND, "valueCode": kind}] if kind else []
    extensions += [{"url": mssante.ATTACHMENT_SHA256, "valueString": sha256.hex()}] if sha256 else []
    return {"contentAttachment": {"contentType": "application/zip", "extension": extensions}}


def message(sender: str, *to: str | Json, message_id: str | None = None, **more: Any) -> Json:
    """The metadata of a message sent an hour ago and delivered; `direction`, `at`, and any element may be given."""
    direction = more.pop("direction", "sent")
    at = more.pop("at", None) or datetime.now(PARIS).replace(microsecond=0) - timedelta(hours=1)
    times = {"sent": at.isoformat()} | ({"received": at.isoformat()} if direction == "received" else {})
    return {
        "resourceType": "Communication",
        "identifier": [{"system": mssante.MESSAGE_ID, "value": message_id or f"<m{next(_numbers)}@test.mssante.fr>"}],
        "status": "completed",
        "category": [{"coding": [{"system": mssante.DIRECTION_SYSTEM, "code": direction}]}],
        "sender": recipient(sender),
        "recipient": [recipient(t) if isinstance(t, str) else t for t in to],
        **times, **more,
    }  # fmt: skip


def encounter(stay: Stay, *, number: str | None = None, **more: Any) -> Json:
    """A stay as admissions would post it."""
    period = {"start": stay.admitted.isoformat()} | ({"end": stay.discharged.isoformat()} if stay.discharged else {})
    visit = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "VN"}]}
    identifier = {"type": visit, "system": f"urn:oid:1.2.250.1.999.{int(stay.establishment.finess[:2], 36)}"}
    return {
        "resourceType": "Encounter", "identifier": [identifier | {"value": number or stay.id}],
        "status": "finished" if stay.discharged else "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"identifier": {"system": f"urn:oid:{stay.patient.oid}", "value": stay.patient.matricule}},
        "period": period,
        "serviceProvider": {"identifier": {"system": FINESS, "value": stay.establishment.finess}},
        "extension": [
            {"url": stays.OPERATED, "valueBoolean": stay.operated},
            {"url": stays.EXCLUDED, "valueBoolean": stay.excluded},
        ],
        **more,
    }  # fmt: skip


def batch(*resources: Json, form: str = "batch") -> Json:
    """A Bundle that posts each of them."""
    return {
        "resourceType": "Bundle", "type": form,
        "entry": [{"resource": r, "request": {"method": "POST", "url": r["resourceType"]}} for r in resources],
    }  # fmt: skip


def know(database: Any, *sites: Establishment, kind: str | None = "ORG") -> None:
    """Import the mailbox `accueil` of each site."""
    engine = open_engine(str(database))
    rows = [
        {"address": address(s), "organization": s.finess, "legal_entity": s.legal_entity, "kind": kind} for s in sites
    ]
    with engine.begin() as connection:
        store_mailboxes(connection, rows)
    engine.dispose()
