"""`segur programmes file`, `decision`, `tick`, `parameters post`: the same service over a database, no server around.

The commands run in this process, because a file needs many; the pages of the documentation run them as a shell does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fhir_server.cli.app import tree
from testdata import Country
from tests.conftest import two_sites
from tests.support.dossier import FORM, LDL, parameters
from tests.support.synthetic import copy_database, today


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Desk:
    """Commands over one database."""

    def __init__(self, folder: Path, database: Path, finess: str, region: str) -> None:
        self.folder, self.database, self.finess, self.region = folder, database, finess, region

    def run(self, *arguments: str | Path) -> Done:
        found = CliRunner().invoke(tree(), ["programmes", *map(str, arguments), "--database", str(self.database)])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return Done(found.exit_code, found.stdout, found.stderr)

    def said(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def open(self, window: str, domain: str = "documents_sortie") -> str:
        return self.said("file", "create", "sun_es_v1", self.finess, "--key", f"window={window}", "--key",
                         f"domain={domain}")  # fmt: skip

    def enter(self, file: str, role: str, **values: object) -> str:
        given = [f"{name}={json.dumps(value)}" for name, value in values.items()]
        return self.said("file", "enter", file, *given, "--as", role)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    site, _ = two_sites(demo_country)
    made = Desk(folder, copy_database(demo_database, folder / "desk.db"), site.finess, site.region)
    text = folder / "set.yaml"
    text.write_text(parameters(site.region, site.finess), encoding="utf-8")
    assert made.said("parameters", "post", text, "--region", site.region).startswith(f"ars-{site.region}@1 : ")
    return made


def test_a_file_goes_its_way(desk: Desk) -> None:
    file = desk.open("X1")
    refused = desk.run("file", "move", file, "DEPOSITED", "--as", "establishment", "--lang", "en")
    assert (refused.returncode, "[DIRECTOR_VALIDATION_MISSING]" in refused.stdout) == (1, True)
    desk.enter(file, "establishment", **FORM)
    assert " : DRAFT -> DEPOSITED" in desk.said("file", "move", file, "DEPOSITED", "--as", "establishment")
    desk.said("file", "move", file, "UNDER_REVIEW")
    desk.said("file", "move", file, "ACCEPTED")
    moved = json.loads(desk.said("file", "move", file, "ADVANCE_NOTIFIED", "--json"))
    assert moved["paid_cents"] == 9_600_000
    assert "96" in desk.said("file", "show", file, "--lang", "en")
    desk.enter(file, "ars", advance_payment={"on": str(today()), "euros": "96000.00"})
    desk.said("file", "move", file, "ADVANCE_PAID")
    [due] = json.loads(desk.said("tick", "--json"))
    assert due == {"file": file, "source": "ADVANCE_PAID", "target": "MEASURING"}
    assert desk.said("tick") == ""
    desk.enter(file, "establishment", declared_usage=[{"indicator": LDL, "numerator": 3, "denominator": 4}])
    shown = json.loads(desk.said("file", "show", file, "--json", "--as", "establishment"))
    assert (shown["state"], shown["next"][0]["yours"]) == ("MEASURING", True)
    assert file in desk.said("file", "list", "--programme", "sun_es_v1", "--state", "MEASURING", "--window", "X1")
    assert json.loads(desk.said("file", "list", "--state", "nowhere", "--json")) == []
    for decision in shown["decisions"]:
        record = json.loads(desk.said("decision", "show", decision))
        assert record["id"] == decision
        assert "sha256" in desk.said("decision", "replay", decision)


def test_what_is_unknown_is_a_usage_error(desk: Desk, tmp_path: Path) -> None:
    for arguments in (
        ("file", "show", "nothing"),
        ("file", "move", "nothing", "DEPOSITED"),
        ("file", "create", "hop_en", desk.finess),
        ("file", "create", "sun_es_v1", "999999999", "--key", "window=F1", "--key", "domain=biologie"),
        ("file", "create", "sun_es_v1", desk.finess, "--key", "window"),
        ("decision", "show", "nothing"),
        ("decision", "replay", "nothing"),
        ("parameters", "post", tmp_path / "absent.yaml", "--region", "53"),
    ):
        done = desk.run(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert len(done.stderr.splitlines()) == 1, done.stderr
    file = desk.open("SOON", "imagerie")
    for arguments in (
        ("file", "move", file, "DEPOSITED", "--as", "mayor"),
        ("file", "enter", file, "colour"),
        ("file", "enter", file, "editors=@absent.json"),
        ("file", "show", file, "--lang", "de"),
    ):
        assert desk.run(*arguments).returncode == 2, arguments


def test_every_wrong_entry_is_said(desk: Desk) -> None:
    file = desk.open("OVER", "imagerie")
    done = desk.run("file", "enter", file, "colour=blue", "commitment=perhaps", "usage_verified=true")
    assert done.returncode == 1
    assert [line.rpartition("[")[2] for line in done.stdout.splitlines()] == [
        "UNKNOWN_ENTRY].", "WRONG_VALUE].", "NOT_YOURS].", "CLOSED_NOW]."]  # fmt: skip


def test_a_key_that_is_no_key(desk: Desk) -> None:
    done = desk.run("file", "create", "sun_es_v1", desk.finess, "--key", "window=F9", "--key", "domain=biologie")
    assert (done.returncode, "unknown_window:F9" in done.stdout) == (1, True)


def test_a_set_is_checked_before_it_is_posted(desk: Desk) -> None:
    text = desk.folder / "wrong.yaml"
    changed = parameters(desk.region, desk.finess, 2, tolerance="300")
    text.write_text(changed, encoding="utf-8")
    done = desk.run("parameters", "post", text, "--region", desk.region)
    assert (done.returncode, "OUT_OF_RANGE" in done.stdout) == (1, True)
    assert desk.run("parameters", "post", text, "--region", "Bretagne").returncode == 2


def test_a_situation_uses_the_set_the_region_posted(desk: Desk) -> None:
    shown = json.loads(desk.said("situation", desk.finess, "--window", "X1", "--json"))
    assert shown["amounts"]["advance"]["cents"] == 9_600_000
    assert not shown["missing_parameters"]
    found = json.loads(desk.said("what-if", desk.finess, "--window", "X1", "--json"))
    assert found["before"]["verdict"] in ("reached", "not_reached", "not_measurable")
    assert desk.run("situation", desk.finess, "--window", f"F{(today() + timedelta(1)).year}").returncode == 2
