"""What the tests of this room share: the compiled definitions, our profiles, and short ways to check one resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from validators.fhir import Definitions, ProfileSet, Walker, default_profiles, load_definitions
from validators.report import Issue, Report

SHARED = Path(__file__).resolve().parents[4] / "shared"
Check = Callable[..., list[Issue]]


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture(scope="session")
def profiles() -> ProfileSet:
    return default_profiles()


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent: published examples cannot be read")
    return SHARED


@pytest.fixture(scope="session")
def check(definitions: Definitions) -> Check:
    """Issues of one resource against R4, and against `profiles` when a set is given."""

    def run(resource: dict[str, Any], profile_set: ProfileSet | None = None, urls: Sequence[str] = ()) -> list[Issue]:
        report = Report()
        Walker(definitions, profile_set).check(resource, report, profiles=urls)
        return list(report)

    return run


@pytest.fixture(scope="session")
def check_ours(check: Check, profiles: ProfileSet) -> Check:
    """Issues of one resource against R4 and one of our profiles, named by its id."""

    def run(resource: dict[str, Any], profile_id: str) -> list[Issue]:
        return check(resource, profiles, [f"https://segur-fhir.example/fhir/StructureDefinition/{profile_id}"])

    return run
