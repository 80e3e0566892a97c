"""The environment: our top-level names are ours alone; the schema is what the migrations make of it."""

from __future__ import annotations

from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import fhir_server.store
from fhir_server.store.database import HEAD, open_engine, schema_version, upgrade
from fhir_server.store.tables import metadata
from tests.fhir_server.conftest import Desk

OURS = ("fhir_server", "validators", "indicators", "profiles", "testdata")


@pytest.mark.parametrize("name", OURS)
def test_no_installed_distribution_provides_the_same_name(name: str) -> None:
    providers = set(packages_distributions().get(name, ()))
    assert providers <= {"segur-fhir"}, f"{name} is provided by {providers}: use an environment of its own"


def test_no_file_of_another_distribution_is_in_our_packages() -> None:
    strangers = {
        name
        for name, owners in packages_distributions().items()
        if name in OURS
        for owner in owners
        if owner != "segur-fhir"
    }
    assert not strangers
    assert distribution("segur-fhir").version


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(fhir_server.store.__file__).with_name("migrations")))
    return ScriptDirectory.from_config(config)


class TestMigrations:
    def test_end_at_the_schema_the_code_asks_for(self) -> None:
        assert scripts().get_heads() == [HEAD]

    def test_make_exactly_the_tables_of_the_code(self, database: Path) -> None:
        engine = open_engine(str(database))
        with engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), metadata)
        engine.dispose()
        assert not differences

    def test_can_be_run_twice_and_keep_the_key_of_the_pseudonyms(self, desk: Desk) -> None:
        before = desk.keys.number("patient", "x")
        upgrade(str(desk.database))
        again = Desk(desk.database, desk.land)
        assert again.keys.number("patient", "x") == before
        again.close()

    def test_say_their_version(self, database: Path, tmp_path: Path) -> None:
        assert schema_version(str(database)) == HEAD
        other = tmp_path / "other.db"
        other.write_bytes(b"no database at all" * 100)
        assert schema_version(str(other)) is None
