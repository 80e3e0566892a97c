"""Acts: what they expect is checked, what they write is whole or absent, and the audit says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.acts import Act, Change, Drop, Expect, Put, act_now
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.filing import Filer
from fhir_server.store.plan import Outcome, WritePlan

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    path = str(tmp_path / "segur.db")
    prepare(path)
    return open_engine(path)


def mailbox(address: str, organization: str = "350000014", **more: Any) -> dict[str, Any]:
    return {"address": address, "legal_entity": "350000001", "organization": organization, "source": "imported"} | more


def run(engine: sa.Engine, **parts: Any) -> Outcome:
    with engine.begin() as connection:
        plan = act_now("350000001", "ars", "a1", NOW, "test", "thing", **parts)
        # as it crosses the pipe
        crossed = msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=WritePlan | Act)
        return Filer(connection).file(crossed)


def rows(engine: sa.Engine, table: sa.Table) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(table)))


def test_rows_are_put_and_audited(engine: sa.Engine) -> None:
    outcome = run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"), mailbox("b@x.mssante.fr", kind="ORG"))),))
    assert (outcome.kind, outcome.status) == ("filed", 200)
    assert [(row.address, row.kind) for row in rows(engine, tables.mailbox)] == [
        ("a@x.mssante.fr", None), ("b@x.mssante.fr", "ORG")]  # fmt: skip
    assert [(row.action, row.entity, row.outcome) for row in rows(engine, tables.audit)] == [("test", "thing", "done")]


def test_dates_cross_the_pipe(engine: sa.Engine) -> None:
    figure = {
        "organization": "350000014", "indicator": "I-SUN1-BIO", "period_start": date(2026, 1, 1), "numerator": 4,
        "period_end": date(2026, 6, 30), "source": "osis", "legal_entity": "350000001", "received": date(2026, 7, 1),
    }  # fmt: skip
    run(engine, puts=(Put("declared", (figure,)),))
    assert [row.period_start for row in rows(engine, tables.declared)] == [date(2026, 1, 1)]


@pytest.mark.parametrize("present", [True, False])
def test_an_expectation_that_does_not_hold_writes_nothing(engine: sa.Engine, present: bool) -> None:
    if not present:
        run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"),)),))
    expect = Expect("mailbox", {"address": "a@x.mssante.fr"}, present, "SUBMISSION-CONFLICT", params={"unique_id": "x"})
    outcome = run(engine, expects=(expect,), puts=(Put("mailbox", (mailbox("c@x.mssante.fr"),)),))
    assert (outcome.kind, outcome.status, outcome.findings[0].rule) == ("conflict", 409, "SUBMISSION-CONFLICT")
    assert "c@x.mssante.fr" not in {row.address for row in rows(engine, tables.mailbox)}
    assert rows(engine, tables.audit)[-1].outcome == "refused"


def test_replace_takes_the_place_of_the_same_key(engine: sa.Engine) -> None:
    run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"),)),))
    run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr", organization="350000022"),), replace=True),))
    assert [row.organization for row in rows(engine, tables.mailbox)] == ["350000022"]


def test_a_row_that_fails_takes_the_whole_act_with_it(engine: sa.Engine) -> None:
    with pytest.raises(Exception, match="NOT NULL"):
        run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"), mailbox("b@x.mssante.fr", organization=None))),))
    assert rows(engine, tables.mailbox) == []


def test_drop(engine: sa.Engine) -> None:
    run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"), mailbox("b@x.mssante.fr"))),))
    run(engine, drops=(Drop("mailbox", {"address": "a@x.mssante.fr"}),))
    assert [row.address for row in rows(engine, tables.mailbox)] == ["b@x.mssante.fr"]


def test_a_change_leaves_the_rest_of_a_row_as_it_is(engine: sa.Engine) -> None:
    run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr", kind="ORG"), mailbox("b@x.mssante.fr"))),))

    run(engine, changes=(Change("mailbox", {"address": "a@x.mssante.fr"}, {"organization": "350000022"}),))

    assert [(row.address, row.organization, row.kind) for row in rows(engine, tables.mailbox)] == [
        ("a@x.mssante.fr", "350000022", "ORG"), ("b@x.mssante.fr", "350000014", None)]  # fmt: skip


def test_what_is_not_as_expected_changes_nothing(engine: sa.Engine) -> None:
    run(engine, puts=(Put("mailbox", (mailbox("a@x.mssante.fr"),)),))

    outcome = run(
        engine,
        expects=(Expect("mailbox", {"address": "z@x.mssante.fr"}, present=True, rule="HTTP-NOT-FOUND", status=404),),
        changes=(Change("mailbox", {"address": "a@x.mssante.fr"}, {"organization": "350000022"}),),
    )

    assert outcome.status == 404
    assert [row.organization for row in rows(engine, tables.mailbox)] == ["350000014"]
