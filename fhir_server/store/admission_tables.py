"""Tables of admissions: messages that were acted upon, the last event of each stay, identities that are one person."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

adt_message = sa.Table(
    "adt_message", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, primary_key=True, comment="keyed digest of the message, its MSH-10 included"),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("month", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

stay_event = sa.Table(
    "stay_event", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("stay", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("recorded", sa.BigInteger, nullable=False, comment="microseconds since the epoch, EVN-2"),
    sqlite_with_rowid=False,
)  # fmt: skip

identity_link = sa.Table(
    "identity_link", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("patient", sa.BigInteger, primary_key=True, autoincrement=False, comment="pseudonym"),
    sa.Column("target", sa.BigInteger, nullable=False, comment="pseudonym it was said to be"),
    sa.Column("canonical", sa.BigInteger, nullable=False, comment="pseudonym at the end of the chain"),
    sa.Column("kind", sa.Text, nullable=False, comment="merge or nia"),
    sa.Column("submission", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index("identity_link_canonical", identity_link.c.owner, identity_link.c.canonical)
sa.Index("identity_link_target", identity_link.c.owner, identity_link.c.target)

identity_seen = sa.Table(
    "identity_seen", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("local", sa.BigInteger, primary_key=True, autoincrement=False, comment="pseudonym of a local id"),
    sa.Column("patient", sa.BigInteger, primary_key=True, autoincrement=False, comment="pseudonym of a NIA"),
    sqlite_with_rowid=False,
)  # fmt: skip
