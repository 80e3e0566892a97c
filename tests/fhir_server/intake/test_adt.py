"""Admissions handed in in this process: what each event makes of a stay, order and replays, identities that meet."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from fhir_server.intake.adt_answer import acknowledgement
from fhir_server.intake.record import issues_of
from fhir_server.intake.submission import received
from fhir_server.security.caller import Caller, Role
from fhir_server.store import tables
from fhir_server.store.admission_tables import identity_link
from fhir_server.store.rekey import rekey
from testdata import PARIS, Patient, Stay
from tests.fhir_server.admissions import Counter
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.support.adt import adt, cx, ids, ins, later, local, nia, told
from tests.support.messages import encounter
from tests.support.synthetic import bundle, letter, new_patient, new_stay, unique_id


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.fixture
def stay(desk: Desk) -> Stay:
    return new_stay(desk.land, desk.site)


# -- stays ---------------------------------------------------------------------------------------------------------


def test_a_stay_from_its_admission_to_its_discharge(counter: Counter, stay: Stay) -> None:
    (opened,) = counter.send(told("A01", stay))
    row = counter.stay(stay)
    assert (opened.status, opened.decision) == (200, "accepted")
    assert (row.organization, row.discharged, row.excluded) == (stay.establishment.finess, None, False)
    assert counter.served(stay)["status"] == "in-progress"

    counter.send(told("A03", stay))

    row, served = counter.stay(stay), counter.served(stay)
    assert stay.discharged is not None
    assert row.discharged == stay.discharged.astimezone(PARIS).date()
    assert row.patient == counter.desk.keys.number("patient", stay.patient.oid, stay.patient.matricule)
    assert (served["status"], served["meta"]["versionId"]) == ("finished", "2")
    assert stay.patient.matricule not in json.dumps(served)


def test_a_cancelled_discharge_opens_the_stay_again(counter: Counter, stay: Stay) -> None:
    counter.send(told("A01", stay), told("A03", stay), told("A13", stay, at=later(stay, 10)))

    assert counter.stay(stay).discharged is None
    assert counter.served(stay)["status"] == "in-progress"


def test_a_cancelled_admission_is_in_no_population(counter: Counter, stay: Stay) -> None:
    counter.send(told("A01", stay), told("A11", stay, at=stay.admitted + timedelta(minutes=5)))
    assert counter.stay(stay).excluded

    counter.send(told("A01", stay, at=later(stay, 10)))
    assert not counter.stay(stay).excluded


def test_an_update_keeps_what_it_does_not_say(counter: Counter, stay: Stay) -> None:
    """What is known from an Encounter or a file is not lost: discharge, operation, exclusion, field."""
    posted = encounter(replace(stay, operated=True, excluded=True))
    posted["extension"].append(
        {"url": "https://segur-fhir.example/fhir/StructureDefinition/stay-field", "valueCode": "MCO"}
    )
    assert ExchangeDesk(counter.desk).post(posted).status == 201
    before = counter.stay(stay)

    counter.send(told("A08", stay, at=later(stay, 10)))

    assert counter.stay(stay) == before
    assert counter.served(stay)["period"] == posted["period"]


def test_a_message_without_an_ins_does_not_take_one_away(counter: Counter, stay: Stay) -> None:
    counter.send(told("A01", stay))
    known, shown = counter.stay(stay).patient, counter.served(stay)["subject"]

    counter.send(told("A03", stay, patient=local(stay.patient, stay.establishment)))

    assert counter.stay(stay).patient == known
    assert counter.served(stay)["subject"] == shown


def test_a_visit_that_is_no_admission_is_in_no_population_until_it_becomes_one(counter: Counter, stay: Stay) -> None:
    _, rules = counter.one(told("A04", stay, visit_class="E"))
    assert rules == ["ADT-CLASS"]
    assert counter.stay(stay).excluded

    counter.send(told("A06", stay, at=stay.admitted + timedelta(hours=1)))
    assert not counter.stay(stay).excluded


def test_a_pre_admission_is_planned(counter: Counter, stay: Stay) -> None:
    counter.send(told("A05", stay))

    assert counter.served(stay)["status"] == "planned"


def test_the_admission_that_comes_after_the_discharge_changes_nothing(counter: Counter, stay: Stay) -> None:
    counter.send(told("A03", stay))
    outcome, rules = counter.one(told("A01", stay))

    assert (outcome.status, rules) == (200, ["ADT-LATE"])
    assert counter.stay(stay).discharged is not None


def test_the_same_message_again_is_the_same_submission(counter: Counter, stay: Stay) -> None:
    admitted, left = told("A01", stay), told("A03", stay)
    first, _, again = counter.send(admitted, left, admitted)

    assert (again.kind, again.submission) == ("duplicate", first.submission)
    assert counter.stay(stay).discharged is not None
    assert counter.served(stay)["meta"]["versionId"] == "2"


def test_the_same_control_id_with_another_content_is_another_message(counter: Counter, stay: Stay) -> None:
    one, other = counter.send(told("A01", stay, control="42"), told("A03", stay, control="42"))

    assert one.submission != other.submission
    assert counter.stay(stay).discharged is not None


def test_two_messages_of_a_stay_at_once_are_put_in_order(counter: Counter, stay: Stay) -> None:
    """A plan made before another event of the stay was filed is made again, by what is known then."""
    caller = Caller(Role.ESTABLISHMENT, counter.desk.site.legal_entity)
    admissions = counter._admissions
    plan, _ = admissions._planned(received("adt", told("A08", stay, at=later(stay, 5)), caller, datetime.now(UTC)))
    counter.send(told("A03", stay))

    assert asyncio.run(counter.desk._writer.file(plan)).kind == "stale"
    assert counter.stay(stay).discharged is not None


@pytest.mark.parametrize(
    ("site", "status", "rule"),
    [("", 422, "VISIT-SITE"), ("970000000", 422, "VISIT-SITE"), ("stranger", 403, "SITE-FORBIDDEN")],
)
def test_a_site_that_is_not_the_sender_s(counter: Counter, site: str, status: int, rule: str) -> None:
    named = counter.desk.stranger.finess if site == "stranger" else site
    outcome, rules = counter.one(adt("A01", cx("7"), number="S-9", site=named))

    assert (outcome.status, outcome.decision, rules) == (status, "refused", [rule])


def test_a_stay_that_is_known_needs_no_site(counter: Counter, stay: Stay) -> None:
    counter.send(told("A01", stay))
    outcome, rules = counter.one(adt("A03", cx("7"), number=stay.id, ended=stay.discharged, at=later(stay, 1)))

    assert (outcome.status, rules) == (200, [])
    assert counter.stay(stay).organization == stay.establishment.finess


def test_what_is_wrong_of_the_stay_is_said_at_its_place(counter: Counter, stay: Stay) -> None:
    caller = Caller(Role.ESTABLISHMENT, counter.desk.site.legal_entity)
    wrong = adt("A03", ins("12345"), number=stay.id, site=stay.establishment.finess, admitted=stay.discharged,
                ended=stay.admitted)  # fmt: skip
    outcome, record, header = asyncio.run(
        counter._admissions.receive(received("adt", wrong, caller, datetime.now(UTC)))
    )
    issues = issues_of(record, outcome.findings)

    assert [(i.rule, i.location) for i in issues if i.rule != "INS-TEST"] == [("INS-FORMAT", "PID-3[1]")]
    assert b"MSA|AE|" in acknowledgement(header, issues, "fr")
    assert b"PID^1^3^1|207^^HL70357|E|INS-FORMAT^^segur-fhir" in acknowledgement(header, issues, "fr")


def test_nothing_of_the_message_is_kept(counter: Counter, stay: Stay) -> None:
    (outcome,) = counter.send(told("A01", stay, traits="SECRET^Jeanne||19790304|"))
    (row,) = counter.desk.rows(tables.submission, tables.submission.c.id == outcome.submission)

    assert row.envelope is None
    assert b"SECRET" not in counter.desk.database.read_bytes()


# -- persons -------------------------------------------------------------------------------------------------------


def numbered(person: Patient, desk: Desk, number: str) -> Patient:
    return replace(person, ipps={desk.site.finess: number})


def waiting(counter: Counter, desk: Desk, person: Patient) -> tuple[Stay, Patient, Patient]:
    """A letter without an INS under one local number; its stay is told by another number, under another local one."""
    one, other = numbered(person, desk, "A"), numbered(person, desk, "B")
    stay = new_stay(desk.land, desk.site, patient=one)
    assert desk.send(letter(stay, without_ins=True)).status == 200
    elsewhere = replace(stay, id=f"9{stay.id}", patient=other)
    counter.send(told("A03", elsewhere, patient=local(other, desk.site)))
    return elsewhere, one, other


def linked(desk: Desk) -> list[str]:
    return [row.link for row in desk.facts()]


@pytest.mark.parametrize("event", ["A40", "A47", "A24"])
def test_a_merge_makes_one_person_of_two_and_an_unlink_two_of_one(counter: Counter, desk: Desk, event: str) -> None:
    stay, one, other = waiting(counter, desk, new_patient(desk.land, desk.site))
    key = desk.keys.number("patient", desk.site.legal_entity, desk.site.ipp_root, "A")
    assert (linked(desk), counter.persons()) == (["unknown"], [key])

    side = {"second" if event == "A24" else "prior": local(one, desk.site)}
    counter.send(adt(event, local(other, desk.site), **side))

    assert linked(desk) == ["linked"]
    assert counter.persons() == [counter.stay(stay).patient]

    counter.send(adt("A37", local(other, desk.site), second=local(one, desk.site)))

    assert (linked(desk), counter.persons()) == (["unknown"], [key])


def test_a_merge_that_came_first_holds_for_what_comes_later(counter: Counter, desk: Desk) -> None:
    person = new_patient(desk.land, desk.site)
    one, other = numbered(person, desk, "A"), numbered(person, desk, "B")
    counter.send(adt("A40", local(other, desk.site), prior=local(one, desk.site)))

    waiting(counter, desk, person)

    assert linked(desk) == ["linked"]


def test_a_document_of_a_nia_is_replaced_by_one_of_its_nir(counter: Counter, desk: Desk) -> None:
    person = new_patient(desk.land, desk.site)
    stay = new_stay(desk.land, desk.site, patient=nia(person))
    first = bundle(letter(stay))
    assert desk.send(json.dumps(first).encode()).status == 200
    second = letter(replace(stay, patient=person), version=2, replaces=unique_id(first).removeprefix("urn:oid:"))

    answer = desk.send(json.dumps(bundle(second)).encode())

    assert answer.status == 200, answer.body
    assert len(set(counter.persons())) == 1


def test_a_nia_is_followed_to_the_nir_that_comes_with_the_same_number(counter: Counter, desk: Desk) -> None:
    person = new_patient(desk.land, desk.site)
    first, second = new_stay(desk.land, desk.site, patient=nia(person)), new_stay(desk.land, desk.site, patient=person)
    assert desk.send(letter(first)).status == 200
    assert len(set(counter.persons())) == 1

    assert desk.send(letter(second)).status == 200

    assert len(counter.persons()) == 2
    assert len(set(counter.persons())) == 1


def test_the_same_number_elsewhere_is_somebody_else(counter: Counter, desk: Desk) -> None:
    """Another legal entity may send the very same local number: it joins nobody there with somebody here."""
    person = new_patient(desk.land, desk.site)
    assert desk.send(letter(new_stay(desk.land, desk.site, patient=nia(person)))).status == 200

    counter.send(adt("A28", ids(person, desk.site)), legal_entity=desk.stranger.legal_entity)
    assert desk.rows(identity_link) == []

    counter.send(adt("A28", ids(person, desk.site)))
    assert [row.owner for row in desk.rows(identity_link)] == [desk.site.legal_entity]


def test_links_survive_a_new_key(counter: Counter, desk: Desk) -> None:
    person = new_patient(desk.land, desk.site)
    counter.send(adt("A28", ids(nia(person), desk.site)), adt("A31", ids(person, desk.site)))
    (before,) = desk.rows(identity_link)
    with desk.writes.begin() as connection:
        rekey(connection)
    (after,) = desk.rows(identity_link)
    assert before.patient != after.patient

    outcome, rules = counter.one(adt("A40", ids(person, desk.site), prior=ins(nia(person).matricule)))

    assert (outcome.status, rules) == (200, [])
    assert desk.rows(identity_link) == [after]
    with desk.reads.connect() as connection:
        version = connection.scalar(sa.select(sa.func.max(tables.pseudonym_key.c.version)))
    assert desk.keys.version == version == 2
