"""An existing database of the first schema comes to this one's without losing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from fhir_server.store import database as db
from fhir_server.store import tables

MIGRATIONS = Path(db.__file__).with_name("migrations")
MESSAGE: dict[str, Any] = {
    "legal_entity": "350000022", "message": "m1", "audience": "citizen", "month": 202603, "organization": "350000048",
    "direction": "sent", "sent": "2026-03-31", "delivered": True, "sdm_mr": False, "patient": -5,
}  # fmt: skip
STAY: dict[str, Any] = {
    "legal_entity": "350000022", "stay": 7, "month": 202603, "organization": "350000048", "discharged": "2026-03-31",
    "operated": False, "excluded": False, "patient": None, "number": "S7",
}  # fmt: skip


def config(connection: sa.Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["connection"] = connection
    return found


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of the first schema with a message and a stay in it."""
    path = tmp_path / "old.db"
    path.touch()
    engine = db.open_engine(str(path))
    with engine.begin() as connection:
        command.upgrade(config(connection), "0001")
        db._first_key(connection)
        for name, row in (("messages", MESSAGE), ("stays", STAY)):
            marks = ", ".join(f":{column}" for column in row)
            connection.execute(sa.text(f"insert into {name} ({', '.join(row)}) values ({marks})"), row)
    engine.dispose()
    return path


def test_the_newest_migration_is_the_one_that_start_up_asks_for() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [db.HEAD]


def test_an_older_schema_stops_and_names_the_command(old: Path) -> None:
    with pytest.raises(db.DatabaseError, match="segur db upgrade"):
        db.prepare(str(old))


def test_nothing_is_lost(old: Path) -> None:
    db.upgrade(str(old))

    engine = db.open_engine(str(old), read_only=True)
    with engine.connect() as connection:
        (message,) = connection.execute(sa.select(tables.messages)).mappings()
        (stay,) = connection.execute(sa.select(tables.stays)).mappings()
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.pseudonym_key)) == 1
    engine.dispose()
    assert {name: str(message[name]) for name in MESSAGE} == {name: str(value) for name, value in MESSAGE.items()}
    assert (message["key_version"], message["mailbox"]) == (1, "")
    assert {name: str(stay[name]) for name in STAY} == {name: str(value) for name, value in STAY.items()}
    assert stay["field"] is None


def test_an_upgraded_database_is_a_new_one(old: Path, tmp_path: Path) -> None:
    db.upgrade(str(old))
    db.prepare(str(tmp_path / "new.db"))

    assert shape(old) == shape(tmp_path / "new.db")


def shape(path: Path) -> dict[str, Any]:
    engine = db.open_engine(str(path), read_only=True)
    inspector = sa.inspect(engine)
    found: dict[str, Any] = {}
    for table in inspector.get_table_names():
        columns = {c["name"]: (str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)}
        keys = inspector.get_pk_constraint(table)["constrained_columns"]
        found[table] = (columns, keys, sorted(str(i["name"]) for i in inspector.get_indexes(table)))
    engine.dispose()
    return found


def test_the_tables_in_code_are_those_of_the_migrations(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    db.prepare(str(path))
    found = shape(path)
    found.pop("alembic_version")

    assert sorted(found) == sorted(tables.metadata.tables)
    for name, (columns, keys, indexes) in found.items():
        table = tables.metadata.tables[name]
        assert sorted(columns) == sorted(table.c.keys()), name
        assert keys == [column.name for column in table.primary_key.columns], name
        assert indexes == sorted(str(index.name) for index in table.indexes), name
