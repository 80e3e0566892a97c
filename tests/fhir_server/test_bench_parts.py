"""Where the time of a CDA goes: every part has a figure, and the figures are of one run."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fhir_server.bench.cda_parts import PARTS, measure, table
from testdata import country, discharge_letter, level1
from tests.support.server import segur


@pytest.fixture(scope="module")
def letters() -> list[bytes]:
    stays = [stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged][:2]
    return [discharge_letter(stay, when=stay.discharged) for stay in stays]


def test_every_part_takes_time_and_the_whole_takes_the_most(letters: list[bytes]) -> None:
    parts = measure(letters)
    assert tuple(parts) == PARTS
    assert all(value > 0 for name, value in parts.items() if name not in ("the rest", "report"))
    assert parts["whole check"] == max(parts.values())


def test_a_level_1_document_has_parts_too_and_what_is_no_cda_none() -> None:
    stay = next(stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged)
    assert stay.discharged is not None
    parts = measure([level1(stay, "CRO", when=stay.discharged), b"{}", b"<a/>"])
    assert parts["identity and payload"] > 0
    assert set(measure([b"{}"]).values()) == {0.0}


def test_the_table_gives_each_part_as_a_multiple_of_bare_parsing() -> None:
    lines = table({"bare parsing": 0.5, "whole check": 2.0}).splitlines()
    assert lines[0].split() == ["bare", "parsing", "0.500", "ms", "1.00", "×"]
    assert lines[1].split() == ["whole", "check", "2.000", "ms", "4.00", "×"]


def test_the_command_writes_it() -> None:
    done = segur("bench", "validate", "--parts", "--size", "1")
    assert done.returncode == 0, done.stderr
    assert [line.rpartition(" ms")[0].strip().rpartition(" ")[0].strip() for line in done.stdout.splitlines()] == [
        *PARTS
    ]
    found = json.loads(segur("bench", "validate", "--parts", "--size", "1", "--json").stdout)
    assert list(found) == list(PARTS)
