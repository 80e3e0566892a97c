"""Validators side by side: what is counted, what a peer may do wrong, and that the real ones run where they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir_server.bench.agreement import Case, CasesError, Score, our_verdicts, read_cases, scores
from fhir_server.bench.peers import Peer, all_peers, measure, run, table
from tests.support.server import segur

ROOT = Path(__file__).resolve().parents[2]
URL = "https://example.org/fhir/StructureDefinition/named"
RESOURCES: dict[str, Any] = {
    "good": {"resourceType": "Patient", "gender": "female"},
    "unknown": {"resourceType": "Patient", "colour": "red"},
    "named": {"resourceType": "Patient", "meta": {"profile": [URL]}, "name": [{"text": "A"}]},
    "unnamed": {"resourceType": "Patient", "gender": "female"},
}
PROFILE = {
    "resourceType": "StructureDefinition", "url": URL, "name": "Named", "status": "draft", "kind": "resource",
    "abstract": False, "type": "Patient", "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {"element": [{"id": "Patient.name", "path": "Patient.name", "min": 1}]},
}  # fmt: skip
FAKE = """
import json, pathlib, sys
job = json.loads(pathlib.Path(sys.argv[1]).read_text())
texts = [pathlib.Path(path).read_text() for path in job.get("cases", ())]
print("starting")
print(json.dumps({"version": "9", "runtime": "fake", "memory_mb": 1.5,
                  "verdicts": ["raised" if "colour" in text else "accepted" for text in texts],
                  "sets": {name: {"rate_per_s": 7, "accepted": 0, "n": len(paths)} for name, paths in
                           job.get("sets", {}).items()}}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of cases: two of R4 alone, one with definitions, two with a profile, one that names no version."""
    files = tmp_path / "cases" / "fhir" / "files" / "validator"
    files.mkdir(parents=True)
    for name, resource in {**RESOURCES, "profile": PROFILE}.items():
        (files / f"{name}.json").write_text(json.dumps(resource))
    cases = [
        row("good"), row("unknown", valid=False), row("named", tier="files", supporting=["profile.json"]),
        row("named", tier="profile", profile={"source": "profile.json"}),
        row("unnamed", tier="profile", profile={"source": "profile.json"}, valid=False),
        row("good", group="noversion", valid=False),
    ]  # fmt: skip
    (tmp_path / "cases" / "fhir" / "cases.json").write_text(json.dumps({"cases": cases}))
    return tmp_path / "cases"


def row(name: str, *, valid: bool = True, tier: str = "core", group: str = "r4", **more: Any) -> dict[str, Any]:
    return {"file": f"{name}.json", "expected_valid": valid, "tier": tier, "group": group, **more}


@pytest.fixture
def fake(tmp_path: Path) -> Peer:
    script = tmp_path / "fake.py"
    script.write_text(FAKE)
    return Peer("fake", (sys.executable, str(script)))


def test_ours_says_what_the_command_says(folder: Path) -> None:
    cases = read_cases(folder / "fhir")
    verdicts = list(our_verdicts(cases))
    assert verdicts == ["accepted", "refused", "accepted", "accepted", "refused", "accepted"]
    found = scores(cases, verdicts)
    assert list(found) == ["core", "files", "noversion", "profile"]
    assert (found["core"]["agreed"], found["core"]["n"]) == (2, 2)
    assert (found["noversion"]["agreed"], found["noversion"]["missed"]) == (0, 1)


def test_a_file_that_is_not_there_gets_no_verdict(tmp_path: Path) -> None:
    assert list(our_verdicts([Case(tmp_path / "absent.json", True, "core")])) == ["raised"]


@pytest.mark.parametrize("content", [None, "{", "{}", '{"cases": [{}]}', '{"cases": 3}'])
def test_a_folder_without_cases_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "cases.json").write_text(content)
    with pytest.raises(CasesError, match="no HL7 cases"):
        read_cases(tmp_path)


@pytest.mark.parametrize(
    ("expected", "verdict", "counted"),
    [
        (True, "accepted", {"agreed": 1, "valid": 1}),
        (True, "refused", {"valid": 1, "false_alarms": 1}),
        (True, "raised", {"valid": 1, "false_alarms": 1, "raised": 1}),
        (False, "refused", {"agreed": 1, "invalid": 1}),
        (False, "raised", {"agreed": 1, "invalid": 1, "raised": 1}),
        (False, "accepted", {"invalid": 1, "missed": 1}),
        (False, "not judged", {"not_judged": 1}),
    ],
)
def test_what_a_verdict_counts_for(expected: bool, verdict: str, counted: dict[str, int]) -> None:
    score = Score()
    score.add(expected, verdict)
    assert score == Score(n=1, **counted)


def test_a_peer_gets_the_cases_that_need_r4_alone(folder: Path, fake: Peer) -> None:
    found = run([fake], 1, 0.01, read_cases(folder / "fhir"))["fake"]
    assert (found["version"], found["runtime"], found["memory_mb"]) == ("9", "fake", 1.5)
    assert found["agreement"]["core"]["agreed"] == found["agreement"]["core"]["n"] == 2
    assert found["agreement"]["core"]["raised"] == 1
    assert list(found["agreement"]) == ["core", "noversion"]
    assert found["sets"]["iti65"]["n"] == 1
    assert found["sets"]["small"]["n"] > 1
    assert found["start_s"] > 0


@pytest.mark.parametrize(
    "script", ["raise SystemExit(3)", "print('not JSON')", "pass", 'print(\'{"version": "9", "verdicts": []}\')']
)
def test_a_peer_that_does_not_run_is_said_to_be(tmp_path: Path, script: str) -> None:
    (tmp_path / "fake.py").write_text(script)
    found = run([Peer("fake", (sys.executable, str(tmp_path / "fake.py")))], 1, 0.01)
    assert found["fake"]["absent"].startswith("it does not run")
    assert "it does not run" in table({"peers": found})


def test_a_peer_that_is_absent_is_said_to_be(tmp_path: Path) -> None:
    absent = {peer.name: peer.absent for peer in all_peers(tmp_path)}
    assert absent.pop("segur") == ""
    assert all("`make peers` installs it" in reason for reason in absent.values())
    assert list(absent) == ["fhir.resources", "fhir", "medplum"]


def test_ours_is_measured_without_any_peer(folder: Path, tmp_path: Path) -> None:
    found = measure(tmp_path / "none", 1, 0.01, folder)
    ours = found["peers"]["segur"]
    assert ours["agreement"]["core"]["agreed"] == 2
    assert ours["sets"]["iti65"]["accepted"] == 1
    assert ours["sets"]["small"]["rate_per_s"] > 0
    assert list(found["agreement"]) == ["fhir"]
    assert found["run"]["cores"] > 0


def test_the_command_keeps_and_shows_it(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "kept" / "result.json"
    options = ("--peers", "--peers-folder", tmp_path / "none", "--cases", folder, "--size", "1", "--seconds", "0.01",
               "--out", out)  # fmt: skip
    done = segur("bench", "validate", *options)
    assert done.returncode == 0, done.stderr
    kept = json.loads(out.read_text())
    assert kept["agreement"]["fhir"]["profile"]["agreed"] == 2
    lines = done.stdout.splitlines()
    assert lines[0].startswith("segur ")
    assert "2/2 agreed" in lines[0]
    assert [line.split()[0] for line in lines if "absent: no " in line] == ["fhir.resources", "fhir", "medplum"]
    assert "profile 2/2" in lines[-1]


def test_cases_that_are_none_are_told_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "fhir").mkdir()
    done = segur("bench", "validate", "--peers", "--cases", tmp_path, "--out", tmp_path / "out.json")
    assert done.returncode == 2
    assert "no HL7 cases" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out.json").exists()


def judged_by_runner(engine: str, job: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job))
    script = ROOT / "fhir_server" / "bench" / "peer_runner.py"
    done = subprocess.run([sys.executable, "-I", script, engine, path], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("engine", ["segur", "fhir.resources"])
def test_the_python_runner_judges_both_formats(engine: str, tmp_path: Path) -> None:
    xml = '<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>'
    contents = (json.dumps(RESOURCES["good"]), json.dumps(RESOURCES["unknown"]), xml, "{", "<", '{"resourceType": "X"}')
    files = [tmp_path / f"{number}.txt" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_text(content)
    found = judged_by_runner(engine, {"cases": [str(file) for file in files]}, tmp_path)
    assert found["verdicts"] == ["accepted", "refused", "accepted", "refused", "refused", "refused"]


@pytest.mark.slow
def test_the_real_peers_where_they_are(folder: Path) -> None:
    peers = [peer for peer in all_peers(ROOT / ".peers") if not peer.absent]
    if len(peers) < 4:
        pytest.skip("`make peers` has not been run")
    for name, one in run(peers, 1, 0.01, read_cases(folder / "fhir")).items():
        assert one["agreement"]["core"]["agreed"] == 2, name
        assert one["sets"]["iti65"]["accepted"] == 1, name
        assert one["memory_mb"] > 10, name
