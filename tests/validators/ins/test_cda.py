"""Reading a CDA patientRole, whatever its prefix."""

from __future__ import annotations

from lxml import etree

from tests.validators.ins.people import MATRICULE, role
from validators.ins import INS_TEST, identity_from_cda

PATIENT = "/ClinicalDocument/recordTarget[1]/patientRole[1]"


def test_everything_is_read() -> None:
    identity = role()
    assert [(item.oid, item.value) for item in identity.identifiers] == [(INS_TEST, MATRICULE), ("1.2.3.4", "IPP1")]
    assert (identity.birth_family, identity.birth_given_first) == ("PAT-TROIS", "DOMINIQUE")
    assert identity.birth_given_list == "DOMINIQUE MARIE-LOUISE"
    assert (identity.sex, identity.birth_date, identity.birth_place) == ("female", "19790328", "51215")
    assert identity.status is None


def test_places_have_positions_and_lines() -> None:
    identity = role()
    assert identity.place_of("birth_given_first").location == f"{PATIENT}/patient[1]/name[1]/given[2]"
    assert identity.place_of("birth_given_first").line == 8
    assert identity.identifiers[1].location == f"{PATIENT}/id[2]"


def test_what_is_missing_is_placed_on_the_nearest_ancestor() -> None:
    identity = role(('<c:birthTime value="19790328"/>', ""), ("<c:county>51215</c:county>", ""))
    assert identity.birth_date is None
    assert identity.place_of("birth_date").location == f"{PATIENT}/patient[1]"
    assert identity.place_of("birth_place").location.endswith("/place[1]/addr[1]")


def test_an_empty_role_reads_as_nothing() -> None:
    identity = identity_from_cda(etree.fromstring('<patientRole xmlns="urn:hl7-org:v3"/>'), "/x")
    assert identity.identifiers == ()
    assert identity.birth_family is None
    assert identity.place_of("sex").location == "/x"


def test_sexes() -> None:
    assert role(('code="F"', 'code="UN"')).sex == "unknown"
    assert role(('code="F"', 'code="M"')).sex == "male"
    assert role(('code="F"', 'code="X"')).sex == "X"
    assert role((' code="F"', "")).sex is None


def test_null_flavor_of_an_identifier() -> None:
    identity = role((f'extension="{MATRICULE}"', 'nullFlavor="UNK"'))
    assert identity.identifiers[0].null_flavor == "UNK"
