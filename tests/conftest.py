"""What all tests share: a small synthetic country in a database, and the real server in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from testdata import Country, Establishment
from tests.support.faces import Face
from tests.support.server import Server
from tests.support.synthetic import today

# The same examples every time, on any machine, however loaded it is.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

STAYS = 3
"""Stays an establishment of the demonstration country."""


@dataclass
class World:
    """A running server with a loaded country; `site` and `stranger` belong to different legal entities."""

    land: Country
    database: Path
    server: Server
    site: Establishment
    stranger: Establishment
    tokens: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration country as `segur data demo` loads it; copy it before writing to it."""
    from tests.support.server import segur

    path = tmp_path_factory.mktemp("demo") / "demo.db"
    done = segur("data", "demo", "--database", path, "--stays", str(STAYS), "--today", str(today()))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def demo_country() -> Country:
    """The country in `demo_database`."""
    from testdata import country

    return country(2026, today(), stays_per_establishment=STAYS)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, demo_database: Path, demo_country: Country) -> Iterator[World]:
    """The server most tests talk to: sandbox mode, two workers."""
    from fhir_server.security.caller import Role
    from tests.support.synthetic import copy_database, token_for

    folder = tmp_path_factory.mktemp("world")
    database = copy_database(demo_database, folder / "world.db")
    site, stranger = two_sites(demo_country)
    with Server(database, folder, "--workers", "2", "--demo") as server:
        made = World(demo_country, database, server, site, stranger)
        for name, role, organization in (
            ("site", Role.ESTABLISHMENT, site.legal_entity),
            ("stranger", Role.ESTABLISHMENT, stranger.legal_entity),
            ("editor", Role.EDITOR, "Éditeur de test"),
            ("ars", Role.ARS, site.region),
            ("ministry", Role.MINISTRY, None),
            ("operator", Role.OPERATOR, None),
        ):
            made.tokens[name] = token_for(database, role, organization)
        yield made
        assert server.stop() == 0


def two_sites(land: Country) -> tuple[Establishment, Establishment]:
    """Two health establishments of different legal entities and regions."""
    health = [place for place in land.establishments if place.sector == "health"]
    first = health[0]
    return first, next(p for p in health if p.legal_entity != first.legal_entity and p.region != first.region)


def _face(world: World, name: str) -> Iterator[Face]:
    face = Face(world.server.origin, world.tokens[name])
    yield face
    face.close()


@pytest.fixture(scope="session")
def site(world: World) -> Iterator[Face]:
    """The establishment that sends."""
    yield from _face(world, "site")


@pytest.fixture(scope="session")
def stranger(world: World) -> Iterator[Face]:
    """Another establishment."""
    yield from _face(world, "stranger")


@pytest.fixture(scope="session")
def editor(world: World) -> Iterator[Face]:
    """A software editor, with a sandbox of its own."""
    yield from _face(world, "editor")


@pytest.fixture
def newcomer(world: World, request: pytest.FixtureRequest) -> Iterator[Face]:
    """An editor whose sandbox is empty: what other tests sent is not in it."""
    from fhir_server.security.caller import Role
    from tests.support.synthetic import token_for

    face = Face(world.server.origin, token_for(world.database, Role.EDITOR, request.node.nodeid))
    yield face
    face.close()


@pytest.fixture(scope="session")
def ars(world: World) -> Iterator[Face]:
    """The regional agency of the establishment that sends."""
    yield from _face(world, "ars")


@pytest.fixture(scope="session")
def anyone(world: World) -> Iterator[Face]:
    """Somebody without a token."""
    face = Face(world.server.origin)
    yield face
    face.close()
