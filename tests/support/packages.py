"""Small FHIR packages made on the spot."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any


def package(name: str, version: str, *resources: dict[str, Any], **needs: str) -> bytes:
    """A .tgz with its package.json; `needs` are dependencies, `_` for each dot of their names."""
    dependencies = {key.replace("_", "."): value for key, value in needs.items()}
    manifest = {"name": name, "version": version, "fhirVersions": ["4.0.1"], "dependencies": dependencies}
    return archive(
        {"package/package.json": json.dumps(manifest).encode()}
        | {f"package/{r['resourceType']}-{i}.json": json.dumps(r).encode() for i, r in enumerate(resources)}
    )


def archive(members: dict[str, bytes]) -> bytes:
    """A .tgz of these members."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as file:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return target.getvalue()


def profile(url: str, kind: str = "Patient", **element: Any) -> dict[str, Any]:
    """A profile of one constraint."""
    return {
        "resourceType": "StructureDefinition", "url": url, "name": "P", "status": "draft", "kind": "resource",
        "abstract": False, "type": kind, "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "derivation": "constraint", "differential": {"element": [{"id": element["path"], **element}]},
    }  # fmt: skip
