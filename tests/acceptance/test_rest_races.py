"""Writers at the same time: nothing is lost, a condition holds at the moment of the write."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from tests.conftest import World
from tests.support.faces import Face, resources
from tests.support.rest import bundle_of, by, create, entry, known, observation, patch, patient, place, update, version

T = TypeVar("T")


def together(world: World, face: Face, count: int, work: Callable[[Face, int], T]) -> list[T]:
    """What each of several clients with the same token comes to; they start at the same moment."""
    barrier, token = Barrier(count), face.http.headers["Authorization"].removeprefix("Bearer ")

    def one(number: int) -> T:
        own = Face(world.server.origin, token)
        try:
            barrier.wait()
            return work(own, number)
        finally:
            own.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_patches_in_turns_are_all_applied(world: World, newcomer: Face) -> None:
    path = place(create(newcomer, observation(note=[{"text": "first"}])))

    def write(face: Face, number: int) -> int:
        done = 0
        for turn in range(50):
            note = {"op": "add", "path": "/note/-", "value": {"text": f"{number}-{turn}"}}
            answer = patch(face, path, note)
            assert answer.status_code in (200, 409), answer.text
            done += answer.status_code == 200
        return done

    done = together(world, newcomer, 2, write)
    found = newcomer.get(path)
    notes = [note["text"] for note in found.json()["note"]]
    assert len(notes) == len(set(notes)) == sum(done) + 1
    assert version(found) == sum(done) + 1
    assert min(done) > 0


def test_a_conditional_create_makes_one(world: World, newcomer: Face) -> None:
    answers = together(world, newcomer, 8, lambda face, _: create(face, known("one"), If_None_Exist=by("one")))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({place(answer) for answer in answers}) == 1
    assert len(resources(newcomer.get("/fhir/Observation").json())) == 1


def test_a_conditional_update_makes_one(world: World, newcomer: Face) -> None:
    def write(face: Face, number: int) -> int:
        return update(
            face, f"/fhir/Observation?{by('one')}", known("one") | {"note": [{"text": str(number)}]}
        ).status_code

    assert sorted(together(world, newcomer, 4, write)) == [200] * 3 + [201]
    [found] = resources(newcomer.get("/fhir/Observation").json())
    assert found["meta"]["versionId"] == "4"


def test_a_patient_of_one_identity_is_one(world: World, newcomer: Face) -> None:
    answers = together(world, newcomer, 6, lambda face, _: create(face, patient("one")))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert newcomer.get("/fhir/Patient/_history").json()["total"] == 1


def test_of_those_who_hold_the_same_version_one_wins(world: World, newcomer: Face) -> None:
    path = place(create(newcomer, observation("preliminary")))

    def write(face: Face, number: int) -> int:
        return update(face, path, observation(what=str(number)), If_Match='W/"1"').status_code

    assert sorted(together(world, newcomer, 6, write)) == [200] + [412] * 5
    assert version(newcomer.get(path)) == 2


def test_transactions_are_whole_among_others(world: World, newcomer: Face) -> None:
    pair = [place(create(newcomer, observation(what="0"))).removeprefix("/fhir/") for _ in range(2)]

    def write(face: Face, number: int) -> set[int]:
        seen = set()
        for turn in range(8):
            made = observation(what=f"{number}-{turn}")
            both = [entry("PUT", where, {**made, "id": where.partition("/")[2]}) for where in pair]
            seen.add(face.provide(bundle_of("transaction", *both)).status_code)
        return seen

    assert set().union(*together(world, newcomer, 3, write)) <= {200, 409}
    one, two = (newcomer.get(f"/fhir/{where}") for where in pair)
    assert one.json()["code"] == two.json()["code"]
    assert version(one) == version(two)
