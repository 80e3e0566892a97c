"""Delivery of messages: what is known of each recipient, and notices whose message is not known yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_notice",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, comment="pseudonym of the Message-ID it is about"),
        sa.Column("recipient", sa.Text(), nullable=False, comment="address, without a matricule; empty when not said"),
        sa.Column("state", sa.Integer(), nullable=False, comment="1 bounced, 2 confirmed"),
        sa.Column("submission", sa.Text(), nullable=False, comment="that told it last"),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "message", "recipient"),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "message_identity",
        sa.Column("content", sa.Text(), nullable=True, comment="pseudonym of the content without its delivery"),
    )
    op.add_column(
        "message_identity",
        sa.Column("recipients", sa.LargeBinary(), nullable=True, comment="msgpack: address, audience, state"),
    )
    op.create_index("message_attachment_message", "message_attachment", ["owner", "direction", "message"])
    op.create_index("document_identity_document", "document_identity", ["owner", "document"])
