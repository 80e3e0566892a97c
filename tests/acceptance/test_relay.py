"""Store and forward through the public faces: nothing lost, nothing doubled, and every figure's label right."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_server.security.caller import Role
from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import Face, recent, refused, rules
from tests.support.server import Server, alive, segur, wait_until
from tests.support.standin import StandIn
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay, token_for, unique_id

QUICK = {"first": 0.05, "factor": 1.5, "most": 0.3}


class Here:
    """A server with a relay, and the stand-in it relays to."""

    def __init__(self, folder: Path, database: Path, country: Country, mode: str) -> None:
        self.folder, self.database, self.country = folder, copy_database(database, folder / "relay.db"), country
        self.site, _ = two_sites(country)
        self.standin = StandIn(folder)
        self.standin.start()
        routes = folder / "routes.yaml"
        route = {"name": "dmp", "protocol": "iti-65", "to": f"{self.standin.origin}/fhir", "mode": mode, "retry": QUICK,
                 "establishments": [self.site.legal_entity], "timeout": 5}  # fmt: skip
        routes.write_text(json.dumps({"routes": [route]}))
        self.server = Server(self.database, folder, "--workers", "1", SEGUR_RELAY=str(routes))
        self.server.start()
        self.face = Face(self.server.origin, token_for(self.database, Role.ESTABLISHMENT, self.site.legal_entity))

    def close(self) -> None:
        self.face.close()
        self.server.stop()
        self.standin.kill()

    def sent(self) -> tuple[str, str, str]:
        """A letter that was provided: its submission, its unique id, the hash of the envelope."""
        stay = new_stay(self.country, self.site)
        content = bundle(letter(stay))
        body = json.dumps(content).encode()
        answer = self.face.provide(body)
        assert answer.status_code == 200, answer.text
        return answer.headers["Segur-Submission"], unique_id(content), hashlib.sha256(body).hexdigest()

    def state(self, submission: str) -> Json:
        """Where a submission stands on its route."""
        [row] = self.face.get(f"/api/submissions/{submission}").json()["relay"]
        found: Json = row
        return found

    def acknowledged(self) -> int:
        """How many of the establishment's documents the receiver confirmed."""
        params = {"reporter": f"Organization/{self.site.finess}", **recent().params()}
        rows = self.face.get("/api/indicators/I-ESMS-E5/values", **params).json()
        assert {row["label"] for row in rows} <= {"dmp", "accepted_by_this_server"}
        return sum(row["acknowledged"] for row in rows)

    def settled(self, submission: str, state: str = "acknowledged") -> Json:
        """Wait for a state."""
        wait_until(lambda: self.state(submission)["state"] == state, f"{state}: {self.state(submission)}")
        return self.state(submission)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    found = Here(tmp_path_factory.mktemp("relay"), demo_database, demo_country, "block")
    yield found
    found.close()


@pytest.fixture
def here(shared: Here) -> Here:
    """The server most tests share; its stand-in as it is when it starts."""
    shared.standin.kill()
    shared.standin.start()
    return shared


@pytest.fixture
def alone(tmp_path: Path, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    """A server whose processes a test ends."""
    found = Here(tmp_path, demo_database, demo_country, "block")
    yield found
    found.close()


@pytest.fixture
def passing(tmp_path: Path, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    found = Here(tmp_path, demo_database, demo_country, "tag-and-pass")
    yield found
    found.close()


def test_bytes_go_on_untouched_and_the_figure_may_be_called_dmp(here: Here) -> None:
    before = here.acknowledged()
    submission, name, digest = here.sent()
    found = here.settled(submission)
    assert (found["attempts"], found["code"]) == (1, "200")
    assert found["reference"].startswith("DocumentReference/")
    assert here.standin.received == {"taken": {name: digest}, "bodies": [digest]}
    assert here.acknowledged() == before + 1


def test_a_receiver_that_is_down_is_tried_again_and_gets_it_once(here: Here) -> None:
    here.standin.kill()
    submission, name, digest = here.sent()
    wait_until(lambda: here.state(submission)["attempts"] >= 2, "two tries")
    assert here.state(submission)["code"] == "unreachable"
    here.standin.start()
    here.settled(submission)
    assert here.standin.received["taken"] == {name: digest}


def test_an_answer_that_was_lost_is_no_second_document(here: Here) -> None:
    here.standin.behave("lost", times=1)
    submission, name, digest = here.sent()
    found = here.settled(submission)
    assert found["code"] == "duplicate"
    assert here.standin.received == {"taken": {name: digest}, "bodies": [digest, digest]}


@pytest.mark.parametrize(
    ("answer", "code"), [("closed", "STANDIN-CLOSED"), ("author", "STANDIN-AUTHOR"), ("duplicate", "duplicate")]
)
def test_a_refusal_is_kept_and_labels_nothing(here: Here, answer: str, code: str) -> None:
    before = here.acknowledged()
    here.standin.behave(answer, times=1)
    submission, _, _ = here.sent()
    found = here.settled(submission, "refused")
    assert (found["attempts"], found["code"]) == (1, code)
    assert here.acknowledged() == before
    done = segur("relay", "again", here.site.legal_entity, "--database", here.database)
    assert "1 remises en file" in done.stdout
    assert here.settled(submission)["attempts"] == 2


def test_a_slow_receiver_keeps_nobody_else_waiting_and_the_order_is_kept(here: Here) -> None:
    here.standin.behave("open", delay=0.3)
    sent = [here.sent() for _ in range(3)]
    for submission, _, _ in sent:
        here.settled(submission)
    assert list(here.standin.received["taken"]) == [name for _, name, _ in sent]


def test_killed_while_it_sends_it_sends_again_and_nothing_is_doubled(alone: Here) -> None:
    alone.standin.behave("open", delay=1.0, times=0)
    sent = [alone.sent() for _ in range(2)]
    wait_until(lambda: alone.state(sent[0][0])["state"] == "sending", "sending")
    for pid in alone.server.kill_supervisor():
        alone.server.kill(pid)
    alone.standin.behave("open")
    alone.server.start()
    alone.face.close()
    alone.face = Face(alone.server.origin, token_for(alone.database, Role.ESTABLISHMENT, alone.site.legal_entity))
    for submission, _, _ in sent:
        alone.settled(submission)
    assert alone.standin.received["taken"] == {name: digest for _, name, digest in sent}


def test_blocked_what_does_not_conform_stays_here(here: Here) -> None:
    broken = bundle(letter(new_stay(here.country, here.site)))
    del broken["entry"][1]["resource"]["status"]
    answer = here.face.provide(broken)
    refused(answer, 422)
    assert here.face.submission(answer)["relay"] == []
    submission, _, _ = here.sent()
    here.settled(submission)
    assert len(here.standin.received["bodies"]) == 1


def test_tagged_and_passed_it_goes_on_and_is_not_counted(passing: Here) -> None:
    broken = bundle(letter(new_stay(passing.country, passing.site)))
    del broken["entry"][1]["resource"]["status"]
    body = json.dumps(broken).encode()
    answer = passing.face.provide(body)
    assert answer.status_code == 202
    assert "RELAY-PASSED" in rules(answer)
    submission = answer.headers["Segur-Submission"]
    passing.settled(submission)
    assert passing.standin.received["bodies"] == [hashlib.sha256(body).hexdigest()]
    assert passing.face.submission(answer)["decision"] == "refused"
    hostile = passing.face.provide(b'{"resourceType": "Bundle", "a": ' + b"[" * 300 + b"]" * 300 + b"}")
    assert passing.face.submission(hostile)["relay"] == []


def test_status_says_what_waits(here: Here) -> None:
    here.standin.kill()
    submission, _, _ = here.sent()
    wait_until(lambda: here.state(submission)["attempts"] >= 1, "a try")
    rows = json.loads(segur("relay", "status", "--database", here.database, "--json").stdout)
    assert [(row["route"], row["number"]) for row in rows if row["state"] in ("waiting", "sending")] == [("dmp", 1)]
    here.standin.start()
    here.settled(submission)
    assert here.server.stderr.count(unique := here.site.legal_entity) == 0, unique


def test_a_server_does_not_start_with_routes_it_cannot_use(tmp_path: Path) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text("routes: [{name: a, protocol: iti-65, to: 'ftp://x'}]")
    done = segur("serve", "--port", "0", "--database", tmp_path / "a.db", env={"SEGUR_RELAY": str(routes)})
    assert done.returncode == 2
    assert "route a" in done.stderr
    assert segur("relay", "check", routes).returncode == 2


def test_the_relay_ends_with_its_server(alone: Here) -> None:
    family = alone.server.writers()
    assert len(family) == 2
    assert alone.server.stop() == 0
    assert not [pid for pid in family if alive(pid)]
