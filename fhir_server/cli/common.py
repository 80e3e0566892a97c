"""What the commands share: options, errors as one line with exit code 2, output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer

Database = Annotated[
    str | None, typer.Option("--database", envvar="SEGUR_DATABASE", help="SQLite file or URL (default: segur.db).")
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def database_of(option: str | None) -> str:
    """The database a command works on, created and migrated when it is absent or empty; exit 2 when it cannot be."""
    from fhir_server.settings import settings_from
    from fhir_server.store.database import DatabaseError, prepare

    path = settings_from(database=option).database
    try:
        prepare(path)
    except DatabaseError as error:
        fail(str(error))
    return path


def say(text: str) -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_json(value: Any) -> None:
    """A JSON value on standard output, readable by people too."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def note(text: str) -> None:
    """A line on standard error, beside what a machine reads."""
    sys.stderr.write(f"segur: {text}\n")


def fail(reason: str) -> NoReturn:
    """Usage, a missing file, transport: one line on standard error, exit code 2."""
    note(reason)
    raise typer.Exit(2)


@contextmanager
def usage_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn expected exceptions into `fail`."""
    try:
        yield
    except kinds as error:
        fail(str(error) or type(error).__name__)
