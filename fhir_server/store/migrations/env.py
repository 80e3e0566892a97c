"""Alembic environment: runs on the connection that `fhir_server.store.database.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from fhir_server.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
