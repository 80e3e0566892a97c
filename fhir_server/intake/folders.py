"""Folders that a submission puts (IHE MHD, PDSm A2): the List each one is from now on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from fhir_server.security.caller import Scope
from fhir_server.store import reading
from fhir_server.store.search import Criterion, matching
from validators.messages import rule
from validators.mhd import Entry, ProvidedBundle, is_folder
from validators.mhd.bundle import FOLDER
from validators.mhd.subject import searched_identifier
from validators.report import Report

_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def folder_ids(
    connection: sa.Connection, scope: Scope, bundle: ProvidedBundle, report: Report
) -> Mapping[int, str]:  # fmt: skip
    """The id of every folder that is put, by entry: by its address, its resource, or the identifier it is found by.

    A folder that is not there yet is made under its id. Rule `MHD-FOLDER`: the List that is there is no folder, or
    several have the identifier.
    """
    found: dict[int, str] = {}
    for entry in bundle.entries.of(FOLDER):
        if entry.method != "PUT":
            continue
        known = _known(connection, scope, entry)
        row = reading.resource(connection, scope, "List", known) if known is not None else None
        if known == "" or (row is not None and not row.gone and not is_folder(msgspec.json.decode(row.body))):
            report.add(rule("MHD-FOLDER"), entry.asked)
        elif known is not None:
            found[entry.index] = known
    return found


def _known(connection: sa.Connection, scope: Scope, entry: Entry) -> str | None:
    """The id; empty when there are several, or it is none; None when nothing names it: a new folder."""
    searched = searched_identifier(entry.url)
    if searched is not None:
        ids = matching(connection, scope.owner, "List", (Criterion("identifier", (searched,)),), 2)
        return "" if len(ids) > 1 else ids[0] if ids else None
    steps = [step for step in entry.url.partition("?")[0].split("/") if step]
    named: Any = steps[-1] if steps[-2:-1] == ["List"] else entry.resource.get("id")
    return named if isinstance(named, str) and _ID.fullmatch(named) else ""
