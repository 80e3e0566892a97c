"""Broken resources and broken definitions: whatever is done to them, the walk answers, and soon."""

from __future__ import annotations

import copy
from typing import Any

import orjson

from tests.soak.fuzz_fhir import (
    CHANGES,
    ODD,
    SLOW,
    definitional,
    fuzz,
    fuzz_definitions,
    mutations,
    places,
    run,
    samples,
)


def test_broken_resources_are_answered() -> None:
    found = fuzz(2000)
    assert (found["count"], found["raised"]) == (2000, {})
    assert found["slowest"] < SLOW


def test_broken_definitions_are_refused_when_loaded_or_put_up_with() -> None:
    found = fuzz_definitions(600)
    assert (found["count"], found["raised"]) == (600, {})
    assert found["slowest"] < SLOW


def test_what_is_raised_is_told_with_its_place_and_its_cause() -> None:
    def check(broken: dict[str, Any]) -> None:
        if broken["n"] > 1:
            raise ValueError(f"on {broken['n']}")

    found = run(check, iter([{"n": n, "resourceType": "Patient"} for n in range(4)]))
    assert (found["count"], found["exceptions"], found["slowest_type"]) == (4, 2, "Patient")
    ((key, first),) = found["raised"].items()
    assert key.startswith("ValueError at test_fuzz.py:")
    assert (first["turn"], first["message"]) == (2, "on 2")


def test_the_same_seed_breaks_the_same_way_and_leaves_the_samples_alone() -> None:
    seeds = [{"resourceType": "Patient", "name": [{"family": "A", "given": ["B", "C"]}], "active": True}]
    before = copy.deepcopy(seeds)
    once = [repr(broken) for broken in mutations(seeds, 50, 1)]
    assert once == [repr(broken) for broken in mutations(seeds, 50, 1)]
    assert once != [repr(broken) for broken in mutations(seeds, 50, 2)]
    assert sum(broken != repr(seeds[0]) for broken in once) > 45
    assert seeds == before


def test_every_node_of_a_resource_may_be_broken() -> None:
    resource = {"a": [{"b": 1}], "c": {"d": None}}
    assert sorted(str(key) for _, key in places(resource)) == ["0", "a", "b", "c", "d"]
    assert len(CHANGES) == 5
    assert len(ODD) > 40


def test_there_is_a_sample_of_every_kind() -> None:
    kinds = {str(resource["resourceType"]) for resource in samples()}
    assert len(kinds) == 146
    assert {orjson.dumps(resource.get("resourceType")) for resource in definitional()} == {
        b'"StructureDefinition"',
        b'"ValueSet"',
        b'"CodeSystem"',
    }
