"""Agreement on single changes: the change is made as asked, and each verdict is held against what was asked."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from fhir_server.bench.faults import cda, changed, fhirpath, iti65
from fhir_server.client import wrapped
from testdata import apply_fault, country, discharge_letter

BASE = {"a": {"b": [1, 2]}, "c": "x"}


@pytest.fixture(scope="module")
def letter() -> bytes:
    stay = next(stay for stay in country(2026).stays if stay.discharged)
    assert stay.discharged is not None
    return discharge_letter(stay, when=stay.discharged)


@pytest.mark.parametrize(
    ("op", "path", "value", "result"),
    [
        ("test", "/c", "x", BASE),
        ("remove", "/c", None, {"a": {"b": [1, 2]}}),
        ("remove", "/a/b/0", None, {"a": {"b": [2]}, "c": "x"}),
        ("add", "/d", 3, {**BASE, "d": 3}),
        ("add", "/a/b/-", 3, {"a": {"b": [1, 2, 3]}, "c": "x"}),
        ("add", "/a/b/0", 3, {"a": {"b": [3, 1, 2]}, "c": "x"}),
        ("replace", "/a/b/1", 3, {"a": {"b": [1, 3]}, "c": "x"}),
    ],
)
def test_one_change(op: str, path: str, value: Any, result: Any) -> None:
    before = json.dumps(BASE)
    assert changed(BASE, {"op": op, "path": path, "value": value}) == result
    assert json.dumps(BASE) == before


def test_bundles_are_refused_where_they_should_be(letter: bytes, tmp_path: Path) -> None:
    (tmp_path / "base.json").write_bytes(wrapped(letter) or b"")
    cases = [
        {"op": "test", "path": "/resourceType", "conformant": True},
        {"op": "replace", "path": "/type", "value": "nothing", "conformant": False},
        {"op": "replace", "path": "/type", "value": "nothing", "conformant": True},
    ]
    (tmp_path / "mutations.json").write_text(json.dumps({"cases": cases}))
    assert iti65(tmp_path, ()) == {"bundles": (2, 3)}


def test_letters_are_held_against_what_is_asked(letter: bytes, tmp_path: Path) -> None:
    contents = {
        "l__unchanged.xml": letter, "l__space.xml": letter.replace(b"?>", b"?> ", 1),
        "l__wrong.xml": apply_fault("ins_absent", letter), "l__cut.xml": letter[:500],
    }  # fmt: skip
    with tarfile.open(tmp_path / "mutants.tar.xz", "w:xz") as archive:
        for name, content in contents.items():
            (tmp_path / name).write_bytes(content)
            archive.add(tmp_path / name, name)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "good.xml").write_bytes(letter)
    documents = [{"file": "good.xml", "official_verdict": "pass"}, {"file": "bad.xml", "official_verdict": "fail"}]
    (tmp_path / "documents.json").write_text(json.dumps({"documents": documents}))
    mutants = [
        mutant("l__unchanged.xml", "ok", "pass"), mutant("l__space.xml", "ok", "pass"),
        mutant("l__cut.xml", "ok", "pass"), mutant("l__cut.xml", "fault", "malformed"),
        mutant("l__unchanged.xml", "fault", "fail"), mutant("l__wrong.xml", "beyond", "pass"),
        mutant("l__space.xml", "beyond", "pass"), mutant("l__cut.xml", "unscored", "pass"),
        mutant("absent.xml", "fault", "fail"),
    ]  # fmt: skip
    (tmp_path / "mutants.json").write_text(json.dumps({"mutants": mutants}))
    assert cda(tmp_path, ()) == {"documents": (1, 1), "left alone": (2, 3), "refused": (1, 3), "seen": (1, 2)}


def mutant(file: str, intent: str, verdict: str) -> dict[str, str]:
    return {"file": file, "intent": intent, "official_verdict": verdict}


def test_expressions_are_run_on_both_formats(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "a.json").write_text('{"resourceType": "Patient", "gender": "male"}')
    (tmp_path / "input" / "b.xml").write_text('<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>')
    tests = "".join(
        f'<test name="t" inputfile="{file}"><expression>gender</expression><output type="code">{code}</output></test>'
        for file, code in (("a.json", "male"), ("b.xml", "female"), ("b.xml", "male"))
    )
    (tmp_path / "tests-fhir-r4.xml").write_text(f"<tests><group>{tests}</group></tests>")
    assert fhirpath(tmp_path) == {"expressions": (2, 3)}
