"""One document by ITI-65, by ITI-41 and in an archive in a mail: one document, whichever came first."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from testdata import Stay, document_id
from tests.conftest import World
from tests.support.faces import Face
from tests.support.mails import Listener, enclosed, written
from tests.support.messages import address, know
from tests.support.soap import FIND, REPOSITORY, ask, mtom, patient, provide, retrieve, status
from tests.support.synthetic import admit, bundle, letter, new_stay

RULES = ("I-SUN1-LDL", "I-SUN1-INS", "I-ESMS-E5")
A = "confrere@exemple.mssante.fr"
Send = Callable[[], str]
"""Sends it by one door and gives the id of its submission."""


@pytest.fixture
def stay(world: World) -> Stay:
    """An imported stay."""
    know(world.database, world.site)
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


def counts(face: Face, world: World) -> dict[str, int]:
    """The numerator of each rule."""
    return {rule: face.figure(rule, world.site.finess)["numerator"] for rule in RULES}


def doors(face: Face, world: World, document: bytes) -> dict[str, Send]:
    """The three doors."""

    def by_bundle() -> str:
        answer = face.provide(bundle(document))
        assert answer.status_code == 200, answer.text
        return answer.headers["Segur-Submission"]

    def by_soap() -> str:
        answer = provide(face, mtom(document))
        assert answer.status == "Success", answer.http.text
        return answer.http.headers["Segur-Submission"]

    def by_mail() -> str:
        mail = written(address(world.site), A, enclosures=[enclosed(document)])
        answer = face.http.post("/mail", content=mail, headers={"Content-Type": "message/rfc822"})
        assert answer.status_code == 200, answer.text
        assert {entry["response"]["status"][:3] for entry in answer.json()["entry"]} <= {"200", "201"}
        return answer.headers["Segur-Archive-Submissions"]

    return {"iti-65": by_bundle, "iti-41": by_soap, "mail": by_mail}


def assert_one(face: Face, world: World, stay: Stay, document: bytes) -> None:
    """ITI-67, ITI-18 and ITI-43 know one document, and each rule counts it by one row."""
    unique, person = document_id(stay), f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    [by_fhir] = face.search(patient__identifier=person, status="current")
    assert by_fhir["masterIdentifier"]["value"] == f"urn:oid:{unique}"
    assert face.http.get(by_fhir["content"][0]["attachment"]["url"]).content == document
    [by_xds] = ask(face, FIND, patient(stay), status()).entries()
    slots = {slot.get("name"): [value.text for value in slot.iter("{*}Value")] for slot in by_xds.iter("{*}Slot")}
    assert slots["hash"] == [hashlib.sha1(document).hexdigest()]
    assert retrieve(face, REPOSITORY, unique).documents() == {unique: document}
    counted = [row["document"] for row in face.evidence("I-SUN1-INS", world.site.finess)]
    assert len(set(counted)) == len(counted)


@pytest.mark.parametrize("order", list(permutations(["iti-65", "iti-41", "mail"])), ids=" ".join)
def test_by_three_doors_is_one_and_counts_once(world: World, site: Face, stay: Stay, order: tuple[str, ...]) -> None:
    before, document = counts(site, world), letter(stay)
    send = doors(site, world, document)
    submissions = [send[door]() for door in order]
    assert len(set(submissions)) == 1
    assert counts(site, world) == {rule: number + 1 for rule, number in before.items()}
    assert_one(site, world, stay, document)


def test_by_a_real_mail_client_is_the_same_one(world: World, site: Face, stay: Stay, tmp_path: Path) -> None:
    document, here = letter(stay), address(world.site)
    send = doors(site, world, document)
    first = send["iti-41"]()
    before = counts(site, world)
    listening = Listener(world.server.origin, world.tokens["site"], tmp_path)
    with listening as listener, smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as client:
        assert client.sendmail(here, [A], written(here, A, enclosures=[enclosed(document)])) == {}
    assert send["iti-65"]() == first
    assert counts(site, world) == before
    assert_one(site, world, stay, document)
