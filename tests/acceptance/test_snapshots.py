"""`segur packages snapshot`: a guide's differentials made snapshots, written, and compared with what it came with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.packages import package, profile
from tests.support.server import segur

URL = "https://example.org/fhir/StructureDefinition/"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def guide(path: Path, *resources: dict[str, Any], name: str = "org.example.guide", **needs: str) -> Path:
    path.write_bytes(package(name, "1.0.0", *resources, **needs))
    return path


def narrower(**more: Any) -> dict[str, Any]:
    return {**profile(URL + "narrower", path="Patient.gender", min=1), "baseDefinition": URL + "named", **more}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return guide(tmp_path / "base.tgz", profile(URL + "named", path="Patient.name", min=1), name="org.example.base")


def test_snapshots_are_written_and_agree_with_themselves(tmp_path: Path, base: Path) -> None:
    path = guide(tmp_path / "guide.tgz", narrower(), {"resourceType": "ValueSet", "url": URL + "v"})
    done = segur("packages", "snapshot", path, "--package", base, "--output", tmp_path / "out" / "deep")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["narrower      45", "1 définitions, 45 éléments, 0 impossibles"]
    [written] = (tmp_path / "out" / "deep").iterdir()
    whole = json.loads(written.read_bytes())
    least = {one["id"]: one["min"] for one in whole["snapshot"]["element"]}
    assert (least["Patient.name"], least["Patient.gender"]) == (1, 1)
    assert {key: value for key, value in whole.items() if key != "snapshot"} == narrower()

    again = guide(tmp_path / "again.tgz", whole)
    checked = segur("packages", "snapshot", again, "--check", "--package", base)
    assert (checked.returncode, checked.stdout.split()[:3]) == (0, ["narrower", "45", "0"])


def test_what_differs_is_listed_and_exits_1(tmp_path: Path, base: Path) -> None:
    root = {"id": "Patient", "path": "Patient", "min": 1, "max": "*"}
    path = guide(tmp_path / "guide.tgz", narrower(snapshot={"element": [root]}))
    done = segur("packages", "snapshot", path, "--check", "--package", base)
    assert done.returncode == 1
    assert "  Patient : éléments faits ici, pas publiés (44)" in done.stdout.splitlines()
    assert "  Patient : min (1)" in done.stdout.splitlines()
    [told] = json.loads(segur("packages", "snapshot", path, "--check", "--json", "--package", base).stdout)[
        "definitions"
    ]
    assert (told["url"], told["elements"], told["published"], told["problem"]) == (URL + "narrower", 45, 1, "")
    assert {"place": "Patient", "what": "min", "number": 1} in told["places"]
    assert segur("packages", "snapshot", path, "--package", base).returncode == 0


def test_dependencies_of_an_installed_package_are_found(tmp_path: Path, base: Path) -> None:
    path = guide(tmp_path / "guide.tgz", narrower(), org_example_base="1.0.0", org_example_other="1.0.0")
    segur("packages", "install", path)
    alone = segur("packages", "snapshot", "org.example.guide")
    assert alone.returncode == 1
    assert f"{URL}narrower: {URL}named is not known: load the package that carries it" in alone.stdout
    assert "org.example.base@1.0.0 (demandé par org.example.guide#1.0.0) n'est pas installé" in alone.stdout
    segur("packages", "install", base)
    found = segur("packages", "snapshot", "org.example.guide")
    assert found.returncode == 0
    assert "org.example.other@1.0.0" in found.stdout
    assert "org.example.base@1.0.0" not in found.stdout


def test_what_is_no_package_exits_2(tmp_path: Path) -> None:
    (tmp_path / "no.tgz").write_bytes(b"no archive")
    nameless = guide(tmp_path / "nameless.tgz", {"resourceType": "StructureDefinition", "type": "Patient"})
    for asked in (tmp_path / "no.tgz", nameless, "org.example.absent"):
        done = segur("packages", "snapshot", str(asked))
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
