"""Files of declared data into the database: read by `indicators.imports`, checked against our tables, stored whole.

A file is taken as a whole or not at all. Each kind is one row of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.ids import PARIS
from fhir_server.import_kinds import Given, Kind, Numbered, nothing
from fhir_server.reference_imports import REFERENCES
from fhir_server.store import declared, messages, organizations, stays
from fhir_server.store.acts import Change, Put, apply
from fhir_server.store.driver import Session
from fhir_server.store.reading import pseudonyms
from indicators.imports import (
    SHAPES,
    Column,
    Fault,
    ImportRefused,
    Shape,
    Wrong,
    declared_figures,
    declared_patients,
    declared_reports,
    declared_usage,
    read_numbered,
)  # fmt: skip
from indicators.measures import DECLARED_IDS
from indicators.programmes.imports import PROGRAMME_SHAPES
from validators import mssante
from validators.ins import INS_OIDS

__all__ = ["KINDS", "MAILBOXES", "ORGANIZATIONS", "Given", "acknowledgement_writes", "checked", "import_file"]


@dataclass(frozen=True, slots=True)
class Site:
    """One line of the FINESS table."""

    finess: str
    legal: bool
    legal_entity: str
    name: str
    region: str
    status: str
    ght: str | None


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One line of the table of mailboxes."""

    address: str
    organization: str
    kind: str | None


def _site(row: Any) -> Site:
    legal = row["type"] == "juridique"
    entity = row["finess_juridique"] or (row["finess"] if legal else None)
    if entity is None:
        raise Wrong("ENTITY_MISSING", "finess_juridique")
    return Site(row["finess"], legal, entity, row["nom"], row["region"], row["statut"], row["ght"])


def _mailbox(row: Any) -> Mailbox:
    address = mssante.normalised(row["adresse"])
    if not mssante.in_trust_space(address) or address.endswith(f"@{mssante.CITIZEN_DOMAIN}"):
        raise Wrong("ADDRESS", "adresse")
    return Mailbox(address, row["finess"], row["type"])


_FINESS = Column("finess", "finess", "FINESS géographique du site", "geographic FINESS of the site", "970490363")
ORGANIZATIONS: Shape[Site] = Shape(
    "organizations", "Établissements (FINESS)", "Establishments (FINESS)",
    (
        Column("finess", "finess", "numéro FINESS", "FINESS number", "970490363"),
        Column("type", "choice", "juridique ou géographique", "legal or geographic", "geographique",
               choices=("juridique", "geographique")),
        Column("finess_juridique", "finess", "FINESS de l'entité juridique d'un site",
               "FINESS of the legal entity of a site", "970490348", required=False),
        Column("nom", "text", "raison sociale", "name", "CH de démonstration"),
        Column("region", "text", "code INSEE de la région", "INSEE code of the region", "04"),
        Column("statut", "choice", "statut", "status", "public", choices=("public", "privé", "EBNL", "ESMS")),
        Column("ght", "text", "GHT", "GHT", "", required=False),
    ),
    ("finess",), _site,
)  # fmt: skip
MAILBOXES: Shape[Mailbox] = Shape(
    "mailboxes", "Boîtes aux lettres MSSanté", "MSSanté mailboxes",
    (
        Column("adresse", "text", "adresse MSSanté, hors usagers", "MSSanté address, no citizen's",
               "accueil@ch-demo.mssante.fr"),
        _FINESS,
        Column("type", "choice", "type de boîte", "type of mailbox", "ORG", required=False,
               choices=tuple(sorted(mssante.MAILBOX_TYPES))),
    ),
    ("adresse",), _mailbox,
)  # fmt: skip


def _check_site(given: Given, record: Any) -> None:
    given.entity(record.organization)


def _check_figures(given: Given, record: Any) -> None:
    if record.indicator not in DECLARED_IDS:
        raise Wrong("INDICATOR_UNKNOWN", "indicateur")
    _check_site(given, record)


def _check_document(given: Given, record: Any) -> None:
    if not declared.filed(given.connection, given.owners, [record.unique_id]):
        raise Wrong("DOCUMENT_UNKNOWN", "identifiant_document")


def _store_stays(given: Given, records: Sequence[Any]) -> int:
    rows = [
        stays.StayInput(
            r.number, r.organization, given.entity(r.organization), r.discharged, r.operated, r.excluded, r.patient,
            r.patient is not None and r.patient[0] in INS_OIDS, r.field,
        )
        for r in records
    ]  # fmt: skip
    return stays.store(given.connection, rows, given.keys)


def _store_organizations(given: Given, records: Sequence[Site]) -> int:
    rows = [
        {"finess": r.finess, "kind": "legal" if r.legal else "geographic", "legal_entity": r.legal_entity,
         "name": r.name, "region": r.region, "status": r.status, "ght": r.ght}
        for r in records
    ]  # fmt: skip
    return organizations.store(given.connection, rows)


def _check_entities(given: Given, rows: Numbered) -> Iterable[Fault]:
    """A site belongs to a legal entity of the file or of the table."""
    for line, record in rows:
        if organizations.get(given.connection, record.legal_entity) is None:
            yield Fault("ENTITY_UNKNOWN", line, "finess_juridique")


def _store_mailboxes(given: Given, records: Sequence[Mailbox]) -> int:
    rows = [
        {"address": r.address, "organization": r.organization, "legal_entity": given.entity(r.organization),
         "kind": r.kind}
        for r in records
    ]  # fmt: skip
    return messages.store_mailboxes(given.connection, rows)


def acknowledgement_writes(given: Given, records: Sequence[Any]) -> tuple[tuple[Put, ...], tuple[Change, ...]]:
    """What acknowledgements that were read and checked write, by the command and by the door alike."""
    known = declared.filed(given.connection, given.owners, [r.unique_id for r in records])
    return declared.acknowledgements((known[r.unique_id], r.on, r.reference) for r in records)


def _store_acknowledgements(given: Given, records: Sequence[Any]) -> int:
    puts, changes = acknowledgement_writes(given, records)
    apply(Session(given.connection), puts=puts, changes=changes)
    return len(records)


def _declare(make: Callable[..., list[Any]], *, named: bool = False) -> Callable[[Given, Sequence[Any]], int]:
    """Store what `make` makes of the records; `named`: the figures take the file's name for their source."""

    def run(given: Given, records: Sequence[Any]) -> int:
        received = datetime.now(PARIS).date()
        more = (given.source,) if named else ()
        return declared.store(given.connection, make(records, given.entity, received, *more))

    return run


def _file_candidature(given: Given, record: Any) -> None:
    from fhir_server.file_imports import file_candidature  # the service of the programmes: for who needs it

    file_candidature(given, record)


def _file_deposit(given: Given, record: Any) -> None:
    from fhir_server.file_imports import file_deposit

    file_deposit(given, record)


def _filed(_given: Given, records: Sequence[Any]) -> int:
    return len(records)


KINDS: dict[str, Kind] = {
    "organizations": Kind(ORGANIZATIONS, nothing, _store_organizations, _check_entities),
    "mailboxes": Kind(MAILBOXES, _check_site, _store_mailboxes),
    "stays": Kind(SHAPES["stays"], _check_site, _store_stays),
    "declared": Kind(SHAPES["figures"], _check_figures, _declare(declared_figures)),
    "reports": Kind(SHAPES["reports"], _check_site, _declare(declared_reports)),
    "patients": Kind(SHAPES["patients"], _check_site, _declare(declared_patients, named=True)),
    "dui": Kind(SHAPES["dui"], _check_site, _declare(declared_usage, named=True)),
    "acknowledgements": Kind(SHAPES["acknowledgements"], _check_document, _store_acknowledgements),
    **REFERENCES,
    "candidatures": Kind(PROGRAMME_SHAPES["candidatures"], _file_candidature, _filed),
    "galis": Kind(PROGRAMME_SHAPES["galis"], _file_deposit, _filed),
}
"""What may be imported, by the name the command line gives it."""


def import_file(engine: sa.Engine, kind: str, data: bytes, source: str, *, dry_run: bool = False) -> int:
    """Read and store one file; how many rows were (or, in a dry run, would have been) stored.

    Raises:
        ImportRefused: with every fault and its line; nothing was stored.
    """
    found = KINDS[kind]
    with engine.connect() as connection, connection.begin() as transaction:
        given = Given(connection, pseudonyms(connection), source)
        rows = read_numbered(checked(found, given), data)
        count = found.store(given, [record for _, record in rows])
        faults = list(found.verify(given, rows))
        if faults:
            raise ImportRefused(faults)
        if dry_run:
            transaction.rollback()
    return count


def checked(kind: Kind, given: Given) -> Shape[Any]:
    """The shape with our own check behind it, so that what it finds is said with its line."""

    def make(row: Any) -> Any:
        record = kind.shape.make(row)
        kind.check(given, record)
        return record

    return replace(kind.shape, make=make)
