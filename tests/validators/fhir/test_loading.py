"""Definitions somebody brings along: files and packages are laid over R4, what is broken is named."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from validators.fhir.loading import LoadingError, read_definition, walker_over
from validators.report import Report

URL = "http://t.t/named"
PROFILE: dict[str, Any] = {
    "resourceType": "StructureDefinition",
    "url": URL,
    "name": "Named",
    "status": "draft",
    "kind": "resource",
    "abstract": False,
    "type": "Patient",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "derivation": "constraint",
    "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
}
XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<StructureDefinition xmlns="http://hl7.org/fhir"><url value="{URL}"/><name value="Named"/><status value="draft"/>
<kind value="resource"/><abstract value="false"/><type value="Patient"/>
<baseDefinition value="http://hl7.org/fhir/StructureDefinition/Patient"/><derivation value="constraint"/>
<differential><element id="Patient.name"><path value="Patient.name"/><min value="1"/></element></differential>
</StructureDefinition>"""
BUNDLE = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PROFILE}, {"fullUrl": "http://x"}, 7]}
MEMBERS = {
    "package/package.json": b'{"name": "t", "version": "1"}',
    "package/.index.json": b'{"files": []}',
    "package/StructureDefinition-named.json": orjson.dumps(PROFILE),
    "package/notes.txt": b"notes",
}


def asks_for_a_name(files: list[Path], packages: list[Path]) -> bool:
    report = Report()
    walker_over(files, packages).check({"resourceType": "Patient"}, report, profiles=[URL])
    return [(i.rule, i.params.get("profile")) for i in report] == [("FHIR-MIN", URL)]


def as_folder(path: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def as_tgz(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path / "p.tgz", "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path / "p.tgz"


def as_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path / "p.zip", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path / "p.zip"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.json", orjson.dumps(PROFILE)),
        ("p.json", b"\xef\xbb\xbf" + orjson.dumps(PROFILE)),
        ("p.xml", XML.encode()),
        ("p.xml", b"\xef\xbb\xbf \n" + XML.partition("\n")[2].encode()),
        ("p.json", orjson.dumps(BUNDLE)),
        ("whatever", XML.encode()),
    ],
)
def test_a_file_is_read_whatever_its_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert asks_for_a_name([tmp_path / name], [])
    assert not asks_for_a_name([], [])


@pytest.mark.parametrize("made", [as_folder, as_tgz, as_zip])
def test_a_package_is_read_in_each_form(tmp_path: Path, made: Callable[[Path, dict[str, bytes]], Path]) -> None:
    assert asks_for_a_name([], [made(tmp_path, MEMBERS)])


def test_a_bundle_in_a_package_is_opened(tmp_path: Path) -> None:
    assert asks_for_a_name([], [as_zip(tmp_path, {"package/Bundle-all.json": orjson.dumps(BUNDLE)})])


def test_a_file_goes_before_a_package_and_a_package_before_our_own(tmp_path: Path) -> None:
    other = PROFILE | {"differential": {"element": [{"id": "Patient.gender", "path": "Patient.gender", "min": 1}]}}
    (tmp_path / "other.json").write_bytes(orjson.dumps(other))
    package = as_zip(tmp_path, MEMBERS)
    report = Report()
    walker_over([tmp_path / "other.json"], [package]).check({"resourceType": "Patient"}, report, profiles=[URL])
    assert [i.params["element"] for i in report] == ["gender"]


def test_terminology_comes_along(tmp_path: Path) -> None:
    include = [{"system": "http://s", "concept": [{"code": "A"}]}]
    value_set = {"resourceType": "ValueSet", "url": "http://t.t/vs", "compose": {"include": include}}
    binding = {"strength": "required", "valueSet": "http://t.t/vs"}
    element = {"id": "Patient.maritalStatus", "path": "Patient.maritalStatus", "binding": binding}
    bound = PROFILE | {"differential": {"element": [element]}}
    for name, content in (("vs.json", value_set), ("p.json", bound)):
        (tmp_path / name).write_bytes(orjson.dumps(content))
    walker, report = walker_over([tmp_path / "vs.json", tmp_path / "p.json"]), Report()
    status = {"coding": [{"system": "http://s", "code": "B"}]}
    walker.check({"resourceType": "Patient", "maritalStatus": status}, report, profiles=[URL])
    assert [i.rule for i in report] == ["FHIR-BINDING"]


BROKEN: list[tuple[str, bytes, str]] = [
    ("broken.json", b"{", "JSON"),
    ("broken.json", b"", "JSON"),
    ("broken.json", b"[]", ""),
    ("broken.json", b"\xff\xfe", ""),
    ("broken.xml", b"<a", "XML"),
    ("broken.xml", b"<!DOCTYPE a><a/>", "DOCTYPE"),
]


@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_a_broken_file_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadingError, match=rf"broken\.(json|xml): .*{words}"):
        walker_over([tmp_path / name])


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe"])
def test_a_broken_file_in_a_package_is_named_with_the_package(tmp_path: Path, content: bytes) -> None:
    path = as_zip(tmp_path, MEMBERS | {"package/ValueSet-broken.json": content})
    with pytest.raises(LoadingError, match=r"p\.zip: ValueSet-broken\.json: "):
        walker_over([], [path])


@pytest.mark.parametrize(
    "change",
    [{"type": None}, {"differential": {"element": [{"id": "Patient.name", "min": "many"}]}}, {"differential": 7}],
)
def test_a_profile_that_makes_no_sense_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    content = {key: value for key, value in (PROFILE | change).items() if value is not None}
    (tmp_path / "p.json").write_bytes(orjson.dumps(content))
    with pytest.raises(LoadingError, match=URL):
        walker_over([tmp_path / "p.json"])


def test_what_is_absent_is_named(tmp_path: Path) -> None:
    for files, packages in (([tmp_path / "absent"], []), ([], [tmp_path / "absent"])):
        with pytest.raises(LoadingError, match="absent"):
            walker_over(files, packages)
    with pytest.raises(LoadingError, match="absent"):
        read_definition(tmp_path / "absent")


def test_an_archive_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.tgz").write_bytes(b"hello")
    with pytest.raises(LoadingError, match=r"p\.tgz"):
        walker_over([], [tmp_path / "p.tgz"])


def test_one_definition_is_read_alone(tmp_path: Path) -> None:
    (tmp_path / "p.xml").write_text(XML)
    assert read_definition(tmp_path / "p.xml")["url"] == URL
