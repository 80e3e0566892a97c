"""`segur packages` and `--package NAME`: what an editor does with the guides of their country, offline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.packages import package, profile
from tests.support.server import segur

URL = "https://example.org/fhir/StructureDefinition/named"


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    path = tmp_path / "guide.tgz"
    path.write_bytes(
        package("org.example.guide", "1.2.0", profile(URL, path="Patient.name", min=1), org_example_base="1.0.0")
    )
    return path


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps({"resourceType": "Patient", "meta": {"profile": [URL]}, "gender": "male"}))
    return path


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_install_list_show(guide: Path) -> None:
    done = segur("packages", "install", str(guide))
    assert done.returncode == 0
    assert "org.example.guide#1.2.0 : installé" in done.stdout
    assert "org.example.base@1.0.0" in done.stdout
    listed = json.loads(segur("packages", "list", "--json").stdout)
    assert [(one["name"], one["version"]) for one in listed] == [("org.example.guide", "1.2.0")]
    shown = json.loads(segur("packages", "show", "org.example.guide", "--json").stdout)
    assert shown["resources"] == {"StructureDefinition": 1}
    assert shown["absent"] == [
        {"name": "org.example.base", "version": "1.0.0", "wanted_by": ["org.example.guide#1.2.0"], "used": None}
    ]
    assert json.loads(segur("packages", "show", str(guide), "--json").stdout)["name"] == "org.example.guide"


def test_a_profile_of_an_installed_package_is_applied(guide: Path, patient: Path) -> None:
    segur("packages", "install", str(guide))
    found = segur("validate", "--package", "org.example.guide@1.2.x", "--format", "ndjson", str(patient))
    assert found.returncode == 1
    assert [i["rule"] for i in json.loads(found.stdout)["issues"] if i["severity"] == "error"] == ["FHIR-MIN"]
    assert "org.example.base@1.0.0" in found.stderr


def test_what_is_not_installed_exits_2_and_says_how(patient: Path, guide: Path) -> None:
    for asked in ("org.example.guide", "org.example.guide@9.9.9"):
        found = segur("validate", "--package", asked, str(patient))
        assert (found.returncode, "segur packages install" in found.stderr) == (2, True)
    for asked in ("org.example.guide", "nothing"):
        found = segur("packages", "install", asked)
        assert found.returncode == 2
        assert asked in found.stderr
    assert segur("packages", "show", "org.example.guide").returncode == 2
    (guide.parent / "no.tgz").write_bytes(b"no archive")
    assert segur("packages", "install", str(guide.parent / "no.tgz")).returncode == 2


def test_a_registry_that_is_not_there(guide: Path) -> None:
    found = segur("packages", "install", "org.example.guide", "--registry", "http://127.0.0.1:9")
    assert found.returncode == 2
    assert "127.0.0.1:9" in found.stderr


def test_the_folder_is_a_setting(guide: Path, tmp_path: Path) -> None:
    elsewhere = {"SEGUR_PACKAGES": str(tmp_path / "elsewhere")}
    segur("packages", "install", str(guide), env=elsewhere)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["org.example.guide#1.2.0.tgz"]
    assert "aucun paquet" in segur("packages", "list").stdout
    assert "org.example.guide#1.2.0" in segur("packages", "list", "--folder", str(tmp_path / "elsewhere")).stdout


def test_must_support_is_told_when_asked(guide: Path, tmp_path: Path) -> None:
    path, patient = tmp_path / "kept.tgz", tmp_path / "patient.json"
    path.write_bytes(package("org.example.kept", "1.0.0", profile(URL, path="Patient.name", mustSupport=True)))
    patient.write_text(json.dumps({"resourceType": "Patient", "meta": {"profile": [URL]}, "gender": "male"}))
    asked = ("validate", "--package", str(path), "--format", "ndjson", str(patient))
    told = [segur(*asked, *option) for option in ((), ("--must-support",))]
    assert [done.returncode for done in told] == [0, 0]
    found = [[(i["rule"], i["severity"]) for i in json.loads(done.stdout)["issues"]] for done in told]
    assert found == [[], [("FHIR-MUST-SUPPORT", "information")]]
