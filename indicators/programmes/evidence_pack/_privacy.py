"""What may not be in a pack: a health identity, or a person or a stay by any name but a key of the decision."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from indicators.programmes.evidence_pack._model import KEY

_MATRICULE: Final = re.compile(r"(?<![0-9A-Za-z])[123478]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?(?![0-9A-Za-z])")
"""A NIR or NIA, with or without its key."""
_INS_OID: Final = re.compile(r"1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)(?![0-9])")
_NAMED: Final = frozenset({
    "ins", "matricule", "nir", "patient", "patients", "eligible_patients", "person", "persons", "stay", "stays",
    "stay_id", "unique_id", "document_id", "doc_id",
})  # fmt: skip
"""Names under which a record's inputs, or a row, could name somebody; a count or a key of the decision is welcome."""


def identities(value: Any, path: str = "") -> Iterator[str]:
    """Places where a text looks like a health identity; the text itself is never shown."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if _shows_one(str(name)):
                yield f"{path}.*".lstrip(".")
            yield from identities(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from identities(inner, f"{path}[{index}]")
    elif isinstance(value, str | int) and not isinstance(value, bool) and _shows_one(str(value)):
        yield path


def _shows_one(text: str) -> bool:
    return _MATRICULE.search(text) is not None or _INS_OID.search(text) is not None


def pseudonyms(value: Any, path: str = "") -> Iterator[str]:
    """Places where a person, a stay or a document has a name of its own."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            where = f"{path}.{name}".lstrip(".")
            if str(name).casefold() in _NAMED and not _harmless(inner):
                yield where
            else:
                yield from pseudonyms(inner, where)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from pseudonyms(inner, f"{path}[{index}]")


def _harmless(value: Any) -> bool:
    """Nothing, a small count, keys of the decision, or rows that are looked into themselves."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return 0 <= value < 10_000_000
    if isinstance(value, str):
        return KEY.fullmatch(value) is not None
    if isinstance(value, list | tuple):
        return all(_harmless(one) for one in value)
    return False
