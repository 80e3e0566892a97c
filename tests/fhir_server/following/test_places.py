"""Which addresses are notified: public ones by https, and in the sandbox this machine by http."""

from __future__ import annotations

import asyncio
import contextlib
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.following.places import Forbidden, addresses_of, place_of
from validators.report import Mode

PRODUCTION, SANDBOX = Mode.PRODUCTION, Mode.SANDBOX


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("https://receiver.example/hook?a=b", PRODUCTION),
        ("https://93.184.216.34:8443/", PRODUCTION),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", PRODUCTION),
        ("http://localhost:8080/hook", SANDBOX),
        ("http://127.0.0.1/", SANDBOX),
        ("http://[::1]:81/", SANDBOX),
        ("https://10.0.0.1/", SANDBOX),
    ],
)
def test_what_is_notified(url: str, mode: Mode) -> None:
    assert place_of(url, mode).geturl() == url


@pytest.mark.parametrize(
    ("url", "mode", "why"),
    [
        ("http://receiver.example/", PRODUCTION, "scheme"),
        ("http://receiver.example/", SANDBOX, "scheme"),
        ("http://127.0.0.1/", PRODUCTION, "scheme"),
        ("file:///etc/passwd", SANDBOX, "scheme"),
        ("https:///hook", SANDBOX, "url"),
        ("https://a:b@receiver.example/", SANDBOX, "url"),
        ("https://receiver.example/#a", SANDBOX, "url"),
        ("https://receiver.example:99999/", SANDBOX, "url"),
        ("https://receiver.example:0/", SANDBOX, "url"),
        ("https://réception.example/", SANDBOX, "url"),
        ("https://receiver.example/a b", SANDBOX, "url"),
        ("https://receiver.example/a\r\nb", SANDBOX, "url"),
        ("https://receiver.example/" + "a" * 2000, SANDBOX, "url"),
        ("https://[::1", SANDBOX, "url"),
        ("", SANDBOX, "scheme"),
        ("http://10.0.0.1/", SANDBOX, "network"),
        ("https://169.254.169.254/", SANDBOX, "network"),
        ("https://0.0.0.0/", SANDBOX, "network"),
        ("https://10.1.2.3/", PRODUCTION, "network"),
        ("https://100.64.0.1/", PRODUCTION, "network"),
        ("https://224.0.0.1/", PRODUCTION, "network"),
        ("https://[::ffff:127.0.0.1]/", PRODUCTION, "network"),
        ("https://[::ffff:169.254.169.254]/", SANDBOX, "network"),
        ("https://[64:ff9b::a00:1]/", PRODUCTION, "network"),
        ("https://[2002:a00:1::]/", PRODUCTION, "network"),
        ("https://[fe80::1]/", PRODUCTION, "network"),
    ],
)
def test_what_is_not(url: str, mode: Mode, why: str) -> None:
    with pytest.raises(Forbidden, match=why):
        place_of(url, mode)


@given(st.ip_addresses())
def test_in_production_an_address_is_public_or_refused(address: IPv4Address | IPv6Address) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    try:
        place_of(f"https://{host}/", PRODUCTION)
    except Forbidden:
        return
    assert address.is_global
    assert not address.is_multicast


@given(st.text(max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    for mode in (PRODUCTION, SANDBOX):
        with contextlib.suppress(Forbidden):
            assert place_of(f"https://{text}", mode).hostname


def test_a_name_is_what_it_resolves_to() -> None:
    found = asyncio.run(addresses_of(place_of("http://localhost:1/", SANDBOX), SANDBOX))
    assert set(found) <= {"127.0.0.1", "::1"}
    with pytest.raises(Forbidden, match="network"):
        asyncio.run(addresses_of(place_of("https://localhost/", PRODUCTION), PRODUCTION))
