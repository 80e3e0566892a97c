"""A FHIR terminology server over HTTP: what nothing here decides is asked there, and nothing but the code is told.

Source: FHIR R4, CodeSystem/$validate-code and ValueSet/$validate-code,
https://hl7.org/fhir/R4/terminology-service.html#4.6.2. Sent are a code, its system and a value set, in the body of a
POST: no name, no address, no content of the document. Silence of three seconds is a failure, and so is an answer that
takes ten; after one that failed no request is made for a minute.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Any, Final

import httpx

from validators.fhir.asking import Unanswered

_TIMEOUT: Final = httpx.Timeout(3, connect=2)
_PATIENCE: Final = 10.0
"""Seconds for a whole answer."""
_PAUSE: Final = 60.0
"""Seconds without a request after one that failed."""
_LIMIT: Final = 1024 * 1024
_CACHED: Final = 4096
_JSON: Final = "application/fhir+json"
_UNSURE: Final = frozenset(
    {"not-found", "not-supported", "too-costly", "processing", "exception", "timeout", "transient"}
)
"""Kinds of issues (issue-type) that say that the server does not know the system or the value set."""


class TerminologyServer:
    """A server at an address; a `validators.fhir.asking.Terminology`.

    Args:
        url: its FHIR base (`https://host/r4`).
        transport: an httpx transport, for tests.

    Raises:
        ValueError: the address is not one of HTTP.
    """

    def __init__(self, url: str, *, transport: httpx.BaseTransport | None = None) -> None:
        if not _is_http(url):
            raise ValueError(f"{url}: not an http address")
        self._url = url.rstrip("/")
        self._transport = transport
        self._silent_until = 0.0
        self._opened: tuple[int, httpx.Client] | None = None
        self._answer = lru_cache(maxsize=_CACHED)(self._asked)

    def member(self, system: str, code: str, value_set: str = "") -> bool | None:
        """Whether a code is one of its system or of a value set; answers are kept, also those that decide nothing.

        Raises:
            Unanswered: no connection, no answer in time, or a server in trouble (5xx, 429).
        """
        return self._answer(system, code, value_set)

    def close(self) -> None:
        """Give the connection back."""
        if self._opened is not None:
            self._opened[1].close()
            self._opened = None

    def _asked(self, system: str, code: str, value_set: str) -> bool | None:
        if time.monotonic() < self._silent_until:
            raise Unanswered("silent")
        where = "ValueSet" if value_set else "CodeSystem"
        try:
            return _verdict(*self._post(f"{self._url}/{where}/$validate-code", _parameters(system, code, value_set)))
        except (httpx.HTTPError, Unanswered) as problem:
            self._silent_until = time.monotonic() + _PAUSE
            raise Unanswered(str(problem) if isinstance(problem, Unanswered) else type(problem).__name__) from problem

    def _post(self, url: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and JSON of an answer; an answer that is larger than a verdict can be is none."""
        headers = {"Content-Type": _JSON, "Accept": _JSON}
        with self._client().stream("POST", url, json=body, headers=headers) as answer:
            if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code == 429:
                raise Unanswered(f"HTTP {answer.status_code}")
            data, until = b"", time.monotonic() + _PATIENCE
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _LIMIT or time.monotonic() > until:
                    raise Unanswered(f"> {_LIMIT} bytes" if len(data) > _LIMIT else f"> {_PATIENCE:.0f} s")
        try:
            return answer.status_code, httpx.Response(200, content=data).json()
        except ValueError:
            return answer.status_code, None

    def _client(self) -> httpx.Client:
        """The connection of this process: one that was forked must not share its parent's."""
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), httpx.Client(timeout=_TIMEOUT, transport=self._transport)
        return self._opened[1]


def _is_http(url: str) -> bool:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parts.scheme in ("http", "https") and bool(parts.host)


def _parameters(system: str, code: str, value_set: str) -> dict[str, Any]:
    asked = [{"name": "system", "valueUri": system}] if value_set else []
    asked += [{"name": "url", "valueUri": value_set or system}, {"name": "code", "valueCode": code}]
    return {"resourceType": "Parameters", "parameter": asked}


def _verdict(status: int, answer: object) -> bool | None:
    """`result`, unless what comes with it says that the server does not know the system or the value set."""
    parameters = answer.get("parameter") if isinstance(answer, dict) else None
    if status != httpx.codes.OK or not isinstance(parameters, list):
        return None
    named = {str(each.get("name")): each for each in parameters if isinstance(each, dict)}
    result = named.get("result", {}).get("valueBoolean")
    if result is False and (any(name.endswith("unknown-system") for name in named) or _unsure(named.get("issues", {}))):
        return None
    return result if isinstance(result, bool) else None


def _unsure(issues: dict[str, Any]) -> bool:
    outcome = issues.get("resource")
    listed = outcome.get("issue") if isinstance(outcome, dict) else None
    return (
        any(isinstance(each, dict) and each.get("code") in _UNSURE for each in listed)
        if isinstance(listed, list)
        else False
    )
