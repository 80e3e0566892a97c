"""`segur programmes parameters`: signed parameter sets, checked, kept a version a file, never edited in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fhir_server.cli.common import Database, Json, fail, say, say_json, usage_errors

if TYPE_CHECKING:
    from indicators.programmes.parameter_sets import Fault, Loaded, SignedSet

app = typer.Typer(
    name="parameters", help="Paramètres signés d'un programme (signed parameter sets).", no_args_is_help=True
)
Lang = Annotated[str, typer.Option(help="fr or en.")]
Folder = Annotated[Path, typer.Option("--folder", help="Where accepted sets are kept, one file a version.")]
File = Annotated[Path, typer.Argument(help="A parameter set (YAML).")]


@app.command("check")
def check(file: File, lang: Lang = "fr", json: Json = False) -> None:
    """Every fault of a parameter set, with its place; exit 1 when there is one.

    Example: segur programmes parameters check ars-bretagne.yaml
    """
    found = _load(file)
    if json:
        say_json({"key": found.found.key if found.found else None, "faults": [_row(f, lang) for f in found.faults]})
    else:
        _say_faults(found.faults, lang)
        if found.found is not None:
            say(f"{found.found.key} : valable, {found.found.fingerprint[:16]}")
    if found.faults:
        raise typer.Exit(1)


@app.command("import")
def import_(file: File, folder: Folder = Path("parametres"), lang: Lang = "fr", dry_run: bool = False) -> None:
    """Add a parameter set as a new version; one that is there already is never changed.

    Example: segur programmes parameters import ars-bretagne.yaml --folder parametres
    """
    from indicators.programmes.parameter_sets import export, may_follow

    found = _load(file)
    faults = found.faults or tuple(may_follow(found.found, _kept(folder)) if found.found else ())
    if faults or found.found is None:
        _say_faults(faults, lang)
        raise typer.Exit(1)
    target = _path(folder, found.found)
    if not dry_run and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(export(found.found), encoding="utf-8")
    say(f"{found.found.key} : {'valable' if dry_run else target}")


@app.command("post")
def post(
    file: File,
    region: Annotated[str, typer.Option(help="INSEE code of the region whose set it is.")],
    database: Database = None,
    lang: Lang = "fr",
) -> None:
    """Add a parameter set to a database as a new version of a region's: its files are decided with it from now on.

    Example: segur programmes parameters post ars-bretagne.yaml --region 53 --database segur.db
    """
    from datetime import UTC, datetime

    from fhir_server.cli.programme_files import done, office_at
    from fhir_server.programmes.actors import hand_of
    from fhir_server.programmes.parameters import post as run
    from fhir_server.security.caller import Caller, Role

    if not region.isdigit() or len(region) != 2:
        fail(f"--region {region}: two digits")
    if not file.is_file():
        fail(f"{file}: no such file")
    with usage_errors(UnicodeDecodeError):
        text = file.read_text(encoding="utf-8")
    with office_at(database, lang) as office:
        hand = hand_of(Caller(Role.ARS, region))
        posted = done(lambda: run(office, hand, region, text, datetime.now(UTC)))
    say(f"{posted.found.key} : {posted.found.fingerprint}")


@app.command("export")
def export_(
    key: Annotated[str, typer.Argument(help="Id of a set, or id@version (default: the last version).")],
    folder: Folder = Path("parametres"),
) -> None:
    """Write an accepted parameter set to standard output, always the same bytes.

    Example: segur programmes parameters export ars-bretagne@2 --folder parametres
    """
    from indicators.programmes.parameter_sets import export

    name, _, version = key.partition("@")
    mine = [one for one in _kept(folder) if one.id == name and version in ("", str(one.version))]
    if not mine:
        fail(f"{key}: no such set in {folder}")
    say(export(max(mine, key=lambda one: one.version)).rstrip("\n"))


@app.command("diff")
def diff(before: File, after: Annotated[Path, typer.Argument(help="Another one.")], json: Json = False) -> None:
    """What a parameter became from one set to another; exit 1 when one of them is faulty.

    Example: segur programmes parameters diff v1.yaml v2.yaml
    """
    from indicators.programmes.parameter_sets import diff as compare

    pair = [_load(path).found for path in (before, after)]
    if pair[0] is None or pair[1] is None:
        say("un des jeux est fautif : segur programmes parameters check")
        raise typer.Exit(1)
    changes = compare(pair[0].parameters, pair[1].parameters)
    if json:
        say_json([{"name": c.name, "before": _said(c.before), "after": _said(c.after)} for c in changes])
        return
    for change in changes:
        say(f"{change.name} : {_said(change.before)} -> {_said(change.after)}")


def _said(value: object) -> str | None:
    return None if value is None else str(value)


def _load(file: Path) -> Loaded:
    from indicators.programmes import programmes
    from indicators.programmes.parameter_sets import load

    if not file.is_file():
        fail(f"{file}: no such file")
    try:
        return load(file.read_text(encoding="utf-8"), programmes())
    except UnicodeDecodeError as error:
        fail(f"{file}: {error}")


def _kept(folder: Path) -> list[SignedSet]:
    """The sets of a folder; a file somebody broke stops the command rather than being passed over."""
    found = [(path, _load(path)) for path in sorted(folder.glob("*/*.yaml"))]
    for path, loaded in found:
        if loaded.found is None:
            fail(f"{path}: {loaded.faults[0].message('en')}")
    return [loaded.found for _, loaded in found if loaded.found is not None]


def _path(folder: Path, found: SignedSet) -> Path:
    if Path(found.id).name != found.id or found.id.startswith("."):
        fail(f"{found.id}: not a name for a file")
    return folder / found.id / f"{found.version}.yaml"


def _row(fault: Fault, lang: str) -> dict[str, str | int | None]:
    return {"where": fault.where, "line": fault.line, "code": fault.code, "message": fault.message(lang)}


def _say_faults(faults: tuple[Fault, ...], lang: str) -> None:
    for fault in faults:
        say(fault.message(lang))
