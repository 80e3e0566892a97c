"""What an item is taken for, and what becomes of it without any pool around."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fhir_server.intake import tddui
from fhir_server.intake.checks import Checks
from fhir_server.loading.checking import Checker, _door
from fhir_server.loading.parts import Part
from fhir_server.loading.sources import Item
from fhir_server.security.caller import Caller, Role
from fhir_server.settings import settings_from
from fhir_server.store.changes import ResourcePlan
from fhir_server.store.database import open_engine, prepare
from fhir_server.store.reading import pseudonyms
from tests.support.dui import transfer
from tests.support.loads import organization


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[sa.Engine]:
    prepare(str(tmp_path / "a.db"))
    engine = open_engine(str(tmp_path / "a.db"), read_only=True)
    yield engine
    engine.dispose()


def checked(reader: sa.Engine, *rows: bytes | None, moved: dict[str, str] | None = None) -> list[Part]:
    with reader.connect() as connection:
        keys = pseudonyms(connection)
        checker = Checker(
            settings_from(), Caller(Role.EDITOR, "Essai"), Checks(), keys, reader.connect, moved or {}
        )  # fmt: skip
        return list(checker.parts(connection, "d" * 64, [Item(n, row) for n, row in enumerate(rows, 1)]))


def encoded(resource: object) -> bytes:
    return json.dumps(resource).encode()


@pytest.mark.parametrize(
    ("data", "door"),
    [
        (None, None), (b"", None), (b"PK\x03\x04", "xdm"), (b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>", "cda"),
        (b"<Organization xmlns='http://hl7.org/fhir'/>", None), (b'{"resourceType": "Bundle"}', "mhd"),
        (b'\xef\xbb\xbf{"resourceType": "Patient"}', None), (b'{"a": "Bundle"', None),
        (b'{"resourceType": "CompartmentDefinition", "a": "Bundle"}', None), (b"[]", None),
    ],
)  # fmt: skip
def test_an_item_is_taken_for_what_it_shows(data: bytes | None, door: str | None) -> None:
    assert _door(data) == door


def test_a_transfer_of_a_user_record_has_its_own_door() -> None:
    assert _door(encoded(transfer())) == tddui.DOOR


def test_lines_become_one_plan_and_a_document_stands_alone(reader: sa.Engine) -> None:
    parts = checked(
        reader, encoded(organization(1)), b"{", encoded(organization(2)), b"<ClinicalDocument/>",
        encoded(organization(1)),
    )  # fmt: skip
    assert [(part.first, part.last, part.filed, len(part.rejects)) for part in parts] == [
        (1, 3, 2, 1), (4, 4, 0, 1), (5, 5, 1, 0),
    ]  # fmt: skip
    assert isinstance(parts[0].plan, ResourcePlan)
    assert [one.id for one in parts[0].plan.versions] == ["o1", "o2"]
    assert parts[0].plan.entity == f"load/{'d' * 16}/1-3"


def test_two_versions_of_one_resource_are_two_plans(reader: sa.Engine) -> None:
    first, second = checked(reader, encoded(organization(1, "A")), encoded(organization(1, "B")))
    assert (first.last, second.first) == (1, 2)


def test_a_resource_without_an_id_gets_that_of_its_place(reader: sa.Engine) -> None:
    body = {"resourceType": "Organization", "name": "Sans id"}
    ids = [
        [one.id for one in part.plan.versions] for part in checked(reader, encoded(body), encoded(body)) if part.plan
    ]
    assert ids == [[one.id for one in part.plan.versions] for part in checked(reader, encoded(body), encoded(body))]
    assert len(set(ids[0])) == 2


def test_fhir_xml_is_a_resource(reader: sa.Engine) -> None:
    [part] = checked(
        reader, b'<Organization xmlns="http://hl7.org/fhir"><id value="x"/><name value="N"/></Organization>'
    )
    assert (part.filed, part.rejects) == (1, ())


@pytest.mark.parametrize(
    ("data", "status", "rule"),
    [
        (None, 413, "SUBMISSION-TOO-LARGE"), (b"?", 400, "FHIR-JSON"),
        (b'{"resourceType": "Nothing"}', 404, "HTTP-NOT-FOUND"), (b"{}", 404, "HTTP-NOT-FOUND"),
        (b'{"resourceType": "Binary", "id": "b"}', 405, "HTTP-METHOD"),
    ],
)  # fmt: skip
def test_what_is_refused_says_what_the_server_would_answer(
    reader: sa.Engine, data: bytes | None, status: int, rule: str
) -> None:
    [part] = checked(reader, data)
    [reject] = part.rejects
    assert (part.plan, reject.status, reject.reasons[0].rule, reject.keep) == (None, status, rule, data is not None)


def test_references_to_a_patient_with_another_id_are_led_to_it(reader: sa.Engine) -> None:
    flag = {"resourceType": "Flag", "id": "f", "status": "active", "code": {"text": "x"},
            "subject": {"reference": "Patient/p1"}, "author": {"reference": "Practitioner/p1"}}  # fmt: skip
    [part] = checked(reader, encoded(flag), moved={"Patient/p1": "Patient/ours"})
    assert isinstance(part.plan, ResourcePlan)
    body = json.loads(part.plan.versions[0].body)
    assert (body["subject"]["reference"], body["author"]["reference"]) == ("Patient/ours", "Practitioner/p1")


def test_hostile_bytes_may_not_be_kept(reader: sa.Engine) -> None:
    [dtd, deep] = checked(reader, b"<!DOCTYPE a [<!ENTITY b 'c'>]><ClinicalDocument/>", b'{"a":' * 300 + b"}" * 300)
    assert [(part.rejects[0].reasons[0].rule, part.rejects[0].keep) for part in (dtd, deep)] == [
        ("CDA-DTD", False), ("FHIR-DEPTH", False),
    ]  # fmt: skip
