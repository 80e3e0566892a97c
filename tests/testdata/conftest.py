from __future__ import annotations

from datetime import date

import pytest

from testdata import Country, Stay, country, discharge_letter, level1

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def land() -> Country:
    return country(2026, TODAY)


@pytest.fixture(scope="session")
def stay(land: Country) -> Stay:
    return next(each for each in land.stays if each.discharged and each.operated)


@pytest.fixture(scope="session")
def letter(stay: Stay) -> bytes:
    assert stay.discharged is not None
    return discharge_letter(stay, when=stay.discharged)


@pytest.fixture(scope="session")
def report(stay: Stay) -> bytes:
    assert stay.discharged is not None
    return level1(stay, "CRO", when=stay.discharged)
