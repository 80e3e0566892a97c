"""`segur indicators compute` on a facts folder somebody else wrote: the contract's columns, and nothing else agreed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from fhir_server.cli.app import tree

PERIOD = ("--from", "2026-01-01", "--to", "2026-03-31", "--cutoff", "2026-04-15")
A, B, ENTITY = "350000014", "350000022", "350000001"

Row = dict[str, Any]
Tables = dict[str, pa.Table]


def document(name: str, day: str, **more: Any) -> Row:
    on = date.fromisoformat(day)
    return {
        "document": name, "organization": A, "legal_entity": ENTITY, "kind": "LDL", "stay": None, "patient": None,
        "produced": on, "deposited": on, "deleted": None, "month": on.year * 100 + on.month, "dmp": True,
        "mssante": False, "ins_level": "qualified", "conformant": True, "acknowledged": False, "key_version": 1,
    } | more  # fmt: skip


def stay(number: int, day: str | None, **more: Any) -> Row:
    on = None if day is None else date.fromisoformat(day)
    return {
        "stay": number, "organization": A, "legal_entity": ENTITY, "discharged": on,
        "month": None if on is None else on.year * 100 + on.month, "operated": False, "excluded": False,
    } | more  # fmt: skip


def message(name: str, day: str, **more: Any) -> Row:
    on = date.fromisoformat(day)
    return {
        "message": name, "organization": A, "legal_entity": ENTITY, "direction": "sent", "audience": "professional",
        "sent": on, "month": on.year * 100 + on.month, "delivered": True, "sdm_mr": False, "patient": None,
    } | more  # fmt: skip


def declared(indicator: str, numerator: int | None, denominator: int | None) -> Row:
    return {
        "organization": A, "legal_entity": ENTITY, "indicator": indicator, "period_start": date(2026, 1, 1),
        "period_end": date(2026, 3, 31), "numerator": numerator, "denominator": denominator, "source": "oSIS",
        "received": date(2026, 4, 2),
    }  # fmt: skip


ROWS: dict[str, list[Row]] = {
    "documents": [
        document("d1", "2026-01-10", stay=-1),
        document("d2", "2026-02-10", stay=2, ins_level="absent"),
        document("d3", "2026-04-15", stay=3),
        document("d4", "2026-02-11", organization=B, stay=4, deleted=date(2026, 4, 16)),
        document("d5", "2026-02-12", kind="BIO", produced=date(2026, 2, 1)),
        document("d6", "2026-03-31", organization=None),
        document("d7", "2026-02-28", stay=2, conformant=False),
    ],
    "stays": [
        stay(-1, "2026-01-09"), stay(2, "2026-02-09"), stay(3, "2026-03-31"), stay(4, "2026-02-09", organization=B),
        stay(5, None), stay(6, "2026-03-01", excluded=True),
    ],
    "messages": [
        message("m1", "2026-01-02"), message("m1", "2026-01-02", audience="citizen", patient=7),
        message("m2", "2026-02-02", delivered=False),
    ],
    "declared": [declared("I-SUN1-BIO", None, 4), declared("I-ESMS-E6", 9, None)],
}  # fmt: skip

FIGURES = {
    ("I-SUN1-LDL", A): (2, 3), ("I-SUN1-LDL", B): (1, 1), ("I-SUN1-INS", A): (2, 3), ("I-SUN1-INS", B): (1, 1),
    ("I-SUN1-BIO", A): (1, 4), ("I-ESMS-E6", A): (9, None), ("I-SUN2-PRO", A): (1, None),
    ("I-SUN2-CIT-OUT", A): (1, None), ("I-SUN2-INS", A): (1, None),
    ("I-ESMS-E5", A): (3, None), ("I-ESMS-E5", B): (1, None),
}  # fmt: skip


def tables() -> Tables:
    """As pyarrow makes them of plain rows: 64-bit months, a column of nulls where nobody has a value."""
    return {name: pa.Table.from_pylist(rows) for name, rows in ROWS.items()}


def by_month(table: pa.Table) -> dict[int | None, pa.Table]:
    months = pc.unique(table["month"]).to_pylist()
    same = {m: pc.is_null(table["month"]) if m is None else pc.equal(table["month"], m) for m in months}
    return {m: table.filter(pc.fill_null(found, False)) for m, found in same.items()}


def written(folder: Path, given: Tables, *, keep_month: bool = False, pieces: int = 1) -> Path:
    """A folder by months; `pieces` files each, whose names are not ours."""
    for name, table in given.items():
        if "month" not in table.column_names:
            (folder / name).mkdir(parents=True)
            pq.write_table(table, folder / name / "all.parquet")
            continue
        for month, rows in by_month(table).items():
            place = folder / name / f"month={'__HIVE_DEFAULT_PARTITION__' if month is None else month}"
            place.mkdir(parents=True)
            kept = rows if keep_month else rows.drop_columns(["month"])
            for piece in range(pieces):
                pq.write_table(
                    kept.take(pa.array(range(piece, len(kept), pieces), pa.int64())),
                    place / f"x-{piece}.snappy.parquet",
                )
    return folder


def compute(folder: Path, *more: str) -> list[Row]:
    asked = [part for measure in sorted({name for name, _ in FIGURES}) for part in ("--measure", measure)]
    done = CliRunner().invoke(tree(), ["indicators", "compute", "--facts", str(folder), *PERIOD, *asked, *more])
    assert done.exit_code == 0, done.output
    found: list[Row] = json.loads(done.output)
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return compute(written(tmp_path_factory.mktemp("plain"), tables()), "--by", "month")


def test_plain_rows_give_the_figures_counted_by_hand(tmp_path: Path) -> None:
    rows = compute(written(tmp_path / "facts", tables()))

    found = {(row["measure"], row["organization"]): (row["numerator"], row["denominator"]) for row in rows}
    assert found == FIGURES
    assert {row["month"] for row in rows} == {None}


def large(table: pa.Table) -> pa.Table:
    fields = [f.with_type(pa.large_string()) if pa.types.is_string(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def encoded(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(place, field.name, table[field.name].dictionary_encode())
    return table


def narrow(table: pa.Table) -> pa.Table:
    fields = [f.with_type(pa.int32()) if f.name in ("month", "key_version") else f for f in table.schema]
    return table.cast(pa.schema(fields))


def as_moments(table: pa.Table) -> pa.Table:
    """Midnights instead of days, as another tool writes a date."""
    fields = [f.with_type(pa.timestamp("us")) if pa.types.is_date(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def with_more(table: pa.Table) -> pa.Table:
    notes = pa.array([{"by": "somebody"}] * len(table))
    return table.append_column("note", notes).append_column("Remarque", pa.array(["é"] * len(table)))


def shuffled(table: pa.Table) -> pa.Table:
    return table.take(list(reversed(range(len(table))))).select(sorted(table.column_names, reverse=True))


def with_extras(table: pa.Table) -> pa.Table:
    """With the columns that the contract does not ask for and we know."""
    name = "link" if "document" in table.column_names else "field" if "discharged" in table.column_names else None
    return table if name is None else table.append_column(name, pa.nulls(len(table), pa.string()))


@pytest.mark.parametrize("form", [large, encoded, narrow, as_moments, with_more, shuffled, with_extras])
def test_the_form_of_a_column_does_not_matter(
    tmp_path: Path, expected: list[Row], form: Callable[[pa.Table], pa.Table]
) -> None:
    made = {name: form(table) for name, table in tables().items()}

    assert compute(written(tmp_path / "facts", made), "--by", "month") == expected


@pytest.mark.parametrize("pieces", [2, 5])
def test_several_files_a_month(tmp_path: Path, expected: list[Row], pieces: int) -> None:
    assert compute(written(tmp_path / "facts", tables(), pieces=pieces), "--by", "month") == expected


@pytest.mark.parametrize("form", [lambda table: table, narrow], ids=["int64", "int32"])
def test_the_month_may_stand_in_the_files_too(
    tmp_path: Path, expected: list[Row], form: Callable[[pa.Table], pa.Table]
) -> None:
    made = {name: form(table) for name, table in tables().items()}

    assert compute(written(tmp_path / "facts", made, keep_month=True), "--by", "month") == expected


def test_files_of_one_table_may_differ(tmp_path: Path, expected: list[Row]) -> None:
    """One month with an extra column and large strings, the next without."""
    folder = written(tmp_path / "facts", tables())
    path = folder / "documents" / "month=202602" / "x-0.snappy.parquet"
    pq.write_table(shuffled(with_more(large(with_extras(pq.ParquetFile(path).read())))), path)

    assert compute(folder, "--by", "month") == expected


def test_an_empty_month_and_the_scratch_of_another_tool_count_nothing(tmp_path: Path, expected: list[Row]) -> None:
    folder = written(tmp_path / "facts", tables())
    nobody = tables()["documents"].slice(0, 0).drop_columns(["month"])
    for month in (202512, 202603, 202605):
        place = folder / "documents" / f"month={month}"
        place.mkdir(exist_ok=True)
        pq.write_table(nobody, place / "empty.parquet")
    (folder / "documents" / "month=202601" / "_SUCCESS").touch()
    (folder / "documents" / "month=202604" / ".x-0.snappy.parquet.crc").write_bytes(b"\x00")
    (folder / "stays" / "_temporary").mkdir()
    (folder / "stays" / "_temporary" / "x.parquet").write_bytes(b"half")
    (folder / "documents" / "month=202511").mkdir()

    assert compute(folder, "--by", "month") == expected


def test_a_folder_without_messages_or_declarations_has_none(tmp_path: Path, expected: list[Row]) -> None:
    kept = {name: table for name, table in tables().items() if name not in ("messages", "declared")}
    folder = written(tmp_path / "facts", kept)

    found = {(row["measure"], row["organization"]): row for row in compute(folder)}
    assert found["I-SUN1-LDL", A]["numerator"] == 2
    assert (found["I-SUN1-BIO", A]["numerator"], found["I-SUN1-BIO", A]["denominator"]) == (1, None)
    assert not {name for name, _ in found} & {"I-SUN2-PRO", "I-ESMS-E4", "I-ESMS-E6"}


def test_evidence_of_such_a_folder(tmp_path: Path) -> None:
    folder = written(tmp_path / "facts", tables())
    arguments = ["indicators", "evidence", "I-SUN1-LDL", "--facts", str(folder), *PERIOD, "--organization", A]

    done = CliRunner().invoke(tree(), arguments)

    assert [(row["document"], row["reason"]) for row in json.loads(done.output)] == [
        ("d1", "COUNTED"), ("d2", "INS_ABSENT"), ("d7", "NOT_CONFORMANT"), ("d3", "COUNTED"), ("d6", "SITE_UNKNOWN"),
    ]  # fmt: skip
    summed = CliRunner().invoke(tree(), [*arguments, "--summary"])
    assert json.loads(summed.output) == {"COUNTED": 2, "INS_ABSENT": 1, "NOT_CONFORMANT": 1, "SITE_UNKNOWN": 1}


def test_a_moment_with_hours_is_still_its_day(tmp_path: Path, expected: list[Row]) -> None:
    made = tables()
    rows = [row | {"sent": datetime.combine(row["sent"], datetime.max.time())} for row in ROWS["messages"]]
    made["messages"] = pa.Table.from_pylist(rows)

    assert compute(written(tmp_path / "facts", made), "--by", "month") == expected
