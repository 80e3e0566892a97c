"""Mails through HTTP and the command line: a thread as it happens, the rare-disease programme, and hostile MIME."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from testdata import Patient
from testdata.mail import bounce, mailbox_file, nested, reading_notice
from tests.acceptance.test_messages import leaks
from tests.conftest import World
from tests.support.archives import zipped
from tests.support.faces import Face, location, recent, refused, rules
from tests.support.mails import an_hour_ago, enclosed, new_id, rare, written
from tests.support.messages import address, citizen, know
from tests.support.server import segur
from tests.support.synthetic import letter, new_patient, new_stay

A = "confrere@exemple.mssante.fr"
MAIL = {"Content-Type": "message/rfc822"}
MESSAGES = ("I-SUN2-PRO", "I-SUN2-CIT-OUT", "I-SUN2-CIT-IN", "I-SUN2-INS", "I-MR-1")


@pytest.fixture(scope="module", autouse=True)
def mailboxes(world: World) -> None:
    know(world.database, world.site, world.stranger)


@pytest.fixture
def here(world: World) -> str:
    return address(world.site)


@pytest.fixture
def person(world: World) -> Patient:
    return new_patient(world.land, world.site)


def post(face: Face, mail: bytes, **headers: str) -> httpx.Response:
    return face.http.post("/mail", content=mail, headers=MAIL | headers)


def figures(face: Face, world: World, *measures: str) -> list[int]:
    return [numerator(face, measure, world.site.finess) for measure in measures or MESSAGES]


def numerator(face: Face, measure: str, finess: str) -> int:
    """Of a MeasureReport; a denominator that nobody declared has no count."""
    params = recent().params() | {"reporter": f"Organization/{finess}"}
    populations = face.get(f"/fhir/Measure/{measure}/$evaluate-measure", **params).json()["group"][0]["population"]
    return sum(p.get("count", 0) for p in populations if p["code"]["coding"][0]["code"] == "numerator")


def gained(face: Face, world: World, before: list[int], *measures: str) -> list[int]:
    return [now - then for then, now in zip(before, figures(face, world, *measures), strict=True)]


def statuses(answer: httpx.Response) -> list[str]:
    return [entry["response"]["status"][:3] for entry in answer.json()["entry"]]


class TestAThread:
    def test_counts_what_arrived(self, site: Face, world: World, here: str, person: Patient) -> None:
        """Two letters out, one bounce, one reading, the citizen's answer."""
        before = figures(site, world)
        first, second, to = new_id(), new_id(), citizen(person.matricule)
        at = an_hour_ago()
        thread = [
            written(here, A, message_id=first), written(here, to, message_id=second),
            reading_notice(A, here, first, at=at, message_id=new_id()),
            bounce(here, second, to, at=at, message_id=new_id()),
            written(here, to), written(to, here, received=at, answers=second),
        ]  # fmt: skip

        answers = [post(site, mail) for mail in thread]

        assert [answer.status_code for answer in answers] == [200] * 6
        assert [statuses(answer) for answer in answers] == [["201"], ["201"], ["200"], ["200"], ["201"], ["201"]]
        assert gained(site, world, before) == [1, 1, 1, 1, 0]
        assert [post(site, mail).status_code for mail in thread] == [200] * 6
        assert gained(site, world, before) == [1, 1, 1, 1, 0]

    def test_leaves_the_history_of_its_delivery(self, site: Face, here: str) -> None:
        number = new_id()
        place = location(post(site, written(here, A, message_id=number)), "Communication")
        answer = post(site, bounce(here, number, A, at=an_hour_ago(), message_id=new_id()))
        assert answer.json()["entry"][0]["response"]["location"].endswith("/_history/2")
        assert [site.get(f"{place}/_history/{n}").json()["status"] for n in (1, 2)] == ["completed", "not-done"]
        found = site.get("/fhir/Communication", identifier=number, status="not-done").json()
        assert found["total"] == 1

    def test_shows_no_citizen(self, site: Face, world: World, here: str, person: Patient) -> None:
        """In no answer, no log, and nowhere in the database."""
        to, number = citizen(person.matricule), new_id()
        mails = [
            written(here, to, message_id=number), written(to, here, subject=to, text=to, received=an_hour_ago()),
            bounce(here, number, to, at=an_hour_ago(), message_id=new_id()), written(here, to, message_id=f"<{to}>"),
            bounce(here, new_id(), to, at=an_hour_ago(), message_id=new_id()), b"From: " + to.encode() + b"\r\n\r\nx",
        ]  # fmt: skip
        answers = [post(site, mail) for mail in mails]
        assert {answer.status_code for answer in answers} == {200, 422}
        seen = [answer.text for answer in answers]
        seen += [json.dumps(site.submission(answer)) for answer in answers]
        assert [text for text in (*seen, world.server.stderr) if person.matricule in text] == []
        with closing(sqlite3.connect(world.database)) as connection:
            assert leaks(connection, person.matricule) == []


class TestDocuments:
    def test_of_rare_diseases_count_by_mail(self, site: Face, world: World, here: str) -> None:
        measures = ("I-MR-1", "I-MR-2", "I-MR-3", "I-ESMS-E5")
        before = figures(site, world, *measures)
        document = rare(new_stay(world.land, world.site))
        mail = written(here, "bamara@exemple.mssante.fr", enclosures=[enclosed(document)])

        answer = post(site, mail)

        assert answer.status_code == 200, answer.text
        assert site.get(location(answer, "Binary")).content == document
        assert gained(site, world, before, *measures) == [1, 1, 1, 0]
        assert post(site, mail).content == answer.content
        assert site.provide_cda(document).status_code == 200
        assert gained(site, world, before, *measures) == [1, 1, 1, 1]

    def test_of_a_bounced_message_do_not(self, site: Face, world: World, here: str) -> None:
        before, number = figures(site, world, "I-MR-1", "I-MR-2"), new_id()
        document = rare(new_stay(world.land, world.site))
        post(site, bounce(here, number, A, at=an_hour_ago(), message_id=new_id()))
        assert post(site, written(here, A, message_id=number, enclosures=[enclosed(document)])).status_code == 200
        assert gained(site, world, before, "I-MR-1", "I-MR-2") == [0, 0]

    def test_are_submissions_of_their_own(self, site: Face, world: World, here: str) -> None:
        answer = post(site, written(here, A, enclosures=[enclosed(letter(new_stay(world.land, world.site)))]))
        found = site.get(f"/api/submissions/{answer.headers['Segur-Archive-Submissions']}").json()
        assert (found["door"], [one["kind"] for one in found["documents"]]) == ("mail", ["LDL"])
        assert site.submission(answer)["door"] == "mail"
        assert site.envelope(answer).status_code == 410

    def test_of_another_legal_entity_are_refused_and_the_message_counts(
        self, site: Face, world: World, here: str
    ) -> None:
        document = letter(new_stay(world.land, world.stranger))
        answer = post(site, written(A, here, received=an_hour_ago(), enclosures=[enclosed(document)]))
        assert statuses(answer) == ["201", "403"]
        assert "SITE-FORBIDDEN" in rules(answer)


class TestTheDoor:
    def test_wants_a_token_a_mail_and_a_direction(self, site: Face, anyone: Face, ars: Face, here: str) -> None:
        mail = written(here, A)
        refused(post(anyone, mail), 401)
        refused(post(ars, mail), 403)
        refused(site.http.post("/mail", content=mail, headers={"Content-Type": "text/plain"}), 415)
        refused(post(site, mail, **{"Segur-Mail-Direction": "sideways"}), 400, "MAIL-ENVELOPE")
        refused(post(site, b""), 400)

    def test_takes_the_envelope_in_its_header(self, site: Face, here: str) -> None:
        answer = post(site, written(here, A), **{"Segur-Mail-Rcpt": f"<{A}>, autre@exemple.mssante.fr, j@localhost"})
        told = site.get(location(answer, "Communication")).json()["recipient"]
        assert [one["identifier"]["value"] for one in told] == [A, "autre@exemple.mssante.fr"]

    def test_speaks_english(self, site: Face) -> None:
        answer = post(site, b"From: a@x.mssante.fr\r\n\r\nx", **{"Accept-Language": "en"})
        assert "Message-ID missing" in answer.text


HEAD = b"From: a@x.mssante.fr\r\nTo: b@x.mssante.fr\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <h@x>\r\n"


def multipart(*parts: bytes) -> bytes:
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts)
    return HEAD + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + body + b"--x--\r\n"


ATTACHED = b"Content-Type: application/zip; name=IHE_XDM.ZIP\r\nContent-Transfer-Encoding: base64\r\n\r\n"


class TestHostileMime:
    @pytest.mark.parametrize(
        ("mail", "status", "rule"),
        [
            (nested(5_000), 400, "MAIL-LIMIT"),
            (HEAD + b"X-Long: " + b"a" * 60_000 + b"\r\n\r\nx", 400, "MAIL-LIMIT"),
            (HEAD + b"X-Many: 1\r\n" * 2_000 + b"\r\nx", 400, "MAIL-LIMIT"),
            (HEAD + b"no field at all\r\n\r\nx", 400, "MAIL-HEADER"),
            (multipart(*[b"\r\nx"] * 500), 400, "MAIL-LIMIT"),
            (HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\nx', 400, "MAIL-BOUNDARY"),
        ],
        ids=["nested", "long", "many", "line", "parts", "boundary"],
    )
    def test_is_named_and_refused(self, site: Face, mail: bytes, status: int, rule: str) -> None:
        answer = post(site, mail)
        refused(answer, status, rule)
        assert site.envelope(answer).status_code == 410

    def test_of_an_attachment_costs_the_attachment(self, site: Face, here: str) -> None:
        bomb = zipped({"IHE_XDM/SUBSET01/METADATA.XML": b"0" * 70_000_000})
        wrong = written(here, A).replace(b"\r\n\r\n", b"\r\nContent-Disposition: attachment\r\n\r\n", 1)
        answers = {
            "XDM-LIMIT": post(site, written(here, A, enclosures=[("IHE_XDM.ZIP", "application/zip", bomb)])),
            "MAIL-ENCODING": post(site, wrong.replace(b"7bit", b"base64")),
            "MAIL-CHARSET": post(site, written(here, A).replace(b"Message de test", b"=?klingon-9?q?a?=")),
        }
        for rule, answer in answers.items():
            assert answer.status_code == 200, answer.text
            assert rule in rules(answer)
        assert (
            site.http.get(
                f"/api/submissions/{answers['XDM-LIMIT'].headers['Segur-Archive-Submissions']}/envelope"
            ).status_code
            == 410
        )

    def test_of_many_archives_is_refused(self, site: Face, here: str, world: World) -> None:
        archive = enclosed(letter(new_stay(world.land, world.site)))
        refused(post(site, written(here, A, enclosures=[archive] * 5)), 400, "MAIL-LIMIT")


class TestCommands:
    @pytest.fixture
    def folder(self, tmp_path: Path, world: World, here: str, person: Patient) -> Path:
        """A mail with a letter, a mailbox file of three, and a file that is none."""
        number = new_id()
        document = letter(new_stay(world.land, world.site))
        (tmp_path / "1.eml").write_bytes(written(here, A, enclosures=[enclosed(document)]))
        (tmp_path / "2.mbox").write_bytes(mailbox_file([
            bounce(here, number, A, at=an_hour_ago(), message_id=new_id()), written(here, A, message_id=number),
            written(here, citizen(person.matricule)),
        ]))  # fmt: skip
        (tmp_path / "note.txt").write_text("rien")
        return tmp_path

    def test_validate_says_what_a_mail_is(self, folder: Path) -> None:
        done = segur("validate", folder / "1.eml", folder / "2.mbox", "--format", "ndjson")
        mail, box = (json.loads(line) for line in done.stdout.splitlines())
        assert (mail["kind"], mail["valid"], mail["document_kind"], mail["ins"]) == ("eml", True, "LDL", "qualified")
        [archive] = mail["parts"]
        assert (archive["file"], archive["kind"], archive["parts"][0]["kind"]) == ("IHE_XDM.ZIP", "xdm", "cda")
        assert (box["kind"], [part["file"] for part in box["parts"]]) == (
            "eml", ["message[1]", "message[2]", "message[3]"],
        )  # fmt: skip

    def test_submit_sends_a_mail(self, folder: Path, world: World) -> None:
        done = segur("submit", folder / "1.eml", "--to", world.server.origin, "--token", world.tokens["site"], "--json")
        assert done.returncode == 0, done.stderr
        answer: Any = json.loads(done.stdout)
        assert (answer["accepted"], answer["locations"][0][:14]) == (True, "Communication/")
        assert {row["measure"] for row in answer["counted"]} == {"I-SUN1-LDL", "I-SUN1-INS"}

    def test_submit_fails_when_a_document_is_refused(self, world: World, here: str, tmp_path: Path) -> None:
        path = tmp_path / "3.eml"
        path.write_bytes(written(here, A, enclosures=[("IHE_XDM.ZIP", "application/zip", b"PK\x03\x04")]))
        assert segur("submit", path, "--to", world.server.origin, "--token", world.tokens["site"]).returncode == 1

    def test_import_takes_a_folder_once(self, folder: Path, world: World, site: Face) -> None:
        before = figures(site, world, "I-SUN2-PRO", "I-SUN2-CIT-OUT")
        command = (
            "import",
            "mail",
            folder,
            "--organization",
            world.site.legal_entity,
            "--database",
            world.database,
            "--json",
        )
        first, again = (segur(*command) for _ in range(2))
        assert first.returncode == again.returncode == 0, first.stderr
        told, repeated = json.loads(first.stdout), json.loads(again.stdout)
        assert (told["accepted"], told["already"], told["refused"], told["archives"]) == (4, 0, 0, 1)
        assert (repeated["accepted"], repeated["already"]) == (1, 3)  # a notice is told again, and changes nothing
        assert gained(site, world, before, "I-SUN2-PRO", "I-SUN2-CIT-OUT") == [1, 1]

    def test_import_says_what_it_refuses(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "wrong.eml"
        path.write_bytes(b"From: a@x.mssante.fr\n\nx")
        command = ("import", "mail", path, "--database", world.database, "--organization")
        done = segur(*command, world.site.legal_entity)
        assert done.returncode == 1
        assert "MAIL-ID" in done.stdout
        assert segur(*command, "000000000").returncode == 2
