"""A letter that the small kit and our rules accept, the kit itself, and the kit ready to run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from testdata import country, discharge_letter
from tests.validators.cda.official.small_kit import write_kit
from validators.cda.official import Kit, Official, OfficialResult

Check = Callable[..., OfficialResult]


@pytest.fixture(scope="session")
def letter() -> bytes:
    land = country(2026, date(2023, 11, 20))
    stay = next(stay for stay in land.stays if stay.discharged)
    return discharge_letter(stay, when=stay.discharged)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return write_kit(tmp_path / "kit")


@pytest.fixture
def check(kit: Path, tmp_path: Path, letter: bytes) -> Check:
    """Run the kit as it is on disk at that moment, on the letter unless another document is given."""

    def run(data: bytes | None = None, cache: Path | None = tmp_path / "cache") -> OfficialResult:
        return Official(Kit(kit), cache).check(letter if data is None else data)

    return run
