"""Whatever is asked of an address of the OpenAPI description is answered, and never by a failure of the server.

Schemathesis makes the requests. The description says little of FHIR's parameters and bodies, so that they are added
here: small ones, most of them wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.faces import Face

Json = dict[str, Any]
PATIENCE: Final = 20
"""Seconds that no answer may take."""
_KINDS: Final = (
    "Patient", "Practitioner", "PractitionerRole", "Organization", "DocumentReference", "List", "Encounter", "Nothing",
)  # fmt: skip
_SHORT: Final = {"type": "string", "maxLength": 12}
_DATE: Final = {"type": "string", "pattern": r"^(eq|ge|lt|ap|xx)?[0-9]{4}(-[01][0-9](-[0-3][0-9])?)?$"}
_VALUE: Final = {"anyOf": [_SHORT, _DATE, {"enum": ["", ",", "|", "a|b", "$", "\\", "Patient/1", "1", "true", "*"]}]}
_TOKEN: Final = {"enum": ["a", "Patient:link", "*", "name", "-date", "Patient/1", "count", "true", "accurate", "-1"]}
_HEADER: Final = {
    "enum": ["*", "1", 'W/"1"', "identifier=a", "_id=1&x", "return=minimal", "handling=lenient", "fr", ";q=x"],
}  # fmt: skip
_SEARCH: Final = (
    "_id", "_lastUpdated", "_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude:iterate",
    "_has:Observation:patient:code", "_page", "name", "name:exact", "identifier", "identifier:of-type",
    "date", "status:not", "patient", "patient.identifier", "subject:Patient.name", "_text", "value-quantity", "_since",
)  # fmt: skip
_CRITERIA: Final = ("_id", "identifier", "name", "_summary")
_PERIOD: Final = ("periodStart", "periodEnd", "reporter", "cutoff", "from", "to", "since", "limit")
_ELEMENTS: Final = (
    "id", "meta", "text", "extension", "identifier", "name", "active", "status", "subject", "date", "birthDate",
    "contained", "type", "entry", "parameter", "content", "criteria", "channel", "code", "value",
)  # fmt: skip
_LEAF: Final = {"anyOf": [_SHORT, {"type": "integer"}, {"type": "boolean"}, {"type": "null"}, {"type": "number"}]}
_BRANCH: Final = {
    "type": "object", "maxProperties": 3, "additionalProperties": False,
    "properties": dict.fromkeys(("system", "value", "reference", "url", "family", "resourceType", "request"), _LEAF),
}  # fmt: skip
_NODE: Final = {"anyOf": [_LEAF, _BRANCH, {"type": "array", "maxItems": 2, "items": {"anyOf": [_LEAF, _BRANCH]}}]}
_RESOURCE: Final = {
    "type": "object", "maxProperties": 6, "additionalProperties": False, "required": ["resourceType"],
    "properties": {"resourceType": {"enum": list(_KINDS)}, **dict.fromkeys(_ELEMENTS, _NODE)},
}  # fmt: skip
_PLAIN: Final = {
    "type": "object", "additionalProperties": False, "required": ["resourceType", "identifier"],
    "properties": {
        "resourceType": {"enum": list(_KINDS)}, "language": {"enum": ["fr", "en"]},
        "identifier": {"enum": [[{"system": "urn:x", "value": value}] for value in "a1"]},
    },
}  # fmt: skip
"""What is right for many types."""
_PATCH: Final = {
    "type": "array", "maxItems": 3,
    "items": {
        "type": "object", "additionalProperties": False, "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test", "?"]}, "value": _NODE,
            "path": {"enum": ["", "/", "/id", "/active", "/name/0", "/name/-", "/a/~1/~2", "x"]}, "from": _SHORT,
        },
    },
}  # fmt: skip
_TEXT: Final = {"type": "string", "maxLength": 60}
_FORM: Final = {
    "type": "object", "maxProperties": 2, "additionalProperties": False, "properties": dict.fromkeys(_SEARCH, _VALUE),
}  # fmt: skip
_IDS: Final = {"enum": ["1", "a", "é"]}
_DOORS: Final = {
    "/cda": "application/xml", "/xdm": "application/zip", "/mail": "message/rfc822", "/adt": "x-application/hl7-v2+er7",
    "/xds/repository": "application/soap+xml", "/xds/registry": "application/soap+xml",
}  # fmt: skip
"""What is sent as text to these is given its own type."""


def described(raw: Json) -> Json:
    """The description with what it leaves out: the types of resources, parameters of searches, bodies."""
    for path, operations in raw["paths"].items():
        for method, operation in operations.items():
            operation.pop("operationId", None)
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "kind":
                    parameter["schema"] = {"enum": list(_KINDS)}
                elif parameter["in"] == "path":
                    parameter["schema"] = _IDS
            operation.setdefault("parameters", []).extend(_parameters(path, method))
            if method in ("post", "put", "patch"):
                operation.setdefault("requestBody", {"content": dict(_bodies(path, method))})
    return raw


def _parameters(path: str, method: str) -> Iterator[Json]:
    names = (_SEARCH if method == "get" else _CRITERIA) if path.startswith("/fhir") else ()
    for name in (*names, *(_PERIOD if method == "get" else ())):
        schema = _TOKEN if name.startswith("_") else _VALUE
        yield {"in": "query", "name": name, "required": False, "schema": schema}
    for name in ("If-Match", "If-None-Match", "If-None-Exist", "Prefer", "Accept-Language"):
        yield {"in": "header", "name": name, "required": False, "schema": _HEADER}


def _bodies(path: str, method: str) -> Iterator[tuple[str, Json]]:
    if path.endswith("_search"):
        yield "application/x-www-form-urlencoded", {"schema": _FORM}
        return
    if not path.startswith("/fhir"):
        yield "text/plain", {"schema": _TEXT}
        yield "application/json", {"schema": _NODE}
        return
    if method == "patch":
        yield "application/json-patch+json", {"schema": _PATCH}
    yield "application/fhir+json", {"schema": {"anyOf": [_PLAIN, _RESOURCE]}}


def failures(face: Face, examples: int) -> list[str]:
    """Every operation that was answered by a failure, or not at all, with how to ask it again."""
    schema = schemathesis.openapi.from_dict(described(face.get("/openapi.json").json()))
    schema.config.update(base_url=str(face.http.base_url))
    with requests.Session() as session:
        session.headers["Authorization"] = face.http.headers["authorization"]
        return [one for found in schema.get_all_operations() for one in _failures(found.ok(), session, examples)]


def _narrowed(case: schemathesis.Case) -> dict[str, str]:
    """Two parameters and one header at most, a body of the type and id in the address: else only these are judged.

    Returns:
        the headers to send beside those of the case.
    """
    case.query = _some(case.query, 1 + len(case.query or ()) % 2)
    case.headers = _some(case.headers, 1)
    if isinstance(case.body, dict) and "kind" in case.path_parameters and "resourceType" in case.body:
        case.body["resourceType"] = case.path_parameters["kind"]
        if "resource_id" in case.path_parameters:
            case.body["id"] = unquote(str(case.path_parameters["resource_id"]))
    own = _DOORS.get(case.path)
    return {"Content-Type": own} if own else {}


def _some(found: Any, count: int) -> Any:
    """A few, which ones by what they are."""
    items = list((found or {}).items())
    start = len(repr(items)) % max(1, len(items))
    return type(found)(items[start : start + count]) if items else found


def _failures(operation: schemathesis.APIOperation, session: requests.Session, examples: int) -> list[str]:
    found: list[str] = []

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        try:
            answer = case.call(session=session, timeout=PATIENCE, headers=_narrowed(case))
        except requests.RequestException as error:
            found.append(f"{operation.label}: {type(error).__name__} {case.as_curl_command()}")
        else:
            if answer.status_code >= 500:
                found.append(f"{operation.label}: {answer.status_code} {case.as_curl_command()}")

    ask()
    return found


def test_no_operation_fails(newcomer: Face) -> None:
    assert failures(newcomer, 1) == []


@pytest.mark.slow
def test_no_operation_fails_however_it_is_asked(newcomer: Face) -> None:
    assert failures(newcomer, 20) == []
