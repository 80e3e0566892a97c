"""What is done in bulk: how far a load has come in each of its files, and the exports that were asked for."""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

load_progress = sa.Table(
    "load_progress", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True, comment="SHA-256 of the file, in hexadecimal"),
    sa.Column("position", sa.BigInteger, nullable=False, comment="lines or members that are done"),
    sa.Column("total", sa.BigInteger, nullable=False, comment="lines or members there are"),
    sa.Column("filed", sa.BigInteger, nullable=False),
    sa.Column("unchanged", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("rejected", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sqlite_with_rowid=False,
)  # fmt: skip

export_job = sa.Table(
    "export_job", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False, comment="waiting, running, done, failed or cancelled"),
    sa.Column("asked", sa.LargeBinary, nullable=False, comment="msgpack: level, types, since, address"),
    sa.Column("created", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("progress", sa.Text, nullable=False, comment="what is told of it meanwhile"),
    sa.Column("files", sa.LargeBinary, comment="msgpack: type, name and count of each file; null until done"),
)  # fmt: skip
sa.Index("export_job_state", export_job.c.state, export_job.c.updated)
