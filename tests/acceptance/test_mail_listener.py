"""`segur mail listen` and a real mail client: a message is acknowledged when it is durable, and never lost before."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fhir_server.security.caller import Role
from fhir_server.store import tables
from fhir_server.store.database import open_engine
from testdata import Country, Establishment
from testdata.mail import bounce, nested
from tests.conftest import World, two_sites
from tests.support.faces import Face
from tests.support.mails import Listener, an_hour_ago, enclosed, new_id, rare, written
from tests.support.messages import address, know
from tests.support.server import Server, segur
from tests.support.synthetic import copy_database, new_stay, token_for

A, JOURNAL = "confrere@exemple.mssante.fr", "journal@localhost"


@pytest.fixture(scope="module")
def listener(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    """In front of the server most tests talk to."""
    know(world.database, world.site)
    folder = tmp_path_factory.mktemp("listener")
    options = ("--journal", JOURNAL, "--max-size", "200000")
    with Listener(world.server.origin, world.tokens["site"], folder, *options) as made:
        yield made
        assert "mssante.fr" not in made.stderr


@pytest.fixture
def here(world: World) -> str:
    return address(world.site)


@contextmanager
def client(listener: Listener) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", listener.port, timeout=30) as made:
        yield made


def outcome(listener: Listener, mail: bytes, *to: str, sender: str = "a@x.mssante.fr") -> tuple[int, str]:
    """The answer to a message: of the data, or of the first recipient that was refused."""
    with client(listener) as smtp:
        try:
            smtp.ehlo()
            smtp.mail(sender)
            for one in to:
                code, text = smtp.rcpt(one)
                if code != 250:
                    return code, text.decode()
            code, text = smtp.data(mail)
        except smtplib.SMTPDataError as error:
            code, text = error.smtp_code, error.smtp_error
        return code, text.decode() if isinstance(text, bytes) else text


def sent(face: Face, world: World) -> int:
    return face.figure("I-SUN2-PRO", world.site.finess)["numerator"]


class TestSmtp:
    def test_acknowledges_what_is_durable(self, listener: Listener, site: Face, world: World, here: str) -> None:
        before, mail = sent(site, world), written(here, A)
        first, again = outcome(listener, mail, A), outcome(listener, mail, A)
        assert first[0] == 250
        assert again == first
        number = first[1].rpartition(" ")[2]
        assert site.get(f"/api/submissions/{number}").json()["decision"] == "accepted"
        assert sent(site, world) == before + 1

    def test_takes_documents_and_bounces(self, listener: Listener, site: Face, world: World, here: str) -> None:
        before, number = site.figure("I-MR-1", world.site.finess)["numerator"], new_id()
        mail = written(here, A, message_id=number, enclosures=[enclosed(rare(new_stay(world.land, world.site)))])
        assert outcome(listener, mail, A)[0] == 250
        assert site.figure("I-MR-1", world.site.finess)["numerator"] == before + 1
        bounced = bounce(here, number, A, at=an_hour_ago(), message_id=new_id())
        assert outcome(listener, bounced, here, sender="")[0] == 250
        assert site.figure("I-MR-1", world.site.finess)["numerator"] == before

    def test_adds_the_recipients_of_the_envelope(self, listener: Listener, site: Face, here: str) -> None:
        number = new_id()
        assert outcome(listener, written(here, A, message_id=number), A, "copie@exemple.mssante.fr", JOURNAL)[0] == 250
        [found] = site.get("/fhir/Communication", identifier=number).json()["entry"]
        told = [one["identifier"]["value"] for one in found["resource"]["recipient"]]
        assert told == [A, "copie@exemple.mssante.fr"]

    def test_relays_for_nobody(self, listener: Listener, here: str) -> None:
        assert outcome(listener, written(here, "x@example.org"), "x@example.org")[0] == 550

    @pytest.mark.parametrize(
        ("make", "code", "says"),
        [
            (lambda here: written(here, A, text="x" * 300_000), 552, ""),
            (lambda here: nested(100), 554, "MAIL-LIMIT"),
            (lambda here: b"no header\r\n\r\nx", 554, "MAIL-HEADER"),
            (lambda here: written("x@example.org", A), 554, "MAIL-SENDER"),
        ],
        ids=["large", "nested", "malformed", "outside"],
    )
    def test_refuses_for_good(
        self, listener: Listener, here: str, make: Callable[[str], bytes], code: int, says: str
    ) -> None:
        found, text = outcome(listener, make(here), A)
        assert (found, says in text) == (code, True)
        assert "example" not in text

    def test_takes_a_hundred_recipients_at_a_time(self, listener: Listener, here: str) -> None:
        many = [f"b{n}@exemple.mssante.fr" for n in range(101)]
        assert outcome(listener, written(here, A), *many)[0] == 452

    def test_says_its_size(self, listener: Listener) -> None:
        with client(listener) as smtp:
            smtp.ehlo()
            assert smtp.esmtp_features["size"] == "200000"


class TestAway:
    """With a server of its own, to be stopped."""

    @pytest.fixture
    def place(self, demo_country: Country) -> Establishment:
        return two_sites(demo_country)[0]

    @pytest.fixture
    def server(self, demo_database: Path, tmp_path: Path, place: Establishment) -> Iterator[Server]:
        database = copy_database(demo_database, tmp_path / "away.db")
        know(database, place)
        with Server(database, tmp_path, "--workers", "1") as made:
            yield made

    def filed(self, server: Server) -> int:
        engine = open_engine(str(server.database), read_only=True)
        with engine.connect() as connection:
            rows = list(connection.execute(tables.messages.select()))
        engine.dispose()
        return len(rows)

    def test_the_client_is_told_to_try_again(self, server: Server, place: Establishment, tmp_path: Path) -> None:
        token = token_for(server.database, Role.ESTABLISHMENT, place.legal_entity)
        mails = [written(address(place), A) for _ in range(3)]
        with Listener(server.origin, token, tmp_path) as listener:
            assert outcome(listener, mails[0], A)[0] == 250
            for pid in server.kill_supervisor():
                server.kill(pid)
            assert [outcome(listener, mail, A)[0] for mail in mails] == [451] * 3
            server.start()
            assert [outcome(listener, mail, A)[0] for mail in mails] == [250] * 3
        assert self.filed(server) == 3

    def test_a_wrong_token_loses_nothing(self, server: Server, place: Establishment, tmp_path: Path) -> None:
        with Listener(server.origin, "wrong", tmp_path) as listener:
            assert outcome(listener, written(address(place), A), A)[0] == 451
        assert "mail-later" in (tmp_path / "listener.stderr").read_text()


class TestLmtp:
    @pytest.fixture
    def lmtp(self, world: World, tmp_path: Path) -> Iterator[Listener]:
        know(world.database, world.site)
        with Listener(world.server.origin, world.tokens["site"], tmp_path, "--lmtp", "--max-size", "50000") as made:
            yield made

    def say(self, listener: Listener, mail: bytes, *to: str) -> list[str]:
        """The answers to the data, one a recipient, and the answer to QUIT."""
        with closing(socket.create_connection(("127.0.0.1", listener.port), 30)) as sock, sock.makefile("rwb") as line:
            line.readline()
            commands = ["LHLO test", "MAIL FROM:<a@x.mssante.fr>", *(f"RCPT TO:<{one}>" for one in to), "DATA"]
            for command in commands:
                line.write(command.encode() + b"\r\n")
                line.flush()
                while line.readline()[3:4] == b"-":
                    pass
            line.write(mail.rstrip(b"\r\n") + b"\r\n.\r\nQUIT\r\n")
            line.flush()
            return [text.decode()[:3] for text in line.readlines()]

    def test_answers_once_for_each_recipient(self, lmtp: Listener, site: Face, here: str, world: World) -> None:
        before = sent(site, world)
        assert self.say(lmtp, written(here, A), A, "b@exemple.mssante.fr") == ["250", "250", "221"]
        assert sent(site, world) == before + 1

    def test_refuses_for_each_of_them_too(self, lmtp: Listener, here: str) -> None:
        assert self.say(lmtp, b"no header\r\n\r\nx", A, "b@exemple.mssante.fr") == ["554", "554", "221"]
        assert self.say(lmtp, written(here, A, text="x y " * 20_000), A, A) == ["552", "552", "221"]

    def test_speaks_to_the_client_of_the_library(self, lmtp: Listener, here: str) -> None:
        with smtplib.LMTP("127.0.0.1", lmtp.port) as mta:
            assert mta.sendmail(here, [A], written(here, A)) == {}


@pytest.mark.parametrize(
    "options",
    [("--token", " "), ("--token", "t", "--direction", "both"), ("--token", "t", "--host", "203.0.113.1")],
)
def test_what_cannot_be_listened_on_is_said(options: tuple[str, ...]) -> None:
    done = segur("mail", "listen", "--to", "http://127.0.0.1:1", "--port", "0", *options)
    assert done.returncode == 2
    assert done.stderr.startswith("segur: ")
