"""`segur programmes`, by subprocess: what is listed, shown and checked, and parameter sets that are never edited."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.server import segur
from tests.support.shared import shared

OWN = Path(__file__).parents[1] / "indicators" / "programmes" / "cases.json"
IDS = ["aap_dui", "cadre_commun", "esms_amorcage", "maladies_rares", "sun_es_v1", "sun_es_v2"]
SET = """id: ars-test
version: 1
programme: sun_es_v1
signed_off: {by: "Direction", role: ars, signed_on: 2022-01-15}
parameters:
  - {name: "target:I-SUN1-LDL:F1", value: "70", mark: CONFIG, source: "essai"}
"""


class TestCheck:
    @pytest.mark.parametrize("path", ["own", "shared"])
    def test_every_case_passes(self, path: str) -> None:
        file = OWN if path == "own" else shared("cases/programmes.json")
        count = len(json.loads(file.read_text(encoding="utf-8"))["cases"])
        done = segur("programmes", "check", file)
        assert (done.returncode, done.stdout) == (0, f"{count} passed, 0 failed\n")

    def test_ndjson_is_one_object_a_case_and_the_same_last_line(self) -> None:
        done = segur("programmes", "check", OWN, "--format", "ndjson")
        *rows, last = done.stdout.splitlines()
        assert all(json.loads(row)["passed"] for row in rows)
        assert last == f"{len(rows)} passed, 0 failed"

    def test_a_wrong_case_and_an_unknown_operation_fail(self, tmp_path: Path) -> None:
        content = json.loads(OWN.read_text(encoding="utf-8"))
        content["cases"][0]["expected"] = {"candidature": []}
        content["cases"][1]["op"] = "sun1_magic"
        path = tmp_path / "cases.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        done = segur("programmes", "check", path)
        assert done.returncode == 1
        assert done.stdout.splitlines()[-1] == f"{len(content['cases']) - 2} passed, 2 failed"
        assert "unknown op 'sun1_magic'" in done.stdout

    def test_no_case_is_no_failure(self, tmp_path: Path) -> None:
        path = tmp_path / "cases.json"
        path.write_text('{"format": 1, "cases": []}', encoding="utf-8")
        done = segur("programmes", "check", path)
        assert (done.returncode, done.stdout) == (0, "0 passed, 0 failed\n")

    @pytest.mark.parametrize("text", [None, "", "[]", '{"cases": [1]}'])
    def test_what_cannot_be_loaded_is_a_usage_error(self, tmp_path: Path, text: str | None) -> None:
        path = tmp_path / "cases.json"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        done = segur("programmes", "check", path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
        assert segur("programmes", "check", OWN, "--format", "xml").returncode == 2


class TestShow:
    def test_six_programmes(self) -> None:
        done = segur("programmes", "list", "--json")
        assert [row["id"] for row in json.loads(done.stdout)] == IDS

    @pytest.mark.parametrize("programme", IDS)
    def test_one_in_words_and_as_json(self, programme: str) -> None:
        words, shown = segur("programmes", "show", programme), segur("programmes", "show", programme, "--json")
        content = json.loads(shown.stdout)
        assert all(rule["id"] in words.stdout for rule in content["rules"])
        assert content["machines"]

    def test_an_unknown_one_is_a_usage_error(self) -> None:
        done = segur("programmes", "show", "hop_en")
        assert done.returncode == 2
        assert "known: aap_dui" in done.stderr


class TestWhatIf:
    """The windows of the instruction ended in 2023, so the country is seen from there."""

    @pytest.fixture(scope="class")
    @classmethod
    def database(cls, tmp_path_factory: pytest.TempPathFactory) -> Path:
        path: Path = tmp_path_factory.mktemp("f4") / "f4.db"
        done = segur("data", "demo", "--database", path, "--stays", "4", "--today", "2024-01-01")
        assert done.returncode == 0, done.stderr
        return path

    @pytest.fixture(scope="class")
    @classmethod
    def site(cls, database: Path) -> tuple[str, int, int]:
        """An establishment with a letter missing: its FINESS and its figure."""
        done = segur("indicators", "compute", "--database", database, "--from", "2023-07-01", "--to", "2023-12-31",
                     "--measure", "I-SUN1-LDL")  # fmt: skip
        row = next(row for row in json.loads(done.stdout) if row["numerator"] < row["denominator"])
        return row["organization"], row["numerator"], row["denominator"]

    def parameters(self, folder: Path) -> Path:
        """A test parameter set; none of its values is official."""
        values = {"target:I-SUN1-LDL:F4": "100", "forfait:documents_sortie:F4": "20000",
                  "indicators:documents_sortie": ["I-SUN1-LDL"]}  # fmt: skip
        rows = [{"name": n, "value": v, "mark": "CONFIG", "source": "test"} for n, v in values.items()]
        path = folder / "parameters.yaml"
        path.write_text(json.dumps({"id": "test", "parameters": rows}), encoding="utf-8")
        return path

    def test_what_is_missing_is_worth_the_usage_payment(
        self, database: Path, site: tuple[str, int, int], tmp_path: Path
    ) -> None:
        finess, had, whole = site
        command = ("programmes", "what-if", finess, "--window", "F4", "--database", database, "--parameters",
                   self.parameters(tmp_path))  # fmt: skip
        done = segur(*command, "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        [missing] = found["missing"]
        assert (missing["missing"], missing["before"], missing["worth_cents"]) == (whole - had, "2023-12-31", 1_400_000)
        assert (found["before"]["verdict"], found["after"]["verdict"]) == ("not_reached", "reached")
        assert (found["gain_cents"], found["indicative"]) == (1_400_000, True)
        words = segur(*command, "--more", "0").stdout
        assert "avant le 31/12/2023" in words
        assert "sans effet sur un paiement" in words

    def test_more_than_the_population_is_a_usage_error(
        self, database: Path, site: tuple[str, int, int], tmp_path: Path
    ) -> None:
        done = segur("programmes", "what-if", site[0], "--window", "F4", "--database", database, "--more", "9999",
                     "--parameters", self.parameters(tmp_path))  # fmt: skip
        assert done.returncode == 2
        assert "beyond_population:I-SUN1-LDL" in done.stderr

    @pytest.mark.parametrize("domain", ["biologie", "imagerie"])
    def test_a_situation_of_another_domain_names_its_target(
        self, database: Path, site: tuple[str, int, int], domain: str
    ) -> None:
        done = segur("programmes", "situation", site[0], "--window", "F4", "--database", database, "--domain", domain,
                     "--json")  # fmt: skip
        assert done.returncode == 0, done.stderr
        indicator = {"biologie": "I-SUN1-BIO", "imagerie": "I-SUN1-IMG"}[domain]
        assert json.loads(done.stdout)["verdict"] == f"parameter_missing:target:{indicator}:F4"


class TestParameters:
    def run(self, folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return segur("programmes", "parameters", *arguments, *(() if arguments[0] == "check" else ("--folder", folder)))

    def file(self, folder: Path, text: str = SET) -> Path:
        path = folder / "set.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_a_set_is_checked_added_and_exported(self, tmp_path: Path) -> None:
        path, kept = self.file(tmp_path), tmp_path / "kept"
        assert "ars-test@1 : valable" in self.run(kept, "check", path).stdout
        assert self.run(kept, "import", path, "--dry-run").returncode == 0
        assert not kept.exists()
        assert self.run(kept, "import", path).returncode == 0
        done = self.run(kept, "export", "ars-test")
        assert done.stdout == (kept / "ars-test" / "1.yaml").read_text(encoding="utf-8")
        assert self.run(kept, "export", "ars-test@2").returncode == 2

    def test_a_version_is_never_edited_and_the_next_one_follows(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        self.run(kept, "import", self.file(tmp_path))
        before = (kept / "ars-test" / "1.yaml").read_bytes()
        edited = self.run(kept, "import", self.file(tmp_path, SET.replace('"70"', '"71"')))
        assert (edited.returncode, (kept / "ars-test" / "1.yaml").read_bytes()) == (1, before)
        assert "SET_EXISTS" in edited.stdout
        second = SET.replace('"70"', '"71"').replace("version: 1", "version: 2")
        assert self.run(kept, "import", self.file(tmp_path, second)).returncode == 0
        assert "71" in self.run(kept, "export", "ars-test").stdout
        done = segur("programmes", "parameters", "diff", kept / "ars-test" / "1.yaml", kept / "ars-test" / "2.yaml")
        assert done.stdout == "target:I-SUN1-LDL:F1 : 70 -> 71\n"

    def test_every_fault_is_said_with_its_line(self, tmp_path: Path) -> None:
        path = self.file(tmp_path, SET.replace('"70"', '"170"').replace("role: ars", "role: hospital"))
        done = self.run(tmp_path, "check", path, "--json")
        assert done.returncode == 1
        faults = json.loads(done.stdout)["faults"]
        assert [(fault["code"], fault["line"]) for fault in faults] == [
            ("ROLE_NOT_ALLOWED", 4),
            ("OUT_OF_RANGE", 6),
        ]
        said = self.run(tmp_path, "check", self.file(tmp_path, SET.replace('"70"', '"170"')), "--lang", "en")
        assert said.stdout == "parameters[0].value (line 6) OUT_OF_RANGE : value 170 out of range\n"

    def test_a_missing_file_is_a_usage_error(self, tmp_path: Path) -> None:
        assert self.run(tmp_path, "check", tmp_path / "absent.yaml").returncode == 2

    @pytest.mark.parametrize("name", ["../outside", ".hidden"])
    def test_a_set_stays_inside_its_folder(self, tmp_path: Path, name: str) -> None:
        done = self.run(tmp_path / "kept", "import", self.file(tmp_path, SET.replace("ars-test", name)))
        assert done.returncode == 2
        assert not (tmp_path / "outside").exists()
