"""The file of routes: what goes where, and what a file may have wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_server.relay.routes import Retry, Route, RouteError, Routes, read_routes, routes_of


def written(folder: Path, text: str) -> Path:
    path = folder / "routes.yaml"
    path.write_text(text)
    return path


ONE = "routes: [{name: dmp, protocol: iti-65, to: 'https://dmp.example/fhir'}]"


def test_the_smallest_file(tmp_path: Path) -> None:
    [route] = read_routes(written(tmp_path, ONE)).all
    assert (route.name, route.mode, route.retry) == ("dmp", "block", Retry())
    assert routes_of(None) == Routes()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("routes: [{name: a, protocol: iti-65}]", "to"),
        ("routes: [{name: a, protocol: ftp, to: 'x'}]", "protocol"),
        ("routes: [{name: a, protocol: iti-65, to: 'smtp://x'}]", "not an address of http or https"),
        ("routes: [{name: a, protocol: smtp, to: 'smtp://'}]", "not an address of smtp"),
        ("routes: [{name: a, protocol: iti-65, to: 'http://x', modus: 1}]", "modus"),
        ("routes: [{name: a, protocol: iti-65, to: 'http://x', retry: {first: 0}}]", "times are positive"),
        ("routes: [{name: a, protocol: iti-65, to: 'http://x', token_env: SEGUR_NO_SUCH}]", "SEGUR_NO_SUCH"),
        ("routes: [&r {name: a, protocol: iti-65, to: 'http://x'}, *r]", "two routes"),
        ("routes: {", "routes.yaml"),
        ("ways: []", "ways"),
        ("[]", "routes.yaml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(RouteError, match=why):
        read_routes(written(tmp_path, text))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(RouteError, match="No such file"):
        read_routes(tmp_path / "none.yaml")


def route(**changes: object) -> Route:
    return Route(**{"name": "a", "protocol": "iti-65", "to": "http://x", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "owner", "door", "kinds", "conformant", "goes"),
    [
        (route(), "1", "mhd", ["LDL"], True, True),
        (route(), "1", "cda", ["LDL"], True, False),
        (route(protocol="iti-41"), "1", "xds", ["LDL"], True, True),
        (route(), "1", "mhd", [], False, False),
        (route(mode="tag-and-pass"), "1", "mhd", [], False, True),
        (route(mode="check-only"), "1", "mhd", ["LDL"], True, False),
        (route(establishments=("2",)), "1", "mhd", ["LDL"], True, False),
        (route(establishments=("1",)), "1", "mhd", ["LDL"], True, True),
        (route(kinds=("LDL",)), "1", "mhd", ["LDL", "LDL"], True, True),
        (route(kinds=("LDL",)), "1", "mhd", ["LDL", "ORD"], True, False),
        (route(kinds=("LDL",)), "1", "mhd", [], True, False),
    ],
)
def test_what_goes(way: Route, owner: str, door: str, kinds: list[str], conformant: bool, goes: bool) -> None:
    assert bool(Routes((way,)).of(owner, door, kinds, conformant=conformant)) is goes


@given(st.integers(1, 10_000), st.floats(0.1, 100), st.floats(1, 10), st.floats(1, 10_000))
def test_waits_grow_to_their_bound(attempts: int, first: float, factor: float, most: float) -> None:
    retry = Retry(first, factor, most)
    assert retry.wait(attempts) <= retry.wait(attempts + 1)
    assert retry.wait(attempts).total_seconds() <= most + 1e-6


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DMP_TOKEN", "secret")
    assert (route(token_env="DMP_TOKEN").token, route().token) == ("secret", None)
