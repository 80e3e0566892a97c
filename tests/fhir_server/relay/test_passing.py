"""Who and what is passed on at all, before any route is asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fhir_server.intake.passing import Passing
from fhir_server.intake.submission import received
from fhir_server.relay.routes import Route, Routes
from fhir_server.security.caller import Caller, Role

ROUTES = Routes((Route(name="m", protocol="smtp", to="smtp://x", mode="tag-and-pass"),))
SITE = Caller(Role.ESTABLISHMENT, "970490348")


@pytest.mark.parametrize(
    ("caller", "door", "conformant", "keeps", "leaves"),
    [
        (SITE, "mail", True, True, True),
        (SITE, "mail", True, False, True),
        (SITE, "mail", False, True, True),
        (SITE, "mail", False, False, False),
        (SITE, "mhd", True, True, False),
        (Caller(Role.EDITOR, "Éditeur"), "mail", True, True, False),
    ],
    ids=["site", "nothing kept", "tagged", "tagged, nothing kept", "other door", "sandbox"],
)
def test_ways(caller: Caller, door: str, conformant: bool, keeps: bool, leaves: bool) -> None:
    arrived = received(door, b"x", caller, datetime.now(UTC))
    assert bool(Passing(ROUTES, keeps).ways(arrived, (), conformant=conformant)) == leaves
