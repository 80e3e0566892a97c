"""The relay's line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relay_item",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="waiting, sending, acknowledged, refused or expired"),
        sa.Column("queued", sa.BigInteger(), nullable=False, comment="microseconds since the epoch"),
        sa.Column("next_at", sa.BigInteger(), nullable=False, comment="not before this moment"),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False, comment="as received: a boundary stands in it"),
        sa.Column("unique_ids", sa.Text(), nullable=False, comment="JSON: what the acknowledgement is of"),
        sa.Column(
            "payload", sa.LargeBinary(), nullable=True,
            comment="zlib, where the submission does not keep its bytes; null once done",
        ),
        sa.Column("code", sa.Text(), nullable=True, comment="the receiver's last word: a code, never its text"),
        sa.Column("reference", sa.Text(), nullable=True, comment="given by the receiver"),
        sa.PrimaryKeyConstraint("owner", "submission", "route", "month"),
    )  # fmt: skip
    op.create_index("relay_item_due", "relay_item", ["state", "next_at"])
