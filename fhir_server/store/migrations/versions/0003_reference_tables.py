"""GHT, RELIMS, prerequisites, delegated credits, activity, services of regions, operations of PAI numérique."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ght",
        sa.Column("id", sa.Text(), nullable=False, comment="as the table of establishments has it"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("support", sa.Text(), nullable=False, comment="legal FINESS"),
        sa.Column("sdsi_validated", sa.Boolean(), nullable=False),
        sa.Column("sdsi_consistent", sa.Boolean(), nullable=False, comment="with the shared medical project"),
        sa.Column("sdsi_deposited", sa.Date(), nullable=True, comment="in oSIS"),
        sa.Column("sdsi_parts", sa.Text(), nullable=False, comment="parted by |"),
        sa.Column("convergence_entered", sa.Date(), nullable=True, comment="in oSIS"),
        sa.Column("dsi_appointed", sa.Date(), nullable=True),
        sa.Column("dsi_validated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ght_member",
        sa.Column("finess", sa.Text(), nullable=False, comment="legal FINESS: a member of one GHT"),
        sa.Column("ght", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("finess"),
        sqlite_with_rowid=False,
    )
    op.create_index("ght_member_ght", "ght_member", ["ght"])
    op.create_table(
        "relims",
        sa.Column("editor", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("editor", "product"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "filed_prerequisite",
        sa.Column("organization", sa.Text(), nullable=False, comment="geographic FINESS"),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("prerequisite", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True, comment="reference of what proves it"),
        sa.Column("reached", sa.Boolean(), nullable=True, comment="null: nothing was said"),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("in_osis", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "window", "prerequisite"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delegated_envelope",
        sa.Column("region", sa.Text(), nullable=False, comment="INSEE region code"),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False, comment="what the credits are for"),
        sa.Column("circular", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="below zero: taken back"),
        sa.PrimaryKeyConstraint("region", "programme", "line", "circular"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "combined_activity",
        sa.Column("organization", sa.Text(), nullable=False, comment="geographic FINESS"),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "year", "source"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service_report",
        sa.Column("region", sa.Text(), nullable=False, comment="INSEE region code"),
        sa.Column("semester", sa.Text(), nullable=False, comment="2016-S2"),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=True, comment="to the target"),
        sa.Column("equipped", sa.BigInteger(), nullable=True, comment="establishments"),
        sa.Column("using", sa.BigInteger(), nullable=True, comment="establishments"),
        sa.Column("in_scope", sa.BigInteger(), nullable=True, comment="establishments"),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "semester", "service"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pai_operation",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tranche", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False, comment="legal FINESS"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False, comment="INSEE region code of the agency that pays"),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("esms", sa.BigInteger(), nullable=False),
        sa.Column("small_esms", sa.BigInteger(), nullable=False),
        sa.Column("requested", sa.BigInteger(), nullable=False, comment="cents"),
        sa.Column("granted", sa.BigInteger(), nullable=True, comment="cents"),
        sa.Column("committed", sa.Date(), nullable=True, comment="letter with the amount"),
        sa.Column("agreed", sa.Date(), nullable=True, comment="agreement signed"),
        sa.Column("redeployed", sa.Boolean(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", "tranche"),
        sqlite_with_rowid=False,
    )
    op.create_index("pai_operation_region", "pai_operation", ["region", "programme"])
    op.create_table(
        "pai_payment",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tranche", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instalment", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("entered", sa.Date(), nullable=False),
        sa.Column("paid", sa.Date(), nullable=True, comment="null: not yet"),
        sa.PrimaryKeyConstraint("number", "tranche", "instalment"),
        sqlite_with_rowid=False,
    )
