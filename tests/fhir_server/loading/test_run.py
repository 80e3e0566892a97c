"""A load that is cut anywhere and run again leaves what one that is not cut leaves."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fhir_server.loading import run, sources
from fhir_server.loading.run import Load, Progress
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import settings_from
from fhir_server.store.alone import require_alone
from fhir_server.store.database import DatabaseError, open_engine, prepare
from tests.support.loads import content, lines, organization, rejected

EDITOR = Caller(Role.EDITOR, "Essai")
ROWS = st.lists(
    st.one_of(
        st.builds(organization, st.integers(1, 5), st.sampled_from(["A", "B", "C"])),
        st.sampled_from(["", "{", '{"resourceType": "Organization", "name": 1}']),
        st.just({"resourceType": "Organization", "name": "Sans id"}),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


def load(database: Path, path: Path, *, rejects: Path | None = None, steps: int | None = None) -> Progress:
    """Load with every piece committed by itself, and stop after some steps."""
    told = Load(settings_from(database=str(database)), EDITOR, [path], 2, rejects).run()
    *_, last = itertools.islice(told, steps)
    told.close()
    return last.progress


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_LINES_AT_ONCE", 2)
    monkeypatch.setattr(run, "COMMIT_PIECES", 1)


@pytest.mark.usefixtures("small")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=8)
@given(rows=ROWS, cuts=st.lists(st.integers(1, 6), min_size=1, max_size=2))
def test_any_cut_resumes_to_the_same_content(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole, cut = folder / "whole.db", folder / "cut.db"
    prepare(str(whole))
    with closing(sqlite3.connect(whole)) as here, closing(sqlite3.connect(cut)) as there:
        here.backup(there)  # one key: ids of what has none are the same
    path = lines(folder / "rows.ndjson", rows)
    once = load(whole, path, rejects=folder / "a")
    for steps in cuts:
        load(cut, path, rejects=folder / "b", steps=steps)
    again = load(cut, path, rejects=folder / "b")
    assert content(cut) == content(whole)
    assert again.tally == once.tally
    assert again.items == again.total_items == once.items
    assert again.bytes == again.total_bytes == path.stat().st_size
    assert rejected(folder / "a") == rejected(folder / "b")


def test_the_later_line_is_the_later_version(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    prepare(str(database))
    rows = [organization(1, name) for name in ("A", "B", "B", "A")]
    assert load(database, lines(tmp_path / "a.ndjson", rows)).tally.filed == 3
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("select version, json_extract(body, '$.name') from resource").fetchall() == [(3, "A")]
        assert db.execute("select count(*) from resource_history").fetchone() == (2,)


def test_the_same_content_under_two_names_is_loaded_once(tmp_path: Path) -> None:
    database, folder = tmp_path / "a.db", tmp_path / "f"
    prepare(str(database))
    folder.mkdir()
    for name in ("a.ndjson", "b.ndjson"):
        lines(folder / name, [organization(1), organization(2)])
    found = load(database, folder)
    assert (found.tally.filed, found.tally.duplicates, found.items) == (2, 2, 4)


def test_a_database_open_elsewhere_is_not_written_to(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    prepare(str(database))
    require_alone(str(database))
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select * from alembic_version').fetchall();"
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        with pytest.raises(DatabaseError, match="open elsewhere"):
            require_alone(str(database))
        other.stdin.close()
    require_alone(str(database))
    engine = open_engine(str(database))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
    engine.dispose()
