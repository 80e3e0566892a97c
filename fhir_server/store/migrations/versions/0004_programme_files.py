"""Files of programmes, decisions, parameter sets, contestations; what happened is append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    "programme_entry", "programme_move", "programme_decision", "parameter_set", "contestation", "contestation_answer",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "programme_file",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="FINESS of the establishment, or a region's code"),
        sa.Column("region", sa.Text(), nullable=False, comment="INSEE region code"),
        sa.Column("key", sa.Text(), nullable=False, comment="JSON: what the file is about inside its programme"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="grows with every entry and move"),
        sa.Column("created", sa.BigInteger(), nullable=False, comment="microseconds since the epoch"),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("deposited", sa.BigInteger(), nullable=True, comment="when it left its first state"),
        sa.PrimaryKeyConstraint("owner", "id", "month"),
    )
    op.create_index("programme_file_id", "programme_file", ["id"], unique=True)
    op.create_index("programme_file_region", "programme_file", ["region", "programme"])
    op.create_index(
        "programme_file_subject", "programme_file", ["programme", "organization", "machine", "key"], unique=True
    )
    op.create_table(
        "programme_entry",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False, comment="the file's version it made"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Text(), nullable=False, comment="JSON"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "file", "seq", "name", "month"),
    )
    op.create_table(
        "programme_move",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False, comment="the file's version it made"),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="as the machine names it"),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False, comment="JSON: the reasons the decision gives, in order"),
        sa.Column("notices", sa.Text(), nullable=False, comment="JSON: who is told what"),
        sa.Column("letter", sa.Text(), nullable=True, comment="kind of letter the move owes"),
        sa.Column("decision", sa.Text(), nullable=True, comment="id of its decision record"),
        sa.Column("paid", sa.BigInteger(), nullable=False, comment="cents"),
        sa.Column("committed", sa.BigInteger(), nullable=False, comment="cents"),
        sa.Column("envelope", sa.Text(), nullable=True, comment="credit line the commitment is drawn on"),
        sa.PrimaryKeyConstraint("owner", "file", "seq", "month"),
    )
    op.create_table(
        "programme_credit",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column(
            "envelope", sa.Text(), nullable=False, comment="its region in its name, where there is a line a region"
        ),
        sa.Column("committed", sa.BigInteger(), nullable=False, comment="cents, of all files"),
        sa.PrimaryKeyConstraint("programme", "envelope"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "programme_decision",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False, comment="canonical JSON of the decision record"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the record"),
        sa.PrimaryKeyConstraint("owner", "id", "month"),
    )
    op.create_index("programme_decision_id", "programme_decision", ["id"], unique=True)
    op.create_table(
        "programme_secret",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="key of the counted ids, kept apart"),
        sa.PrimaryKeyConstraint("decision"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parameter_set",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("yaml", sa.LargeBinary(), nullable=False, comment="canonical export"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the export: its fingerprint"),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_role", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", "month"),
    )
    op.create_index("parameter_set_region", "parameter_set", ["region", "programme"])
    op.create_table(
        "contestation",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=False, comment="of the document, as it was sent"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was not counted on that day"),
        sa.Column("text", sa.Text(), nullable=False, comment="in the words of who says it"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "id", "month"),
    )
    op.create_index("contestation_file", "contestation", ["file"])
    op.create_table(
        "contestation_answer",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("contestation", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False, comment="upheld or rejected"),
        sa.Column("text", sa.Text(), nullable=False, comment="in the words of who says it"),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "contestation", "month"),
    )
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(
                f"create trigger {table}_no_{verb} before {verb} on {table} "
                f"begin select raise(abort, '{table} is append-only'); end"
            )
