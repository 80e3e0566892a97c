"""FHIR XML through `segur validate`: found like JSON, located, and safe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from testdata import Country
from tests.conftest import two_sites
from tests.support.server import segur
from tests.support.synthetic import Json, bundle, letter, new_stay
from validators.fhir import load_definitions
from validators.fhir.xmlwrite import to_xml

PATIENT = """<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <id value="p1"/>
  <text>
    <status value="generated"/>
    <div xmlns="http://www.w3.org/1999/xhtml"><p>Patiente fictive</p></div>
  </text>
  <active value="true"/>
  <name><family value="EXEMPLE"/><given value="Anne"/></name>
  <gender value="female"/>
  <birthDate value="1970-03-30"/>
</Patient>
"""


def row(path: Path, data: bytes) -> tuple[int, Json]:
    path.write_bytes(data)
    done = segur("validate", path, "--format", "ndjson")
    [line] = done.stdout.splitlines()
    assert "Traceback" not in done.stderr
    found: Json = json.loads(line)
    return done.returncode, found


def test_a_right_patient_is_valid(tmp_path: Path) -> None:
    code, found = row(tmp_path / "patient.xml", PATIENT.encode())
    assert (code, found["kind"], found["valid"], found["issues"]) == (0, "fhir-xml", True, [])


def test_a_wrong_patient_is_told_what_and_where(tmp_path: Path) -> None:
    wrong = PATIENT.replace('"female"', '"femme"').replace('"true"', '"oui"').replace("<birthDate", "<geboren")
    wrong = wrong.replace("<name>", '<name use="official">')
    code, found = row(tmp_path / "patient.xml", wrong.encode())
    assert (code, found["kind"], found["valid"]) == (1, "fhir-xml", False)
    places = {(issue["location"], issue["line"]) for issue in found["issues"]}
    assert {("Patient.gender", 10), ("Patient.active", 8), ("Patient.geboren", 11), ("Patient.name[0]", 9)} <= places
    assert "FHIR-XML-ATTRIBUTE" in {issue["rule"] for issue in found["issues"]}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<Patient xmlns="http://hl7.org/fhir"><name>'
         b'<family value="&x;"/></name></Patient>', "FHIR-XML-DTD"),
        (b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir"/>',
         "FHIR-XML-DTD"),
        (b'<Patient xmlns="http://hl7.org/fhir">' + b"<contact>" * 100_000, "FHIR-XML-LIMIT"),
        (b'<Patient xmlns="http://hl7.org/fhir">' + b"<contact>" * 220 + b"</contact>" * 220 + b"</Patient>",
         "FHIR-DEPTH"),
        (PATIENT.encode()[:200], "FHIR-XML"),
        (PATIENT.replace("Anne", "Zoé").encode("latin-1"), "FHIR-ENCODING"),
    ],
    ids=["entity", "bomb", "endless", "deep", "cut", "latin-1"],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_with_one_reason(tmp_path: Path, data: bytes, rule: str) -> None:
    code, found = row(tmp_path / "hostile.xml", data)
    assert (code, found["kind"], found["valid"]) == (1, "fhir-xml", False)
    assert [issue["rule"] for issue in found["issues"]] == [rule]


def test_a_submission_in_xml_is_judged_like_one_in_json(tmp_path: Path, demo_country: Country) -> None:
    site, _ = two_sites(demo_country)
    whole = bundle(letter(new_stay(demo_country, site)))
    code, found = row(tmp_path / "bundle.xml", to_xml(whole, load_definitions()))
    _, plain = row(tmp_path / "bundle.json", json.dumps(whole).encode())
    assert (code, found["kind"], found["valid"], found["document_kind"]) == (0, "fhir-xml", True, "LDL")
    assert [part["kind"] for part in found["parts"]] == ["cda"]
    said, expected = ({(i["rule"], i["location"]) for i in one["issues"]} for one in (found, plain))
    assert said == expected
    assert {key: found[key] for key in ("errors", "warnings", "ins")} == {
        key: plain[key] for key in ("errors", "warnings", "ins")
    }
