"""A registry over HTTP: a real server on the loopback speaks the npm protocol, and lies where a test wants it to."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fhir_server import registry as module
from fhir_server.registry import Registry, RegistryError, install
from tests.support.packages import package
from validators.package_store import PackageStore
from validators.packages import PackageError


class Served(ThreadingHTTPServer):
    """What it answers, by path."""

    answers: dict[str, tuple[int, bytes]]
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: Served

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, body = self.server.answers.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served() -> Iterator[Served]:
    server = Served(("127.0.0.1", 0), _Handler)
    server.answers, server.asked = {}, []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def address(server: Served) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def publish(server: Served, *archives: tuple[str, str, bytes], **dist: str) -> None:
    """Packages of one name, each version with its digest unless `dist` says otherwise."""
    versions = {}
    for name, version, data in archives:
        place = f"/files/{name}-{version}.tgz"
        server.answers[place] = (200, data)
        told = {"tarball": address(server) + place, "shasum": hashlib.sha1(data).hexdigest()}  # the npm protocol's
        versions[version] = {"name": name, "version": version, "dist": told | dist}
    server.answers[f"/{archives[0][0]}"] = (200, json.dumps({"versions": versions}).encode())


def test_the_newest_release_comes_with_what_it_needs(served: Served, tmp_path: Path) -> None:
    publish(served, ("a.a", "1.0.0", package("a.a", "1.0.0")), ("a.a", "1.1.0", package("a.a", "1.1.0", b_b="2.x")),
            ("a.a", "2.0.0-ballot", package("a.a", "2.0.0-ballot")))  # fmt: skip
    publish(served, ("b.b", "2.3.0", package("b.b", "2.3.0", a_a="1.1.0", hl7_fhir_r4_core="4.0.1")))
    store = PackageStore(tmp_path)
    with Registry(address(served)) as registry:
        assert [one.key for one in install(store, registry, "a.a")] == ["a.a#1.1.0", "b.b#2.3.0"]
        asked = len(served.asked)
        assert [one.key for one in install(store, registry, "b.b@2.3.0")] == ["b.b#2.3.0"]
    assert len(served.asked) == asked + 2
    assert store.resolve(["a.a"]).absent == ()


def test_an_archive_other_than_the_announced_one_is_refused(served: Served, tmp_path: Path) -> None:
    publish(served, ("a.a", "1.0.0", package("a.a", "1.0.0")), shasum="0" * 40)
    with (
        Registry(address(served)) as registry,
        pytest.raises(RegistryError, match="not the one"),
    ):
        install(PackageStore(tmp_path), registry, "a.a")
    assert list(PackageStore(tmp_path)) == []


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/a.a", (500, b""), "answered 500"),
        ("/a.a", (200, b"<html>"), "did not answer JSON"),
        ("/a.a", (200, b"[1]"), "names no version"),
        ("/a.a", (200, b'{"versions": {"1.0.0": {"dist": {"tarball": "file:///etc/passwd"}}}}'), "not at an http"),
        ("/a.a", (200, b'{"versions": {"1.0.0": 3}}'), "answered 404"),
        ("/b.b", (200, b"{}"), "answered 404"),
    ],
)
def test_what_a_registry_may_say_wrong(
    served: Served, tmp_path: Path, path: str, answer: tuple[int, bytes], why: str
) -> None:
    served.answers[path] = answer
    with Registry(address(served)) as registry, pytest.raises(RegistryError, match=why):
        install(PackageStore(tmp_path), registry, "a.a")


def test_a_version_that_is_not_there(served: Served, tmp_path: Path) -> None:
    publish(served, ("a.a", "1.0.0", package("a.a", "1.0.0")))
    with Registry(address(served)) as registry, pytest.raises(RegistryError, match=r"no version 2\.0\.0"):
        install(PackageStore(tmp_path), registry, "a.a@2.0.0")


def test_an_archive_is_bounded(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(served, ("a.a", "1.0.0", package("a.a", "1.0.0")))
    monkeypatch.setattr(module, "LIMIT", 10)
    with Registry(address(served)) as registry, pytest.raises(RegistryError, match="larger than 10 bytes"):
        install(PackageStore(tmp_path), registry, "a.a")


def test_what_comes_has_to_be_a_package(served: Served, tmp_path: Path) -> None:
    publish(served, ("a.a", "1.0.0", b"no archive"))
    with Registry(address(served)) as registry, pytest.raises(PackageError, match="not a readable"):
        install(PackageStore(tmp_path), registry, "a.a")


def test_nobody_there(tmp_path: Path) -> None:
    with Registry("http://127.0.0.1:9") as registry, pytest.raises(RegistryError, match="127"):
        install(PackageStore(tmp_path), registry, "a.a")


def test_only_http_addresses() -> None:
    with pytest.raises(RegistryError, match="not an http address"):
        Registry("ftp://example.org")
