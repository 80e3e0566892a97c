"""`segur load` as an operator runs it: what is filed, refused, left; killed and run again; beside a server."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fhir_server.security.caller import Role
from testdata import Country
from tests.conftest import World, two_sites
from tests.support.archives import zipped
from tests.support.loads import content, lines, organization, rejected
from tests.support.server import SEGUR, environment, segur
from tests.support.synthetic import admit, copy_database, establish, letter, new_stay, token_for, wrapped

KILLS = 10


@pytest.fixture
def database(tmp_path: Path, demo_country: Country) -> Path:
    """A database that knows the establishments."""
    from fhir_server.store.database import prepare

    path = tmp_path / "load.db"
    prepare(str(path))
    establish(path, demo_country)
    return path


@pytest.fixture
def owner(demo_country: Country) -> str:
    return f"establishment:{two_sites(demo_country)[0].legal_entity}"


def letters(database: Path, land: Country, count: int) -> list[bytes]:
    """Letters of one stay that is known, the same moment apart."""
    stay = new_stay(land, two_sites(land)[0])
    admit(database, stay)
    return [letter(stay, unique=f"load-{number}") for number in range(count)]


def load(database: Path, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    """One load; its exit code and what it told."""
    done = segur("load", *arguments, "--database", database, "--json", "--jobs", "2")
    assert not done.stderr, done.stderr
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def counts(told: list[dict[str, Any]]) -> dict[str, int]:
    """What the sum says became of the items."""
    assert told[-1]["event"] == "summary"
    return {name: told[-1][name] for name in ("filed", "unchanged", "duplicates", "rejected", "before")}


def test_every_kind_of_file_is_filed_and_counted(
    tmp_path: Path, database: Path, demo_country: Country, owner: str
) -> None:
    made = letters(database, demo_country, 5)
    folder = tmp_path / "envoi" / "juin"
    folder.mkdir(parents=True)
    (folder / "a.xml").write_bytes(made[0])
    (folder / "b.json").write_bytes(wrapped(made[1]) or b"")
    (folder / "c.zip").write_bytes(zipped({"x/1.xml": made[2], "x/2.xml": made[3], "LISEZMOI.txt": b"..."}))
    (folder / "notes.txt").write_text("...", encoding="utf-8")
    archive = tmp_path / "d.zip"
    assert segur("xdm", "build", folder / "a.xml", "-o", archive).returncode == 0
    rows = lines(tmp_path / "r.ndjson", [organization(1), organization(2), "", organization(1, "Autre nom")])
    code, told = load(database, tmp_path / "envoi", archive, rows, "--as", owner)
    assert code == 0, told
    # The archive holds the letter that is in the folder: the same document twice is one.
    assert counts(told) == {"filed": 7, "unchanged": 0, "duplicates": 1, "rejected": 0, "before": 0}
    assert (told[-1]["items"], told[-1]["total_items"], told[-1]["left"]) == (8, 8, 2)
    assert told[-1]["bytes"] == told[-1]["total_bytes"] > sum(map(len, made[:4]))
    with closing(sqlite3.connect(database)) as db:
        facts = db.execute("select count(*), sum(link = 'linked') from documents").fetchone()
        assert facts == (4, 4)
        assert db.execute("select id, version from resource where type = 'Organization'").fetchall() == [
            ("o1", 2), ("o2", 1),
        ]  # fmt: skip


def test_the_same_command_again_changes_nothing(
    tmp_path: Path, database: Path, demo_country: Country, owner: str
) -> None:
    folder = tmp_path / "envoi"
    folder.mkdir()
    for number, made in enumerate(letters(database, demo_country, 3)):
        (folder / f"{number}.xml").write_bytes(made)
    rows = lines(tmp_path / "r.ndjson", [organization(1), {"resourceType": "Organization", "name": "Sans id"}])
    first, _ = load(database, folder, rows, "--as", owner)
    before = content(database)
    second, told = load(database, folder, rows, "--as", owner)
    assert (first, second) == (0, 0)
    assert counts(told) == {"filed": 5, "unchanged": 0, "duplicates": 0, "rejected": 0, "before": 5}
    assert content(database) == before
    _, told = load(database, folder, rows, "--as", owner, "--no-resume")
    assert counts(told) == {"filed": 0, "unchanged": 2, "duplicates": 3, "rejected": 0, "before": 0}
    assert {**content(database), "progress": []} == {**before, "progress": []}


def test_what_is_refused_is_kept_with_its_reasons(
    tmp_path: Path, database: Path, demo_country: Country, owner: str
) -> None:
    [good, bad] = letters(database, demo_country, 2)
    bad = bad.replace(b"<effectiveTime", b"<effectiveTim", 1)
    rows = lines(
        tmp_path / "r.ndjson",
        [organization(1), "", '{"resourceType": "Organization"', {"resourceType": "Organization", "nom": "x"},
         {"resourceType": "Encounter", "id": "e1"}, {"resourceType": "Organization", "id": "a b", "name": "x"}],
    )  # fmt: skip
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped({"good.xml": good, "bad.xml": bad}))
    kept = tmp_path / "refus"
    code, told = load(database, archive, rows, "--as", owner, "--rejects", kept)
    assert code == 1
    assert counts(told) == {"filed": 2, "unchanged": 0, "duplicates": 0, "rejected": 5, "before": 0}
    found = {row.get("member") or row["line"]: row for row in rejected(kept)}
    assert found.keys() == {"bad.xml", 3, 4, 5, 6}
    assert {key: row["status"] for key, row in found.items()} == {"bad.xml": 422, 3: 400, 4: 422, 5: 405, 6: 400}
    assert (kept / found["bad.xml"]["kept"]).read_bytes() == bad
    assert (kept / found[3]["kept"]).read_bytes() == b'{"resourceType": "Organization"'
    assert found[4]["rules"][0]["location"] == "Organization.nom"
    assert sum(event["event"] == "rejected" for event in told) == 5
    assert {os.stat(path).st_mode & 0o777 for path in kept.iterdir()} == {0o600}
    # Once more: they are refused already, and their lines are there once.
    lines_before = rejected(kept)
    assert load(database, archive, rows, "--as", owner, "--rejects", kept)[0] == 1
    assert rejected(kept) == lines_before
    assert load(database, archive, rows, "--as", owner, "--rejects", kept, "--no-resume")[0] == 1
    assert rejected(kept) == lines_before


def test_a_person_reads_what_became_of_the_files(tmp_path: Path, database: Path, owner: str) -> None:
    rows = lines(tmp_path / "r.ndjson", [organization(1), "{"])
    done = segur("load", rows, "--database", database, "--as", owner)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{rows}[2] : refusé, 400 : FHIR-JSON",
        "2 éléments : 1 classés, 0 inchangés, 0 déjà classés, 1 refusés",
    ]
    assert "--rejects" in done.stderr


def test_a_terminal_shows_how_far_it_is(tmp_path: Path, database: Path, owner: str) -> None:
    rows = lines(tmp_path / "r.ndjson", map(organization, range(30)))
    ours, theirs = pty.openpty()
    command = [*SEGUR, "load", str(rows), "--database", str(database), "--as", owner]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, check=True, env=environment(TERM="xterm"))
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "Chargement" in shown
    assert "30/30" in shown
    assert done.stdout.decode().startswith("30 éléments")


def test_patients_have_the_id_of_their_identity_and_are_referred_to_by_it(
    tmp_path: Path, database: Path, owner: str
) -> None:
    identifier = {"system": "urn:oid:1.2.250.1.71.4.2.7.970490348", "value": "IPP-1"}
    flag = {"resourceType": "Flag", "id": "f1", "status": "active", "code": {"text": "Chute"},
            "subject": {"reference": "Patient/p1"}}  # fmt: skip
    rows = lines(
        tmp_path / "r.ndjson",
        [flag, {"resourceType": "Patient", "id": "p1", "identifier": [identifier], "name": [{"family": "ESSAI"}]}],
    )
    code, _ = load(database, rows, "--as", owner)
    assert code == 0
    with closing(sqlite3.connect(database)) as db:
        [[patient]] = db.execute("select id from resource where type = 'Patient'").fetchall()
        [[body]] = db.execute("select body from resource where type = 'Flag'").fetchall()
    assert patient != "p1"
    assert json.loads(body)["subject"] == {"reference": f"Patient/{patient}"}


def test_a_database_that_a_server_has_open_is_refused(world: World, tmp_path: Path) -> None:
    rows = lines(tmp_path / "r.ndjson", [organization(1)])
    done = segur("load", rows, "--database", world.database, "--as", "editor:Essai")
    assert done.returncode == 2
    assert "open elsewhere" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "--owner-token or --as"), (("--as", "ars:11"), "establishment:FINESS"),
     (("--as", "establishment:12"), "legal FINESS"), (("--owner-token", "x"), "no token")],
)  # fmt: skip
def test_a_load_is_somebodys(tmp_path: Path, database: Path, options: tuple[str, ...], said: str) -> None:
    rows = lines(tmp_path / "r.ndjson", [organization(1)])
    done = segur("load", rows, "--database", database, *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_token_of_an_owner_loads_for_it(tmp_path: Path, database: Path) -> None:
    token = token_for(database, Role.EDITOR, "Éditeur")
    rows = lines(tmp_path / "r.ndjson", [organization(1)])
    assert load(database, rows, "--owner-token", token)[0] == 0
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("select owner from resource").fetchall() == [("editor:Éditeur",)]


def test_a_missing_file_is_usage(tmp_path: Path, database: Path, owner: str) -> None:
    done = segur("load", tmp_path / "nothing.ndjson", "--database", database, "--as", owner)
    assert (done.returncode, done.stdout) == (2, "")


def test_ten_kills_lose_and_double_nothing(tmp_path: Path, database: Path, demo_country: Country, owner: str) -> None:
    folder = tmp_path / "envoi"
    folder.mkdir()
    made = letters(database, demo_country, 240)
    for number, one in enumerate(made[:160]):
        (folder / f"{number:03d}.xml").write_bytes(one if number % 20 else one.replace(b"<typeId", b"<typeIt", 1))
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        for number, one in enumerate(made[160:]):
            archive.writestr(f"{number}.xml", one)
    rows = [organization(n % 150, f"Service {n}") if n % 17 else "{" for n in range(500)]
    lines(folder / "000.ndjson", rows)
    whole = copy_database(database, tmp_path / "whole.db")
    arguments = (folder, "--as", owner, "--rejects", tmp_path / "whole")
    assert load(whole, *arguments)[0] == 1

    arguments = (folder, "--as", owner, "--rejects", tmp_path / "killed")
    for kill in range(KILLS):
        killed(database, kill % 3, *arguments)
    code, told = load(database, *arguments)
    assert code == 1
    assert told[-1]["before"] > 0
    assert content(database) == content(whole)
    assert rejected(tmp_path / "killed") == rejected(tmp_path / "whole")
    assert {path.name for path in (tmp_path / "whole").iterdir()} == {p.name for p in (tmp_path / "killed").iterdir()}
    shutil.rmtree(tmp_path / "killed")


def killed(database: Path, commits: int, *arguments: str | Path) -> None:
    """A load that is killed once it has committed so many times more, in the middle of the next."""
    command = [*SEGUR, "load", *map(str, arguments), "--database", str(database), "--json", "--jobs", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()) as process:
        assert process.stdout is not None
        while commits >= 0 and (line := process.stdout.readline()):
            commits -= b'"progress"' in line
        process.send_signal(signal.SIGKILL)
        process.stdout.read()  # ends when the last of its processes has
