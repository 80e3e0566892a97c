"""The synthetic country goes into a database by the same way as everything else: stores and the pipeline."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from fhir_server.ids import Pseudonyms
from fhir_server.intake.pipeline import Pipeline
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import settings_from
from fhir_server.store import organizations, stays
from fhir_server.store.database import open_engine
from fhir_server.store.reading import pseudonyms
from fhir_server.store.writer import DirectWriter

if TYPE_CHECKING:
    from testdata import Country, Stay


def load(database: str, country: Country, *, documents: bool = True) -> dict[str, int]:
    """Establishments, stays, then every planned document as its establishment would have sent it, on its day."""
    engine = open_engine(database)
    with engine.begin() as connection:
        keys = pseudonyms(connection)
        counts = Counter(
            establishments=organizations.store(connection, organization_rows(country)),
            stays=stays.store(connection, (stay_input(stay) for stay in country.stays), keys),
        )
    if documents:
        counts += asyncio.run(_send(database, country, keys))
    engine.dispose()
    return dict(counts)


async def _send(database: str, country: Country, keys: Pseudonyms) -> Counter[str]:
    from testdata import document

    engine, reader = open_engine(database), open_engine(database, read_only=True)
    writer = DirectWriter(engine)
    pipeline = Pipeline(settings_from(database=database), writer, reader.connect, keys)
    counts: Counter[str] = Counter()
    planned = sorted(((p.when, p, stay) for stay in country.stays for p in stay.plan), key=lambda row: row[0])
    for when, plan, stay in planned:
        caller = Caller(Role.ESTABLISHMENT, stay.establishment.legal_entity)
        arrived = received("cda", document(stay, plan), caller, when)
        answer = await pipeline.receive(arrived)
        counts["accepted" if answer.status == 200 else "refused"] += 1
    writer.close()
    engine.dispose()
    reader.dispose()
    return counts


def organization_rows(country: Country) -> list[dict[str, Any]]:
    """The establishments as rows of our table."""
    regions = {e.legal_entity: e.region for e in country.establishments}
    legal = [
        {"finess": e.finess, "kind": "legal", "legal_entity": e.finess, "name": e.name,
         "region": _code(regions.get(e.finess, e.region)), "status": e.status, "ght": e.ght}
        for e in country.legal_entities
    ]  # fmt: skip
    sites = [
        {"finess": e.finess, "kind": "geographic", "legal_entity": e.legal_entity, "name": e.name,
         "region": _code(e.region), "status": e.status, "ght": e.ght}
        for e in country.establishments
    ]  # fmt: skip
    return legal + sites


def _code(region: Any) -> str:
    """The INSEE code, whether a region or its code is given."""
    return str(getattr(region, "code", region))


def stay_input(stay: Stay) -> stays.StayInput:
    """A synthetic stay as admissions would tell it."""
    return stays.StayInput(
        stay.id, stay.establishment.finess, stay.establishment.legal_entity,
        stay.discharged.date() if stay.discharged else None, stay.operated, stay.excluded,
        (stay.patient.oid, stay.patient.matricule),
    )  # fmt: skip
