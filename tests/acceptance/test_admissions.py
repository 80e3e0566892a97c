"""Admissions over MLLP, from a real sender through the real listener into the real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from testdata import Stay
from tests.conftest import World
from tests.support.adt import Listener, MllpClient, acknowledged, adt, cx, ids, ins, later, nia, told
from tests.support.faces import Face, refused, rules
from tests.support.messages import address, citizen, know, message
from tests.support.server import segur
from tests.support.synthetic import letter, new_patient, new_stay, with_site

LDL, REACHED = "I-SUN1-LDL", "I-SUN2-INS"
ER7 = {"Content-Type": "application/hl7-v2"}


@pytest.fixture(scope="module")
def mllp(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MllpClient]:
    with Listener(world.server.origin, world.tokens["site"], tmp_path_factory.mktemp("mllp")) as client:
        yield client


@pytest.fixture
def stay(world: World) -> Stay:
    return new_stay(world.land, world.site)


def figure(face: Face, world: World) -> tuple[int, int]:
    found = face.figure(LDL, world.site.finess)
    return found["numerator"], found["denominator"]


def post(face: Face, data: bytes, **headers: str) -> httpx.Response:
    return face.http.post("/adt", content=data, headers={**ER7, **headers})


# -- stays ---------------------------------------------------------------------------------------------------------


def test_a_stay_told_over_mllp_is_a_population_and_its_letter_counts(
    mllp: MllpClient, site: Face, world: World, stay: Stay
) -> None:
    numerator, denominator = figure(site, world)

    (opened,) = mllp.send(told("A01", stay, control="a"))
    assert acknowledged(opened)[:2] == ("AA", "a")
    assert figure(site, world) == (numerator, denominator)
    mllp.send(told("A03", stay))

    assert figure(site, world) == (numerator, denominator + 1)
    assert site.provide_cda(letter(stay)).status_code == 200
    assert figure(site, world) == (numerator + 1, denominator + 1)
    assert site.get("/fhir/Encounter", identifier=stay.id).json()["total"] == 1


def test_several_messages_a_connection_are_answered_in_order(
    mllp: MllpClient, site: Face, world: World, stay: Stay
) -> None:
    before = figure(site, world)[1]
    answers = mllp.send(
        told("A01", stay, control="1"), told("A02", stay, control="2"), told("A03", stay, control="3"),
        told("A13", stay, control="4", at=later(stay, 1)), told("A03", stay, control="5", at=later(stay, 2)),
    )  # fmt: skip

    assert [acknowledged(answer)[:2] for answer in answers] == [("AA", str(n)) for n in range(1, 6)]
    assert figure(site, world)[1] == before + 1


def test_a_replay_changes_nothing(mllp: MllpClient, site: Face, world: World, stay: Stay) -> None:
    admitted, left = told("A01", stay), told("A03", stay)
    mllp.send(admitted, left)
    counted = figure(site, world)

    answers = mllp.send(left, admitted, admitted)

    assert [acknowledged(answer)[0] for answer in answers] == ["AA"] * 3
    assert figure(site, world) == counted


def test_a_cancelled_admission_leaves_the_population(mllp: MllpClient, site: Face, world: World, stay: Stay) -> None:
    before = figure(site, world)
    mllp.send(told("A01", stay), told("A03", stay), told("A11", stay, at=later(stay, 1)))

    assert figure(site, world) == before


def test_what_is_wrong_is_said_with_its_rule_and_place(mllp: MllpClient, world: World, stay: Stay) -> None:
    wrong = told("A01", stay, patient=cx("7") + "~" + cx("123", stay.patient.oid, "INS"))
    code, _, found = acknowledged(mllp.send(wrong)[0])

    assert (code, "INS-FORMAT" in found) == ("AE", True)
    assert "|PID^1^3^2|" in mllp.send(wrong)[0]
    assert acknowledged(mllp.send(told("A01", with_site(stay, world.stranger)))[0])[2] == ["INS-TEST", "SITE-FORBIDDEN"]


@pytest.mark.parametrize(("event", "code", "rule"), [("A09", "AR", "ADT-EVENT"), ("A40", "AE", "ADT-REQUIRED")])
def test_what_is_not_taken(mllp: MllpClient, event: str, code: str, rule: str) -> None:
    assert acknowledged(mllp.send(adt(event, cx("7"), control="x"))[0]) == (code, "x", [rule])


# -- persons -------------------------------------------------------------------------------------------------------


def test_a_person_stays_one_when_its_nir_arrives(mllp: MllpClient, site: Face, world: World) -> None:
    know(world.database, world.site)
    person = new_patient(world.land, world.site)
    sender, waiting = address(world.site), nia(person)
    before = site.figure(REACHED, world.site.finess)["numerator"]
    mllp.send(adt("A28", ids(waiting, world.site)))
    for known in (waiting, person):
        sent = message(sender, citizen(known.matricule))
        assert site.http.post(
            "/fhir/Communication", json=sent, headers={"Content-Type": "application/fhir+json"}
        ).is_success
    assert site.figure(REACHED, world.site.finess)["numerator"] == before + 2

    mllp.send(adt("A31", ids(person, world.site)))
    assert site.figure(REACHED, world.site.finess)["numerator"] == before + 1

    mllp.send(adt("A37", ids(person, world.site), second=ids(waiting, world.site)))
    assert site.figure(REACHED, world.site.finess)["numerator"] == before + 2


def test_a_merge_lets_a_waiting_letter_find_its_stay(mllp: MllpClient, site: Face, world: World) -> None:
    """The letter names the NIA and another number than the stay, which was told with the NIR: two persons."""
    person = new_patient(world.land, world.site)
    stay = new_stay(world.land, world.site, patient=nia(person))
    assert "STAY_UNKNOWN" in rules(site.provide_cda(letter(stay)))
    mllp.send(told("A03", replace(stay, id=f"9{stay.id}"), patient=ins(person.matricule)))
    numerator, denominator = figure(site, world)

    mllp.send(adt("A40", ids(person, world.site), prior=ins(nia(person).matricule)))
    assert figure(site, world) == (numerator + 1, denominator)

    mllp.send(adt("A37", ids(person, world.site), second=ids(nia(person), world.site)))
    assert figure(site, world) == (numerator, denominator)


def test_links_are_counted_and_nobody_is_named(mllp: MllpClient, world: World) -> None:
    person = new_patient(world.land, world.site)
    mllp.send(adt("A28", ids(nia(person), world.site)), adt("A31", ids(person, world.site)))

    done = segur("identity", "links", "--database", world.database)

    assert done.returncode == 0
    assert f"{world.site.legal_entity} : NIA suivis de leur NIR, " in done.stdout
    assert person.matricule not in done.stdout
    assert '"kind": "nia"' in segur("identity", "links", "--database", world.database, "--json").stdout


# -- the door ------------------------------------------------------------------------------------------------------


def test_the_door_answers_as_every_door_or_by_an_acknowledgement(site: Face, stay: Stay) -> None:
    answer = post(site, told("A01", stay))
    assert (answer.status_code, answer.json()["resourceType"]) == (200, "OperationOutcome")
    assert site.submission(answer)["decision"] == "accepted"
    assert site.envelope(answer).status_code == 410

    asked = post(site, told("A03", stay), Accept="application/hl7-v2")
    assert asked.headers["content-type"].startswith("application/hl7-v2")
    assert acknowledged(asked.text)[0] == "AA"


def test_the_door_refuses(site: Face, anyone: Face, ars: Face, stay: Stay) -> None:
    refused(post(site, b"MSH?"), 400, "ADT-PARSE")
    refused(post(site, adt("A09", cx("7"))), 422, "ADT-EVENT")
    refused(post(site, told("A01", stay), **{"Content-Type": "text/plain"}), 415, "SUBMISSION-MEDIA-TYPE")
    refused(post(anyone, told("A01", stay)), 401, "AUTH-MISSING")
    refused(post(ars, told("A01", stay)), 403, "AUTH-FORBIDDEN")


def test_an_editors_stay_is_filed_and_counts_nowhere(editor: Face, site: Face, world: World, stay: Stay) -> None:
    before = figure(site, world)

    assert post(editor, told("A03", stay)).status_code == 200
    assert figure(site, world) == before


# -- the listener --------------------------------------------------------------------------------------------------


def test_a_frame_over_the_limit_is_refused_and_the_connection_closed(mllp: MllpClient, stay: Stay) -> None:
    (answer,) = mllp.raw(b"\x0b" + b"x" * 300_000 + b"\x1c\r", 2)

    assert acknowledged(answer.decode())[2] == ["ADT-LIMIT"]
    assert acknowledged(mllp.send(told("A01", stay))[0])[0] == "AA"


@pytest.mark.parametrize("data", [b"MSH|^~\\&|no frame\r", b"\x1c\r", b""])
def test_what_is_no_frame_has_no_answer(mllp: MllpClient, data: bytes) -> None:
    assert mllp.raw(data + b"\n") == []


def test_without_a_server_or_a_token_a_message_is_rejected_to_be_sent_again(
    world: World, tmp_path_factory: pytest.TempPathFactory, stay: Stay
) -> None:
    folder = tmp_path_factory.mktemp("nobody")
    with Listener("http://127.0.0.1:9", world.tokens["site"], folder) as client:
        assert acknowledged(client.send(told("A01", stay, control="k"))[0]) == ("AR", "k", ["WRITER-UNAVAILABLE"])
    with Listener(world.server.origin, "wrong", folder) as client:
        assert acknowledged(client.send(told("A01", stay, control="k"))[0]) == ("AR", "k", ["AUTH-MISSING"])


def test_a_sender_for_trials(mllp: MllpClient, tmp_path: Path, stay: Stay) -> None:
    good, bad = tmp_path / "a01.hl7", tmp_path / "a09.hl7"
    good.write_bytes(told("A01", stay, control="1").replace(b"\r", b"\n"))
    bad.write_bytes(adt("A09", cx("7"), control="2"))

    done = segur("mllp", "send", good, "--to", f"127.0.0.1:{mllp.port}")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"{good} : MSA|AA|1")
    done = segur("mllp", "send", good, bad, "--to", f"127.0.0.1:{mllp.port}")
    assert (done.returncode, f"{bad} : MSA|AR|2" in done.stdout) == (1, True)
    assert segur("mllp", "send", good, "--to", "127.0.0.1:9").returncode == 2
    assert segur("mllp", "send", tmp_path / "none", "--to", "127.0.0.1:9").returncode == 2
    assert segur("mllp", "send", good, "--to", "nowhere").returncode == 2


def test_usage(world: World) -> None:
    done = segur("mllp", "listen", "--to", world.server.origin, "--token", " ")
    assert (done.returncode, done.stderr) == (2, "segur: --token: empty\n")
    taken = segur("mllp", "listen", "--to", world.server.origin, "--token", "x", "--port", str(world.server.port))
    assert taken.returncode == 2
