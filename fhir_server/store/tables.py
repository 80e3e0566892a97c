"""The tables. Every row of a submission carries its owner (legal entity) and the month it was received in.

`documents`, `stays`, `messages` and `declared` are the fact tables of the contract, by the same names, with a few
columns more that linking needs. Unique ids live in `document_identity`, a table of their own that is never
partitioned, because a unique id is unique over all months.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

_BY_CODE_POINT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""What is searched by ranges of text (decision 0024), and the ids a search is ordered by."""

resource = sa.Table(
    "resource", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("id", _BY_CODE_POINT, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="JSON as served; of a deletion, what was deleted"),
    sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false(), comment="this version is its deletion"),
)  # fmt: skip

sa.Index("resource_updated", resource.c.owner, resource.c.type, resource.c.updated)

resource_history = sa.Table(
    "resource_history", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False, server_default=sa.false()),
)  # fmt: skip

change = sa.Table(
    "change", metadata,
    sa.Column("seq", sa.Integer, primary_key=True, comment="the order of all changes; a reader goes on from the last"),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("action", sa.Text, nullable=False, comment="create, update or delete; of a Submission: refused"),
    sa.Column("submission", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
sa.Index("change_owner", change.c.owner, change.c.seq)
sa.Index("change_type", change.c.owner, change.c.type, change.c.seq)

search_index = sa.Table(
    "search_index", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("param", sa.Text, primary_key=True),
    sa.Column("value", _BY_CODE_POINT, primary_key=True),
    sa.Column("sort_date", sa.BigInteger, primary_key=True, comment="the resource's date: no join to sort"),
    sa.Column("id", _BY_CODE_POINT, primary_key=True),
    sa.Column("system", _BY_CODE_POINT, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index(
    "search_index_resource", search_index.c.owner, search_index.c.type, search_index.c.id, search_index.c.param,
    search_index.c.value,
)  # fmt: skip

document_identity = sa.Table(
    "document_identity", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("unique_id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("document", sa.Text, nullable=False, comment="key of the logical document"),
    sa.Column("reference", sa.Text, nullable=False, comment="id of its DocumentReference"),
    sa.Column("patient", sa.BigInteger, comment="pseudonym: a replacement is about the same person"),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("month", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index("document_identity_reference", document_identity.c.owner, document_identity.c.reference)
sa.Index("document_identity_sha256", document_identity.c.owner, document_identity.c.sha256)
sa.Index("document_identity_document", document_identity.c.owner, document_identity.c.document)

document_content = sa.Table(
    "document_content", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.Integer, nullable=False, comment="bytes as received"),
    sa.Column("zlib", sa.LargeBinary, nullable=False),
)  # fmt: skip

submission = sa.Table(
    "submission", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("door", sa.Text, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("decision", sa.Text, nullable=False, comment="accepted or refused"),
    sa.Column("status", sa.Integer, nullable=False, comment="HTTP status of the first answer"),
    sa.Column("sha256", sa.LargeBinary, nullable=False, comment="of the envelope as received"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("envelope", sa.LargeBinary, comment="zlib; each document cut out of it; null when not kept"),
    sa.Column("cuts", sa.LargeBinary, nullable=False, comment="msgpack: where each document was cut out"),
    sa.Column("record", sa.LargeBinary, nullable=False, comment="msgpack: findings, entries, documents"),
)  # fmt: skip

documents = sa.Table(
    "documents", metadata,
    sa.Column("legal_entity", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("organization", sa.Text, comment="geographic FINESS; null while the site is unknown"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("stay", sa.BigInteger),
    sa.Column("patient", sa.BigInteger),
    sa.Column("produced", sa.Date, nullable=False),
    sa.Column("deposited", sa.Date, nullable=False),
    sa.Column("deleted", sa.Date),
    sa.Column("dmp", sa.Boolean, nullable=False),
    sa.Column("mssante", sa.Boolean, nullable=False),
    sa.Column("ins_level", sa.Text, nullable=False),
    sa.Column("conformant", sa.Boolean, nullable=False),
    sa.Column("acknowledged", sa.Boolean, nullable=False),
    sa.Column("key_version", sa.Integer, nullable=False),
    sa.Column("link", sa.Text, nullable=False, comment="linked, unknown, ambiguous or site_unknown"),
    sa.Column("site", sa.Text, comment="FINESS the document names, known or not"),
    sa.Column("encounter_end", sa.Date),
    sa.Column("reference", sa.Text, nullable=False, comment="its current DocumentReference"),
    sa.Column("submission", sa.Text, nullable=False),
)  # fmt: skip
sa.Index("documents_organization", documents.c.organization, documents.c.kind, documents.c.deposited)
sa.Index("documents_patient", documents.c.legal_entity, documents.c.patient)

document_encounter = sa.Table(
    "document_encounter", metadata,
    sa.Column("legal_entity", sa.Text, primary_key=True),
    sa.Column("encounter", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)  # fmt: skip

stays = sa.Table(
    "stays", metadata,
    sa.Column("legal_entity", sa.Text, primary_key=True),
    sa.Column("stay", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column(
        "month", sa.Integer, primary_key=True, autoincrement=False, comment="of discharge; 0 while the stay is open"
    ),
    sa.Column("organization", sa.Text, nullable=False),
    sa.Column("discharged", sa.Date),
    sa.Column("operated", sa.Boolean, nullable=False),
    sa.Column("excluded", sa.Boolean, nullable=False),
    sa.Column("patient", sa.BigInteger),
    sa.Column("number", sa.Text, nullable=False, comment="the establishment's own number; never exported"),
    sa.Column("field", sa.Text, comment="MCO, DIALYSE, SMR, HAD or PSY"),
)  # fmt: skip
sa.Index("stays_patient", stays.c.legal_entity, stays.c.patient)
sa.Index("stays_organization", stays.c.organization, stays.c.discharged)

messages = sa.Table(
    "messages", metadata,
    sa.Column("legal_entity", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("organization", sa.Text, comment="geographic FINESS; null while the mailbox is of nobody"),
    sa.Column("sent", sa.Date, nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sa.Column("sdm_mr", sa.Boolean, nullable=False),
    sa.Column("patient", sa.BigInteger),
    sa.Column("key_version", sa.Integer, nullable=False),
    sa.Column("mailbox", sa.Text, nullable=False, comment="the establishment's own addresses, by blanks"),
    sa.Column("reference", sa.Text, nullable=False, comment="id of its Communication"),
)  # fmt: skip
sa.Index("messages_organization", messages.c.organization, messages.c.direction, messages.c.sent)

message_identity = sa.Table(
    "message_identity", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True, comment="pseudonym of the Message-ID"),
    sa.Column("fingerprint", sa.Text, nullable=False, comment="pseudonym of the content"),
    sa.Column("reference", sa.Text, nullable=False, comment="id of its Communication"),
    sa.Column("submission", sa.Text, nullable=False),
    sa.Column("month", sa.Integer, nullable=False),
    sa.Column("content", sa.Text, comment="pseudonym of the content without its delivery"),
    sa.Column("recipients", sa.LargeBinary, comment="msgpack: address, audience, state"),
    sqlite_with_rowid=False,
)  # fmt: skip

message_attachment = sa.Table(
    "message_attachment", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("direction", sa.Text, primary_key=True),
    sa.Column("message", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, comment="as declared"),
    sqlite_with_rowid=False,
)  # fmt: skip
sa.Index(
    "message_attachment_message", message_attachment.c.owner, message_attachment.c.direction,
    message_attachment.c.message,
)  # fmt: skip

mailbox = sa.Table(
    "mailbox", metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("legal_entity", sa.Text, primary_key=True),
    sa.Column("organization", sa.Text, nullable=False, comment="geographic FINESS"),
    sa.Column("kind", sa.Text, comment="PER, ORG, APP or CAB"),
    sa.Column("source", sa.Text, nullable=False, comment="imported or learnt"),
    sqlite_with_rowid=False,
)  # fmt: skip

acknowledgement = sa.Table(
    "acknowledgement", metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("unique_id", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, nullable=False, comment="day of the acknowledgement"),
    sa.Column("reference", sa.Text, comment="given by the DMP"),
    sqlite_with_rowid=False,
)  # fmt: skip

measure_report = sa.Table(
    "measure_report", metadata,
    sa.Column("owner", sa.Text, primary_key=True, comment="legal FINESS, or ars: and a region"),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("organization", sa.Text, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("computed", sa.BigInteger, nullable=False, comment="microseconds since the epoch"),
    sa.Column("body", sa.LargeBinary, nullable=False),
)  # fmt: skip
sa.Index(
    "measure_report_search", measure_report.c.owner, measure_report.c.organization, measure_report.c.measure,
    measure_report.c.period_start,
)  # fmt: skip

declared = sa.Table(
    "declared", metadata,
    sa.Column("organization", sa.Text, primary_key=True),
    sa.Column("indicator", sa.Text, primary_key=True),
    sa.Column("period_start", sa.Date, primary_key=True),
    sa.Column("period_end", sa.Date, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("legal_entity", sa.Text, nullable=False),
    sa.Column("numerator", sa.BigInteger),
    sa.Column("denominator", sa.BigInteger),
    sa.Column("received", sa.Date, nullable=False),
)  # fmt: skip

organization = sa.Table(
    "organization", metadata,
    sa.Column("finess", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False, comment="legal or geographic"),
    sa.Column("legal_entity", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False, comment="INSEE region code"),
    sa.Column("status", sa.Text, nullable=False, comment="public, privé, EBNL or ESMS"),
    sa.Column("ght", sa.Text),
)  # fmt: skip
sa.Index("organization_legal_entity", organization.c.legal_entity)

token = sa.Table(
    "token", metadata,
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("organization", sa.Text),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger),
    sa.Column("revoked", sa.BigInteger),
)  # fmt: skip

pseudonym_key = sa.Table(
    "pseudonym_key", metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)  # fmt: skip

audit = sa.Table(
    "audit", metadata,
    sa.Column("chain", sa.Text, primary_key=True, comment="one chain per writer"),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False, comment="SHA-256 over the row and the previous hash"),
)  # fmt: skip

# Tables of other areas register themselves in the same metadata.
from fhir_server.store import (  # noqa: E402
    admission_tables,  # noqa: F401
    bulk_tables,  # noqa: F401
    mail_tables,  # noqa: F401
    programme_tables,  # noqa: F401
    reference_tables,  # noqa: F401
    relay_tables,  # noqa: F401
    subscription_tables,  # noqa: F401
)
