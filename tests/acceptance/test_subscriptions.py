"""Subscriptions through HTTP, to a real receiver that is down, slow, or lies; and processes that are killed."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_server.security.caller import Role
from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import FHIR_JSON, Face, location, recent, refused
from tests.support.follow import BACKPORT, TOPIC, Here, post, put, subscription
from tests.support.hook import Hook
from tests.support.server import Server, alive, wait_until
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay, token_for, unique_id

MASK = {"coding": [{"system": "https://mos.esante.gouv.fr/NOS/TRE_A07-StatutVisibiliteDocument/FHIR/TRE-A07-StatutVisibiliteDocument",
                    "code": "MASQUE_PS"}]}  # fmt: skip


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Here]:
    made = Here(tmp_path_factory.mktemp("follow"), demo_database, demo_country)
    yield made
    made.close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as made:
        yield made


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
