"""Mails stand in the relay's line too: they leave by SMTP byte for byte, and what comes of it is kept."""

from __future__ import annotations

import json
import smtplib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.security.caller import Role
from testdata import Country, Stay
from testdata.mail import nested, reading_notice
from tests.acceptance.test_messages import leaks
from tests.acceptance.test_relay import QUICK
from tests.conftest import two_sites
from tests.support.archives import zipped
from tests.support.faces import Face, rules
from tests.support.mails import Listener, an_hour_ago, enclosed, new_id, written
from tests.support.messages import address, citizen, know
from tests.support.postbox import Delivery, Postbox, postbox
from tests.support.server import Server, wait_until
from tests.support.synthetic import Json, copy_database, letter, new_stay, token_for

A, B = "confrere@exemple.mssante.fr", "autre@exemple.mssante.fr"
WRONG = ("IHE_XDM.ZIP", "application/zip", b"PK\x03\x04")


class Here:
    """A server whose mails leave to `box`: those of `site` in mode block; those of `tagging` in tag-and-pass, its
    letters by a second route too.
    """

    def __init__(self, folder: Path, database: Path, country: Country, box: Postbox) -> None:
        self.database, self.country, self.box = copy_database(database, folder / "relay.db"), country, box
        self.site, self.tagging = two_sites(country)
        common = {"protocol": "smtp", "to": box.address, "retry": QUICK, "timeout": 5}
        routes = [
            {"name": "block", "establishments": [self.site.legal_entity], **common},
            {"name": "tag", "mode": "tag-and-pass", "establishments": [self.tagging.legal_entity], **common},
            {"name": "letters", "kinds": ["LDL"], "establishments": [self.tagging.legal_entity], **common},
        ]
        path = folder / "routes.yaml"
        path.write_text(json.dumps({"routes": routes}))
        self.server = Server(self.database, folder, "--workers", "1", SEGUR_RELAY=str(path))
        self.server.start()
        know(self.database, self.site, self.tagging)
        tokens = [token_for(self.database, Role.ESTABLISHMENT, s.legal_entity) for s in (self.site, self.tagging)]
        self.tokens = tokens
        self.face, self.tagged = (Face(self.server.origin, token) for token in tokens)

    def close(self) -> None:
        self.face.close()
        self.tagged.close()
        self.server.stop()

    def stay(self) -> Stay:
        return new_stay(self.country, self.site)

    def mail(self, *enclosures: Any, to: str = A, **more: Any) -> bytes:
        return written(address(self.site), to, enclosures=enclosures, **more)

    def settled(self, submission: str, state: str, face: Face | None = None) -> Json:
        """Wait until a mail has left, or has been turned away for good."""

        def row() -> Json:
            [found] = (face or self.face).get(f"/api/submissions/{submission}").json()["relay"]
            return dict(found)

        wait_until(lambda: row()["state"] == state, f"{state}: {row()}")
        return row()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    with postbox() as box:
        found = Here(tmp_path_factory.mktemp("relay-mail"), demo_database, demo_country, box)
        yield found
        found.close()


@pytest.fixture
def here(shared: Here) -> Here:
    shared.box.says, shared.box.got = "250 OK", []
    return shared


def post(face: Face, mail: bytes, **headers: str) -> httpx.Response:
    return face.http.post("/mail", content=mail, headers={"Content-Type": "message/rfc822", **headers})


def relayed(face: Face, answer: httpx.Response) -> list[str]:
    """The routes a mail was put on."""
    return [row["route"] for row in face.submission(answer)["relay"]]


def test_a_mail_leaves_byte_for_byte_and_once(here: Here) -> None:
    mail = here.mail(enclosed(letter(here.stay())))
    first, again = post(here.face, mail), post(here.face, mail)
    assert (first.status_code, again.content) == (200, first.content)
    found = here.settled(first.headers["Segur-Submission"], "acknowledged")
    assert (found["attempts"], found["code"]) == (1, "250")
    assert here.box.got == [Delivery(address(here.site), [A], mail)]
    [archive] = first.headers["Segur-Archive-Submissions"].split(", ")
    assert here.face.get(f"/api/submissions/{archive}").json()["relay"] == []


def test_a_mail_that_is_turned_away_is_kept_as_refused(here: Here) -> None:
    here.box.says = "554 5.6.0 Madame Unetelle est inconnue"
    answer = post(here.face, here.mail())
    found = here.settled(answer.headers["Segur-Submission"], "refused")
    assert (found["attempts"], found["code"]) == (1, "554")
    assert here.face.submission(answer)["decision"] == "accepted"
    assert "Unetelle" not in json.dumps(here.face.submission(answer)) + here.server.stderr


def test_a_mail_that_has_to_wait_leaves_later(here: Here) -> None:
    here.box.says = "451 4.3.0 later"
    mail = here.mail()
    submission = post(here.face, mail).headers["Segur-Submission"]
    wait_until(lambda: len(here.box.got) >= 2, "two tries")
    here.box.says = "250 OK"
    assert here.settled(submission, "acknowledged")["attempts"] >= 3
    assert {one.content for one in here.box.got} == {mail}


def test_it_goes_to_the_recipients_of_its_envelope(here: Here) -> None:
    answer = post(here.face, here.mail(), **{"Segur-Mail-Rcpt": f"<{B}>, x@example.org"})
    here.settled(answer.headers["Segur-Submission"], "acknowledged")
    assert here.box.got[0].recipients == [B, "x@example.org"]


def test_a_notice_leaves_too_and_nobody_answers_it(here: Here) -> None:
    notice = reading_notice(address(here.site), A, new_id(), at=an_hour_ago(), message_id=new_id())
    answer = post(here.face, notice)
    here.settled(answer.headers["Segur-Submission"], "acknowledged")
    assert here.box.got == [Delivery("<>", [A], notice)]


def test_nothing_of_a_citizen_stays_once_it_has_left(here: Here) -> None:
    stay = here.stay()
    answer = post(here.face, here.mail(to=citizen(stay.patient.matricule)))
    here.settled(answer.headers["Segur-Submission"], "acknowledged")
    with closing(sqlite3.connect(here.database)) as connection:
        assert leaks(connection, stay.patient.matricule) == []
        [payload] = connection.execute(
            "select payload from relay_item where submission = ?", [answer.headers["Segur-Submission"]]
        ).fetchone()
    assert payload is None
    assert stay.patient.matricule not in here.server.stderr


@pytest.mark.parametrize("make", [
    lambda here: here.mail(WRONG),
    lambda here: here.mail(enclosed(letter(here.stay()), name="a.zip"), WRONG),
    lambda here: b"From: a@x.mssante.fr\r\n\r\nx",
], ids=["archive", "one of two", "message"])  # fmt: skip
def test_blocked_what_does_not_conform_stays_here(here: Here, make: Any) -> None:
    assert relayed(here.face, post(here.face, make(here))) == []
    last = post(here.face, here.mail())
    here.settled(last.headers["Segur-Submission"], "acknowledged")
    assert len(here.box.got) == 1


def test_a_route_of_some_kinds_takes_mails_of_these(here: Here) -> None:
    document = letter(new_stay(here.country, here.tagging))
    bare, full = (written(address(here.tagging), A, enclosures=found) for found in ([], [enclosed(document)]))
    assert relayed(here.tagged, post(here.tagged, bare)) == ["tag"]
    assert relayed(here.tagged, post(here.tagged, full)) == ["letters", "tag"]
    wait_until(lambda: len(here.box.got) == 3, "three deliveries")


class TestTaggedAndPassed:
    def test_a_wrong_message_leaves_and_is_answered_202(self, here: Here) -> None:
        mail = written("x@example.org", address(here.tagging))
        answer = post(here.tagged, mail)
        assert answer.status_code == 202
        assert {"MAIL-SENDER", "RELAY-PASSED"} <= set(rules(answer))
        here.settled(answer.headers["Segur-Submission"], "acknowledged", here.tagged)
        assert [one.content for one in here.box.got] == [mail]
        assert here.tagged.submission(answer)["decision"] == "refused"

    def test_a_wrong_archive_keeps_no_message_here(self, here: Here) -> None:
        mail = written(address(here.tagging), A, enclosures=[WRONG])
        answer = post(here.tagged, mail)
        assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["201", "400"]
        here.settled(answer.headers["Segur-Submission"], "acknowledged", here.tagged)
        assert [one.content for one in here.box.got] == [mail]

    def test_the_listener_takes_it_for_taken(self, here: Here, tmp_path: Path) -> None:
        mail = written("x@example.org", address(here.tagging))
        listening = Listener(here.server.origin, here.tokens[1], tmp_path)
        with listening as listener, smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as client:
            assert client.sendmail("x@example.org", [address(here.tagging)], mail) == {}
        wait_until(lambda: len(here.box.got) == 1, "the mail")
        assert here.box.got[0].content == mail

    @pytest.mark.parametrize("make", [
        lambda _: nested(5_000),
        lambda here: written(address(here.tagging), A, enclosures=[
            ("IHE_XDM.ZIP", "application/zip", zipped({"IHE_XDM/SUBSET01/METADATA.XML": b"0" * 70_000_000}))]),
    ], ids=["mail", "archive"])  # fmt: skip
    def test_what_is_hostile_goes_nowhere(self, here: Here, make: Any) -> None:
        answer = post(here.tagged, make(here))
        assert relayed(here.tagged, answer) == []
