"""`segur validate --official-kit`, by subprocess, on a small kit of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from testdata import Country, apply_fault
from tests.conftest import two_sites
from tests.support.server import segur
from tests.support.synthetic import bundle, letter, new_stay
from tests.validators.cda.official import small_kit

Json = dict[str, Any]


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return small_kit.write_kit(tmp_path / "kit")


@pytest.fixture
def files(tmp_path: Path, demo_country: Country) -> dict[str, Path]:
    site, _ = two_sites(demo_country)
    whole = letter(new_stay(demo_country, site))
    contents = {
        "right.xml": whole,
        "both.xml": apply_fault("admission_outside_list", whole),
        "ours.xml": apply_fault("sex_contradicts_ins", whole),
        "theirs.xml": whole.replace(b'<id root="', b'<id nullFlavor="NI" root="', 1),
        "dtd.xml": apply_fault("dtd", whole),
        "bundle.json": json.dumps(bundle(whole)).encode(),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in contents}


class Runs:
    """The command with the kit, its cache apart from the user's."""

    def __init__(self, kit: Path, cache: Path) -> None:
        self.kit, self.cache = kit, cache
        self.code = -1

    def __call__(self, *arguments: Path | str) -> str:
        done = segur(
            "validate", *arguments, env={"SEGUR_OFFICIAL_KIT": str(self.kit), "XDG_CACHE_HOME": str(self.cache)}
        )
        assert "Traceback" not in done.stderr, done.stderr
        self.code = done.returncode
        return done.stdout if self.code != 2 else done.stderr

    def rows(self, *arguments: Path | str) -> list[Json]:
        return [json.loads(line) for line in self(*arguments, "--format", "ndjson").splitlines()]


@pytest.fixture
def run(kit: Path, tmp_path: Path) -> Runs:
    return Runs(kit, tmp_path / "xdg")


def test_both_verdicts_and_the_disagreements_are_in_the_json(run: Runs, files: dict[str, Path]) -> None:
    right, both, ours = run.rows(files["right.xml"], files["both.xml"], files["ours.xml"])
    assert set(right["official"]) >= {"valid", "schema_errors", "failed", "disagreements", "defects"}
    assert (right["official"]["valid"], right["official"]["agree"], right["official"]["disagreements"]) == (
        True,
        True,
        [],
    )
    assert (both["official"]["valid"], both["official"]["agree"]) == (False, True)
    assert [item["assertion"] for item in both["official"]["failed"]][-1] == "modalite/1.1"
    assert both["official"]["failed"][-1]["line"]
    assert (ours["official"]["valid"], ours["official"]["agree"]) == (True, False)
    [alone] = ours["official"]["disagreements"]
    assert (alone["seen_by"], alone["rule"]) == ("ours", "INS-SEX")
    assert alone["location"].startswith("/ClinicalDocument/recordTarget[1]")
    assert run.code == 1


def test_the_exit_code_follows_our_verdict(run: Runs, kit: Path, files: dict[str, Path]) -> None:
    small_kit.change(kit, small_kit.ANS, "'FR'", "'BE'")
    [row] = run.rows(files["right.xml"])
    assert (row["valid"], row["official"]["valid"], run.code) == (True, False, 0)
    assert [item["seen_by"] for item in row["official"]["disagreements"]] == ["official"]


def test_several_processes_say_the_same(run: Runs, files: dict[str, Path]) -> None:
    paths = [files["right.xml"], files["both.xml"], files["ours.xml"]] * 4
    assert run.rows(*paths) == run.rows(*paths, "--jobs", "2")


def test_a_person_reads_both_sides(run: Runs, kit: Path, files: dict[str, Path]) -> None:
    small_kit.break_header_list(kit)
    french = run(files["ours.xml"], files["both.xml"])
    assert "kit officiel : conforme, VERDICT DIFFÉRENT" in french
    assert "vu par nous seuls : INS-SEX /ClinicalDocument/" in french
    assert "CI-SIS_LDL-SES_2022.01.sch modalite/1.1 /ClinicalDocument/" in french
    assert french.count("reconstitué depuis jeuxDeValeurs") == 1
    assert "défauts déjà dits : 1" in french
    english = run(files["ours.xml"], "--lang", "en")
    assert "official kit : conformant, OTHER VERDICT" in english
    assert "rebuilt from jeuxDeValeurs" in english


def test_what_the_kit_alone_sees_is_marked(run: Runs, kit: Path, files: dict[str, Path]) -> None:
    small_kit.change(kit, small_kit.MODELS, "cda:ClinicalDocument", "cda:languageCode")
    assert "langue/1.1 /ClinicalDocument/languageCode[1] (ligne 13) [vu par le kit seul]" in run(files["right.xml"])


def test_only_a_cda_is_given_to_the_kit(run: Runs, files: dict[str, Path]) -> None:
    hostile, resource = run.rows(files["dtd.xml"], files["bundle.json"])
    assert hostile["official"] is None
    assert resource["official"] is None
    assert "kit officiel : sans objet" in run(files["dtd.xml"])


def test_what_is_compiled_is_kept_in_the_cache_of_the_user(run: Runs, files: dict[str, Path]) -> None:
    run(files["right.xml"])
    kept = {path.name: path.stat().st_mtime_ns for path in (run.cache / "segur-fhir/official").iterdir()}
    assert len(kept) == 6
    run(files["right.xml"])
    assert {path.name: path.stat().st_mtime_ns for path in (run.cache / "segur-fhir/official").iterdir()} == kept


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_a_folder_that_is_no_kit_is_a_usage_error(run: Runs, files: dict[str, Path], tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    run.kit = tmp_path / name
    said = run(files["right.xml"])
    assert run.code == 2
    assert said.startswith(f"segur: {tmp_path / name}: no ")


def test_a_kit_without_schematrons_still_gives_its_schema(run: Runs, kit: Path, files: dict[str, Path]) -> None:
    for path in (kit / "schematrons").rglob("*.sch"):
        path.unlink()
    [row] = run.rows(files["right.xml"])
    assert (row["official"]["valid"], row["official"]["complete"]) == (True, False)
    assert {defect["kind"] for defect in row["official"]["defects"]} == {"no-schematron"}
    assert all(defect["message"] for defect in row["official"]["defects"])


def test_without_the_option_nothing_is_said_of_it(files: dict[str, Path]) -> None:
    done = segur("validate", files["right.xml"], "--format", "ndjson")
    assert "official" not in json.loads(done.stdout)
