"""The header as values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.validators.cda.samples import Edit, add, check, null, put, remove
from validators.cda import Coded, Header, Identifier, same_unique_id

CUSTODIAN = "custodian/assignedCustodian/representedCustodianOrganization/id"
UUID = "A3BB189E-8BF9-3888-9912-ACE4E6543002"


def header(*edits: Edit) -> Header:
    found = check(*edits).header
    assert found is not None
    return found


def test_everything_is_read() -> None:
    read = header()
    assert (read.unique_id, read.set_id, read.version_number) == ("1.2.3.4.1", Identifier("1.2.3.4"), 1)
    assert (read.code, read.language, read.level) == ("11490-0", "fr-FR", 3)
    assert read.title == "Lettre de liaison à la sortie"
    assert read.effective_time == datetime.fromisoformat("2026-02-01T10:30:00+01:00")
    assert read.confidentiality == Coded("N", "2.16.840.1.113883.5.25", "Normal")
    assert read.templates[-1] == ("1.2.250.1.213.1.1.1.29", "2022.01")
    assert read.author_organisations == ("750803447",)
    assert read.custodian_finess == "750803447"
    assert read.encounter_ids == (Identifier("1.2.3.4.6", "STAY-1"),)
    assert (str(read.encounter_start), str(read.encounter_end)) == (
        "2026-01-20 00:00:00+01:00",
        "2026-01-31 00:00:00+01:00",
    )
    assert read.service_event == Coded("IMP", "2.16.840.1.113883.5.4")
    assert read.facility is not None
    assert read.facility.code == "SA01"
    assert read.practice_setting is not None
    assert read.practice_setting.code == "ETABLISSEMENT"
    assert (read.related[0].type_code, read.related[0].parents) == ("RPLC", (Identifier("1.2.3.4.0"),))
    assert (read.authors[0].family, read.authors[0].given) == ("MEDECIN", "Charles")
    assert read.legal_authenticator is not None
    assert read.legal_authenticator.id == Identifier("1.2.250.1.71.4.2.1", "801234567897")
    assert read.patient is not None
    assert read.patient.birth_family == "PAT-TROIS"


def test_what_is_missing_reads_as_none() -> None:
    gone = ["id", "code", "title", "effectiveTime", "legalAuthenticator", "recordTarget", "component", "versionNumber"]
    read = header(*(remove(path) for path in gone), null(CUSTODIAN))
    assert (read.unique_id, read.code, read.title, read.effective_time) == (None, None, None, None)
    assert (read.legal_authenticator, read.patient, read.level, read.custodian_finess) == (None, None, None, None)
    assert not read.same_unique_id({"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2"})


def test_a_single_encounter_value_is_both_ends() -> None:
    path = "componentOf/encompassingEncounter/effectiveTime"
    read = header(remove(f"{path}/low"), remove(f"{path}/high"), put(path, value="20260131"))
    assert read.encounter_start == read.encounter_end is not None


@pytest.mark.parametrize("extension", ["750803447", "2750803447", "17508034471", "", None])
def test_only_a_finess_is_a_finess(extension: str | None) -> None:
    path = "author/assignedAuthor/representedOrganization/id"
    assert header(put(path, extension=extension)).author_organisations == ()
    assert header(put(path, root="1.2.3")).author_organisations == ()
    assert header(put(path, extension="12A0000014")).author_organisations == ("2A0000014",)


def test_an_absurd_version_is_no_number() -> None:
    assert header(put("versionNumber", value="9" * 5000)).version_number is None


def test_several_authors() -> None:
    read = header(add("", "<author><time value='2026'/><assignedAuthor/></author>"))
    assert [author.family for author in read.authors] == ["MEDECIN", None]


@pytest.mark.parametrize(
    ("document", "identifier", "same"),
    [
        (Identifier("1.2.3"), {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}, True),
        (Identifier("1.2.3"), {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.4"}, False),
        (Identifier("1.2.3"), {"system": "urn:ietf:rfc:3986", "value": "1.2.3"}, False),
        (Identifier(UUID), {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{UUID.lower()}"}, True),
        (Identifier(UUID), {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{UUID}"}, False),
        (Identifier("1.2.3", "E"), {"system": "urn:oid:1.2.3", "value": "E"}, True),
        (Identifier("1.2.3", "E"), {"system": "urn:oid:1.2.3", "value": "F"}, False),
        (Identifier("1.2.3", "E"), {"system": "urn:oid:1.2.4", "value": "E"}, False),
        (Identifier("1.2.3", "E"), {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}, False),
        (Identifier("1.2.3"), {"system": "urn:oid:1.2.3", "value": ""}, False),
        (Identifier("1.2.3"), {"value": "urn:oid:1.2.3"}, False),
        (Identifier("1.2.3"), {"system": "urn:ietf:rfc:3986", "value": 3}, False),
    ],
)
def test_the_metadata_names_the_document(document: Identifier, identifier: dict[str, Any], same: bool) -> None:
    assert same_unique_id(document, identifier) is same


def test_unique_ids() -> None:
    assert Identifier("1.2", "E").text == "1.2^E"
    read = header(put("id", extension="E"))
    assert read.same_unique_id({"system": "urn:oid:1.2.3.4.1", "value": "E"})
