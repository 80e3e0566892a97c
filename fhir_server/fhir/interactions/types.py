"""Which interactions each R4 type has here; routes, batches and the CapabilityStatement read this one table.

Documents are written only through their flows (ITI-65, the CDA, XDM and XDS doors), messages and stays through their
exchange: figures, and with them money, follow from what they say.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fhir_server.fhir.http import Refusal
from validators.fhir import load_definitions


class Interaction(StrEnum):
    """The interactions of one type or resource; the values are those of `CapabilityStatement`."""

    READ = "read"
    VREAD = "vread"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"
    HISTORY = "history-instance"
    HISTORY_TYPE = "history-type"
    CREATE = "create"
    SEARCH = "search-type"


_I = Interaction
_SEEN: Final = frozenset({_I.READ, _I.VREAD, _I.HISTORY, _I.HISTORY_TYPE})
_ALL: Final = frozenset(Interaction)

_SPECIAL: Final[dict[str, frozenset[Interaction]]] = {
    "DocumentReference": _SEEN | {_I.SEARCH, _I.CREATE, _I.PATCH},
    "List": _SEEN | {_I.SEARCH},
    "Binary": _SEEN,
    "Communication": _SEEN | {_I.SEARCH, _I.CREATE},
    "Encounter": _SEEN | {_I.SEARCH, _I.CREATE},
    "AuditEvent": _SEEN | {_I.SEARCH},
    "Measure": frozenset({_I.READ, _I.SEARCH}),
    "MeasureReport": frozenset({_I.READ, _I.SEARCH}),
    "Subscription": frozenset({_I.READ, _I.SEARCH, _I.CREATE, _I.UPDATE, _I.DELETE}),
    "Bundle": frozenset(),
    "Parameters": frozenset(),
    "OperationOutcome": frozenset(),
}
"""Every other type has all of them."""

ELSEWHERE: Final = frozenset({"Measure", "MeasureReport", "Subscription"})
"""Types that are no stored resources: they have addresses of their own, and no versions."""

_HINTS: Final = {
    **dict.fromkeys(("DocumentReference", "List", "Binary"), "DocumentReference, List, Binary → POST /fhir (ITI-65)."),
    "Bundle": "Bundle → POST /fhir.",
    "Communication": "Communication → POST /fhir/Communication.",
    "Encounter": "Encounter → POST /fhir/Encounter.",
}
_TYPE_LEVEL: Final = (
    (_I.SEARCH, "GET"), (_I.CREATE, "POST"), (_I.UPDATE, "PUT"), (_I.PATCH, "PATCH"), (_I.DELETE, "DELETE"),
)  # fmt: skip
_INSTANCE_LEVEL: Final = ((_I.READ, "GET"), (_I.UPDATE, "PUT"), (_I.PATCH, "PATCH"), (_I.DELETE, "DELETE"))

GENERAL_WRITES: Final = frozenset({_I.CREATE, _I.UPDATE, _I.PATCH, _I.DELETE})


def offered(kind: str) -> frozenset[Interaction]:
    """The interactions of a type.

    Raises:
        Refusal: 404, R4 has no such resource type.
    """
    if kind not in load_definitions().resource_types:
        raise Refusal(404, "HTTP-NOT-FOUND")
    return _SPECIAL.get(kind, _ALL)


def types_with(interaction: Interaction) -> tuple[str, ...]:
    """The types that have an interaction, in the order of their names."""
    return tuple(kind for kind in sorted(load_definitions().resource_types) if interaction in offered(kind))


def is_general(kind: str) -> bool:
    """Whether a type is written by the ordinary interactions, and not by a flow of its own."""
    return offered(kind) >= GENERAL_WRITES


def require_stored(kind: str, interaction: Interaction, *, instance: bool = False) -> None:
    """The same for an entry of a Bundle, which reaches what is stored alone.

    Raises:
        Refusal: 404, 405.
    """
    require(kind, interaction, instance=instance)
    if kind in ELSEWHERE:
        raise Refusal(405, "HTTP-METHOD", headers={"Allow": "POST"}, hint=f"{kind} → GET /fhir/{kind}.")


def require(kind: str, interaction: Interaction, *, instance: bool = False) -> None:
    """Go on only where the interaction is offered.

    Raises:
        Refusal: 404 no such type, 405 with what is allowed and where the right way is.
    """
    if interaction not in offered(kind):
        raise not_offered(kind, instance=instance)


def not_offered(kind: str, *, instance: bool) -> Refusal:
    """405, with the methods that an address of the type or of one resource takes, and a word on the way that exists."""
    level = _INSTANCE_LEVEL if instance else _TYPE_LEVEL
    methods = [method for interaction, method in level if interaction in offered(kind)]
    if "GET" in methods:
        methods.insert(1, "HEAD")
    return Refusal(
        405, "HTTP-METHOD", headers={"Allow": ", ".join(methods)}, hint=_HINTS.get(kind) or f"{', '.join(methods)}."
    )
