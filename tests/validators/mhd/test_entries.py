"""What a reference leads to, replacement, and bundles of any shape."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.validators.cda.samples import NOW
from tests.validators.mhd.envelope import (
    DOCUMENT,
    LETTER_BYTES,
    OLD,
    Json,
    attachment,
    binary,
    bundle,
    checked,
    content,
    drop,
    entry,
    found,
    patch,
    put,
    reference,
    refused,
    replacing,
    second,
)
from validators.cda import check_cda
from validators.documents import registry
from validators.mhd import Entries, Entry, target_of
from validators.report import Mode

UUID = "urn:uuid:5b0f6f5e-0000-4000-8000-00000000000"


def made(*urls: str | None) -> Entries:
    return Entries(Entry(n, "", {}, "POST", "", url) for n, url in enumerate(urls))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (f"{UUID}a", 0),
        (f"{UUID}A", 0),
        (f"{UUID}A".replace("uuid", "UUID"), 0),
        (f"{UUID}b", None),
        ("https://a.fr/fhir/Binary/7", 1),
        ("https://A.fr/fhir/Binary/7", None),
        ("Binary/7", 1),
        ("binary/7", None),
        ("fhir/Binary/7", None),
        ("7", None),
        ("Binary/77", None),
        ("urn:oid:1.2.3", 3),
        ("", None),
        ("#", None),
        (None, None),
        (7, None),
        (["Binary/7"], None),
    ],
)
def test_a_reference_leads_to(wanted: object, index: int | None) -> None:
    target = made(f"{UUID}a", "https://a.fr/fhir/Binary/7", None, "urn:oid:1.2.3").target(wanted)
    assert (target.index if target else None) == index


@given(st.lists(st.sampled_from([f"{UUID}{n}" for n in range(9)]), unique=True), st.text())
def test_what_is_not_there_is_not_found(urls: list[str], wanted: str) -> None:
    entries = made(*urls)
    assert all(entries.target(url) is entries.all[n] for n, url in enumerate(urls))
    assert (entries.target(wanted) is None) == (wanted not in urls)


# -- replacement ---------------------------------------------------------------------------------------------------

NAMED = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.0"}
SEARCH = "DocumentReference?identifier=urn:ietf:rfc:3986|urn:oid:1.2.3.4.0"


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ({"reference": OLD}, OLD),
        ({"reference": f"https://a.fr/{OLD}"}, OLD),
        ({"identifier": NAMED}, SEARCH),
        ({"identifier": NAMED}, SEARCH.replace(":", "%3A").replace("|", "%7C")),
        ({"reference": SEARCH}, SEARCH),
        ({"reference": OLD, "identifier": NAMED}, SEARCH),
        ({"reference": OLD, "identifier": NAMED}, OLD),
    ],
)
def test_a_replacement_is_named_alike_on_both_sides(target: Json, url: str) -> None:
    result = checked(bundle(replacing(target, patch(url))))
    assert not refused(result)
    (update,) = result.updates
    assert update.replaced_by is result.documents[0]
    assert update.entry.index == 4
    assert update.target == (OLD if url == OLD else "urn:oid:1.2.3.4.0")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"reference": f"https://a.fr/{OLD}/_history/2"}, OLD),
        ({"reference": "DocumentReference?identifier=https://a.fr|7"}, "7"),
        ({"identifier": {"system": "urn:oid:1.2", "value": "7"}}, "urn:oid:1.2^7"),
        ({"reference": "", "identifier": {"value": "7"}}, None),
        ([], None),
    ],
)
def test_what_is_replaced(target: Any, expected: str | None) -> None:
    assert (
        target_of({"relatesTo": [{"code": "signs", "target": {}}, {"code": "replaces", "target": target}]}) == expected
    )


def test_the_patch_of_another_document() -> None:
    other = found(replacing(None, patch("DocumentReference/other")))
    assert [(rule_id, place) for rule_id, _, place in other] == [
        ("MHD-PATCH-ALONE", "Bundle.entry[4].resource"),
        ("MHD-REPLACE-PATCH", f"{DOCUMENT}.relatesTo"),
    ]


def test_each_of_several_documents_has_its_patch() -> None:
    def both(made: Json) -> None:
        second(made)
        target = {"reference": "DocumentReference/old-2"}
        made["entry"][-2]["resource"]["relatesTo"] = [{"code": "replaces", "target": target}]
        made["entry"].append(patch("DocumentReference/old-2"))

    result = checked(bundle(replacing(None, patch()), both))
    assert not refused(result)
    assert [update.replaced_by for update in result.updates] == result.documents
    one = found(replacing(), both)
    assert [(rule_id, place) for rule_id, _, place in one] == [("MHD-REPLACE-PATCH", f"{DOCUMENT}.relatesTo")]


# -- documents -----------------------------------------------------------------------------------------------------


def test_two_documents_have_each_their_own() -> None:
    result = checked(bundle(second))
    assert [document.unique_id for document in result.documents] == ["urn:oid:1.2.3.4.1", "urn:oid:1.2.3.4.2"]
    assert [document.kind for document in result.documents] == [registry().kind("LDL")] * 2
    assert all(document.data and document.header for document in result.documents)


def test_the_kind_of_a_document_that_is_no_cda() -> None:
    pdf = content(b"%PDF-1.4", "application/pdf")
    assert checked(bundle(pdf)).documents[0].kind is registry().kind("LDL")
    assert checked(bundle(pdf, drop(reference, "type"))).documents[0].kind is None
    assert checked(bundle(pdf, drop(reference, "content"))).documents[0].data is None


def test_the_caller_says_how_a_document_is_checked() -> None:
    before = check_cda(LETTER_BYTES, mode=Mode.SANDBOX, now=NOW)
    assert checked(bundle(), check=lambda _: before).documents[0].cda is before
    assert checked(bundle(), check=lambda data: check_cda(data, mode=Mode.SANDBOX)).documents[0].cda is not before


def test_a_bundle_with_too_many_entries() -> None:
    result = checked(bundle(), max_entries=3)
    assert [(issue.rule, issue.location) for issue in result.report] == [("MHD-ENTRY-LIMIT", "Bundle.entry")]
    assert (result.documents, result.updates, result.entries.all) == ([], [], [])
    assert not refused(checked(bundle(), max_entries=4))


# -- any shape -----------------------------------------------------------------------------------------------------

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, "", "x", "#", "#x", "urn:", "urn:uuid:", "urn:oid:1.2", "Patient?identifier=", "?", "/",
     "2026", "2026-02-01T10:30:00", [], [None], [[]], [{}], {}, {"a": {}}, {"reference": "#"}, {"reference": 7}]
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value below a node."""
    steps = list(node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ())
    return [(*path, step) for step, _ in steps] + [p for step, value in steps for p in places(value, (*path, step))]


FULL = bundle(second, replacing({"reference": OLD, "identifier": NAMED}, patch()))
PLACES = places(FULL)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.one_of(ODD, st.just(...))), min_size=1, max_size=4))
def test_no_shape_of_a_bundle_is_too_much(edits: list[tuple[tuple[Any, ...], Any]]) -> None:
    edited = copy.deepcopy(FULL)
    for path, value in edits:
        node: Any = edited
        try:
            for step in path[:-1]:
                node = node[step]
            if value is ...:
                del node[path[-1]]
            else:
                node[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    checked(edited)


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], [None], [{}], {"x": 1}])
def test_no_shape_of_one_element_is_too_much(value: Any) -> None:
    """Each element of the references and of the set in turn, with a value of another shape."""
    for path in PLACES:
        if path[0] != "entry" or len(path) < 2 or path[1] in (4, 5, 3) or len(path) > 9:
            continue
        edited = copy.copy(FULL)
        node: Any = edited
        for step in path[:-1]:
            node[step] = copy.copy(node[step])
            node = node[step]
        node[path[-1]] = value
        checked(edited)


def test_what_another_rule_says_is_not_said_again() -> None:
    """A date that is none and a missing subject belong to the definitions and to the profile."""
    no_date = found(put(attachment, "creation", "2026-02-01T10:30"))
    assert [rule_id for rule_id, _, _ in no_date] == ["FHIR-PRIMITIVE"]
    assert [rule_id for rule_id, _, _ in found(drop(reference, "subject"))] == ["FHIR-MIN"]
    unnamed = [put(entry, "0.resource", {"resourceType": "List", "code": {"coding": [{"code": "x"}]}})]
    assert "MHD-SLICE" in [rule_id for rule_id, _, _ in found(*unnamed)]
    declared = put(entry, "0.resource.meta", {"profile": ["https://a.fr/folder"]})
    assert ("MHD-SLICE-COUNT", "error", "Bundle.entry") in found(declared)
    nobody = put(reference, "subject.reference", "urn:uuid:00000000-0000-4000-8000-000000000000")
    assert "MHD-PATIENT-UNKNOWN" not in [
        rule_id for rule_id, _, _ in found(nobody, drop(reference, "subject.identifier"), drop(entry, "3"))
    ]


def test_a_document_without_a_patient() -> None:
    text = LETTER_BYTES.decode()
    start, end = text.index("<recordTarget>"), text.index("</recordTarget>") + len("</recordTarget>")
    someone = {"resource": {"resourceType": "Patient", "active": True}, "request": {"method": "POST", "url": "Patient"}}
    said = found(put(entry, "-", someone), document=(text[:start] + text[end:]).encode())
    assert [rule_id for rule_id, _, _ in said if rule_id.startswith("XCHECK")] == []


def test_broken_documents_are_said_in_their_place() -> None:
    result = checked(bundle(content(b"<a")))
    assert not result.report.conformant
    assert any(issue.location.startswith("Bundle.entry[2].resource.data!/") for issue in result.report)
    assert found(put(attachment, "url", 7)) != []
    assert found(put(binary, "contentType", 7)) != []
    assert found(put(entry, "1", 7)) != []
