"""The same letters by every door, against a real server: each is filed, and the figures are of that door."""

from __future__ import annotations

import json
from datetime import date

import pytest

from fhir_server.bench.doors import DOORS
from testdata import country, discharge_letter
from tests.support.server import segur


@pytest.mark.parametrize("door", list(DOORS))
def test_every_letter_is_filed_by_every_door(door: str) -> None:
    done = segur("bench", "submit", "--door", door, "--size", "40", "--clients", "2", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["door"], found["n"], found["errors"]) == (door, 10, 0)
    assert ("parts_cpu_ms" in found) == (door == "mhd")
    assert min(found[name] for name in ("rate_per_s", "p50_ms", "floor_cpu_ms", "ratio_to_floor", "size_bytes")) > 0


def test_a_door_that_is_none_is_named() -> None:
    done = segur("bench", "submit", "--door", "fax")
    assert done.returncode == 2
    assert "fax" in done.stderr


@pytest.mark.parametrize(("door", "answer"), [
    ("mhd", b'{"entry":[{"response":{"status":"422 Unprocessable"}}]}'),
    ("xdm", b'{"resourceType":"OperationOutcome"}'),
    ("xds", b'<r status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"/>'),
    ("mail", b'{"entry":[{"response":{"status":"201 Created"}},{"response":{"status":"403 Forbidden"}}]}'),
])  # fmt: skip
def test_what_was_not_filed_is_an_error(door: str, answer: bytes) -> None:
    assert not DOORS[door].filed(answer)


def test_a_letter_is_packed_for_each_door() -> None:
    stay = next(stay for stay in country(2026, date(2023, 11, 20)).stays if stay.discharged)
    assert stay.discharged is not None
    document = discharge_letter(stay, when=stay.discharged)
    packed = {name: door.pack(document, 7) for name, door in DOORS.items()}
    assert document in packed["xds"].body
    assert packed["xdm"].body.startswith(b"PK")
    assert b"<7@bench.mssante.fr>" in packed["mail"].body
    assert packed["xds"].content_type.startswith("multipart/related")
