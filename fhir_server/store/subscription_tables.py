"""Subscriptions: what each of them wants, and how far in the change feed it has come."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

subscription = sa.Table(
    "subscription", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, comment="counts what its owner wrote, not what became of it"),
    sa.Column("updated", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="JSON as written; its status is that of this row"),
    sa.Column("base", sa.Text, nullable=False, comment="FHIR base that references in notifications begin with"),
    sa.Column("topic", sa.Text, nullable=False, comment="code of the topic"),
    sa.Column("content", sa.Text, nullable=False, comment="empty or id-only"),
    sa.Column("ends", sa.BigInteger, comment="microseconds since the epoch; null: never"),
    sa.Column("secret", sa.LargeBinary, nullable=False, comment="notifications are signed with it"),
    sa.Column("key", sa.Text, nullable=False, comment="name of the secret"),
    sa.Column("status", sa.Text, nullable=False, comment="requested, active, error or off"),
    sa.Column("error", sa.Text, comment="the last failure: a code, never the receiver's text"),
    sa.Column("start", sa.BigInteger, nullable=False, comment="change after which its events begin"),
    sa.Column("position", sa.BigInteger, nullable=False, comment="change up to which all is delivered"),
    sa.Column("events", sa.BigInteger, nullable=False, comment="number of the last event delivered"),
    sa.Column("attempts", sa.Integer, nullable=False, comment="failures since the last success"),
    sa.Column("next_at", sa.BigInteger, nullable=False, comment="not before this moment"),
    sa.Column("failing", sa.BigInteger, comment="since when; null while it works"),
    sqlite_with_rowid=False,
)  # fmt: skip
