"""Candidatures as files of a programme: opened, filled in and deposited by the service, in one transaction a file.

What a form does not say comes from our tables: the establishment, its GHT, its prerequisites, the register of editors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.outcome import refusal
from fhir_server.ids import PARIS
from fhir_server.import_kinds import Given
from fhir_server.programmes import files, moves, records
from fhir_server.programmes.actors import CLOCKWORK, Hand
from fhir_server.programmes.office import Office
from fhir_server.programmes.parameters import given_by, in_force
from fhir_server.programmes.refused import Refused
from fhir_server.security.caller import Caller, Role
from fhir_server.store import organizations, programme_tables, references
from indicators.imports import Wrong
from indicators.programmes.errors import RuleError
from indicators.programmes.imports import Deposit, FiledCandidature, candidature_entries, deposit_entries
from indicators.programmes.life import check_entry
from indicators.programmes.sun_es_volet1.calendar import usage_window
from indicators.programmes.sun_es_volet1.files import editors_outside_relims
from indicators.programmes.sun_es_volet1.grid import ACTIVITY_YEAR
from indicators.regions import REGIONS

SUN_ES = "sun_es_v1"
_STATUSES = {"public": "public", "privé": "privé", "private": "privé", "ebnl": "EBNL"}
HOLDER = Hand("import", "import", frozenset({"establishment", "holder"}), "establishment")
_AGENCY = Hand("import", "import", frozenset({"ARS"}), "ARS")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file as a row of a form wants it: whose, about what, what is entered, when it was deposited there."""

    programme: str
    machine: str
    organization: str
    legal_entity: str
    key: Mapping[str, str]
    entries: Mapping[str, Any]
    deposited: datetime


def _office(given: Given) -> Office:
    connection = given.connection
    return Office(str(connection.engine.url.database), lambda: nullcontext(connection), given.writer)


def file_wanted(given: Given, wanted: Wanted) -> records.File:
    """Open, fill in and deposit a file; one that is there already is completed while it can be.

    A deposit the rules stop leaves the file where it is: in its first state, or rejected as late.

    Raises:
        Wrong: what the service refuses, or another value of an entry that is closed by now.
    """
    try:
        return asyncio.run(_filed(_office(given), given.connection, wanted))
    except Refused as refused:
        fr, en = (" ; ".join(getattr(one, lang) for one in refused.said) for lang in ("fr", "en"))
        raise Wrong("FILE_REFUSED", fr=fr, en=en) from None
    except Refusal as stopped:
        raise Wrong("FILE_REFUSED", fr=_words(stopped, "fr"), en=_words(stopped, "en")) from None


def _words(stopped: Refusal, lang: str) -> str:
    said: str = refusal(stopped.rule_id, lang, stopped.location, **stopped.params)["issue"][0]["details"]["text"]
    return said


async def _filed(office: Office, connection: sa.Connection, wanted: Wanted) -> records.File:
    file = _known(connection, wanted) or await _opened(office, wanted)
    values = _changed(file, wanted.entries)
    if file.state != file.life.machine.initial:
        if values:
            raise Wrong("FILE_MOVED_ON", state=file.state, names=", ".join(sorted(values)))
        return file
    if values:
        await files.enter(office, file, HOLDER, values, datetime.now(PARIS))
    await _deposit(office, records.any_file(connection, file.id), wanted.deposited)
    return records.any_file(connection, file.id)


async def _opened(office: Office, wanted: Wanted) -> records.File:
    wish = files.Wish(wanted.programme, wanted.machine, wanted.organization, wanted.key)
    caller = Caller(Role.ESTABLISHMENT, wanted.legal_entity)
    return await files.create(office, caller, HOLDER, wish, datetime.now(PARIS))


def _known(connection: sa.Connection, wanted: Wanted) -> records.File | None:
    table = programme_tables.programme_file
    row = connection.execute(
        sa.select(table).where(
            table.c.programme == wanted.programme, table.c.machine == wanted.machine,
            table.c.organization == wanted.organization, table.c.key == moves.key_text(wanted.key),
        )
    ).one_or_none()  # fmt: skip
    return None if row is None else records.whole(connection, row)


def _changed(file: records.File, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Entries that are not what the file already holds. Raises `Wrong` on a value the life does not take."""
    there, found = file.values(), {}
    for name, value in entries.items():
        try:
            kept = check_entry(file.life.entry(name), value)
        except RuleError as wrong:
            raise Wrong("FILE_REFUSED", fr=wrong.code, en=wrong.code) from None
        if there.get(name) != kept:
            found[name] = kept
    return found


async def _deposit(office: Office, file: records.File, at: datetime) -> None:
    for hand, target in ((HOLDER, "DEPOSITED"), (CLOCKWORK, "REJECTED_LATE")):
        try:
            await moves.make_move(office, file, hand, target, at)
        except Refused:
            continue
        return


def check_window(given: Given, organization: str, window: str) -> None:
    """A window of the text, or one that the region of an establishment posted.

    Raises:
        Wrong: no such window, no such site.
    """
    given.entity(organization)
    region = organizations.get(given.connection, organization).region
    posted = in_force(given.connection, region, SUN_ES)
    try:
        usage_window(window, given_by(posted))
    except LookupError as unknown:
        known = str(unknown).rpartition(": ")[2]
        raise Wrong("WINDOW_UNKNOWN", "fenetre", value=window, known=known) from None


# -- SUN-ES volet 1 ------------------------------------------------------------------------------------------------


def file_candidature(given: Given, record: FiledCandidature) -> None:
    """One file a domain (SUN1-R16), filed as it is read: the transaction undoes it when a later row is wrong.

    Raises:
        Wrong: as `file_wanted`, or an unknown site.
    """
    legal_entity = given.entity(record.organization)
    check_window(given, record.organization, record.window)
    entries = _candidature_entries(given, record)
    for domain in record.domains:
        key = {"window": record.window, "domain": domain}
        file = file_wanted(
            given,
            Wanted(SUN_ES, "sun_es_v1.candidature", record.organization, legal_entity, key, entries,
                   record.deposited),
        )  # fmt: skip
        _examine(given, file, record)


def _candidature_entries(given: Given, record: FiledCandidature) -> dict[str, Any]:
    site = organizations.get(given.connection, record.organization)
    return candidature_entries(
        record,
        references.prerequisites(given.connection, record.organization, record.window),
        territory=REGIONS.get(site.region, site.region),
        legal_status=_STATUSES.get(site.status.casefold()),
        ght=_ght(given, site),
    )


def _ght(given: Given, site: Any) -> dict[str, Any] | None:
    """The conditions a public member of a GHT meets (SUN1-R10); empty while its GHT was not imported."""
    if _STATUSES.get(site.status.casefold()) != "public":
        return None
    found = references.ght_of(given.connection, site.legal_entity)
    if found is None:
        return {} if site.ght else None
    return {
        "name": found.name, "sdsi_valid_in_osis": found.sdsi, "convergence_indicators_in_osis": found.convergence,
        "ght_dsi_validated_by_support": found.dsi,
    }  # fmt: skip


def _examine(given: Given, file: records.File, record: FiledCandidature) -> None:
    """What the agency's own tables say of a file just deposited, entered for it (SUN1-R03, R09).

    No register of editors says nothing of them, no activity nothing of the forfait.
    """
    listed = references.editors(given.connection)
    found = {
        "editors_not_in_relims": list(editors_outside_relims(record.editors, listed)) if listed else [],
        "combined_activity": references.activity(given.connection, record.organization, ACTIVITY_YEAR),
    }
    told = {name: value for name, value in found.items() if value not in ([], None)}
    values = _changed(file, told) if file.state == "DEPOSITED" else {}
    if values:
        asyncio.run(files.enter(_office(given), file, _AGENCY, values, datetime.now(PARIS)))


# -- the national call ---------------------------------------------------------------------------------------------


def file_deposit(given: Given, record: Deposit) -> None:
    """One project of the national call (AAP-R14, R16), filed as it is read.

    Raises:
        Wrong: as `file_wanted`, or an unknown legal entity.
    """
    given.legal(record.holder, "finess_porteur")
    wanted = Wanted(
        "aap_dui", "aap_dui.project", record.holder, record.holder, {"project": record.number},
        deposit_entries(record), record.deposited,
    )  # fmt: skip
    file_wanted(given, wanted)
