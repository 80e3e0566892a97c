"""An export: what it holds, what it remembers, and what it does not do twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from indicators.engine import ArrowFacts, ParquetFacts, duckdb_engine
from indicators.export import Export, export, read_manifest, verify, write_parquet
from indicators.facts import Document, FactsError
from indicators.measures import Window, compute
from tests.indicators.country import arrow, letter, stay

YEAR = Window(date(2024, 1, 1), date(2024, 12, 31))


@dataclass
class Source:
    """Documents in memory that says what it was asked for; the state of a month is its rows."""

    documents: list[Document]
    asked: list[int | None] = field(default_factory=list)

    def states(self, table: str) -> Mapping[int | None, str]:
        if table != "documents":
            return {}
        months = {one.month for one in self.documents}
        return {month: str([one for one in self.documents if one.month == month]) for month in months}

    def rows(self, table: str, month: int | None) -> pa.Table:
        self.asked.append(month)
        return arrow(table, [one for one in self.documents if one.month == month])

    def export(self, folder: Path, **options: object) -> Export:
        self.asked = []
        return export(self, folder, **options)  # type: ignore[arg-type]


@pytest.fixture
def source() -> Source:
    days = (date(2024, 1, 5), date(2024, 2, 5), date(2024, 2, 6))
    return Source([letter(f"d{n}", n, on=day) for n, day in enumerate(days)])


def held(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.parquet"))


class TestByMonth:
    def test_the_first_export_writes_everything_and_the_second_nothing(self, source: Source, tmp_path: Path) -> None:
        first = source.export(tmp_path)
        assert [(part.month, part.rows) for part in first.written] == [(202401, 1), (202402, 2)]
        again = source.export(tmp_path)
        assert (source.asked, again.written, again.parts) == ([], (), first.parts)
        assert again.rows("documents") == 3

    def test_a_new_month_rereads_no_old_one(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        source.documents.append(letter("new", 9, on=date(2024, 3, 1)))
        source.export(tmp_path)
        assert source.asked == [202403]

    def test_a_late_deletion_rewrites_its_month_alone(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        source.documents[0] = replace(source.documents[0], deleted=date(2024, 6, 1))
        source.export(tmp_path)
        assert source.asked == [202401]
        assert pq.read_table(tmp_path / "documents/month=202401/part-0.parquet")["deleted"].to_pylist() == [
            date(2024, 6, 1)
        ]

    def test_rekeyed_pseudonyms_rewrite_their_months(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        source.documents = [replace(one, key_version=2) for one in source.documents[:1]] + source.documents[1:]
        done = source.export(tmp_path)
        assert source.asked == [202401]
        assert [part.key_versions for part in done.parts] == [(2,), (1,)]

    def test_a_month_that_has_no_rows_any_more_is_gone(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        del source.documents[0]
        done = source.export(tmp_path)
        assert [part.month for part in done.removed] == [202401]
        assert held(tmp_path) == ["documents/month=202402/part-0.parquet"]

    def test_a_file_that_went_missing_is_written_again(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        (tmp_path / "documents/month=202401/part-0.parquet").unlink()
        assert verify(tmp_path) == ["documents/month=202401/part-0.parquet: missing"]
        source.export(tmp_path)
        assert (source.asked, verify(tmp_path)) == ([202401], [])

    def test_months_before_since_are_not_looked_at(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        source.documents = [replace(one, acknowledged=True) for one in source.documents]
        done = source.export(tmp_path, since=202402)
        assert source.asked == [202402]
        assert [part.month for part in done.parts] == [202401, 202402]
        assert done.removed == ()

    def test_a_fresh_export_writes_every_month(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        source.export(tmp_path, fresh=True)
        assert source.asked == [202401, 202402]

    def test_files_of_another_writer_do_not_count_twice(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        stray = tmp_path / "documents/month=202401/data_7.parquet"
        stray.write_bytes((tmp_path / "documents/month=202401/part-0.parquet").read_bytes())
        source.export(tmp_path)
        assert not stray.exists()


class TestManifest:
    def test_counts_rows_and_holds_the_hash_of_each_file(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        told = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
        assert [(part["table"], part["month"], part["rows"]) for part in told["parts"]] == [
            ("documents", 202401, 1),
            ("documents", 202402, 2),
        ]
        assert read_manifest(tmp_path) == source.export(tmp_path).parts

    def test_a_changed_file_is_found(self, source: Source, tmp_path: Path) -> None:
        source.export(tmp_path)
        with (tmp_path / "documents/month=202402/part-0.parquet").open("ab") as file:
            file.write(b"x")
        assert verify(tmp_path) == ["documents/month=202402/part-0.parquet: changed since the export"]

    @pytest.mark.parametrize("text", ["", "[]", '{"parts": [{"table": "documents"}]}'])
    def test_that_cannot_be_read_is_said(self, text: str, source: Source, tmp_path: Path) -> None:
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        with pytest.raises(FactsError, match="not a manifest"):
            source.export(tmp_path)

    def test_an_empty_folder_has_none(self, tmp_path: Path) -> None:
        assert read_manifest(tmp_path) == ()
        assert verify(tmp_path) == []


def test_whole_tables_count_the_same_from_files(tmp_path: Path) -> None:
    stays = [stay(1), stay(2, out=None), stay(3, field="MCO")]
    tables = {"stays": arrow("stays", stays), "documents": arrow("documents", [letter("a", 1)])}
    done = write_parquet(tables, tmp_path)
    assert held(tmp_path)[-1] == "stays/month=__HIVE_DEFAULT_PARTITION__/part-0.parquet"
    assert done.rows("stays") == 3
    engines = [duckdb_engine(ArrowFacts(tables)), duckdb_engine(ParquetFacts(tmp_path))]
    memory, files = (compute(engine, YEAR, by_month=True, parts=True) for engine in engines)
    assert memory == files != []
    for engine in engines:
        engine.close()
