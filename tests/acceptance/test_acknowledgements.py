"""Acknowledgements of the DMP by HTTP: the whole list or none of it, the figure then says `dmp`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.security.caller import Role
from testdata import Country, Stay, document_id
from tests.conftest import World, two_sites
from tests.support.faces import Face, recent, refused, rules
from tests.support.server import Server
from tests.support.synthetic import admit, copy_database, letter, new_stay, today, token_for

PATH = "/api/acknowledgements"
LDL = "I-SUN1-LDL"


@pytest.fixture
def alone(tmp_path: Path, demo_database: Path, demo_country: Country) -> Iterator[Face]:
    """An establishment on a server of its own: labels are of a whole figure."""
    site, _ = two_sites(demo_country)
    database = copy_database(demo_database, tmp_path / "alone.db")
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    with Server(database, tmp_path, "--workers", "1") as server:
        face = Face(server.origin, token)
        yield face
        face.close()


@pytest.fixture
def stay(world: World, site: Face) -> Stay:
    stay = new_stay(world.land, world.site)
    admit(world.database, stay)
    assert site.provide_cda(letter(stay)).status_code == 200
    return stay


def row(stay: Stay, **more: Any) -> dict[str, Any]:
    return {"identifiant_document": document_id(stay), "date_accuse": str(today()), "reference_dmp": "DMP-1"} | more


def post(face: Face, body: Any, content_type: str = "application/json", **headers: str) -> httpx.Response:
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return face.http.post(PATH, content=data, headers={"Content-Type": content_type, **headers})


def acknowledged(face: Face, world: World) -> int:
    params = recent().params() | {"reporter": f"Organization/{world.site.finess}"}
    (found,) = face.get(f"/api/indicators/{LDL}/values", **params).json()
    count: int = found["acknowledged"]
    return count


def test_figures_are_called_dmp_once_every_letter_is_acknowledged(alone: Face, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    span = {"periodStart": f"{today().year - 1}-01-01", "periodEnd": str(today() + timedelta(days=1))}
    params = span | {"reporter": f"Organization/{site.finess}"}

    def label() -> tuple[int, str, str]:
        (found,) = alone.get(f"/api/indicators/{LDL}/values", **params).json()
        report = alone.get(f"/fhir/Measure/{LDL}/$evaluate-measure", **params).json()
        extension = next(e for e in report["extension"] if e["url"].endswith("measure-label"))
        return found["acknowledged"], found["label"], extension["valueCode"]

    rows = alone.get(f"/api/indicators/{LDL}/evidence", **params).json()
    counted = [found["unique_id"] for found in rows if found["counted"]]
    assert counted
    assert label() == (0, "accepted_by_this_server", "accepted_by_this_server")

    answer = post(alone, [{"identifiant_document": name, "date_accuse": str(today())} for name in counted])

    assert (answer.status_code, answer.json()) == (200, {"rows": len(counted), "stored": True})
    assert label() == (len(counted), "dmp", "dmp")
    after = alone.get(f"/api/indicators/{LDL}/evidence", **params).json()
    assert {found["label"] for found in after if found["counted"]} == {"dmp"}


def test_csv_and_json_say_the_same_and_the_same_again_changes_nothing(site: Face, world: World, stay: Stay) -> None:
    before = acknowledged(site, world)
    head = "identifiant_document;date_accuse;reference_dmp\n"
    lines = f"{head}urn:oid:{document_id(stay)};{today():%d/%m/%Y};DMP-1\n"

    for answer in (post(site, lines, "text/csv; charset=utf-8"), post(site, [row(stay)]), post(site, [row(stay)])):
        assert (answer.status_code, answer.json()) == (200, {"rows": 1, "stored": True})

    assert acknowledged(site, world) == before + 1


def test_a_new_version_stays_acknowledged(site: Face, world: World, stay: Stay) -> None:
    assert post(site, [row(stay)]).status_code == 200
    counted = acknowledged(site, world)

    assert site.provide_cda(letter(stay, version=2, replaces=document_id(stay))).status_code == 200

    assert acknowledged(site, world) == counted


def test_one_bad_row_and_nothing_is_taken(site: Face, world: World, stay: Stay) -> None:
    before = acknowledged(site, world)
    bad = [row(stay), row(stay, date_accuse="hier"), {"identifiant_document": "9.9.9", "date_accuse": str(today())}]

    answer = post(site, bad)

    body = refused(answer, 422)
    found = [(i["details"]["coding"][0]["code"], i["expression"][0]) for i in body["issue"]]
    assert found == [("IMPORT-ROW", "[1].date_accuse"), ("IMPORT-DOCUMENT", "[2].identifiant_document")]
    assert acknowledged(site, world) == before


def test_faults_of_a_csv_are_told_by_line(site: Face, stay: Stay) -> None:
    text = f"identifiant_document;date_accuse\n{document_id(stay)};{today()}\n{document_id(stay)};{today()}\n"

    body = refused(post(site, text, "text/csv", **{"Accept-Language": "en"}), 422, "IMPORT-ROW")

    (issue,) = body["issue"]
    assert issue["diagnostics"] == "line 3"
    assert issue["expression"] == ["identifiant_document"]
    assert issue["details"]["text"] == "Row not valid, nothing is imported: same key as line 2."


@pytest.mark.parametrize(
    ("body", "content_type", "status", "rule"),
    [
        ("{", "application/json", 400, "IMPORT-FILE"),
        ("{}", "application/json", 400, "IMPORT-FILE"),
        ("[]", "application/json", 400, "IMPORT-FILE"),
        ("[1]", "application/json", 400, "IMPORT-FILE"),
        (b"\xff\xfe;", "text/csv", 400, "IMPORT-FILE"),
        ('[{"inconnu": 1}]', "application/json", 422, "IMPORT-COLUMN"),
        ('[{"identifiant_document": 12, "date_accuse": "2026-01-02"}]', "application/json", 422, "IMPORT-ROW"),
        ('[{"identifiant_document": ["1"], "date_accuse": {}}]', "application/json", 422, "IMPORT-ROW"),
        (json.dumps([{"identifiant_document": str(n)} for n in range(1001)]), "application/json", 413, "IMPORT-LIMIT"),
        ("a;b\n" * 1002, "text/csv", 413, "IMPORT-LIMIT"),
        ("<a/>", "application/xml", 415, "SUBMISSION-MEDIA-TYPE"),
        ("", "text/csv", 400, "SUBMISSION-EMPTY"),
    ],
)
def test_what_is_no_list_of_acknowledgements_is_refused(
    site: Face, body: str | bytes, content_type: str, status: int, rule: str
) -> None:
    refused(post(site, body, content_type), status, rule)


def test_nobody_acknowledges_the_documents_of_another(
    site: Face, stranger: Face, editor: Face, ars: Face, anyone: Face, world: World, stay: Stay
) -> None:
    before = acknowledged(site, world)

    assert rules(post(stranger, [row(stay)])) == ["IMPORT-DOCUMENT"]
    refused(post(editor, [row(stay)]), 403, "AUTH-FORBIDDEN")
    refused(post(ars, [row(stay)]), 403, "AUTH-FORBIDDEN")
    refused(post(anyone, [row(stay)]), 401, "AUTH-MISSING")
    assert acknowledged(site, world) == before
