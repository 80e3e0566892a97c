"""Small resources and the REST interactions on them, for tests through HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.faces import FHIR_JSON, Face
from tests.support.synthetic import Json

JSON_PATCH = "application/json-patch+json"


def observation(status: str = "final", what: str = "Poids", **more: Any) -> Json:
    """The smallest one that is right."""
    return {"resourceType": "Observation", "status": status, "code": {"text": what}, **more}


def known(value: str) -> Json:
    """One that a search finds by its identifier."""
    return observation(identifier=[{"system": "urn:test:observations", "value": value}])


def by(value: str) -> str:
    """The criteria that find it."""
    return f"identifier=urn:test:observations|{value}"


def patient(value: str | None = None, **more: Any) -> Json:
    """A Patient of a local identifier, or of none."""
    ids = [] if value is None else [{"system": "urn:oid:1.2.250.1.999.97", "value": value}]
    return {"resourceType": "Patient", **({"identifier": ids} if ids else {}), "name": [{"family": "DUPONT"}], **more}


def place(answer: httpx.Response) -> str:
    """The address of what was written, without its version."""
    location = answer.headers.get("Location") or answer.headers["Content-Location"]
    return "/fhir/" + str(location).partition("/fhir/")[2].partition("/_history")[0]


def version(answer: httpx.Response) -> int:
    """The version an answer speaks of."""
    return int(answer.headers["ETag"].removeprefix('W/"').removesuffix('"'))


def create(face: Face, resource: Json, **headers: str) -> httpx.Response:
    """POST to its type."""
    return face.http.post(f"/fhir/{resource['resourceType']}", json=resource, headers=fhir(headers))


def update(face: Face, path: str, resource: Json, **headers: str) -> httpx.Response:
    """PUT; the body gets the id of the address."""
    resource = resource if "?" in path else {**resource, "id": path.rpartition("/")[2]}
    return face.http.put(path, json=resource, headers=fhir(headers))


def patch(face: Face, path: str, *operations: Json, **headers: str) -> httpx.Response:
    """PATCH with a JSON Patch."""
    return face.http.patch(path, json=list(operations), headers={"Content-Type": JSON_PATCH, **fhir(headers, None)})


def fhir(headers: dict[str, str], content_type: str | None = FHIR_JSON) -> dict[str, str]:
    """Keywords as headers: `If_Match` is `If-Match`."""
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    return found if content_type is None else {"Content-Type": content_type, **found}


def parameters(**parts: Any) -> Json:
    """A FHIRPath Patch of one operation; a dict is the `value` part, whole."""
    made = []
    for name, value in parts.items():
        if isinstance(value, dict):
            made.append({"name": name, **value})
        elif isinstance(value, int):
            made.append({"name": name, "valueInteger": value})
        else:
            made.append({"name": name, "valueCode" if name == "type" else "valueString": value})
    return {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": made}]}


def entry(method: str, url: str, resource: Json | None = None, full_url: str | None = None, **request: str) -> Json:
    """One entry of a batch or transaction."""
    found: Json = {"request": {"method": method, "url": url, **request}}
    if resource is not None:
        found["resource"] = resource
    return found if full_url is None else {"fullUrl": full_url, **found}


def bundle_of(form: str, *entries: Json) -> Json:
    """A batch or transaction."""
    return {"resourceType": "Bundle", "type": form, "entry": list(entries)}


def statuses(answer: httpx.Response) -> list[str]:
    """The status of each entry of a response Bundle."""
    return [row["response"]["status"][:3] for row in answer.json()["entry"]]
