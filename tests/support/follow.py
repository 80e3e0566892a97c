"""A server to follow along, an establishment that sends and is refused, another one, and subscriptions of both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from fhir_server.security.caller import Role
from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import FHIR_JSON, Face
from tests.support.hook import Hook
from tests.support.server import Server, wait_until
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay, token_for

TOPIC = "https://segur-fhir.example/fhir/SubscriptionTopic/"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"


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


def subscription(url: str, topic: str = "document-refused", **channel: Any) -> Json:
    """The smallest one."""
    return {"resourceType": "Subscription", "status": "requested", "reason": "suivi", "criteria": TOPIC + topic,
            "channel": {"type": "rest-hook", "endpoint": url, "payload": FHIR_JSON, **channel}}  # fmt: skip


def post(face: Face, resource: Json) -> httpx.Response:
    return face.http.post("/fhir/Subscription", content=json.dumps(resource), headers={"Content-Type": FHIR_JSON})


def put(face: Face, resource: Json, **headers: str) -> httpx.Response:
    path = f"/fhir/Subscription/{resource['id']}"
    return face.http.put(path, content=json.dumps(resource), headers={"Content-Type": FHIR_JSON, **headers})
