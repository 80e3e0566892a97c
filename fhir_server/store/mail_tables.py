"""The table of what mail told of messages that were not known yet."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

message_notice = sa.Table(
    "message_notice", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True, comment="pseudonym of the Message-ID it is about"),
    sa.Column("recipient", sa.Text, primary_key=True, comment="address, without a matricule; empty when not said"),
    sa.Column("state", sa.Integer, nullable=False, comment="1 bounced, 2 confirmed"),
    sa.Column("submission", sa.Text, nullable=False, comment="that told it last"),
    sa.Column("month", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
