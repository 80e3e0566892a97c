"""Searches start at a value or at a resource: none walks an owner's rows, but where nothing else is asked."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
import sqlalchemy as sa

from fhir_server.fhir.search import parse_search
from fhir_server.store import search

WALKS = ("(owner=?)", "(owner=? AND type=?)")
NAMED = "patient=p&status=current"
QUERIES = (
    NAMED, f"{NAMED}&type=1&date=ge2026", "date=2026-01", "date=ge2026&date=lt2027&type=1,2", f"{NAMED}&category:not=1",
    f"{NAMED}&type:missing=true", "identifier=a|b", "description=x&date=ge2026", "author.family=x&date=ge2026",
    "date=ge2026&patient.name=x", "relatesto.type=1&date=ge2026", "_lastUpdated=gt2026", "_id=a&status=current",
    "_has:List:item:identifier=x", f"{NAMED}&period=ge2026", f"{NAMED}&relationship=replaces$DocumentReference/1",
    f"{NAMED}&_sort=type,-_lastUpdated", "date=ge2026&_sort=date", "type=1,2&date=ne2026",
    "location:below=http://a&date=ge2026",
)  # fmt: skip


def steps(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> list[str]:
    sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    return [row[3] for row in connection.exec_driver_sql(f"explain query plan {sql}")]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("later", [False, True], ids=["first page", "next page"])
def test_a_search_follows_an_index(sqlite_engine: sa.Engine, query: str, later: bool) -> None:
    found = parse_search("DocumentReference", parse_qsl(query))
    asked = ("o", "DocumentReference", tuple(found.criteria), 101)
    keys = tuple("1" for _ in found.order)
    if found.order == (search.BY_DATE,) or not found.order[0].param:
        made = search._by_date(*asked, found.order[0].descending, ("1", "id") if later else None)
    else:
        made = search._sorted(*asked, found.order, (*keys, "id") if later else None)
    with sqlite_engine.connect() as connection:
        plan = steps(connection, made)
    looked = [step for step in plan if step.startswith(("SEARCH", "SCAN search", "SCAN resource"))]
    assert looked
    assert [step for step in looked if step.endswith(WALKS) or step.startswith("SCAN")] == []


@pytest.mark.parametrize("query", ["identifier=a|b", "date=ge2026", "_lastUpdated=gt2026", NAMED])
def test_a_total_and_a_condition_do_too(sqlite_engine: sa.Engine, query: str) -> None:
    found = parse_search("DocumentReference", parse_qsl(query))
    ids = search._ids("o", "DocumentReference", found.criteria)
    with sqlite_engine.connect() as connection:
        plan = steps(connection, sa.select(ids.c.id).order_by(ids.c.id).limit(2))
    assert [step for step in plan if step.endswith(WALKS) or step.startswith(("SCAN search", "SCAN resource"))] == []
