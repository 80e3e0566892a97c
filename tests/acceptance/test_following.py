"""Following along through HTTP: the change feed, and subscriptions to a real receiver that is down, slow, or lies."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.security.caller import Role
from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import FHIR_JSON, Face, location, recent, refused
from tests.support.hook import Hook
from tests.support.server import Server, alive, wait_until
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay, token_for, unique_id

TOPIC = "https://segur-fhir.example/fhir/SubscriptionTopic/"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
MASK = {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",
                    "code": "MASQUE_PS"}]}  # fmt: skip


class Here:
    """A server, an establishment, another one, and a receiver."""

    def __init__(self, folder: Path, database: Path, country: Country) -> None:
        self.database, self.country = copy_database(database, folder / "follow.db"), country
        self.site, self.stranger = two_sites(country)
        self.server = Server(
            self.database, folder, "--workers", "1", SEGUR_NOTIFY_RETRY="0.05", SEGUR_NOTIFY_TIMEOUT="3",
            SEGUR_NOTIFY_GIVE_UP="4",
        )  # fmt: skip
        self.server.start()
        self.face = self._face(Role.ESTABLISHMENT, self.site.legal_entity)
        self.other = self._face(Role.ESTABLISHMENT, self.stranger.legal_entity)

    def _face(self, role: Role, organization: str | None) -> Face:
        return Face(self.server.origin, token_for(self.database, role, organization))

    def close(self) -> None:
        self.face.close()
        self.other.close()
        self.server.stop()

    def again(self) -> None:
        """The server, started again on its port."""
        self.face.close()
        self.server.start()
        self.face = self._face(Role.ESTABLISHMENT, self.site.legal_entity)

    def sent(self, content: Json | None = None) -> httpx.Response:
        return self.face.provide(content or bundle(letter(new_stay(self.country, self.site))))

    def refused(self) -> str:
        """The id of a submission that was refused."""
        broken = bundle(letter(new_stay(self.country, self.site)))
        del broken["entry"][1]["resource"]["status"]
        answer = self.sent(broken)
        assert answer.status_code == 422
        return answer.headers["Segur-Submission"]

    def subscribed(self, hook: Hook, topic: str = "document-refused", **channel: Any) -> tuple[str, httpx.Response]:
        """The id of an active subscription, and the answer that made it."""
        answer = post(self.face, subscription(hook.url, topic, **channel))
        assert answer.status_code == 201, answer.text
        found = answer.json()["id"]
        self.until(found, "active")
        return found, answer

    def state(self, subscription_id: str) -> Json:
        found: Json = self.face.get(f"/fhir/Subscription/{subscription_id}").json()
        return found

    def status(self, subscription_id: str) -> list[Json]:
        """The parameters of `$status`."""
        found = self.face.get(f"/fhir/Subscription/{subscription_id}/$status").json()["entry"][0]["resource"]
        parameters: list[Json] = found["parameter"]
        return parameters

    def until(self, subscription_id: str, status: str) -> None:
        wait_until(lambda: self.state(subscription_id)["status"] == status, f"{status}: {self.state(subscription_id)}")

    def notifier(self) -> list[int]:
        """The child that is neither a worker nor the writer: the youngest."""
        return sorted(self.server.writers())[1:]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    made = Here(tmp_path_factory.mktemp("follow"), demo_database, demo_country)
    yield made
    made.close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as made:
        yield made


def subscription(url: str, topic: str = "document-refused", **channel: Any) -> Json:
    """The smallest one."""
    return {"resourceType": "Subscription", "status": "requested", "reason": "suivi", "criteria": TOPIC + topic,
            "channel": {"type": "rest-hook", "endpoint": url, "payload": FHIR_JSON, **channel}}  # fmt: skip


def post(face: Face, resource: Json) -> httpx.Response:
    return face.http.post("/fhir/Subscription", content=json.dumps(resource), headers={"Content-Type": FHIR_JSON})


def put(face: Face, resource: Json, **headers: str) -> httpx.Response:
    path = f"/fhir/Subscription/{resource['id']}"
    return face.http.put(path, content=json.dumps(resource), headers={"Content-Type": FHIR_JSON, **headers})


def newest(face: Face) -> int:
    found: int = face.get("/api/changes", limit="1", type="Nothing").json()["position"]
    return found


# -- the feed ----------------------------------------------------------------------------------------------------------


def test_the_feed_says_everything_in_order_from_a_position(here: Here) -> None:
    start = newest(here.face)
    answer, refusal = here.sent(), here.refused()
    submission = answer.headers["Segur-Submission"]
    first = here.face.get("/api/changes", after=str(start), limit="2").json()
    page, rows = first, list(first["changes"])
    while page["changes"]:
        page = here.face.http.get(page["next"]).json()
        rows += page["changes"]
    assert len(first["changes"]) == 2
    assert first["position"] == first["changes"][-1]["seq"]
    assert [row["seq"] for row in rows] == sorted({row["seq"] for row in rows})
    assert {(row["type"], row["action"], row["submission"]) for row in rows} == {
        ("Patient", "create", submission), ("List", "create", submission), ("Binary", "create", submission),
        ("DocumentReference", "create", submission), ("Submission", "refused", refusal)}  # fmt: skip
    assert rows[-1] | {"seq": 0, "at": ""} == {
        "seq": 0, "type": "Submission", "id": refusal, "version": 1, "at": "", "action": "refused",
        "submission": refusal}  # fmt: skip
    assert unique_id(bundle(letter(new_stay(here.country, here.site)))) not in json.dumps(rows)


def test_the_feed_is_the_callers_own(here: Here) -> None:
    start = newest(here.face)
    here.refused()
    assert here.other.get("/api/changes", after=str(start)).json()["changes"] == []
    assert len(here.face.get("/api/changes", after=str(start)).json()["changes"]) == 1


def test_types_narrow_the_feed(here: Here) -> None:
    start = newest(here.face)
    here.sent()
    here.refused()
    found = here.face.get("/api/changes", after=str(start), type="Submission,List").json()
    assert [row["type"] for row in found["changes"]] == ["List", "Submission"]
    assert "type=Submission&type=List" in found["next"]


def test_a_reader_waits_for_the_next_change(here: Here) -> None:
    start = newest(here.face)
    found: list[Json] = []
    waiting = Face(here.server.origin, here.face.http.headers["Authorization"].removeprefix("Bearer "))
    reader = threading.Thread(
        target=lambda: found.append(waiting.get("/api/changes", after=str(start), wait="30").json())
    )
    reader.start()
    refusal = here.refused()
    reader.join(20)
    waiting.close()
    assert [row["id"] for row in found[0]["changes"]] == [refusal]


def test_a_wait_that_nothing_ends_is_answered(here: Here) -> None:
    found = here.face.get("/api/changes", after=str(newest(here.face)), wait="1").json()
    assert found["changes"] == []


@pytest.mark.parametrize(
    ("params", "status", "rule"),
    [
        ({"after": "-1"}, 400, "CHANGES-PARAMETER"),
        ({"after": "x"}, 400, "CHANGES-PARAMETER"),
        ({"after": "²"}, 400, "CHANGES-PARAMETER"),
        ({"after": str(10**40)}, 400, "CHANGES-PARAMETER"),
        ({"limit": "0"}, 400, "CHANGES-PARAMETER"),
        ({"limit": "1001"}, 400, "CHANGES-PARAMETER"),
        ({"wait": "31"}, 400, "CHANGES-PARAMETER"),
        ({"type": "a-b"}, 400, "CHANGES-PARAMETER"),
        ({"since": "1"}, 400, "CHANGES-PARAMETER"),
        ({"after": str(10**15)}, 410, "CHANGES-POSITION"),
    ],
)
def test_a_feed_is_asked_for_rightly(here: Here, params: dict[str, str], status: int, rule: str) -> None:
    refused(here.face.get("/api/changes", **params), status, rule)


def test_who_follows(here: Here) -> None:
    refused(httpx.get(f"{here.server.origin}/api/changes"), 401, "AUTH-MISSING")
    operator = Face(here.server.origin, token_for(here.database, Role.OPERATOR, None))
    refused(operator.get("/api/changes"), 403, "AUTH-FORBIDDEN")
    operator.close()


# -- subscriptions -----------------------------------------------------------------------------------------------------


def test_a_refusal_is_notified_and_signed(here: Here, hook: Hook) -> None:
    made, answer = here.subscribed(hook, header=["Authorization: Bearer receiver"])
    secret, key = answer.headers["Segur-Subscription-Secret"], answer.headers["Segur-Subscription-Key"]
    refusal = here.refused()
    wait_until(lambda: bool(hook.events()), "an event")
    handshake, notified = hook.received[0], hook.received[-1]
    assert handshake.status["type"] == "handshake"
    assert notified.status["type"] == "event-notification"
    assert notified.status["topic"] == TOPIC + "document-refused"
    assert notified.status["eventsSinceSubscriptionStart"] == "1"
    assert hook.told() == {1: f"{here.server.origin}/api/submissions/{refusal}"}
    assert notified.headers["authorization"] == "Bearer receiver"
    assert notified.headers["content-type"] == FHIR_JSON
    assert all(one.is_signed_with(secret, key) for one in hook.received)
    assert not notified.is_signed_with("another", key)
    assert secret not in here.face.get(f"/fhir/Subscription/{made}").text
    valid = here.face.http.post("/fhir/$validate", content=notified.body, headers={"Content-Type": FHIR_JSON}).json()
    assert [issue for issue in valid["issue"] if issue["severity"] in ("error", "fatal")] == []


def test_a_replaced_a_hidden_document_and_a_month(here: Here, hook: Hook) -> None:
    ids = [here.subscribed(hook, topic)[0] for topic in ("document-replaced", "document-hidden", "measure-computed")]
    first = bundle(letter(stay := new_stay(here.country, here.site)))
    answer = here.sent(first)
    reference = location(answer, "DocumentReference").removeprefix("/fhir/")
    patch = [{"op": "add", "path": "/securityLabel/-", "value": MASK}]
    masked = here.face.http.patch(
        f"/fhir/{reference}", content=json.dumps(patch), headers={"Content-Type": "application/json-patch+json"}
    )
    assert masked.status_code == 200, masked.text
    replaced = here.sent(bundle(letter(stay, version=2, replaces=unique_id(first).removeprefix("urn:oid:"))))
    assert replaced.status_code == 200, replaced.text
    report = here.face.get(
        "/fhir/Measure/I-SUN1-LDL/$evaluate-measure",
        reporter=f"Organization/{here.site.finess}", **recent().params(),
    ).json()  # fmt: skip
    here.face.get(
        "/fhir/Measure/I-SUN1-LDL/$evaluate-measure",
        reporter=f"Organization/{here.site.finess}",
        **recent().params(),
    )  # the same report again is no news
    here.refused()
    wait_until(lambda: len(hook.topics()) == 3, "an event of each topic")
    base = f"{here.server.origin}/fhir"
    assert hook.topics() == {
        TOPIC + "document-replaced": {(1, f"{base}/{reference}")},
        TOPIC + "document-hidden": {(1, f"{base}/{reference}")},
        TOPIC + "measure-computed": {(1, f"{base}/MeasureReport/{report['id']}")},
    }
    for one in ids:
        assert here.face.http.delete(f"/fhir/Subscription/{one}").status_code == 204


def test_an_empty_notification_names_nothing(here: Here, hook: Hook) -> None:
    code = {"extension": [{"url": f"{BACKPORT}backport-payload-content", "valueCode": "empty"}]}
    here.subscribed(hook, _payload=code)
    refusal = here.refused()
    wait_until(lambda: hook.received[-1].status["type"] == "event-notification", "a notification")
    assert refusal not in hook.received[-1].body.decode()
    assert hook.received[-1].status["eventsSinceSubscriptionStart"] == "1"


def test_anothers_events_never_arrive(here: Here, hook: Hook) -> None:
    answer = post(here.other, subscription(hook.url))
    made = answer.json()["id"]
    wait_until(lambda: bool(hook.received), "a handshake")
    with Hook() as mine:
        here.subscribed(mine)
        here.refused()
        wait_until(lambda: bool(mine.events()), "an event of one's own")
    assert hook.events() == []
    refused(here.face.get(f"/fhir/Subscription/{made}"), 404)
    refused(here.face.get(f"/fhir/Subscription/{made}/$events"), 404)
    refused(put(here.face, subscription(hook.url) | {"id": made}), 404)
    here.face.http.delete(f"/fhir/Subscription/{made}")
    assert here.other.get(f"/fhir/Subscription/{made}").status_code == 200
    assert made not in here.face.get("/fhir/Subscription").text


@pytest.mark.parametrize("answer", [500, 302, "slow"])
def test_what_a_receiver_does_not_take_is_sent_again(here: Here, hook: Hook, answer: int | str) -> None:
    here.subscribed(hook)
    hook.answer = answer
    refusal = here.refused()
    wait_until(lambda: len(hook.events()) >= 2, "two tries")
    hook.answer = 200
    after = here.refused()
    wait_until(lambda: any(after in url for _, url in hook.events()), "the next event")
    assert {number: url.rpartition("/")[2] for number, url in hook.told().items()} == {1: refusal, 2: after}


def test_a_receiver_without_end_holds_nobody(here: Here, hook: Hook) -> None:
    hook.answer = "endless"
    here.subscribed(hook)
    one, two = here.refused(), here.refused()
    wait_until(lambda: len(hook.told()) == 2, "both events")
    assert [url.rpartition("/")[2] for url in hook.told().values()] == [one, two]


def test_one_that_stays_down_is_given_up_and_activated_again(here: Here, hook: Hook) -> None:
    made, _ = here.subscribed(hook)
    hook.stop()
    missed = [here.refused(), here.refused()]
    here.until(made, "error")
    assert here.state(made)["error"] == "unreachable"
    hook.start()
    assert put(here.face, here.state(made)).status_code == 200
    wait_until(lambda: len(hook.told()) == 2, "what was missed")
    assert {number: url.rpartition("/")[2] for number, url in hook.told().items()} == dict(enumerate(missed, 1))
    here.until(made, "active")
    assert "error" not in here.state(made)


def test_killed_anywhere_nothing_is_lost_and_numbers_tell_doubles(here: Here, hook: Hook) -> None:
    made, _ = here.subscribed(hook)
    told: list[str] = []
    killed: list[int] = []
    for _ in range(3):
        told.append(here.refused())
        killed += (living := here.notifier())
        for pid in living:
            os.kill(pid, signal.SIGKILL)
        told.append(here.refused())
    assert killed
    left = here.server.kill_supervisor()
    wait_until(lambda: not any(alive(pid) for pid in left), "the end of its children")
    here.again()
    told.append(here.refused())
    wait_until(lambda: any(told[-1] in url for _, url in hook.events()), f"the last event: {hook.events()}")
    assert {number: url.rpartition("/")[2] for number, url in hook.told().items()} == dict(enumerate(told, 1))
    events = here.face.get(f"/fhir/Subscription/{made}/$events", eventsSinceNumber="2", eventsUntilNumber="3")
    parameters = events.json()["entry"][0]["resource"]["parameter"]
    numbers = [p["part"][0]["valueString"] for p in parameters if p["name"] == "notification-event"]
    assert numbers == ["2", "3"]


# -- what is not taken -------------------------------------------------------------------------------------------------


def without(resource: Json, *path: str) -> Json:
    """The same without one element."""
    found: Json = json.loads(json.dumps(resource))
    node = found
    for name in path[:-1]:
        node = node[name]
    del node[path[-1]]
    return found


RIGHT = subscription("http://127.0.0.1:9/hook")


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        (RIGHT | {"criteria": "Observation?code=1"}, "SUBSCRIPTION-TOPIC"),
        (RIGHT | {"_criteria": {"extension": [{"url": "http://x/a", "valueString": "a"}]}}, "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", type="email"), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", payload="application/fhir+xml"), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", header=["Host: other"]), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", header=["A: b\r\nC: d"]), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", header=["A: b"] * 11), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://127.0.0.1:9/", _payload={"extension": [
            {"url": f"{BACKPORT}backport-payload-content", "valueCode": "full-resource"}]}), "SUBSCRIPTION-ELEMENT"),
        (subscription("http://example.org/hook"), "SUBSCRIPTION-ENDPOINT"),
        (subscription("http://169.254.169.254/latest"), "SUBSCRIPTION-ENDPOINT"),
        (subscription("https://169.254.169.254/latest"), "SUBSCRIPTION-ENDPOINT"),
        (subscription("ftp://127.0.0.1/"), "SUBSCRIPTION-ENDPOINT"),
        (subscription("http://a:b@127.0.0.1/"), "SUBSCRIPTION-ENDPOINT"),
        (without(RIGHT, "channel", "endpoint"), "SUBSCRIPTION-ENDPOINT"),
        (without(RIGHT, "criteria"), "FHIR-MIN"),
        (without(RIGHT, "channel"), "FHIR-MIN"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused(here: Here, resource: Json, rule: str) -> None:
    refused(post(here.face, resource), 422, rule)


def test_a_subscription_is_written_as_http_has_it(here: Here, hook: Hook) -> None:
    made, answer = here.subscribed(hook)
    assert answer.headers["Location"] == f"{here.server.origin}/fhir/Subscription/{made}"
    assert answer.headers["ETag"] == 'W/"1"'
    found = here.state(made)
    refused(put(here.face, found, **{"If-Match": 'W/"7"'}), 412)
    refused(put(here.face, found | {"criteria": TOPIC + "document-hidden"}), 422, "SUBSCRIPTION-TOPIC")
    off = put(here.face, found | {"status": "off"}, **{"If-Match": 'W/"1"'})
    assert (off.status_code, off.json()["status"], off.json()["meta"]["versionId"]) == (200, "off", "2")
    here.refused()
    assert put(here.face, found).status_code == 200
    wait_until(lambda: bool(hook.events()), "what was missed while it was off")
    assert [entry["resource"]["id"] for entry in here.face.get("/fhir/Subscription", _id=made).json()["entry"]] == [
        made
    ]
    assert "entry" not in here.face.get("/fhir/Subscription", _id=made, status="off").json()
    refused(here.face.get("/fhir/Subscription", patient="1"), 400, "SEARCH-PARAMETER")
    told = {"name": "eventsSinceSubscriptionStart", "valueString": "1"}
    wait_until(lambda: told in here.status(made), "that it was told")
    assert here.face.http.delete(f"/fhir/Subscription/{made}").status_code == 204
    assert here.face.http.delete(f"/fhir/Subscription/{made}").status_code == 204
    refused(here.face.get(f"/fhir/Subscription/{made}"), 404)
    for method, path in (("PATCH", f"/{made}"), ("POST", f"/{made}"), ("PUT", "?status=off"), ("DELETE", "")):
        refused(here.face.http.request(method, f"/fhir/Subscription{path}"), 405)
    refused(here.face.get(f"/fhir/Subscription/{made}/_history"), 404)
    refused(here.face.get("/fhir/Subscription/_history"), 404)


def test_one_that_has_ended_is_off(here: Here, hook: Hook) -> None:
    answer = post(here.face, subscription(hook.url) | {"end": "2020-01-01T00:00:00Z"})
    here.until(answer.json()["id"], "off")
    assert hook.received == []


def test_there_are_not_too_many(here: Here) -> None:
    made = [post(here.other, subscription("http://127.0.0.1:9/")) for _ in range(21)]
    assert {answer.status_code for answer in made[:-1]} <= {201, 409}
    refused(made[-1], 409, "SUBSCRIPTION-LIMIT")
    for answer in made:
        if answer.status_code == 201:
            here.other.http.delete(f"/fhir/Subscription/{answer.json()['id']}")


def test_in_production_only_public_addresses_by_https(
    tmp_path: Path, demo_database: Path, demo_country: Country
) -> None:
    database = copy_database(demo_database, tmp_path / "production.db")
    site, _ = two_sites(demo_country)
    with Server(database, tmp_path, "--workers", "1", "--mode", "production") as server:
        face = Face(server.origin, token_for(database, Role.ESTABLISHMENT, site.legal_entity))
        for url in ("http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/",
                    "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/"):  # fmt: skip
            refused(post(face, subscription(url)), 422, "SUBSCRIPTION-ENDPOINT")
        assert len(server.writers()) == 1  # nobody has subscribed: no process waits for it
        face.close()


def test_an_agency_is_told_of_its_months_alone(here: Here, hook: Hook) -> None:
    agency = Face(here.server.origin, token_for(here.database, Role.ARS, here.site.region))
    refused(post(agency, subscription(hook.url)), 422, "SUBSCRIPTION-TOPIC")
    assert post(agency, subscription(hook.url, "measure-computed")).status_code == 201
    asked = {"reporter": f"Organization/{here.site.finess}", **recent().params()}
    report = agency.get("/fhir/Measure/I-SUN1-BIO/$evaluate-measure", **asked).json()
    wait_until(lambda: bool(hook.events()), "an event")
    assert hook.told() == {1: f"{here.server.origin}/fhir/MeasureReport/{report['id']}"}
    [row] = agency.get("/api/changes", type="MeasureReport").json()["changes"]
    assert (row["id"], row["action"]) == (report["id"], "create")
    agency.close()
