"""How far a load has come in each of its files, and the exports that were asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COUNTS = ("position", "total", "filed", "unchanged", "duplicates", "rejected", "updated")


def upgrade() -> None:
    op.create_table(
        "load_progress",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _COUNTS),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "export_job",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("asked", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("files", sa.LargeBinary),
    )
    op.create_index("export_job_state", "export_job", ["state", "updated"])
