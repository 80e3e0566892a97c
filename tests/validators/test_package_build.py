"""Our own profiles as a package: the same bytes each time, installed and valid; a folder that is none is refused."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.support.server import segur
from validators.fhir import Walker, load_definitions, parse_json
from validators.fhir.loading import walker_over
from validators.package_build import build_package, main
from validators.package_store import PackageStore
from validators.packages import PackageError, TarPackage
from validators.report import Report

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ROOT / "profiles"
OURS = "https://segur-fhir.example/fhir/StructureDefinition/"
MANIFEST: dict[str, Any] = {"name": "org.example.guide", "version": "1.0.0", "fhirVersions": ["4.0.1"]}
VALUE_SET = {"resourceType": "ValueSet", "id": "a", "url": "https://example.org/a", "status": "draft"}


@pytest.fixture(scope="module")
def ours() -> bytes:
    return build_package(PROFILES)[1]


def members(data: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = [(member.name, archive.extractfile(member)) for member in archive]
        return {name: file.read() for name, file in found if file is not None}


def folder(path: Path, *resources: Any, manifest: Any = MANIFEST) -> Path:
    path.mkdir(exist_ok=True)
    if manifest is not None:
        (path / "package.json").write_bytes(orjson.dumps(manifest))
    for index, resource in enumerate(resources):
        content = resource if isinstance(resource, bytes) else orjson.dumps(resource)
        (path / f"ValueSet-{index}.json").write_bytes(content)
    return path


def test_it_holds_every_resource_as_it_is_and_profiles_with_their_snapshots(ours: bytes) -> None:
    held = members(ours)
    assert next(iter(held)) == "package/package.json"
    for path in PROFILES.glob("*.json"):
        data = held.pop(f"package/{path.name}")
        if path.name.startswith("StructureDefinition-"):
            whole = json.loads(data)
            assert len(whole.pop("snapshot")["element"]) > 1
            assert whole == json.loads(path.read_bytes())
        else:
            assert data == path.read_bytes()
    assert list(held) == ["package/.index.json"]


def test_a_profile_over_what_is_not_there_makes_no_package(tmp_path: Path) -> None:
    whole = {"resourceType": "StructureDefinition", "id": "p", "url": OURS + "p", "type": "Patient",
             "baseDefinition": OURS + "nowhere", "derivation": "constraint"}  # fmt: skip
    with pytest.raises(PackageError, match=rf"ValueSet-0\.json: {OURS}p: {OURS}nowhere is not known"):
        build_package(folder(tmp_path / "guide", whole))


def test_a_snapshot_that_is_there_is_left(tmp_path: Path) -> None:
    root = {"id": "Patient", "path": "Patient", "min": 0, "max": "*"}
    whole = {"resourceType": "StructureDefinition", "id": "p", "url": OURS + "p", "type": "Patient",
             "baseDefinition": OURS + "nowhere", "derivation": "constraint", "snapshot": {"element": [root]},
             "differential": {"element": []}}  # fmt: skip
    text = json.dumps(whole, separators=(" ,", " : ")).encode()
    held = members(build_package(folder(tmp_path / "guide", text))[1])
    assert held["package/ValueSet-0.json"] == text


def test_its_index_names_each_of_them(ours: bytes) -> None:
    index = json.loads(members(ours)["package/.index.json"])
    rows = {row["filename"]: row for row in index["files"]}
    assert index["index-version"] == 2
    assert rows.keys() == {path.name for path in PROFILES.glob("*.json")} - {"package.json"}
    assert rows["StructureDefinition-source-id.json"] == {
        "filename": "StructureDefinition-source-id.json", "resourceType": "StructureDefinition", "id": "source-id",
        "url": OURS + "source-id", "version": "0.1.0", "kind": "complex-type", "type": "Extension",
        "derivation": "constraint",
    }  # fmt: skip
    assert not any(isinstance(value, dict | list) for row in rows.values() for value in row.values())


def test_it_is_the_same_each_time(ours: bytes, tmp_path: Path) -> None:
    copy = tmp_path / "profiles"
    copy.mkdir()
    for path in sorted(PROFILES.iterdir(), reverse=True):
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
            os.utime(copy / path.name, (1, 1))
    assert build_package(copy)[1] == ours
    assert gzip.decompress(ours)[:12] == b"package/pack"


def test_it_is_built_installed_and_valid(tmp_path: Path) -> None:
    """What `make package` runs, then what somebody does with its file."""
    command = [sys.executable, "-m", "validators.package_build", "profiles", str(tmp_path / "dist")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [path] = (tmp_path / "dist").iterdir()
    env = {"SEGUR_PACKAGES": str(tmp_path / "packages"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert "fr.segur.fhir#" in segur("packages", "install", path, env=env).stdout
    files = sorted(one for one in PROFILES.glob("*.json") if one.name != "package.json")
    done = segur("validate", *files, "--package", "fr.segur.fhir", "--format", "ndjson", env=env)
    wrong = [row["file"] for row in map(json.loads, done.stdout.splitlines()) if row["errors"]]
    assert (done.returncode, wrong) == (0, []), done.stderr


def test_it_is_all_a_validator_without_ours_needs(ours: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ours.tgz"
    path.write_bytes(ours)
    assert PackageStore(tmp_path / "store").add(ours).manifest.name == "fr.segur.fhir"
    definitions = [parse_json(content, Report()) for name, content in TarPackage(ours) if name != "package.json"]
    for walker in (Walker(load_definitions()), walker_over((), [path])):
        report = Report()
        for one in definitions:
            if isinstance(one, dict) and "resourceType" in one:
                walker.check(one, report)
        assert report.conformant


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ([b"{"], "ValueSet-0.json"),
        ([b"[]"], "ValueSet-0.json: not a resource"),
        ([{"resourceType": "ValueSet"}], "ValueSet-0.json: not a resource with an id"),
        ([VALUE_SET, VALUE_SET | {"id": "b"}], "ValueSet-1.json: https://example.org/a is that of ValueSet-0.json too"),
    ],
)
def test_a_folder_that_makes_no_package_is_refused(resources: list[Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=said.replace(".", r"\.")):
        build_package(folder(tmp_path / "guide", *resources))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"no package\.json"):
        build_package(folder(tmp_path / "guide", VALUE_SET, manifest=None))


def test_a_small_guide_is_packed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "dist"
    assert main([str(folder(tmp_path / "guide", VALUE_SET, {"resourceType": "Basic", "id": "x"})), str(target)]) == 0
    path = target / "org.example.guide-1.0.0.tgz"
    assert capsys.readouterr().out == f"{path}\n"
    assert next(name for name, _ in TarPackage(path)) == "package.json"


def test_the_guide_of_the_package_says_what_its_manifest_says(ours: bytes) -> None:
    held = members(ours)
    manifest = json.loads(held["package/package.json"])
    guide = json.loads(held[f"package/ImplementationGuide-{manifest['name']}.json"])
    assert (guide["packageId"], guide["version"]) == (manifest["name"], manifest["version"])
    assert guide["url"] == f"{manifest['canonical']}/ImplementationGuide/{manifest['name']}"
    assert (guide["fhirVersion"], guide["license"]) == (manifest["fhirVersions"], manifest["license"])
