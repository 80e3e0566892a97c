"""Mailboxes: learnt from what an establishment says of itself, and what the table answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from fhir_server.intake.mailboxes import learnt
from fhir_server.store import tables
from fhir_server.store.messages import find_mailbox
from fhir_server.store.plan import MailboxRow
from testdata import Establishment
from tests.fhir_server.conftest import Desk
from tests.fhir_server.exchange import ExchangeDesk
from tests.support.messages import address, know, message
from tests.support.synthetic import bundle, entry, letter, new_stay

SITE = "970490363"
META = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


def telecom(value: Any, system: str = "email", kind: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"system": system, "value": value}
    if kind is not None:
        coded = {"url": "type", "valueCodeableConcept": {"coding": [{"code": kind}]}}
        found["extension"] = [{"url": "other"}, {"url": META, "extension": [{"url": "description"}, coded]}]
    return found


def organization(*telecoms: dict[str, Any], finess: str = SITE) -> dict[str, Any]:
    identifier = [{"system": "https://finess.esante.gouv.fr", "value": finess}]
    return {"resourceType": "Organization", "id": "o", "identifier": identifier, "telecom": list(telecoms)}


def of(*contained: Any, site: str | None = SITE) -> tuple[MailboxRow, ...]:
    return learnt([({"contained": list(contained)}, site)])


@pytest.mark.parametrize(
    ("entry_", "rows"),
    [
        (telecom("mailto:Accueil@CH.mssante.fr"), [("accueil@ch.mssante.fr", None)]),
        (telecom("a@ch.mssante.fr", kind="ORG"), [("a@ch.mssante.fr", "ORG")]),
        (telecom("a@ch.mssante.fr", kind="???"), [("a@ch.mssante.fr", None)]),
        (telecom("a@example.org"), []), (telecom("a@ch.mssante.fr", system="phone"), []), (telecom(3), []),
        (telecom("1@patient.mssante.fr"), []), ("a@ch.mssante.fr", []),
    ],
)  # fmt: skip
def test_what_a_telecom_gives(entry_: Any, rows: list[tuple[str, str | None]]) -> None:
    assert [(row.address, row.kind) for row in of(organization(entry_))] == rows


def test_an_organization_speaks_for_its_own_site_only() -> None:
    box = telecom("a@ch.mssante.fr")

    assert of(organization(box))[0].organization == SITE
    assert of(organization(box, finess="350000048")) == ()
    assert of(organization(box), site=None) == ()
    assert of({"resourceType": "Practitioner", "telecom": [box]}, "x") == ()
    assert len(of(organization(box), organization(box))) == 1


@pytest.fixture
def exchange(desk: Desk) -> ExchangeDesk:
    return ExchangeDesk(desk)


def said(desk: Desk, address_: str, site: Establishment | None = None) -> tuple[str | None, bool]:
    with desk.reads.connect() as connection:
        found = find_mailbox(connection, address_, (site or desk.site).legal_entity)
    return found.organization, found.forbidden


def with_telecom(desk: Desk, box: str, site: Establishment | None = None) -> bytes:
    body = bundle(letter(new_stay(desk.land, site or desk.site)))
    for resource in entry(body, "DocumentReference")["contained"]:
        if resource["resourceType"] == "Organization":
            resource["telecom"] = [telecom(box)]
    return json.dumps(body).encode()


def test_a_document_teaches_a_mailbox_and_its_messages_count(desk: Desk, exchange: ExchangeDesk) -> None:
    box = address(desk.site, "appris")
    assert said(desk, box) == (None, False)

    assert desk.send(with_telecom(desk, box)).status == 200

    assert said(desk, box) == (desk.site.finess, False)
    assert exchange.post(message(box, "x@exemple.mssante.fr")).status == 201
    (fact,) = desk.rows(tables.messages)
    assert fact.organization == desk.site.finess


def test_what_is_learnt_takes_nothing_from_anybody(desk: Desk) -> None:
    know(desk.database, desk.site)
    box = address(desk.site)

    assert desk.send(with_telecom(desk, box, desk.stranger), site=desk.stranger).status == 200

    assert said(desk, box) == (desk.site.finess, False)
    assert said(desk, box, desk.stranger) == (None, True)


def test_an_import_goes_before_what_was_learnt(desk: Desk) -> None:
    box = address(desk.stranger)
    assert desk.send(with_telecom(desk, box)).status == 200
    assert said(desk, box) == (desk.site.finess, False)

    know(desk.database, desk.stranger)

    assert said(desk, box) == (None, True)
    assert said(desk, box, desk.stranger) == (desk.stranger.finess, False)
    with desk.reads.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.mailbox)) == 2
