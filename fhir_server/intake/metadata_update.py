"""PATCH of a DocumentReference (flux 03 and 04 of PDSm; TD3.3 of the DMP): one version more, and the facts that follow.

Masking and archiving change no fact. To superseded is a deletion when nothing took the document's place, and back to
current undoes it, unless something did (policy, Who and when).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.indexing import index_rows
from fhir_server.fhir.indexing.stored import referred_patient
from fhir_server.fhir.interactions.bodies import encoded, stored
from fhir_server.fhir.interactions.conditions import must_match
from fhir_server.fhir.interactions.desk import Desk
from fhir_server.fhir.interactions.errors import PatchError, Unfit
from fhir_server.fhir.interactions.running import Office
from fhir_server.ids import paris_date
from fhir_server.intake.metadata_patch import patched
from fhir_server.intake.submission import Received
from fhir_server.security.caller import Role
from fhir_server.services import Services
from fhir_server.store import reading
from fhir_server.store.acts import Change
from fhir_server.store.changes import Version
from fhir_server.store.organizations import find_site
from fhir_server.store.standing import Standing, deletion, standing
from validators.messages import rule
from validators.report import Report

KIND: Final = "DocumentReference"
_STATUS: Final = {"MHD-UPDATE-ELEMENT": 405, "MHD-UPDATE-AUTHOR": 403}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a PATCH is about: the reference by id, or by a query; the version it was read at."""

    id: str | None = None
    query: str = ""
    match: str | None = None


Updated = tuple[str, int]
"""Id and version of the reference as it is from now on."""


async def update(services: Services, received: Received, wanted: Wanted) -> Updated:
    """Apply one patch; what somebody else changed meanwhile is read again.

    Raises:
        Refusal: 404 no such document, 412 several or another version, 405, 403 or 422 it may not be so, 409 others were
            always faster, 503 nothing can be written at the moment.
    """
    scope = received.caller.scope
    assert scope is not None
    office = Office(services, received.caller, scope)
    return await office.made("patch", lambda desk: _planned(desk, received, wanted))


def _planned(desk: Desk, received: Received, wanted: Wanted) -> Updated:
    """Plan over what is there now; what changes nothing is not written."""
    row = _found(desk, wanted)
    before, report = stored(row.body), Report()
    try:
        after = patched(before, received, desk.checks.walker, report)
    except PatchError as error:
        raise _refused(error) from None
    changes = _changes(desk.connection, received, row.id, (before, after), report) if report.conformant else ()
    if not report.conformant:
        raise _unfit(report)
    if after == before:
        return row.id, row.version
    desk.changes = changes
    desk.versions.append(_version(desk, row, after))
    return row.id, row.version + 1


def _refused(error: PatchError) -> Refusal:
    report = Report()
    report.add(rule(error.rule_id), error.location, **dict[str, Any](error.params))
    return Unfit(error.status, report)


def _unfit(report: Report) -> Refusal:
    """The whole report, under the status of the worst that was tried."""
    statuses = {_STATUS.get(issue.rule, 422) for issue in report}
    status = next((known for known in (405, 403) if known in statuses), 422)
    return Unfit(status, report, {"Allow": "GET, PATCH"} if status == 405 else None)


def _found(desk: Desk, wanted: Wanted) -> Any:
    """The row of the reference."""
    ids = (wanted.id,) if wanted.id is not None else desk.find(KIND, wanted.query)
    if len(ids) > 1:
        raise Refusal(412, "CONDITION-SEVERAL", criteria=f"{KIND}?…")
    row = desk.current(KIND, ids[0]) if ids else None
    if row is None or row.gone:
        raise Refusal(404, "HTTP-NOT-FOUND")
    must_match(row, wanted.match)
    return row


def _changes(
    connection: sa.Connection, received: Received, resource_id: str, states: tuple[Any, Any], report: Report
) -> tuple[Change, ...]:
    """What the change of status does to the facts; who may not delete, and what cannot come back, is reported."""
    before, after = (state.get("status") for state in states)
    scope = received.caller.scope
    assert scope is not None
    stands = standing(connection, scope, resource_id) if before != after else None
    if stands is None:
        return ()
    if after == "superseded":
        _check_author(connection, received, stands, report)
        day: date | None = paris_date(received.at)
    else:
        day = None
        if not stands.latest:
            report.add(rule("MHD-UPDATE-REPLACED"), f"{KIND}.status")
    return (deletion(scope.owner, stands.document, resource_id, day),)


def _check_author(connection: sa.Connection, received: Received, stands: Standing, report: Report) -> None:
    """Nobody reaches what another token filed; what turned out to be another entity's is not deleted either."""
    caller = received.caller
    if caller.role is not Role.ESTABLISHMENT or caller.organization is None:
        return
    if find_site(connection, stands.site, caller.organization).forbidden:
        report.add(rule("MHD-UPDATE-AUTHOR"), f"{KIND}.author", site=stands.site or "-")


def _version(desk: Desk, row: Any, after: dict[str, Any]) -> Version:
    """The next version, found by the same patient and in the same place in time as the first."""
    patient = referred_patient(desk.connection, desk.scope.owner, after)
    first = reading.version(desk.connection, desk.scope, KIND, row.id, 1)
    return Version(KIND, row.id, encoded(after), tuple(index_rows(after, KIND, row.id, first.updated, patient)))
