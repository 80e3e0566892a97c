"""Metadata become an ITI-65 transaction and come back whole; our own transactions go there and back."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_server.intake.wrap import bundle_from_header, system_url
from testdata import country, discharge_letter
from tests.support.shared import SHARED
from tests.validators.xds.samples import DOCUMENTS, any_metadata, read, request
from validators.cda import check_cda
from validators.fhir import default_walker
from validators.mhd import check_provide_bundle
from validators.report import Mode, Report
from validators.xds import (
    KEPT,
    Metadata,
    Tracer,
    derived_uuid,
    from_bundle,
    from_reference,
    read_metadata,
    to_bundle,
    to_reference,
    write_metadata,
)
from validators.xds._schemes import _SYSTEMS, scheme_of, system_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)
Json = dict[str, Any]


def letter(**options: Any) -> bytes:
    land = country(2026, date(2026, 11, 20))
    stay = next(stay for stay in land.stays if stay.discharged)
    return discharge_letter(stay, when=stay.discharged, **options)


def wrapped(data: bytes) -> Json:
    found = check_cda(data, mode=Mode.SANDBOX, now=NOW)
    assert found.header is not None
    return bundle_from_header(found.header, None, data, NOW)


def contents(metadata: Metadata) -> dict[str, bytes]:
    return {document.id: b"x" for document in metadata.documents}


class TestThereAndBack:
    @settings(max_examples=60)
    @given(any_metadata())
    def test_nothing_is_lost(self, metadata: Metadata) -> None:
        made = to_bundle(metadata, contents(metadata))
        assert made is not None
        back = from_bundle(json.loads(json.dumps(made.bundle)))
        assert back.sets == metadata.sets
        assert back.documents == metadata.documents
        assert back.folders == metadata.folders
        assert set(back.associations) == set(metadata.associations)

    @given(DOCUMENTS)
    def test_nor_of_one_document(self, document: Any) -> None:
        made = json.loads(json.dumps(to_reference(document)))
        assert from_reference(made, {}) == document

    def test_what_the_guide_asks_for_needs_no_keeping(self) -> None:
        metadata = read(request())
        made = to_bundle(metadata, contents(metadata))
        assert made is not None
        resource = made.bundle["entry"][1]["resource"]
        kept = [e["extension"][0]["valueString"] for e in resource["extension"] if e["url"] == KEPT]
        assert sorted(kept) == [
            "id",
            "repository",
            "service_start",
            "slots",
            "uri",
        ]  # FHIR has no minute without second
        assert from_bundle(made.bundle) == metadata

    @pytest.mark.parametrize("version", [1, 2])
    def test_our_own_transaction_comes_back_as_it_was(self, version: int) -> None:
        data = letter(**({} if version == 1 else {"version": 2, "replaces": "1.2.250.1.999.5"}))
        original = wrapped(data)
        metadata = from_bundle(original)
        again = read_metadata(write_metadata(metadata), Report())
        assert again == metadata
        made = to_bundle(
            metadata, {metadata.documents[0].id: data}, {derived_uuid("1.2.250.1.999.5"): "1.2.250.1.999.5"}
        )
        assert made is not None
        assert simplified(made.bundle) == simplified(original)

    def test_every_national_example_comes_back_as_it_was(self) -> None:
        folder = SHARED / "cases/cda/documents"
        if not folder.exists():
            pytest.skip("no ../shared beside the repository")
        seen = 0
        for path in sorted(folder.iterdir()):
            found = check_cda(path.read_bytes(), mode=Mode.SANDBOX, now=NOW)
            if found.header is None:
                continue
            original = bundle_from_header(found.header, None, path.read_bytes(), NOW)
            metadata = from_bundle(original)
            again = read_metadata(write_metadata(metadata), Report())
            assert again == metadata, path.name
            outside = {derived_uuid(p.text): p.text for r in found.header.related for p in r.parents}
            made = to_bundle(metadata, {metadata.documents[0].id: path.read_bytes()}, outside)
            assert made is not None
            assert simplified(made.bundle) == simplified(original), path.name
            assert from_bundle(made.bundle) == metadata, path.name
            seen += 1
        assert seen >= 50


def is_entry_uuid(item: Any) -> bool:
    """The identifier that the way through XDS adds."""
    return isinstance(item, dict) and item.get("use") == "official" and str(item.get("value"))[:9] == "urn:uuid:"


def simplified(bundle: Json) -> Json:
    """The transaction without what XDS has no attribute for, its URLs and its zones."""
    urls = {entry["fullUrl"]: f"url-{index}" for index, entry in enumerate(bundle["entry"]) if "fullUrl" in entry}

    def walk(node: Any, key: str = "") -> Any:
        if isinstance(node, dict):
            return {name: walk(value, name) for name, value in node.items() if name != "custodian"}
        if isinstance(node, list):
            return [walk(item) for item in node if not is_entry_uuid(item)]
        if isinstance(node, str) and key in ("date", "creation", "start", "end"):
            return datetime.fromisoformat(node).astimezone(UTC).isoformat() if len(node) > 10 else node
        if isinstance(node, str) and node[:9].lower() == "urn:uuid:":
            return urls.get(node, node.lower())
        return node

    def lean(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: found for k, v in node.items() if (found := lean(v)) not in ([], {})}
        return [lean(item) for item in node] if isinstance(node, list) else node

    result: Json = lean(walk(bundle))
    return result


class TestTheTransaction:
    def test_provides_what_the_request_says(self) -> None:
        metadata = read(request())
        made = to_bundle(metadata, {"Document01": b"<a/>"})
        assert made is not None
        kinds = [entry["resource"]["resourceType"] for entry in made.bundle["entry"]]
        assert kinds == ["List", "DocumentReference", "Binary", "Patient"]
        reference = made.bundle["entry"][1]["resource"]
        assert reference["content"][0]["attachment"]["hash"] == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
        assert reference["masterIdentifier"] == {"use": "usual", "system": "urn:oid:1.2.250.1.999.1.3", "value": "LDL1"}
        assert reference["context"]["encounter"][0]["identifier"]["value"] == "S12"
        assert reference["author"] == [{"reference": "#author-role"}]
        assert reference["authenticator"] == {"reference": "#author-role"}
        assert base64.b64decode(made.bundle["entry"][2]["resource"]["data"]) == b"<a/>"
        assert made.bundle["entry"][3]["request"]["url"].startswith("Patient?identifier=urn:oid:1.2.250.1.213.1.4.8|")

    def test_of_the_request_is_right_but_for_its_bytes(self) -> None:
        metadata = read(request())
        made = to_bundle(metadata, {"Document01": b"%PDF-"})
        assert made is not None
        found = check_provide_bundle(made.bundle, default_walker(), mode=Mode.SANDBOX, now=NOW)
        errors = {i.rule for i in found.report if i.severity in ("error", "fatal") and i.scope == "conformity"}
        assert errors == {"XCHECK-SIZE", "XCHECK-HASH", "XCHECK-MEDIA-TYPE"}
        assert not [i for i in found.report if i.rule.startswith("FHIR-EXTENSION")]

    def test_without_a_set_there_is_none(self) -> None:
        assert to_bundle(Metadata(), {}) is None

    def test_leaves_out_what_has_no_bytes(self) -> None:
        metadata = read(request())
        made = to_bundle(metadata, {})
        assert made is not None
        assert [e["resource"]["resourceType"] for e in made.bundle["entry"]] == ["List", "Patient"]
        assert not made.bundle["entry"][0]["resource"].get("entry")

    def test_replaces_by_unique_id_where_it_is_known_else_by_entry_uuid(self) -> None:
        outside = "urn:uuid:f8dc7d4a-1d5c-4b4b-a1d8-0a6c1f3e5b77"
        tie = (
            '<rim:Association id="as2" associationType="urn:ihe:iti:2007:AssociationType:RPLC" '
            f'sourceObject="Document01" targetObject="{outside}"/>'
        )
        metadata = read(request().replace(b"</rim:RegistryObjectList>", tie.encode() + b"</rim:RegistryObjectList>"))
        plain = "urn:ietf:rfc:3986|"
        for names, url in (({}, plain + outside), ({outside: "1.2.3"}, plain + "urn:oid:1.2.3"),
                           ({outside: "1.2.3^a"}, "urn:oid:1.2.3|a")):  # fmt: skip
            made = to_bundle(metadata, {"Document01": b"x"}, names)
            assert made is not None
            assert made.bundle["entry"][-1]["request"] == {
                "method": "PATCH",
                "url": f"DocumentReference?identifier={url}",
            }
            assert from_bundle(made.bundle).documents == metadata.documents

    def test_of_two_documents_one_of_which_replaces_the_other(self) -> None:
        metadata = read(request())
        [document] = metadata.documents
        other = replace(document, id="Document02", unique_id="1.2.3.4")
        tie = replace(metadata.associations[0], target="Document02")
        kind = "urn:ihe:iti:2007:AssociationType:RPLC"
        swap = replace(metadata.associations[0], kind=kind, source="Document02", target="Document01", slots=())
        both = replace(metadata, documents=(document, other), associations=(*metadata.associations, tie, swap))
        made = to_bundle(both, contents(both))
        assert made is not None
        assert made.bundle["entry"][-1]["request"]["url"] == made.bundle["entry"][1]["fullUrl"]
        assert set(from_bundle(made.bundle).associations) == set(both.associations)


class TestPlaces:
    @pytest.mark.parametrize(("location", "name"), [
        ("type.coding[0].code", "type_code"), ("category[0]", "class_code"), ("masterIdentifier.value", "unique_id"),
        ("content[0].attachment.hash", "hash"), ("content[0].format.code", "format_code"), ("subject", "patient_id"),
        ("context.period.start", "service_start"), ("context.period.end", "service_stop"),
        ("securityLabel[0]", "confidentiality"), ("author[0]", "authors"), ("contained[0].name[0]", "authors"),
        ("contained[3].birthDate", "source_patient"), ("extension[0]", ""), ("context.facilityType", "facility"),
    ])  # fmt: skip
    def test_lead_back_to_the_attribute(self, location: str, name: str) -> None:
        metadata = read(request())
        made = to_bundle(metadata, {"Document01": b"x"})
        assert made is not None
        tracer = Tracer(made)
        expected = metadata.documents[0].places[name]
        assert tracer.place(f"Bundle.entry[1].resource.{location}") == expected

    def test_of_the_set_the_bytes_and_the_patient(self) -> None:
        metadata = read(request())
        made = to_bundle(metadata, {"Document01": b"x"})
        assert made is not None
        tracer, found = Tracer(made), metadata.submission_set
        assert found is not None
        assert tracer.place("Bundle.entry[0].resource.date") == found.places["submission_time"]
        assert tracer.place("Bundle.entry[0].resource.extension[1].valueIdentifier") == found.places["source_id"]
        assert tracer.document("Bundle.entry[2].resource.data!/ClinicalDocument") == 2
        assert tracer.place("Bundle.entry[2].resource.data") is None
        assert tracer.place("Bundle.entry[3].resource.gender") == metadata.documents[0].places["source_patient"]
        assert tracer.place("Bundle.entry[99].resource") == metadata.documents[0].places["source_patient"]
        assert tracer.place("Bundle.type") is None


class TestAnyTransaction:
    @pytest.mark.parametrize("bundle", [
        {}, {"entry": 5}, {"entry": [None, {"resource": 5}, {"resource": {"resourceType": "List"}}]},
        {"entry": [{"fullUrl": 7, "resource": {"resourceType": "DocumentReference", "type": 5, "context": [],
                    "content": [5, {}],
                    "author": "x", "subject": {"identifier": 5}, "contained": [{"id": 3}], "identifier": {"use": 1},
                    "relatesTo": [{"code": [], "target": {"identifier": {"value": 3}}}],
                    "extension": [{"url": KEPT, "extension": [{"url": {}, "valueString": "x"}]},
                                  {"url": KEPT, "extension": [{"url": "name", "valueString": "authors"},
                                                              {"url": "value", "valueString": "[[["}]}]}}]},
    ], ids=("empty", "number", "odd", "wrong"))  # fmt: skip
    def test_is_read_without_raising(self, bundle: Json) -> None:
        from_bundle(bundle)

    @settings(max_examples=40)
    @given(st.data())
    def test_damaged_anywhere_is_read_without_raising(self, data: st.DataObject) -> None:
        bundle = json.loads(json.dumps(wrapped_once()))
        spots: list[tuple[Any, Any]] = []

        def walk(node: Any) -> None:
            for key, value in node.items() if isinstance(node, dict) else enumerate(node):
                spots.append((node, key))
                if isinstance(value, dict | list):
                    walk(value)

        walk(bundle)
        for node, key in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=4)):
            node[key] = data.draw(st.sampled_from((None, 5, "", "x", [], {}, [5], {"a": 1}, True)))
        metadata = from_bundle(bundle)
        write_metadata(metadata)


def wrapped_once(_made: list[Json] = []) -> Json:  # noqa: B006
    """The transaction of a letter, made once."""
    if not _made:
        _made.append(wrapped(letter()))
    return _made[0]


@pytest.mark.parametrize("oid", _SYSTEMS)
def test_code_systems_have_the_address_of_the_wrap(oid: str) -> None:
    assert scheme_of(system_of(oid)) == oid
    assert system_url(oid) in (system_of(oid), f"urn:oid:{oid}")
