"""Engines and facts: the same figures whatever the shape the facts arrive in, and nothing fetched at run time."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from indicators.engine import ArrowFacts, ParquetFacts, Statement, duckdb_engine, placeholder, unbound
from indicators.export import write_parquet
from indicators.facts import TABLES, Declared, FactsError, columns, schema, yyyymm
from indicators.measures import Figure, Window, compute, evidence
from tests.indicators.country import Country, arrow, letter, random_country, stay

YEAR = Window(date(2024, 1, 1), date(2024, 12, 31))


def figures(source: ArrowFacts | ParquetFacts) -> list[Figure]:
    engine = duckdb_engine(source, threads=1, memory_limit="500MB")
    found = compute(engine, YEAR, by_month=True)
    engine.close()
    return found


class TestSchema:
    def test_columns_are_the_contract_then_the_extras(self) -> None:
        names = "document organization legal_entity kind stay patient produced deposited deleted month dmp mssante"
        names += " ins_level conformant acknowledged key_version link"
        assert schema("documents").names == names.split()
        assert [column.name for column in columns("documents") if column.extra] == ["link"]

    @pytest.mark.parametrize("table", TABLES)
    def test_keys_are_64_bit_and_months_are_32_bit(self, table: str) -> None:
        types = {field.name: field.type for field in schema(table)}
        assert types.get("stay", pa.int64()) == pa.int64()
        assert types.get("month", pa.int32()) == pa.int32()

    def test_only_what_may_be_unknown_is_nullable(self) -> None:
        nullable = {field.name for field in schema("documents") if field.nullable}
        assert nullable == {"organization", "stay", "patient", "deleted", "link"}

    def test_an_unknown_table_is_named_with_the_known_ones(self) -> None:
        with pytest.raises(FactsError, match="'letters'; known: declared, documents, messages, stays"):
            schema("letters")

    def test_month_key(self) -> None:
        assert yyyymm(date(2026, 3, 31)) == 202603


class TestParquet:
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_a_written_folder_gives_the_same_figures(self, tmp_path: Path, seed: int) -> None:
        tables = random_country(seed).tables()
        write_parquet(tables, tmp_path / "facts [1] *")
        assert figures(ParquetFacts(tmp_path / "facts [1] *")) == figures(ArrowFacts(tables))

    def test_months_are_folders_and_rows_are_sorted_by_organization(self, tmp_path: Path) -> None:
        documents = [letter("b", 1, "2A0000048"), letter("a", 1), letter("c", 1, on=date(2024, 3, 1))]
        stays = [stay(1), stay(2, out=None)]
        write_parquet(Country(stays, documents).tables(), tmp_path)
        assert sorted(path.name for path in (tmp_path / "documents").iterdir()) == ["month=202402", "month=202403"]
        assert (tmp_path / "stays" / "month=__HIVE_DEFAULT_PARTITION__").is_dir()
        february = pq.ParquetFile(tmp_path / "documents" / "month=202402" / "part-0.parquet").read()
        assert february["organization"].to_pylist() == ["010000024", "2A0000048"]
        assert "month" not in february.column_names

    def test_writing_again_leaves_no_month_of_the_older_export(self, tmp_path: Path) -> None:
        write_parquet({"documents": arrow("documents", [letter("a", 1)])}, tmp_path)
        write_parquet({"documents": arrow("documents", [letter("a", 1, on=date(2024, 3, 1))])}, tmp_path)
        assert [path.name for path in (tmp_path / "documents").iterdir()] == ["month=202403"]

    def test_a_table_without_month_is_one_folder(self, tmp_path: Path) -> None:
        day = date(2024, 7, 1)
        row = Declared("010000024", "010000001", "I-SUN1-LDL", day, day, 1, None, "oSIS", day)  # type: ignore[arg-type]
        write_parquet({"declared": arrow("declared", [row])}, tmp_path)
        engine = duckdb_engine(ParquetFacts(tmp_path))
        assert engine.rows(unbound("declared"))[0]["denominator"] is None
        engine.close()

    def test_an_empty_folder_is_an_empty_country(self, tmp_path: Path) -> None:
        assert figures(ParquetFacts(str(tmp_path))) == []

    def test_a_folder_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(FactsError, match="no such facts folder"):
            ParquetFacts(tmp_path / "nowhere")


class TestWrittenBySomebodyElse:
    """The contract's columns and nothing else of ours: other order, widths, encodings, extras, file names."""

    def foreign(self, folder: Path) -> Country:
        country = Country([stay(1), stay(2)], [letter("a", 1), letter("b", 9, on=date(2024, 3, 1))])
        for name, table in country.tables().items():
            wide = table.append_column("comment", pa.array(["x"] * len(table)))
            kept = [column for column in reversed(wide.column_names) if column not in ("link", "month")]
            for index, month in enumerate(sorted({*table["month"].to_pylist()})):
                part = wide.filter(pa.compute.equal(wide["month"], month)).select(kept)
                target = folder / name / f"month={month}" / f"data_{index}.snappy.parquet"
                target.parent.mkdir(parents=True)
                pq.write_table(_retyped(part), target)
        (folder / "documents" / "_SUCCESS").touch()
        (folder / "documents" / "_temporary").mkdir()
        (folder / "documents" / "_temporary" / "half.parquet").write_bytes(b"PAR1")
        return country

    def test_figures_are_the_same(self, tmp_path: Path) -> None:
        country = self.foreign(tmp_path)
        assert figures(ParquetFacts(tmp_path)) == figures(ArrowFacts(country.tables()))

    def test_evidence_lives_without_the_extra_column(self, tmp_path: Path) -> None:
        self.foreign(tmp_path)
        engine = duckdb_engine(ParquetFacts(tmp_path))
        found = evidence(engine, "I-SUN1-LDL", YEAR)
        engine.close()
        assert [(row.document, row.reason) for row in found] == [
            ("a", "COUNTED"),
            (None, "NO_DOCUMENT"),
            ("b", "STAY_UNKNOWN"),
        ]

    def test_arrow_tables_are_cast_too(self) -> None:
        country = random_country(5)
        retyped = {name: _retyped(table) for name, table in country.tables().items()}
        assert figures(ArrowFacts(retyped)) == figures(ArrowFacts(country.tables()))

    def test_a_missing_column_is_named(self, tmp_path: Path) -> None:
        short = random_country(1).tables()["stays"].drop_columns(["excluded", "operated"])
        with pytest.raises(FactsError, match="fact table stays lacks the columns: operated, excluded"):
            duckdb_engine(ArrowFacts({"stays": short}))
        with pytest.raises(FactsError, match="fact table stays lacks the columns: operated, excluded"):
            write_parquet({"stays": short}, tmp_path)

    def test_an_extra_column_that_is_absent_is_written_as_null(self, tmp_path: Path) -> None:
        documents = arrow("documents", [letter("a", 1)]).drop_columns(["link"])
        write_parquet({"documents": documents}, tmp_path)
        assert pq.read_table(tmp_path / "documents")["link"].to_pylist() == [None]


def _retyped(table: pa.Table) -> pa.Table:
    """Months and versions as 64-bit, organizations dictionary-encoded, levels as large strings."""
    for name in {"month", "key_version"} & {*table.column_names}:
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.int64()))
    place = table.column_names.index("organization")
    return table.set_column(place, "organization", table["organization"].dictionary_encode())


class TestDuckDB:
    def test_no_extension_is_fetched_at_run_time(self) -> None:
        engine = duckdb_engine(ArrowFacts({}))
        asked = "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
        assert engine._connection.sql(asked).fetchall() == [(False, False)]
        loaded = "SELECT count(*) FROM duckdb_extensions() WHERE loaded AND install_mode <> 'STATICALLY_LINKED'"
        assert engine._connection.sql(loaded).fetchall() == [(0,)]
        engine.close()

    def test_a_stray_python_variable_is_no_table(self) -> None:
        engine = duckdb_engine(ArrowFacts({}))
        stray = arrow("stays", [stay(1)])
        assert len(stray) == 1
        with pytest.raises(Exception, match="stray"):
            engine._connection.sql("SELECT * FROM stray")
        engine.close()

    def test_integers_stay_integers_beyond_53_bits(self) -> None:
        big = 2**62 + 1
        engine = duckdb_engine(ArrowFacts({"stays": arrow("stays", [stay(big)])}))
        stays = unbound("stays")
        assert engine.rows(stays.aggregate(total=stays.stay.sum())) == [{"total": big}]
        engine.close()


class TestStatement:
    """A statement compiled once, filled with the texts of each call."""

    def sites(self, organization: str) -> list[dict[str, object]]:
        engine = duckdb_engine(ArrowFacts({"stays": arrow("stays", [stay(1), stay(2, organization="o'2")])}))
        stays = unbound("stays")
        asked = Statement.of(stays.filter(stays.organization == placeholder("site")).select("stay"), engine.dialect)
        found = engine.rows(asked.filled({"site": organization}))
        engine.close()
        return found

    def test_a_text_takes_the_place_of_its_placeholder(self) -> None:
        assert self.sites("o'2") == [{"stay": 2}]

    @pytest.mark.parametrize("text", ["' OR 1=1 --", "'?site?'", "\\' OR ''='", "?site?"])
    def test_a_text_stays_a_text(self, text: str) -> None:
        assert self.sites(text) == []

    def test_a_placeholder_without_a_text_is_an_error(self) -> None:
        stays = unbound("stays")
        asked = Statement.of(stays.filter(stays.organization == placeholder("site")), "duckdb")
        with pytest.raises(KeyError, match="site"):
            asked.filled({})


def test_importing_the_library_brings_no_engine() -> None:
    heavy = "{'ibis', 'duckdb', 'pyarrow', 'pandas', 'yaml'} & {*sys.modules}"
    code = (
        f"import sys, indicators, indicators.engine, indicators.measures, indicators.money; print({heavy} or 'light')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "light"
