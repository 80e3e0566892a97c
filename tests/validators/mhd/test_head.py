"""The head of PDSm against its release: what is asked besides, what is let go, and the release as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.validators.cda.samples import NOW
from tests.validators.mhd.envelope import DOCUMENT, Change, Json, bundle, drop, put, reference
from validators.mhd import check_declared, check_provide_bundle, pdsm_profiles, pdsm_walker
from validators.pdsm import Pdsm
from validators.report import Mode, Report

_NOS = "https://mos.esante.gouv.fr/NOS/"
_ROLES = "author", "authenticator"
LABEL = "securityLabel.0.coding.0"
TYPED, MISTYPED = (
    {"system": f"{_NOS}TRE_A07-{name}VisibiliteDocument/FHIR/TRE-A07-{name}VisibiliteDocument", "code": "MASQUE_PS"}
    for name in ("Statut", "Status")
)
FINESS = {"system": "urn:oid:1.2.250.1.71.4.2.2", "value": "1750100125"}
custodian = put(reference, "custodian", {"identifier": FINESS})


def found(version: Pdsm, *changes: Change) -> set[tuple[str, str]]:
    """(rule, place) of what is said of the DocumentReference and refused, or said of its labels."""
    made = bundle(custodian, *changes)
    report = check_provide_bundle(made, pdsm_walker(version), mode=Mode.SANDBOX, now=NOW, pdsm=version).report
    return {
        (issue.rule, issue.location.removeprefix(DOCUMENT)) for issue in report
        if "!/" not in issue.location and (issue.severity.value == "error" or issue.rule == "MHD-HEAD-LABEL")
    }  # fmt: skip


def person(role: str) -> Change:
    """The one of this role is a person: a contained Practitioner, without a PractitionerRole."""

    def change(made: Json) -> None:
        held = reference(made)
        held["contained"].append({"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Martin"}]})
        held[role] = [{"reference": "#dr"}] if role == "author" else {"reference": "#dr"}

    return change


def both_by_role(made: Json) -> None:
    """The author answers for the document, so that dropping either role leaves nobody unreferenced."""
    reference(made)["authenticator"] = dict(reference(made)["author"][0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (drop(reference, "custodian"), ("MHD-HEAD-CUSTODIAN", "")),
        (drop(reference, "date"), ("MHD-HEAD-DATE", "")),
        (put(reference, LABEL, MISTYPED), ("MHD-HEAD-LABEL", ".securityLabel[0].coding[0].system")),
    ],
)
def test_the_head_asks_more(change: Change, expected: tuple[str, str]) -> None:
    assert found(Pdsm.RELEASED, change) == set()
    assert found(Pdsm.HEAD, change) == {expected}


def test_what_both_ask_is_asked_by_both() -> None:
    for version in Pdsm:
        assert found(version) == set()
        assert found(version, put(reference, LABEL, TYPED)) == set()
        assert ("FHIR-MIN", "") in found(version, drop(reference, "securityLabel"))


def test_the_head_wants_nobody_to_answer_for_the_document() -> None:
    changes = both_by_role, drop(reference, "authenticator")
    assert found(Pdsm.RELEASED, *changes) == {("FHIR-MIN", "")}
    assert found(Pdsm.HEAD, *changes) == set()


@pytest.mark.parametrize("role", _ROLES)
def test_the_head_takes_persons_without_a_role(role: str) -> None:
    released = {
        rule for rule, place in found(Pdsm.RELEASED, both_by_role, person(role)) if place.startswith(f".{role}")
    }
    assert released == {"FHIR-REFERENCE-TYPE"}
    assert found(Pdsm.HEAD, both_by_role, person(role)) == set()


def test_the_profiles_of_the_release_are_left_as_they_were() -> None:
    pdsm_profiles(Pdsm.HEAD)
    changes = both_by_role, drop(reference, "authenticator")
    assert found(Pdsm.RELEASED, *changes) == {("FHIR-MIN", "")}
    assert pdsm_profiles(Pdsm.RELEASED) is pdsm_walker(Pdsm.RELEASED).profiles


PDSM = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
BARE: dict[str, Any] = {"resourceType": "DocumentReference", "status": "current"}


@pytest.mark.parametrize("name", ["pdsm-simplified-publish", "pdsm-comprehensive-document-reference|3.1.1"])
def test_a_reference_on_its_own_meets_the_head_where_it_declares_pdsm(name: str) -> None:
    declared = BARE | {"meta": {"profile": [PDSM + name]}}
    asked = {("MHD-HEAD-CUSTODIAN", "DocumentReference"), ("MHD-HEAD-DATE", "DocumentReference")}
    complete = declared | {"custodian": {"display": "CH"}, "date": "2026-02-01T12:00:00+01:00"}
    assert alone(declared) == alone(BARE, [PDSM + name]) == asked
    assert alone(complete) == alone(BARE) == alone(declared, version=Pdsm.RELEASED) == set()


def test_references_in_a_bundle_meet_it_where_they_declare_it() -> None:
    declared = BARE | {"meta": {"profile": [PDSM + "pdsm-simplified-publish"]}, "custodian": {"display": "CH"}}
    answer = {"resourceType": "Bundle", "entry": [{"resource": BARE}, {"resource": declared}, {}]}
    assert alone(answer) == {("MHD-HEAD-DATE", "Bundle.entry[1].resource")}


def alone(resource: Json, profiles: list[str] | None = None, version: Pdsm = Pdsm.HEAD) -> set[tuple[str, str]]:
    report = Report()
    check_declared(resource, version, profiles or [], report)
    return {(issue.rule, issue.location) for issue in report}
