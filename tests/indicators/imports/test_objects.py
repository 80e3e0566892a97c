"""Declared data out of a JSON list: the same shapes and the same faults as a file, by row."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.imports import SHAPES, Acknowledgement, ImportRefused, read, read_objects

ACKS = SHAPES["acknowledgements"]
GOOD = {"identifiant_document": "1.2.3", "date_accuse": "2026-04-02"}


def faults(objects: object) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(ImportRefused) as refused:
        read_objects(ACKS, objects)
    return [(fault.line, fault.column, fault.code) for fault in refused.value.faults]


def test_a_list_gives_the_records_of_the_same_file() -> None:
    objects = [GOOD, {"reference_dmp": "D", "date_accuse": "03/04/2026", "identifiant_document": " 4.5 "}]
    text = "identifiant_document;date_accuse;reference_dmp\n1.2.3;2026-04-02;\n4.5;03/04/2026;D\n"

    assert read_objects(ACKS, objects) == read(ACKS, text.encode()) == [
        Acknowledgement("1.2.3", date(2026, 4, 2), None), Acknowledgement("4.5", date(2026, 4, 3), "D"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        (None, [(None, None, "FILE_LIST")]),
        (GOOD, [(None, None, "FILE_LIST")]),
        ([GOOD, "x"], [(None, None, "FILE_LIST")]),
        ([], [(None, None, "FILE_EMPTY")]),
        ([GOOD | {"autre": 1}], [(1, "autre", "COLUMN_UNKNOWN")]),
        ([{"identifiant_document": "1"}], [(1, "date_accuse", "COLUMN_MISSING")]),
        ([GOOD, GOOD], [(3, "identifiant_document", "ROW_TWICE")]),
        ([GOOD, {"identifiant_document": "1"}], [(3, "date_accuse", "CELL_MISSING")]),
        ([GOOD | {"identifiant_document": 12}], [(2, "identifiant_document", "CELL_NUMBER")]),
        ([GOOD | {"date_accuse": True}], [(2, "date_accuse", "CELL_DATE")]),
        ([GOOD | {"date_accuse": ["2026-01-01"]}], [(2, "date_accuse", "CELL_DATE")]),
    ],
)
def test_what_is_wrong_is_told_by_row(objects: object, said: list[tuple[int | None, str | None, str]]) -> None:
    assert faults(objects) == said


_CELLS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_NAMES = st.sampled_from(["identifiant_document", "date_accuse", "reference_dmp", "Autre", ""])


@given(st.lists(st.dictionaries(_NAMES, _CELLS, max_size=4), max_size=4) | _CELLS)
def test_any_json_is_read_or_refused(objects: Any) -> None:
    with suppress(ImportRefused):
        assert all(isinstance(one, Acknowledgement) for one in read_objects(ACKS, objects))
