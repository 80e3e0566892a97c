"""What SQLite's planner assumes of the tables: one establishment has many rows, one document few.

Without statistics SQLite takes ten rows for the first column of any index, so that it walked all rows of an owner where
an index names the one that is wanted. The figures are written, not measured: plans stay the same from the first row on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROWS = 1_000_000
MANY = 100_000
WIDE = frozenset({
    "owner", "legal_entity", "organization", "type", "param", "direction", "state", "chain", "programme", "kind",
    "route", "measure", "indicator", "region", "month", "envelope", "status",
})  # fmt: skip
"""Columns of which one value stands in many rows."""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql("analyze")  # makes sqlite_stat1
    for table in sa.inspect(connection).get_table_names():
        for _, index, unique, *_ in connection.exec_driver_sql(f'pragma index_list("{table}")').all():
            columns = [row[2] for row in connection.exec_driver_sql(f'pragma index_info("{index}")').all()]
            connection.exec_driver_sql("delete from sqlite_stat1 where tbl = ? and idx = ?", (table, index))
            connection.exec_driver_sql(
                "insert into sqlite_stat1 (tbl, idx, stat) values (?, ?, ?)", (table, index, stat(columns, unique))
            )
    connection.exec_driver_sql("analyze sqlite_schema")


def stat(columns: list[str], unique: int) -> str:
    """Rows of the table, then rows for one value of the first column, of the first two, and so on."""
    left, found = MANY, []
    for place, column in enumerate(columns, start=1):
        left = max(left // 2, 20) if column in WIDE and left > 10 else min(left, 10)
        found.append(1 if unique and place == len(columns) else left)
    return " ".join(map(str, (ROWS, *found)))
