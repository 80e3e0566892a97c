"""The reference says what the code does: generated pages are fresh, and nothing that exists is left out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from fhir_server.app import create_app
from fhir_server.intake.wrap import bundle_from_header
from testdata import country, discharge_letter
from tests.docs.pages import DOCS, ROOT
from validators.cda import check_cda
from validators.report import Mode


def generate(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DOCS / "generate.py"), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


def test_the_generated_pages_are_up_to_date() -> None:
    done = generate("--check")

    assert done.returncode == 0, f"run `python docs/generate.py`\n{done.stdout}{done.stderr}"


def test_every_address_is_in_the_http_reference() -> None:
    page = (DOCS / "reference" / "http.md").read_text(encoding="utf-8")
    missing = [address for address in sorted(set(addresses())) if f"`{address}`" not in page]

    assert missing == []


def addresses() -> Iterator[str]:
    """Method and path of every route that does something; the catch-all of refused writes does nothing."""
    for method, path in routes():
        if method != "HEAD" and "{path:path}" not in path:
            yield f"{method} {path}"


def routes() -> Iterator[tuple[str, str]]:
    from fhir_server.api.acknowledgements import router as acknowledgements
    from fhir_server.api.indicators import router as indicators
    from fhir_server.api.letters import router as letters
    from fhir_server.api.programme_files import router as programme_files
    from fhir_server.api.programmes import router as programmes
    from fhir_server.api.routes import router as api
    from fhir_server.fhir.following import router as following
    from fhir_server.fhir.measures import router as measures
    from fhir_server.fhir.operations import router as operations
    from fhir_server.fhir.reports import router as reports
    from fhir_server.fhir.routes import router as fhir
    from fhir_server.fhir.subscriptions import router as subscriptions
    from fhir_server.fhir.terminology import router as terminology
    from fhir_server.intake.adt_door import router as admissions
    from fhir_server.intake.documents_api import router as documents
    from fhir_server.intake.doors import router as doors
    from fhir_server.ops import router as ops
    from fhir_server.pages.routes import router as pages

    for router in (
        api, acknowledgements, indicators, letters, programme_files, programmes, fhir, measures, reports, doors,
        admissions, ops, pages, documents,
        following, subscriptions, terminology, operations,
    ):  # fmt: skip
        for route in router.routes:
            found: Any = route
            for method in found.methods:
                yield method, found.path


def test_the_application_has_no_other_routers() -> None:
    made: Any = create_app(lambda: None)  # type: ignore[arg-type, return-value]

    assert sum("Router" in type(route).__name__ for route in made._app.routes) == 18


@pytest.fixture(scope="module")
def bundle() -> dict[str, Any]:
    """The bundle of a letter that replaces another."""
    from datetime import UTC, date, datetime

    land = country(2026, date(2023, 11, 20))
    stay = next(stay for stay in land.stays if stay.discharged)
    data = discharge_letter(stay, when=stay.discharged, version=2, replaces="1.2.250.1.999.1")
    found = check_cda(data, mode=Mode.SANDBOX)
    assert found.header is not None
    return bundle_from_header(found.header, None, data, datetime(2023, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize("kind", ["List", "DocumentReference"])
def test_every_element_made_from_a_header_is_in_the_mapping(bundle: dict[str, Any], kind: str) -> None:
    page = (DOCS / "reference" / "metadata.md").read_text(encoding="utf-8")
    section = page.partition(f"## {kind}")[2].partition("\n## ")[0]
    resource = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
    elements = set(resource) - {"resourceType", "context", "content"}
    elements |= {f"context.{name}" for name in resource.get("context", {})}
    elements |= {f"content.{name}" for content in resource.get("content", []) for name in content}

    assert [name for name in sorted(elements) if f"`{name}`" not in section] == []


def test_every_reason_of_a_stay_measure_is_explained() -> None:
    from indicators.measures.counting import DMP_REASONS

    page = (DOCS / "explanation" / "counting.md").read_text(encoding="utf-8")

    assert [reason for reason in DMP_REASONS if f"`{reason}`" not in page] == []
