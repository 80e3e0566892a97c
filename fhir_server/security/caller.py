"""Who is asking: bearer tokens (stored as hashes), roles, and the scope every repository call needs."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from fhir_server.store import tables
from fhir_server.store.driver import Prepared, Session

_TOKEN = Prepared(sa.select(tables.token).where(tables.token.c.sha256 == sa.bindparam("sha256")))


class Role(StrEnum):
    """The roles a token can carry."""

    ESTABLISHMENT = "establishment"
    EDITOR = "editor"
    ARS = "ars"
    MINISTRY = "ministry"
    OPERATOR = "operator"


_FORMS = {
    Role.ESTABLISHMENT: re.compile(r"[0-9][0-9AB][0-9]{7}"),
    Role.ARS: re.compile(r"[0-9]{2}"),
}
"""What an organisation looks like, where it is a code."""


class TokenError(ValueError):
    """The role and organisation asked for do not go together."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a repository call may see: one owner's rows. There is no default and no scope over everything."""

    owner: str


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated sender: its role and organisation (legal FINESS, region code or name)."""

    role: Role
    organization: str | None

    @property
    def scope(self) -> Scope | None:
        """Its own rows: an establishment's legal entity, an editor's sandbox; None for those who own no document."""
        if self.role is Role.ESTABLISHMENT and self.organization:
            return Scope(self.organization)
        if self.role is Role.EDITOR and self.organization:
            return Scope(f"editor:{self.organization}")
        return None


def digest(token: str) -> bytes:
    """What is stored of a token. It holds 256 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def require_form(role: Role, organization: str | None) -> None:
    """Go on only with an organisation that the role can have.

    Raises:
        TokenError: an establishment needs a legal FINESS, an ARS a region, an editor a name; the others have none.
    """
    needs = role in (Role.ESTABLISHMENT, Role.ARS, Role.EDITOR)
    if needs != bool(organization):
        raise TokenError(f"role {role} {'needs' if needs else 'takes no'} --organization")
    form = _FORMS.get(role)
    if form is not None and not form.fullmatch(organization or ""):
        kind = "a legal FINESS of nine characters" if role is Role.ESTABLISHMENT else "a region code of two digits"
        raise TokenError(f"{organization}: {kind} is needed")


def create_token(connection: sa.Connection, role: Role, organization: str | None) -> str:
    """Store a new token's hash and return the token, which is shown once.

    Raises:
        TokenError: an establishment needs a legal FINESS, an ARS a region, an editor a name; the others have none.
    """
    require_form(role, organization)
    token = secrets.token_urlsafe(32)
    connection.execute(
        tables.token.insert(),
        {"sha256": digest(token), "role": role.value, "organization": organization, "created": time.time_ns() // 1000},
    )
    return token


def find_caller(connection: sa.Connection, authorization: str | None) -> Caller | None:
    """The caller of an `Authorization: Bearer …` header; None when it is missing, unknown, expired or revoked."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    row = Session(connection).one(_TOKEN, sha256=digest(token.strip()))
    now = time.time_ns() // 1000
    if row is None or row.revoked is not None or (row.expires is not None and row.expires < now):
        return None
    return Caller(Role(row.role), row.organization)
