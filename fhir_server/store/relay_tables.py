"""The relay's line: one row a submission and route, from the moment both are durable to the receiver's last word."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

relay_item = sa.Table(
    "relay_item", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("submission", sa.Text, primary_key=True),
    sa.Column("route", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False, comment="waiting, sending, acknowledged, refused or expired"),
    sa.Column("queued", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("next_at", sa.BigInteger, nullable=False, comment="not before this moment"),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False, comment="as received: a boundary stands in it"),
    sa.Column("unique_ids", sa.Text, nullable=False, comment="JSON: what the acknowledgement is of"),
    sa.Column("payload", sa.LargeBinary, comment="zlib, where the submission does not keep its bytes; null once done"),
    sa.Column("code", sa.Text, comment="the receiver's last word: a code, never its text"),
    sa.Column("reference", sa.Text, comment="given by the receiver"),
)  # fmt: skip
sa.Index("relay_item_due", relay_item.c.state, relay_item.c.next_at)
