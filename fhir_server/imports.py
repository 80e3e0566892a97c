"""Files of declared data into the database: read by `indicators.imports`, checked against our tables, stored whole.

A file is taken as a whole or not at all. Each kind is one row of `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.ids import PARIS, Pseudonyms
from fhir_server.store import declared, messages, organizations, stays
from fhir_server.store.reading import pseudonyms
from indicators.imports import (
    SHAPES,
    Column,
    Fault,
    ImportRefused,
    Shape,
    declared_figures,
    declared_patients,
    declared_reports,
    declared_usage,
    read,
)  # fmt: skip
from indicators.imports._shape import Wrong
from indicators.measures import MEASURES
from validators import mssante
from validators.ins import INS_OIDS

_WORDS = {
    "FINESS_UNKNOWN": ("site absent de la table FINESS", "no such site in the FINESS table"),
    "ENTITY_UNKNOWN": ("entité juridique absente de la table FINESS et du fichier",
                       "no such legal entity in the FINESS table nor in the file"),
    "ENTITY_MISSING": ("un site géographique a une entité juridique", "a geographic site has a legal entity"),
    "INDICATOR_UNKNOWN": ("indicateur inconnu", "unknown indicator"),
    "DOCUMENT_UNKNOWN": ("aucun document classé sous cet identifiant", "no document is filed under this id"),
    "ADDRESS": ("adresse hors de l'espace de confiance MSSanté, ou d'un usager",
                "address outside the MSSanté trust space, or a citizen's"),
}  # fmt: skip
REGION = 2
"""Characters of an INSEE region code, which stands for an establishment in the indicators of a region."""


@dataclass(frozen=True, slots=True)
class OurFault(Fault):
    """A fault that only our tables can find."""

    def text(self, lang: str = "fr") -> str:
        """One line for people, as for any other fault."""
        where = "" if self.line is None else f"{'ligne' if lang == 'fr' else 'line'} {self.line}, "
        place = f"{where}{self.column}"
        return f"{place}{' : ' if lang == 'fr' else ': '}{_WORDS[self.code][0 if lang == 'fr' else 1]}"


class _Unknown(Wrong):
    """What is right in itself and unknown to us."""

    def at(self, line: int, column: str | None) -> Fault:
        return OurFault(self.code, line, self.column or column)


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
        raise _Unknown("ENTITY_MISSING", "finess_juridique")
    return Site(row["finess"], legal, entity, row["nom"], row["region"], row["statut"], row["ght"])


def _mailbox(row: Any) -> Mailbox:
    address = mssante.normalised(row["adresse"])
    if not mssante.in_trust_space(address) or address.endswith(f"@{mssante.CITIZEN_DOMAIN}"):
        raise _Unknown("ADDRESS", "adresse")
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


@dataclass(frozen=True, slots=True)
class Given:
    """What an import works with: a connection in a transaction, pseudonyms, the name of what is read."""

    connection: sa.Connection
    keys: Pseudonyms
    source: str

    def entity(self, finess: str) -> str:
        """The legal entity of a site; of a region, its own code.

        Raises:
            Wrong: no such site.
        """
        if len(finess) == REGION:
            return finess
        row = organizations.get(self.connection, finess)
        if row is None or row.kind != "geographic":
            raise _Unknown("FINESS_UNKNOWN", "finess")
        return str(row.legal_entity)


def _check_site(given: Given, record: Any) -> None:
    given.entity(record.organization)


def _check_figures(given: Given, record: Any) -> None:
    if record.indicator not in MEASURES:
        raise _Unknown("INDICATOR_UNKNOWN", "indicateur")
    _check_site(given, record)


def _check_document(given: Given, record: Any) -> None:
    if not declared.owners_of(given.connection, [record.unique_id]):
        raise _Unknown("DOCUMENT_UNKNOWN", "identifiant_document")


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


def _store_mailboxes(given: Given, records: Sequence[Mailbox]) -> int:
    rows = [
        {"address": r.address, "organization": r.organization, "legal_entity": given.entity(r.organization),
         "kind": r.kind}
        for r in records
    ]  # fmt: skip
    return messages.store_mailboxes(given.connection, rows)


def _store_acknowledgements(given: Given, records: Sequence[Any]) -> int:
    owners = declared.owners_of(given.connection, [r.unique_id for r in records])
    return declared.acknowledge(
        given.connection, [(owners[r.unique_id], r.unique_id, r.on, r.reference) for r in records]
    )


def _declare(make: Callable[..., list[Any]], *, named: bool = False) -> Callable[[Given, Sequence[Any]], int]:
    """Store what `make` makes of the records; `named`: the figures take the file's name for their source."""

    def run(given: Given, records: Sequence[Any]) -> int:
        received = datetime.now(PARIS).date()
        more = (given.source,) if named else ()
        return declared.store(given.connection, make(records, given.entity, received, *more))

    return run


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its shape, what our tables say of a record, how records are stored."""

    shape: Shape[Any]
    check: Callable[[Given, Any], None]
    store: Callable[[Given, Sequence[Any]], int]


def _nothing(_given: Given, _record: Any) -> None:
    """Nothing that our tables could say."""


KINDS: dict[str, Kind] = {
    "organizations": Kind(ORGANIZATIONS, _nothing, _store_organizations),
    "mailboxes": Kind(MAILBOXES, _check_site, _store_mailboxes),
    "stays": Kind(SHAPES["stays"], _check_site, _store_stays),
    "declared": Kind(SHAPES["figures"], _check_figures, _declare(declared_figures)),
    "reports": Kind(SHAPES["reports"], _check_site, _declare(declared_reports)),
    "patients": Kind(SHAPES["patients"], _check_site, _declare(declared_patients, named=True)),
    "dui": Kind(SHAPES["dui"], _check_site, _declare(declared_usage, named=True)),
    "acknowledgements": Kind(SHAPES["acknowledgements"], _check_document, _store_acknowledgements),
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
        records = read(_checked(found, given), data)
        if kind == "organizations":
            _check_entities(given, records)
        count = found.store(given, records)
        if dry_run:
            transaction.rollback()
    return count


def _checked(kind: Kind, given: Given) -> Shape[Any]:
    """The shape with our own check behind it, so that what it finds is said with its line."""

    def make(row: Any) -> Any:
        record = kind.shape.make(row)
        kind.check(given, record)
        return record

    return replace(kind.shape, make=make)


def _check_entities(given: Given, records: Sequence[Site]) -> None:
    """A site belongs to a legal entity of the file or of the table."""
    named = {r.finess for r in records if r.legal}
    missing = [
        r.finess
        for r in records
        if not r.legal and r.legal_entity not in named and organizations.get(given.connection, r.legal_entity) is None
    ]
    if missing:
        raise ImportRefused([OurFault("ENTITY_UNKNOWN", None, finess) for finess in missing])
