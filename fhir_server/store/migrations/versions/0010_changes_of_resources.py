"""Every change of a resource in one ordered table, deletions as versions, references found by type and id.

And what a resource is found by is found by the resource: a search looks its other criteria up there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FILL = """
insert into change (owner, type, id, version, at, action, submission)
select owner, type, id, version, updated, case version when 1 then 'create' else 'update' end, submission
from (
  select owner, type, id, version, updated, submission from resource_history
  union all
  select owner, type, id, version, updated, submission from resource
)
order by updated, submission, type, id, version
"""


def upgrade() -> None:
    for table in ("resource", "resource_history"):
        op.add_column(table, sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("submission", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("change_owner", "change", ["owner", "seq"])
    op.create_index("change_type", "change", ["owner", "type", "seq"])
    op.create_index("search_index_resource", "search_index", ["owner", "type", "id", "param", "value"])
    op.create_index("resource_updated", "resource", ["owner", "type", "updated"])
    # The order of what was there before is that of its times.
    op.execute(_FILL)
    op.execute("update search_index set value = 'Patient/' || value where param = 'patient'")
    op.execute("insert into sqlite_stat1 (tbl, idx, stat) values ('change', 'change_owner', '1000000 50000 1')")
    op.execute("insert into sqlite_stat1 (tbl, idx, stat) values ('change', 'change_type', '1000000 50000 25000 1')")
    op.execute(
        "insert into sqlite_stat1 (tbl, idx, stat) "
        "values ('search_index', 'search_index_resource', '1000000 50000 25000 20 2 1')"
    )
    op.execute(
        "insert into sqlite_stat1 (tbl, idx, stat) values ('resource', 'resource_updated', '1000000 50000 25000 1')"
    )
    op.execute("analyze sqlite_schema")
