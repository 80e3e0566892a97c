"""Tables of what others publish or declare and the rules of the programmes look at; owned by no one, imported whole.

GHT and their members, the RELIMS register, prerequisites with their evidence, credits delegated to regions,
combined activity, services of the common framework, aided operations of PAI numérique with their payments. Amounts are
in cents.
"""

from __future__ import annotations

import sqlalchemy as sa

from fhir_server.store.tables import metadata

ght = sa.Table(
    "ght", metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="as the table of establishments has it"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("support", sa.Text, nullable=False, comment="legal FINESS"),
    sa.Column("sdsi_validated", sa.Boolean, nullable=False),
    sa.Column("sdsi_consistent", sa.Boolean, nullable=False, comment="with the shared medical project"),
    sa.Column("sdsi_deposited", sa.Date, comment="in oSIS"),
    sa.Column("sdsi_parts", sa.Text, nullable=False, comment="parted by |"),
    sa.Column("convergence_entered", sa.Date, comment="in oSIS"),
    sa.Column("dsi_appointed", sa.Date),
    sa.Column("dsi_validated", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

ght_member = sa.Table(
    "ght_member", metadata,
    sa.Column("finess", sa.Text, primary_key=True, comment="legal FINESS: a member of one GHT"),
    sa.Column("ght", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index("ght_member_ght", ght_member.c.ght)

relims = sa.Table(
    "relims", metadata,
    sa.Column("editor", sa.Text, primary_key=True),
    sa.Column("product", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text),
    sqlite_with_rowid=False,
)  # fmt: skip

filed_prerequisite = sa.Table(
    "filed_prerequisite", metadata,
    sa.Column("organization", sa.Text, primary_key=True, comment="geographic FINESS"),
    sa.Column("window", sa.Text, primary_key=True),
    sa.Column("prerequisite", sa.Text, primary_key=True),
    sa.Column("evidence", sa.Text, comment="reference of what proves it"),
    sa.Column("reached", sa.Boolean, comment="null: nothing was said"),
    sa.Column("level", sa.Text),
    sa.Column("in_osis", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

delegated_envelope = sa.Table(
    "delegated_envelope", metadata,
    sa.Column("region", sa.Text, primary_key=True, comment="INSEE region code"),
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("line", sa.Text, primary_key=True, comment="what the credits are for"),
    sa.Column("circular", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="below zero: taken back"),
    sqlite_with_rowid=False,
)  # fmt: skip

combined_activity = sa.Table(
    "combined_activity", metadata,
    sa.Column("organization", sa.Text, primary_key=True, comment="geographic FINESS"),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

service_report = sa.Table(
    "service_report", metadata,
    sa.Column("region", sa.Text, primary_key=True, comment="INSEE region code"),
    sa.Column("semester", sa.Text, primary_key=True, comment="2016-S2"),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("path", sa.Text, comment="to the target"),
    sa.Column("equipped", sa.BigInteger, comment="establishments"),
    sa.Column("using", sa.BigInteger, comment="establishments"),
    sa.Column("in_scope", sa.BigInteger, comment="establishments"),
    sa.Column("source", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

pai_operation = sa.Table(
    "pai_operation", metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("tranche", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("holder", sa.Text, nullable=False, comment="legal FINESS"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False, comment="INSEE region code of the agency that pays"),
    sa.Column("department", sa.Text),
    sa.Column("nature", sa.Text, nullable=False),
    sa.Column("esms", sa.BigInteger, nullable=False),
    sa.Column("small_esms", sa.BigInteger, nullable=False),
    sa.Column("requested", sa.BigInteger, nullable=False, comment="cents"),
    sa.Column("granted", sa.BigInteger, comment="cents"),
    sa.Column("committed", sa.Date, comment="letter with the amount"),
    sa.Column("agreed", sa.Date, comment="agreement signed"),
    sa.Column("redeployed", sa.Boolean, nullable=False),
    sa.Column("risks", sa.Text),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index("pai_operation_region", pai_operation.c.region, pai_operation.c.programme)

pai_payment = sa.Table(
    "pai_payment", metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("tranche", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("instalment", sa.Text, primary_key=True),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Column("entered", sa.Date, nullable=False),
    sa.Column("paid", sa.Date, comment="null: not yet"),
    sqlite_with_rowid=False,
)  # fmt: skip
