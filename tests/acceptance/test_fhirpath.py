"""`segur fhirpath`, by subprocess: HL7's suite, an expression on a file, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.server import segur

SUITE = Path(__file__).resolve().parents[3] / "shared" / "cases" / "fhirpath"


class TestSuite:
    @pytest.fixture(autouse=True)
    def _present(self) -> None:
        if not SUITE.is_dir():
            pytest.skip(f"{SUITE} is absent: the suite of HL7 cannot be run")

    def test_of_hl7_passes(self) -> None:
        answer = segur(
            "fhirpath", "--suite", str(SUITE / "tests-fhir-r4.xml"), "--input", str(SUITE / "input"), "--verbose"
        )
        passed, _, count = answer.stdout.splitlines()[-1].partition("/")
        assert int(count) >= 900
        assert int(passed) / int(count) >= 0.98, answer.stdout
        assert answer.returncode == (0 if passed == count else 1)

    def test_input_that_is_missing(self, tmp_path: Path) -> None:
        answer = segur("fhirpath", "--suite", str(SUITE / "tests-fhir-r4.xml"), "--input", str(tmp_path))
        assert answer.returncode == 2
        assert "no such file" in answer.stderr


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "patient.json").write_text(
        '{"resourceType": "Patient", "name": [{"given": ["Zoé", "Léa"]}], "active": true}'
    )
    (tmp_path / "patient.xml").write_text('<Patient xmlns="http://hl7.org/fhir"><gender value="male"/></Patient>')
    (tmp_path / "broken.json").write_text('{"resourceType": ')
    (tmp_path / "one.xml").write_text(
        '<tests><group><test name="good"><expression>1</expression><output>1</output></test>'
        '<test name="bad"><expression>1</expression><output>2</output></test></group></tests>'
    )
    return tmp_path


class TestExpression:
    def test_gives_a_json_value_a_line(self, files: Path) -> None:
        answer = segur("fhirpath", "name.given | 1.5 | @2015", str(files / "patient.json"))
        assert answer.returncode == 0, answer.stderr
        assert [json.loads(line) for line in answer.stdout.splitlines()] == ["Zoé", "Léa", 1.5, "2015"]

    def test_of_an_xml_resource(self, files: Path) -> None:
        assert segur("fhirpath", "gender", str(files / "patient.xml")).stdout == '"male"\n'

    def test_that_gives_nothing(self, files: Path) -> None:
        answer = segur("fhirpath", "link", str(files / "patient.json"))
        assert (answer.returncode, answer.stdout) == (0, "")

    @pytest.mark.parametrize("text", ["name.", "nothing()", "name.single().given.single()", "(1 | 2).single()"])
    def test_that_is_wrong(self, files: Path, text: str) -> None:
        answer = segur("fhirpath", text, str(files / "patient.json"))
        assert answer.returncode == 2
        assert answer.stderr.startswith("segur: ")
        assert "Traceback" not in answer.stderr

    def test_of_a_file_that_cannot_be_read(self, files: Path) -> None:
        assert segur("fhirpath", "name", str(files / "nowhere.json")).returncode == 2
        assert segur("fhirpath", "name", str(files / "broken.json")).returncode == 2


class TestUsage:
    def test_of_a_suite_of_our_own(self, files: Path) -> None:
        answer = segur("fhirpath", "--suite", str(files / "one.xml"), "--input", str(files), "--verbose")
        assert answer.returncode == 1
        assert answer.stdout.splitlines()[-1] == "1/2"
        assert answer.stdout.startswith("bad: ")

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["name"],
            ["--suite", "nowhere.xml", "--input", "."],
            ["--suite", "one.xml"],
            ["--suite", "one.xml", "--input", "nowhere"],
            ["--suite", "patient.json", "--input", "."],
        ],
    )
    def test_refuses(self, files: Path, arguments: list[str]) -> None:
        placed = [str(files / a) if a.endswith((".xml", ".json")) else a for a in arguments]
        assert segur("fhirpath", *placed).returncode == 2
