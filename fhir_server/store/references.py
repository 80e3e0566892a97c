"""What others publish or declare and the programmes look at: GHT, RELIMS, delegated credits, services, operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from fhir_server.store import reference_tables as tables
from indicators.programmes.imports import Editor, FiledPrerequisite, GhtFacts


def put(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert or replace rows by their primary key; how many."""
    values = list(rows)
    for row in values:
        connection.execute(table.delete().where(*(column == row[column.name] for column in table.primary_key)))
    if values:
        connection.execute(table.insert(), values)
    return len(values)


def put_ghts(connection: sa.Connection, found: Sequence[GhtFacts]) -> int:
    """Insert or replace GHT with their members, each in the last one that names it; how many GHT."""
    names = [one.id for one in found]
    connection.execute(tables.ght_member.delete().where(tables.ght_member.c.ght.in_(names)))
    members = {finess: one.id for one in found for finess in one.members}
    put(connection, tables.ght_member, ({"finess": finess, "ght": name} for finess, name in members.items()))
    return put(connection, tables.ght, (
        {"id": one.id, "name": one.name, "support": one.support, "sdsi_validated": one.sdsi_validated,
         "sdsi_consistent": one.sdsi_consistent, "sdsi_deposited": one.sdsi_deposited,
         "sdsi_parts": "|".join(one.sdsi_parts), "convergence_entered": one.convergence_entered,
         "dsi_appointed": one.dsi_appointed, "dsi_validated": one.dsi_validated}
        for one in found
    ))  # fmt: skip


def member_of(connection: sa.Connection, finess: str) -> str | None:
    """The GHT a legal entity is a member of."""
    table = tables.ght_member
    return connection.scalar(sa.select(table.c.ght).where(table.c.finess == finess))


def ght_of(connection: sa.Connection, legal_entity: str) -> GhtFacts | None:
    """What is known of the GHT of a legal entity; None outside any GHT, or while nobody imported it."""
    table, members = tables.ght, tables.ght_member
    name = member_of(connection, legal_entity)
    row = connection.execute(sa.select(table).where(table.c.id == name)).one_or_none()
    if row is None:
        return None
    finess = connection.scalars(sa.select(members.c.finess).where(members.c.ght == name).order_by(members.c.finess))
    return GhtFacts(
        row.id, row.name, row.support, tuple(finess), row.sdsi_validated, row.sdsi_consistent, row.sdsi_deposited,
        tuple(part for part in row.sdsi_parts.split("|") if part), row.convergence_entered, row.dsi_appointed,
        row.dsi_validated,
    )  # fmt: skip


def replace_register(connection: sa.Connection, found: Iterable[Editor]) -> int:
    """Take a register of editors in the place of the one before: who left RELIMS is no longer listed."""
    connection.execute(tables.relims.delete())
    return put(connection, tables.relims, (
        {"editor": one.editor, "product": one.product, "reference": one.reference} for one in found
    ))  # fmt: skip


def editors(connection: sa.Connection) -> list[str]:
    """The editors RELIMS lists, sorted; nothing before a register was imported."""
    return list(connection.scalars(sa.select(tables.relims.c.editor).distinct().order_by(tables.relims.c.editor)))


def prerequisites(connection: sa.Connection, organization: str, window: str) -> list[FiledPrerequisite]:
    """What an establishment filed of its prerequisites for a window, by prerequisite."""
    table = tables.filed_prerequisite
    query = sa.select(table).where(table.c.organization == organization, table.c.window == window)
    return [FiledPrerequisite(*row) for row in connection.execute(query.order_by(table.c.prerequisite))]


def delegated(connection: sa.Connection, region: str, programme: str, line: str) -> int | None:
    """Cents delegated to a region so far; None where no circular was imported."""
    table = tables.delegated_envelope
    query = sa.select(sa.func.sum(table.c.cents))
    found = connection.scalar(
        query.where(table.c.region == region, table.c.programme == programme, table.c.line == line)
    )
    return None if found is None else int(found)


def operation(connection: sa.Connection, number: str, tranche: int) -> Any:
    """One aided operation, None when it is unknown."""
    table = tables.pai_operation
    query = sa.select(table).where(table.c.number == number, table.c.tranche == tranche)
    return connection.execute(query).one_or_none()


def entered(connection: sa.Connection, number: str, tranche: int) -> int:
    """Cents of every instalment entered for an operation."""
    table = tables.pai_payment
    query = sa.select(sa.func.coalesce(sa.func.sum(table.c.cents), 0))
    return int(connection.scalar(query.where(table.c.number == number, table.c.tranche == tranche)) or 0)


def activity(connection: sa.Connection, organization: str, year: int) -> int | None:
    """The combined activity of an establishment in a year; None when it is unknown, or when sources disagree."""
    table = tables.combined_activity
    query = sa.select(table.c.value).distinct()
    found = list(connection.scalars(query.where(table.c.organization == organization, table.c.year == year)))
    return int(found[0]) if len(found) == 1 else None
