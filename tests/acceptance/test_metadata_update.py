"""Update of metadata (PDSm, flux 03 and 04; TD3.3 a to d): what changes, what does not, who may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from fhir_server.store.database import open_engine
from fhir_server.store.organizations import store
from testdata import Stay, document_id
from tests.conftest import World
from tests.support.faces import Face, location, refused
from tests.support.patches import PSEUDO, fhirpath, label, operation, patch
from tests.support.synthetic import Json, admit, bundle, letter, new_stay
from validators.mhd.bundle import IS_ARCHIVED

LDL = "I-SUN1-LDL"


@pytest.fixture
def stay(world: World) -> Stay:
    made = new_stay(world.land, world.site)
    admit(world.database, made)
    return made


@pytest.fixture
def filed(site: Face, stay: Stay) -> str:
    """A filed document: `DocumentReference/id`."""
    answer = site.provide(bundle(letter(stay)))
    assert answer.status_code == 200, answer.text
    return location(answer, "DocumentReference").removeprefix("/fhir/")


def read(face: Face, path: str) -> Json:
    found: Json = face.get(f"/fhir/{path}").json()
    return found


def codes(reference: Json) -> list[str]:
    return [one["coding"][0]["code"] for one in reference["securityLabel"]]


def archived(reference: Json) -> list[Any]:
    return [one["valueBoolean"] for one in reference.get("extension", []) if one["url"] == IS_ARCHIVED]


def counted(face: Face, world: World) -> int:
    return face.figure(LDL, world.site.finess)["numerator"]


# -- the interaction -------------------------------------------------------------------------------------------------


def test_patch_answers_200_with_the_new_version(site: Face, filed: str) -> None:
    before = read(site, filed)

    answer = patch(site, filed, [operation("/securityLabel/0", label("MASQUE_PS"))])

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["meta"]["versionId"], answer.headers["ETag"]) == ("2", 'W/"2"')
    assert found["meta"]["lastUpdated"] > before["meta"]["lastUpdated"]
    assert found["content"] == before["content"]
    assert read(site, filed) == found
    assert site.get(f"/fhir/{filed}/_history/1").json() == before


def test_patch_by_business_identifier(site: Face, stay: Stay, filed: str) -> None:
    named = quote(f"urn:ietf:rfc:3986|urn:oid:{document_id(stay, 'LDL')}")

    answer = patch(site, f"DocumentReference?identifier={named}", [operation("/securityLabel/0", label("R"))])

    assert answer.status_code == 200, answer.text
    assert filed.endswith(answer.json()["id"])
    assert codes(answer.json()) == ["R"]


def test_patch_of_what_is_not_there_is_404(site: Face, stranger: Face, filed: str) -> None:
    change = [operation("/status", "superseded")]
    refused(patch(site, "DocumentReference/nowhere", change), 404)
    refused(patch(site, "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.999", change), 404)
    refused(patch(stranger, filed, change), 404)


def test_patch_needs_a_condition_that_is_known(site: Face) -> None:
    refused(patch(site, "DocumentReference", []), 400, "CONDITION-EMPTY")
    refused(patch(site, "DocumentReference?identifier=", []), 400)
    refused(patch(site, "DocumentReference?colour=red", []), 400, "SEARCH-PARAMETER")


def test_patch_of_several_is_412(site: Face, filed: str, stay: Stay) -> None:
    other = bundle(letter(stay, version=2))
    assert site.provide(other).status_code == 200
    person = quote(f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}")
    refused(patch(site, f"DocumentReference?patient.identifier={person}", []), 412, "CONDITION-SEVERAL")
    assert filed


def test_patch_of_a_version_that_is_past_is_412(site: Face, filed: str) -> None:
    mask = [operation("/securityLabel/0", label("MASQUE_PS"))]
    assert patch(site, filed, mask, **{"If-Match": 'W/"1"'}).status_code == 200
    for past in ('W/"1"', '"7"'):
        refused(patch(site, filed, mask, **{"If-Match": past}), 412, "VERSION-CONFLICT")


def test_patch_that_changes_nothing_makes_no_version(site: Face, filed: str) -> None:
    answer = patch(site, filed, [operation("/status", "current")])
    assert (answer.status_code, answer.json()["meta"]["versionId"]) == (200, "1")


def test_patches_at_once_are_all_made(world: World, site: Face, filed: str) -> None:
    """Each is planned again on what the others left: no change is lost."""
    masks = ["MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"]

    def mask(code: str) -> int:
        face = Face(world.server.origin, world.tokens["site"])
        answer = patch(face, filed, [operation("/securityLabel/0", label(code))])
        face.close()
        return answer.status_code

    with ThreadPoolExecutor(len(masks)) as pool:
        assert list(pool.map(mask, masks)) == [200, 200, 200]
    found = read(site, filed)
    assert sorted(codes(found)) == sorted(masks)
    assert found["meta"]["versionId"] == "4"


def test_patch_in_xml_is_answered_in_xml(site: Face, filed: str) -> None:
    from validators.fhir import load_definitions
    from validators.fhir.xmlwrite import to_xml

    body = to_xml(fhirpath("replace", "DocumentReference.status", value={"valueCode": "superseded"}),
                  load_definitions())  # fmt: skip

    answer = patch(site, filed, body, **{"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"})

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/fhir+xml")
    assert '<status value="superseded"/>' in answer.text


@pytest.mark.parametrize(
    "body",
    [
        [operation("/description", "autre")],
        [operation("/content/0/attachment/title", "autre")],
        [operation("/type/coding/0/code", "34112-3")],
        [{"op": "remove", "path": "/author"}],
        [operation("/id", "autre")],
        [operation("/extension", [{"url": "http://example.org/x", "valueBoolean": True}], "add")],
        [{"op": "copy", "from": "/status", "path": "/description"}],
        fhirpath("replace", "DocumentReference.type.coding[0].code", value={"valueCode": "34112-3"}),
        fhirpath("add", "DocumentReference", name={"valueString": "description"}, value={"valueString": "x"}),
        fhirpath("delete", "DocumentReference.custodian"),
    ],
)
def test_patch_of_another_element_is_405(site: Face, filed: str, body: Any) -> None:
    before = read(site, filed)

    said = refused(patch(site, filed, body), 405, "MHD-UPDATE-ELEMENT")

    assert said["issue"][0]["details"]["text"].partition(" ")[0] in (
        "description", "content", "type", "author", "id", "extension", "custodian",
    )  # fmt: skip
    assert read(site, filed) == before


def test_patch_has_no_other_way_in(site: Face, filed: str) -> None:
    """A batch or transaction, a PUT or a DELETE would go round the rules of updates."""
    parameters = fhirpath("replace", "DocumentReference.type.coding[0].code", value={"valueCode": "34112-3"})
    one = {"resource": parameters, "request": {"method": "PATCH", "url": filed}}
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [one]}
    answer = site.provide(batch)
    assert answer.json()["entry"][0]["response"]["status"].startswith("405"), answer.text
    refused(site.provide(batch | {"type": "transaction"}), 405)
    assert site.http.put(f"/fhir/{filed}", json=read(site, filed)).status_code == 405
    assert site.http.delete(f"/fhir/{filed}").status_code == 405
    assert read(site, filed)["meta"]["versionId"] == "1"


# -- TD3.3a and b: masks ---------------------------------------------------------------------------------------------


def test_td33a_masks_from_professionals_and_shows_again(world: World, site: Face, filed: str) -> None:
    before = counted(site, world)
    masked = patch(site, filed, [operation("/securityLabel/0", label("MASQUE_PS"))])
    assert codes(masked.json()) == ["MASQUE_PS"]
    shown = patch(site, filed, [operation("/securityLabel/0", label("N"))])
    assert codes(shown.json()) == ["N"]
    assert shown.json()["meta"]["versionId"] == "3"
    assert counted(site, world) == before


@pytest.mark.parametrize("code", ["INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"])
def test_td33b_hides_from_the_patient_and_shows_again(site: Face, filed: str, code: str) -> None:
    assert codes(patch(site, filed, [operation("/securityLabel/0", label(code))]).json()) == [code]
    assert codes(patch(site, filed, [operation("/securityLabel/0", label("N"))]).json()) == ["N"]


def test_td33_a_mask_goes_by_its_code_and_not_by_its_index(site: Face, filed: str) -> None:
    for code in ("R", "MASQUE_PS", "INVISIBLE_PATIENT"):
        answer = patch(site, filed, [operation("/securityLabel/0", label(code))])
    assert codes(answer.json()) == ["R", "MASQUE_PS", "INVISIBLE_PATIENT"]

    said = refused(patch(site, filed, [operation("/securityLabel/0", label("N"))]), 422, "MHD-UPDATE-MASKS")
    assert "INVISIBLE_PATIENT, MASQUE_PS" in said["issue"][0]["details"]["text"]

    assert codes(patch(site, filed, [operation("/securityLabel/1", label("N"))]).json()) == ["R", "INVISIBLE_PATIENT"]
    assert codes(patch(site, filed, [operation("/securityLabel/0", label("N"))]).json()) == ["R"]


def test_td33_a_mask_by_fhirpath(site: Face, filed: str) -> None:
    coding = {"valueCodeableConcept": label("MASQUE_PS")}
    added = patch(
        site, filed, fhirpath("add", "DocumentReference", name={"valueString": "securityLabel"}, value=coding)
    )
    assert added.status_code == 200, added.text
    path = "DocumentReference.securityLabel.where(coding.code='MASQUE_PS')"
    assert codes(patch(site, filed, fhirpath("delete", path)).json()) == ["N"]


def test_td33_a_masked_document_is_found_by_its_mask(site: Face, stay: Stay, filed: str) -> None:
    patch(site, filed, [operation("/securityLabel/0", label("MASQUE_PS"))])
    person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    [found] = site.search(patient__identifier=person, status="current", **{"security-label": "MASQUE_PS"})
    assert filed.endswith(found["id"])


# -- TD3.3c: deletion ------------------------------------------------------------------------------------------------


def test_td33c_deletes_and_the_document_counts_no_more(world: World, site: Face, stay: Stay, filed: str) -> None:
    before = counted(site, world)

    answer = patch(site, filed, fhirpath("replace", "DocumentReference.status", value={"valueCode": "superseded"}))

    assert answer.json()["status"] == "superseded"
    assert counted(site, world) == before - 1
    person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    assert site.search(patient__identifier=person, status="current") == []
    assert [one["id"] for one in site.search(patient__identifier=person, status="superseded")] == [answer.json()["id"]]


def test_td33c_back_to_current_counts_again(world: World, site: Face, filed: str) -> None:
    before = counted(site, world)
    patch(site, filed, [operation("/status", "superseded")])

    answer = patch(site, filed, [operation("/status", "current")])

    assert (answer.status_code, answer.json()["status"]) == (200, "current")
    assert counted(site, world) == before


def test_td33c_what_was_replaced_does_not_come_back(world: World, site: Face, stay: Stay, filed: str) -> None:
    second = site.provide(bundle(letter(stay, version=2, replaces=document_id(stay, "LDL"))))
    assert second.status_code == 200, second.text
    before = counted(site, world)

    refused(patch(site, filed, [operation("/status", "current")]), 422, "MHD-UPDATE-REPLACED")
    again = patch(site, filed, [operation("/status", "superseded")])

    assert again.json()["meta"]["versionId"] == "2"
    assert counted(site, world) == before
    newest = location(second, "DocumentReference").removeprefix("/fhir/")
    assert patch(site, newest, [operation("/status", "superseded")]).status_code == 200
    assert counted(site, world) == before - 1


def test_td33c_entered_in_error_is_422_and_says_what_to_do(site: Face, filed: str) -> None:
    said = refused(patch(site, filed, [operation("/status", "entered-in-error")]), 422, "MHD-UPDATE-DELETE")
    assert "superseded" in said["issue"][0]["details"]["text"]


def test_td33c_who_is_not_the_author_deletes_nothing(world: World, site: Face) -> None:
    """The site was not known when the document came; it turned out to belong to another legal entity."""
    finess = f"99{world.site.finess[2:]}"
    stay = new_stay(world.land, world.site)
    answer = site.provide(bundle(letter(stay).replace(world.site.finess.encode(), finess.encode())))
    assert answer.status_code == 200, answer.text
    filed = location(answer, "DocumentReference").removeprefix("/fhir/")
    engine = open_engine(str(world.database))
    row = {"finess": finess, "legal_entity": world.stranger.legal_entity, "kind": "geographic", "name": "Autre",
           "region": world.stranger.region, "status": "public"}  # fmt: skip
    with engine.begin() as connection:
        store(connection, [row])
    engine.dispose()

    refused(patch(site, filed, [operation("/status", "superseded")]), 403, "MHD-UPDATE-AUTHOR")
    assert read(site, filed)["status"] == "current"


# -- TD3.3d: archive -------------------------------------------------------------------------------------------------


def test_td33d_archives_and_takes_out_again(world: World, site: Face, filed: str) -> None:
    before = counted(site, world)
    first = patch(site, filed, [operation(PSEUDO, True)])
    assert first.status_code == 200, first.text
    assert archived(first.json()) == [True]
    assert archived(patch(site, filed, [operation(PSEUDO, False)]).json()) == [False]
    assert archived(patch(site, filed, [operation("/extension/0/valueBoolean", True)]).json()) == [True]
    assert archived(patch(site, filed, [{"op": "remove", "path": PSEUDO.rpartition("/")[0]}]).json()) == []
    assert counted(site, world) == before


def test_td33d_archives_by_fhirpath(site: Face, filed: str) -> None:
    path = f"DocumentReference.extension.where(url='{IS_ARCHIVED}')"
    inside = [{"name": "url", "valueUri": IS_ARCHIVED}, {"name": "value", "valueBoolean": True}]
    body = fhirpath("add", "DocumentReference", name={"valueString": "extension"}, value={"part": inside})

    assert archived(patch(site, filed, body).json()) == [True]
    answer = patch(site, filed, fhirpath("replace", f"{path}.value", value={"valueBoolean": False}))
    assert archived(answer.json()) == [False]


# -- the published samples, and other mistakes -----------------------------------------------------------------------

MISTAKEN = IS_ARCHIVED.replace("StructureDefinition/pdsm-ext-is-archived", "SearchParameter/pdsm-isArchived")


@pytest.mark.parametrize(
    ("body", "status", "rule"),
    [
        ("[{“op”: “replace”}]".encode(), 400, "PATCH-FORM"),
        ([operation("/status", "current ")], 422, "MHD-UPDATE-STATUS"),
        ([operation("/securityLabel", "MASQUE_PS")], 422, "MHD-UPDATE-LABEL"),
        ([operation("/securityLabel/0", "MASQUE_PS")], 422, "MHD-UPDATE-LABEL"),
        ([operation("/securityLabel/0", {"coding": [{"code": "MASQUE_PS"}]})], 422, "MHD-UPDATE-LABEL"),
        ([operation("/securityLabel/0", label("MASQUE_P"))], 422, "MHD-UPDATE-LABEL"),
        ([{"op": "remove", "path": "/securityLabel"}], 422, "MHD-UPDATE-LABEL"),
        ([operation("/securityLabel", [])], 422, "MHD-UPDATE-LABEL"),
        ([operation(PSEUDO, "true")], 422, "MHD-UPDATE-ARCHIVED"),
        ([operation(PSEUDO.replace(IS_ARCHIVED, MISTAKEN), True)], 422, "MHD-UPDATE-ARCHIVED"),
        ([{"op": "remove", "path": PSEUDO}], 422, "PATCH-PATH"),
        ([operation("/securityLabel/7", label("R"))], 422, "PATCH-PATH"),
        ([{"op": "test", "path": "/status", "value": "superseded"}], 422, "PATCH-TEST"),
        ({"resourceType": "Patient"}, 400, "PATCH-FORM"),
        (b"{}", 400, "PATCH-FORM"),
    ],
)
def test_patch_published_samples_and_mistakes_are_told(
    site: Face, filed: str, body: Any, status: int, rule: str
) -> None:
    refused(patch(site, filed, body), status, rule)
    assert read(site, filed)["meta"]["versionId"] == "1"


def test_patch_of_another_format_is_415(site: Face, filed: str) -> None:
    refused(patch(site, filed, b"<x/>", **{"Content-Type": "application/xml-patch+xml"}), 415, "SUBMISSION-MEDIA-TYPE")
