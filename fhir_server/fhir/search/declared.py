"""What a CapabilityStatement says of the search on a type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fhir_server.fhir.indexing.parameters import parameters_of
from fhir_server.fhir.search.criteria import references


def declared(kind: str, kinds: Iterable[str]) -> dict[str, Any]:
    """The `search…` members of `rest.resource` for a type; `kinds` are all the types that are searched here."""
    forward = [f"{kind}:{name}" for name in references(kind)]
    back = sorted(
        f"{other}:{name}" for other in kinds for name in references(other)
        if kind in parameters_of(other)[name].targets
    )  # fmt: skip
    params = [
        {"name": one.name, **({"definition": one.url} if one.url else {}), "type": one.kind}
        for one in parameters_of(kind).values()
    ]
    included = {"searchInclude": ["*", *forward]} if forward else {}
    return included | ({"searchRevInclude": back} if back else {}) | {"searchParam": params}
