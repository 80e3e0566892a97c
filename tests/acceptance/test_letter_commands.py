"""The letters one can be told with: masked, of another site, withdrawn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from testdata import document_id
from tests.conftest import World
from tests.support.faces import Face
from tests.support.server import segur
from tests.support.synthetic import admit, letter, new_stay

V3 = {"v": "urn:hl7-org:v3"}


def written(folder: Path, *options: str) -> etree._Element:
    out = folder / "letter.xml"
    done = segur("data", "letter", "--out", out, "--today", "2023-11-20", *options)
    assert done.returncode == 0, done.stderr
    return etree.parse(out).getroot()


def test_a_masked_letter_is_valid(tmp_path: Path) -> None:
    code = written(tmp_path, "--masked").find("v:confidentialityCode", V3)

    assert code is not None
    assert code.get("code") == "MASQUE_PS"
    assert segur("validate", tmp_path / "letter.xml").returncode == 0


def test_a_masked_letter_is_masked_in_its_metadata(site: Face, world: World, tmp_path: Path) -> None:
    stay = new_stay(world.land, world.site)
    admit(world.database, stay)
    path = tmp_path / "masked.xml"
    path.write_bytes(letter(stay, masked=True))

    done = submit(world, path)

    assert {row["measure"] for row in done["counted"] if row["counted"]} == {"I-SUN1-INS", "I-SUN1-LDL"}
    reference = next(place for place in done["locations"] if place.startswith("DocumentReference/"))
    body = site.get(f"/fhir/{reference.partition('/_history')[0]}").json()
    assert [label["coding"][0]["code"] for label in body["securityLabel"]] == ["MASQUE_PS"]


@pytest.mark.parametrize("finess", ["970499992", "929000024"])
def test_a_letter_says_the_site_it_is_told(tmp_path: Path, finess: str) -> None:
    tree = written(tmp_path, "--site", finess)

    named = tree.xpath("//v:author//v:representedOrganization/v:id/@extension", namespaces=V3)
    assert named == [f"1{finess}"]


@pytest.mark.parametrize("finess", ["97049999", "9704999922", "abcdefghi", "٩٧٠٤٩٩٩٩٢"])
def test_a_site_that_is_no_finess_is_a_usage_error(tmp_path: Path, finess: str) -> None:
    done = segur("data", "letter", "--out", tmp_path / "x.xml", "--site", finess)

    assert done.returncode == 2
    assert "9 digits" in done.stderr


def submit(world: World, path: Path, *more: str) -> Any:
    done = segur("submit", path, "--to", world.server.origin, "--token", world.tokens["site"], "--json", *more)
    return json.loads(done.stdout) | {"code": done.returncode}


def test_a_document_is_withdrawn_by_its_unique_id(site: Face, world: World, tmp_path: Path) -> None:
    gone, kept = (new_stay(world.land, world.site) for _ in range(2))
    for stay in (gone, kept):
        admit(world.database, stay)
    before = site.figure("I-SUN1-LDL", world.site.finess)
    assert site.provide_cda(letter(gone)).status_code == 200
    path = tmp_path / "other.xml"
    path.write_bytes(letter(kept))

    done = submit(world, path, "--withdraw", document_id(gone))

    assert (done["code"], done["status"]) == (0, 200)
    assert "MHD-PATCH-ALONE" in {issue["rule"] for issue in done["issues"]}
    after = site.figure("I-SUN1-LDL", world.site.finess)
    assert after["numerator"] == before["numerator"] + 1
    rows = site.evidence("I-SUN1-LDL", world.site.finess)
    assert [r["reason"] for r in rows if r.get("unique_id") == f"urn:oid:{document_id(gone)}"] == ["DELETED"]


def test_what_nobody_filed_cannot_be_withdrawn(world: World, tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_bytes(letter(new_stay(world.land, world.site)))

    done = submit(world, path, "--withdraw", "1.2.3.4.5")

    assert (done["code"], done["status"]) == (1, 404)
    assert "MHD-REPLACE-TARGET" in {issue["rule"] for issue in done["issues"]}


def test_a_withdrawal_goes_with_one_cda(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_text("{}", encoding="utf-8")

    done = segur("submit", path, "--withdraw", "1.2.3", "--to", world.server.origin, "--token", "x")

    assert done.returncode == 2
    assert "--withdraw goes with one CDA or PDF" in done.stderr
