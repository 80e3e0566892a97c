"""A synthetic country: same seed and same day, same bytes. Nothing in it exists, and every key in it is right."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from random import Random

from testdata._map import OWNERS, REGIONS, Owner, Site
from testdata._people import address, patients, telephone, ward
from testdata._stays import stays
from testdata.checksums import with_luhn
from testdata.model import PARIS, Country, Establishment, Ght, LegalEntity

STAYS = 40


def country(seed: int = 2026, today: date | None = None, *, stays_per_establishment: int = STAYS) -> Country:
    """The country as it is on the morning of `today` (Paris; the present day when left out)."""
    day = today or datetime.now(PARIS).date()
    owners, places = _organisations(Random(f"{seed}/organisations"))
    people = patients(places, seed)
    return Country(
        seed=seed,
        today=day,
        regions=REGIONS,
        ghts=_groups(owners),
        legal_entities=owners,
        establishments=places,
        patients=people,
        stays=stays(places, people, seed, day, stays_per_establishment),
    )


def _organisations(draw: Random) -> tuple[tuple[LegalEntity, ...], tuple[Establishment, ...]]:
    entities: list[LegalEntity] = []
    places: list[Establishment] = []
    serial = count(1)
    for owner in OWNERS:
        entity = LegalEntity(_finess(owner, next(serial)), owner.name, owner.region, owner.status, owner.ght)
        entities.append(entity)
        for site in owner.sites:
            places.append(_site(owner, entity, site, next(serial), len(places), draw))
    return tuple(entities), tuple(places)


def _finess(owner: Owner, serial: int) -> str:
    """Nine characters: department prefix, fictitious range, serial number, Luhn key."""
    return with_luhn(owner.prefix + f"{serial:0{8 - len(owner.prefix)}d}")


def _site(owner: Owner, entity: LegalEntity, site: Site, serial: int, rank: int, draw: Random) -> Establishment:
    finess = _finess(owner, serial)
    return Establishment(
        finess=finess,
        legal_entity=entity.finess,
        name=site.name,
        region=owner.region,
        department=owner.department,
        status=owner.status,
        sector=owner.sector,
        ght=owner.ght,
        city=site.city,
        address=address(site.city, owner.department, draw),
        telephone=telephone(draw),
        mailbox=f"secretariat.{finess}@{site.mail}.mssante.fr",
        professionals=ward(rank, draw),
    )


def _groups(entities: tuple[LegalEntity, ...]) -> tuple[Ght, ...]:
    """The first member listed is the support establishment."""
    members: dict[str, list[str]] = {}
    for entity in entities:
        if entity.ght:
            members.setdefault(entity.ght, []).append(entity.finess)
    return tuple(Ght(name, finess[0], tuple(finess)) for name, finess in members.items())
