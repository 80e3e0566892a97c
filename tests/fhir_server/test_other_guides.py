"""A transaction of documents that declares the profile of another guide, with and without that guide at hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_server.checking import judge
from tests.support.packages import profile
from validators.fhir import Walker, default_profiles, load_definitions
from validators.report import Mode

MINIMAL = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Minimal.ProvideBundle"
PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/pdsm-comprehensive-provide-document-bundle"
GUIDE = profile(MINIMAL, "Bundle", path="Bundle.timestamp", min=1)
ENTRY = {
    "fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111",
    "resource": {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"title": "x"}}]},
    "request": {"method": "POST", "url": "DocumentReference"},
}


def errors(walker: Walker | None, *declared: str, **more: Any) -> set[str]:
    made = {"resourceType": "Bundle", "meta": {"profile": declared}, "type": "transaction", "entry": [ENTRY], **more}
    found = judge(json.dumps(made).encode(), Mode.SANDBOX, walker=walker).report
    return {issue.rule for issue in found if issue.severity.value == "error"}


@pytest.fixture(scope="module")
def guided() -> Walker:
    return Walker(load_definitions(), default_profiles().extended([GUIDE]))


def test_it_is_judged_by_the_guide_at_hand(guided: Walker) -> None:
    assert errors(guided, MINIMAL, timestamp="2026-02-01T12:00:00+01:00") == set()
    assert errors(guided, MINIMAL) == {"FHIR-MIN"}


def test_by_pdsm_where_the_guide_is_not_at_hand() -> None:
    assert "MHD-SLICE-COUNT" in errors(None, MINIMAL)


@pytest.mark.parametrize("declared", [(), (PDSM,), (PDSM, MINIMAL), ("https://example.org/provide",)])
def test_by_pdsm_where_it_declares_that_or_nothing_known(guided: Walker, declared: tuple[str, ...]) -> None:
    assert "MHD-SLICE-COUNT" in errors(guided, *declared)
