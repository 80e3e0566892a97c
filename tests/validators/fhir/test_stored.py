"""Packages compiled once: the same verdicts from what is kept, and nothing kept that makes no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.packages import package, profile
from validators.fhir import parse_json
from validators.fhir.loading import LoadingError, walker_over
from validators.fhir.stored import Shelf, Stored, read_compiled, stored
from validators.fhir.walk import Walker
from validators.report import Report

URL = "https://example.org/fhir/StructureDefinition/named"
NAMED = profile(URL, path="Patient.name", min=1)
NAMELESS = b'{"resourceType": "Patient", "meta": {"profile": ["%s"]}, "multipleBirthInteger": 1}' % URL.encode()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "segur-fhir"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "guide.tgz"
    codes = {"resourceType": "CodeSystem", "url": "https://example.org/cs", "content": "complete", "x": 1.25}
    path.write_bytes(package("a.b", "1.0.0", NAMED, {"resourceType": "Bundle", "entry": [{"resource": codes}]}))
    return path


def rules(walker: Walker) -> set[tuple[str, str]]:
    report = Report()
    resource = parse_json(NAMELESS, report)
    assert isinstance(resource, dict)
    walker.check(resource, report)
    return {(issue.rule, issue.location) for issue in report}


def test_the_same_verdict_from_what_is_kept(archive: Path, cache: Path) -> None:
    first = rules(walker_over((), [archive]))
    kept = list(cache.glob("package-*.bin"))
    assert len(kept) == 1
    stamp = kept[0].stat().st_mtime_ns
    assert rules(walker_over((), [archive])) == first
    assert first == {("FHIR-MIN", "Patient")}
    assert kept[0].stat().st_mtime_ns == stamp


def test_resources_of_a_bundle_are_kept_each(archive: Path, cache: Path) -> None:
    walker_over((), [archive])
    found = read_compiled(next(iter(cache.glob("package-*.bin"))))
    assert found is not None
    assert [(one.kind, b"1.25" in one.content) for one in found] == [
        ("StructureDefinition", False), ("CodeSystem", True)]  # fmt: skip


def test_other_bytes_are_another_package(archive: Path, cache: Path) -> None:
    walker_over((), [archive])
    archive.write_bytes(package("a.b", "1.0.0"))
    walker_over((), [archive])
    assert len(list(cache.iterdir())) == 2


def test_damage_is_passed_over(archive: Path, cache: Path) -> None:
    first = rules(walker_over((), [archive]))
    kept = next(iter(cache.glob("package-*.bin")))
    kept.write_bytes(b"\x93damaged")
    assert rules(walker_over((), [archive])) == first
    assert read_compiled(kept) is not None


def test_what_makes_no_sense_is_not_kept(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "broken.tgz"
    path.write_bytes(package("a.b", "1.0.0", {k: v for k, v in NAMED.items() if k != "type"}))
    for _ in range(2):
        with pytest.raises(LoadingError):
            walker_over((), [path])
    assert not list(cache.glob("package-*.bin"))


def test_a_folder_is_read_each_time(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "guide"
    folder.mkdir()
    (folder / "StructureDefinition-a.json").write_text(json.dumps(NAMED))
    assert rules(walker_over((), [folder])) == {("FHIR-MIN", "Patient")}
    (folder / "StructureDefinition-a.json").write_text(json.dumps(profile(URL, path="Patient.name", min=0)))
    assert rules(walker_over((), [folder])) == set()
    assert not list(cache.glob("package-*.bin"))


def test_a_place_that_cannot_be_written_is_no_error(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert rules(walker_over((), [archive]))


def test_what_has_no_canonical_is_left_out() -> None:
    assert stored({"resourceType": "Patient"}, b"{}") is None


def test_a_shelf_reads_what_is_asked_for() -> None:
    shelf = Shelf()
    shelf.put("a", Stored("ValueSet", "a", (), b'{"resourceType": "ValueSet", "url": "a"}'))
    shelf.put("b", {"resourceType": "ValueSet", "url": "b"})
    assert (list(shelf), shelf.read(), "a" in shelf, shelf.get("c")) == (["a", "b"], ["b"], True, None)
    assert shelf.get("a") == {"resourceType": "ValueSet", "url": "a"}
    assert (shelf.read(), len(shelf)) == (["a", "b"], 2)
