"""Messages, mailboxes, acknowledgements, MeasureReports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _messages()
    op.create_table(
        "message_identity",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False, comment="pseudonym of the Message-ID"),
        sa.Column("fingerprint", sa.Text(), nullable=False, comment="pseudonym of the content"),
        sa.Column("reference", sa.Text(), nullable=False, comment="id of its Communication"),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "direction", "message"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "message_attachment",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True, comment="as declared"),
        sa.PrimaryKeyConstraint("owner", "sha256", "direction", "message"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mailbox",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("legal_entity", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False, comment="geographic FINESS"),
        sa.Column("kind", sa.Text(), nullable=True, comment="PER, ORG, APP or CAB"),
        sa.Column("source", sa.Text(), nullable=False, comment="imported or learnt"),
        sa.PrimaryKeyConstraint("address", "legal_entity"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "acknowledgement",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("unique_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="day of the acknowledgement"),
        sa.Column("reference", sa.Text(), nullable=True, comment="given by the DMP"),
        sa.PrimaryKeyConstraint("owner", "unique_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "measure_report",
        sa.Column("owner", sa.Text(), nullable=False, comment="legal FINESS, or ars: and a region"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("computed", sa.BigInteger(), nullable=False, comment="microseconds since the epoch"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "id"),
    )
    op.create_index("measure_report_search", "measure_report", ["owner", "organization", "measure", "period_start"])
    op.create_index("document_identity_sha256", "document_identity", ["owner", "sha256"])
    op.add_column("stays", sa.Column("field", sa.Text(), nullable=True, comment="MCO, DIALYSE, SMR, HAD or PSY"))


def _messages() -> None:
    """The table gets another key (a message may be sent and received within one legal entity); no row is lost."""
    op.rename_table("messages", "messages_0001")
    op.create_table(
        "messages",
        sa.Column("legal_entity", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("sent", sa.Date(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("sdm_mr", sa.Boolean(), nullable=False),
        sa.Column("patient", sa.BigInteger(), nullable=True),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False, comment="the establishment's own addresses, by blanks"),
        sa.Column("reference", sa.Text(), nullable=False, comment="id of its Communication"),
        sa.PrimaryKeyConstraint("legal_entity", "direction", "message", "audience", "month"),
    )
    op.execute(
        "insert into messages (legal_entity, direction, message, audience, month, organization, sent, delivered, "
        "sdm_mr, patient, key_version, mailbox, reference) select legal_entity, direction, message, audience, month, "
        "organization, sent, delivered, sdm_mr, patient, 1, '', '' from messages_0001"
    )
    op.drop_table("messages_0001")
    op.create_index("messages_organization", "messages", ["organization", "direction", "sent"])
