"""The HTTP faces, with the few words the tests need."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from tests.support.synthetic import Json, today

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Span:
    """A period and the last day a deposit counts."""

    start: date
    end: date
    cutoff: date

    def params(self) -> dict[str, str]:
        """As query parameters."""
        return {"periodStart": str(self.start), "periodEnd": str(self.end), "cutoff": str(self.cutoff)}


def recent() -> Span:
    """The last two months and today, whatever the hour the test runs at."""
    return Span(today() - timedelta(days=62), today() + timedelta(days=1), today() + timedelta(days=1))


class Face:
    """A connection with one token, or without."""

    def __init__(self, origin: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=origin, headers=headers, timeout=60)

    def close(self) -> None:
        """Give the connection back."""
        self.http.close()

    def get(self, path: str, **params: str) -> httpx.Response:
        """Read."""
        return self.http.get(path, params=params or None)

    def provide(self, bundle: Json | bytes, **headers: str) -> httpx.Response:
        """ITI-65."""
        data = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
        return self.http.post("/fhir", content=data, headers={"Content-Type": FHIR_JSON, **headers})

    def provide_cda(self, document: bytes, **headers: str) -> httpx.Response:
        """A bare CDA."""
        return self.http.post("/cda", content=document, headers={"Content-Type": "application/xml", **headers})

    def submission(self, answer: httpx.Response) -> Json:
        """How a submission fared, read by the id its answer carries."""
        found = self.get(f"/api/submissions/{answer.headers['Segur-Submission']}")
        assert found.status_code == 200, found.text
        body: Json = found.json()
        return body

    def envelope(self, answer: httpx.Response) -> httpx.Response:
        """The envelope of a submission as received."""
        return self.get(f"/api/submissions/{answer.headers['Segur-Submission']}/envelope")

    def figure(self, measure: str, finess: str, span: Span | None = None) -> dict[str, int]:
        """The populations of a MeasureReport, by code."""
        params = (span or recent()).params() | {"reporter": f"Organization/{finess}"}
        found = self.get(f"/fhir/Measure/{measure}/$evaluate-measure", **params)
        assert found.status_code == 200, found.text
        populations = found.json()["group"][0]["population"]
        return {p["code"]["coding"][0]["code"]: p["count"] for p in populations}

    def evidence(self, measure: str, finess: str, span: Span | None = None) -> list[Json]:
        """The rows behind a figure."""
        params = (span or recent()).params() | {"reporter": f"Organization/{finess}"}
        found = self.get(f"/api/indicators/{measure}/evidence", **params)
        assert found.status_code == 200, found.text
        rows: list[Json] = found.json()
        return rows

    def search(self, **params: str) -> list[Json]:
        """ITI-67: the DocumentReferences found."""
        found = self.get(
            "/fhir/DocumentReference", **{name.replace("__", "."): value for name, value in params.items()}
        )
        assert found.status_code == 200, found.text
        return resources(found.json())


def resources(searchset: Json) -> list[Json]:
    """The matches of a searchset."""
    return [e["resource"] for e in searchset.get("entry", []) if e["search"]["mode"] == "match"]


def locations(answer: httpx.Response) -> list[str]:
    """Where the resources of a transaction-response are, in order."""
    return [e["response"].get("location", "") for e in answer.json()["entry"]]


def location(answer: httpx.Response, kind: str) -> str:
    """Where the resource of one type is, without its version."""
    found = next(place for place in locations(answer) if place.startswith(f"{kind}/"))
    return "/fhir/" + found.partition("/_history")[0]


def rules(answer: httpx.Response | Json) -> list[str]:
    """The rule ids of an answer: of its OperationOutcome, or of the outcomes of its entries."""
    body: Any = answer.json() if isinstance(answer, httpx.Response) else answer
    outcomes = [body] if body["resourceType"] == "OperationOutcome" else [
        e["response"]["outcome"] for e in body.get("entry", []) if "outcome" in e["response"]
    ]  # fmt: skip
    return [i["details"]["coding"][0]["code"] for o in outcomes for i in o["issue"] if "coding" in i["details"]]


def uncounted(body: Json) -> list[str]:
    """The rules by which an accepted submission does not count."""
    return [
        issue["details"]["coding"][0]["code"]
        for e in body["entry"]
        for issue in e["response"].get("outcome", {}).get("issue", ())
        if issue["severity"] == "error" and issue["extension"][0]["valueCode"] == "programme"
    ]


def refused(answer: httpx.Response, status: int, rule: str | None = None) -> Json:
    """An OperationOutcome with that status (and rule); each issue has its rule id and words."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    body: Json = answer.json()
    assert answer.headers["content-type"].startswith(FHIR_JSON)
    assert body["resourceType"] == "OperationOutcome"
    for issue in body["issue"]:
        assert issue["details"]["coding"][0]["code"]
        assert issue["details"]["text"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text
    if rule is not None:
        assert rule in rules(answer)
    return body
