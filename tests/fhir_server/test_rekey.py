"""A new key: every pseudonym changes, no figure does, and what comes afterwards still meets what was there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.figures import figures
from fhir_server.ids import Pseudonyms, next_number, next_text
from fhir_server.store import tables
from fhir_server.store.facts import fact_tables
from fhir_server.store.reading import pseudonyms
from fhir_server.store.rekey import COLUMNS, rekey
from indicators.measures import Window
from testdata import Country
from testdata.mail import bounce
from tests.fhir_server.admissions import Counter
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.fhir_server.mails import MailDesk
from tests.support.adt import adt, ids, nia, told
from tests.support.messages import address, attachment, citizen, encounter, know, message
from tests.support.synthetic import copy_database, establish, letter, new_patient, new_stay, today

WINDOW = Window(date(today().year - 1, 1, 1), date(today().year, 12, 31))


@pytest.fixture
def desk(tmp_path: Path, demo_database: Path, demo_country: Country) -> Iterator[Desk]:
    """The demonstration country, with messages."""
    database = copy_database(demo_database, tmp_path / "rekey.db")
    made = Desk(database, demo_country)
    know(database, made.site)
    yield made
    made.close()


def change(desk: Desk) -> int:
    with desk.writes.begin() as connection:
        version, counts = rekey(connection)
    assert set(counts) == set(COLUMNS)
    return version


def linked(desk: Desk) -> None:
    """A person whose NIR followed its NIA, and a stay told by admissions."""
    person = new_patient(desk.land, desk.site)
    Counter(desk).send(
        adt("A28", ids(nia(person), desk.site)), told("A01", new_stay(desk.land, desk.site, patient=person))
    )


def everything(desk: Desk) -> Any:
    return figures(str(desk.database), WINDOW, by_month=True)


def columns(desk: Desk) -> dict[str, set[Any]]:
    """Every pseudonym there is, by table and column."""
    found = {}
    for name, (texts, numbers) in COLUMNS.items():
        for column in (*texts, *numbers):
            rows = desk.rows(tables.metadata.tables[name])
            found[f"{name}.{column}"] = {getattr(row, column) for row in rows} - {None}
    return found


def test_all_figures_stay_and_all_pseudonyms_change(desk: Desk) -> None:
    exchange = ExchangeDesk(desk)
    to = citizen(new_patient(desk.land, desk.site).matricule)
    document = letter(new_stay(desk.land, desk.site))
    desk.send(document)
    linked(desk)
    exchange.post(message(address(desk.site), to, payload=[attachment(hashlib.sha256(document).digest(), "LDL")]))
    MailDesk(desk).send(bounce(address(desk.site), "<later@x>", to, at=datetime.now(UTC), message_id="<notice@x>"))
    before, old = everything(desk), columns(desk)
    assert all(old.values())

    assert change(desk) == 2

    new = columns(desk)
    assert everything(desk) == before
    assert {name: len(values) for name, values in new.items()} == {name: len(values) for name, values in old.items()}
    assert [name for name in old if old[name] & new[name]] == []
    exported = fact_tables(str(desk.database), names=["documents"])["documents"]
    assert set(exported["key_version"].to_pylist()) == {2}


def test_what_was_there_is_met_again(desk: Desk) -> None:
    """The same document, the same message, a letter of a known stay, a patient counted before: twice re-keyed."""
    exchange = ExchangeDesk(desk)
    person = new_patient(desk.land, desk.site)
    stay = new_stay(desk.land, desk.site, patient=person)
    sent = message(address(desk.site), citizen(person.matricule))
    exchange.post(encounter(stay))
    first = exchange.post(sent)
    for _ in range(2):
        change(desk)

    answer = desk.send(letter(stay))
    assert answer.status == 200
    again = exchange.post(sent)
    assert (again.location, again.submission) == (first.location, first.submission)
    exchange.post(message(address(desk.site), citizen(person.matricule)))
    exchange.post(encounter(stay))
    assert desk.send(letter(stay)).submission == answer.submission
    (fact,) = [row for row in desk.facts() if row.submission == answer.submission]
    assert fact.link == "linked"
    assert fact.key_version == 3
    assert len({row.patient for row in desk.rows(tables.messages)}) == 1
    assert len([row for row in desk.rows(tables.stays) if row.number == stay.id]) == 1


def test_a_desk_that_was_open_takes_the_new_key(desk: Desk) -> None:
    assert desk.keys.version == 1
    change(desk)

    assert desk.send(letter(new_stay(desk.land, desk.site))).status == 200
    assert desk.keys.version == 2


def test_every_pseudonym_column_is_known(desk: Desk) -> None:
    """A column that holds a pseudonym and is not rewritten would part what belongs together."""
    known = {(table, column) for table, (texts, numbers) in COLUMNS.items() for column in (*texts, *numbers)}
    named = {"stay", "patient", "encounter", "message", "fingerprint"}
    found = {(t.name, c.name) for t in tables.metadata.sorted_tables for c in t.columns if c.name in named}

    assert found <= known
    assert {(t, "document") for t in ("documents", "document_identity", "document_encounter")} <= known


def test_a_chain_of_keys() -> None:
    one, two, three = (bytes([n]) * 32 for n in (1, 2, 3))
    first, third = Pseudonyms(one), Pseudonyms(one, 3, [two, three])

    assert third.number("stay", "a") == next_number(three, next_number(two, first.number("stay", "a")))
    assert third.text("document", "a") == next_text(three, next_text(two, first.text("document", "a")))
    assert third.stable("patient-resource", "a") == first.text("patient-resource", "a")
    first.take(third)
    assert first.version == 3
    assert first.number("stay", "a") == third.number("stay", "a")


def test_the_keys_of_a_database(database: Path, demo_country: Country) -> None:
    establish(database, demo_country)
    desk = Desk(database, demo_country)
    for _ in range(2):
        change(desk)
    with desk.reads.connect() as connection:
        assert pseudonyms(connection).version == 3
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.pseudonym_key)) == 3
    desk.close()
