"""`segur data`: the synthetic country, in a database or as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import Database, database_of, fail, say, usage_errors

if TYPE_CHECKING:
    from testdata import Country, Stay

app = typer.Typer(name="data", help="Données synthétiques (synthetic data).", no_args_is_help=True)

STAYS = 16
"""Stays an establishment in the demonstration."""
FINESS = 9
"""Digits of a FINESS."""

Seed = Annotated[int, typer.Option(help="The same seed and day give the same country.")]
Today = Annotated[str | None, typer.Option(help="The day the country is seen from (default: today).")]


def country_of(seed: int, today: str | None, stays: int) -> Country:
    """The synthetic country; `today` as YYYY-MM-DD, today in Paris when absent."""
    from fhir_server.ids import PARIS
    from testdata import country

    return country(
        seed, date.fromisoformat(today) if today else datetime.now(PARIS).date(), stays_per_establishment=stays
    )


@app.command("demo")
def demo(
    database: Database = None,
    seed: Seed = 2026,
    today: Today = None,
    stays: Annotated[int, typer.Option(help="Stays an establishment.")] = STAYS,
    documents: Annotated[bool, typer.Option(help="Send the planned documents through the pipeline.")] = True,
) -> None:
    """Fill a database with the synthetic country: establishments, stays, and documents sent through the real pipeline.

    Example: segur data demo --database demo.db
    """
    from fhir_server.cli.country import load

    counts = load(database_of(database), country_of(seed, today, stays), documents=documents)
    say(", ".join(f"{name}: {count}" for name, count in counts.items()))


@app.command("letter")
def letter(
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write.")],
    stay: Annotated[
        str | None, typer.Option(help="Stay number; default: one discharged this month, without a letter.")
    ] = None,
    organization: Annotated[str | None, typer.Option(help="Geographic FINESS of the stay.")] = None,
    without_ins: Annotated[bool, typer.Option("--without-ins", help="Only the local identifier.")] = False,
    masked: Annotated[bool, typer.Option("--masked", help="Hidden from other professionals (MASQUE_PS).")] = False,
    site: Annotated[str | None, typer.Option(help="FINESS the letter says it comes from, rightly or not.")] = None,
    version: Annotated[int, typer.Option(help="Version number; above 1, it replaces the version before.")] = 1,
    size: Annotated[int | None, typer.Option(help="About how many bytes.")] = None,
    unique: Annotated[str | None, typer.Option(help="Tells this document from another of the same stay.")] = None,
    seed: Seed = 2026,
    today: Today = None,
    stays: Annotated[int, typer.Option(help="Stays an establishment, as for `demo`.")] = STAYS,
) -> None:
    """Write a discharge letter (LDL-SES) of a stay of the synthetic country; prints stay and establishment.

    Example: segur data letter --out lettre.xml
    """
    from testdata import discharge_letter, document_id

    land = country_of(seed, today, stays)
    found = _stay(land, stay, organization)
    if site is not None:
        found = _from(land, found, site)
    if without_ins and unique is None and version == 1:
        unique = "sans-ins"  # another document: the same id with other content would be refused
    replaces = document_id(found, "LDL", version=version - 1, unique=unique) if version > 1 else None
    when = (found.discharged or found.admitted) + timedelta(hours=version)
    letter_ = discharge_letter(
        found, when=when, unique=unique, version=version, replaces=replaces, without_ins=without_ins, masked=masked,
        size=size,
    )  # fmt: skip
    with usage_errors(OSError):
        out.write_bytes(letter_)
    discharged = found.discharged.date().isoformat() if found.discharged else "-"
    say(f"{out}: séjour {found.id}, sortie {discharged}, établissement {found.establishment.finess}, "
        f"entité juridique {found.establishment.legal_entity}")  # fmt: skip


def _stay(country: Country, number: str | None, organization: str | None) -> Stay:
    """The stay asked for, else one without a letter; exit 2 when there is none."""
    if number is None:
        found = letterless_stay(country, organization)
    else:
        here = [s for s in country.stays if organization in (None, s.establishment.finess)]
        found = next((stay for stay in here if stay.id == number), None)
    return found or fail("no such stay" if number else "every stay has its letter planned")


def _from(country: Country, stay: Stay, finess: str) -> Stay:
    """The same stay as another establishment of the country would write of it, or one that does not exist."""
    if not (len(finess) == FINESS and finess.isascii() and finess.isdigit()):
        fail(f"--site {finess}: {FINESS} digits")
    known = next((place for place in country.establishments if place.finess == finess), None)
    place = known or replace(stay.establishment, finess=finess)
    patient = replace(stay.patient, ipps={finess: stay.patient.ipp(stay.establishment)})
    return replace(stay, establishment=place, patient=patient)


def letterless_stay(country: Country, organization: str | None = None) -> Stay | None:
    """The stay discharged last, this month if there is one, for which no letter is planned."""
    found = [
        stay for stay in country.stays
        if stay.discharged is not None and not stay.excluded and stay.discharged.date() <= country.today
        and not any(planned.kind == "LDL" for planned in stay.plan)
        and organization in (None, stay.establishment.finess)
    ]  # fmt: skip
    return max(found, key=lambda stay: (stay.discharged, stay.id), default=None)
