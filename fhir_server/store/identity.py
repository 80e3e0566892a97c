"""Which pseudonyms are one person: a merged local identifier and the one that stays, a NIA and the NIR after it.

Facts keep the pseudonym they were filed with; this is laid over them where they are read (`fhir_server.store.facts`),
so that taking a link back puts everything back. A link belongs to one legal entity and never reaches another's facts.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from fhir_server.store.admission_tables import identity_link, identity_seen
from fhir_server.store.driver import Prepared, Session, insert
from fhir_server.store.plan import KnownIdentity, LinkRow, UnlinkRow

MERGE, NIA = "merge", "nia"

_P = sa.bindparam
_link, _seen = identity_link, identity_seen
_OF = Prepared(sa.select(_link).where(_link.c.owner == _P("owner"), _link.c.patient == _P("patient")))
_UNDER = Prepared(sa.select(_link.c.patient).where(_link.c.owner == _P("owner"), _link.c.canonical == _P("canonical")))
_TO = Prepared(sa.select(_link.c.patient).where(_link.c.owner == _P("owner"), _link.c.target == _P("target")))
_GONE = Prepared(_link.delete().where(_link.c.owner == _P("owner"), _link.c.patient == _P("patient")))
_LED = Prepared(
    _link.update()
    .where(_link.c.owner == _P("b_owner"), _link.c.patient == _P("b_patient"))
    .values(canonical=_P("canonical"))
)
_WAITING = Prepared(sa.select(_seen.c.patient).where(_seen.c.owner == _P("owner"), _seen.c.local == _P("local")))
_FORGOTTEN = Prepared(_seen.delete().where(_seen.c.owner == _P("owner"), _seen.c.patient == _P("patient")))


def root(db: Session, owner: str, patient: int) -> int:
    """The pseudonym a person goes by."""
    found = db.one(_OF, owner=owner, patient=patient)
    return patient if found is None else int(found.canonical)


def family(db: Session, owner: str, patient: int) -> tuple[int, ...]:
    """Every pseudonym of the person, the one it goes by first."""
    first = root(db, owner, patient)
    return (first, *(row.patient for row in db.all(_UNDER, owner=owner, canonical=first)))


def same_person(db: Session, owner: str, one: int | None, others: Iterable[int | None]) -> bool:
    """Whether one of the others is the same person."""
    known = {other for other in others if other is not None}
    return one is not None and (one in known or not known.isdisjoint(family(db, owner, one)))


def link(db: Session, owner: str, row: LinkRow, submission: str) -> bool:
    """Follow one pseudonym to another; False when they were one already. What was said last of a merge is true."""
    before = db.one(_OF, owner=owner, patient=row.patient)
    target = root(db, owner, row.target)
    if row.patient == row.target or root(db, owner, row.patient) == target:
        return False
    if before is not None:
        if row.kind == NIA:
            return False
        db.run(_GONE, owner=owner, patient=row.patient)
    db.run(
        insert(_link), owner=owner, patient=row.patient, target=row.target, canonical=target, kind=row.kind,
        submission=submission,
    )  # fmt: skip
    _lead(db, owner, row.patient, target)
    return True


def unlink(db: Session, owner: str, row: UnlinkRow) -> tuple[int, ...]:
    """Make the two sides two persons again; the pseudonyms it is about, all of them, empty when they were two."""
    parted: list[int] = []
    for one in row.one:
        for other in row.other:
            while one != other and root(db, owner, one) == root(db, owner, other):
                parted += family(db, owner, one)
                _part(db, owner, one, other)
    for patient in (*row.one, *row.other):
        db.run(_FORGOTTEN, owner=owner, patient=patient)
    return tuple(dict.fromkeys(parted))


def learn(db: Session, owner: str, known: KnownIdentity, submission: str) -> bool:
    """A NIA stays in mind with its local identifiers; the NIR that comes with one of them is the same person's."""
    if known.waiting:
        for local in known.locals:
            db.run(insert(_seen, ignore=True), owner=owner, local=local, patient=known.patient)
        return False
    waited = {row.patient for local in known.locals for row in db.all(_WAITING, owner=owner, local=local)}
    made = [link(db, owner, LinkRow(patient, known.patient, NIA), submission) for patient in sorted(waited)]
    return any(made)


def counts(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """How many links each legal entity has, by kind."""
    query = sa.select(_link.c.owner, _link.c.kind, sa.func.count()).group_by(_link.c.owner, _link.c.kind)
    return [(owner, kind, count) for owner, kind, count in connection.execute(query.order_by(_link.c.owner))]


def _part(db: Session, owner: str, one: int, other: int) -> None:
    """Take away the link that leads from one towards the other, the direct one before any further on."""
    direct = db.one(_OF, owner=owner, patient=other)
    back = direct is not None and direct.target == one
    leaf = other if back or db.one(_OF, owner=owner, patient=one) is None else one
    db.run(_GONE, owner=owner, patient=leaf)
    _lead(db, owner, leaf, leaf)


def _lead(db: Session, owner: str, patient: int, canonical: int) -> None:
    """Everything that was followed to a pseudonym goes where it goes now."""
    waiting = [patient]
    while waiting:
        for row in db.all(_TO, owner=owner, target=waiting.pop()):
            db.run(_LED, b_owner=owner, b_patient=row.patient, canonical=canonical)
            waiting.append(row.patient)
