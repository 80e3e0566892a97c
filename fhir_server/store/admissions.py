"""What a message of admissions writes beside its stay: that it came, when its stay was last told of, who is who."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fhir_server.store import identity, linking
from fhir_server.store.admission_tables import adt_message, stay_event
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.plan import AdmissionRow, WritePlan

_P = sa.bindparam
_CLAIM = Prepared(
    sa.select(adt_message).where(adt_message.c.owner == _P("owner"), adt_message.c.digest == _P("digest"))
)
_LAST = Prepared(
    sa.select(stay_event.c.recorded).where(stay_event.c.owner == _P("owner"), stay_event.c.stay == _P("stay"))
)
_TOLD = Prepared(stay_event.delete().where(stay_event.c.owner == _P("owner"), stay_event.c.stay == _P("stay")))


def last_event(db: Session, owner: str, stay: int) -> int | None:
    """When the stay was last told of, by the sender's clock in microseconds."""
    found = db.one(_LAST, owner=owner, stay=stay)
    return None if found is None else int(found.recorded)


def overtaken(db: Session, plan: WritePlan) -> bool:
    """Whether another event of the same stay was filed since the plan was made: it has to be made again."""
    row = plan.admission
    if row is None or row.stay is None or claimed(db, plan.owner, row) is not None:
        return False
    return last_event(db, plan.owner, row.stay) != row.seen


def claimed(db: Session, owner: str, row: AdmissionRow) -> Any:
    """The claim of the very same message, when it was acted upon before."""
    return db.one(_CLAIM, owner=owner, digest=row.digest)


def file(db: Session, plan: WritePlan) -> None:
    """Claim the message, note the event, and make one (or two) of the identities it is about."""
    if plan.admission is not None:
        _claim(db, plan, plan.admission)
    for unlinked in plan.unlinks:
        linking.relink_persons(db, plan.owner, identity.unlink(db, plan.owner, unlinked), again=True)
    met = [row.target for row in plan.links if identity.link(db, plan.owner, row, plan.id)]
    met += [known.patient for known in plan.identities if identity.learn(db, plan.owner, known, plan.id)]
    for patient in met:
        linking.relink_persons(db, plan.owner, identity.family(db, plan.owner, patient))


def _claim(db: Session, plan: WritePlan, row: AdmissionRow) -> None:
    db.run(insert(adt_message), owner=plan.owner, digest=row.digest, submission=plan.id, month=plan.month)
    if row.stay is not None:
        db.run(_TOLD, owner=plan.owner, stay=row.stay)
        db.run(insert(stay_event), owner=plan.owner, stay=row.stay, recorded=row.recorded)
