"""`segur validate` by subprocess: every format, what fails a run, and what is left alone with a reason."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest
from lxml import etree, html

from testdata import Country
from tests.conftest import two_sites
from tests.support.server import SEGUR, environment, segur
from tests.support.synthetic import Json, bundle, letter, new_stay

WRONG = b'{\n "resourceType": "Patient",\n "gender": "x"\n}'
WARNED = b'{"resourceType": "Patient", "active": true, "meta": {"profile": ["https://example.org/unknown"]}}'
ODD = b'{"resourceType": "Patient", "gender": "<script>alert(1)</script>\\u001b[31m"}'


@pytest.fixture
def folder(tmp_path: Path, demo_country: Country) -> Path:
    """A file of each kind."""
    site, _ = two_sites(demo_country)
    uncounted = letter(new_stay(demo_country, site), without_ins=True)
    contents = {
        "letter.xml": letter(new_stay(demo_country, site)), "uncounted.xml": uncounted,
        "bundle.json": json.dumps(bundle(uncounted)).encode(), "wrong.json": WRONG, "warned.json": WARNED,
        "odd é.json": ODD, "noise.bin": bytes(range(256)),
    }  # fmt: skip
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def rows(*arguments: str | Path) -> list[Json]:
    return [json.loads(line) for line in segur("validate", *arguments, "--format", "ndjson").stdout.splitlines()]


class TestFormats:
    def test_html_is_one_safe_file(self, folder: Path) -> None:
        done = segur("validate", *sorted(folder.iterdir()), "--format", "html")
        assert done.returncode == 1, done.stderr
        page = html.document_fromstring(done.stdout)
        assert page.get("lang") == "fr"
        assert not page.xpath("//script | //link | //img")
        titles = [h.text for h in page.xpath("//section/h2[@id != 'rules']")]
        assert titles == [str(path) for path in sorted(folder.iterdir())]
        assert ' "gender": "x"' in "".join(page.xpath("//pre/mark/text()"))

    def test_junit_is_a_suite_a_file(self, folder: Path) -> None:
        done = segur("validate", folder / "letter.xml", folder / "odd é.json", "--format", "junit")
        root = etree.fromstring(done.stdout.encode())
        assert [suite.get("name") for suite in root] == [str(folder / "letter.xml"), str(folder / "odd é.json")]
        assert [suite.get("failures") for suite in root] == ["0", "1"]

    def test_sarif_names_rules_and_lines(self, folder: Path) -> None:
        done = segur("validate", folder / "wrong.json", "--format", "sarif")
        [run] = json.loads(done.stdout)["runs"]
        [result] = run["results"]
        assert result["ruleId"] == "FHIR-BINDING"
        assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 2}

    def test_outcome_is_fhir(self, folder: Path) -> None:
        done = segur("validate", folder / "wrong.json", folder / "letter.xml", "--format", "outcome")
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one["resourceType"] for one in outcomes] == ["OperationOutcome"] * 2
        assert outcomes[0]["issue"][0]["expression"] == ["Patient.gender"]

    @pytest.mark.parametrize("format_", ["text", "json", "ndjson", "html", "junit", "sarif", "outcome"])
    def test_over_processes_are_the_same(self, folder: Path, format_: str) -> None:
        paths = sorted(folder.iterdir())
        alone = segur("validate", *paths, "--format", format_)
        shared = segur("validate", *paths, "--format", format_, "--jobs", "2")
        assert alone.stdout == shared.stdout
        assert (alone.returncode, shared.returncode) == (1, 1)
        assert "Traceback" not in alone.stderr + shared.stderr

    def test_unknown_are_a_usage_error(self, folder: Path) -> None:
        assert segur("validate", folder / "letter.xml", "--format", "pdf").returncode == 2

    def test_a_terminal_gets_colours_and_lines(self, folder: Path) -> None:
        ours, theirs = pty.openpty()
        command = [*SEGUR, "validate", str(folder / "wrong.json")]
        with subprocess.Popen(command, stdout=theirs, env=environment(TERM="xterm-256color", COLUMNS="100")) as process:
            os.close(theirs)
            written = b""
            try:
                while piece := os.read(ours, 65536):
                    written += piece
            except OSError:  # Linux: the other end is closed
                pass
        os.close(ours)
        assert process.returncode == 1
        assert b"\x1b[" in written
        assert "❯".encode() in written
        assert b"FHIR-BINDING" in written


class TestFailOn:
    @pytest.mark.parametrize(
        ("name", "codes"),
        [
            ("letter.xml", (0, 0, 1)),
            ("warned.json", (0, 1, 1)),
            ("wrong.json", (1, 1, 1)),
            ("uncounted.xml", (1, 1, 1)),
        ],
    )
    def test_says_from_where_on_a_run_fails(self, folder: Path, name: str, codes: tuple[int, ...]) -> None:
        found = [
            segur("validate", folder / name, "--fail-on", threshold).returncode
            for threshold in ("error", "warning", "information")
        ]
        assert tuple(found) == codes
        assert segur("validate", folder / name).returncode == codes[0]


class TestSuppress:
    def test_takes_a_finding_out_of_the_verdict_and_not_of_the_report(self, folder: Path) -> None:
        done = segur("validate", folder / "wrong.json", "--suppress", "FHIR-BINDING@Patient.gender=ticket 12",
                     "--format", "ndjson")  # fmt: skip
        [row] = [json.loads(line) for line in done.stdout.splitlines()]
        assert (done.returncode, row["valid"], row["errors"], row["suppressed"]) == (0, True, 0, 1)
        assert row["issues"][0]["suppressed"] == "ticket 12"
        assert done.stderr == ""

    def test_reaches_the_documents_of_a_bundle(self, folder: Path) -> None:
        [row] = rows(folder / "bundle.json", "--suppress", "INS-ABSENT=données de test")
        assert row["valid"]
        assert row["parts"][0]["valid"]

    def test_may_be_repeated_and_come_from_a_file(self, folder: Path) -> None:
        known = folder / "known.yaml"
        known.write_text("- rule: INS-ABSENT\n  path: /ClinicalDocument\n  reason: données de test\n")
        done = segur("validate", folder / "wrong.json", folder / "uncounted.xml", "--suppressions", known,
                     "--suppress", "FHIR-BINDING=a", "--suppress", "FHIR-MIN=b")  # fmt: skip
        assert done.returncode == 0, done.stdout
        assert "[écarté : données de test]" in done.stdout
        assert "FHIR-MIN" in done.stderr
        assert "INS-ABSENT" not in done.stderr

    @pytest.mark.parametrize(("options", "word"), [((), "ne correspond à aucune"), (("--lang", "en"), "matched no")])
    def test_that_is_of_no_use_is_said(self, folder: Path, options: tuple[str, ...], word: str) -> None:
        done = segur("validate", folder / "letter.xml", "--suppress", "FHIR-BINDING@Patient=x", *options)
        assert done.returncode == 0
        assert "FHIR-BINDING@Patient" in done.stderr
        assert word in done.stderr

    @pytest.mark.parametrize(
        ("options", "said"),
        [(("--suppress", "NO-SUCH=x"), "NO-SUCH"), (("--suppress", "FHIR-BINDING"), "REASON"),
         (("--suppress", "FHIR-BINDING="), "reason"), (("--suppressions", "none.txt"), "none.txt")],
    )  # fmt: skip
    def test_that_cannot_be_used_is_a_usage_error(self, folder: Path, options: tuple[str, ...], said: str) -> None:
        done = segur("validate", folder / "letter.xml", *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert "Traceback" not in done.stderr

    def test_of_a_wrong_file_names_the_line(self, folder: Path) -> None:
        (folder / "known.txt").write_text("# ours\nNO-SUCH=x\n")
        done = segur("validate", folder / "letter.xml", "--suppressions", folder / "known.txt")
        assert done.returncode == 2
        assert "known.txt, line 2: unknown rule NO-SUCH" in done.stderr


class TestProfile:
    def test_that_is_unknown_is_an_error_that_names_it(self, folder: Path) -> None:
        [row] = rows(folder / "warned.json", "--profile", "https://example.org/other")
        found = {(one["rule"], one["severity"]) for one in row["issues"]}
        assert found == {("FHIR-PROFILE-UNKNOWN", "error"), ("FHIR-PROFILE-UNKNOWN", "warning")}
        assert not row["valid"]

    def test_of_the_base_changes_nothing(self, folder: Path) -> None:
        url = "http://hl7.org/fhir/StructureDefinition/Patient"
        assert rows(folder / "wrong.json", "--profile", url) == rows(folder / "wrong.json")
