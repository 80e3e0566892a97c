"""Stays and documents of the synthetic country that a test has for itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from fhir_server.cli.country import organization_rows, stay_input
from fhir_server.client import wrapped
from fhir_server.security.caller import Role, create_token
from fhir_server.store import organizations, stays
from fhir_server.store.database import open_engine
from fhir_server.store.reading import pseudonyms
from testdata import PARIS, Country, Establishment, Patient, Stay, discharge_letter, ins_key

Json = dict[str, Any]
_numbers, _persons = count(1), count(1)


def today() -> date:
    """The day it is in Paris, wherever the machine is."""
    return datetime.now(PARIS).date()


def new_patient(land: Country, site: Establishment) -> Patient:
    """A test identity nobody else has, known at the site: somebody's matricule with another order number.

    Order numbers start at 900, as everywhere in the country: no such matricule is a living person's.
    """
    taken = {person.matricule for person in land.patients}
    while True:
        serial = next(_persons)
        model = land.patients[serial % len(land.patients)]
        first = f"{model.matricule[:10]}{900 + serial // len(land.patients) % 100:03d}"
        number = first + ins_key(first)
        if number not in taken:
            return replace(model, matricule=number, ipps={site.finess: f"9{serial:07d}"})


def new_stay(
    land: Country,
    site: Establishment,
    *,
    patient: Patient | None = None,
    discharged: datetime | None = None,
) -> Stay:
    """A stay nobody else uses, of a patient nobody else is, ended an hour ago unless said."""
    ended = discharged or datetime.now(PARIS).replace(microsecond=0) - timedelta(hours=1)
    return Stay(
        f"77{next(_numbers):08d}", site, patient or new_patient(land, site), site.professionals[0],
        ended - timedelta(days=2), ended, operated=False, excluded=False,
    )  # fmt: skip


def admit(database: Path, *admitted: Stay) -> None:
    """Import stays as admissions would tell them."""
    engine = open_engine(str(database))
    with engine.begin() as connection:
        stays.store(connection, [stay_input(stay) for stay in admitted], pseudonyms(connection))
    engine.dispose()


def establish(database: Path, land: Country, finess: Iterable[str] | None = None) -> None:
    """Import the establishments of the country, or some of them."""
    wanted = None if finess is None else set(finess)
    engine = open_engine(str(database))
    with engine.begin() as connection:
        rows = [row for row in organization_rows(land) if wanted is None or row["finess"] in wanted]
        organizations.store(connection, rows)
    engine.dispose()


def token_for(database: Path, role: Role, organization: str | None) -> str:
    """A token of that role."""
    engine = open_engine(str(database))
    with engine.begin() as connection:
        token = create_token(connection, role, organization)
    engine.dispose()
    return token


def letter(stay: Stay, **options: Any) -> bytes:
    """The discharge letter of a stay, written half an hour after the patient left."""
    assert stay.discharged is not None
    return discharge_letter(stay, when=options.pop("when", stay.discharged + timedelta(minutes=30)), **options)


def bundle(document: bytes) -> Json:
    """The ITI-65 transaction that provides one CDA."""
    body = wrapped(document)
    assert body is not None
    made: Json = json.loads(body)
    return made


def entry(found: Json, kind: str, at: int = 0) -> Json:
    """The resource of the bundle's entry of that type."""
    resource: Json = [e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == kind][at]
    return resource


def unique_id(found: Json) -> str:
    """The unique id of the bundle's document."""
    value: str = entry(found, "DocumentReference")["masterIdentifier"]["value"]
    return value


def with_site(stay: Stay, site: Establishment) -> Stay:
    """The same stay as if it had been in another establishment."""
    return replace(stay, establishment=site, patient=replace(stay.patient, ipps={site.finess: "1"}))


def copy_database(source: Path, target: Path) -> Path:
    """A consistent copy of a database, whatever is still in its journal."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
    return target
