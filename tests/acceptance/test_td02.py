"""TD0.2 at the stand-in of the DMP: is there a record, and is it open (PDSM4DMP, fhir-france B1)."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.faces import refused
from tests.support.standin import StandIn

PERSON = "urn:oid:1.2.250.1.213.1.4.10|279035121518989"


@pytest.mark.parametrize(("answer", "active"), [("open", [True]), ("closed", [False]), ("unknown", [])])
def test_td02_of_the_stand_in(tmp_path: Path, answer: str, active: list[bool]) -> None:
    with StandIn(tmp_path, answer) as dmp:
        found = httpx.get(f"{dmp.origin}/fhir/Patient", params={"identifier": PERSON})
        assert found.status_code == 200
        assert found.json()["total"] == len(active)
        assert [one["resource"]["active"] for one in found.json().get("entry", [])] == active
        refused(httpx.get(f"{dmp.origin}/fhir/Patient"), 400, "SEARCH-REQUIRED")


def test_td02_is_no_submission(tmp_path: Path) -> None:
    with StandIn(tmp_path, "closed", times=1) as dmp:
        for _ in range(2):
            found = httpx.get(f"{dmp.origin}/fhir/Patient", params={"identifier": PERSON}).json()
            assert found["entry"][0]["resource"]["active"] is False
        assert httpx.get(f"{dmp.origin}/received").json()["bodies"] == []
