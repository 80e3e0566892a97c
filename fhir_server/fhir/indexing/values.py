"""Values as they are indexed and as they are looked for (decision 0024): what both sides of a search share.

| kind | value | system |
|---|---|---|
| token | the code | its system |
| reference | `reference_value` | empty |
| string | `fold` | as written, 200 characters |
| uri | as it is | empty |
| date | first of `date_range` | after of it |
| number | first of `number_range` | after of it |
| quantity | first of `number_range` | after of it, `|`, system, `|`, code |

A composite parameter has no rows of its own: a resource that has a value of each component is found. That is exact
where the components are single elements (`code-value-quantity`). Where they repeat, the two values may stand in two
repetitions, and whoever searches has to look at the resource itself to tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from fhir_server.fhir.indexing.ranges import (
    FIRST_MOMENT,
    GREATEST_NUMBER,
    LAST_MOMENT,
    LEAST_NUMBER,
    Range,
    bounds,
    date_range,
    moment,
    number,
    number_range,
    span,
)

__all__ = [
    "FIRST_MOMENT", "GREATEST_NUMBER", "IDENTIFIER", "LAST_MOMENT", "LEAST_NUMBER", "LONGEST", "OF_TYPE", "TEXT",
    "Range", "bounds", "date_range", "fold", "moment", "number", "number_range", "reference_type", "reference_value",
    "span",
]  # fmt: skip

TEXT, OF_TYPE, IDENTIFIER = ":text", ":of-type", ":identifier"
"""What is added to the name of a parameter for the rows that its modifier of the same name looks at."""
LONGEST: Final = 200
"""Characters of a string that are indexed."""

_LETTERS: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‐": "-", "‑": "-"})
_REFERENCE: Final = re.compile(
    r"(?:[a-z][a-z+.-]*:.*/)?(?P<type>[A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?"
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """A text without case, accents, ligatures and needless spaces, 200 characters of it."""
    if text.isascii():
        return " ".join(text.lower().split())[:LONGEST]
    plain = unicodedata.normalize("NFKD", text[: 4 * LONGEST].translate(_LETTERS)).casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())[:LONGEST]


def reference_value(reference: str) -> str:
    """A literal reference as it is indexed: without its version; `Type/id` stays relative, any other stays itself."""
    return reference.partition("/_history/")[0]


def reference_type(reference: Mapping[str, Any]) -> str | None:
    """The type a Reference points to, by its text or its `type`; None where neither says so."""
    text, named = reference.get("reference"), reference.get("type")
    found = _REFERENCE.fullmatch(text) if isinstance(text, str) else None
    if found is not None:
        return found["type"]
    return named.rpartition("/")[2] if isinstance(named, str) else None
