"""Reading a FHIR Patient: FR Core, and anything else without raising."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.ins.people import MATRICULE, official, patient
from validators.ins import INS_TEST, PatientIdentity, Place, identity_from_fhir

KEYS = ["identifier", "name", "extension", "system", "value", "url", "type", "coding", "code", "use"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def test_everything_is_read() -> None:
    identity = identity_from_fhir(patient(), "Patient")
    assert identity.birth_family == "PAT-TROIS"
    assert identity.birth_given_first == "DOMINIQUE"
    assert identity.birth_given_list == "DOMINIQUE MARIE-LOUISE"
    assert (identity.birth_date, identity.sex, identity.birth_place) == ("1979-03-28", "female", "51215")
    assert identity.status == "VALI"
    (identifier,) = identity.identifiers
    assert (identifier.oid, identifier.value, identifier.use) == (INS_TEST, MATRICULE, "official")
    assert identifier.location == "Patient.identifier[0]"
    assert identity.place_of("birth_family").location == "Patient.name[0].family"
    assert identity.place_of("nothing") == Place("Patient")


def test_a_usual_name_is_no_birth_name() -> None:
    identity = identity_from_fhir(patient(name=[{"use": "usual", "family": "X", "given": ["Y"]}]), "Patient")
    assert identity.birth_family is None
    assert identity.place_of("birth_family").location == "Patient"


def test_the_official_name_comes_before_a_name_without_use() -> None:
    identity = identity_from_fhir(patient(name=[{"family": "X", "given": ["A", "B"]}, official()]), "Patient")
    assert identity.birth_family == "PAT-TROIS"
    bare = identity_from_fhir(patient(name=[{"family": "X", "given": ["A", "B"]}]), "Patient")
    assert (bare.birth_family, bare.birth_given_first, bare.birth_given_list) == ("X", "A", "A B")


def test_a_birth_place_without_a_code_is_empty() -> None:
    extension = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "X"}}
    assert identity_from_fhir(patient(extension=[extension]), "Patient").birth_place == ""
    assert identity_from_fhir(patient(extension=None), "Patient").birth_place is None


def test_an_absent_value_says_so() -> None:
    identifier = {"system": f"urn:oid:{INS_TEST}", "_value": {"extension": [{"url": "data-absent-reason"}]}}
    assert identity_from_fhir(patient(identifier=[identifier]), "Patient").identifiers[0].null_flavor


@given(st.dictionaries(st.sampled_from(["identifier", "name", "extension", "gender", "birthDate"]), JSON))
def test_reading_never_raises(resource: dict[str, Any]) -> None:
    identity_from_fhir(resource, "Patient")


@pytest.mark.parametrize("secret", [MATRICULE, "PAT-TROIS", "1979"])
def test_a_traceback_says_nothing(secret: str) -> None:
    identity = identity_from_fhir(patient(), "Patient")
    assert secret not in repr(identity)
    assert isinstance(identity, PatientIdentity)
