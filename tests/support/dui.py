"""Documents of a user record (DUI) and the transaction that transfers them (TDDUI)."""

from __future__ import annotations

import base64
import json
from typing import Any

from testdata import Stay
from testdata.cda import level1
from tests.support.synthetic import letter
from validators.tddui import NATIONAL

Json = dict[str, Any]
LOINC, A05 = "2.16.840.1.113883.6.1", "1.2.250.1.213.1.1.4.12"
EXPORT = ("EXPORT_DUI", A05, "Export du Dossier Usager Informatisé")
PROJECT = ("80788-3", LOINC, "Projet personnalisé d'accompagnement")
GRID = ("34842-5", LOINC, "Grille d'évaluation médico-social")
_ORDER = 'code="57833-6" codeSystem="2.16.840.1.113883.6.1" displayName="Prescription de produits de santé"'


def shared(stay: Stay, code: tuple[str, str, str], *, unique: str = "dui") -> bytes:
    """A level 1 document of one of those types."""
    assert stay.discharged is not None
    found = level1(stay, "ORD", when=stay.discharged, unique=f"{unique}-{code[0]}").decode()
    assert found.count(_ORDER) >= 1
    value, system, display = code
    return found.replace(_ORDER, f'code="{value}" codeSystem="{system}" displayName="{display}"').encode()


def structured(stay: Stay) -> bytes:
    """A structured export: model 58, its own sections unknown to anybody here."""
    found = letter(stay).decode()
    changes = {
        'root="1.2.250.1.213.1.1.1.29" extension="2022.01"': 'root="1.2.250.1.213.1.1.1.58" extension="2023.01"',
        'code="11490-0" codeSystem="2.16.840.1.113883.6.1"': f'code="EXPORT_DUI" codeSystem="{A05}"',
        'displayName="Lettre de liaison à la sortie d\'un établissement de soins"': f'displayName="{EXPORT[2]}"',
    }
    for before, after in changes.items():
        assert before in found, before
        found = found.replace(before, after, 1)
    return found.encode()


def transfer(*documents: bytes, **attachment: Any) -> Json:
    """The TDDUI transaction of these documents."""
    return {
        "resourceType": "Bundle", "type": "transaction", "meta": {"profile": [f"{NATIONAL}tddui-bundle"]},
        "entry": [_entry(number, data, attachment) for number, data in enumerate(documents, 1)],
    }  # fmt: skip


def _entry(number: int, data: bytes, attachment: Json) -> Json:
    content = {"contentType": "text/xml", "title": f"Document {number}", "data": base64.b64encode(data).decode()}
    reference = {
        "resourceType": "DocumentReference", "status": "current", "masterIdentifier": {"value": f"256987{number}"},
        "meta": {"profile": [f"{NATIONAL}tddui-documentreference"]},
        "content": [{"attachment": content | attachment}],
    }  # fmt: skip
    return {"resource": reference, "request": {"method": "POST", "url": "DocumentReference"}}


def as_bytes(bundle: Json) -> bytes:
    """As it travels."""
    return json.dumps(bundle).encode()
