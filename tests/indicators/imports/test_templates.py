"""A template is a file that its own reader takes."""

from __future__ import annotations

import pytest

from indicators.imports import SHAPES, read, template


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", SHAPES)
def test_a_template_reads_as_one_example(kind: str, form: str) -> None:
    assert len(read(SHAPES[kind], template(SHAPES[kind], form))) == 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_workbook_explains_its_columns(lang: str) -> None:
    import io

    import python_calamine

    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(template(SHAPES["dui"], "xlsx", lang)))
    rows = book.get_sheet_by_index(1).to_python()
    assert {row[0] for row in rows} >= {column.name for column in SHAPES["dui"].columns}


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="ods"):
        template(SHAPES["dui"], "ods")


@pytest.mark.parametrize("kind", SHAPES)
def test_every_column_is_explained_in_both_languages(kind: str) -> None:
    shape = SHAPES[kind]
    assert shape.id == kind
    assert all(column.fr and column.en for column in shape.columns)
    assert all(shape.column(name) is not None for name in shape.key)
