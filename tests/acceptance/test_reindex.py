"""`segur db reindex`: the index is that of filing again, and a server goes on all along."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fhir_server.security.caller import Role
from testdata import Country, Stay
from tests.conftest import two_sites
from tests.support.faces import Face
from tests.support.server import Server, segur
from tests.support.synthetic import bundle, copy_database, letter, new_patient, new_stay, token_for


def rows(database: Path) -> set[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return set(connection.execute("select * from search_index"))


def test_what_was_filed_is_found_by_the_same_again(tmp_path: Path, demo_database: Path) -> None:
    database = copy_database(demo_database, tmp_path / "demo.db")
    before = rows(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("delete from search_index where param like '%i%'")
    assert rows(database) < before

    done = segur("db", "reindex", "--database", database)

    assert (done.returncode, done.stderr) == (0, "")
    assert "resources indexed" in done.stdout
    assert rows(database) == before


def test_a_server_goes_on(tmp_path: Path, demo_database: Path, demo_country: Country) -> None:
    database = copy_database(demo_database, tmp_path / "busy.db")
    site, _ = two_sites(demo_country)
    stay = new_stay(demo_country, site, patient=new_patient(demo_country, site))
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    with Server(database, tmp_path, "--workers", "1") as server:
        face = Face(server.origin, token)
        for number in (1, 2):
            other = new_stay(demo_country, site, patient=stay.patient)
            assert face.provide(bundle(letter(other))).status_code == 200
            assert found(face, stay) == number
            assert segur("db", "reindex", "--database", database).returncode == 0
            assert found(face, stay) == number
        face.close()


def found(face: Face, stay: Stay) -> int:
    """How many documents of the person there are."""
    person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    answer = face.get("/fhir/DocumentReference", **{"patient.identifier": person, "status": "current"})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])
