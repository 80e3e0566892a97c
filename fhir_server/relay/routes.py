"""Where submissions are passed on to: a YAML file of routes, checked when the server starts.

A route takes what came by the door whose protocol it speaks, of some establishments and some kinds. Its mode says what
passes: `check-only` nothing, `block` what conforms, `tag-and-pass` everything, with our findings kept beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
import yaml

Protocol = Literal["iti-65", "iti-41", "smtp"]
Mode = Literal["check-only", "tag-and-pass", "block"]

DOORS: Final[dict[Protocol, str]] = {"iti-65": "mhd", "iti-41": "xds", "smtp": "mail"}
"""The door whose bytes a receiver of a protocol takes as they are."""


class RouteError(ValueError):
    """The file of routes cannot be used; the message names the file and the place."""


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to try again: seconds before the second try, by how much longer each time, at most, and when to stop."""

    first: float = 5.0
    factor: float = 2.0
    most: float = 3600.0
    give_up_after: float = 259_200.0

    def wait(self, attempts: int) -> timedelta:
        """The time between a try that failed and the next one; `attempts` were made."""
        return timedelta(seconds=min(self.most, self.first * self.factor ** min(attempts - 1, 64)))


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way out. Without `establishments` (legal FINESS) or `kinds` it takes all of them.

    `token_env` names the environment variable that holds the receiver's bearer token: no secret stands in the file.
    """

    name: str
    protocol: Protocol
    to: str
    mode: Mode = "block"
    establishments: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    token_env: str | None = None
    timeout: float = 30.0
    retry: Retry = Retry()

    def takes(self, owner: str, door: str, kinds: Iterable[str], *, conformant: bool) -> bool:
        """Whether a submission goes this way; a kind it does not carry keeps the whole submission here."""
        if self.mode == "check-only" or door != DOORS[self.protocol]:
            return False
        if self.establishments and owner not in self.establishments:
            return False
        if not conformant:
            return self.mode == "tag-and-pass"
        found = set(kinds)
        return not self.kinds or (bool(found) and found <= set(self.kinds))

    @property
    def token(self) -> str | None:
        """The receiver's token. Raises `RouteError` when the variable that should hold it is not set."""
        if self.token_env is None:
            return None
        found = os.environ.get(self.token_env)
        if not found:
            raise RouteError(f"route {self.name}: the environment variable {self.token_env} is not set")
        return found


@dataclass(frozen=True, slots=True)
class Routes:
    """Every way out, by name."""

    all: tuple[Route, ...] = ()

    def get(self, name: str) -> Route | None:
        """The route of a name; None when it was taken out of the file."""
        return next((route for route in self.all if route.name == name), None)

    def of(self, owner: str, door: str, kinds: Iterable[str], *, conformant: bool) -> tuple[Route, ...]:
        """The ways a submission goes."""
        known = tuple(kinds)
        return tuple(route for route in self.all if route.takes(owner, door, known, conformant=conformant))


def read_routes(path: Path) -> Routes:
    """The routes of a file `{routes: [{name, protocol, to, …}]}`.

    Raises:
        RouteError: the file cannot be read, or a route lacks something, names something unknown, or is named twice.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise RouteError(f"{path}: {problem.strerror}") from problem
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise RouteError(f"{path}: {' '.join(str(problem).split())}") from problem
    try:
        found = msgspec.convert(content, dict[Literal["routes"], tuple[Route, ...]])
    except msgspec.ValidationError as problem:
        raise RouteError(f"{path}: {problem}") from problem
    routes = found.get("routes", ())
    _check(path, routes)
    return Routes(routes)


def routes_of(path: Path | None) -> Routes:
    """The routes of a file; none without one. Raises as `read_routes`."""
    return Routes() if path is None else read_routes(path)


_SCHEMES: Final[dict[Protocol, tuple[str, ...]]] = {
    "iti-65": ("http", "https"), "iti-41": ("http", "https"), "smtp": ("smtp",),
}  # fmt: skip


def _check(path: Path, routes: tuple[Route, ...]) -> None:
    seen: set[str] = set()
    for route in routes:
        address = urlsplit(route.to)
        if address.scheme not in _SCHEMES[route.protocol] or not address.hostname:
            wanted = " or ".join(_SCHEMES[route.protocol])
            raise RouteError(f"{path}: route {route.name}: {route.to} is not an address of {wanted}")
        if route.name in seen:
            raise RouteError(f"{path}: two routes are named {route.name}")
        if route.retry.first <= 0 or route.retry.factor < 1 or route.timeout <= 0:
            raise RouteError(f"{path}: route {route.name}: times are positive, the factor is 1 or more")
        _ = route.token
        seen.add(route.name)
