"""The head of PDSm: chosen for a run of `segur validate`, and for every door of a server that takes FHIR."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testdata import Country
from tests.conftest import two_sites
from tests.support.faces import Face, rules
from tests.support.server import Server, segur
from tests.support.synthetic import bundle, copy_database, entry, new_patient, new_stay, token_for
from tests.support.synthetic import letter as letter_of

Json = dict[str, Any]
ASKED = {"MHD-HEAD-CUSTODIAN", "MHD-HEAD-DATE"}


@pytest.fixture(scope="module")
def letter(demo_country: Country) -> bytes:
    site, _ = two_sites(demo_country)
    return letter_of(new_stay(demo_country, site, patient=new_patient(demo_country, site)))


@pytest.fixture(scope="module")
def bare(letter: bytes) -> Json:
    """What the release accepts: nobody keeps the document, and its reference has no date."""
    made = bundle(letter)
    for name in ("custodian", "date"):
        del entry(made, "DocumentReference")[name]
    return made


def judged(path: Path, *options: str, **env: str) -> tuple[int, set[str]]:
    done = segur("validate", path, "--format", "ndjson", *options, env=env)
    return done.returncode, {i["rule"] for i in json.loads(done.stdout)["issues"]} & ASKED


def test_the_command_takes_a_version(bare: Json, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(bare))
    assert judged(path) == judged(path, "--pdsm", "3.1.1", SEGUR_PDSM="head") == (0, set())
    assert judged(path, "--pdsm", "head") == judged(path, SEGUR_PDSM="head") == (1, ASKED)
    assert segur("validate", path, "--pdsm", "3.0").returncode == 2


def test_it_holds_with_definitions_of_ones_own(bare: Json, tmp_path: Path) -> None:
    path, more = tmp_path / "bundle.json", tmp_path / "set.json"
    path.write_text(json.dumps(bare))
    more.write_text(json.dumps({"resourceType": "ValueSet", "url": "https://example.org/vs", "status": "draft"}))
    assert judged(path, "--pdsm", "head", "--definitions", str(more)) == (1, ASKED)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[Face]:
    from fhir_server.security.caller import Role

    folder = tmp_path_factory.mktemp("head")
    database = copy_database(demo_database, folder / "head.db")
    site, _ = two_sites(demo_country)
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    with Server(database, folder, "--workers", "1", SEGUR_PDSM="head") as server:
        face = Face(server.origin, token)
        yield face
        face.close()


def test_the_doors_of_a_server_go_by_it(strict: Face, bare: Json, letter: bytes) -> None:
    refused = strict.provide(bare)
    assert refused.status_code == 422
    assert set(rules(refused)) & ASKED == ASKED
    told = strict.http.post("/fhir/$validate", json=bare, headers={"Content-Type": "application/fhir+json"})
    assert set(rules(told)) >= ASKED
    assert strict.provide(bundle(letter)).status_code == 200


def test_what_is_no_fhir_is_asked_nothing_of_it(strict: Face, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    other = letter_of(new_stay(demo_country, site, patient=new_patient(demo_country, site)))
    assert strict.provide_cda(other).status_code in (200, 201)
