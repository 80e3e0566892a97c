"""FHIRPath expressions that resources carry: can they be compiled?"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from validators.fhir.context import Context
from validators.fhir.definitions import Definitions
from validators.fhir.fhirpath.errors import FhirPathError
from validators.fhir.fhirpath.expression import compile_expression

_CACHED: Final = 256


def unreadable(expression: str, context: Context, type_name: str | None = None) -> str | None:
    """Where an expression cannot be compiled, as a position from 1 (`?` when unknown); None when it can.

    `type_name` is what it is evaluated on, when that is one type.
    """
    return _problem(expression, context.definitions, type_name)


@lru_cache(_CACHED)
def _problem(expression: str, definitions: Definitions, type_name: str | None) -> str | None:
    try:
        compile_expression(expression, definitions, type_name)
    except FhirPathError as problem:
        return "?" if problem.position is None else str(problem.position + 1)
    except RecursionError:
        return "?"
    return None
