"""The index made again is the one that filing made, whatever happens while it is made."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.fhir.indexing.rebuild import rebuild
from fhir_server.store import tables
from testdata import Stay, document_id
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.support.messages import address, citizen, encounter, know, message
from tests.support.synthetic import bundle, letter, new_patient, new_stay

_index = tables.search_index


def stay(desk: Desk) -> Stay:
    return new_stay(desk.land, desk.site, patient=new_patient(desk.land, desk.site))


def sent(desk: Desk, one: Stay, **options: Any) -> None:
    assert desk.send(json.dumps(bundle(letter(one, **options))).encode()).status == 200


@pytest.fixture
def filed(desk: Desk) -> Desk:
    """Letters, one of them replaced, a stay that went on, and a message."""
    first = stay(desk)
    for one in (first, stay(desk)):
        sent(desk, one)
    sent(desk, first, version=2, replaces=document_id(first))
    exchange = ExchangeDesk(desk)
    know(desk.database, desk.site)
    exchange.post(encounter(first))
    exchange.post(encounter(first, status="in-progress"))
    exchange.post(message(address(desk.site), citizen(first.patient.matricule)))
    return desk


def rows(desk: Desk) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in desk.rows(_index)}


def rebuilt(desk: Desk, batch: int = 2) -> int:
    return max((done for done, _ in rebuild(desk.writes, batch)), default=0)


def test_it_is_the_one_that_filing_made(filed: Desk) -> None:
    before = rows(filed)
    assert {row[1] for row in before} >= {"Communication", "DocumentReference", "List", "Patient", "Encounter"}
    assert {row[3] for row in before if row[2] == "status"} >= {"current", "superseded"}
    assert rebuilt(filed) == len(filed.rows(tables.resource))
    assert rows(filed) == before


def test_what_was_lost_or_never_right_is_mended(filed: Desk) -> None:
    before = rows(filed)
    with filed.writes.begin() as connection:
        connection.execute(_index.delete().where(_index.c.param != "status"))
        connection.execute(_index.update().values(value="nothing"))
    assert rows(filed) != before
    rebuilt(filed)
    assert rows(filed) == before


def test_it_tells_how_far_it_came(filed: Desk) -> None:
    total = len(filed.rows(tables.resource))
    steps = list(rebuild(filed.writes, 3))
    assert steps[0] == (3, total)
    assert steps[-1][0] == total


def test_what_was_stopped_goes_on_from_there(filed: Desk) -> None:
    before = rows(filed)
    begun = rebuild(filed.writes, 2)
    assert next(begun)[0] == 2
    begun.close()
    assert rows(filed) == before
    assert next(rebuild(filed.writes, 2))[0] == 4
    rebuilt(filed)
    assert rows(filed) == before
    assert working_tables(filed) == []


@pytest.mark.parametrize("at_the_end", [False, True])
def test_what_is_filed_meanwhile_is_in_it(filed: Desk, at_the_end: bool) -> None:
    begun = rebuild(filed.writes, 2)
    for done, total in begun:
        if done == total or not at_the_end:
            break
    went_on(filed)
    before = rows(filed)
    exhausted(begun)
    assert rows(filed) == before
    assert working_tables(filed) == []


def went_on(desk: Desk) -> None:
    """A new letter, and stays that are told again."""
    one = stay(desk)
    sent(desk, one)
    exchange = ExchangeDesk(desk)
    exchange.post(encounter(one, status="in-progress"))
    exchange.post(encounter(one))


def exhausted(steps: Iterable[Any]) -> None:
    for _ in steps:
        pass


def test_what_the_planner_assumes_of_it_stays(filed: Desk) -> None:
    assumed = sa.text("select idx, stat from sqlite_stat1 where tbl = 'search_index'")
    with filed.reads.connect() as connection:
        before = connection.execute(assumed).all()
    rebuilt(filed)
    with filed.reads.connect() as connection:
        assert connection.execute(assumed).all() == before != []


def working_tables(desk: Desk) -> list[str]:
    with desk.reads.connect() as connection:
        return [name for name in sa.inspect(connection).get_table_names() if name.startswith("search_index_")]


def test_what_is_put_again_is_found_by_what_it_is_now(desk: Desk) -> None:
    one, exchange = stay(desk), ExchangeDesk(desk)
    for status in ("in-progress", "finished"):
        exchange.post(encounter(one, status=status))
    found = desk.rows(_index, _index.c.type == "Encounter", _index.c.param == "status")
    assert [row.value for row in found] == ["finished"]
