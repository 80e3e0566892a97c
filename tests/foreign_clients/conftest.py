"""What each client is given: an address, the token of an empty sandbox, and letters of one patient in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.conftest import World
from tests.support.faces import Face, location
from tests.support.synthetic import bundle, letter, new_stay

LETTERS = 5


@dataclass(frozen=True, slots=True)
class Access:
    """Where the server is, and who may ask it."""

    base: str
    token: str

    @property
    def authorization(self) -> str:
        """The header."""
        return f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class Provided:
    """Letters of one patient: the token (`system|value`) of the INS, the ids of their references, newest first."""

    patient: str
    references: list[str]
    letters: list[bytes]


@pytest.fixture
def access(newcomer: Face) -> Access:
    return Access(f"{newcomer.http.base_url}".rstrip("/") + "/fhir", newcomer.http.headers["authorization"][7:])


@pytest.fixture
def provided(newcomer: Face, world: World) -> Provided:
    stay = new_stay(world.land, world.site)
    assert stay.discharged is not None
    ends = [stay.discharged + timedelta(minutes=number) for number in range(LETTERS)]
    letters = [letter(stay, when=end, unique=f"foreign{number}") for number, end in enumerate(ends)]
    found = [location(newcomer.provide(bundle(one)), "DocumentReference").rpartition("/")[2] for one in letters]
    person = f"urn:oid:{stay.patient.oid}|{stay.patient.matricule}"
    return Provided(person, found[::-1], letters[::-1])
