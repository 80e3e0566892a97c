"""`segur indicators` on its own: engines, exports that are brought up to date, files of declared data."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fhir_server.bench.indicators import run as bench
from fhir_server.cli.app import tree
from fhir_server.store.facts import DatabaseFacts
from indicators.export import read_manifest, write_parquet
from tests.indicators.country import SITES, arrow, letter, stay

PERIOD = ("--from", "2024-02-01", "--to", "2024-02-29")


def segur(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(tree(), [str(argument) for argument in arguments])
    return done.exit_code, done.output


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    stays = [stay(1, field="MCO"), stay(2, field="SMR")]
    write_parquet({"stays": arrow("stays", stays), "documents": arrow("documents", [letter("a", 1)])}, tmp_path / "f")
    return tmp_path / "f"


class TestCompute:
    def test_parts_and_labels_are_asked_for(self, facts: Path) -> None:
        code, output = segur("indicators", "compute", "--facts", facts, *PERIOD, "--measure", "I-IFAQ-LDL", "--parts",
                             "--label")  # fmt: skip
        assert code == 0, output
        site = {"measure": "I-IFAQ-LDL", "organization": "010000024", "month": None}
        assert json.loads(output) == [
            {**site, "numerator": 1, "denominator": 1, "part": "MCO", "label": "accepted_by_this_server",
             "status": "measured"},
            {**site, "numerator": 0, "denominator": 1, "part": "SMR", "label": "accepted_by_this_server",
             "status": "measured"},
        ]  # fmt: skip

    def test_without_parts_a_figure_adds_them_up(self, facts: Path) -> None:
        _, output = segur("indicators", "compute", "--facts", facts, *PERIOD, "--measure", "I-IFAQ-LDL")
        [row] = json.loads(output)
        assert (row["numerator"], row["denominator"]) == (1, 2)
        assert set(row) == {"measure", "organization", "month", "numerator", "denominator"}

    def test_figures_that_the_dmp_acknowledged_are_called_dmp(self, tmp_path: Path) -> None:
        tables = {"stays": arrow("stays", [stay(1)]),
                  "documents": arrow("documents", [letter("a", 1, acknowledged=True)])}  # fmt: skip
        write_parquet(tables, tmp_path)
        _, output = segur("indicators", "compute", "--facts", tmp_path, *PERIOD, "--measure", "I-SUN1-LDL", "--label")
        assert [row["label"] for row in json.loads(output)] == ["dmp"]

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (("--engine", "oracle"), "--engine is one of duckdb, postgresql, spark"),
            (("--engine", "spark"), "Spark reads exported facts: give --facts"),
            (("--engine", "postgresql", "--database", "x.db"), "--engine postgresql needs --database postgresql://"),
            (("--engine", "postgresql", "--database", "postgresql://nobody@127.0.0.1:1/none"), "PostgreSQL: "),
        ],
    )
    def test_an_engine_that_cannot_be_is_a_usage_error(self, options: tuple[str, ...], said: str) -> None:
        code, output = segur("indicators", "compute", *PERIOD, *options)
        assert code == 2
        assert said in output

    def test_a_folder_without_a_column_of_the_contract_names_it(self, tmp_path: Path) -> None:
        import pyarrow.parquet as pq

        (tmp_path / "messages").mkdir()
        pq.write_table(arrow("messages", []).drop_columns(["audience"]), tmp_path / "messages" / "x.parquet")
        code, output = segur("indicators", "compute", "--facts", tmp_path, *PERIOD)
        assert code == 2
        assert "fact table messages lacks the columns: audience" in output


class TestExport:
    @pytest.fixture
    def database(self, tmp_path: Path) -> Path:
        path = tmp_path / "x.db"
        assert segur("db", "upgrade", "--database", path)[0] == 0
        with sqlite3.connect(path) as connection:
            for number, day in enumerate((date(2024, 1, 5), date(2024, 2, 5))):
                site = sorted(SITES)[0]
                connection.execute(
                    "insert into documents (legal_entity, document, month, organization, kind, produced, deposited,"
                    " dmp, mssante, ins_level, conformant, acknowledged, key_version, link, reference, submission)"
                    " values (?,?,?,?,'LDL',?,?,1,0,'qualified',1,0,1,'linked','r','s')",
                    (SITES[site], f"d{number}", day.year * 100 + day.month, site, str(day), str(day)),
                )
        connection.close()
        return path

    def change(self, database: Path, sql: str) -> None:
        with sqlite3.connect(database) as connection:
            connection.execute(sql)
        connection.close()

    def test_only_what_changed_is_written_again(self, database: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        command = ("indicators", "export-facts", "--database", database, "--out", out)
        assert "documents: 2" in segur(*command)[1]
        assert "(0 files written, 2 in all)" in segur(*command)[1]
        self.change(database, "update documents set acknowledged = 1 where document = 'd0'")
        assert "(1 files written, 2 in all)" in segur(*command)[1]
        self.change(database, "update documents set acknowledged = 0 where document = 'd0'")
        assert "(0 files written, 2 in all)" in segur(*command, "--since", "202402")[1]
        assert "(2 files written, 2 in all)" in segur(*command, "--fresh")[1]

    @pytest.mark.parametrize(
        "change",
        ["deleted = '2024-03-01'", "organization = null", "ins_level = 'present'", "stay = 7", "patient = -7",
         "key_version = 2", "dmp = 0", "link = 'unknown'", "produced = '2024-01-04'"],
    )  # fmt: skip
    def test_every_change_of_a_row_changes_the_state_of_its_month(self, database: Path, change: str) -> None:
        before = DatabaseFacts(str(database)).states("documents")
        self.change(database, f"update documents set {change} where document = 'd0'")
        after = DatabaseFacts(str(database)).states("documents")
        assert after[202401] != before[202401]
        assert after[202402] == before[202402]

    def test_keys_of_two_versions_are_told(self, database: Path, tmp_path: Path) -> None:
        self.change(database, "update documents set key_version = 2 where document = 'd0'")
        _, output = segur("indicators", "export-facts", "--database", database, "--out", tmp_path / "out")
        assert "key versions 1, 2" in output
        assert [part.key_versions for part in read_manifest(tmp_path / "out")] == [(2,), (1,)]


class TestDeclaredData:
    def test_a_template_is_checked_as_it_is(self, tmp_path: Path) -> None:
        for name in ("s.csv", "s.xlsx"):
            assert segur("indicators", "import-template", "stays", "--out", tmp_path / name)[0] == 0
            assert segur("indicators", "check-import", "stays", tmp_path / name) == (0, f"{tmp_path / name}: 1\n")

    def test_errors_are_told_by_line(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("identifiant_document;date_accuse\n1.2.3;hier\n;2026-01-01\n", encoding="utf-8")
        code, output = segur("indicators", "check-import", "acknowledgements", path)
        assert code == 1
        assert output.splitlines() == [
            "ligne 2, date_accuse : « hier » n'est pas une date AAAA-MM-JJ ou JJ/MM/AAAA",
            "ligne 3, identifiant_document : valeur obligatoire absente",
        ]

    @pytest.mark.parametrize(
        "arguments",
        [("import-template", "nothing", "--out", "x.csv"), ("import-template", "stays", "--out", "x.ods"),
         ("check-import", "nothing", "x.csv"), ("check-import", "stays", "absent.csv")],
    )  # fmt: skip
    def test_what_does_not_exist_is_a_usage_error(self, arguments: tuple[str, ...]) -> None:
        assert segur("indicators", *arguments)[0] == 2


def test_the_benchmark_counts_every_document_measure(tmp_path: Path) -> None:
    found = bench(24_000, tmp_path)
    assert found["errors"] == 0
    assert {name for names in found["passes_s"] for name in names.split("+")} == {
        "I-CC-2", "I-ESMS-E5", "I-IFAQ-LDL", "I-MR-2", "I-MR-3", "I-SUN1-BIO", "I-SUN1-CRO", "I-SUN1-IMG", "I-SUN1-INS",
        "I-SUN1-LDL", "I-SUN1-ORD",
    }  # fmt: skip
    assert found["ratio_to_floor"] > 0
