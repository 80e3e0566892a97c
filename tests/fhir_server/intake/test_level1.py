"""A PDF and its metadata become a level 1 CDA that the check accepts; wrong metadata are said with their place."""

import json
from typing import Any

import pytest

from fhir_server.intake.level1 import MetadataError, level1_cda, read_metadata
from validators.cda import check_cda
from validators.report import Mode

PDF = b"%PDF-1.4\n%%EOF\n"
METADATA: dict[str, Any] = {
    "type": "34874-8",
    "title": "Compte rendu opératoire",
    "created": "2026-11-20T10:00:00+01:00",
    "unique_id": "1.2.250.1.999.77.1",
    "patient": {
        "family": "PAT-TROIS",
        "given": ["DOMINIQUE", "MARIE-LOUISE"],
        "sex": "F",
        "birth_date": "1979-03-28",
        "birth_place": "51215",
        "ipp": {"oid": "1.2.250.1.999.1.2", "value": "123"},
        "ins": {"oid": "1.2.250.1.213.1.4.10", "value": "279035121518989"},
    },
    "author": {"id": "810100000017", "family": "TEST", "given": "Anne"},
    "establishment": {"finess": "970490363", "name": "Hôpital fictif"},
    "stay": {"oid": "1.2.250.1.999.970490363.1", "number": "26220", "admitted": "2026-11-15T08:00:00+01:00"},
}


def metadata(**changes: Any) -> bytes:
    return json.dumps(METADATA | changes).encode()


def test_the_cda_is_conformant_qualified_and_carries_the_pdf() -> None:
    found = check_cda(level1_cda(PDF, read_metadata(metadata())), mode=Mode.SANDBOX)
    assert found.report.conformant, [issue.rule for issue in found.report]
    assert found.kind is not None
    assert found.kind.code == "CRO"
    assert found.ins is not None
    assert found.ins.level == "qualified"
    assert found.payload is not None
    assert found.payload.content == PDF


def test_the_stay_and_the_replaced_document_are_in_the_header() -> None:
    made = read_metadata(metadata(replaces="1.2.250.1.999.77.0", version=2, set_id="1.2.250.1.999.77"))
    header = check_cda(level1_cda(PDF, made), mode=Mode.SANDBOX).header
    assert header is not None
    assert [identifier.extension for identifier in header.encounter_ids] == ["26220"]
    assert [parent.root for related in header.related for parent in related.parents] == ["1.2.250.1.999.77.0"]


def test_without_an_ins_it_is_conformant_and_not_counted() -> None:
    patient = {name: value for name, value in METADATA["patient"].items() if name != "ins"}
    report = check_cda(level1_cda(PDF, read_metadata(metadata(patient=patient))), mode=Mode.SANDBOX).report
    assert report.conformant
    assert report.countable is False


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"type": "99999-9"}, "$.type"),
        ({"created": "2026-11-20T10:00:00"}, "$.created"),
        ({"patient": METADATA["patient"] | {"given": []}}, "$.patient.given"),
        ({"patient": METADATA["patient"] | {"birth_date": "1979-02-30"}}, "$.patient.birth_date"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_wrong_metadata_are_named(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(MetadataError) as caught:
        read_metadata(metadata(**changes))
    assert place in str(caught.value)


def test_what_is_no_pdf_is_refused() -> None:
    with pytest.raises(MetadataError):
        level1_cda(b"PK\x03\x04", read_metadata(metadata()))
