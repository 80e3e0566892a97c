"""Which type has which interaction: what the CapabilityStatement lists is what works, all else is 405."""

from __future__ import annotations

import pytest

from fhir_server.fhir.interactions.types import ELSEWHERE
from tests.support.faces import FHIR_JSON, Face, refused
from tests.support.rest import bundle_of, entry, statuses
from tests.support.synthetic import Json
from validators.fhir import load_definitions

_TRIES = {
    "create": ("POST", ""), "update": ("PUT", "/none"), "patch": ("PATCH", "/none"), "delete": ("DELETE", "/none"),
    "read": ("GET", "/none"), "vread": ("GET", "/none/_history/1"), "history-instance": ("GET", "/none/_history"),
    "history-type": ("GET", "/_history"), "search-type": ("GET", "?_count=1"),
}  # fmt: skip


@pytest.fixture
def listed(newcomer: Face) -> dict[str, set[str]]:
    """The interactions of each type, as the server lists them."""
    [rest] = newcomer.get("/fhir/metadata").json()["rest"]
    return {row["type"]: {one["code"] for one in row["interaction"]} for row in rest["resource"]}


def test_every_type_of_r4_but_three_is_there(listed: dict[str, set[str]]) -> None:
    assert set(listed) == load_definitions().resource_types - {"Bundle", "Parameters", "OperationOutcome"}


@pytest.mark.parametrize("interaction", _TRIES)
def test_what_is_listed_works_and_all_else_does_not(
    newcomer: Face, listed: dict[str, set[str]], interaction: str
) -> None:
    method, rest = _TRIES[interaction]
    wrong = []
    for kind, interactions in listed.items():
        if kind in ELSEWHERE:
            continue
        headers = {"Content-Type": "application/json-patch+json" if method == "PATCH" else FHIR_JSON}
        body = {"content": b"{}", "headers": headers} if method in ("POST", "PUT", "PATCH") else {}
        answer = newcomer.http.request(method, f"/fhir/{kind}{rest}", **body)
        if (answer.status_code == 405) is (interaction in interactions) or answer.status_code >= 500:
            wrong.append((kind, answer.status_code))
    assert not wrong


_DOCUMENT: Json = {"resourceType": "DocumentReference", "status": "current", "content": [{"attachment": {"url": "x"}}]}


@pytest.mark.parametrize(
    "one",
    [entry("POST", "DocumentReference", _DOCUMENT), entry("PUT", "DocumentReference/1", {**_DOCUMENT, "id": "1"}),
     entry("DELETE", "DocumentReference?status=current"), entry("DELETE", "Binary/1"),
     entry("POST", "List", {"resourceType": "List", "status": "current", "mode": "working"}),
     entry("PUT", "Communication/1", {"resourceType": "Communication", "id": "1", "status": "completed"}),
     entry("POST", "AuditEvent", {"resourceType": "AuditEvent"}), entry("DELETE", "MeasureReport/1")],
)  # fmt: skip
def test_in_a_batch_too(newcomer: Face, one: Json) -> None:
    answer = newcomer.provide(bundle_of("batch", entry("GET", "Patient?_count=0"), one))
    assert statuses(answer) == ["200", "405"]


@pytest.mark.parametrize("kind", sorted(ELSEWHERE))
def test_what_is_not_stored_is_read_at_its_own_address(newcomer: Face, kind: str) -> None:
    answer = newcomer.provide(bundle_of("batch", entry("GET", kind), entry("GET", f"{kind}/1")))
    assert statuses(answer) == ["405", "405"]


def test_documents_are_told_the_right_way(newcomer: Face) -> None:
    body = refused(newcomer.http.delete("/fhir/Binary/1"), 405, "HTTP-METHOD")
    assert "ITI-65" in body["issue"][0]["details"]["text"]
    assert newcomer.http.post("/fhir/Bundle", json={}).headers["Allow"] == ""
