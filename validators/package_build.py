"""A folder of conformance resources made a FHIR package: `python -m validators.package_build FOLDER TARGET`.

StructureDefinitions that have a differential alone get their snapshots; everything else is packed as it is. The same
folder gives the same bytes, whenever and wherever it is packed.

Source: FHIR NPM package specification (package.json, .index.json, the folder `package`).
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from validators.fhir.snapshots.packaged import with_snapshots
from validators.package_store import Manifest, read_manifest
from validators.packages import PackageError

_INDEXED: Final = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content", "derivation")


def build_package(folder: Path) -> tuple[Manifest, bytes]:
    """The package of a folder: its manifest, an index, and every `.json` that is a resource.

    Raises:
        PackageError: no manifest, a file that is no resource, two of one canonical, or a profile that no snapshot can
            be made of.
        DefinitionsError: there are profiles, and the snapshots of R4 were not compiled.
    """
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    manifest = read_manifest(files.items())
    resources = {name: _resource(name, content) for name, content in files.items() if name != "package.json"}
    _check_canonicals(resources)
    index = {"index-version": 2, "files": [_row(name, resource) for name, resource in resources.items()]}
    return manifest, _archive({".index.json": orjson.dumps(index, option=orjson.OPT_INDENT_2), **with_snapshots(files)})


def _resource(name: str, content: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise PackageError(f"{name}: {problem}") from problem
    if not (isinstance(found, dict) and found.get("resourceType") and found.get("id")):
        raise PackageError(f"{name}: not a resource with an id")
    return found


def _check_canonicals(resources: Mapping[str, Mapping[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for name, resource in resources.items():
        url = resource.get("url")
        if isinstance(url, str) and seen.setdefault(url, name) != name:
            raise PackageError(f"{name}: {url} is that of {seen[url]} too")


def _row(name: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    """A file of the index; a type that is coded (Measure.type) has no place in it."""
    found = {key: resource[key] for key in _INDEXED if isinstance(resource.get(key), str)}
    return {"filename": name, **found}


def _archive(members: Mapping[str, bytes]) -> bytes:
    """A .tgz without a clock, an owner or an order of its own."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in _first("package.json", members):
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def _first(name: str, members: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    yield name, members[name]
    yield from ((other, members[other]) for other in sorted(members) if other != name)


def main(arguments: Sequence[str]) -> int:
    """Pack `arguments[0]` into the folder `arguments[1]`, as `name-version.tgz`."""
    folder, target = map(Path, arguments)
    manifest, data = build_package(folder)
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"{manifest.name}-{manifest.version}.tgz"
    path.write_bytes(data)
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
