"""Broken resources by the thousand: `python -m tests.soak.fuzz_fhir --count 50000` prints what they did, as JSON.

Each is a sample of some type with one to four of its nodes dropped, doubled, given another type, or put in the place of
another. The walk may say anything of them but may not raise, nor take long, nor say what cannot be put in words.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from testdata import country
from tests.support.corpus import official_samples, sample
from tests.support.synthetic import bundle, letter
from tests.validators.mhd import envelope
from validators.fhir import ProfileError, ProfileSet, Walker, default_profiles, load_definitions
from validators.messages import render
from validators.report import Report

Json = dict[str, Any]
Place = tuple[Any, Any]
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**400, float("nan"), "", " ", "a", "#", "#a", "/", "|", "%", "?", "urn:uuid:",
    "urn:oid:", "Patient/1", "Patient?a=b", "http://", "http://hl7.org/fhir/", "http://hl7.org/fhir/StructureDefinition/Patient",
    "2026", "2026-02-30", "2026-02-01T24:00:00Z", "((((", "Patient.", "name.where(", "<div", "<div/>",
    '<div xmlns="http://www.w3.org/1999/xhtml"><a href="#x">&nbsp;</a></div>', "x" * 3000, "\ud800", "\x00",
    [], {}, [None], [[]], [{}], ["a"], {"a": None}, {"id": 1}, {"code": {}}, {"coding": [None]}, {"extension": [{}]},
    {"reference": 7}, {"reference": "#"}, {"resourceType": "Bundle"}, {"resourceType": ["Patient"]},
    {"resourceType": "Patient", "contained": [{"resourceType": "Patient", "contained": [{}]}]},
)  # fmt: skip
SLOW: Final = 1.0
"""Seconds of a processor that no broken sample may take."""


def samples() -> list[Json]:
    """One resource of each type, those of the official package, and generated submissions."""
    definitions = load_definitions()
    made = [sample(definitions, name) for name in sorted(definitions.resource_types)]
    made += official_samples()
    return [*made, *submissions()]


def submissions() -> Iterator[Json]:
    """The transactions that provide three generated letters, and one of each form of the envelope."""
    land = country(7, date(2026, 3, 1), stays_per_establishment=1)
    for stay in [stay for stay in land.stays if stay.discharged is not None][:3]:
        yield bundle(letter(stay))
    yield envelope.bundle(envelope.folder, envelope.replacing(None, envelope.patch()))
    yield envelope.bundle(envelope.second)


# -- mutations ---------------------------------------------------------------------------------------------------------


def places(root: Json) -> list[Place]:
    """Every (container, key) below a resource."""
    found: list[Place] = []
    rest: list[Any] = [root]
    while rest:
        node = rest.pop()
        keys = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in keys:
            found.append((node, key))
            if isinstance(value, (dict, list)):
                rest.append(value)
    return found


def _has(node: Any, key: Any) -> bool:
    """Whether a place is still there after what changed before."""
    return key in node if isinstance(node, dict) else key < len(node)


def _drop(_pick: random.Random, node: Any, key: Any, _found: list[Place]) -> None:
    del node[key]


def _double(pick: random.Random, node: Any, key: Any, _found: list[Place]) -> None:
    if isinstance(node, list):
        node.insert(key, copy.deepcopy(node[key]))
    else:
        other = pick.choice([f"_{key}", key.lstrip("_"), f"{key}x", "extension", "contained"])
        node[other] = copy.deepcopy(node[key])


def _retype(pick: random.Random, node: Any, key: Any, _found: list[Place]) -> None:
    node[key] = copy.deepcopy(pick.choice(ODD))


def _wrap(pick: random.Random, node: Any, key: Any, _found: list[Place]) -> None:
    value = node[key]
    bare = value[0] if isinstance(value, list) and value else 7
    node[key] = pick.choice([[value], {"value": value}, [value, None], bare])


def _swap(pick: random.Random, node: Any, key: Any, found: list[Place]) -> None:
    """Put a copy of one node in the place of another; a copy, so that no node holds itself."""
    other, name = pick.choice(found)
    if _has(other, name):
        node[key] = copy.deepcopy(other[name])


CHANGES: Final[tuple[Callable[[random.Random, Any, Any, list[Place]], None], ...]] = (
    _drop,
    _double,
    _retype,
    _wrap,
    _swap,
)


def mutations(seeds: list[Json], count: int, seed: int) -> Iterator[Json]:
    """`count` broken resources, the same ones for the same seed."""
    pick = random.Random(seed)
    for turn in range(count):
        broken = copy.deepcopy(seeds[turn % len(seeds)])
        for _ in range(pick.choice((1, 1, 1, 2, 3, 4))):
            found = places(broken)
            if found:
                pick.choice(CHANGES)(pick, *pick.choice(found), found)
        yield broken


# -- the run -----------------------------------------------------------------------------------------------------------


def fuzz(count: int, seed: int = 2026) -> Json:
    """Check broken resources; what was raised, how long the slowest took, and how long all of them."""
    walker = Walker(load_definitions(), default_profiles())

    def check(broken: Json) -> None:
        _spoken(walker, broken)

    return run(check, mutations(samples(), count, seed))


def fuzz_definitions(count: int, seed: int = 2026) -> Json:
    """Check right resources against broken profiles and terminology: refused when loaded, or put up with."""

    def check(broken: Json) -> None:
        try:
            profiles = ProfileSet([broken, *HELPERS])
        except ProfileError:
            return
        walker = Walker(load_definitions(), profiles)
        for kind in (broken.get("type"), "Patient", "Observation"):
            if isinstance(kind, str) and kind in subjects:
                _spoken(walker, subjects[kind], [str(broken.get("url")), BOUND])

    subjects = {resource["resourceType"]: resource for resource in samples()}
    return run(check, mutations(definitional(), count, seed))


BOUND: Final = "http://soak/bound"
HELPERS: Final[list[Json]] = [
    {
        "resourceType": "StructureDefinition",
        "url": BOUND,
        "type": "Observation",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "differential": {
            "element": [
                {
                    "id": f"Observation.{name}",
                    "path": f"Observation.{name}",
                    "binding": {"strength": "required"} | bound,
                }
                for name, bound in (
                    ("code", {"valueSet": "http://soak/set"}),
                    ("method", {"valueSet": "http://soak/other"}),
                )
            ]
        },
    },
    {
        "resourceType": "ValueSet",
        "url": "http://soak/other",
        "compose": {"include": [{"system": "http://soak/system"}, {"valueSet": ["http://soak/set"]}]},
    },
]


def definitional() -> list[Json]:
    """Profiles and extensions of R4, and terminology made to be used by `HELPERS`."""
    profiles = load_definitions().profiles
    made: list[Json] = [json.loads(profiles[url]) for url in sorted(profiles)[::9]]
    concepts = [
        {"code": "a", "property": [{"code": "p", "valueCode": "b"}], "concept": [{"code": "b", "display": "B"}]}
    ]
    system = {"resourceType": "CodeSystem", "url": "http://soak/system", "content": "complete", "concept": concepts}
    filters = [
        {"property": name, "op": op, "value": "a"}
        for op in ("=", "is-a", "descendent-of", "is-not-a", "regex", "in", "exists")
        for name in ("concept", "p", "parent", "display")
    ]
    include = [
        {"system": "http://soak/system", "concept": [{"code": "a"}]},
        {"system": "http://soak/system"},
        {"system": "http://soak/absent", "valueSet": ["http://soak/set", "http://soak/other"]},
        *({"system": "http://soak/system", "filter": [each]} for each in filters),
    ]
    sets: Json = {"resourceType": "ValueSet", "url": "http://soak/set"}
    expansion = {"contains": [{"system": "http://soak/system", "code": "a", "contains": [{"code": "b"}]}]}
    terminology = [
        system,
        sets | {"compose": {"include": include, "exclude": [{"system": "http://soak/system", "filter": filters[:1]}]}},
        sets | {"expansion": expansion},
    ]
    return [*made, *(terminology * 5)]


def run(check: Callable[[Json], None], made: Iterator[Json]) -> Json:
    """Check each; what was raised by kind and place, with the first resource that did it."""
    raised: dict[str, Json] = {}
    count, exceptions, slowest, slowest_type = 0, 0, 0.0, ""
    start = time.perf_counter()
    for broken in made:
        before = time.process_time()
        try:
            check(broken)
        except Exception as problem:
            exceptions += 1
            where = traceback.extract_tb(problem.__traceback__)[-1]
            key = f"{type(problem).__name__} at {where.filename.rpartition('/')[2]}:{where.lineno}"
            raised.setdefault(key, {"turn": count, "message": str(problem)[:300], "resource": repr(broken)[:3000]})
        took = time.process_time() - before
        count += 1
        if took > slowest:
            slowest, slowest_type = took, str(broken.get("resourceType"))[:40]
    return {
        "count": count,
        "exceptions": exceptions,
        "raised": raised,
        "slowest": round(slowest, 4),
        "slowest_type": slowest_type,
        "seconds": round(time.perf_counter() - start, 1),
    }


def _spoken(walker: Walker, resource: Json, profiles: Sequence[str] = ()) -> None:
    """Check a resource, and put into words what is found."""
    report = Report()
    walker.check(resource, report, profiles=profiles)
    for issue in report:
        render(issue, "fr")
        render(issue, "en")


def main(arguments: list[str]) -> int:
    """Command line: 0 when nothing was raised and nothing was slow, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.fuzz_fhir", description=__doc__)
    parser.add_argument("--count", type=int, default=50_000, help="broken resources, and a fifth as many definitions")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    found = {
        "seed": options.seed,
        "resources": fuzz(options.count, options.seed),
        "definitions": fuzz_definitions(options.count // 5, options.seed),
    }
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    runs = (found["resources"], found["definitions"])
    return 0 if all(not run["exceptions"] and run["slowest"] < SLOW for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
