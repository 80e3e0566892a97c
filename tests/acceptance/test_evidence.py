"""Evidence over HTTP: what counts nowhere is shown to the legal entity that sent it, its agency, and nobody else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from testdata import Stay, document_id
from tests.conftest import World
from tests.support.faces import Face, recent, refused
from tests.support.messages import message
from tests.support.server import segur
from tests.support.synthetic import admit, letter, new_stay, with_site

INS, PRO = "I-SUN1-INS", "I-SUN2-PRO"
NOWHERE = "990000001"

Row = dict[str, Any]


def rows(face: Face, world: World, measure: str, reason: str) -> list[Row]:
    return [row for row in face.evidence(measure, world.site.finess) if row["reason"] == reason]


def same(found: list[Row], other: list[Row]) -> bool:
    """The same rows, but for what only their owner sees."""
    own = ("unique_id", "stay_number")
    return [{k: v for k, v in row.items() if k not in own} for row in found] == other


@pytest.fixture
def stay(world: World) -> Stay:
    stay = new_stay(world.land, world.site)
    admit(world.database, stay)
    return stay


def test_a_message_of_an_unknown_mailbox(site: Face, ars: Face, stranger: Face, world: World) -> None:
    before = rows(site, world, PRO, "MAILBOX_UNKNOWN")
    body = json.dumps(message("inconnue@nulle-part.mssante.fr", "confrere@exemple.mssante.fr"))
    answer = site.http.post("/fhir/Communication", content=body, headers={"Content-Type": "application/fhir+json"})
    assert answer.status_code == 201, answer.text

    after = rows(site, world, PRO, "MAILBOX_UNKNOWN")

    assert len(after) == len(before) + 1
    (row,) = [row for row in after if row not in before]
    assert (row["counted"], row["organization"], row["document"], row["label"]) == (False, None, None, None)
    assert re.fullmatch(r"[0-9a-f]{32}", row["message"])
    assert same(after, rows(ars, world, PRO, "MAILBOX_UNKNOWN"))
    params = recent().params() | {"reporter": f"Organization/{world.stranger.finess}"}
    assert "MAILBOX_UNKNOWN" not in stranger.get(f"/api/indicators/{PRO}/evidence", **params).text


def test_a_document_of_an_unknown_site(site: Face, ars: Face, world: World, stay: Stay) -> None:
    lost = with_site(stay, replace(stay.establishment, finess=NOWHERE))
    assert site.provide_cda(letter(lost)).status_code == 200

    for measure in (INS, "I-ESMS-E5", "I-SUN1-LDL"):
        found = rows(site, world, measure, "SITE_UNKNOWN")
        own = [row for row in found if row.get("unique_id") == f"urn:oid:{document_id(lost)}"]
        assert [(row["counted"], row["organization"]) for row in own] == [(False, None)], measure
        assert same(found, rows(ars, world, measure, "SITE_UNKNOWN"))
        assert "unique_id" not in json.dumps(rows(ars, world, measure, "SITE_UNKNOWN"))


def test_counted_rows_are_still_the_numerator(site: Face, world: World) -> None:
    for measure in (INS, PRO, "I-SUN1-LDL", "I-ESMS-E5"):
        counted = sum(row["counted"] for row in site.evidence(measure, world.site.finess))
        assert counted == site.figure(measure, world.site.finess)["numerator"]


def test_a_declared_figure_names_its_source(site: Face, world: World, tmp_path: Path) -> None:
    span = recent()
    path = tmp_path / "dui.csv"
    line = f"{world.site.finess};I-ESMS-E6;{span.start};{span.end};7;;éditeur"
    path.write_text(f"finess;indicateur;debut;fin;numerateur;denominateur;source\n{line}\n", encoding="utf-8")
    assert segur("import", "declared", path, "--database", world.database).returncode == 0

    (row,) = site.evidence("I-ESMS-E6", world.site.finess)

    assert (row["declared"], row["counted"], row["document"], row["message"]) == ("éditeur", True, None, None)


class TestCommand:
    SPAN = ("--from", str(recent().start), "--to", str(recent().end), "--cutoff", str(recent().cutoff))

    def run(self, world: World, measure: str, finess: str, *more: str) -> Any:
        return segur("indicators", "evidence", measure, "--database", world.database, "--organization", finess,
                     *self.SPAN, *more)  # fmt: skip

    def test_gives_the_rows_of_the_agency(self, ars: Face, world: World) -> None:
        done = self.run(world, INS, world.site.finess)

        assert json.loads(done.stdout) == ars.evidence(INS, world.site.finess)

    def test_sums_the_reasons_up(self, ars: Face, world: World) -> None:
        summed = json.loads(self.run(world, INS, world.site.finess, "--summary").stdout)

        assert sum(summed.values()) == len(ars.evidence(INS, world.site.finess))

    def test_says_what_to_ask_instead(self, world: World) -> None:
        legal = self.run(world, INS, world.site.legal_entity)
        unknown = self.run(world, INS, NOWHERE)
        measure = self.run(world, "I-NON", world.site.finess)

        assert (legal.returncode, unknown.returncode, measure.returncode) == (2, 2, 2)
        assert world.site.finess in legal.stderr
        assert "no such establishment" in unknown.stderr
        assert "I-SUN1-LDL" in measure.stderr


def test_evidence_is_for_those_who_may_see_the_figure(stranger: Face, editor: Face, world: World) -> None:
    params = recent().params() | {"reporter": f"Organization/{world.site.finess}"}
    for face in (stranger, editor):
        refused(face.get(f"/api/indicators/{INS}/evidence", **params), 403)
