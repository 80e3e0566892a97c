"""A file whose text changed under it goes on by the new one: the rare-disease call before and after its note."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fhir_server.programmes.actors import hand_of
from fhir_server.programmes.files import Wish, create, enter
from fhir_server.programmes.parameters import post
from fhir_server.programmes.records import File
from tests.fhir_server.programmes.conftest import Bench, wait

SET = """id: dgos-rares
version: 1
programme: maladies_rares
signed_off: {by: "Direction", role: ars, signed_on: 2018-01-02}
parameters:
  - {name: "target:I-MR-2", value: "80", mark: CONFIG, source: "annexe 3"}
  - {name: "target_day:initial", value: 2019-01-31, mark: CONFIG, source: "annexe 3"}
  - {name: "target_day:updated", value: 2020-09-30, mark: CONFIG, source: "note"}
"""


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T10:00:00+00:00").astimezone(UTC)


def started(bench: Bench) -> File:
    """A file of 2018 that was paid its start."""
    wait(post(bench.office, hand_of(bench.ars), bench.site.region, SET, day("2018-01-03")))
    wish = Wish("maladies_rares", "maladies_rares.initial", bench.site.finess, {})
    file = wait(create(bench.office, bench.holder, hand_of(bench.holder), wish, day("2018-01-10")))
    bench.move(file, "APPLIED", bench.holder, day("2018-01-12"))
    bench.move(bench.read(file), "SELECTED", bench.ministry, day("2018-02-01"))
    told(bench, file, "2018-02-02", selection={"on": "2018-02-01", "reference": "DGOS-1"})
    bench.move(bench.read(file), "AMORCAGE_PAID", bench.ministry, day("2018-06-01"))
    return bench.read(file)


def told(bench: Bench, file: File, on: str, **values: Any) -> None:
    wait(enter(bench.office, bench.read(file), hand_of(bench.ministry), values, day(on)))


def test_before_the_note_a_target_that_is_missed_costs_the_rest_alone(bench: Bench) -> None:
    file = started(bench)
    told(bench, file, "2019-02-15", verification={"on": "2019-02-15", "reached_on": "2019-02-01"})
    bench.move(bench.read(file), "TARGET_MISSED", bench.ministry, day("2019-03-01"))
    end = bench.read(file)
    assert (end.life.machine.id, end.state, end.paid) == ("maladies_rares.initial", "TARGET_MISSED", 9_000_000)


def test_after_it_the_file_goes_on_by_the_note_and_gives_everything_back(bench: Bench) -> None:
    file = started(bench)
    bench.move(file, "USAGE_PAID", bench.ministry, day("2019-12-15"))
    moved = bench.read(file)
    assert (moved.life.machine.id, moved.paid) == ("maladies_rares.updated", 15_000_000)
    told(bench, file, "2020-10-05", verification={"on": "2020-10-05", "reached_on": "2020-10-01"})
    bench.move(bench.read(file), "TARGET_MISSED", bench.ministry, day("2020-10-05"))
    bench.move(bench.read(file), "RESTITUTION_DUE", bench.ministry, day("2020-10-06"))
    end = bench.read(file)
    assert (end.state, end.paid) == ("RESTITUTION_DUE", 0)
    assert [one.letter for one in end.moves][-1] == "restitution"
