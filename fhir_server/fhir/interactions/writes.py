"""Create, update, patch and delete as plans (FHIR R4, http.html): first whom it concerns, then what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from fhir_server.fhir.http import Refusal
from fhir_server.fhir.interactions.bodies import Json, content, same, stored
from fhir_server.fhir.interactions.conditions import must_match
from fhir_server.fhir.interactions.desk import Desk
from fhir_server.fhir.interactions.types import Interaction
from fhir_server.ids import new_id
from fhir_server.store.search import Criterion
from validators.report import Issue

_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DOCUMENTS: Final = ("DocumentReference", "List")


@dataclass(frozen=True, slots=True)
class Asked:
    """One write as it was asked for.

    `criteria` is the query of a conditional update, patch or delete, `if_none_exist` that of a conditional create;
    `patch` makes the next resource of the current one. `matched` is set once a condition has found its resource.
    """

    interaction: Interaction
    kind: str
    id: str | None = None
    criteria: str | None = None
    resource: Json | None = None
    patch: Callable[[Json], Json] | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_none_exist: str | None = None
    matched: bool = False

    @property
    def reference(self) -> str:
        """`Type/id`, or the type alone while there is no id."""
        return f"{self.kind}/{self.id}" if self.id is not None else self.kind


@dataclass(frozen=True, slots=True)
class Done:
    """What a write comes to: the status of its answer, the version there is then (0: never was one), what was found."""

    status: int
    kind: str
    id: str
    version: int
    issues: tuple[Issue, ...] = ()


def settle(desk: Desk, asked: Asked) -> Asked:
    """The same with the id of the resource it is about; without one only where there is nothing to delete.

    Raises:
        Refusal: 400 a condition or id that is wrong, 404 nothing to patch, 412 a condition finds several.
    """
    if asked.interaction is Interaction.CREATE:
        return _settle_create(desk, asked)
    if asked.criteria is None:
        _valid_id(asked)
        return asked
    found = _only(desk, asked.kind, asked.criteria)
    if found is not None:
        return replace(asked, id=found, matched=True)
    if asked.interaction is Interaction.PATCH:
        raise Refusal(404, "CONDITION-NONE", criteria=asked.kind)
    if asked.interaction is Interaction.UPDATE:
        assert asked.resource is not None
        made = replace(asked, id=_derived(desk, asked) or asked.resource.get("id") or new_id())
        _valid_id(made)
        return made
    return asked


def _settle_create(desk: Desk, asked: Asked) -> Asked:
    found = _only(desk, asked.kind, asked.if_none_exist) if asked.if_none_exist is not None else None
    if found is not None:
        return replace(asked, id=found, matched=True)
    return replace(asked, id=_derived(desk, asked) or new_id())


def _derived(desk: Desk, asked: Asked) -> str | None:
    assert asked.resource is not None
    return desk.patient_id(asked.resource) if asked.kind == "Patient" else None


def _only(desk: Desk, kind: str, query: str) -> str | None:
    found = desk.find(kind, query)
    if len(found) > 1:
        raise Refusal(412, "CONDITION-SEVERAL", criteria=kind)  # the criteria may hold an identity
    return found[0] if found else None


def _valid_id(asked: Asked) -> None:
    if not isinstance(asked.id, str) or _ID.fullmatch(asked.id) is None:
        raise Refusal(400, "INTERACTION-ID", f"{asked.kind}.id", found="—", expected=_ID.pattern)


# -- what becomes of it --------------------------------------------------------------------------------------------


def perform(desk: Desk, asked: Asked) -> Done:
    """Plan a write that is settled.

    Raises:
        Refusal: 400, 404, 409, 410, 412; `Unfit` (422) with every issue of a resource that is not conformant.
    """
    if asked.id is None:
        return Done(204, asked.kind, "", 0)
    row = desk.current(asked.kind, asked.id)
    if asked.interaction is Interaction.CREATE and asked.matched:
        return Done(200, asked.kind, asked.id, row.version)
    must_match(row, asked.if_match, asked.if_none_match)
    if asked.interaction is Interaction.DELETE:
        return _delete(desk, asked, row)
    if asked.interaction is Interaction.PATCH:
        return _store(desk, asked, _patched(asked, row), row)
    assert asked.resource is not None
    if asked.interaction is Interaction.UPDATE:
        _same_id(asked)
    return _store(desk, asked, asked.resource, row)


def _same_id(asked: Asked) -> None:
    """The body names the resource of the address; under a condition it may leave that to the server."""
    assert asked.resource is not None
    named = asked.resource.get("id")
    if named == asked.id or (asked.criteria is not None and (named is None or not asked.matched)):
        return
    shown = named if isinstance(named, str) and _ID.fullmatch(named) else "—"
    raise Refusal(400, "INTERACTION-ID", f"{asked.kind}.id", found=shown, expected=asked.id)


def _patched(asked: Asked, row: Any) -> Json:
    if row is None:
        raise Refusal(404, "HTTP-NOT-FOUND")
    if row.gone:
        raise Refusal(410, "RESOURCE-DELETED", version=row.version)
    assert asked.patch is not None
    made = asked.patch(stored(row.body))
    if made.get("resourceType") != asked.kind:
        raise Refusal(422, "INTERACTION-TYPE", "resourceType", found="—", expected=asked.kind)
    if made.get("id") != asked.id:
        raise Refusal(422, "INTERACTION-ID", f"{asked.kind}.id", found="—", expected=asked.id)
    return made


def _store(desk: Desk, asked: Asked, resource: Json, row: Any) -> Done:
    """The next version, unless it says what the current one says: then nothing is written and no version made."""
    assert asked.id is not None
    made = {"resourceType": asked.kind, "id": asked.id, **content(resource)} | {"id": asked.id}
    issues = desk.check(made)
    _same_person(desk, asked, made, row)
    exists = row is not None and not row.gone
    if exists and same(stored(row.body), made):
        return Done(200, asked.kind, asked.id, row.version, issues)
    desk.write(made)
    return Done(200 if exists else 201, asked.kind, asked.id, 1 if row is None else row.version + 1, issues)


def _same_person(desk: Desk, asked: Asked, made: Json, row: Any) -> None:
    """A Patient has the id of its identity, and keeps it (policy, Identity)."""
    if asked.kind != "Patient":
        return
    wanted = desk.patient_id(made)
    had = desk.patient_id(stored(row.body)) if row is not None else None
    if wanted not in (None, asked.id) or (wanted is None and had == asked.id):
        raise Refusal(
            409, "INTERACTION-PATIENT-IDENTITY", "Patient.identifier", found=f"Patient/{asked.id}",
            expected=wanted or asked.id,
        )  # fmt: skip


def _delete(desk: Desk, asked: Asked, row: Any) -> Done:
    assert asked.id is not None
    if row is None or row.gone:
        return Done(204, asked.kind, asked.id, 0 if row is None else row.version)
    if asked.kind == "Patient":
        about = (Criterion("patient", ((None, f"Patient/{asked.id}"),)),)
        if any(desk.found(kind, about, 1) for kind in _DOCUMENTS):
            raise Refusal(409, "INTERACTION-PATIENT-REFERRED", "Patient")
    desk.remove(row)
    return Done(204, asked.kind, asked.id, row.version + 1)
