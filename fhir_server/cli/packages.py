"""`segur packages`: the FHIR packages that are installed here, and how they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from fhir_server.cli.common import Json, fail, say, say_json
from fhir_server.guides import package_folder

if TYPE_CHECKING:
    from validators.fhir.snapshots.packaged import Made
    from validators.package_store import Absent, Installed

app = typer.Typer(name="packages", help="Paquets FHIR (FHIR packages).", no_args_is_help=True)
Folder = Annotated[
    Path | None,
    typer.Option("--folder", envvar="SEGUR_PACKAGES", help="Where packages are kept (default: the user's data)."),
]


@app.command("install")
def install(
    packages: Annotated[list[str], typer.Argument(metavar="PACKAGE...", help="Files, or names: name[@version].")],
    folder: Folder = None,
    registry: Annotated[
        str | None, typer.Option(envvar="SEGUR_REGISTRY", help="Address of a FHIR package registry (npm protocol).")
    ] = None,
    json: Json = False,
) -> None:
    """Install packages from files, or by name from a registry with all they depend on.

    Example: segur packages install guide.tgz
    """
    from validators.package_store import PackageStore

    store = PackageStore(package_folder(folder))
    came: list[Installed] = []
    with _errors():
        for text in packages:
            came += [store.add(Path(text).read_bytes())] if Path(text).is_file() else _by_name(store, registry, text)
        absent = store.resolve(one.key for one in came).absent
    if json:
        say_json({"installed": [_row(one) for one in came], "absent": [_absent(one) for one in absent]})
        return
    for one in came:
        say(f"{one.key} : installé")
    _say_absent(absent)


def _by_name(store: Any, registry: str | None, text: str) -> list[Installed]:
    from fhir_server.registry import Registry, install
    from validators.package_store import split_name

    if split_name(text) is None:
        fail(f"{text}: no such file, and not the name of a package")
    if registry is None:
        fail(f"{text}: no such file; to install by name, give --registry or SEGUR_REGISTRY")
    with Registry(registry) as opened:
        return install(store, opened, text)


@app.command("list")
def list_(folder: Folder = None, json: Json = False) -> None:
    """The packages that are installed.

    Example: segur packages list
    """
    from validators.package_store import PackageStore

    with _errors():
        found = list(PackageStore(package_folder(folder)))
    if json:
        say_json([_row(one) for one in found])
        return
    for one in found:
        say(f"{one.key}  {one.manifest.title or one.manifest.canonical}".rstrip())
    if not found:
        say(f"aucun paquet dans {package_folder(folder)}")


@app.command("show")
def show(
    package: Annotated[str, typer.Argument(help="A file or a name: name[@version].")],
    folder: Folder = None,
    json: Json = False,
) -> None:
    """One package: what it is, what it holds, what it depends on and whether that is installed.

    Example: segur packages show guide.tgz
    """
    from validators.package_store import Installed, NotInstalled, PackageStore, read_manifest, split_name
    from validators.packages import open_package

    store = PackageStore(package_folder(folder))
    with _errors():
        if Path(package).exists():
            found = Installed(read_manifest(open_package(Path(package))), Path(package))
            names = [f"{n}@{v}" for n, v in found.manifest.dependencies.items()]
            absent = store.absent(found)
        else:
            name = split_name(package)
            known = store.find(*name) if name is not None else None
            if known is None:
                raise NotInstalled(package)
            found, absent = known, store.resolve([known.key]).absent
            names = [f"{n}@{v}" for n, v in found.manifest.dependencies.items()]
        held = _held(found.path)
    if json:
        say_json(_row(found) | {"resources": held, "absent": [_absent(one) for one in absent]})
        return
    say(f"{found.key}  {found.manifest.title}".rstrip())
    say(f"  {found.manifest.canonical or '-'}  FHIR {', '.join(found.manifest.fhir_versions) or '-'}")
    for kind, number in held.items():
        say(f"  {number:5} {kind}")
    say(f"  dépend de : {', '.join(names) or '-'}")
    _say_absent(absent)


@app.command("snapshot")
def snapshot(
    package: Annotated[str, typer.Argument(help="A folder, a file or a name: name[@version].")],
    beside: Annotated[
        list[str] | None,
        typer.Option("--package", metavar="PACKAGE", help="A package its profiles build on: path or installed name."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="DIR", help="Write the definitions there.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with the snapshots the package came with.")] = False,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Make the snapshots of a package's StructureDefinitions from their differentials.

    Exit code 1 when no snapshot can be made of one or, with --check, when one differs from what was published.

    Example: segur packages snapshot guide.tgz --check
    """
    from fhir_server.guides import GuideError, packages_named
    from validators.fhir import DefinitionsError
    from validators.fhir.snapshots.packaged import made, structure_definitions, written
    from validators.packages import open_package

    with _errors(DefinitionsError, GuideError):
        (*others, own), absent = packages_named([package], folder)
        more, missing = packages_named(beside or (), folder)
        known = [one for path in (*others, *more) for _, one in structure_definitions(open_package(path))]
        found = made(dict(structure_definitions(open_package(own))), known)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            for one in found:
                if one.whole is not None:
                    (output / one.name).write_bytes(written(one.whole))
        rows = [_snapshot_row(one, check) for one in found]
    if json:
        say_json({"definitions": rows, "absent": [_absent(one) for one in (*absent, *missing)]})
    else:
        _say_snapshots(rows, check)
        _say_absent((*absent, *missing))
    if any(row["problem"] or row["differences"] for row in rows):
        raise typer.Exit(1)


def _snapshot_row(one: Made, check: bool) -> dict[str, Any]:
    from validators.fhir.snapshots.compare import summed

    differing = one.differences() if check else []
    return {
        "file": one.name, "url": one.definition["url"], "elements": one.elements, "published": len(one.published),
        "problem": one.problem, "differences": len(differing), "places": [row._asdict() for row in summed(differing)],
    }  # fmt: skip


def _say_snapshots(rows: Sequence[dict[str, Any]], check: bool) -> None:
    """A line a definition, and below it where it differs."""
    width = max((len(_short(row)) for row in rows), default=0)
    for row in rows:
        ending = f"  {row['differences'] if row['published'] else '-':>6}" if check else ""
        say(f"{_short(row):{width}}  {row['elements']:6}{ending}" if not row["problem"] else row["problem"])
        for one in row["places"]:
            say(f"  {one['place']} : {_DIFFERS.get(one['what'], one['what'])} ({one['number']})")
    wrong = sum(bool(row["problem"] or row["differences"]) for row in rows)
    told = f", {wrong} différentes" if check else f", {wrong} impossibles"
    say(f"{len(rows)} définitions, {sum(row['elements'] for row in rows)} éléments{told}")


_DIFFERS: Final = {"absent": "éléments publiés, pas faits ici", "surplus": "éléments faits ici, pas publiés"}


def _short(row: dict[str, Any]) -> str:
    return str(row["url"]).rpartition("/")[2]


def _held(path: Path) -> dict[str, int]:
    """How many resources of each type a package holds."""
    from collections import Counter

    import orjson

    from validators.packages import open_package

    found: Counter[str] = Counter()
    for name, content in open_package(path):
        if name.endswith(".json") and name not in ("package.json", ".index.json"):
            resource = orjson.loads(content)
            found[str(resource.get("resourceType", "?")) if isinstance(resource, dict) else "?"] += 1
    return dict(sorted(found.items()))


def _row(one: Installed) -> dict[str, Any]:
    told = one.manifest
    return {
        "name": told.name, "version": told.version, "title": told.title, "canonical": told.canonical,
        "fhirVersions": list(told.fhir_versions), "dependencies": dict(told.dependencies), "file": str(one.path),
    }  # fmt: skip


def _absent(one: Absent) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "wanted_by": list(one.wanted_by), "used": one.used}


def absent_text(one: Absent) -> str:
    """A sentence on a dependency that is not there as asked for."""
    instead = f"la version {one.used} le remplace" if one.used else "rien ne le remplace"
    return f"{one.name}@{one.version} (demandé par {', '.join(one.wanted_by)}) n'est pas installé : {instead}"


def _say_absent(absent: tuple[Absent, ...]) -> None:
    for one in absent:
        say(f"  {absent_text(one)}")


@contextmanager
def _errors(*more: type[Exception]) -> Iterator[None]:
    """What goes wrong with packages and registries: one line, exit 2."""
    from json import JSONDecodeError

    from fhir_server.registry import RegistryError
    from validators.packages import PackageError

    expected: tuple[type[Exception], ...] = (PackageError, RegistryError, OSError, JSONDecodeError, *more)
    try:
        yield
    except expected as problem:
        fail(str(problem))
