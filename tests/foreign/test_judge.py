"""What is made of a foreign validator's findings; and, where it was fetched, that it sees a fault in a package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.foreign.judge import WORK, Finding, findings, main, summarised
from validators.package_build import build_package

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
LINES = [
    ["ValueSet-a.json", "RESOURCE", "", "", ""],
    ["ValueSet-a.json", "WARNING", "dom-6", "ValueSet", "A resource should have narrative for robust management"],
    ["Measure-b.json", "RESOURCE", "", "", ""],
    ["Measure-b.json", "WARNING", "dom-6", "Measure", "A resource should have narrative for robust management"],
    ["Measure-b.json", "ERROR", "X", "Measure.status", "Not a code"],
]


def test_findings_of_one_reason_are_one_row() -> None:
    found = summarised(LINES, list(findings(LINES)))
    assert (found["resources"], found["types"]) == (2, {"Measure": 1, "ValueSet": 1})
    assert (found["errors"], found["warnings"]) == (1, 2)
    assert [(row["severity"], row["count"], row["first"]) for row in found["findings"]] == [
        ("warning", 2, "ValueSet-a.json ValueSet"), ("error", 1, "Measure-b.json Measure.status"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("severity", "words", "expected"),
    [
        ("warning", "A resource should have narrative", True),
        ("warning", "The code is wrong", False),
        ("error", "A resource should have narrative", False),
        ("fatal", "A resource should have narrative", False),
    ],
)
def test_an_error_is_never_expected_and_a_warning_only_with_a_reason(severity: str, words: str, expected: bool) -> None:
    assert (Finding("a.json", severity, "ValueSet", words).reason is not None) == expected


def test_without_java_nothing_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([str(tmp_path / "a.tgz"), str(tmp_path / "out.json")]) == 2
    assert capsys.readouterr().out == "not judged: no java\n"
    assert not (tmp_path / "out.json").exists()


@pytest.mark.slow
def test_a_fault_in_our_package_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not (WORK / "jars").is_dir() or shutil.which("mvn") is None:
        pytest.skip("`make foreign` has not been run")
    folder = tmp_path / "profiles"
    shutil.copytree(PROFILES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "ValueSet-age.json"
    path.write_text(path.read_text().replace("http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96"))
    package = tmp_path / "ours.tgz"
    package.write_bytes(build_package(folder)[1])
    assert main([str(package), str(tmp_path / "out.json")]) == 1
    found = json.loads((tmp_path / "out.json").read_text())
    assert [row["first"] for row in found["findings"] if row["severity"] == "error"] == [
        "ValueSet-age.json ValueSet.compose.include[1]"
    ]
    assert "1 errors" in capsys.readouterr().out
