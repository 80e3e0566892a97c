"""Links between pseudonyms: followed along chains, taken back exactly, and never across legal entities."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.store import identity, tables
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.driver import Session
from fhir_server.store.facts import fact_tables
from fhir_server.store.plan import KnownIdentity, LinkRow, UnlinkRow

OWNER, OTHER = "350000022", "350000030"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    path = tmp_path_factory.mktemp("identity") / "links.db"
    prepare(str(path))
    made = open_engine(str(path))
    yield made
    made.dispose()


@contextmanager
def undone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that leaves nothing."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def db(engine: sa.Engine) -> Iterator[Session]:
    with undone(engine) as connection:
        yield Session(connection)


def link(db: Session, one: int, other: int, kind: str = identity.MERGE, owner: str = OWNER) -> bool:
    return identity.link(db, owner, LinkRow(one, other, kind), "s")


def unlink(db: Session, one: int, other: int) -> tuple[int, ...]:
    return identity.unlink(db, OWNER, UnlinkRow((one,), (other,)))


def people(db: Session, *patients: int) -> set[frozenset[int]]:
    return {frozenset(identity.family(db, OWNER, patient)) for patient in patients}


def test_a_chain_is_followed_to_its_end(db: Session) -> None:
    assert link(db, 1, 2)
    assert link(db, 2, 3)
    assert link(db, 4, 1)

    assert [identity.root(db, OWNER, n) for n in (1, 2, 3, 4, 5)] == [3, 3, 3, 3, 5]
    assert people(db, 1, 2, 3, 4) == {frozenset({1, 2, 3, 4})}


def test_what_is_one_already_is_not_linked_again(db: Session) -> None:
    assert link(db, 1, 2)
    assert not link(db, 2, 1)
    assert not link(db, 1, 2)
    assert not link(db, 3, 3)
    assert people(db, 1) == {frozenset({1, 2})}


def test_what_is_said_last_of_a_merge_is_true_and_a_nia_stays_where_it_is(db: Session) -> None:
    assert link(db, 1, 2)
    assert link(db, 1, 3)
    assert people(db, 1, 2) == {frozenset({1, 3}), frozenset({2})}

    assert link(db, 7, 8, identity.NIA)
    assert not link(db, 7, 9, identity.NIA)
    assert identity.root(db, OWNER, 7) == 8


def test_an_unlink_puts_back_what_was_there(db: Session) -> None:
    link(db, 1, 2)
    link(db, 2, 3)

    assert set(unlink(db, 3, 2)) == {1, 2, 3}
    assert people(db, 1, 2, 3) == {frozenset({1, 2}), frozenset({3})}
    assert unlink(db, 3, 2) == ()
    assert unlink(db, 5, 5) == ()


def test_an_unlink_of_the_two_ends_of_a_chain(db: Session) -> None:
    link(db, 1, 2)
    link(db, 2, 3)
    unlink(db, 1, 3)

    assert not identity.same_person(db, OWNER, 1, (3,))
    assert identity.same_person(db, OWNER, 2, (None, 3)) or identity.same_person(db, OWNER, 2, (1,))


def test_a_link_is_of_one_legal_entity(db: Session) -> None:
    link(db, 1, 2)

    assert identity.root(db, OTHER, 1) == 1
    assert not identity.same_person(db, OTHER, 1, (2,))
    assert not identity.same_person(db, OWNER, None, (2,))


def test_a_nia_and_the_nir_that_comes_with_the_same_local_number(db: Session) -> None:
    assert not identity.learn(db, OWNER, KnownIdentity(70, True, (5,)), "s")
    assert not identity.learn(db, OWNER, KnownIdentity(10, False, (6,)), "s")
    assert identity.learn(db, OWNER, KnownIdentity(10, False, (6, 5)), "s")
    assert not identity.learn(db, OWNER, KnownIdentity(10, False, (5,)), "s")

    assert identity.root(db, OWNER, 70) == 10
    assert not identity.learn(db, OTHER, KnownIdentity(10, False, (5,)), "s")


def test_what_was_unlinked_does_not_come_back_by_itself(db: Session) -> None:
    identity.learn(db, OWNER, KnownIdentity(70, True, (5,)), "s")
    identity.learn(db, OWNER, KnownIdentity(10, False, (5,)), "s")
    unlink(db, 10, 70)

    assert not identity.learn(db, OWNER, KnownIdentity(10, False, (5,)), "s")
    assert identity.root(db, OWNER, 70) == 70


def test_counts_name_nobody(engine: sa.Engine) -> None:
    with undone(engine) as connection:
        db = Session(connection)
        for one, kind in ((1, identity.MERGE), (2, identity.MERGE), (3, identity.NIA)):
            link(db, one, 9, kind)
        assert identity.counts(connection) == [(OWNER, "merge", 2), (OWNER, "nia", 1)]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12))
def test_families_are_a_partition(engine: sa.Engine, told: list[tuple[int, int]]) -> None:
    """However links are told, everybody is in one family, and its first member is its own."""
    with undone(engine) as connection:
        db = Session(connection)
        for one, other in told:
            link(db, one, other)
        families = people(db, *range(1, 7))
        roots = [identity.root(db, OWNER, n) for n in range(1, 7)]
        assert sum(len(one) for one in families) == 6
        assert all(identity.root(db, OWNER, top) == top for top in roots)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=8), st.integers(1, 5), st.integers(1, 5))
def test_an_unlink_parts_whatever_was_told(engine: sa.Engine, told: list[tuple[int, int]], a: int, b: int) -> None:
    with undone(engine) as connection:
        db = Session(connection)
        for one, other in told:
            link(db, one, other)
        unlink(db, a, b)
        assert a == b or not identity.same_person(db, OWNER, a, (b,))


def test_facts_are_read_by_the_pseudonym_a_person_goes_by(tmp_path: Path) -> None:
    path = tmp_path / "facts.db"
    prepare(str(path))
    engine = open_engine(str(path))
    row = {"direction": "sent", "audience": "citizen", "month": 202611, "organization": "350000048",
           "sent": sa.text("'2026-11-01'"), "delivered": True, "sdm_mr": False, "key_version": 1, "mailbox": "",
           "reference": "r"}  # fmt: skip
    with engine.begin() as connection:
        for owner, message, patient in ((OWNER, "a", 1), (OWNER, "b", 2), (OWNER, "c", None), (OTHER, "d", 1)):
            values = row | {"legal_entity": owner, "message": message, "patient": patient}
            connection.execute(tables.messages.insert().values(values))
        link(Session(connection), 1, 2)
    engine.dispose()

    found = fact_tables(str(path), names=["messages"])["messages"]

    assert sorted(zip(found["message"].to_pylist(), found["patient"].to_pylist(), strict=True)) == [
        ("a", 2), ("b", 2), ("c", None), ("d", 1),
    ]  # fmt: skip
