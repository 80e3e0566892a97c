"""The tables of the programmes: files and what happened to them, decisions, parameter sets, contestations.

`owner` is the legal entity a file belongs to (a region's code for a file of a region). What a file is now is in
`programme_file`; everything that was entered, moved, decided, signed or contested is append-only: triggers of the
migration refuse to change or remove it.
"""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

APPEND_ONLY = (
    "programme_entry", "programme_move", "programme_decision", "parameter_set", "contestation", "contestation_answer",
)  # fmt: skip
"""Tables whose rows nobody changes or removes."""

programme_file = sa.Table(
    "programme_file", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("organization", sa.Text, nullable=False, comment="FINESS of the establishment, or a region's code"),
    sa.Column("region", sa.Text, nullable=False, comment="INSEE region code"),
    sa.Column("key", sa.Text, nullable=False, comment="JSON: what the file is about inside its programme"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="grows with every entry and move"),
    sa.Column("created", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("deposited", sa.BigInteger, comment="when it left its first state"),
)  # fmt: skip
sa.Index("programme_file_id", programme_file.c.id, unique=True)
sa.Index(
    "programme_file_subject", programme_file.c.programme, programme_file.c.organization, programme_file.c.machine,
    programme_file.c.key, unique=True,
)  # fmt: skip
sa.Index("programme_file_region", programme_file.c.region, programme_file.c.programme)

programme_entry = sa.Table(
    "programme_entry", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="the file's version it made"),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.Text, nullable=False, comment="JSON"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip

programme_move = sa.Table(
    "programme_move", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="the file's version it made"),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("from_state", sa.Text, nullable=False),
    sa.Column("to_state", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False, comment="as the machine names it"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False, comment="JSON: the reasons the decision gives, in order"),
    sa.Column("notices", sa.Text, nullable=False, comment="JSON: who is told what"),
    sa.Column("letter", sa.Text, comment="kind of letter the move owes"),
    sa.Column("decision", sa.Text, comment="id of its decision record"),
    sa.Column("paid", sa.BigInteger, nullable=False, comment="cents"),
    sa.Column("committed", sa.BigInteger, nullable=False, comment="cents"),
    sa.Column("envelope", sa.Text, comment="credit line the commitment is drawn on"),
)  # fmt: skip

programme_credit = sa.Table(
    "programme_credit", metadata,
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("envelope", sa.Text, primary_key=True, comment="its region in its name, where there is a line a region"),
    sa.Column("committed", sa.BigInteger, nullable=False, comment="cents, of all files"),
    sqlite_with_rowid=False,
)  # fmt: skip

programme_decision = sa.Table(
    "programme_decision", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False, comment="canonical JSON of the decision record"),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the record"),
)  # fmt: skip
sa.Index("programme_decision_id", programme_decision.c.id, unique=True)

programme_secret = sa.Table(
    "programme_secret", metadata,
    sa.Column("decision", sa.Text, primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False, comment="key of the counted ids, kept apart"),
    sqlite_with_rowid=False,
)  # fmt: skip

parameter_set = sa.Table(
    "parameter_set", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("yaml", sa.LargeBinary, nullable=False, comment="canonical export"),
    sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the export: its fingerprint"),
    sa.Column("signed_by", sa.Text, nullable=False),
    sa.Column("signed_role", sa.Text, nullable=False),
    sa.Column("signed_on", sa.Date, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip
sa.Index("parameter_set_region", parameter_set.c.region, parameter_set.c.programme)

contestation = sa.Table(
    "contestation", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("unique_id", sa.Text, nullable=False, comment="of the document, as it was sent"),
    sa.Column("reason", sa.Text, nullable=False, comment="why it was not counted on that day"),
    sa.Column("text", sa.Text, nullable=False, comment="in the words of who says it"),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip
sa.Index("contestation_file", contestation.c.file)

contestation_answer = sa.Table(
    "contestation_answer", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("contestation", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="upheld or rejected"),
    sa.Column("text", sa.Text, nullable=False, comment="in the words of who says it"),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip
