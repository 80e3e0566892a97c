"""Messages and stays in this process: what is planned, kept and answered."""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

import pytest

from fhir_server.ids import Pseudonyms
from fhir_server.intake.checks import Checks
from fhir_server.intake.exchange import is_exchange
from fhir_server.intake.secrets import Redactor
from fhir_server.security.caller import Caller, Role
from fhir_server.store import tables
from testdata import Patient
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.support.messages import address, attachment, batch, citizen, encounter, know, message, recipient
from tests.support.synthetic import bundle, letter, new_patient, new_stay
from validators.report import Mode


@pytest.fixture
def exchange(desk: Desk) -> ExchangeDesk:
    know(desk.database, desk.site)
    return ExchangeDesk(desk)


@pytest.fixture
def here(desk: Desk) -> str:
    return address(desk.site)


def person(desk: Desk) -> Patient:
    return new_patient(desk.land, desk.site)


def rules(body: bytes) -> list[str]:
    from tests.support.faces import rules as of

    return of(json.loads(body))


# -- which door ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (batch({"resourceType": "Communication"}), True),
        (batch({"resourceType": "Encounter"}), True),
        (batch({"resourceType": "Communication"}, {"resourceType": "Patient"}), True),
        (batch({"resourceType": "Patient"}, {"resourceType": "Communication"}), False),
        (batch(), False),
        ({"resourceType": "Communication"}, False),
        ({"resourceType": "Bundle", "entry": ["Communication"]}, False),
        ({"resourceType": "Bundle", "entry": {"resourceType": "Communication"}}, False),
    ],
)
def test_what_is_an_exchange(body: Any, found: bool) -> None:
    assert is_exchange(json.dumps(body).encode()) is found


def test_documents_are_none(desk: Desk) -> None:
    assert not is_exchange(json.dumps(bundle(letter(new_stay(desk.land, desk.site)))).encode())
    assert not is_exchange(b'"Communication" no json')


# -- what is kept --------------------------------------------------------------------------------------------------


def test_the_bytes_are_kept_but_for_the_citizen(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    to = person(desk).matricule
    sent = json.dumps(message(here, citizen(to)), indent=3).encode()

    answer = exchange.post(sent, kind="Communication")

    (row,) = desk.rows(tables.submission, tables.submission.c.id == answer.submission)
    kept = zlib.decompress(row.envelope)
    alias = f"ins-{desk.keys.stable('citizen', to)}"
    assert kept == sent.replace(to.encode(), alias.encode())
    assert row.sha256 == hashlib.sha256(kept).digest()
    assert row.size == len(sent)


@pytest.mark.parametrize(
    ("make", "kept"),
    [
        (lambda s: s, True),
        (lambda s: s.replace(b'"completed"', b'"on-hold"'), True),
        (lambda s: s.replace(b"@patient", b"\\u0040patient"), True),
        (lambda s: s.replace(b"patient.mssante", b"pa\\u0074ient.mssante"), True),
        (lambda s: s[:-1], False),
        (lambda s: s.replace(b'"sent":', b'"note": [{"text": "x"}], "sent":', 1), False),
    ],
)
def test_when_bytes_are_kept(desk: Desk, exchange: ExchangeDesk, here: str, make: Any, kept: bool) -> None:
    sent = json.dumps(message(here, citizen(person(desk).matricule))).encode()

    answer = exchange.post(make(sent), kind="Communication")

    (row,) = desk.rows(tables.submission, tables.submission.c.id == answer.submission)
    assert (row.envelope is not None) is kept


def test_a_matricule_hidden_by_escapes_is_not_kept(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    to = person(desk).matricule
    hidden = "".join(f"\\u{ord(c):04x}" for c in to).encode()
    sent = json.dumps(message(here, citizen(to))).encode().replace(to.encode(), hidden)

    answer = exchange.post(sent, kind="Communication")

    (row,) = desk.rows(tables.submission, tables.submission.c.id == answer.submission)
    assert answer.status == 201
    if row.envelope is not None:
        assert to not in json.dumps(json.loads(zlib.decompress(row.envelope)))


def test_refused_bytes_are_not_kept_without_retention(desk: Desk, here: str) -> None:
    strict = ExchangeDesk(desk, refused_days=0)

    refused = strict.post(message(here, "x@y.mssante.fr", status="on-hold"))
    taken = strict.post(message(here, "x@y.mssante.fr"))

    kept = {row.id: row.envelope is not None for row in desk.rows(tables.submission)}
    assert (kept[refused.submission], kept[taken.submission]) == (False, True)


def test_the_pseudonym_of_a_person_is_the_same_in_any_case() -> None:
    redactor = Redactor(Pseudonyms(b"k" * 32))

    found = redactor.json(["179032A21590046@patient.mssante.fr", "179032a21590046@PATIENT.mssante.fr"])
    assert found[0].partition("@")[0] == found[1].partition("@")[0]


# -- facts ---------------------------------------------------------------------------------------------------------


def test_one_row_an_audience(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    subject = person(desk)
    named = {"subject": {"identifier": {"system": f"urn:oid:{subject.oid}", "value": subject.matricule}}}
    to = (recipient("a@y.mssante.fr", kind="ORG"), "b@y.mssante.fr", "c@y.mssante.fr", citizen(subject.matricule))

    exchange.post(message(here, *to, **named))

    rows = {row.audience: row for row in desk.rows(tables.messages)}
    assert set(rows) == {"organization", "professional", "citizen"}
    key = desk.keys.number("patient", subject.oid, subject.matricule)
    assert {row.patient for row in rows.values()} == {key}
    assert {row.organization for row in rows.values()} == {desk.site.finess}
    assert {row.key_version for row in rows.values()} == {1}
    assert {row.mailbox for row in rows.values()} == {here}


def test_a_local_patient_is_the_one_of_the_documents(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    named = {"subject": {"identifier": {"system": "urn:oid:1.2.3", "value": "IPP1"}}}

    exchange.post(message(here, "b@y.mssante.fr", **named))

    (row,) = desk.rows(tables.messages)
    assert row.patient == desk.keys.number("patient", desk.site.legal_entity, "1.2.3", "IPP1")


def test_the_authority_of_an_address_follows_the_mode(desk: Desk, here: str) -> None:
    know(desk.database, desk.site)
    to = person(desk).matricule
    for mode, oid in ((Mode.SANDBOX, "1.2.250.1.213.1.4.10"), (Mode.PRODUCTION, "1.2.250.1.213.1.4.8")):
        ExchangeDesk(desk, Checks(mode)).post(message(here, citizen(to)))
        assert desk.rows(tables.messages)[-1].patient == desk.keys.number("patient", oid, to) or any(
            row.patient == desk.keys.number("patient", oid, to) for row in desk.rows(tables.messages)
        )


def test_a_test_identity_is_refused_in_production(desk: Desk, here: str) -> None:
    know(desk.database, desk.site)
    subject = person(desk)
    named = {"subject": {"identifier": {"system": f"urn:oid:{subject.oid}", "value": subject.matricule}}}

    answer = ExchangeDesk(desk, Checks(Mode.PRODUCTION)).post(message(here, "b@y.mssante.fr", **named))
    assert answer.status == 422
    assert rules(answer.body) == ["INS-TEST"]


def test_the_table_knows_what_a_recipient_is(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    know(desk.database, desk.stranger, kind="APP")

    exchange.post(message(here, address(desk.stranger)))

    (row,) = desk.rows(tables.messages)
    assert row.audience == "application"


def test_a_received_message_is_of_the_mailbox_that_is_known(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    sent = message("b@y.mssante.fr", "inconnue@y.mssante.fr", here, direction="received")

    assert exchange.post(sent).status == 201
    (row,) = desk.rows(tables.messages)
    assert (row.organization, row.direction, row.mailbox) == (
        desk.site.finess, "received", f"inconnue@y.mssante.fr {here}",
    )  # fmt: skip


def test_an_editor_writes_no_fact(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    editor = Caller(Role.EDITOR, "Éditeur")

    assert exchange.post(message(here, "b@y.mssante.fr"), caller=editor).status == 201
    assert exchange.post(encounter(new_stay(desk.land, desk.site)), caller=editor).status == 201
    assert desk.rows(tables.messages) == []
    assert [row for row in desk.rows(tables.stays) if row.legal_entity.startswith("editor")] == []
    kinds = {row.type for row in desk.rows(tables.resource) if row.owner.startswith("editor")}
    assert kinds == {"Communication", "Encounter"}


def test_an_sdm_mr_that_is_filed_later_is_recognised(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    document = letter(new_stay(desk.land, desk.site))
    digest = hashlib.sha256(document).digest()

    exchange.post(message(here, "b@y.mssante.fr", payload=[attachment(digest)]))
    assert [row.sdm_mr for row in desk.rows(tables.messages)] == [False]
    desk.send(document)
    assert [row.mssante for row in desk.facts()] == [True]


def test_a_bounced_message_brings_no_document(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    document = letter(new_stay(desk.land, desk.site))
    payload = [attachment(hashlib.sha256(document).digest())]

    exchange.post(message(here, "b@y.mssante.fr", payload=payload, status="not-done"))
    desk.send(document)
    assert [row.mssante for row in desk.facts()] == [False]


# -- answers -------------------------------------------------------------------------------------------------------


def test_more_entries_than_allowed_are_refused(desk: Desk, here: str) -> None:
    few = ExchangeDesk(desk, Checks(max_entries=2))

    answer = few.post(batch(*(message(here, "b@y.mssante.fr") for _ in range(3))))
    assert (answer.status, rules(answer.body)) == (400, ["EXCHANGE-LIMIT"])


def test_entries_are_told_apart_from_ten_on(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    sent = [message(here, "b@y.mssante.fr") for _ in range(12)]
    sent[11] |= {"status": "on-hold"}

    answer = exchange.post(batch(*sent))

    said = [e["response"]["status"][:3] for e in json.loads(answer.body)["entry"]]
    assert said == ["201"] * 11 + ["422"]


def test_an_odd_bundle_is_refused_whole(desk: Desk, exchange: ExchangeDesk, here: str) -> None:
    odd = batch(message(here, "b@y.mssante.fr")) | {"total": -1, "link": "x"}

    assert exchange.post(odd).status == 422
    assert desk.rows(tables.messages) == []


def test_a_batch_that_holds_only_faults_is_answered(exchange: ExchangeDesk, here: str) -> None:
    answer = exchange.post(batch(message(here, "b@y.mssante.fr", status="on-hold")))

    assert answer.status == 200
    assert json.loads(answer.body)["entry"][0]["response"]["status"].startswith("422")


def test_a_batch_with_something_new_is_a_new_submission(exchange: ExchangeDesk, here: str) -> None:
    one, other = message(here, "b@y.mssante.fr"), message(here, "b@y.mssante.fr")
    first = exchange.post(batch(one))

    second = exchange.post(batch(one, other))

    places = [e["response"]["location"] for e in json.loads(second.body)["entry"]]
    assert places[0] == json.loads(first.body)["entry"][0]["response"]["location"]
    assert second.submission != first.submission
    assert exchange.post(batch(one, other)).body != first.body
