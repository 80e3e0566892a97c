"""HL7 timestamps: precision, zone, calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.cda import parse_timestamp


@pytest.mark.parametrize(
    ("raw", "start"),
    [
        ("2024", "2024-01-01T00:00:00+01:00"),
        ("202407", "2024-07-01T00:00:00+02:00"),
        ("20240229", "2024-02-29T00:00:00+01:00"),
        ("2024022910", "2024-02-29T10:00:00+01:00"),
        ("202402291030", "2024-02-29T10:30:00+01:00"),
        ("202402291030+0100", "2024-02-29T10:30:00+01:00"),
        ("20240229103059.123-0430", "2024-02-29T10:30:59-04:30"),
        ("20240229103059+2", "2024-02-29T10:30:59+02:00"),
    ],
)
def test_forms(raw: str, start: str) -> None:
    timestamp = parse_timestamp(raw)
    assert timestamp is not None
    assert timestamp.start == datetime.fromisoformat(start)
    assert timestamp.has_zone is ("+" in raw or "-" in raw)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "24",
        "20240230",
        "202413",
        "2024022925",
        "202402291060",
        "2024-02-29",
        "20240229103059+1500",
        "20240229103059+0160",
        "20240229+0100",
        "٢٠٢٤",
        "0001",
        "9999",
        "20240229 ",
        "20240229103059.",
    ],
)
def test_refused(raw: str | None) -> None:
    assert parse_timestamp(raw) is None


@pytest.mark.parametrize(
    ("raw", "length"),
    [("2024", 366), ("202402", 29), ("202412", 31), ("20240229", 1)],
)
def test_a_coarse_date_lasts(raw: str, length: int) -> None:
    timestamp = parse_timestamp(raw)
    assert timestamp is not None
    assert timestamp.end - timestamp.start == timedelta(days=length)


@given(st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_what_is_written_is_read(moment: datetime) -> None:
    timestamp = parse_timestamp(moment.strftime("%Y%m%d%H%M%S+0000"))
    assert timestamp is not None
    assert timestamp.start == moment
    assert timestamp.end - timestamp.start == timedelta(seconds=1)


@given(st.text(alphabet="0123456789+-.", max_size=24))
def test_parsing_never_raises(raw: str) -> None:
    parse_timestamp(raw)
