"""What a repository answers when nothing can be written: IHE's code for busy, and the status that proxies know."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from fhir_server.app import create_app
from fhir_server.security.caller import Role
from fhir_server.services import Services
from fhir_server.settings import settings_from
from fhir_server.store.acts import Act
from fhir_server.store.plan import Outcome, WritePlan
from fhir_server.store.writer import WriterGone
from testdata import Country
from tests.conftest import two_sites
from tests.support.soap import SOAP_XML, inline, opened
from tests.support.synthetic import letter, new_stay, token_for


class Gone:
    """The writer's address when nobody is there."""

    async def file(self, plan: WritePlan | Act) -> Outcome:
        raise WriterGone


class Failing:
    """A writer that could not apply the plan."""

    async def file(self, plan: WritePlan | Act) -> Outcome:
        return Outcome("failed", plan.id, 503, plan.received, "refused", (), ())


async def posted(app: Any, token: str, *bodies: bytes) -> list[httpx.Response]:
    """Answers of an application in this process."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": SOAP_XML}
    transport, inner = httpx.ASGITransport(app), app._app
    async with (
        inner.router.lifespan_context(inner),
        httpx.AsyncClient(transport=transport, base_url="http://server", headers=headers) as client,
    ):
        return [await client.post("/xds/repository", content=body) for body in bodies]


@pytest.mark.parametrize("writer", [Gone(), Failing()], ids=["gone", "failing"])
def test_a_repository_that_cannot_write_is_busy(database: Path, demo_country: Country, writer: Gone | Failing) -> None:
    site, _ = two_sites(demo_country)
    token = token_for(database, Role.ESTABLISHMENT, site.legal_entity)
    body, _ = inline(letter(new_stay(demo_country, site)))
    app = create_app(lambda: Services(settings_from(database=str(database)), writer))
    answer, unread = asyncio.run(posted(app, token, body, b"<a/>"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    found = opened(answer)
    assert (found.status, found.errors) == ("Failure", [("XDSRepositoryBusy", "WRITER-UNAVAILABLE", "Error")])
    assert "Segur-Submission" not in answer.headers
    assert (unread.status_code, unread.headers["Retry-After"]) == (503, "1")
    assert opened(unread).fault == ("Receiver", "", ["WRITER-UNAVAILABLE"])
