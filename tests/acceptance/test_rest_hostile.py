"""Whatever is sent to the interactions is answered, never with a 5xx, and always with an OperationOutcome."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.faces import FHIR_JSON, Face
from tests.support.rest import JSON_PATCH, bundle_of, create, observation, parameters, patient, place

SHORT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_NAMES = st.sampled_from([
    "id", "meta", "identifier", "status", "code", "subject", "reference", "text", "div", "extension", "contained",
    "resourceType", "system", "value", "_status", "valueQuantity", "url", "name", "profile",
])  # fmt: skip
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_PLAIN = st.none() | st.booleans() | _NUMBERS | st.sampled_from([
    "", "Observation", "Patient", "urn:uuid:4c1ffd38-5b1c-4b9a-9d80-0123456789ab", "Patient?identifier=a|b", "a|b",
    "#x", "final", "\\u0000", "é", "http://x/fhir/Patient/1", "Patient?", "?", "$", "1",
])  # fmt: skip
_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)
_BODIES = st.dictionaries(_NAMES, _JSON, max_size=5)


def answered(response: Any) -> None:
    """An answer of ours."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400:
        assert response.json()["resourceType"] == "OperationOutcome"


@SHORT
@given(body=_BODIES, kind=st.sampled_from(["Observation", "Patient", "Basic"]), right=st.booleans())
def test_resources(newcomer: Face, body: dict[str, Any], kind: str, right: bool) -> None:
    start = (patient() if kind == "Patient" else observation()) if right else {}
    answered(create(newcomer, {**start, **body, "resourceType": kind}))
    answered(newcomer.http.put(f"/fhir/{kind}/x", json={**start, **body}, headers={"Content-Type": FHIR_JSON}))
    answered(newcomer.http.put(f"/fhir/{kind}?identifier=a|b", json={**body, "resourceType": kind}))


_REQUESTS = st.dictionaries(
    st.sampled_from(["method", "url", "ifMatch", "ifNoneExist", "ifNoneMatch"]),
    st.sampled_from([
        "POST", "PUT", "PATCH", "DELETE", "GET", "HEAD", "Observation", "Observation/x", "Observation?identifier=a|b",
        "Patient", "Patient/_history", "/", "", "?", "x/y/z", "Observation/x/_history/1", "List/1", 'W/"1"', 7,
        None, [],
    ]),
)  # fmt: skip
_ENTRIES = st.fixed_dictionaries({}, optional={
    "request": _REQUESTS | _JSON, "resource": _BODIES | st.just(observation()) | st.just(patient("1")) | _JSON,
    "fullUrl": st.sampled_from(["urn:uuid:4c1ffd38-5b1c-4b9a-9d80-0123456789ab", "http://x/fhir/Patient/1", "x", 3]),
})  # fmt: skip


@SHORT
@given(entries=st.lists(_ENTRIES | _JSON, max_size=4), form=st.sampled_from(["batch", "transaction"]))
def test_bundles(newcomer: Face, entries: list[Any], form: str) -> None:
    answered(newcomer.provide(bundle_of(form, *entries)))


@SHORT
@given(body=st.lists(_BODIES | _JSON, max_size=3) | _BODIES, value=_JSON, path=st.text(max_size=8))
def test_patches(newcomer: Face, body: Any, value: Any, path: str) -> None:
    where = place(create(newcomer, observation()))
    answered(newcomer.http.patch(where, json=body, headers={"Content-Type": JSON_PATCH}))
    operation = {"op": "add", "path": "/" + path, "value": value}
    answered(newcomer.http.patch(where, json=[operation], headers={"Content-Type": JSON_PATCH}))
    by_path = parameters(type="add", path=path, name="note", value={"valueAnnotation": value})
    answered(newcomer.http.patch(where, json=by_path, headers={"Content-Type": FHIR_JSON}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path",
    ["/fhir/", "/fhir/Observation/", "/fhir/Observation//", "/fhir/Observation/_history", "/fhir/%00/1",
     "/fhir/_history",
     "/fhir/Observation/1/2/3", "/fhir/Observation/1/_history/99999999999999999999", "/fhir/Observation/1/$everything",
     "/fhir/Observation/_search", "/fhir/Observation/é", "/fhir/Observation/%F0%9F%92%A9/_history"],
)  # fmt: skip
def test_addresses(newcomer: Face, method: str, path: str) -> None:
    answer = newcomer.http.request(method, path, json={"resourceType": "Observation"})
    assert answer.status_code < 500, answer.text
