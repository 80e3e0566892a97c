"""A CDA becomes a bundle: what the header states is carried, what it does not state is not invented."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import orjson
import pytest

from fhir_server.intake.wrap import bundle_from_header, system_url, urn
from testdata import country, discharge_letter
from tests.validators.cda.samples import LETTER, NOW
from validators.cda import Identifier, check_cda
from validators.fhir import Walker, default_profiles, load_definitions
from validators.mhd import check_provide_bundle
from validators.mhd.codes import CONFIDENTIALITY, LOINC
from validators.report import Mode, Severity

INS = '<id root="1.2.250.1.213.1.4.8" extension="279035121518989"/>'
IPP = '<id root="1.2.3.4.5" extension="IPP-1"/>'
UUID = "5B0F6F5E-0000-4000-8000-000000000001"
WALKER = Walker(load_definitions(), default_profiles())


def wrapped(*changes: tuple[str, str], text: str = LETTER) -> dict[str, Any]:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    data = text.encode()
    checked = check_cda(data, mode=Mode.SANDBOX, now=NOW)
    assert checked.header is not None
    bundle: dict[str, Any] = json.loads(orjson.dumps(bundle_from_header(checked.header, None, data, NOW)))
    return bundle


def entry(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in bundle["entry"] if e["resource"]["resourceType"] == kind)
    return found


def said(bundle: dict[str, Any]) -> list[tuple[str, str]]:
    """Errors and warnings of the envelope."""
    report = check_provide_bundle(bundle, WALKER, mode=Mode.SANDBOX, now=NOW).report
    heard = [issue for issue in report if issue.severity is not Severity.INFORMATION and "!/" not in issue.location]
    return [(issue.rule, issue.location) for issue in heard]


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [('<id root="1.2.3.4.1"/>', '<id root="1.2.3.4" extension="a b|c"/>')],
        [('<id root="1.2.3.4.1"/>', f'<id root="{UUID}"/>')],
        [('<setId root="1.2.3.4"/>', f'<setId root="{UUID}"/>')],
        [('<id root="1.2.3.4.0"/>', '<id root="1.2.3.4" extension="a b|c"/>')],
        [(INS, "")],
        [(INS, ""), (IPP, INS + IPP.replace("IPP-1", "IPP 1|&amp;é"))],
        [(INS, ""), ("IPP-1", "IPP 1|&amp;é")],
        [('value="20260201103000+0100"', 'value="20260201"')],
        [('<birthTime value="19790328"/>', '<birthTime value="197903281200+0100"/>')],
        [("<county>51215</county>", "<county>99109</county>")],
    ],
)
def test_the_bundle_is_right(changes: list[tuple[str, str]]) -> None:
    assert said(wrapped(*changes)) == []


def test_the_same_document_gives_the_same_bundle() -> None:
    assert wrapped() == wrapped()
    assert wrapped()["entry"][0]["fullUrl"] != wrapped(("IPP-1", "IPP-2"))["entry"][0]["fullUrl"]


def test_a_generated_letter_becomes_a_right_bundle() -> None:
    land = country(stays_per_establishment=2)
    stay = next(stay for stay in land.stays if stay.discharged is not None)
    assert stay.discharged is not None
    assert said(wrapped(text=discharge_letter(stay, when=stay.discharged).decode())) == []


def test_the_ins_names_the_patient() -> None:
    bundle = wrapped((INS, ""), (IPP, IPP + INS))
    patient = entry(bundle, "Patient")
    assert patient["request"] == {
        "method": "PUT", "url": "Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|279035121518989",
    }  # fmt: skip
    assert [i["value"] for i in patient["resource"]["identifier"]] == ["279035121518989", "IPP-1"]
    subject = entry(bundle, "DocumentReference")["resource"]["subject"]
    assert subject["identifier"]["value"] == "279035121518989"


def test_a_local_identifier_is_written_so_that_it_is_read_again() -> None:
    bundle = wrapped((INS, ""), ("IPP-1", "IPP 1|&amp;é"))
    url = entry(bundle, "Patient")["request"]["url"]
    assert " " not in url
    assert unquote(url) == "Patient?identifier=urn:oid:1.2.3.4.5|IPP 1|&é"


def test_a_patient_without_identifier_is_created() -> None:
    bundle = wrapped((INS, '<id nullFlavor="UNK"/>'), (IPP, ""))
    assert entry(bundle, "Patient")["request"] == {"method": "POST", "url": "Patient"}
    assert "identifier" not in entry(bundle, "DocumentReference")["resource"]["subject"]


def test_the_replaced_document_is_superseded() -> None:
    bundle = wrapped()
    assert (
        entry(bundle, "DocumentReference")["resource"]["relatesTo"][0]["target"]["identifier"]["value"]
        == "urn:oid:1.2.3.4.0"
    )
    assert entry(bundle, "Parameters")["request"] == {
        "method": "PATCH", "url": "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.4.0",
    }  # fmt: skip


def test_the_sending_system_is_an_oid() -> None:
    def source(bundle: dict[str, Any]) -> str:
        extensions = entry(bundle, "List")["resource"]["extension"]
        value: str = next(e for e in extensions if e["url"].endswith("sourceId"))["valueIdentifier"]["value"]
        return value

    assert source(wrapped()) == "urn:oid:1.2.3.4"
    assert source(wrapped(('<setId root="1.2.3.4"/>', ""))) == "urn:oid:1.2.3.4.1"
    assert source(wrapped(('<setId root="1.2.3.4"/>', f'<setId root="{UUID}"/>'))).startswith("urn:oid:2.25.")


def test_what_the_header_does_not_state_is_left_out() -> None:
    bundle = wrapped(
        ('codeSystem="1.2.250.1.71.4.2.4" displayName="x"', ""),
        ('<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>', ""),
    )
    reference = entry(bundle, "DocumentReference")["resource"]
    assert reference["context"]["facilityType"] == {"coding": [{"code": "SA01"}]}
    assert "securityLabel" not in reference
    assert "None" not in json.dumps(bundle["entry"][1])


def test_systems_and_identifiers() -> None:
    assert system_url("2.16.840.1.113883.6.1") == LOINC
    assert system_url("2.16.840.1.113883.5.25") == CONFIDENTIALITY
    assert system_url("1.2.250.1.71.4.2.4").endswith("/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite")
    assert system_url("1.2.3") == "urn:oid:1.2.3"
    assert urn(Identifier("1.2.3", None)) == {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}
    assert urn(Identifier(UUID, "7")) == {"system": f"urn:uuid:{UUID}", "value": "7"}
