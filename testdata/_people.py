"""Draws professionals and patients; none depends on the day, so identities stay the same all year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

from testdata._names import BIRTH_PLACES, FAMILIES, GENERAL_PRACTICE, GIVENS, SPECIALTIES, STREETS, BirthPlace
from testdata.checksums import ins_key, with_luhn
from testdata.model import Address, Establishment, Patient, Professional

LAST_BIRTH_YEAR = 2004  # adults only: the clinical texts speak of adults
PATIENTS_PER_SITE = 30


def professional(rank: int, specialty: tuple[str, str], draw: Random) -> Professional:
    """The practitioner of this rank; the rank makes the RPPS, hence its uniqueness."""
    sex = draw.choice("FM")
    return Professional(
        rpps=with_luhn(f"9970{rank:06d}"),
        family=draw.choice(FAMILIES),
        given=draw.choice(GIVENS[sex]).title(),
        civility="MME" if sex == "F" else "M",
        title=draw.choice(("DR", "DR", "DR", "PR")),
        specialty=specialty[0],
        specialty_name=specialty[1],
    )


def ward(site: int, draw: Random) -> tuple[Professional, ...]:
    """One practitioner for each specialty of the site."""
    return tuple(professional(100 + site * 10 + rank, each, draw) for rank, each in enumerate(SPECIALTIES))


def physicians(count: int, draw: Random) -> tuple[Professional, ...]:
    """The attending physicians in town."""
    return tuple(professional(900_000 + rank, GENERAL_PRACTICE, draw) for rank in range(count))


def address(city: str, department: str, draw: Random) -> Address:
    """An address of an invented street; postal codes end with 990, given to no delivery office we know."""
    postal_code = f"{department}990" if len(department) == 2 else f"{department}99"
    return Address(str(draw.randint(1, 98)), draw.choice(STREETS), postal_code, city)


def telephone(draw: Random) -> str:
    """A number of the range ARCEP keeps for fiction (01 99 00 xx xx)."""
    return f"019900{draw.randint(0, 9999):04d}"


def patients(establishments: Sequence[Establishment], seed: int) -> tuple[Patient, ...]:
    """The patients of all health establishments; one in ten is also known next door."""
    draw = Random(f"{seed}/patients")
    doctors = physicians(40, draw)
    sites = [place for place in establishments if place.sector == "health"]
    matricules = _matricules(draw)
    return tuple(
        _patient(next(matricules), _places(sites, rank, draw), rank, draw.choice(doctors), draw)
        for rank in range(PATIENTS_PER_SITE * len(sites))
    )


def _places(sites: Sequence[Establishment], rank: int, draw: Random) -> tuple[Establishment, ...]:
    home = rank % len(sites)
    return (sites[home], sites[home - 1]) if draw.random() < 0.1 else (sites[home],)


_Identity = tuple[str, str, date, BirthPlace]


def _matricules(draw: Random) -> Iterator[_Identity]:
    """Endless distinct (matricule, sex, birth date, place).

    Order numbers start at 900: a commune that registers 900 births of one sex in a month does not exist, so no
    matricule drawn here is a living person's.
    """
    seen: set[str] = set()
    while True:
        sex, place = draw.choice("FM"), draw.choice(BIRTH_PLACES)
        born = date(draw.randint(place.since, LAST_BIRTH_YEAR), draw.randint(1, 12), draw.randint(1, 28))
        number = f"{'1' if sex == 'M' else '2'}{born:%y%m}{place.code}{draw.randint(900, 999)}"
        if number not in seen:
            seen.add(number)
            yield number + ins_key(number), sex, born, place


def _patient(
    identity: _Identity, places: Sequence[Establishment], rank: int, doctor: Professional, draw: Random
) -> Patient:
    matricule, sex, born, place = identity
    givens = tuple(draw.sample(GIVENS[sex], draw.choice((1, 2, 2, 3))))
    family = draw.choice(FAMILIES)
    home = places[0]
    return Patient(
        matricule=matricule,
        birth_family=family,
        birth_givens=givens,
        used_family=draw.choice(FAMILIES) if sex == "F" and draw.random() < 0.4 else family,
        used_given=givens[-1] if draw.random() < 0.1 else givens[0],
        sex=sex,
        birth_date=born,
        birth_place=place.code,
        birth_city=place.city,
        address=address(home.city, home.department, draw),
        telephone=telephone(draw),
        physician=doctor,
        ipps={each.finess: f"{draw.randint(1, 9)}{rank:07d}" for each in places},
    )
