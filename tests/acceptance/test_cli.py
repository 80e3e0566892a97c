"""The command line, by subprocess: exit codes, shapes, and figures that agree with each other."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from testdata import Country, apply_fault
from tests.conftest import World, two_sites
from tests.support.faces import Face
from tests.support.server import segur
from tests.support.synthetic import Json, bundle, copy_database, letter, new_stay


@pytest.fixture
def files(tmp_path: Path, demo_country: Country) -> dict[str, Path]:
    """A file of each kind."""
    site, _ = two_sites(demo_country)
    whole = letter(new_stay(demo_country, site))
    contents = {
        "letter.xml": whole,
        "bundle.json": json.dumps(bundle(whole)).encode(),
        "broken.xml": apply_fault("sex_contradicts_ins", whole),
        "uncounted.xml": letter(new_stay(demo_country, site), without_ins=True),
        "patient.json": b'{"resourceType": "Patient", "gender": "male"}',
        "cut.json": b'{"resourceType": "Bundle", "entry": [',
        "cut.xml": whole[:2_000],
        "empty.xml": b"",
        "noise.bin": bytes(range(256)) * 4,
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in contents}


class TestHelp:
    def test_loads_nothing_heavy(self) -> None:
        """What takes long to import is imported by the command that needs it; told by names, not by seconds."""
        code = "import sys, fhir_server.cli.app; print(*sorted(sys.modules))"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        heavy = {"asyncio", "sqlalchemy", "duckdb", "fastapi", "httpx", "ibis", "lxml", "pydantic", "uvicorn", "hl7apy",
                 "fpdf", "signxml", "yaml", "jinja2", "pyarrow"}  # fmt: skip
        assert heavy & set(done.stdout.split()) == set()

    @pytest.mark.parametrize(
        "command",
        ["serve", "validate", "submit", "db upgrade", "token create", "indicators compute", "indicators export-facts",
         "programmes situation", "data demo", "bench submit"],
    )  # fmt: skip
    def test_of_every_command_shows_an_example(self, command: str) -> None:
        done = segur(*command.split(), "--help")
        assert done.returncode == 0
        assert f"segur {command}" in done.stdout

    def test_an_unknown_command_is_a_usage_error(self) -> None:
        done = segur("nonsense")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestValidate:
    def row(self, path: Path, *options: str) -> tuple[int, Json]:
        done = segur("validate", path, "--format", "ndjson", *options)
        [line] = done.stdout.splitlines()
        found: Json = json.loads(line)
        return done.returncode, found

    def test_writes_one_object_a_file_in_the_shape_of_the_contract(self, files: dict[str, Path]) -> None:
        done = segur("validate", *files.values(), "--format", "ndjson")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert [row["file"] for row in rows] == [str(path) for path in files.values()]
        assert done.returncode == 1
        for row in rows:
            assert {"file", "kind", "conformant", "countable", "valid", "errors", "warnings", "document_kind", "ins",
                    "issues"} <= set(row)  # fmt: skip
            assert row["kind"] in ("fhir-json", "fhir-xml", "cda", "xdm", "eml", "unknown")
            assert row["valid"] == (row["conformant"] and row["countable"] is not False)
            for issue in row["issues"]:
                assert {"severity", "scope", "rule", "location", "line", "message"} <= set(issue)
                assert issue["severity"] in ("fatal", "error", "warning", "information")
                assert issue["scope"] in ("conformity", "programme")

    def test_of_a_letter_says_its_kind_and_identity(self, files: dict[str, Path]) -> None:
        code, row = self.row(files["letter.xml"])
        assert (code, row["kind"], row["document_kind"], row["ins"]) == (0, "cda", "LDL", "qualified")
        assert (row["conformant"], row["countable"], row["valid"], row["errors"]) == (True, True, True, 0)

    def test_of_a_bundle_looks_at_its_documents(self, files: dict[str, Path]) -> None:
        code, row = self.row(files["bundle.json"])
        assert (code, row["kind"], row["valid"]) == (0, "fhir-json", True)
        [part] = row["parts"]
        assert (part["kind"], part["document_kind"]) == ("cda", "LDL")

    def test_of_a_document_without_ins_is_conformant_and_not_countable(self, files: dict[str, Path]) -> None:
        code, row = self.row(files["uncounted.xml"])
        assert (code, row["conformant"], row["countable"], row["valid"]) == (1, True, False, False)
        assert row["ins"] == "absent"

    def test_of_a_resource_no_programme_looks_at_has_no_opinion(self, files: dict[str, Path]) -> None:
        code, row = self.row(files["patient.json"])
        assert (code, row["countable"], row["document_kind"], row["ins"]) == (0, None, None, None)

    @pytest.mark.parametrize("name", ["cut.json", "cut.xml", "empty.xml", "noise.bin", "broken.xml"])
    def test_of_bad_content_is_invalid_and_not_a_usage_error(self, files: dict[str, Path], name: str) -> None:
        code, row = self.row(files[name])
        assert (code, row["valid"], row["conformant"]) == (1, False, False)
        assert row["errors"] >= 1

    def test_of_a_missing_file_is_a_usage_error(self, files: dict[str, Path], tmp_path: Path) -> None:
        done = segur("validate", files["letter.xml"], tmp_path / "absent.xml")
        assert done.returncode == 2
        assert "absent.xml" in done.stderr
        assert "Traceback" not in done.stderr

    def test_refuses_test_identities_in_production(self, files: dict[str, Path]) -> None:
        code, row = self.row(files["letter.xml"], "--mode", "production")
        assert (code, row["conformant"]) == (1, False)
        assert "INS-TEST" in [issue["rule"] for issue in row["issues"] if issue["severity"] == "error"]

    def test_speaks_english_when_asked(self, files: dict[str, Path]) -> None:
        _, french = self.row(files["uncounted.xml"])
        _, english = self.row(files["uncounted.xml"], "--lang", "en")
        assert french["issues"][0]["message"] != english["issues"][0]["message"]

    def test_writes_for_people_too(self, files: dict[str, Path]) -> None:
        done = segur("validate", files["uncounted.xml"])
        assert done.returncode == 1
        assert "INS-ABSENT" in done.stdout
        assert "NON COMPTABLE" in done.stdout

    def test_survives_an_ascii_terminal_and_a_closed_pipe(self, files: dict[str, Path]) -> None:
        done = segur("validate", files["uncounted.xml"], env={"LANG": "C", "LC_ALL": "C"})
        assert done.returncode == 1
        command = f"{sys.executable} -m fhir_server.cli validate {files['letter.xml']} | true"
        piped = subprocess.run(command, shell=True, capture_output=True, text=True, env=os.environ | {"LANG": "C"})
        assert "Traceback" not in piped.stderr


class TestTokens:
    def test_are_printed_alone_and_open_the_server(self, world: World) -> None:
        done = segur("token", "create", "--role", "establishment", "--organization", world.site.legal_entity,
                     "--database", world.database)  # fmt: skip
        assert done.returncode == 0
        [token] = done.stdout.split()
        assert done.stdout == token + "\n"
        assert len(token) >= 40
        face = Face(world.server.origin, token)
        assert face.get("/fhir/Patient/nobody").status_code == 404
        face.close()

    def test_are_nowhere_in_the_database(self, world: World, tmp_path: Path) -> None:
        database = tmp_path / "token.db"
        done = segur("token", "create", "--role", "operator", "--database", database)
        token = done.stdout.strip().encode()
        for path in tmp_path.iterdir():
            assert token not in path.read_bytes()
        with closing(sqlite3.connect(database)) as connection:
            assert [len(row[0]) for row in connection.execute("select sha256 from token")] == [32]

    @pytest.mark.parametrize(
        "options",
        [("--role", "establishment"), ("--role", "ministry", "--organization", "x"), ("--role", "king")],
    )
    def test_of_a_role_that_does_not_fit_are_a_usage_error(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        done = segur("token", "create", *options, "--database", tmp_path / "t.db")
        assert (done.returncode, done.stdout) == (2, "")


class TestSubmit:
    def test_says_accepted_or_refused_by_its_exit_code(self, world: World, files: dict[str, Path]) -> None:
        to = ("--to", world.server.origin, "--token", world.tokens["site"])
        accepted = segur("submit", files["letter.xml"], files["bundle.json"], *to, "--json")
        assert accepted.returncode == 0, accepted.stdout + accepted.stderr
        rows = [json.loads(line) for line in accepted.stdout.splitlines()]
        assert [row["status"] for row in rows] == [200, 200]
        assert rows[0]["submission"] == rows[1]["submission"]
        refused = segur("submit", files["broken.xml"], *to)
        assert refused.returncode == 1
        assert "INS-SEX" in refused.stdout

    def test_to_nobody_is_a_transport_error(self, files: dict[str, Path]) -> None:
        done = segur("submit", files["letter.xml"], "--to", "http://127.0.0.1:9", "--token", "x")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr

    def test_of_a_missing_file_is_a_usage_error(self, world: World, tmp_path: Path) -> None:
        done = segur("submit", tmp_path / "absent.xml", "--to", world.server.origin, "--token", "x")
        assert done.returncode == 2

    def test_with_a_wrong_token_is_refused(self, world: World, files: dict[str, Path]) -> None:
        done = segur("submit", files["letter.xml"], "--to", world.server.origin, "--token", "x")
        assert done.returncode == 1
        assert "AUTH-MISSING" in done.stdout


class TestIndicators:
    PERIOD = ("--from", "2026-01-01", "--to", "2026-12-31")

    @pytest.fixture
    def period(self, demo_country: Country) -> tuple[str, ...]:
        year = demo_country.today.year
        return ("--from", f"{year - 1}-01-01", "--to", f"{year}-12-31")

    @pytest.mark.parametrize("by", [(), ("--by", "month")])
    def test_are_the_same_from_the_database_and_from_exported_facts(
        self, demo_database: Path, tmp_path: Path, period: tuple[str, ...], by: tuple[str, ...]
    ) -> None:
        exported = segur("indicators", "export-facts", "--database", demo_database, "--out", tmp_path / "facts")
        assert exported.returncode == 0, exported.stderr
        direct = segur("indicators", "compute", "--database", demo_database, *period, *by, "--format", "json")
        again = segur("indicators", "compute", "--facts", tmp_path / "facts", *period, *by, "--format", "json")
        assert direct.returncode == again.returncode == 0, direct.stderr + again.stderr
        rows = json.loads(direct.stdout)
        assert rows == json.loads(again.stdout)
        assert {row["measure"] for row in rows} >= {"I-SUN1-LDL", "I-SUN1-INS", "I-ESMS-E5"}
        assert all(set(row) == {"measure", "organization", "month", "numerator", "denominator"} for row in rows)
        assert all((row["month"] is not None) == bool(by) for row in rows)
        assert sum(row["numerator"] for row in rows) > 20

    def test_exported_hold_no_identity(self, demo_database: Path, demo_country: Country, tmp_path: Path) -> None:
        segur("indicators", "export-facts", "--database", demo_database, "--out", tmp_path / "facts")
        parts = list((tmp_path / "facts").rglob("*.parquet"))
        assert [p for p in parts if p.parent.name.startswith("month=")]
        import pyarrow.parquet as pq

        said = " ".join(str(pq.read_table(path).to_pylist()) for path in parts)
        for stay in demo_country.stays:
            assert stay.patient.matricule not in said
            assert stay.id not in said

    def test_of_one_establishment_and_measure(
        self, demo_database: Path, demo_country: Country, period: tuple[str, ...]
    ) -> None:
        site, _ = two_sites(demo_country)
        done = segur("indicators", "compute", "--database", demo_database, *period, "--measure", "I-SUN1-LDL",
                     "--organization", site.finess)  # fmt: skip
        [row] = json.loads(done.stdout)
        assert (row["organization"], row["denominator"]) == (site.finess, len([
            stay for stay in demo_country.stays_of(site.finess) if stay.discharged and not stay.excluded
        ]))  # fmt: skip

    @pytest.mark.parametrize(
        "options",
        [("--from", "hier", "--to", "2026-01-01"), ("--from", "2026-02-01", "--to", "2026-01-01"),
         ("--from", "2026-01-01", "--to", "2026-01-31", "--measure", "I-NOPE"), ("--from", "2026-01-01")],
    )  # fmt: skip
    def test_with_wrong_options_are_a_usage_error(self, demo_database: Path, options: tuple[str, ...]) -> None:
        done = segur("indicators", "compute", "--database", demo_database, *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr

    def test_of_absent_facts_are_a_usage_error(self, tmp_path: Path) -> None:
        done = segur("indicators", "compute", "--facts", tmp_path / "none", *self.PERIOD)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestSituation:
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
    def figure(cls, database: Path) -> Json:
        """The establishment with the most letters of window F4, and its figure."""
        done = segur("indicators", "compute", "--database", database, "--from", "2023-07-01", "--to", "2023-12-31",
                     "--measure", "I-SUN1-LDL")  # fmt: skip
        found: Json = max(json.loads(done.stdout), key=lambda row: (row["numerator"], row["organization"]))
        assert found["numerator"] >= 2
        return found

    def situation(self, database: Path, figure: Json, *options: str | Path) -> Json:
        done = segur("programmes", "situation", figure["organization"], "--database", database, "--window", "F4",
                     "--json", *options)  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: Json = json.loads(done.stdout)
        return found

    def parameters(self, folder: Path, target: str) -> Path:
        """A test parameter set; none of its values is official."""
        values = {"target:I-SUN1-LDL:F4": target, "forfait:documents_sortie:F4": "20000",
                  "indicators:documents_sortie": ["I-SUN1-LDL"]}  # fmt: skip
        rows = [{"name": n, "value": v, "mark": "CONFIG", "source": "test"} for n, v in values.items()]
        path = folder / "parameters.yaml"
        path.write_text(json.dumps({"id": "test", "parameters": rows}), encoding="utf-8")
        return path

    def test_without_parameters_names_what_is_missing(self, database: Path, figure: Json) -> None:
        found = self.situation(database, figure)
        assert found["verdict"] == "parameter_missing:target:I-SUN1-LDL:F4"
        assert found["amounts"]["usage"]["cents"] == "parameter_missing:forfait:documents_sortie:F4"
        [line] = [line for line in found["indicators"] if line["measure"] == "I-SUN1-LDL"]
        assert line["ratio"] == {"numerator": figure["numerator"], "denominator": figure["denominator"]}

    @pytest.mark.parametrize(
        ("target", "verdict", "usage"), [("1", "reached", 1_400_000), ("100.01", "not_reached", 0)]
    )
    def test_with_a_target_says_reached_or_not_and_the_euros(
        self, database: Path, figure: Json, tmp_path: Path, target: str, verdict: str, usage: int
    ) -> None:
        found = self.situation(database, figure, "--parameters", self.parameters(tmp_path, target))
        assert found["verdict"] == verdict
        cents = {name: amount["cents"] for name, amount in found["amounts"].items()}
        assert (cents["advance"], cents["usage"], cents["total"]) == (600_000, usage, 600_000 + usage)
        assert cents["at_stake"] == 1_400_000 - usage

    def test_is_told_in_sentences_and_in_euros(self, database: Path, figure: Json, tmp_path: Path) -> None:
        done = segur("programmes", "situation", figure["organization"], "--database", database, "--window", "F4",
                     "--parameters", self.parameters(tmp_path, "1"))  # fmt: skip
        assert done.returncode == 0
        assert "14 000" in done.stdout.replace("\u202f", " ").replace("\u00a0", " ")

    @pytest.mark.parametrize(
        "arguments", [("000000000",), ("{finess}", "--window", "F9"), ("{finess}", "--parameters", "absent.yaml")]
    )
    def test_of_what_does_not_exist_is_a_usage_error(
        self, database: Path, figure: Json, arguments: tuple[str, ...]
    ) -> None:
        filled = [argument.format(finess=figure["organization"]) for argument in arguments]
        done = segur("programmes", "situation", *filled, "--database", database)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


class TestDatabase:
    def test_absent_or_empty_is_created_by_any_command(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty.db"
        empty.touch()
        for path in (empty, tmp_path / "absent.db"):
            done = segur("indicators", "compute", "--database", path, "--from", "2026-01-01", "--to", "2026-01-31")
            assert (done.returncode, json.loads(done.stdout)) == (0, [])
            assert path.stat().st_mode & 0o077 == 0 or path is empty

    def test_upgrade_says_the_schema_and_may_be_repeated(self, tmp_path: Path) -> None:
        said = [segur("db", "upgrade", "--database", tmp_path / "a.db") for _ in range(2)]
        assert [done.returncode for done in said] == [0, 0]
        assert said[0].stdout == said[1].stdout

    @pytest.mark.parametrize(
        "command",
        [("token", "create", "--role", "operator"), ("serve", "--port", "0"),
         ("indicators", "compute", "--from", "2026-01-01", "--to", "2026-01-31"), ("data", "demo")],
    )  # fmt: skip
    def test_of_an_older_schema_is_refused_with_what_to_do(
        self, demo_database: Path, tmp_path: Path, command: tuple[str, ...]
    ) -> None:
        old = copy_database(demo_database, tmp_path / "old.db")
        with closing(sqlite3.connect(old)) as connection, connection:
            connection.execute("update alembic_version set version_num = '0000'")
        done = segur(*command, "--database", old)
        assert done.returncode == 2
        assert "segur db upgrade" in done.stderr
        assert "Traceback" not in done.stderr

    def test_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("create table t (a)")
        before = path.read_bytes()
        done = segur("token", "create", "--role", "operator", "--database", path)
        assert done.returncode == 2
        assert path.read_bytes() == before

    @pytest.mark.parametrize("url", ["postgresql://localhost/x", "sqlite:///:memory:", ":memory:"])
    def test_of_a_kind_the_server_cannot_use_is_a_usage_error(self, url: str) -> None:
        done = segur("token", "create", "--role", "operator", "--database", url)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr

    def test_is_taken_from_the_environment(self, tmp_path: Path) -> None:
        path = tmp_path / "env.db"
        done = segur("token", "create", "--role", "operator", env={"SEGUR_DATABASE": str(path)})
        assert done.returncode == 0
        assert path.exists()


class TestServe:
    def test_on_a_port_that_is_taken_is_a_usage_error(self, world: World, tmp_path: Path) -> None:
        done = segur("serve", "--port", str(world.server.port), "--database", tmp_path / "x.db")
        assert done.returncode == 2
        assert str(world.server.port) in done.stderr

    @pytest.mark.parametrize("options", [("--mode", "holiday"), ("--port", "99999"), ("--workers", "0")])
    def test_with_wrong_settings_is_a_usage_error(self, tmp_path: Path, options: tuple[str, ...]) -> None:
        done = segur("serve", *options, "--database", tmp_path / "x.db")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
