"""A file as its rules see it: what was entered, the parameters in force, the figures its life asks for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

import sqlalchemy as sa

from fhir_server.figures import Subject, evidence_of, figures
from fhir_server.programmes.office import Office
from fhir_server.programmes.parameters import Posted, given_by, in_force
from fhir_server.programmes.records import File
from fhir_server.programmes.registry import find_life
from fhir_server.store import programme_tables, tables
from indicators.facts import Declared
from indicators.measures import MEASURES, Evidence, Figure, Window
from indicators.programmes.errors import RuleError
from indicators.programmes.life import Needs, Past, View
from indicators.programmes.parameters import ParameterMissing
from indicators.programmes.sun_es_volet1.conventions import sites_of


@dataclass(frozen=True, slots=True)
class Looked:
    """A view with what it was made of: the posted set, what the figures were asked for, what the envelope holds."""

    file: File
    view: View
    posted: Posted | None
    needs: Needs
    credit: int | None

    @property
    def window(self) -> Window | None:
        """The days the figures are over; None while they cannot be known."""
        return window_of(self.needs)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures asked for that this version computes."""
        return tuple(name for name in self.needs.measures if name in MEASURES)


def window_of(needs: Needs) -> Window | None:
    """The window of what a life needs."""
    period = needs.period
    return None if period is None else Window(period.start, period.end, needs.cutoff or period.end)


def look(office: Office, file: File, at: datetime) -> Looked:
    """A file at a moment. The figures are computed now, from the facts of its legal entity."""
    with office.reading() as connection:
        posted = in_force(connection, file.region, file.programme.id)
        credit = _credit(connection, file)
        bare = _view(connection, file, at, posted, (credit or 0) - file.committed)
    later = file.life.superseded(bare)
    if later is not None:  # a later text took effect: the file goes on by it, from the same state
        file = replace(file, life=find_life(file.programme, later))
    needs = _needs(bare, file)
    found = Looked(file, bare, posted, needs, credit)
    window = found.window
    if window is None or not needs.measures:
        return found
    with office.reading() as connection:
        said = declared_in(connection, file.owner, needs.measures, window)
    counted = (
        figures(office.database, window, measures=found.measures, legal_entity=file.owner) if found.measures else []
    )
    return replace(found, view=replace(bare, figures=counted, declared=_last(said)))


def _needs(view: View, file: File) -> Needs:
    """What the life asks for; nothing where a rule cannot say, for instance about a window the new set forgot.

    The same rule then stops every move of the file, with its reason.
    """
    try:
        return file.life.needs(view)
    except (RuleError, ParameterMissing):
        return Needs()


def check_subject(connection: sa.Connection, file: File, at: datetime) -> None:
    """That the life of a file that is about to be opened knows what it is about.

    Raises:
        RuleError: as the life says it, for instance `unknown_window:F9`.
    """
    file.life.needs(_view(connection, file, at, in_force(connection, file.region, file.programme.id), 0))


def _view(connection: sa.Connection, file: File, at: datetime, posted: Posted | None, committed: int) -> View:
    done, missed = _elsewhere(connection, file)
    return View(
        organization=file.organization,
        legal_entity=file.owner,
        region=file.region,
        key=file.key,
        state=file.state,
        at=at,
        entries=file.values(),
        parameters=given_by(posted),
        history=tuple(Past(one.target, one.at, one.paid) for one in file.moves),
        committed=committed if file.life.envelope else 0,
        paid_elsewhere=done,
        deposited=file.deposited,
        missed_elsewhere=missed,
    )


def _credit(connection: sa.Connection, file: File) -> int | None:
    """Cents bound on the file's envelope by every file that draws on it; None before the first."""
    table = programme_tables.programme_credit
    return connection.scalar(
        sa.select(table.c.committed).where(
            table.c.programme == file.programme.id, table.c.envelope == file.envelope
        )
    )  # fmt: skip


def _elsewhere(connection: sa.Connection, file: File) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Keys of the establishment's other files of the programme: those paid to the end, and those that were paid
    something and ended without the rest.
    """
    files, moves = programme_tables.programme_file, programme_tables.programme_move
    paid = sa.select(sa.func.sum(moves.c.paid)).where(moves.c.owner == files.c.owner, moves.c.file == files.c.id)
    rows = connection.execute(
        sa.select(files.c.key, files.c.state, files.c.machine, paid.scalar_subquery().label("paid")).where(
            files.c.programme == file.programme.id, files.c.organization == file.organization, files.c.id != file.id,
        ).order_by(files.c.created)
    )  # fmt: skip
    done: list[dict[str, str]] = []
    missed: list[dict[str, str]] = []
    for row in rows:
        life = find_life(file.programme, row.machine)
        if row.paid and row.state in life.done:
            done.append(json.loads(row.key))
        elif row.paid and row.state in life.machine.finals:
            missed.append(json.loads(row.key))
    return done, missed


def declared_in(connection: sa.Connection, owner: str, measures: Sequence[str], window: Window) -> list[Declared]:
    """What a legal entity declared for the very period of a window, oldest first."""
    table = tables.declared
    query = (
        sa.select(*(table.c[field.name] for field in fields(Declared)))
        .where(
            table.c.legal_entity == owner, table.c.indicator.in_(measures),
            table.c.period_start == window.period_start, table.c.period_end == window.period_end,
        )
        .order_by(table.c.received, table.c.source)
    )  # fmt: skip
    return [Declared(*row) for row in connection.execute(query)]


def _last(said: Sequence[Declared]) -> list[Figure]:
    """The declaration received last of each establishment and indicator, as a figure; one without a value is none."""
    found = {
        (one.organization, one.indicator): Figure(one.indicator, one.organization, None, one.numerator, one.denominator)
        for one in said
        if one.numerator is not None
    }
    return list(found.values())


def evidence(office: Office, looked: Looked, measure: str) -> list[Evidence]:
    """The rows behind one figure of a file, of every site measured for its establishment; none without a window."""
    if looked.window is None:
        return []
    file = looked.file
    sites = sorted(sites_of(looked.view.parameters, file.organization))
    found = (evidence_of(office.database, measure, looked.window, Subject(site, file.owner, "")) for site in sites)
    return [row for rows in found for row in rows]
