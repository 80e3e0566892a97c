"""JSON and XML in and out, indented or packed: one place decides for every answer under /fhir."""

from __future__ import annotations

import gzip

import pytest
from lxml import etree

from tests.support.faces import FHIR_JSON, Face, refused
from tests.support.rest import bundle_of, create, entry, observation, place

FHIR_XML = "application/fhir+xml"
XML = b'<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="x"/></code></Observation>'


@pytest.mark.parametrize(
    ("accept", "format_", "expected"),
    [("*/*", None, FHIR_JSON), ("application/fhir+xml", None, FHIR_XML), ("text/xml", None, FHIR_XML),
     ("application/xml;q=0.9, application/json;q=0.1", None, FHIR_XML), ("application/json", None, FHIR_JSON),
     ("application/xml;q=0, */*", None, FHIR_JSON), ("image/png, application/fhir+xml;q=0.2", None, FHIR_XML),
     ("application/json", "xml", FHIR_XML), ("application/fhir+xml", "json", FHIR_JSON),
     ("*/*", "application/fhir+xml", FHIR_XML), ("*/*", "application/fhir xml", FHIR_XML)],
)  # fmt: skip
def test_the_format_is_negotiated(newcomer: Face, accept: str, format_: str | None, expected: str) -> None:
    path = place(create(newcomer, observation()))
    params = {} if format_ is None else {"_format": format_}
    for address in (path, "/fhir/metadata", f"{path}/_history", "/fhir/Observation", "/fhir/Measure/I-SUN1-LDL"):
        found = newcomer.http.get(address, params=params, headers={"Accept": accept})
        assert found.status_code == 200, found.text
        assert found.headers["content-type"] == f"{expected}; charset=utf-8"
        if expected == FHIR_XML:
            assert etree.fromstring(found.content).nsmap == {None: "http://hl7.org/fhir"}


@pytest.mark.parametrize(("accept", "format_"), [("image/png", None), ("*/*", "ttl"), ("text/html", None)])
def test_another_format_is_406_and_nothing_is_done(newcomer: Face, accept: str, format_: str | None) -> None:
    query = f"?_format={format_}" if format_ else ""
    refused(newcomer.http.get(f"/fhir/Observation{query}", headers={"Accept": accept}), 406, "HTTP-NOT-ACCEPTABLE")
    headers = {"Accept": accept, "Content-Type": FHIR_JSON}
    answer = newcomer.http.post(f"/fhir/Observation{query}", json=observation(), headers=headers)
    refused(answer, 406, "HTTP-NOT-ACCEPTABLE")
    assert newcomer.get("/fhir/Observation/_history").json()["total"] == 0


def test_refusals_come_in_the_format_asked_for(newcomer: Face) -> None:
    found = newcomer.http.get("/fhir/Observation/none", headers={"Accept": FHIR_XML})
    assert (found.status_code, found.headers["content-type"]) == (404, f"{FHIR_XML}; charset=utf-8")
    assert etree.fromstring(found.content).tag == "{http://hl7.org/fhir}OperationOutcome"


def test_a_resource_comes_in_xml(newcomer: Face) -> None:
    answer = newcomer.http.post("/fhir/Observation", content=XML, headers={"Content-Type": FHIR_XML})
    assert answer.status_code == 201
    assert answer.json()["code"] == {"text": "x"}
    back = newcomer.http.get(place(answer), headers={"Accept": FHIR_XML}).content
    changed = newcomer.http.put(
        place(answer), content=back.replace(b'"final"', b'"amended"'), headers={"Content-Type": FHIR_XML}
    )
    assert changed.json()["status"] == "amended"
    wrong = newcomer.http.post("/fhir/Observation", content=XML[:-3], headers={"Content-Type": FHIR_XML})
    refused(wrong, 400)


def test_a_transaction_comes_in_xml(newcomer: Face) -> None:
    body = (
        b'<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource>' + XML + b"</resource>"
        b'<request><method value="POST"/><url value="Observation"/></request></entry></Bundle>'
    )
    answer = newcomer.http.post("/fhir", content=body, headers={"Content-Type": FHIR_XML, "Accept": FHIR_XML})
    assert answer.status_code == 200
    assert b'value="201 Created"' in answer.content


def test_pretty_is_indented_and_says_the_same(newcomer: Face) -> None:
    narrative = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b> c</div>'}
    path = place(create(newcomer, observation(text=narrative, valueQuantity={"value": 1})))
    plain, pretty = newcomer.get(path), newcomer.get(path, _pretty="true")
    assert pretty.json() == plain.json()
    assert b'\n  "status": "final"' in pretty.content
    xml = newcomer.get(path, _pretty="true", _format="xml").content
    assert b'\n  <status value="final"/>' in xml
    assert b"a <b>b</b> c</div>" in xml


def test_large_answers_are_packed_for_those_who_take_it(newcomer: Face) -> None:
    many = [entry("POST", "Observation", observation()) for _ in range(30)]
    newcomer.provide(bundle_of("transaction", *many))
    for accepted, packed in (("gzip", True), ("identity", False)):
        found = newcomer.http.get("/fhir/Observation", headers={"Accept-Encoding": accepted})
        assert (found.headers.get("Content-Encoding") == "gzip") is packed
        assert len(found.json()["entry"]) == 30
    assert "Content-Encoding" not in newcomer.get("/fhir/Observation/none").headers


def test_a_packed_body_or_another_character_set_is_415(newcomer: Face) -> None:
    packed = gzip.compress(b"{}")
    for headers in ({"Content-Encoding": "gzip"}, {"Content-Type": "application/fhir+json; charset=iso-8859-1"}):
        answer = newcomer.http.post("/fhir/Observation", content=packed, headers={"Content-Type": FHIR_JSON, **headers})
        refused(answer, 415, "SUBMISSION-MEDIA-TYPE")
