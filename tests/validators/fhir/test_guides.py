"""A canonical tells its package."""

from __future__ import annotations

import pytest

from validators.fhir.guides import package_of


@pytest.mark.parametrize(
    ("canonical", "package"),
    [
        ("https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/x", "ans.fhir.fr.pdsm"),
        ("https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient", "hl7.fhir.fr.core"),
        ("http://interopsante.org/fhir/StructureDefinition/FrPatient", "hl7.fhir.fr.core"),
        ("https://profiles.ihe.net/ITI/MHD/StructureDefinition/x", "ihe.iti.mhd"),
        ("http://hl7.org/fhir/uv/ips/StructureDefinition/x", "hl7.fhir.uv.ips"),
        ("https://example.org/fhir/StructureDefinition/x", "https://example.org/fhir"),
        ("nothing", "nothing"),
    ],
)
def test_package_of(canonical: str, package: str) -> None:
    assert package_of(canonical) == package
