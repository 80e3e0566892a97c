"""`segur validate --tx`: codes that nothing here decides are asked of a terminology server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.server import segur
from tests.support.synthetic import Json
from tests.support.terminology import TerminologyStub, terminology_stub

LOINC = "http://loinc.org"
NAME = "Martin"


@pytest.fixture
def stub() -> Iterator[TerminologyStub]:
    with terminology_stub() as server:
        server.members = {(LOINC, "right", ""): True, (LOINC, "wrong", ""): False}
        yield server


def coded(folder: Path, *codes: str) -> list[Path]:
    """A Basic of each code, with a person's name in it."""
    paths = []
    for code in codes:
        author = {"reference": "#a"}
        person = {"resourceType": "Practitioner", "id": "a", "name": [{"family": NAME}]}
        content = {"resourceType": "Basic", "contained": [person], "author": author,
                   "code": {"text": NAME, "coding": [{"system": LOINC, "code": code, "display": NAME}]}}  # fmt: skip
        paths.append(folder / f"{code}.json")
        paths[-1].write_text(json.dumps(content))
    return paths


def found(output: str) -> dict[str, list[str]]:
    rows: list[Json] = [json.loads(line) for line in output.splitlines()]
    return {Path(row["file"]).stem: [issue["rule"] for issue in row["issues"]] for row in rows}


def test_the_server_decides_what_is_unknown_here(stub: TerminologyStub, tmp_path: Path) -> None:
    paths = coded(tmp_path, "right", "wrong", "unheard-of")
    done = segur("validate", "--tx", stub.url, "--format", "ndjson", *paths)
    assert found(done.stdout) == {"right": [], "wrong": ["FHIR-CODING-CODE"], "unheard-of": []}
    assert done.returncode == 1
    assert stub.asked == [(LOINC, "right", ""), (LOINC, "wrong", ""), (LOINC, "unheard-of", "")]
    assert NAME not in json.dumps(stub.received)


def test_without_it_nothing_is_asked(stub: TerminologyStub, tmp_path: Path) -> None:
    done = segur("validate", "--format", "ndjson", *coded(tmp_path, "right", "wrong"))
    assert found(done.stdout) == {"right": [], "wrong": []}
    assert stub.asked == []


def test_the_environment_names_it_and_processes_share_the_work(stub: TerminologyStub, tmp_path: Path) -> None:
    paths = coded(tmp_path, "right", "wrong")
    done = segur("validate", "--jobs", "2", "--format", "ndjson", *paths, env={"SEGUR_TX": stub.url})
    assert found(done.stdout) == {"right": [], "wrong": ["FHIR-CODING-CODE"]}
    assert sorted(stub.asked) == [(LOINC, "right", ""), (LOINC, "wrong", "")]


def test_a_server_in_trouble_changes_no_verdict(stub: TerminologyStub, tmp_path: Path) -> None:
    stub.status = 503
    done = segur("validate", "--tx", stub.url, "--format", "ndjson", *coded(tmp_path, "right", "wrong"))
    assert done.returncode == 0
    assert found(done.stdout) == {"right": ["FHIR-TX-UNANSWERED"], "wrong": ["FHIR-TX-UNANSWERED"]}
    assert len(stub.asked) == 1


def test_an_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    done = segur("validate", "--tx", "ftp://tx.example.org", *coded(tmp_path, "right"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not an http address" in done.stderr
