"""The server against a model of versions: whatever is asked, in whatever order, both say the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fhir_server.security.caller import Role
from tests.conftest import World
from tests.support.faces import Face
from tests.support.rest import bundle_of, by, create, entry, known, patch, place, statuses, update, version
from tests.support.synthetic import Json, token_for

IDS = st.sampled_from(["a", "b", "c"])
STATES = st.sampled_from(["registered", "preliminary", "final", "amended"])
_sandboxes = itertools.count()


def body(name: str, status: str) -> Json:
    """One of the resources; its identifier is its name."""
    return {**known(name), "id": name, "status": status}


class Versions(RuleBasedStateMachine):
    """Three resources under ids of the client's; None in the model is a deletion."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        token = token_for(self.world.database, Role.EDITOR, f"model {next(_sandboxes)}")
        self.face = Face(self.world.server.origin, token)
        self.past: dict[str, list[str | None]] = {}

    def teardown(self) -> None:
        self.face.close()

    def now(self, name: str) -> str | None:
        """The status a resource has; None when there is none."""
        return self.past[name][-1] if self.past.get(name) else None

    def wrote(self, name: str, status: str) -> int:
        """What a write answers, and the model after it."""
        before = self.now(name)
        if before != status:
            self.past.setdefault(name, []).append(status)
        return 201 if before is None else 200

    @rule(name=IDS, status=STATES)
    def put(self, name: str, status: str) -> None:
        answer = update(self.face, f"/fhir/Observation/{name}", body(name, status))
        assert answer.status_code == self.wrote(name, status)
        assert version(answer) == len(self.past[name])

    @rule(name=IDS, status=STATES, held=st.integers(0, 4))
    def put_if_match(self, name: str, status: str, held: int) -> None:
        answer = update(self.face, f"/fhir/Observation/{name}", body(name, status), If_Match=f'W/"{held}"')
        if self.now(name) is None or held != len(self.past[name]):
            assert answer.status_code == 412
        else:
            assert answer.status_code == self.wrote(name, status)

    @rule(name=IDS, status=STATES)
    def patch(self, name: str, status: str) -> None:
        operation = {"op": "replace", "path": "/status", "value": status}
        answer = patch(self.face, f"/fhir/Observation/{name}", operation)
        if self.now(name) is None:
            assert answer.status_code == (410 if self.past.get(name) else 404)
        else:
            assert answer.status_code == self.wrote(name, status)

    @rule(name=IDS)
    def delete(self, name: str) -> None:
        assert self.face.http.delete(f"/fhir/Observation/{name}").status_code == 204
        if self.now(name) is not None:
            self.past[name].append(None)

    @rule(name=IDS, status=STATES)
    def put_by_criteria(self, name: str, status: str) -> None:
        answer = update(self.face, f"/fhir/Observation?{by(name)}", body(name, status))
        assert answer.status_code == self.wrote(name, status)
        assert place(answer) == f"/fhir/Observation/{name}"

    @rule(name=IDS)
    def create_if_none_exists(self, name: str) -> None:
        """Only where there is one, so that every resource keeps the id the model knows."""
        if self.now(name) is not None:
            answer = create(self.face, known(name), If_None_Exist=by(name))
            assert (answer.status_code, place(answer)) == (200, f"/fhir/Observation/{name}")

    @rule(gone=IDS, kept=IDS, status=STATES, wrong=st.booleans())
    def transaction(self, gone: str, kept: str, status: str, wrong: bool) -> None:
        entries = [entry("PUT", f"Observation/{kept}", body(kept, status)), entry("DELETE", f"Observation/{gone}")]
        entries += [entry("POST", "Observation", {"resourceType": "Observation"})] if wrong else []
        answer = self.face.provide(bundle_of("transaction", *entries))
        if gone == kept:
            assert answer.status_code == 400
        elif wrong:
            assert answer.status_code == 422
        else:
            assert statuses(answer) == [str(self.wrote(kept, status)), "204"]
            if self.now(gone) is not None:
                self.past[gone].append(None)

    @invariant()
    def every_version_is_there(self) -> None:
        for name, versions in self.past.items():
            path = f"/fhir/Observation/{name}"
            found = self.face.get(path)
            assert found.status_code == (410 if versions[-1] is None else 200)
            assert version(found) == len(versions)
            told = self.face.get(f"{path}/_history").json()
            assert [row.get("resource", {}).get("status") for row in told["entry"]] == versions[::-1]

    @invariant()
    def searches_find_what_is_there(self) -> None:
        found = self.face.get("/fhir/Observation").json()
        there = {row["resource"]["id"]: row["resource"]["status"] for row in found.get("entry", [])}
        assert there == {name: now for name in self.past if (now := self.now(name)) is not None}


@pytest.fixture
def machine(world: World) -> Iterator[type[Versions]]:
    """The model with a server to hold it against."""
    Versions.world = world
    yield Versions
    del Versions.world


def test_the_server_says_what_the_model_says(machine: type[Versions]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )  # fmt: skip
