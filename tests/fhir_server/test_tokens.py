"""Tokens: only their hash is kept, and only a whole, living one opens anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from fhir_server.security.caller import Caller, Role, Scope, TokenError, create_token, digest, find_caller
from fhir_server.store import tables
from tests.fhir_server.conftest import Desk


@pytest.fixture
def token(desk: Desk) -> str:
    with desk.writes.begin() as connection:
        return create_token(connection, Role.ESTABLISHMENT, desk.site.legal_entity)


def caller(desk: Desk, header: str | None) -> Caller | None:
    with desk.reads.connect() as connection:
        return find_caller(connection, header)


def test_the_token_is_nowhere_in_the_database(desk: Desk, token: str) -> None:
    files = [path for path in desk.database.parent.iterdir() if path.name.startswith(desk.database.name)]
    assert files
    for path in files:
        assert token.encode() not in path.read_bytes()
    assert any(digest(token) in path.read_bytes() for path in files)


def test_a_living_token_names_its_caller(desk: Desk, token: str) -> None:
    assert caller(desk, f"Bearer {token}") == Caller(Role.ESTABLISHMENT, desk.site.legal_entity)
    assert caller(desk, f"bearer {token} ") is not None


@pytest.mark.parametrize("form", ["{0}", "Basic {0}", "Bearer {0}x", "Bearer x{0}", "Bearer", "Bearer ", ""])
def test_anything_else_names_nobody(desk: Desk, token: str, form: str) -> None:
    assert caller(desk, form.format(token)) is None
    assert caller(desk, None) is None


@pytest.mark.parametrize(
    ("column", "value", "alive"), [("revoked", 1, False), ("expires", 1, False), ("expires", 2**62, True)]
)
def test_a_token_ends(desk: Desk, token: str, column: str, value: int, alive: bool) -> None:
    with desk.writes.begin() as connection:
        connection.execute(tables.token.update().values({column: value}))
    assert (caller(desk, f"Bearer {token}") is not None) == alive


def test_two_tokens_are_never_the_same(desk: Desk) -> None:
    with desk.writes.begin() as connection:
        made = {create_token(connection, Role.OPERATOR, None) for _ in range(50)}
    assert len(made) == 50


@pytest.mark.parametrize(
    ("role", "organization"),
    [(Role.ESTABLISHMENT, None), (Role.ARS, None), (Role.EDITOR, ""), (Role.MINISTRY, "x"), (Role.OPERATOR, "x")],
)
def test_role_and_organisation_go_together(desk: Desk, role: Role, organization: str | None) -> None:
    with desk.writes.begin() as connection, pytest.raises(TokenError):
        create_token(connection, role, organization)
    assert not desk.rows(tables.token)


def test_only_those_who_own_documents_have_a_scope() -> None:
    assert Caller(Role.ESTABLISHMENT, "1").scope == Scope("1")
    editor = Caller(Role.EDITOR, "1").scope
    assert editor is not None
    assert editor != Scope("1")
    for role in (Role.ARS, Role.MINISTRY, Role.OPERATOR):
        assert Caller(role, "53").scope is None


def test_the_database_is_nobody_elses(database: Path) -> None:
    assert database.stat().st_mode & 0o077 == 0


def test_a_reader_cannot_write(desk: Desk) -> None:
    with desk.reads.connect() as connection, pytest.raises(sa.exc.OperationalError):
        connection.execute(tables.token.delete())
