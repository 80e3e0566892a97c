"""MSSanté messages through HTTP: what is counted once, what is not, and what nobody may see."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from testdata import PARIS, Establishment, Patient
from tests.conftest import World
from tests.support.faces import Face, refused, rules
from tests.support.messages import address, attachment, batch, citizen, know, message, recipient
from tests.support.synthetic import letter, new_patient, new_stay, today
from validators import mssante

FHIR = {"Content-Type": "application/fhir+json"}


@pytest.fixture(scope="module", autouse=True)
def mailboxes(world: World) -> None:
    know(world.database, world.site, world.stranger)


@pytest.fixture
def here(world: World) -> str:
    """The mailbox of the establishment that sends."""
    return address(world.site)


def post(face: Face, resource: Any, **headers: str) -> httpx.Response:
    return face.http.post("/fhir/Communication", content=json.dumps(resource), headers=FHIR | headers)


def figure(face: Face, measure: str, site: Establishment) -> int:
    return face.figure(measure, site.finess)["numerator"]


def patient(world: World) -> Patient:
    return new_patient(world.land, world.site)


# -- one message ---------------------------------------------------------------------------------------------------


def test_a_message_is_filed_and_counted_once_though_sent_twice(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)
    sent = message(here, "confrere@exemple.mssante.fr")

    first, again = post(site, sent), post(site, sent)

    assert first.status_code == again.status_code == 201, first.text
    assert first.headers["Location"] == again.headers["Location"]
    assert first.headers["Segur-Submission"] == again.headers["Segur-Submission"]
    assert first.content == again.content
    assert first.json()["resourceType"] == "OperationOutcome"
    assert figure(site, "I-SUN2-PRO", world.site) == before + 1


def test_the_same_message_written_otherwise_is_the_same_message(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-ESMS-E4", world.site)
    sent = message(here, "confrere@exemple.mssante.fr", "autre@exemple.mssante.fr", message_id="<same@x.mssante.fr>")
    other = json.loads(json.dumps(sent))
    other["identifier"][0]["value"] = " same@x.mssante.fr"
    other["identifier"][0]["value"] = "same@x.mssante.fr"
    other["recipient"].reverse()
    other["recipient"][0]["identifier"]["value"] = "mailto:AUTRE@exemple.mssante.fr"

    assert post(site, sent).headers["Location"] == post(site, other).headers["Location"]
    assert figure(site, "I-ESMS-E4", world.site) == before + 1


def test_other_content_under_the_same_message_id_is_a_conflict(site: Face, here: str) -> None:
    sent = message(here, "confrere@exemple.mssante.fr")
    assert post(site, sent).status_code == 201

    refused(post(site, sent | {"recipient": [recipient("autre@exemple.mssante.fr")]}), 409, "MSS-CONFLICT")


def test_the_delivery_alone_is_an_update(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)
    sent = message(here, "confrere@exemple.mssante.fr")
    first = post(site, sent)

    update, again = (post(site, sent | {"status": "not-done"}) for _ in range(2))

    assert (first.status_code, update.status_code, again.status_code) == (201, 200, 200)
    place = first.headers["Location"].partition("/_history")[0]
    assert update.headers["Location"] == again.headers["Location"] == f"{place}/_history/2"
    assert figure(site, "I-SUN2-PRO", world.site) == before


def test_sent_and_received_within_one_legal_entity_are_two_facts(site: Face, world: World, here: str) -> None:
    sent = message(here, here, message_id="<inside@x.mssante.fr>")
    received = message(here, here, message_id="<inside@x.mssante.fr>", direction="received")

    assert post(site, sent).status_code == 201
    assert post(site, received).status_code == 201


def test_the_answer_speaks_the_language_asked_for(site: Face, here: str) -> None:
    wrong = message(here, "confrere@exemple.mssante.fr", status="on-hold")

    assert "Expected: status" in post(site, wrong, **{"Accept-Language": "en"}).text
    assert "Attendu : status" in post(site, wrong).text


def test_a_bounced_message_is_not_counted(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)

    assert post(site, message(here, "confrere@exemple.mssante.fr", status="not-done")).status_code == 201
    assert figure(site, "I-SUN2-PRO", world.site) == before


def test_a_message_to_both_audiences_counts_once_in_each(site: Face, world: World, here: str) -> None:
    before = [figure(site, m, world.site) for m in ("I-SUN2-PRO", "I-SUN2-CIT-OUT", "I-SUN2-INS", "I-ESMS-E4")]
    to = citizen(patient(world).matricule)

    assert post(site, message(here, "confrere@exemple.mssante.fr", to, "autre@exemple.mssante.fr")).status_code == 201

    after = [figure(site, m, world.site) for m in ("I-SUN2-PRO", "I-SUN2-CIT-OUT", "I-SUN2-INS", "I-ESMS-E4")]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1, 1, 1]


def test_delivery_is_said_for_each_recipient(site: Face, world: World, here: str) -> None:
    before = [figure(site, m, world.site) for m in ("I-SUN2-PRO", "I-SUN2-CIT-OUT")]
    to = recipient(citizen(patient(world).matricule), delivery="bounced")

    assert post(site, message(here, "confrere@exemple.mssante.fr", to)).status_code == 201
    assert [figure(site, m, world.site) for m in ("I-SUN2-PRO", "I-SUN2-CIT-OUT")] == [before[0] + 1, before[1]]


def test_a_message_from_a_citizen_is_received(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-CIT-IN", world.site)

    answer = post(site, message(citizen(patient(world).matricule), here, direction="received"))

    assert answer.status_code == 201, answer.text
    assert figure(site, "I-SUN2-CIT-IN", world.site) == before + 1


def test_a_mailbox_type_decides_the_audience(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)

    assert post(site, message(here, recipient("robot@exemple.mssante.fr", kind="APP"))).status_code == 201
    assert figure(site, "I-SUN2-PRO", world.site) == before


def test_destinations_that_contradict_the_addresses_are_said(site: Face, world: World, here: str) -> None:
    said = [{"url": mssante.DESTINATION, "valueCode": "DESTMSSANTEPS"}]

    answer = post(site, message(here, citizen(patient(world).matricule), extension=said))

    assert answer.status_code == 201
    assert "MSS-AUDIENCE" in rules(answer)


# -- what refuses --------------------------------------------------------------------------------------------------

SECRET = "le résultat de la biopsie"


@pytest.mark.parametrize(
    ("change", "status", "rule"),
    [
        ({"payload": [{"contentString": SECRET}]}, 422, "MSS-BODY"),
        ({"payload": [{"contentAttachment": {"data": "bGU=", "title": SECRET}}]}, 422, "MSS-BODY"),
        ({"note": [{"text": SECRET}]}, 422, "MSS-BODY"),
        ({"text": {"status": "generated", "div": f"<div>{SECRET}</div>"}}, 422, "MSS-BODY"),
        ({"topic": {"text": SECRET}}, 422, "MSS-BODY"),
        ({"identifier": []}, 422, "MSS-ID"),
        ({"status": "in-progress"}, 422, "MSS-DELIVERY"),
        ({"category": []}, 422, "MSS-DIRECTION"),
        ({"sent": "2026-11-01"}, 422, "MSS-TIME"),
        ({"recipient": [recipient("quelquun@example.org")]}, 422, "MSS-ADDRESS"),
        ({"payload": [attachment(b"x", None)]}, 422, "MSS-HASH"),
        ({"resourceType": "Patient"}, 400, "EXCHANGE-TYPE"),
    ],
)
def test_what_is_wrong_is_refused_with_its_rule(
    site: Face, here: str, change: dict[str, Any], status: int, rule: str
) -> None:
    answer = post(site, message(here, "confrere@exemple.mssante.fr") | change)

    refused(answer, status, rule)
    assert SECRET not in answer.text
    assert SECRET not in site.envelope(answer).text


def test_a_refused_message_can_be_read_about(site: Face, here: str) -> None:
    answer = post(site, message(here, "confrere@exemple.mssante.fr", status="in-progress"))

    assert site.submission(answer)["decision"] == "refused"
    assert site.envelope(answer).status_code == 200


def test_what_is_no_json_is_malformed_and_not_kept(site: Face) -> None:
    answer = site.http.post("/fhir/Communication", content=b'{"resourceType": "Communi', headers=FHIR)

    refused(answer, 400)
    assert site.envelope(answer).status_code == 410


def test_another_media_type_a_missing_token_and_a_role_without_documents(
    site: Face, anyone: Face, ars: Face, here: str
) -> None:
    sent = json.dumps(message(here, "confrere@exemple.mssante.fr"))

    refused(site.http.post("/fhir/Communication", content=sent, headers={"Content-Type": "text/plain"}), 415)
    refused(post(anyone, json.loads(sent)), 401)
    refused(post(ars, json.loads(sent)), 403)


def test_a_mailbox_of_another_legal_entity_is_forbidden(site: Face, world: World) -> None:
    refused(post(site, message(address(world.stranger), "x@exemple.mssante.fr")), 403, "MAILBOX-FORBIDDEN")


# -- mailboxes -----------------------------------------------------------------------------------------------------


def test_an_unknown_mailbox_is_accepted_not_counted_and_counted_once_it_is_known(site: Face, world: World) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)
    unknown = f"nouveau@{world.site.finess}.mssante.fr".lower()

    answer = post(site, message(unknown, "confrere@exemple.mssante.fr"))

    assert answer.status_code == 201
    assert rules(answer) == ["MAILBOX_UNKNOWN"]
    assert figure(site, "I-SUN2-PRO", world.site) == before

    from fhir_server.store.database import open_engine
    from fhir_server.store.messages import store_mailboxes

    engine = open_engine(str(world.database))
    row = {"address": unknown, "organization": world.site.finess, "legal_entity": world.site.legal_entity, "kind": None}
    with engine.begin() as connection:
        assert store_mailboxes(connection, [row]) == 1
    engine.dispose()

    assert figure(site, "I-SUN2-PRO", world.site) == before + 1


def test_an_editor_files_messages_that_count_nowhere(editor: Face, site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)

    answer = post(editor, message(here, "confrere@exemple.mssante.fr"))

    assert answer.status_code == 201
    assert figure(site, "I-SUN2-PRO", world.site) == before


# -- batches -------------------------------------------------------------------------------------------------------


def test_a_batch_answers_in_request_order_whatever_each_entry_is(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)
    first = message(here, "confrere@exemple.mssante.fr")
    wrong = message(here, "confrere@exemple.mssante.fr", status="on-hold")
    foreign = message(address(world.stranger), "x@exemple.mssante.fr")
    other = first | {"recipient": [recipient("autre@exemple.mssante.fr")]}

    answer = site.provide(batch(first, wrong, foreign, first, other, message(here, "y@exemple.mssante.fr")))

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["type"] == "batch-response"
    said = [entry["response"]["status"] for entry in body["entry"]]
    assert said == [
        "201 Created", "422 Unprocessable Entity", "403 Forbidden", "201 Created", "409 Conflict", "201 Created",
    ]  # fmt: skip
    places = [entry["response"].get("location") for entry in body["entry"]]
    assert places[0] == places[3]
    assert places[1] is places[2] is places[4] is None
    assert figure(site, "I-SUN2-PRO", world.site) == before + 2


def test_the_same_batch_again_is_the_first_answer(site: Face, here: str) -> None:
    sent = batch(*(message(here, "confrere@exemple.mssante.fr") for _ in range(3)))

    first, again = site.provide(sent), site.provide(sent)

    assert first.content == again.content
    assert first.headers["Segur-Submission"] == again.headers["Segur-Submission"]


def test_a_transaction_is_all_or_nothing(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-PRO", world.site)
    good = message(here, "confrere@exemple.mssante.fr")

    answer = site.provide(batch(good, good | {"status": "on-hold"}, form="transaction"))

    body = refused(answer, 422, "MSS-DELIVERY")
    assert {issue["expression"][0] for issue in body["issue"]} == {"Bundle.entry[1].resource.status"}
    other = good | {"recipient": [recipient("autre@exemple.mssante.fr")]}
    refused(site.provide(batch(good, other, form="transaction")), 409, "MSS-CONFLICT")
    assert figure(site, "I-SUN2-PRO", world.site) == before
    accepted = site.provide(batch(good, form="transaction"))
    assert accepted.json()["type"] == "transaction-response"
    assert figure(site, "I-SUN2-PRO", world.site) == before + 1


def test_a_batch_of_something_else_says_so(site: Face, here: str) -> None:
    mixed = batch(message(here, "x@exemple.mssante.fr"), {"resourceType": "Observation"})
    put = batch(message(here, "x@exemple.mssante.fr"))
    put["entry"][0]["request"]["method"] = "PUT"

    said = site.provide(mixed).json()["entry"]
    assert [entry["response"]["status"][:3] for entry in said] == ["201", "422"]
    assert rules(site.provide(put)) == ["EXCHANGE-ENTRY"]
    refused(site.provide(batch(message(here, "x@exemple.mssante.fr"), form="collection")), 400, "EXCHANGE-TYPE")


# -- reading back --------------------------------------------------------------------------------------------------


def test_a_message_is_read_and_found_by_its_owner_only(site: Face, stranger: Face, here: str) -> None:
    answer = post(site, message(here, "confrere@exemple.mssante.fr", message_id="<found@x.mssante.fr>"))
    path = "/fhir/" + answer.headers["Location"].partition("/fhir/")[2].partition("/_history")[0]

    assert site.get(path).json()["identifier"][0]["value"] == "<found@x.mssante.fr>"
    assert stranger.get(path).status_code == 404
    found = site.get("/fhir/Communication", identifier=f"{mssante.MESSAGE_ID}|<found@x.mssante.fr>").json()
    assert found["total"] == 1


def test_the_capability_statement_says_so(anyone: Face) -> None:
    resources = anyone.get("/fhir/metadata").json()["rest"][0]["resource"]
    found = {r["type"]: [i["code"] for i in r["interaction"]] for r in resources}

    assert "create" in found["Communication"]
    assert "create" in found["Encounter"]


# -- identity ------------------------------------------------------------------------------------------------------


def test_a_citizen_address_is_never_visible(site: Face, world: World, here: str) -> None:
    """In no answer, no log, and nowhere in the database, however it is written."""
    person = patient(world)
    to = citizen(person.matricule)
    hidden = json.dumps(message(here, to)).replace(to, "".join(f"\\u{ord(c):04x}" for c in to))
    subject = {"subject": {"identifier": {"system": f"urn:oid:{person.oid}", "value": person.matricule}}}
    answers = [
        post(site, message(here, to)), post(site, message(to, here, direction="received")),
        post(site, message(here, "x@exemple.mssante.fr", **subject)), post(site, message(here, to, status=to)),
        post(site, message(here, to, sent=person.matricule)), post(site, message(here, to, message_id=f"<{to}>")),
        post(site, message(here, to, inventé=to)), post(site, message(here, to) | {person.matricule: to}),
        post(site, message(here, to.upper())), post(site, message(here, f"mailto:{to}", status="on-hold")),
        site.provide(batch(message(here, to), message(to, to), {"resourceType": to})),
        site.http.post("/fhir/Communication", content=hidden, headers=FHIR),
        site.http.post("/fhir/Communication", content=json.dumps(message(here, to))[:-30], headers=FHIR),
        post(site, message(here, recipient(to) | {"display": to})), post(site, message(to, "x@exemple.mssante.fr")),
    ]  # fmt: skip
    found = [answer.text for answer in answers]
    for answer in answers:
        found += [site.envelope(answer).text, json.dumps(site.submission(answer))]
        if "Location" in answer.headers:
            found.append(site.get("/fhir/" + answer.headers["Location"].partition("/fhir/")[2]).text)
    found.append(json.dumps(site.evidence("I-SUN2-INS", world.site.finess)))
    found.append(world.server.stderr)

    assert {a.status_code for a in answers} >= {200, 201, 400, 422}
    assert [text for text in found if person.matricule in text] == []
    with closing(sqlite3.connect(world.database)) as connection:
        assert leaks(connection, person.matricule) == []


def leaks(connection: sqlite3.Connection, secret: str) -> list[str]:
    """The columns that hold the text, compressed or not."""
    import zlib

    found = []
    for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
        cursor = connection.execute(f"select * from {table}")
        names = [column[0] for column in cursor.description]
        for row in cursor:
            for name, value in zip(names, row, strict=True):
                data = value if isinstance(value, bytes) else str(value).encode()
                if data[:1] == b"\x78" and name in ("envelope", "zlib"):
                    data = zlib.decompress(data)
                if secret.encode() in data:
                    found.append(f"{table}.{name}")
    return found


def test_the_leak_detector_sees_what_is_there(world: World) -> None:
    with closing(sqlite3.connect(world.database)) as connection:
        assert leaks(connection, "accueil@")


def test_a_person_named_twice_is_one_patient(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-SUN2-INS", world.site)
    person = patient(world)
    subject = {"identifier": {"system": f"urn:oid:{person.oid}", "value": person.matricule}}

    post(site, message(here, citizen(person.matricule)))
    post(site, message(here, citizen(person.matricule), subject=subject))

    assert figure(site, "I-SUN2-INS", world.site) == before + 1


# -- attachments ---------------------------------------------------------------------------------------------------


def test_an_attached_document_came_by_mssante_whichever_is_first(site: Face, world: World, here: str) -> None:
    for first in ("document", "message"):
        stay = new_stay(world.land, world.site)
        document = letter(stay)
        sent = message(here, "confrere@exemple.mssante.fr", payload=[attachment(hashlib.sha256(document).digest())])
        if first == "document":
            provided = site.provide_cda(document)
            assert post(site, sent).status_code == 201
        else:
            assert post(site, sent).status_code == 201
            provided = site.provide_cda(document)
        reference = site.submission(provided)["documents"][0]["reference"].removeprefix("DocumentReference/")
        with closing(sqlite3.connect(world.database)) as connection:
            query = "select mssante, dmp from documents where reference = ?"
            assert connection.execute(query, [reference]).fetchone() == (1, 1), first


def test_a_declared_sdm_mr_counts_unless_the_filed_document_is_another(site: Face, world: World, here: str) -> None:
    before = figure(site, "I-MR-1", world.site)
    document = letter(new_stay(world.land, world.site))
    site.provide_cda(document)

    assert post(site, message(here, "bamara@exemple.mssante.fr", payload=[attachment(None, "SDM-MR")])).is_success
    filed = [attachment(hashlib.sha256(document).digest(), "SDM-MR")]
    answer = post(site, message(here, "bamara@exemple.mssante.fr", payload=filed))

    assert rules(answer) == ["MSS-KIND-FILED"]
    assert figure(site, "I-MR-1", world.site) == before + 1


def test_a_message_is_counted_on_its_day_in_paris(site: Face, world: World, here: str) -> None:
    at = datetime.combine(today() - timedelta(days=3), datetime.min.time(), PARIS) + timedelta(minutes=5)
    before = monthly(site, world, at)
    utc = at.astimezone(UTC)

    assert post(site, message(here, "x@exemple.mssante.fr", sent=utc.isoformat())).status_code == 201
    assert monthly(site, world, at) == before + 1


def monthly(face: Face, world: World, at: Any) -> int:
    day = str(at.date())
    params = {"periodStart": day, "periodEnd": day, "reporter": f"Organization/{world.site.finess}"}
    found = face.get("/fhir/Measure/I-ESMS-E4/$evaluate-measure", **params).json()
    return int(found["group"][0]["population"][0]["count"])


def test_the_log_holds_no_address(world: World, site: Face, here: str) -> None:
    post(site, message(here, "confrere@exemple.mssante.fr"))

    assert "mssante.fr" not in Path(world.server.stderr_path).read_text(encoding="utf-8")
