"""`segur packages`: the FHIR packages that are installed here, and how they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fhir_server.cli.common import Json, fail, say, say_json

if TYPE_CHECKING:
    from validators.package_store import Absent, Installed

app = typer.Typer(name="packages", help="Paquets FHIR (FHIR packages).", no_args_is_help=True)
Folder = Annotated[
    Path | None,
    typer.Option("--folder", envvar="SEGUR_PACKAGES", help="Where packages are kept (default: the user's data)."),
]


def package_folder(option: Path | None) -> Path:
    """The folder of installed packages: the option, `SEGUR_PACKAGES`, or the user's data directory (XDG_DATA_HOME)."""
    if option is not None:
        return option
    named = os.environ.get("SEGUR_PACKAGES")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or str(Path("~").expanduser() / ".local" / "share")
    return Path(base) / "segur-fhir" / "packages"


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
def _errors() -> Iterator[None]:
    """What goes wrong with packages and registries: one line, exit 2."""
    from json import JSONDecodeError

    from fhir_server.registry import RegistryError
    from validators.packages import PackageError

    try:
        yield
    except (PackageError, RegistryError, OSError, JSONDecodeError) as problem:
        fail(str(problem))
