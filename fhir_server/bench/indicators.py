"""`segur bench indicators`: every document measure over generated facts, beside a bare scan of the same columns.

The facts are written straight to Parquet by SQL: documents and stays over two years, months as folders, files sorted by
establishment, skewed so that large hospitals send a hundred times what small ones do.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indicators.engine import DuckDBEngine

SITES = 3_000
EACH = 4  # documents a stay
MONTHS = tuple(year * 100 + month for year in (2024, 2025) for month in range(1, 13))
FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
SCANNED = (
    "organization", "legal_entity", "kind", "stay", "produced", "deposited", "deleted", "month", "dmp", "ins_level",
    "conformant", "acknowledged", "mssante",
)  # fmt: skip
_PLACE = "(power((hash(visit) % 1000003) / 1000003.0, 2) * {sites})::BIGINT AS site"
_WHERE = """
         lpad((10000000 + site * 31)::VARCHAR, 9, '0') AS organization,
         lpad((10000000 + site // 3 * 93)::VARCHAR, 9, '0') AS legal_entity"""
_PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 65536)"
_DOCUMENTS = f"""
COPY (
  WITH drawn AS (
    SELECT range AS i, range // {{each}} AS visit, hash(range * 7 + 1) % 1000 AS luck, hash(range * 7 + 2) AS fate
    FROM range({{low}}, {{high}})
  ), placed AS (
    SELECT *, {_PLACE}, least(hash(visit) % 28 + fate % 4, 27)::INTEGER AS day FROM drawn
  )
  SELECT 'd' || i AS document, {_WHERE},
         CASE WHEN luck < 350 THEN 'LDL' WHEN luck < 600 THEN 'BIO' WHEN luck < 750 THEN 'IMG'
              WHEN luck < 870 THEN 'ORD' WHEN luck < 930 THEN 'CRO' WHEN luck < 935 THEN 'SDM-MR'
              WHEN luck < 945 THEN 'FRCP' ELSE 'OTHER' END AS kind,
         CASE WHEN luck < 350 OR luck >= 750 THEN visit END AS stay,
         (hash(visit * 7 + 5) % 20000000)::BIGINT AS patient,
         DATE '{{first}}' + day - (fate % 3)::INTEGER AS produced, DATE '{{first}}' + day AS deposited,
         CASE WHEN fate % 100 = 0 THEN DATE '{{first}}' + day + 5 END AS deleted,
         fate % 1000 < 850 AS dmp, fate % 1000 >= 800 AS mssante,
         CASE WHEN fate % 10 < 8 THEN 'qualified' WHEN fate % 10 = 8 THEN 'present' ELSE 'absent' END AS ins_level,
         fate % 50 <> 1 AS conformant, fate % 2 = 0 AS acknowledged, 1 AS key_version
  FROM placed ORDER BY organization
) TO '{{path}}' {_PARQUET}
"""  # noqa: S608
_STAYS = f"""
COPY (
  WITH drawn AS (SELECT range AS visit FROM range({{low}} // {{each}}, {{high}} // {{each}})),
  placed AS (SELECT *, {_PLACE} FROM drawn)
  SELECT visit AS stay, {_WHERE}, DATE '{{first}}' + (hash(visit) % 28)::INTEGER AS discharged,
         hash(visit) % 4 = 0 AS operated, hash(visit) % 50 = 0 AS excluded, 'MCO' AS field
  FROM placed ORDER BY organization
) TO '{{path}}' {_PARQUET}
"""  # noqa: S608


def run(size: int, folder: Path | None = None) -> dict[str, Any]:
    """Figures of one run, in seconds and milliseconds; facts already generated in `folder` are taken as they are."""
    with tempfile.TemporaryDirectory(prefix="segur-bench-") as scratch:
        facts = folder or Path(scratch)
        made = _generate(facts, size)
        return {"generated_s": made, **_measured(facts, size)}


def _generate(folder: Path, size: int) -> float:
    """One file a month; how long it took."""
    import duckdb

    started = time.perf_counter()
    connection = duckdb.connect(":memory:", config={"threads": os.cpu_count() or 2})
    connection.execute("SET enable_progress_bar = false")
    share = size // len(MONTHS) // EACH * EACH
    for place, month in enumerate(MONTHS):
        for table, sql in (("documents", _DOCUMENTS), ("stays", _STAYS)):
            path = folder / table / f"month={month}" / "part-0.parquet"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                sql.format(
                    low=place * share, high=(place + 1) * share, first=date(month // 100, month % 100, 1), path=path,
                    sites=SITES, each=EACH,
                )
            )  # fmt: skip
    connection.close()
    return round(time.perf_counter() - started, 1)


def _measured(folder: Path, size: int) -> dict[str, Any]:
    from indicators.engine import ParquetFacts, duckdb_engine

    limit = os.environ.get("SEGUR_BENCH_MEMORY")
    engine = duckdb_engine(ParquetFacts(folder), threads=os.cpu_count(), memory_limit=limit)
    try:
        scan = _seconds(lambda: _scan(engine))
        used = time.process_time()
        seconds = _all(engine)
        used = time.process_time() - used
        one = [_seconds(partial(_one, engine, site)) for site in _ESTABLISHMENTS * 2]
    finally:
        engine.close()
    total = round(sum(seconds.values()), 2)
    return {
        "n": size, "errors": 0, "all_s": total, "all_cpu_s": round(used, 2),
        "scan_s": round(scan, 2), "ratio_to_floor": round(total / scan, 2),
        "one_establishment_ms": round(1000 * median(one), 1), "passes_s": seconds,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "size_bytes": sum(path.stat().st_size for path in folder.rglob("*.parquet")),
        "versions": {
            "python": sys.version.split()[0], "segur-fhir": version("segur-fhir"), "duckdb": version("duckdb"),
            "cores": os.cpu_count(),
        },
    }  # fmt: skip


def _document_measures() -> dict[str, list[str]]:
    """The measures counted from documents, by the pass over the facts that they share."""
    from indicators.measures import MEASURES
    from indicators.measures.compute import passes

    wanted = [name for name, found in MEASURES.items() if "documents." in found.info.attributed_by or name in _STAY]
    return {"+".join(names): names for names in passes(wanted)}


_STAY = ("I-SUN1-LDL", "I-SUN1-ORD", "I-SUN1-CRO", "I-IFAQ-LDL")
_ESTABLISHMENTS = tuple(f"{10_000_000 + place * 31:09d}" for place in (0, 40, 1500, 2900))
"""From the largest to a small one."""


def _all(engine: DuckDBEngine) -> dict[str, float]:
    from indicators.measures import Window, compute

    window = Window(FIRST, LAST)
    return {
        said: round(_seconds(partial(compute, engine, window, measures=names, by_month=True)), 2)
        for said, names in _document_measures().items()
    }


def _one(engine: DuckDBEngine, site: str) -> None:
    """One figure of one establishment over a half-year, evidence left aside."""
    from indicators.measures import Window, compute

    compute(engine, Window(date(2025, 1, 1), date(2025, 6, 30)), measures=["I-SUN1-LDL"], organization=site)


def _scan(engine: DuckDBEngine) -> None:
    """Read every column that the measures read, and nothing more than that."""
    sums = ", ".join(f"count({name})" for name in SCANNED)
    engine.connection.sql(f"SELECT {sums}, bit_xor(hash({', '.join(SCANNED)})) FROM documents").fetchall()  # noqa: S608


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
