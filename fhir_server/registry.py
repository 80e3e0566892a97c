"""A FHIR package registry over HTTP: the npm protocol's two questions, which versions there are and the archive of one.

The address is configured and has no default. What comes is bounded and compared with the digest the registry announces;
an archive may lie on another origin than the registry's, as registries do it, and never on another scheme than HTTP.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx

from validators.package_store import BUILT_IN, Installed, PackageStore, matches, split_name, version_key
from validators.packages import PackageError

LIMIT = 256 * 1024 * 1024
"""Largest archive in bytes."""
_LISTING = 16 * 1024 * 1024
_TIMEOUT = httpx.Timeout(30, connect=10)


class RegistryError(Exception):
    """The registry cannot be reached, or answered something that is no package; the message says what."""


class Registry:
    """A registry at an address; a context manager.

    Source: npm registry protocol: `GET /{name}` gives `versions.{version}.dist` with `tarball`, `shasum`, `integrity`.
    """

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise RegistryError(f"{url}: not an http address")
        self._url = url.rstrip("/") + "/"
        self._client = client or httpx.Client(timeout=_TIMEOUT, follow_redirects=True, max_redirects=5)

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def fetch(self, name: str, version: str = "") -> bytes:
        """The archive of the newest version that is what is asked for.

        Raises:
            RegistryError: no such package or version, no connection, too large, or another digest than announced.
        """
        versions = self._versions(name)
        fitting = sorted((one for one in versions if matches(one, version)), key=version_key)
        releases = [one for one in fitting if "-" not in one]
        chosen = next(reversed(releases or fitting), None)
        if chosen is None:
            raise RegistryError(f"{name}: the registry has no version {version or '*'}")
        dist = versions[chosen].get("dist") if isinstance(versions[chosen], dict) else None
        dist = dist if isinstance(dist, dict) else {}
        place = urljoin(self._url, str(dist.get("tarball") or f"{quote(name)}/{quote(chosen)}"))
        if urlsplit(place).scheme not in ("http", "https"):
            raise RegistryError(f"{name}#{chosen}: an archive that is not at an http address")
        data = self._read(place, LIMIT)
        _compare(f"{name}#{chosen}", data, dist)
        return data

    def _versions(self, name: str) -> dict[str, Any]:
        data = self._read(urljoin(self._url, quote(name)), _LISTING)
        try:
            found: Any = httpx.Response(200, content=data).json()
        except ValueError as problem:
            raise RegistryError(f"{name}: the registry did not answer JSON") from problem
        versions = found.get("versions") if isinstance(found, dict) else None
        if not isinstance(versions, dict) or not versions:
            raise RegistryError(f"{name}: the registry names no version")
        return versions

    def _read(self, url: str, limit: int) -> bytes:
        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise RegistryError(f"{url}: the registry answered {answer.status_code}")
                chunks, size = [], 0
                for chunk in answer.iter_bytes():
                    size += len(chunk)
                    if size > limit:
                        raise RegistryError(f"{url}: larger than {limit} bytes")
                    chunks.append(chunk)
        except httpx.HTTPError as problem:
            raise RegistryError(f"{url}: {problem or type(problem).__name__}") from problem
        return b"".join(chunks)


def _compare(key: str, data: bytes, dist: dict[str, Any]) -> None:
    """The digest the registry announces, the strongest it gives; one that gives none is taken at its word."""
    integrity, shasum = dist.get("integrity"), dist.get("shasum")
    if isinstance(integrity, str) and integrity.startswith("sha512-"):
        same = base64.b64encode(hashlib.sha512(data).digest()).decode() == integrity.removeprefix("sha512-")
    elif isinstance(shasum, str) and shasum:
        same = hashlib.sha1(data, usedforsecurity=False).hexdigest() == shasum.lower()
    else:
        return
    if not same:
        raise RegistryError(f"{key}: the archive is not the one the registry announces")


def install(store: PackageStore, registry: Registry, wanted: str) -> list[Installed]:
    """Install a package by name, then what it depends on and is not here yet, and say what came.

    Raises:
        PackageError: not a name, or what came is no package.
        RegistryError: see `Registry.fetch`.
    """
    name = split_name(wanted)
    if name is None:
        raise PackageError(f"{wanted}: neither a file nor the name of a package")
    came: list[Installed] = []
    waiting, seen = [name], {name}
    while waiting:
        each = waiting.pop(0)
        found = store.find(*each) if each != name else None
        if found is None:
            found = store.add(registry.fetch(*each))
            came.append(found)
        for needed in found.manifest.dependencies.items():
            if needed not in seen and needed[0] not in BUILT_IN:
                seen.add(needed)
                waiting.append(needed)
    return came
