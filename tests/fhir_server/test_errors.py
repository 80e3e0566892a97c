"""What nobody expected: a reference in the answer, the same one in the log, and nothing else in either."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import structlog

from fhir_server.app import create_app
from tests.support.faces import FHIR_JSON

SECRET = "ZZYGOMARD 190119935190043"


class Broken:
    """Services that fail with an identity in their message."""

    def reading(self) -> Any:
        """Fail."""
        raise RuntimeError(SECRET)

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def failed() -> tuple[httpx.Response, list[dict[str, Any]]]:
    """An answer of a server whose database is not what it thinks, and its log."""

    async def go() -> httpx.Response:
        app = create_app(lambda: Broken())  # type: ignore[arg-type,return-value]
        app._app.state.services = Broken()  # type: ignore[attr-defined]
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/fhir/Patient/1", headers={"Authorization": "Bearer x"})

    with structlog.testing.capture_logs() as lines:
        answer = asyncio.run(go())
    return answer, [dict(line) for line in lines]


def test_the_answer_is_an_operation_outcome_with_a_reference(failed) -> None:
    answer, [line] = failed
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith(FHIR_JSON)
    [issue] = answer.json()["issue"]
    assert issue["details"]["coding"][0]["code"] == "INTERNAL"
    assert line["reference"] in issue["details"]["text"]


def test_neither_answer_nor_log_says_more(failed) -> None:
    answer, lines = failed
    said = answer.text + json.dumps(lines, default=str)
    assert "ZZYGOMARD" not in said
    assert "Traceback" not in said
    assert lines[0]["kind"] == "RuntimeError"


def test_the_answer_is_hardened_as_any_other(failed) -> None:
    assert "default-src 'self'" in failed[0].headers["content-security-policy"]
