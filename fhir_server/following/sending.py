"""One notification on its way: resolved, judged, connected to what was judged, and answered within a time."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from fhir_server.fhir.interactions.bodies import Json, encoded, stored
from fhir_server.following.notice import SIGNATURE, signature
from fhir_server.following.places import Forbidden, addresses_of, place_of
from validators.report import Mode


class Courier:
    """Sends notifications.

    Args:
        mode: of the server: which addresses are notified.
        timeout: seconds for all of one notification, whatever the receiver does.
    """

    def __init__(self, mode: Mode, timeout: float) -> None:
        self._mode = mode
        self._timeout = timeout
        self._context = httpx.create_ssl_context()

    async def send(self, row: Any, notification: Json, at: int) -> str:
        """Empty when the receiver took it (2xx), else a code for why not; `at` is the second it is signed at.

        What a receiver answers is not read, nor followed: it may be endless, or lead elsewhere.
        """
        channel = stored(row.body)["channel"]
        body = encoded(notification)
        headers = [tuple(line.split(":", 1)) for line in channel.get("header", ())]
        signed = signature(row.secret, row.key, body, at)
        headers = [(name.strip(), value.strip()) for name, value in headers]
        headers += [("Content-Type", "application/fhir+json"), (SIGNATURE, signed), ("User-Agent", "segur-fhir")]
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(channel["endpoint"], headers, body)
        except Forbidden:
            return "address"
        except (TimeoutError, httpx.TimeoutException):
            return "timeout"
        except (OSError, httpx.HTTPError, httpx.InvalidURL):
            return "unreachable"

    async def _post(self, endpoint: str, headers: list[tuple[str, str]], body: bytes) -> str:
        problem: Exception = OSError()
        for address in await addresses_of(place_of(endpoint, self._mode), self._mode):
            try:
                return await self._post_to(address, httpx.URL(endpoint), headers, body)
            except httpx.ConnectError as error:
                problem = error
        raise problem

    async def _post_to(self, address: str, url: httpx.URL, headers: list[tuple[str, str]], body: bytes) -> str:
        headers = [*headers, ("Host", url.netloc.decode("ascii"))]
        # No proxy, no cookies, no connection of somebody else's: each notification is alone.
        async with httpx.AsyncClient(verify=self._context, trust_env=False, timeout=None) as client:  # noqa: S113
            request = client.build_request(
                "POST", url.copy_with(host=address), headers=headers, content=body,
                extensions={"sni_hostname": url.host},
            )  # fmt: skip
            answer = await client.send(request, stream=True)
            await answer.aclose()
        return "" if answer.is_success else f"http-{answer.status_code}"
