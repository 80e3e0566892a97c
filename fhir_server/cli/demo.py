"""`segur demo`: the synthetic country in a folder, tokens, a letter to send, and the server on it."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import say

if TYPE_CHECKING:
    from testdata import Stay

_PARAMETERS = """\
# Exercise parameters: no official figure. They let the demonstration say "reached or not, and how many euros".
id: demo-exercise
parameters:
  - name: calendar:DEMO
    value:
      candidature: [{start}, {start}]
      instruction: [{start}, {start}]
      measure: [{start}, {end}]
    mark: CONFIG
    source: exercise, current half-year
  - {{name: "indicators:documents_sortie", value: [I-SUN1-LDL], mark: CONFIG, source: exercise}}
  - {{name: "target:I-SUN1-LDL:DEMO", value: "80", mark: CONFIG, source: exercise}}
  - {{name: "forfait:documents_sortie:DEMO", value: "224000", mark: CONFIG, source: exercise}}
"""


def demo(
    folder: Annotated[Path, typer.Option(help="Where the database and the files go.")] = Path("demo"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    serve: Annotated[bool, typer.Option(help="Start the server when all is ready.")] = True,
) -> None:
    """Set up a synthetic country and serve it in sandbox mode; prints where to look and what to try.

    Example: segur demo
    """
    database = prepare_folder(folder, f"http://{host}:{port}")
    if serve:
        from fhir_server.cli.serve import serve as run

        run(host=host, port=port, database=database, mode="sandbox", demo=True)


def prepare_folder(folder: Path, origin: str) -> str:
    """Fill the folder and say what is in it; the path of the database.

    The country is seen from the day the database was made; a month later it is made anew, so that "this month" is.
    """
    from fhir_server.cli.common import database_of
    from fhir_server.cli.country import load
    from fhir_server.cli.data import STAYS, country_of, letterless_stay

    folder.mkdir(parents=True, exist_ok=True)
    path, day = str(folder / "segur.db"), folder / "jour"
    made = day.read_text(encoding="utf-8") if day.exists() else None
    land = country_of(2026, None, STAYS)
    if made is not None and made[:7] == land.today.isoformat()[:7] and Path(path).exists():
        land = country_of(2026, made, STAYS)
    else:
        for old in folder.glob("segur.db*"):
            old.unlink()
        say("Pays synthétique : établissements, séjours, documents… (quelques secondes)")
        counts = load(database_of(path), land)
        say("  " + ", ".join(f"{name} : {count}" for name, count in counts.items()))
        day.write_text(land.today.isoformat(), encoding="utf-8")
    stay = letterless_stay(land) or land.stays[0]
    _letter(folder / "lettre.xml", stay)
    start, end = _half_year(land.today)
    (folder / "parametres.yaml").write_text(_PARAMETERS.format(start=start, end=end), encoding="utf-8")
    _say_tokens(path, stay)
    _say_tour(folder, path, origin, stay, start, end)
    return path


def _letter(path: Path, stay: Stay) -> None:
    from testdata import discharge_letter

    path.write_bytes(discharge_letter(stay, when=(stay.discharged or stay.admitted) + timedelta(hours=1)))


def _half_year(today: date) -> tuple[date, date]:
    return (date(today.year, 1, 1), date(today.year, 6, 30)) if today.month <= 6 else (
        date(today.year, 7, 1), date(today.year, 12, 31))  # fmt: skip


def _say_tokens(database: str, stay: Stay) -> None:
    from fhir_server.security.caller import Role, create_token
    from fhir_server.store.database import open_engine

    site = stay.establishment
    roles = (
        (Role.ESTABLISHMENT, site.legal_entity), (Role.ARS, site.region), (Role.EDITOR, "editeur-demo"),
        (Role.MINISTRY, None), (Role.OPERATOR, None),
    )  # fmt: skip
    engine = open_engine(database)
    say("\nJetons (un par rôle)")
    with engine.begin() as connection:
        for role, organization in roles:
            token = create_token(connection, role, organization)
            say(f"  {role.value:14} {organization or '-':14} {token}")
            if role is Role.ESTABLISHMENT:
                _secret(Path(database).parent / "jeton", token)
    engine.dispose()


def _secret(path: Path, token: str) -> None:
    """A token in a file that only its owner reads."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token)


def _say_tour(folder: Path, database: str, origin: str, stay: Stay, start: date, end: date) -> None:
    finess = stay.establishment.finess
    figure = (
        f"/fhir/Measure/I-SUN1-LDL/$evaluate-measure?periodStart={start}&periodEnd={end}&reporter=Organization/{finess}"
    )
    segur = "segur" if shutil.which("segur") else os.path.relpath(sys.argv[0])
    say(f"""
Adresses
  {origin}/                    accueil
  {origin}/docs                API
  {origin}/fhir/metadata       CapabilityStatement

À essayer, dans un autre terminal
  {segur} validate {folder}/lettre.xml
  {segur} submit {folder}/lettre.xml --to {origin} --token $(cat {folder}/jeton)
  curl -H "Authorization: Bearer $(cat {folder}/jeton)" '{origin}{figure}'
  {segur} programmes situation {finess} --database {database} --window DEMO --parameters {folder}/parametres.yaml
""")
