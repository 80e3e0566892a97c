"""Evidence of every measure over random countries: as many counted rows as the numerator, each unit told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from indicators.engine import ArrowFacts, DuckDBEngine, duckdb_engine
from indicators.measures import MEASURES, Window, compute, evidence
from tests.indicators.oracle.events import lands
from tests.indicators.oracle.fold import tables
from tests.indicators.test_parity import WINDOWS

DECLARED = {name for name, found in MEASURES.items() if found.info.attributed_by.startswith("declared")}
SEEN = sorted(set(MEASURES) - DECLARED - {"I-CC-2"})


@pytest.fixture(scope="module", params=WINDOWS[:3], ids=["two months", "one day", "early cut-off"])
def counted(request: pytest.FixtureRequest) -> Iterator[tuple[DuckDBEngine, Window]]:
    engine = duckdb_engine(ArrowFacts(tables(lands(300, 30, request.param))), threads=1)
    yield engine, request.param
    engine.close()


@pytest.mark.parametrize("measure", SEEN)
def test_counted_rows_are_the_numerator(counted: tuple[DuckDBEngine, Window], measure: str) -> None:
    engine, window = counted
    rows = evidence(engine, measure, window)
    figures = {f.organization: f.numerator for f in compute(engine, window, measures=[measure]) if f.numerator}
    assert Counter(row.organization for row in rows if row.counted) == Counter(figures)
    assert all((row.reason == "COUNTED") == row.counted for row in rows)
    units = [(row.organization, row.message) if row.message else row.document for row in rows]
    told = [unit for unit in units if unit is not None]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("measure", sorted(DECLARED))
def test_a_declared_figure_rests_on_the_declarations_that_answer(
    counted: tuple[DuckDBEngine, Window], measure: str
) -> None:
    engine, window = counted
    rows = evidence(engine, measure, window)
    answered = {row.organization for row in rows if row.counted}
    assert {figure.organization for figure in compute(engine, window, measures=[measure])} <= answered
    assert all(row.declared for row in rows)
    assert {row.reason for row in rows} <= {
        "COUNTED", "DECLARED_SUPERSEDED", "DECLARED_OTHER_PERIOD", "DECLARED_INCOMPLETE",
    }  # fmt: skip


def test_each_service_used_has_its_first_proof(counted: tuple[DuckDBEngine, Window]) -> None:
    engine, window = counted
    rows = [row for row in evidence(engine, "I-CC-2", window) if row.declared is None]
    figures = compute(engine, window, measures=["I-CC-2"], parts=True)
    seen = Counter(
        f.organization for f in figures if f.numerator and f.part in ("DMP", "DCC", "TELEMEDECINE", "MSSANTE")
    )
    assert Counter(row.organization for row in rows) == seen
    assert all(row.counted and (row.document or row.message) for row in rows)


@pytest.mark.parametrize("measure", MEASURES)
def test_one_establishment_sees_its_own_rows(counted: tuple[DuckDBEngine, Window], measure: str) -> None:
    engine, window = counted
    for site in ("030000024", "030100048"):
        whole = sum(f.numerator for f in compute(engine, window, measures=[measure]) if f.organization == site)
        alone = compute(engine, window, measures=[measure], organization=site)
        assert sum(figure.numerator for figure in alone) == whole
        if measure in SEEN:
            rows = evidence(engine, measure, window, organization=site)
            assert sum(row.counted for row in rows) == whole
