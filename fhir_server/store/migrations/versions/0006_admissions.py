"""Messages of admissions, the last event of each stay, identities that are one person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adt_message",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False, comment="keyed digest of the message, its MSH-10 included"),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "digest"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stay_event",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("stay", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded", sa.BigInteger(), nullable=False, comment="microseconds since the epoch, EVN-2"),
        sa.PrimaryKeyConstraint("owner", "stay"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identity_link",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("patient", sa.BigInteger(), autoincrement=False, nullable=False, comment="pseudonym"),
        sa.Column("target", sa.BigInteger(), nullable=False, comment="pseudonym it was said to be"),
        sa.Column("canonical", sa.BigInteger(), nullable=False, comment="pseudonym at the end of the chain"),
        sa.Column("kind", sa.Text(), nullable=False, comment="merge or nia"),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "patient"),
        sqlite_with_rowid=False,
    )
    op.create_index("identity_link_canonical", "identity_link", ["owner", "canonical"])
    op.create_index("identity_link_target", "identity_link", ["owner", "target"])
    op.create_table(
        "identity_seen",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("local", sa.BigInteger(), autoincrement=False, nullable=False, comment="pseudonym of a local id"),
        sa.Column("patient", sa.BigInteger(), autoincrement=False, nullable=False, comment="pseudonym of a NIA"),
        sa.PrimaryKeyConstraint("owner", "local", "patient"),
        sqlite_with_rowid=False,
    )
